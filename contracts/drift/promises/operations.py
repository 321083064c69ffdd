"""One operation in two promises: parameters, the body, answers with their headers, callbacks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from contracts.drift.promises.access import access, servers
from contracts.drift.promises.classes import Change, Direction
from contracts.drift.promises.documents import Document
from contracts.drift.promises.shapes import Comparison
from specs.pointers import Json

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_PARAMETER = re.compile(r"\{([^}]*)\}")
_MARKS = {"query": "?{}", "cookie": "@cookie {}"}
# Headers that OpenAPI says are described elsewhere.
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
# What stands for a thing that is there on one side alone.
_THERE = True
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


class Call(NamedTuple):
    """One operation of one document: its name, where it is, and everything that is said of it, its path item's too."""

    name: str
    place: str
    entry: Mapping[str, Any]


class Found(NamedTuple):
    """A change, and the part of an operation that it is in (`answer 200`; empty for the request)."""

    change: Change
    part: str = ""


def calls(document: Document, paths: Mapping[str, Any]) -> dict[str, Call]:
    """Every operation under these paths, by method and path without the names of parameters."""
    found = {}
    shared = {name: document.openapi[name] for name in ("security", "servers") if name in document.openapi}
    for path, reference in paths.items():
        item = document.entry(reference)
        for method in METHODS:
            if isinstance(item.get(method), Mapping):
                entry = {**shared, **({"servers": item["servers"]} if "servers" in item else {}), **item[method]}
                entry["parameters"] = _parameters_of(document, item, item[method])
                place = f"{method.upper()} {path}"
                found[_PARAMETER.sub("{}", place)] = Call(entry.get("operationId") or place, place, entry)
    return found


