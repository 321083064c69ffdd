"""What every comparison of shapes needs: two sides, a direction, a way to compare what stands further below."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from contracts.drift.promises.classes import Change, Direction
from contracts.drift.promises.schemas import NOTHING, Schema, Schemas
from specs.pointers import Json

Changes: TypeAlias = Iterator[Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One place in two schemas of the same data."""

    old: Schemas
    new: Schemas
    direction: Direction
    pointer: str
    below: Callable[[Json, Json, str], Changes]
    """Compares two schemas at a pointer."""
    is_same: Callable[[Json, Json], bool]

    def change(self, name: str, old: Json, new: Json, words: str, *, at: str = "") -> Change:
        """A change here, or at a place below."""
        return Change(name, self.direction, self.pointer + at, old, new, words)

    def came_or_went(self, what: str, had: Json, has: Json, *, at: str = "") -> Changes:
        """A part that only narrows: there on one side alone, or on both and compared."""
        if had is not None and has is not None:
            yield from self.below(had, has, self.pointer + at)
        elif had is not has:
            name, came = ("condition-new", "new") if had is None else ("condition-gone", "gone")
            yield self.change(name, had, has, f"{what} is {came}", at=at)

    def summed(self, what: str, had: Json, has: Json, *, flipped: bool = False) -> Changes:
        """The same, with all that has changed in the part told as one; `flipped` where it forbids what it describes."""
        found = list(self.came_or_went(what, had, has))
        if not found or had is None or has is None:
            # That it is new lets less through, whatever it says.
            yield from found
            return
        senses = {each.sense for each in found}
        tighter, wider = senses <= {1}, senses <= {-1}
        name = "condition-changed"
        if tighter or wider:
            name = "condition-new" if tighter != flipped else "condition-gone"
        inside = "; ".join(dict.fromkeys(each.words for each in found[:3]))
        yield self.change(name, had, has, f"{what} is another ({inside})")

    def openness(self, keyword: str, old: Schema, new: Schema) -> Changes:
        """What becomes of members or items that nothing else speaks of."""
        had = self.old.form(old[keyword]) if keyword in old else None
        has = self.new.form(new[keyword]) if keyword in new else None
        if had is None and has is None:
            return
        if had is None or has is None or (had == NOTHING) != (has == NOTHING):
            closed = had is None or has == NOTHING
            what = "items" if keyword.endswith("Items") else "members"
            words = f"{what} that are not listed are {'refused, or held to more' if closed else 'let through'}"
            yield self.change("closed" if closed else "opened", old.get(keyword), new.get(keyword), words)
        elif had != NOTHING:
            yield from self.below(old[keyword], new[keyword], self.pointer + "/*")
