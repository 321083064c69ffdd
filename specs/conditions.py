"""Conditions: under which a constraint binds, as a schema for machines and in words for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from specs.pointers import Json


@dataclass(frozen=True, slots=True)
class Condition:
    """Binds while what stands at `pointer` (may hold `*`) matches the schema."""

    pointer: str
    schema: Json
    words: str


def when(pointer: str, schema: Json, described: str) -> Condition:
    """The condition of a `then`, described or put into words."""
    return Condition(pointer, schema, described or f"when {in_words(schema)}")


def unless(pointer: str, schema: Json, described: str) -> Condition:
    """The condition of an `else`."""
    words = described.removeprefix("when ") or in_words(schema)
    return Condition(pointer, {"not": schema}, f"unless {words}")


def in_words(schema: Json, name: str = "") -> str:
    """What a schema asks for, in words: `multi_shot is true and shot_type is customize`."""
    if not isinstance(schema, Mapping):
        return "always" if schema else "never"
    parts = list(dict.fromkeys(_parts(schema, name)))
    return " and ".join(parts) if parts else f"{name or 'the body'} is there"


def _parts(schema: Mapping[str, Json], name: str) -> Iterator[str]:
    members = schema.get("properties", {})
    for member in schema.get("required", ()):
        if member not in members:
            yield f"{_inside(name, member)} is there"
    for member, inner in members.items():
        yield in_words(inner, _inside(name, member))
    for keyword, value in schema.items():
        words = _keyword(keyword, value, name)
        if words:
            yield words


def _inside(name: str, member: str) -> str:
    return f"{name}.{member}" if name else member


def _keyword(keyword: str, value: Json, name: str) -> str:
    subject = name or "the body"
    if keyword in ("properties", "required", "type", "description", "if", "then", "else"):
        return ""
    if keyword == "const":
        return f"{subject} is {plain(value)}"
    if keyword == "enum":
        return f"{subject} is one of {', '.join(plain(each) for each in value)}"
    if keyword == "not":
        return f"not ({in_words(value, name)})"
    if keyword == "allOf":
        return " and ".join(in_words(each, name) for each in value)
    if keyword in ("anyOf", "oneOf"):
        return " or ".join(in_words(each, name) for each in value)
    if (keyword, value) in (("minLength", 1), ("minItems", 1)):
        return f"{subject} is not empty"
    return f"{subject} has {keyword} {plain(value)}"


def plain(value: Json) -> str:
    """A value as people write it: words without quotes, all else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)
