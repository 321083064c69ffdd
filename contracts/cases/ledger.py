"""The ledger of one operation: which constraints of the catalogue a body breaks, keeps, or is not asked.

It reads the catalogue, keyword by keyword, and the validator reads the schema as a whole: a body that is sent was
judged by both, and they agreed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from specs.conditions import Condition
from specs.constraint import Constraint
from specs.keywords import WHOLE, named_member
from specs.pointers import Finder, Json, finder, join, resolve, split
from specs.validation import NO_FACTS, BodyContract, compile_schema
from specs.violations import Violation

_ABSENT = object()
# Where the validator and the catalogue use another word for one law.
_SAME_WORD = {"dependentRequired": "required"}

_BESIDE = {
    "additionalProperties": ("properties", "patternProperties"),
    "contains": ("minContains", "maxContains"),
    "minContains": ("contains",),
    "maxContains": ("contains",),
}

Holds = Callable[[Json], bool]


@lru_cache(maxsize=4096)
def _compiled(text: bytes) -> Holds:
    return compile_schema(orjson.loads(text)).is_valid


def holds(schema: Json) -> Holds:
    """Whether a value matches the schema; compiled once."""
    return _compiled(orjson.dumps(schema))


def pattern_of(pointer: str) -> str:
    """The pointer with `*` for every index."""
    return join(["*" if token.isdecimal() else token for token in split(pointer)])


@dataclass(frozen=True, slots=True)
class _Entry:
    """One constraint, made ready: the values that it speaks about, and what it asks of each."""

    constraint: Constraint
    find: Finder
    member: str | None
    """The member that it wants or forbids inside of what is found."""
    keeps: Holds

    def places(self, body: Json) -> list[tuple[str, Json]]:
        """Every value in the body that it binds, with its pointer (of a member: where that is or should be)."""
        return [
            (at, value) for at, value in self.find(body) if all(_binds(each, at, body) for each in self._conditions)
        ]

    @property
    def _conditions(self) -> tuple[Condition, ...]:
        return self.constraint.conditions

    def broken_at(self, body: Json) -> list[str]:
        """Where the body breaks it."""
        rule = self.constraint.rule
        if rule is None:
            tail = "" if self.member is None else join([self.member])
            return [at + tail for at, value in self.places(body) if not self.keeps(value)]
        found = rule.rule.check(body, NO_FACTS)
        return [each.pointer for each in found if each.rule == self.constraint.keyword] if rule.applies(body) else []

    def is_asked(self, body: Json) -> bool:
        """Whether the body says something about it."""
        rule = self.constraint.rule
        return (rule is None or rule.applies(body)) and bool(self.places(body))


def _binds(condition: Condition, at: str, body: Json) -> bool:
    depth = len(split(condition.pointer))
    # The value stands inside of what the condition speaks about: with the same indices.
    value = resolve(body, join(split(at)[:depth]), _ABSENT)
    return value is not _ABSENT and holds(condition.schema)(value)


def _entry(constraint: Constraint, schema: Json) -> _Entry:
    keyword, tokens = constraint.keyword, split(constraint.pointer)
    if constraint.rule is not None:
        return _Entry(constraint, finder(constraint.pointer), None, _always)
    if not _is_about_a_member(constraint):
        return _Entry(constraint, finder(constraint.pointer), None, holds(_asked(constraint, schema)))
    asked: Json = {keyword: constraint.limit}
    if keyword == "required" or constraint.limit is True:
        asked = {"required": [tokens[-1]]}
        asked = asked if keyword == "required" else {"not": asked}
    return _Entry(constraint, finder(join(tokens[:-1])), tokens[-1], holds(asked))


def _is_about_a_member(constraint: Constraint) -> bool:
    """Whether the pointer names a member that is wanted or forbidden, in an object that is judged."""
    keyword, limit = constraint.keyword, constraint.limit
    if keyword == "not" and limit is True:
        return not constraint.pointer.endswith("/*")
    return keyword == "required" or (keyword in WHOLE and named_member(keyword, limit) is not None)


def _asked(constraint: Constraint, schema: Json) -> Json:
    """The keyword as a schema of its own, with those that it means nothing without."""
    keyword, limit = constraint.keyword, constraint.limit
    if keyword == "not" and limit is True:
        return False
    around: Any = resolve(schema, join(split(constraint.part)[:-1]), {})
    if keyword.startswith("unevaluated"):
        return around
    beside: dict[str, Json] = {name: around[name] for name in _BESIDE.get(keyword, ()) if name in around}
    if keyword == "additionalProperties":
        beside = {name: dict.fromkeys(value, True) for name, value in beside.items()}
    return {**beside, keyword: limit}


def _always(value: Json) -> bool:
    del value
    return True


def is_promise(constraint: Constraint) -> bool:
    """Whether it allows something instead of asking for it: `additionalProperties: true`."""
    return constraint.keyword == "additionalProperties" and constraint.limit is True


class Ledger:
    """The body constraints of one operation, asked about bodies."""

    def __init__(self, contract: BodyContract, constraints: Iterable[Constraint]) -> None:
        self.contract = contract
        self._entries = {each.id: _entry(each, contract.schema) for each in constraints}
        self._by_place: dict[tuple[str, str], list[_Entry]] = {}
        for entry in self._entries.values():
            place = entry.constraint.pointer, entry.constraint.keyword
            self._by_place.setdefault(place, []).append(entry)

    def is_plain(self, body: Json) -> bool:
        """Whether the body is valid as it is, with no form that is merely tolerated."""
        judged, broken = self.contract.judge(body)
        return judged is body and not broken

    def broken(self, body: Json) -> dict[str, list[str]] | None:
        """Where a body breaks which constraints, by id; None when that can't be told, or a tolerated form is in it."""
        judged, violations = self.contract.judge(body)
        if judged is not body:
            return None
        found: dict[str, list[str]] = {}
        for violation in violations:
            told = self._told(violation, body, violations)
            if not told:
                return None
            for name, places in told.items():
                found.setdefault(name, places)
        return found

    def _told(self, violation: Violation, body: Json, all_of_them: list[Violation]) -> dict[str, list[str]]:
        """The constraints behind one violation, as the catalogue sees it."""
        keyword = _SAME_WORD.get(violation.rule, violation.rule)
        places = dict.fromkeys((violation.pointer, pattern_of(violation.pointer)))
        entries = [entry for place in places for entry in self._by_place.get((place, keyword), [])]
        if len(entries) == 1 and entries[0].constraint.rule is not None:
            # The rule itself has told: to look at a picture of megabytes once more takes time.
            alike = (each for each in all_of_them if each.rule == violation.rule)
            same_place = (each.pointer for each in alike if pattern_of(each.pointer) in places)
            return {entries[0].constraint.id: list(dict.fromkeys((violation.pointer, *same_place)))}
        told = {entry.constraint.id: entry.broken_at(body) for entry in entries}
        return {name: places for name, places in told.items() if places}

    def kept(self, body: Json) -> frozenset[str]:
        """The constraints that a valid body says something about, and that have an effect in it."""
        return frozenset(
            name
            for name, entry in self._entries.items()
            if not is_promise(entry.constraint) and entry.is_asked(body) and not self.is_idle(entry.constraint, body)
        )

    def places(self, constraint: Constraint, body: Json) -> list[str]:
        """Where the body has what the constraint speaks about, while it binds."""
        entry = self._entries[constraint.id]
        return [at for at, _ in entry.places(body)]

    @staticmethod
    def is_idle(constraint: Constraint, body: Json) -> bool:
        """Whether the value has no effect in this body."""
        return any(holds(each.schema)(body) for each in constraint.idle)