def _parameters_of(document: Document, *entries: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    each = (document.entry(one) for entry in entries for one in entry.get("parameters", []))
    return list({(one.get("in"), one.get("name")): one for one in each}.values())


class Operations:
    """Compares operations of two documents."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = old, new
        self._schemas = Comparison(old, new)

    def compare(self, had: Call, has: Call) -> Iterator[Found]:
        """Everything about one operation."""
        old, new = had.entry, has.entry
        for change in (
            *self._parameters(had, has, "request"),
            *self._body(old.get("requestBody"), new.get("requestBody"), "request"),
            *access(self.old, self.new, old.get("security"), new.get("security")),
            *(servers(old.get("servers"), new.get("servers")) if _own_servers(self, old, new) else ()),
            *_renamed(had, has),
            *_deprecated("", old, new),
        ):
            yield Found(change)
        yield from self._answers(old.get("responses", {}), new.get("responses", {}), "response")
        yield from self._callbacks(old.get("callbacks", {}), new.get("callbacks", {}))

    # Parameters

    def _parameters(self, had: Call, has: Call, direction: Direction) -> Iterator[Change]:
        before, after = _by_place(had), _by_place(has)
        for place, entry in before.items():
            at = _told_place(place, after.get(place, entry))
            if place in after:
                yield from self._parameter(at, entry, after[place], direction)
            else:
                yield Change("parameter-gone", direction, at, _THERE, None, f"{at} is gone")
        for place, entry in after.items():
            if place not in before:
                name = "parameter-new-required" if entry.get("required") else "parameter-new"
                at = _told_place(place, entry)
                yield Change(name, direction, at, None, _THERE, f"{at} is new")

    def _parameter(
        self, at: str, old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction
    ) -> Iterator[Change]:
        was, must = bool(old.get("required")), bool(new.get("required"))
        if was != must:
            words = "it has to be there now" if must else "it may be left out now"
            yield Change("required" if must else "optional", direction, at, was, must, words)
        one, other = _written(old), _written(new)
        if one != other:
            yield Change("parameter-written-otherwise", direction, at, one, other, "it is written in another style")
        yield from _deprecated(at, old, new)
        for change in self._schemas.changes(_schema_of(old), _schema_of(new), direction, at):
            is_own = change.name == "default-of-member" and change.pointer == at and direction == "request"
            yield change._replace(name="default-of-parameter") if is_own else change

    # Bodies

    def _body(self, had: Json, has: Json, direction: Direction) -> Iterator[Change]:
        old, new = self.old.entry(had or {}), self.new.entry(has or {})
        if not old and not new:
            return
        must = bool(new.get("required"))
        if not new:
            yield Change("body-gone", direction, "", _THERE, None, "there is no body any more")
        elif not old:
            name = "body-new-required" if must else "body-new"
            yield Change(name, direction, "", None, _THERE, "there is a body now")
        else:
            if bool(old.get("required")) != must:
                words = "the body has to be there now" if must else "the body may be left out now"
                yield Change("required" if must else "optional", direction, "", not must, must, words)
            yield from self._content(old.get("content", {}), new.get("content", {}), direction)

    def _content(self, old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction) -> Iterator[Change]:
        had, has = ({_media(name): entry for name, entry in side.items()} for side in (old, new))
        for media, entry in had.items():
            if media in has:
                yield from self._schemas.changes(entry.get("schema", {}), has[media].get("schema", {}), direction)
            else:
                yield Change("media-gone", direction, "", media, None, f"{media} is gone")
        for media in has:
            if media not in had:
                yield Change("media-new", direction, "", None, media, f"{media} is new")

    # Answers

    def _answers(self, old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction) -> Iterator[Found]:
        had, has = ({str(status).upper(): entry for status, entry in side.items()} for side in (old, new))
        for status, entry in had.items():
            part = f"answer {status}"
            other = has.get(status, has.get(f"{status[0]}XX", None if status[0] == "2" else has.get("DEFAULT")))
            if other is None:
                name = "success-gone" if status[0] == "2" else "refusal-gone"
                yield Found(Change(name, direction, "", status, None, f"the answer {status} is gone"), part)
            else:
                found = self._answer(self.old.entry(entry), self.new.entry(other), direction)
                yield from (Found(change, part) for change in found)
        for status in has:
            if status not in had:
                change = Change("status-new", direction, "", None, status, f"the answer {status} is new")
                yield Found(change, f"answer {status}")

    def _answer(self, old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction) -> Iterator[Change]:
        yield from self._content(old.get("content", {}), new.get("content", {}), direction)
        had, has = (
            {name.lower(): document.entry(entry) for name, entry in side.get("headers", {}).items()}
            for document, side in ((self.old, old), (self.new, new))
        )
        for name in dict.fromkeys([*had, *has]):
            at = f"@{name}"
            if name not in has:
                gone = "header-gone-required" if had[name].get("required") else "header-gone"
                yield Change(gone, direction, at, name, None, f"the header {name} is gone")
            elif name not in had:
                yield Change("header-new", direction, at, None, name, f"the header {name} is new")
            else:
                yield from self._parameter(at, had[name], has[name], direction)
        if old.get("links") != new.get("links"):
            yield Change("links", direction, "", old.get("links"), new.get("links"), "the links are others")

    # Callbacks

    def _callbacks(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Found]:
        had, has = _called(self.old, old), _called(self.new, new)
        yield from self.told_to_clients(had, has)

    def told_to_clients(self, had: Mapping[str, Call], has: Mapping[str, Call]) -> Iterator[Found]:
        """Calls that the service makes: what it sends is what clients get, and what they answer is what they send."""
        for name in dict.fromkeys([*had, *has]):
            part = f"callback {name}"
            if name not in has:
                yield Found(Change("callback-gone", "response", "", name, None, f"{part} is gone"), part)
            elif name not in had:
                yield Found(Change("callback-new", "response", "", None, name, f"{part} is new"), part)
            else:
                old, new = had[name].entry, has[name].entry
                for change in self._parameters(had[name], has[name], "response"):
                    yield Found(change, part)
                for change in self._body(old.get("requestBody"), new.get("requestBody"), "response"):
                    yield Found(change, part)
                for change, status in self._answers(old.get("responses", {}), new.get("responses", {}), "request"):
                    yield Found(change, f"{part}, {status}")


def _own_servers(operations: Operations, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether an operation speaks of servers that are not those of the whole document."""
    shared = operations.old.openapi.get("servers"), operations.new.openapi.get("servers")
    return (old.get("servers"), new.get("servers")) != shared


def _renamed(had: Call, has: Call) -> Iterator[Change]:
    one, other = had.entry.get("operationId"), has.entry.get("operationId")
    if one != other:
        words = f"the operationId was {one or 'absent'} and is {other or 'absent'}"
        yield Change("operation-renamed", "request", "", one, other, words)


def _deprecated(at: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    was, has = bool(old.get("deprecated")), bool(new.get("deprecated"))
    if was != has:
        yield Change("deprecated", "request", at, was, has, f"it is {'now' if has else 'no longer'} deprecated")


def _by_place(call: Call) -> dict[str, Mapping[str, Any]]:
    """Parameters by where they are: those of the path by their order there, whatever they are called."""
    order = _PARAMETER.findall(call.place)
    found: dict[str, Mapping[str, Any]] = {}
    for entry in call.entry["parameters"]:
        where, name = str(entry.get("in")), str(entry.get("name"))
        if where == "path":
            number = order.index(name) + 1 if name in order else name
            found[f"{{{number}}}"] = {**entry, "required": True}
        elif where != "header":
            found[_MARKS.get(where, f"@{where} {{}}").format(name)] = entry
        elif name.lower() not in _IGNORED_HEADERS:
            found[f"@{name.lower()}"] = entry
    return found


def _told_place(place: str, entry: Mapping[str, Any]) -> str:
    return f"{{{entry.get('name')}}}" if entry.get("in") == "path" else place


def _written(entry: Mapping[str, Any]) -> dict[str, Json]:
    """How a parameter is written into the request."""
    style = entry.get("style", _STYLES.get(str(entry.get("in")), "simple"))
    found: dict[str, Json] = {"style": style, "explode": entry.get("explode", style == "form")}
    found["media"] = sorted(map(_media, entry.get("content", {})))
    return found


def _schema_of(entry: Mapping[str, Any]) -> Json:
    for media in entry.get("content", {}).values():
        return media.get("schema", {})
    return entry.get("schema", {})


def _media(name: str) -> str:
    kind, _, parameters = name.lower().partition(";")
    parameters = parameters.strip().replace(" ", "")
    # What JSON says anyway.
    return kind.strip() + (f";{parameters}" if parameters and parameters != "charset=utf-8" else "")


def _called(document: Document, callbacks: Mapping[str, Any]) -> dict[str, Call]:
    found = {}
    for name, reference in callbacks.items():
        for item in document.entry(reference).values():
            found.update(webhooks_of(document, {name: item}))
    return found


def webhooks_of(document: Document, items: Mapping[str, Any]) -> dict[str, Call]:
    """The calls that a document says the service makes, by name and method."""
    found = {}
    for name, reference in items.items():
        item = document.entry(reference)
        for method in METHODS:
            if isinstance(item.get(method), Mapping):
                place = f"{name} {method.upper()}"
                entry = {**item[method], "parameters": _parameters_of(document, item, item[method])}
                found[place] = Call(place, place, entry)
    return found
