"""Values exactly on a limit: what a service must still take, keyword by keyword."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from contracts.cases.outside import Limit, of_length
from contracts.cases.writing import mixed_text, plain_text
from specs.pointers import Json


def boundary(at: Limit) -> Iterator[Json]:
    """Values that keep the limit and touch it; whether they keep everything else is for others to confirm."""
    make = _MAKERS.get(at.keyword)
    return make(at) if make is not None else iter(())


def _itself(at: Limit) -> Iterator[Json]:
    yield at.limit


def _inside(at: Limit, sign: int) -> Iterator[Json]:
    step = 1 if "integer" in at.types or "number" not in at.types else 0.01
    moved = at.limit + sign * step
    yield moved if isinstance(moved, int) else round(moved, 6)


def _options(at: Limit) -> Iterator[Json]:
    yield from at.limit


def _null(at: Limit) -> Iterator[Json]:
    """One type needs no case of its own; of several, null is the one that services forget."""
    if isinstance(at.limit, list) and "null" in at.limit:
        yield None


def _shortest(at: Limit) -> Iterator[Json]:
    if at.is_prose:
        yield plain_text(at.limit)


def _longest(at: Limit) -> Iterator[Json]:
    text = at.text(at.limit)
    if text is not None:
        yield text
    if at.is_prose:
        yield mixed_text(at.limit)


def _fewest(at: Limit) -> Iterator[Json]:
    if at.limit == 0:
        yield []
    elif isinstance(at.value, list) and at.value:
        yield from of_length(at.value, at.limit)


def _multiple(at: Limit) -> Iterator[Json]:
    yield at.limit
    if isinstance(at.value, (int, float)) and not isinstance(at.value, bool):
        yield at.value + at.limit


_MAKERS: Mapping[str, Callable[[Limit], Iterator[Json]]] = MappingProxyType(
    {
        "type": _null,
        "enum": _options,
        "const": _itself,
        "minimum": _itself,
        "maximum": _itself,
        "exclusiveMinimum": lambda at: _inside(at, 1),
        "exclusiveMaximum": lambda at: _inside(at, -1),
        "multipleOf": _multiple,
        "minLength": _shortest,
        "maxLength": _longest,
        "minItems": _fewest,
        "maxItems": _fewest,
    }
)
