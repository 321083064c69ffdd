"""Which refused bodies are sent where there are too many: the lowest ranks, and of the last one what tells the most."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from contracts.cases.bench import same_as
from contracts.cases.case import Case
from specs.pointers import Json

_NULL = repr(None)
# Who reads the number at the front and no further takes `5s`.
_MEASURE = re.compile("[0-9]+[a-z]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that may be sent."""

    rank: int
    """How much it tells: 0 is the first of its constraint, and never left out."""
    lesson: Hashable
    """The mistake that a service would have to make to take it: the same one is looked for in other operations."""
    case: Case


class Lesson(NamedTuple):
    """What a body teaches in which a value breaks a keyword: values are alike that one line of code would mistake."""

    pointer: str
    keyword: str
    likeness: Hashable


def lesson(pointer: str, keyword: str, value: Json) -> Lesson:
    """What a body teaches in which this value breaks this keyword."""
    return Lesson(pointer, keyword, _likeness(value))


def _likeness(value: Json) -> Hashable:
    """Values are alike that one line of code would take by mistake."""
    if value is None or isinstance(value, bool) or value in (0, ""):
        return repr(value)
    if isinstance(value, str):
        if value.isdecimal():
            return "digits"
        if _MEASURE.fullmatch(value):
            return "measure"
        return "blanks" if value != value.strip() else "text"
    if isinstance(value, (list, Mapping)):
        return type(value).__name__, bool(value)
    return type(value).__name__, float(value).is_integer()


def once(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Without those that send what another sends, of the same operation."""
    seen = set[tuple[str, bytes]]()
    kept = []
    for each in candidates:
        key = each.case.operation, same_as(each.case.body)
        if key not in seen or each.rank == 0:
            kept.append(each)
        seen.add(key)
    return kept


def told_before(found: list[Candidate]) -> Iterator[Candidate]:
    """The candidates; those about types tell less where a candidate of another operation teaches the same.

    But for null: whether a member may be that is said for each operation, in its own list of members.
    """
    known: dict[Lesson, str] = {}
    for each in found:
        is_repeated = False
        if isinstance(each.lesson, Lesson) and each.lesson.keyword == "type" and each.lesson.likeness != _NULL:
            is_repeated = known.setdefault(each.lesson, each.case.operation) != each.case.operation
        yield replace(each, rank=each.rank + 1) if is_repeated and each.rank > 0 else each


def chosen(candidates: list[Candidate], most: int) -> list[Case]:
    """The cases of the lowest ranks, in their order."""
    picked = _Picked(candidates)
    for rank in sorted({each.rank for each in candidates}):
        of_rank = [index for index, each in enumerate(candidates) if each.rank == rank]
        picked.add(of_rank, len(of_rank) if rank == 0 else most)
    return [candidates[index].case for index in sorted(picked.indices)]


class _Picked:
    """What is picked, and how often each lesson and each constraint is in it."""

    def __init__(self, candidates: list[Candidate]) -> None:
        self._candidates = candidates
        self.indices: list[int] = []
        self._lessons: Counter[Hashable] = Counter()
        self._constraints: Counter[Hashable] = Counter()

    def add(self, waiting: list[int], most: int) -> None:
        """All of them if they fit; else those with the rarest lesson first, as it is then."""
        left = list(waiting)
        is_scarce = len(self.indices) + len(left) > most
        while left and len(self.indices) < most:
            best = min(left, key=self._known) if is_scarce else left[0]
            left.remove(best)
            self._pick(best)

    def _known(self, index: int) -> tuple[int, int, int]:
        each = self._candidates[index]
        return self._lessons[each.lesson], self._constraints[each.case.constraint], index

    def _pick(self, index: int) -> None:
        each = self._candidates[index]
        self.indices.append(index)
        self._lessons[each.lesson] += 1
        self._constraints[each.case.constraint] += 1
