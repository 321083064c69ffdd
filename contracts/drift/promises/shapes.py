"""Two schemas of the same data: every keyword at every place, and through references without going in circles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import closing
from typing import TypeAlias

from contracts.drift.promises.classes import Change, Direction
from contracts.drift.promises.conditions import CHOICES, choices, conditions
from contracts.drift.promises.documents import Document
from contracts.drift.promises.members import items, members, members_by_pattern
from contracts.drift.promises.sameness import Sameness
from contracts.drift.promises.schemas import NOTHING, Schema, Schemas
from contracts.drift.promises.scope import Changes, Scope
from contracts.drift.promises.values import KEYWORDS, RULES
from specs.pointers import Json

_Pair: TypeAlias = tuple[int, int]

# The same two schemas are compared at so many places of one body; where they stand in more, those are told.
_VISITS_MAX = 20
_DEPTH_MAX = 60
_SHAPES = (members, members_by_pattern, items, conditions, choices)
_SHAPE_KEYWORDS = frozenset(
    {
        *("properties", "required", "additionalProperties", "unevaluatedProperties", "patternProperties"),
        *("propertyNames", "dependentRequired", "dependentSchemas", "items", "prefixItems", "unevaluatedItems"),
        *("contains", "contentSchema", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "x-rules"),
    }
)


class Comparison:
    """Compares schemas of two documents."""

    def __init__(self, old: Document, new: Document) -> None:
        self.old, self.new = Schemas(old), Schemas(new)
        self._sameness = Sameness(old, new)

    def changes(self, old: Json, new: Json, direction: Direction, pointer: str = "") -> list[Change]:
        """Everything that is different in effect between two schemas of one body, parameter or header."""
        return list(_Walk(self, direction).at(old, new, pointer))

    def are_written_alike(self, old: Json, new: Json) -> bool:
        """Whether that can be seen at once."""
        return self._sameness.of(old, new)


class _Walk:
    """One comparison in one direction."""

    def __init__(self, comparison: Comparison, direction: Direction) -> None:
        self._comparison = comparison
        self._direction: Direction = direction
        self._visits: Counter[_Pair] = Counter()
        self._open: set[_Pair] = set()
        self._same: dict[_Pair, bool] = {}

    def at(self, old: Json, new: Json, pointer: str) -> Changes:
        """What is different at this place and below it."""
        if self._comparison.are_written_alike(old, new):
            return
        pair = self._forms(old, new)
        if self._visits[_key(pair)] < _VISITS_MAX:
            self._visits[_key(pair)] += 1
            yield from self._within(pair, pointer)

    def is_same(self, old: Json, new: Json) -> bool:
        """Whether they let the same through."""
        if self._comparison.are_written_alike(old, new):
            return True
        pair = self._forms(old, new)
        if _key(pair) not in self._same:
            with closing(self._within(pair, "")) as found:
                self._same[_key(pair)] = next(found, None) is None
        return self._same[_key(pair)]

    def _forms(self, old: Json, new: Json) -> tuple[Schema, Schema]:
        return self._comparison.old.form(old), self._comparison.new.form(new)

    def _within(self, pair: tuple[Schema, Schema], pointer: str) -> Generator[Change]:
        """Their changes; none where they are being compared already, further above."""
        key = _key(pair)
        if key in self._open or len(self._open) > _DEPTH_MAX:
            return
        self._open.add(key)
        try:
            yield from self._compare(*_as_choices(*pair), pointer)
        finally:
            self._open.discard(key)

    def _compare(self, old: Schema, new: Schema, pointer: str) -> Changes:
        scope = Scope(
            old=self._comparison.old,
            new=self._comparison.new,
            direction=self._direction,
            pointer=pointer,
            below=self.at,
            is_same=self.is_same,
        )
        if NOTHING in (old, new):
            if old != new:
                name, words = ("condition-new", "nothing") if new == NOTHING else ("condition-gone", "something")
                yield scope.change(name, None, None, f"{words} is let through now")
            return
        for rule in RULES:
            yield from (scope.change(*found) for found in rule(old, new))
        for compare in _SHAPES:
            yield from compare(scope, old, new)
        for name in sorted((old.keys() | new.keys()) - KEYWORDS - _SHAPE_KEYWORDS):
            if old.get(name) != new.get(name):
                yield scope.change("keyword", old.get(name), new.get(name), f"{name} is another")


def _key(pair: tuple[Schema, Schema]) -> _Pair:
    # Each form is one object as long as its document is there.
    return id(pair[0]), id(pair[1])


def _as_choices(old: Schema, new: Schema) -> tuple[Schema, Schema]:
    """Where one side is nothing but a choice, the other is a choice of one."""
    for keyword in CHOICES:
        one, other = (each.keys() - {"discriminator"} == {keyword} for each in (old, new))
        if one and not other and _can_be_chosen(new):
            return old, {keyword: [new]}
        if other and not one and _can_be_chosen(old):
            return {keyword: [old]}, new
    return old, new


def _can_be_chosen(schema: Schema) -> bool:
    return bool(schema) and not any(name in schema for name in CHOICES)
