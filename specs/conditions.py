"""Conditions: under which a constraint binds, as a schema for machines and in words for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from specs.pointers import Json, join


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


def speaks_of(condition: Condition, pointer: str) -> bool:
    """Whether what stands at the pointer, for itself, decides about the condition."""
    return pointer in _spoken_of(condition.schema, condition.pointer)


def _spoken_of(schema: Json, at: str) -> Iterator[str]:
    """Every place whose value the schema judges."""
    if isinstance(schema, list):
        for each in schema:
            yield from _spoken_of(each, at)
    elif isinstance(schema, Mapping):
        yield from (at for keyword in ("const", "enum") if keyword in schema)
        for name, inner in schema.get("properties", {}).items():
            yield from _spoken_of(inner, at + join([name]))
        for keyword in ("not", "allOf", "anyOf", "oneOf"):
            yield from _spoken_of(schema.get(keyword), at)


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
    if keyword in _ELSEWHERE:
        return ""
    subject = name or "the body"
    if keyword in _JOINED:
        return _JOINED[keyword].join(in_words(each, name) for each in value)
    if keyword in ("minLength", "minItems") and value == 1:
        return f"{subject} is not empty"
    words = _SAID.get(keyword)
    return words(subject, name, value) if words is not None else f"{subject} has {keyword} {plain(value)}"


def plain(value: Json) -> str:
    """A value as people write it: words without quotes, all else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False)


_ELSEWHERE = frozenset({"properties", "required", "type", "description", "if", "then", "else"})
_JOINED: Mapping[str, str] = MappingProxyType({"allOf": " and ", "anyOf": " or ", "oneOf": " or "})
_SAID: Mapping[str, Callable[[str, str, Json], str]] = MappingProxyType(
    {
        "const": lambda subject, _, value: f"{subject} is {plain(value)}",
        "enum": lambda subject, _, value: f"{subject} is one of {', '.join(map(plain, value))}",
        "not": lambda _, name, value: f"not ({in_words(value, name)})",
    }
)
