"""What the core asks of the part of a store that remembers faults: rules, how often each was met, and marked tasks.

All of it is bounded, and every count is one atomic step: two workers never play the same turn of a rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from mockserver.fault_rules import FaultRule
from specs.pointers import Json

RULES_MAX = 10_000
"""How many rules are held at once."""
MARKS_MAX = 100_000
"""How many tasks can be marked at once."""


def say_rules_full() -> str:
    """Why one more rule can't be taken."""
    return f"{RULES_MAX} faults are waiting to be played; DELETE /faults forgets them"


class FaultShelf(Protocol):
    """Remembers faults. A rule belongs to one account, or to all; a mark to one task."""

    def add(self, rule: FaultRule) -> str:
        """Remembers a rule under a new id, which it answers. StoreFullError beyond RULES_MAX."""

    def rules(self, account: str | None) -> list[FaultRule]:
        """The rules that an account's calls meet, its own and those for all, oldest first; None: every rule."""

    def drop(self, rule_id: str) -> bool:
        """Forgets a rule; whether there was one."""

    def drop_all(self, account: str | None) -> None:
        """Forgets the rules of an account, or all; marks too."""

    def count(self, counter: str, account: str) -> int:
        """One more of what this counter counts for the account; the number, the first is 1."""

    def mark(self, account: str, vendor: str, task_id: str, kind: str, times: int) -> None:
        """Lets the next so many polls of a task be played by this kind of fault."""

    def take_mark(self, account: str, vendor: str, task_id: str, kind: str) -> bool:
        """Whether this poll of the task is one of them; it counts as one."""

    def dump(self, account: str | None) -> list[Json]:
        """All of it as JSON, or the account's own; `fault_items.py` tells the shape."""

    def load(self, items: Iterable[Json]) -> None:
        """Adds what a shelf has dumped. A rule keeps its id unless another one has it; StoreFullError as for `add`."""
