"""Everything that the memory store keeps of one key."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from mockserver.messages import Entry
from mockserver.store.saved import SavedAccount
from mockserver.tasks import Task

Note: TypeAlias = tuple[Any, ...]
"""An entry of the journal behind its number. A plain tuple: the garbage collector learns that it holds nothing to
collect, and passes it over from then on; an `Entry` it would look through for as long as the journal keeps it."""


def read_note(kept: Note) -> tuple[int, Entry]:
    """The number and the entry."""
    return kept[0], Entry._make(kept[1:])


class MemoryAccount:
    """Plain collections; what is over among `live`, and old among `calls`, is dropped when somebody asks."""

    __slots__ = (
        "calls",
        "externals",
        "journal",
        "live",
        "mode",
        "offset_ms",
        "ordinal",
        "submissions",
        "tasks",
    )

    def __init__(self) -> None:
        self.offset_ms = 0
        self.mode: str | None = None
        self.forget()

    def forget(self) -> None:
        """As new, but for the clock."""
        self.ordinal = 0
        self.submissions = 0
        self.tasks: deque[Task] = deque()
        self.externals: dict[tuple[str, str], Task] = {}
        self.journal: deque[Note] = deque()
        self.live: list[Task] | None = None
        self.calls: deque[int] = deque()

    def rename(self, account: str) -> None:
        """The key of an account that was known without it."""
        for task in self.tasks:
            task.account = account

    def save(self, account: str, place: Callable[[Task], int]) -> SavedAccount:
        """As it is now; tasks are copied, for polls count on in them."""
        return SavedAccount(
            account=account,
            ordinal=self.ordinal,
            submissions=self.submissions,
            offset_ms=self.offset_ms,
            mode=self.mode,
            calls=tuple(self.calls),
            tasks=tuple((place(task), replace(task)) for task in self.tasks),
            entries=tuple(map(read_note, self.journal)),
        )

    @classmethod
    def load(cls, saved: SavedAccount, account: str) -> tuple[MemoryAccount, list[tuple[int, Task]]]:
        """As it was, but for the journal; and its tasks with their places, to be put among all."""
        loaded = cls()
        loaded.ordinal, loaded.submissions = saved.ordinal, saved.submissions
        loaded.offset_ms, loaded.mode = saved.offset_ms, saved.mode
        loaded.calls.extend(saved.calls)
        placed = [(place, replace(task, account=account)) for place, task in saved.tasks]
        loaded.tasks.extend(task for _, task in placed)
        loaded.externals = {(task.vendor, task.external): task for _, task in placed if task.external is not None}
        return loaded, placed
