"""Values out of a schema, for what no example holds: a plain one that keeps it, a given one changed until it fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.cases.ledger import holds
from specs.keywords import below
from specs.pointers import Json, split

_URL = "https://example.com/understudy.png"
_DEPTH_MAX = 12


def schema_at(schema: Json, tokens: list[str]) -> Json:
    """The schema of the value at these tokens (`*` for an item), branches looked into; None when nothing is said."""
    if not tokens:
        return schema
    if not isinstance(schema, Mapping):
        return None
    head, rest = tokens[0], tokens[1:]
    inner = schema.get("items") if head == "*" else schema.get("properties", {}).get(head)
    found = schema_at(inner, rest) if inner is not None else None
    if isinstance(found, Mapping):
        return found
    branches = (each for part, each in below(schema) if split(part)[0] in ("allOf", "anyOf", "oneOf", "then", "else"))
    return next((found for branch in branches if isinstance(found := schema_at(branch, tokens), Mapping)), None)


def sample(schema: Json, depth: int = 0) -> Json:
    """A value that keeps the schema's own limits, as plain as they allow; best effort."""
    if not isinstance(schema, Mapping) or depth > _DEPTH_MAX:
        return "understudy"
    for keyword in ("const", "default"):
        if keyword in schema:
            return schema[keyword]
    for keyword in ("enum", "examples"):
        if schema.get(keyword):
            return schema[keyword][0]
    types = schema.get("type")
    first = types[0] if isinstance(types, list) and types else types
    make = _MAKERS.get(str(first))
    return make(schema, depth) if make is not None else _untyped(schema, depth)


def _untyped(schema: Mapping[str, Json], depth: int) -> Json:
    for keyword in ("allOf", "anyOf", "oneOf"):
        if schema.get(keyword):
            return sample(schema[keyword][0], depth + 1)
    if "properties" in schema or "required" in schema:
        return _object(schema, depth)
    return _array(schema, depth) if "items" in schema else _string(schema, depth)


def _string(schema: Mapping[str, Json], depth: int) -> Json:
    del depth
    low, high = schema.get("minLength", 0), schema.get("maxLength")
    tries = [_URL, "understudy", "1", "a" * max(low, 1), "x" * max(low, 1)]
    keeps = holds({name: schema[name] for name in ("minLength", "maxLength", "pattern", "format") if name in schema})
    return next((each for each in tries if keeps(each)), "a" * max(low, min(1, high if high is not None else 1)))


def _number(schema: Mapping[str, Json], depth: int) -> Json:
    del depth
    keeps = holds({name: schema[name] for name in schema if name.endswith(("imum", "multipleOf"))})
    tries = [1, schema.get("minimum"), schema.get("maximum"), schema.get("multipleOf"), 0.5, -1]
    return next((each for each in tries if each is not None and keeps(each)), 1)


def _array(schema: Mapping[str, Json], depth: int) -> Json:
    return [sample(schema.get("items", {}), depth + 1) for _ in range(max(1, schema.get("minItems", 1)))]


def _object(schema: Mapping[str, Json], depth: int) -> Json:
    members = schema.get("properties", {})
    return {name: sample(members.get(name, {}), depth + 1) for name in schema.get("required", ())}


def _boolean(schema: Mapping[str, Json], depth: int) -> Json:
    del schema, depth
    return True


def _null(schema: Mapping[str, Json], depth: int) -> Json:
    del schema, depth


_MAKERS: Mapping[str, Any] = {
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
    "null": _null,
}


def fitted(value: Json, schema: Json, depth: int = 0) -> Json:
    """The value, changed as little as it takes to match the schema of a condition; best effort, nothing is promised."""
    if not isinstance(schema, Mapping) or depth > _DEPTH_MAX or holds(schema)(value):
        return value
    for keyword in ("const", "enum"):
        if keyword in schema:
            return schema[keyword] if keyword == "const" else schema[keyword][0]
    for each in schema.get("allOf", ()):
        value = fitted(value, each, depth + 1)
    for keyword in ("anyOf", "oneOf"):
        if schema.get(keyword):
            value = fitted(value, schema[keyword][0], depth + 1)
    if "not" in schema:
        value = _without(value, schema["not"])
    if "properties" in schema or "required" in schema:
        value = _with_members(value, schema, depth)
    return value if holds(schema)(value) else _remade(value, schema)


def _with_members(value: Json, schema: Mapping[str, Json], depth: int) -> Json:
    members = dict(value) if isinstance(value, Mapping) else {}
    wanted = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in members:
            members[name] = sample(wanted.get(name, {}))
    return {name: fitted(each, wanted[name], depth + 1) if name in wanted else each for name, each in members.items()}


def _without(value: Json, forbidden: Json) -> Json:
    """The value with members left out until it no longer matches."""
    if not isinstance(value, Mapping) or not isinstance(forbidden, Mapping):
        return value
    for name in (*forbidden.get("required", ()), *forbidden.get("properties", {})):
        less = {member: each for member, each in value.items() if member != name}
        if not holds(forbidden)(less):
            return less
    return value


def _remade(value: Json, schema: Mapping[str, Json]) -> Json:
    if "type" in schema and not holds({"type": schema["type"]})(value):
        return sample(schema)
    if "minLength" in schema or "minItems" in schema:
        return sample({"type": "array" if "minItems" in schema else "string", **schema})
    return value
