"""Two promises beside each other: operations, what is sent and answered, security, callbacks, a pack's behaviour."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from contracts.drift.drift import Drift
from contracts.drift.loading import Promised
from contracts.drift.schemas import BREAKING, COMPATIBLE, MAYBE, Change, Direction, Grade, changes
from specs.pointers import Json

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PARAMETER = re.compile(r"\{[^}]*\}")


class _Call(NamedTuple):
    """One operation: its name, what the two sides say of it, and what they say for all operations."""

    name: str
    place: str
    entry: Mapping[str, Any]


def compare(old: Promised, new: Promised) -> list[Drift]:
    """Every change, each once, in the order of the document."""
    found = [
        *_operations(old.openapi, new.openapi),
        *((None, change) for change in _servers(old.openapi, new.openapi)),
    ]
    if old.behaviour is not None and new.behaviour is not None:
        found += [(None, change) for change in _behaviour(old.behaviour, new.behaviour)]
    drifts = (_drift(operation, change) for operation, change in found)
    return list({(each.fingerprint, each.message): each for each in drifts}.values())


def _drift(operation: str | None, change: Change) -> Drift:
    where = f"{operation or 'the whole'} {change.pointer}".rstrip()
    return Drift(
        kind=change.kind,
        operation=operation,
        pointer=change.pointer,
        documented=change.new,
        encoded=change.old,
        message=f"{where}: {change.message}",
        grade=change.grade,
    )


# Operations


def _calls(openapi: Mapping[str, Any]) -> dict[str, _Call]:
    found = {}
    for path, item in openapi.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                entry = {"security": openapi.get("security", []), **item[method]}
                entry["parameters"] = [*item.get("parameters", []), *item[method].get("parameters", [])]
                place = f"{method.upper()} {path}"
                found[_PARAMETER.sub("{}", place)] = _Call(entry.get("operationId") or place, place, entry)
    return found


def _operations(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Change]]:
    had, has = _calls(old), _calls(new)
    moved = {call.name: place for place, call in has.items() if place not in had}
    for place, call in had.items():
        if place in has:
            yield from ((call.name, change) for change in _operation(call.entry, has[place].entry))
        elif call.name in moved:
            other = has[moved.pop(call.name)]
            message = f"{call.place} has become {other.place}"
            yield call.name, Change("endpoint-changed", BREAKING, "", call.place, other.place, message)
            yield from ((call.name, change) for change in _operation(call.entry, other.entry))
        else:
            yield call.name, Change("endpoint-changed", BREAKING, "", call.place, None, f"{call.place} is gone")
    for name, place in moved.items():
        new_place = has[place].place
        yield name, Change("endpoint-changed", COMPATIBLE, "", None, new_place, f"{new_place} is new")


def _operation(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    yield from _parameters(old, new)
    yield from _bodies(old.get("requestBody", {}), new.get("requestBody", {}))
    yield from _answers(old.get("responses", {}), new.get("responses", {}))
    yield from _security(old.get("security", []), new.get("security", []))
    yield from _callbacks(old.get("callbacks", {}), new.get("callbacks", {}))
    if not old.get("deprecated") and new.get("deprecated"):
        yield Change("shape-changed", COMPATIBLE, "", old=False, new=True, message="it is deprecated now")


def _parameters(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    had, has = ({_place(each): each for each in side["parameters"]} for side in (old, new))
    for at, entry in had.items():
        if at not in has:
            yield Change("parameter-removed", MAYBE, at, old=True, new=None, message=f"{at} is gone")
            continue
        was, must = bool(entry.get("required")), bool(has[at].get("required"))
        if was != must:
            grade = BREAKING if must else COMPATIBLE
            yield Change(
                "required-changed", grade, at, was, must, "has to be there now" if must else "may be left out now"
            )
        for change in changes(entry.get("schema", {}), has[at].get("schema", {}), "request"):
            # A client that leaves it out gets something else without having changed anything.
            grade = BREAKING if change.kind == "default-changed" else change.grade
            yield change._replace(pointer=at + change.pointer, grade=grade)
    for at, entry in has.items():
        if at not in had:
            grade = BREAKING if entry.get("required") else COMPATIBLE
            yield Change("parameter-added", grade, at, old=None, new=True, message=f"{at} is new")


def _place(parameter: Mapping[str, Any]) -> str:
    marks = {"query": "?{}", "path": "{{{}}}", "header": "@{}", "cookie": "@cookie {}"}
    name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
    # A path's parameters are known by their places, not by their names.
    return "{}" if parameter["in"] == "path" else marks[parameter["in"]].format(name)


def _bodies(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    if bool(old) != bool(new):
        if old:
            yield Change("parameter-removed", MAYBE, "", old=True, new=None, message="there is no body any more")
        else:
            grade = BREAKING if new.get("required") else COMPATIBLE
            yield Change("parameter-added", grade, "", old=None, new=True, message="there is a body now")
        return
    was, must = bool(old.get("required")), bool(new.get("required"))
    if was != must:
        yield Change(
            "required-changed", BREAKING if must else COMPATIBLE, "", was, must, "whether there has to be a body"
        )
    yield from _content(old.get("content", {}), new.get("content", {}), "request")


def _content(old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction) -> Iterator[Change]:
    for media in old:
        if media in new:
            yield from changes(old[media].get("schema", {}), new[media].get("schema", {}), direction)
        else:
            yield Change("format-changed", BREAKING, "", media, None, f"{media} is gone")
    for media in new:
        if media not in old:
            yield Change("format-changed", COMPATIBLE, "", None, media, f"{media} is new")


def _answers(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for status, answer in old.items():
        if status not in new:
            grade: Grade = BREAKING if str(status).startswith("2") else COMPATIBLE
            yield Change("shape-changed", grade, "", status, None, f"the answer {status} is gone")
            continue
        yield from _told(status, _content(answer.get("content", {}), new[status].get("content", {}), "response"))
        yield from _told(status, _headers(answer.get("headers", {}), new[status].get("headers", {})))
    for status in new:
        if status not in old:
            yield Change("status-added", COMPATIBLE, "", None, status, f"the answer {status} is new")


def _told(status: str, found: Iterator[Change]) -> Iterator[Change]:
    for change in found:
        yield change._replace(message=f"in the answer {status}, {change.message}")


def _headers(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    had, has = ({name.lower(): each for name, each in side.items()} for side in (old, new))
    for name, entry in had.items():
        if name not in has:
            grade = BREAKING if entry.get("required") else MAYBE
            yield Change("field-removed", grade, f"@{name}", old=True, new=None, message=f"the header {name} is gone")
        elif entry.get("required") and not has[name].get("required"):
            yield Change(
                "required-changed",
                BREAKING,
                f"@{name}",
                old=True,
                new=False,
                message=f"the header {name} may be absent",
            )
    for name in has:
        if name not in had:
            yield Change("field-added", COMPATIBLE, f"@{name}", old=None, new=True, message=f"the header {name} is new")


def _security(old: Json, new: Json) -> Iterator[Change]:
    lost = [each for each in old if each not in new]
    won = [each for each in new if each not in old]
    if lost or won:
        # One more way in hurts nobody, unless there was no door before.
        grade: Grade = COMPATIBLE if (not lost and old) or not new or {} in new else BREAKING
        yield Change("shape-changed", grade, "@authorization", old, new, "who may call is said otherwise")


def _callbacks(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    had, has = dict(_called(old)), dict(_called(new))
    for place, body in had.items():
        if place not in has:
            yield Change("endpoint-changed", BREAKING, f"@callback {place}", place, None, "the callback is gone")
            continue
        # What a vendor calls with is data that the client gets.
        for change in _content(body, has[place], "response"):
            yield change._replace(message=f"in the callback {place}, {change.message}")
    for place in has:
        if place not in had:
            yield Change("endpoint-changed", COMPATIBLE, f"@callback {place}", None, place, "the callback is new")


def _called(callbacks: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, expressions in callbacks.items():
        for item in expressions.values():
            for method in _METHODS:
                if method in item:
                    yield f"{name} {method.upper()}", item[method].get("requestBody", {}).get("content", {})


def _servers(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    had, has = ([each.get("url") for each in side.get("servers", [])] for side in (old, new))
    if had and has and set(had) != set(has):
        grade: Grade = COMPATIBLE if set(had) <= set(has) else MAYBE
        yield Change("endpoint-changed", grade, "", had, has, "the servers are others")


# A pack's behaviour

_BEHAVIOUR: tuple[tuple[str, str, Grade], ...] = (
    ("hosts", "endpoint-changed", MAYBE),
    ("authentication", "shape-changed", MAYBE),
    ("content_type", "format-changed", MAYBE),
    ("task_id", "format-changed", MAYBE),
    ("times", "format-changed", BREAKING),
    ("external_id", "shape-changed", MAYBE),
    ("media", "shape-changed", MAYBE),
    ("result", "limit-changed", MAYBE),
    ("failures", "shape-changed", COMPATIBLE),
    ("callbacks", "shape-changed", MAYBE),
)


def _behaviour(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for state, word in old["lifecycle"]["words"].items():
        has = new["lifecycle"]["words"].get(state)
        if word != has:
            message = f"the word for {state} was {word} and is {has}"
            yield Change("status-added", BREAKING, f"/lifecycle/words/{state}", word, has, message)
    if old["lifecycle"].get("seconds") != new["lifecycle"].get("seconds"):
        had, has = old["lifecycle"].get("seconds"), new["lifecycle"].get("seconds")
        yield Change("limit-changed", COMPATIBLE, "/lifecycle/seconds", had, has, "tasks take another time")
    for name, kind, grade in _BEHAVIOUR:
        if old.get(name) != new.get(name):
            yield Change(kind, grade, f"/{name}", old.get(name), new.get(name), f"{name} is another")
    yield from _named("answers", old, new)
    yield from _named("refusals", old, new)


def _named(part: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    had, has = old.get(part, {}), new.get(part, {})
    for name in dict.fromkeys([*had, *has]):
        one, other = had.get(name), has.get(name)
        if one == other:
            continue
        at = f"/{part}/{name}"
        if one and other and one.get("status") != other.get("status"):
            message = f"{name}: the status was {one.get('status')} and is {other.get('status')}"
            yield Change("status-added", BREAKING, at, one.get("status"), other.get("status"), message)
        else:
            grade: Grade = COMPATIBLE if one is None else MAYBE
            yield Change("shape-changed", grade, at, one, other, f"{name} is said otherwise")
