"""Keywords about one value, each by its own rule: types, listed values, limits, patterns, formats, defaults.

A rule takes two schemas in their one form and yields what has changed: the name of its class, both sides, and words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import orjson

from specs.pointers import Json

Schema: TypeAlias = Mapping[str, Any]


class Difference(NamedTuple):
    """What a rule found, before it is known where and for whom."""

    name: str
    old: Json
    new: Json
    words: str


Rule: TypeAlias = Callable[[Schema, Schema], Iterator[Difference]]

_TOLD_MAX = 60


def told(value: Json) -> str:
    """A value in words: short, and as JSON writes it."""
    text = orjson.dumps(value, default=str).decode()
    return text if len(text) <= _TOLD_MAX else text[:_TOLD_MAX] + "…"


def _canonical(value: Json) -> str:
    """Equal for equal values of JSON, for which 1 and 1.0 are the same and true is neither."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()


# Types


def types(old: Schema, new: Schema) -> Iterator[Difference]:
    """A number lets whole numbers through too."""
    had, has = old.get("type"), new.get("type")
    if had == has:
        return
    loses = has is not None and (had is None or not all(_is_covered(each, has) for each in had))
    gains = had is not None and (has is None or not all(_is_covered(each, had) for each in has))
    name = "type-changed" if loses and gains else "type-narrowed" if loses else "type-widened"
    yield Difference(name, _short(had), _short(has), f"the type was {_types_told(had)} and is {_types_told(has)}")


def _is_covered(kind: str, by: list[str]) -> bool:
    return kind in by or (kind == "integer" and "number" in by)


def _short(kinds: list[str] | None) -> Json:
    return kinds[0] if kinds is not None and len(kinds) == 1 else kinds


def _types_told(kinds: list[str] | None) -> str:
    return " or ".join(kinds) if kinds else "any"


# Listed values


def values(old: Schema, new: Schema) -> Iterator[Difference]:
    """`enum`, and `const` as a list of one."""
    had, has = _listed(old), _listed(new)
    if had is None and has is None:
        return
    if had is None or has is None:
        yield from _list_came_or_went(old, had, has)
        return
    known, there = set(map(_canonical, had)), set(map(_canonical, has))
    if "const" in old and "const" in new:
        if known != there:
            words = f"it was always {told(had[0])} and is {told(has[0])}"
            yield Difference("constant-changed", had[0], has[0], words)
        return
    for name, gone, some, others in (("value-gone", True, had, there), ("value-new", False, has, known)):
        for each in some:
            if _canonical(each) not in others:
                words = f"the value {told(each)} is {'gone' if gone else 'new'}"
                yield Difference(name, each if gone else None, None if gone else each, words)


def _listed(schema: Schema) -> list[Json] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _list_came_or_went(old: Schema, had: list[Json] | None, has: list[Json] | None) -> Iterator[Difference]:
    if had is None:
        words = f"only {told(has)} may be there, where it was any value"
        yield Difference("value-list-new", None, has, words)
    else:
        name = "constant-gone" if "const" in old else "value-list-gone"
        yield Difference(name, had, None, f"any value may be there, where it was {told(had)}")


# Limits

_ENDS = (("upper", "maximum", "exclusiveMaximum", 1), ("lower", "minimum", "exclusiveMinimum", -1))
# Each with what a larger number means: more is let through, or less.
_COUNTS = (
    *((name, 1) for name in ("maxLength", "maxItems", "maxProperties", "maxContains")),
    *((name, -1) for name in ("minLength", "minItems", "minProperties", "minContains")),
)


class _End(NamedTuple):
    """Where a range of numbers ends; `reach` grows with what is let through."""

    keyword: str
    number: Json
    reach: tuple[float, int]


def _end(schema: Schema, limit: str, exclusive: str, sign: int) -> _End | None:
    found = []
    for keyword, shut in ((limit, 0), (exclusive, -1)):
        number = schema.get(keyword)
        if isinstance(number, int | float) and not isinstance(number, bool):
            # Of whole numbers, those below 5 are those up to 4.
            whole = shut and schema.get("type") == ["integer"] and number == int(number)
            reach = (sign * number - 1, 0) if whole else (sign * number, shut)
            found.append(_End(keyword, number, reach))
    return min(found, key=lambda each: each.reach, default=None)


def limits(old: Schema, new: Schema) -> Iterator[Difference]:
    """Numbers, lengths and counts."""
    for _, limit, exclusive, sign in _ENDS:
        yield from _moved(_end(old, limit, exclusive, sign), _end(new, limit, exclusive, sign))
    for keyword, sign in _COUNTS:
        yield from _moved(_count(old, keyword, sign), _count(new, keyword, sign))


def _count(schema: Schema, keyword: str, sign: int) -> _End | None:
    number = schema.get(keyword)
    if not isinstance(number, int | float) or isinstance(number, bool):
        return None
    return _End(keyword, number, (sign * number, 0))


def _moved(had: _End | None, has: _End | None) -> Iterator[Difference]:
    if had is None and has is not None:
        yield Difference("limit-new", None, has.number, f"{has.keyword} {told(has.number)} is new")
    elif had is not None and has is None:
        yield Difference("limit-gone", had.number, None, f"{had.keyword} {told(had.number)} is gone")
    elif had is not None and has is not None and had.reach != has.reach:
        name = "limit-wider" if has.reach > had.reach else "limit-tighter"
        before, after = (f"{each.keyword} {told(each.number)}" for each in (had, has))
        yield Difference(name, had.number, has.number, f"{before} has become {after}")


