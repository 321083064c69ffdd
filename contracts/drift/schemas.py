"""Two schemas of the same data: every change, and what it means for clients, which depends on who sends the data.

What a client sends may be narrowed only at its cost; what it gets may be widened only at its cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

import orjson

from specs.pointers import Json

Grade: TypeAlias = Literal["breaking", "maybe", "compatible"]
Direction: TypeAlias = Literal["request", "response"]
BREAKING: Grade = "breaking"
MAYBE: Grade = "maybe"
COMPATIBLE: Grade = "compatible"
_NO_SCHEMA: Mapping[str, Any] = MappingProxyType({})
_DEPTH_MAX = 40


class Change(NamedTuple):
    """One change; `old` and `new` are what the two sides say."""

    kind: str
    grade: Grade
    pointer: str
    old: Json
    new: Json
    message: str


class _Bound(NamedTuple):
    """A limit; `up` says whether a larger number lets more through."""

    keyword: str
    up: bool


_BOUNDS = tuple(
    _Bound(name, up)
    for up, names in (
        (True, ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")),
        (False, ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")),
    )
    for name in names
)
# Words that only narrow: a new one lets less through, a lost one more.
_NARROWING = ("pattern", "format", "multipleOf", "uniqueItems", "contentEncoding")
_WIDER = {"integer": "number"}


def changes(old: Json, new: Json, direction: Direction, pointer: str = "", depth: int = 0) -> Iterator[Change]:
    """Everything that is different in effect."""
    one, other = _schema(old), _schema(new)
    if one == other or depth > _DEPTH_MAX:
        return
    for compare in (_types, _enums, _bounds, _narrowing, _default, _openness, _combined):
        yield from compare(one, other, direction, pointer)
    yield from _members(one, other, direction, pointer, depth)
    if "items" in one or "items" in other:
        yield from changes(one.get("items", {}), other.get("items", {}), direction, pointer + "/*", depth + 1)


def _schema(value: Json) -> Mapping[str, Any]:
    if value is False:
        return {"not": {}}
    return value if isinstance(value, Mapping) else _NO_SCHEMA


def _narrowed(direction: Direction, *, unset: Grade = BREAKING) -> Grade:
    """What it means that less is allowed than before."""
    return unset if direction == "request" else COMPATIBLE


def _widened(direction: Direction, grade: Grade = BREAKING) -> Grade:
    """What it means that more is allowed than before."""
    return grade if direction == "response" else COMPATIBLE


# Types


def _allowed(schema: Mapping[str, Any]) -> set[str] | None:
    kind = schema.get("type")
    if kind is None:
        return None
    found = {kind} if isinstance(kind, str) else set(kind)
    return found | {"null"} if schema.get("nullable") is True else found


def _types(old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction, pointer: str) -> Iterator[Change]:
    had, has = _allowed(old), _allowed(new)
    if had == has:
        return
    loses = has is not None and (had is None or not all(_is_covered(each, has) for each in had))
    gains = had is not None and (has is None or not all(_is_covered(each, had) for each in has))
    grades = [_narrowed(direction)] * loses + [_widened(direction)] * gains
    yield Change("type-changed", _gravest(grades), pointer, _listed(had), _listed(has), "another type")


def _is_covered(kind: str, by: set[str]) -> bool:
    return kind in by or _WIDER.get(kind) in by


def _listed(kinds: set[str] | None) -> Json:
    found = sorted(kinds or ())
    return None if kinds is None else found[0] if len(found) == 1 else found


# Values


def _values(schema: Mapping[str, Any]) -> list[Json] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _enums(old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction, pointer: str) -> Iterator[Change]:
    had, has = _values(old), _values(new)
    if had is None and has is None:
        return
    lost = [each for each in had or () if has is not None and each not in has]
    won = [each for each in has or () if had is not None and each not in had]
    if had is None or has is None:
        grade = _narrowed(direction) if had is None else _widened(direction, MAYBE)
        words = "a list of values " + ("has come" if had is None else "is gone")
        yield Change("enum-changed", grade, pointer, had, has, words)
    elif lost or won:
        grades = [_narrowed(direction)] * bool(lost) + [_widened(direction, MAYBE)] * bool(won)
        told = [f"{word}: {', '.join(map(str, each))}" for word, each in (("gone", lost), ("new", won)) if each]
        yield Change("enum-changed", _gravest(grades), pointer, had, has, f"values are {'; '.join(told)}")


def _gravest(grades: list[Grade]) -> Grade:
    return next(each for each in (BREAKING, MAYBE, COMPATIBLE) if each in grades)


def _bounds(old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction, pointer: str) -> Iterator[Change]:
    for keyword, up in _BOUNDS:
        had, has = old.get(keyword), new.get(keyword)
        if had == has or isinstance(had, bool) or isinstance(has, bool):
            continue
        if had is None:
            grade, words = _narrowed(direction, unset=MAYBE), "is new"
        elif has is None:
            grade, words = _widened(direction), "is gone"
        else:
            grade = _widened(direction) if (has > had) == up else _narrowed(direction)
            words = f"was {had} and is {has}"
        yield Change("limit-changed", grade, pointer, had, has, f"{keyword} {words}")


def _narrowing(old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction, pointer: str) -> Iterator[Change]:
    for keyword in _NARROWING:
        had, has = old.get(keyword), new.get(keyword)
        if had == has:
            continue
        less_is_sent = had is None and direction == "response"
        more_is_taken = has is None and direction == "request"
        grade: Grade = COMPATIBLE if less_is_sent or more_is_taken else MAYBE
        yield Change("format-changed", grade, pointer, had, has, f"{keyword} was {_told(had)} and is {_told(has)}")


def _told(value: Json) -> str:
    return "absent" if value is None else str(value)


def _default(old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction, pointer: str) -> Iterator[Change]:
    had, has = old.get("default"), new.get("default")
    if had != has:
        grade = MAYBE if direction == "request" else COMPATIBLE
        yield Change("default-changed", grade, pointer, had, has, f"the default was {_told(had)} and is {_told(has)}")


# Members


def _openness(old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction, pointer: str) -> Iterator[Change]:
    had, has = old.get("additionalProperties", True), new.get("additionalProperties", True)
    if had == has:
        return
    grade: Grade = MAYBE
    if had is not False and has is False:
        grade = _narrowed(direction)
    elif had is False and has is not False:
        grade = _widened(direction, MAYBE)
    yield Change(
        "shape-changed", grade, pointer, had, has, "further members are " + ("refused" if has is False else "taken")
    )


def _members(
    old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction, pointer: str, depth: int
) -> Iterator[Change]:
    had, has = old.get("properties", {}), new.get("properties", {})
    was, must = set(old.get("required", ())), set(new.get("required", ()))
    what = "parameter" if direction == "request" else "field"
    for name, schema in had.items():
        at = f"{pointer}/{name}"
        if name in has:
            yield from _required(direction, at, was=name in was, must=name in must)
            yield from changes(schema, has[name], direction, at, depth + 1)
        else:
            grade = BREAKING if direction == "response" and name in was else MAYBE
            yield Change(f"{what}-removed", grade, at, _type_of(schema), None, f"{name} is gone")
    for name, schema in has.items():
        if name not in had:
            grade = BREAKING if direction == "request" and name in must else COMPATIBLE
            yield Change(f"{what}-added", grade, f"{pointer}/{name}", None, _type_of(schema), f"{name} is new")
    for name in sorted((was ^ must) - had.keys() - has.keys()):
        yield from _required(direction, f"{pointer}/{name}", was=name in was, must=name in must)


def _required(direction: Direction, at: str, *, was: bool, must: bool) -> Iterator[Change]:
    if was != must:
        grade = _narrowed(direction) if must else _widened(direction)
        words = "has to be there now" if must else "need not be there any more"
        yield Change("required-changed", grade, at, was, must, words)


def _type_of(schema: Json) -> Json:
    return _listed(_allowed(_schema(schema))) or True


# Combinations

_ALL, _SOME = ("allOf",), ("anyOf", "oneOf")
_OTHERS = ("not", "if", "then", "else", "dependentRequired", "dependentSchemas", "contains", "propertyNames", "x-rules")


def _combined(old: Mapping[str, Any], new: Mapping[str, Any], direction: Direction, pointer: str) -> Iterator[Change]:
    for keyword in (*_ALL, *_SOME):
        had, has = old.get(keyword, []), new.get(keyword, [])
        lost, won = _without(had, has), _without(has, had)
        if len(lost) == len(won) == 1 and _is_plain(lost[0]) and _is_plain(won[0]):
            yield from changes(lost[0], won[0], direction, pointer)
            continue
        narrows, widens = (won, lost) if keyword in _ALL else (lost, won)
        if narrows or widens:
            grade = _combined_grade(direction, narrows=bool(narrows), widens=bool(widens))
            yield Change("shape-changed", grade, pointer, had or None, has or None, f"{keyword} is another")
    for keyword in _OTHERS:
        had, has = old.get(keyword), new.get(keyword)
        if had != has:
            yield Change("shape-changed", MAYBE, pointer, had, has, f"{keyword} is another")


def _combined_grade(direction: Direction, *, narrows: bool, widens: bool) -> Grade:
    if narrows and widens:
        return MAYBE
    return _narrowed(direction) if narrows else _widened(direction, MAYBE)


def _is_plain(schema: Json) -> bool:
    return isinstance(schema, Mapping) and not {"if", "not"} & schema.keys()


def _without(some: list[Json], others: list[Json]) -> list[Json]:
    known = [orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in others]
    return [each for each in some if orjson.dumps(each, option=orjson.OPT_SORT_KEYS) not in known]
