"""Which members a contract knows, of requests and of answers, in whatever part of a schema it speaks of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from specs.pack import Operation, Pack
from specs.pointers import Json, resolve

_PARTS_DEPTH_MAX = 10


def type_of(value: Json) -> Json:
    """The type of a value as JSON calls it; of a type's name itself."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
    return None if value is None else names.get(type(value), str(value))


def choices(schema: Json, at: str) -> Iterator[Json]:
    """The values that a schema allows at a place, where it lists them."""
    found = [schema]
    for name in at.split("/")[1:]:
        parts = [part for each in found for part in _parts(each)]
        found = [part.get("items") if name == "*" else part.get("properties", {}).get(name) for part in parts]
    for part in (part for each in found for part in _parts(each)):
        yield from [part["const"]] if "const" in part else part.get("enum", ())


class Members:
    """Which members the contract knows, of requests and of answers."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._words: dict[str, frozenset[str]] = {}

    def requested(self, operation: Operation) -> list[str]:
        """The members of a request by their names, those inside of others with dots."""
        schema = operation.body.schema if operation.body is not None else {}
        return [
            name
            for name, each in _declared(schema)
            for name in (name, *(f"{name}.{more}" for more, _ in _declared(each)))
        ]

    def words(self, operation: Operation) -> frozenset[str]:
        """Where answers show the vendor's word for the state."""
        if operation.id not in self._words:
            template = self._pack.behaviour.answers[operation.answer]
            bodies = list(template.bodies.values())
            if template.items is not None:
                listed = self._pack.behaviour.answers[template.items[0]].bodies.values()
                bodies += [{"data": [resolve(each, template.items[1])]} for each in listed]
            self._words[operation.id] = frozenset(at for body in bodies for at in _places(body))
        return self._words[operation.id]

    def unknown(self, operation: Operation, status: int, value: Json) -> Iterator[tuple[str, str]]:
        """Members of an answer that no schema of it declares, and their types."""
        yield from dict.fromkeys(_undeclared(operation.response_schema(status), value, ""))


def _places(template: Json, at: str = "") -> Iterator[str]:
    if template == "$task.status":
        yield at
    elif isinstance(template, Mapping):
        for name, each in template.items():
            yield from _places(each, f"{at}/{name.removesuffix('?')}")
    elif isinstance(template, list):
        for each in template:
            yield from _places(each, at + "/*")


def _declared(schema: Json) -> Iterator[tuple[str, Json]]:
    """The members that a schema speaks of, in all its parts."""
    for part in _parts(schema):
        yield from part.get("properties", {}).items()


def _parts(schema: Json, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if not isinstance(schema, Mapping) or depth > _PARTS_DEPTH_MAX:
        return
    yield schema
    for keyword in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(keyword, ()):
            yield from _parts(each, depth + 1)
    for keyword in ("if", "then", "else"):
        yield from _parts(schema.get(keyword), depth + 1)


def _undeclared(schema: Json, value: Json, at: str) -> Iterator[tuple[str, str]]:
    parts = list(_parts(schema))
    if isinstance(value, Mapping):
        known: dict[str, list[Json]] = {}
        for name, each in _declared(schema):
            known.setdefault(name, []).append(each)
        if not known:
            # An object of which the contract says nothing may hold anything.
            return
        for name, each in value.items():
            if name not in known:
                yield f"{at}/{name}", str(type_of(each) or "null")
            else:
                yield from _undeclared({"allOf": known[name]}, each, f"{at}/{name}")
    elif isinstance(value, list):
        items = {"allOf": [part["items"] for part in parts if "items" in part]}
        for each in value:
            yield from _undeclared(items, each, at + "/*")