def multiples(old: Schema, new: Schema) -> Iterator[Difference]:
    """Multiples of 4 are multiples of 2, not the other way."""
    had, has = old.get("multipleOf"), new.get("multipleOf")
    if had == has:
        return
    if had is None or has is None:
        name = "limit-new" if had is None else "limit-gone"
    else:
        name = "limit-tighter" if _divides(had, has) else "limit-wider" if _divides(has, had) else "limit-changed"
    yield Difference(name, had, has, f"multipleOf was {_or_absent(had)} and is {_or_absent(has)}")


def _divides(part: Json, whole: Json) -> bool:
    return bool(part) and abs(whole / part - round(whole / part)) < 1e-9  # noqa: PLR2004 - what floats can't tell


def uniqueness(old: Schema, new: Schema) -> Iterator[Difference]:
    """`uniqueItems`."""
    had, has = bool(old.get("uniqueItems")), bool(new.get("uniqueItems"))
    if had != has:
        words = "items have to differ now" if has else "items may be the same now"
        yield Difference("unique-new" if has else "limit-gone", had, has, words)


# Texts


def patterns(old: Schema, new: Schema) -> Iterator[Difference]:
    """Whether one pattern lets through what another does is not tried."""
    yield from _came_went_changed("pattern", "pattern", old, new)


# A format on the left lets nothing through that those on the right don't.
_WIDER_FORMATS = {"int32": {"int64"}, "float": {"double"}, "int64": {"double"}, "uri": {"uri-reference", "iri"}}


def formats(old: Schema, new: Schema) -> Iterator[Difference]:
    """`format`, and how a text holds something else."""
    had, has = old.get("format"), new.get("format")
    if had is not None and has is not None and had != has:
        wider, narrower = has in _WIDER_FORMATS.get(had, ()), had in _WIDER_FORMATS.get(has, ())
        name = "format-gone" if wider else "format-new" if narrower else "format-changed"
        yield Difference(name, had, has, f"the format was {told(had)} and is {told(has)}")
    else:
        yield from _came_went_changed("format", "format", old, new)
    for keyword in ("contentEncoding", "contentMediaType"):
        had, has = old.get(keyword), new.get(keyword)
        if had != has:
            words = f"{keyword} was {_or_absent(had)} and is {_or_absent(has)}"
            yield Difference("format-changed", had, has, words)


def _came_went_changed(keyword: str, name: str, old: Schema, new: Schema) -> Iterator[Difference]:
    had, has = old.get(keyword), new.get(keyword)
    if had == has:
        return
    what = "new" if had is None else "gone" if has is None else "changed"
    yield Difference(f"{name}-{what}", had, has, f"the {keyword} was {_or_absent(had)} and is {_or_absent(has)}")


def _or_absent(value: Json) -> str:
    return "absent" if value is None else told(value)


# What is said besides


def defaults(old: Schema, new: Schema) -> Iterator[Difference]:
    """A default of null is one, and no default is none."""
    had, has = ("default" in each for each in (old, new))
    if had != has or (had and _canonical(old["default"]) != _canonical(new["default"])):
        before = told(old["default"]) if had else "absent"
        after = told(new["default"]) if has else "absent"
        words = f"the default was {before} and is {after}"
        yield Difference("default-of-member", old.get("default"), new.get("default"), words)


def marks(old: Schema, new: Schema) -> Iterator[Difference]:
    """Who writes it, whether it is on its way out, and by which member a choice is made."""
    for keyword, name in (("readOnly", "read-write"), ("writeOnly", "read-write"), ("deprecated", "deprecated")):
        had, has = bool(old.get(keyword)), bool(new.get(keyword))
        if had != has:
            yield Difference(name, had, has, f"it is {'now' if has else 'no longer'} {keyword}")
    one, other = old.get("discriminator"), new.get("discriminator")
    if one != other:
        yield Difference("discriminator", one, other, "the discriminator is another")


def tolerances(old: Schema, new: Schema) -> Iterator[Difference]:
    """What a pack says is taken besides, or has no effect."""
    for keyword in ("x-tolerated", "x-lenient", "x-idle"):
        had, has = old.get(keyword), new.get(keyword)
        if had != has:
            yield Difference("tolerance", had, has, f"{keyword} was {_or_absent(had)} and is {_or_absent(has)}")


RULES: tuple[Rule, ...] = (types, values, limits, multiples, uniqueness, patterns, formats, defaults, marks, tolerances)
# What they look at; the rest is about shapes.
KEYWORDS = frozenset(
    {
        *("type", "enum", "const", "multipleOf", "uniqueItems", "pattern", "format", "default"),
        *("contentEncoding", "contentMediaType", "readOnly", "writeOnly", "deprecated", "discriminator"),
        *("x-tolerated", "x-lenient", "x-idle"),
        *(keyword for _, limit, exclusive, _ in _ENDS for keyword in (limit, exclusive)),
        *(keyword for keyword, _ in _COUNTS),
    }
)
