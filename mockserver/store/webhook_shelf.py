"""What the core asks of whatever remembers webhooks: those to come, who is about to send one, and what became of them.

A part of the store, atomic like it. Within a call its changes belong to that call.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple, Protocol

from mockserver.backlog import Backlog
from specs.pointers import Json


class Attempt(NamedTuple):
    """One attempt in the log. `at_ms` is on the account's clock; no `status` where nobody answered."""

    account: str
    vendor: str
    task_id: str
    id: str
    """The webhook's id, the same at each of its attempts."""
    url: str
    event: str
    attempt: int
    at_ms: int
    status: int | None
    signature_valid: bool | None
    error: str | None
    fault: str | None


class Claim(NamedTuple):
    """A worker's question for work: the instant on the clock of all, wall time, until when it keeps what it gets.

    With an `account` it asks for that account's alone.
    """

    now_ms: int
    wall_ms: int
    until_wall_ms: int
    account: str | None = None


class WebhookShelf(Protocol):
    """Remembers backlogs and deliveries, both bounded: beyond the bounds the oldest go."""

    is_shared: bool
    """Whether other processes may add to it."""

    def serve(self, vendors: Collection[str]) -> None:
        """From now on only webhooks of these vendors are claimed here, or fall due."""

    def add(self, backlog: Backlog) -> None:
        """A new task's; it gets the next number. One that holds nothing, now or later, is not kept."""

    def change(self, account: str, vendor: str, task_id: str, how: Callable[[Backlog], Backlog]) -> bool:
        """Puts what `how` makes of the task's backlog in its place; False when there is none.

        `how` has no effect of its own: it may be called more than once.
        """

    def settle(self, backlog: Backlog, how: Callable[[Backlog], Backlog], delivery: Attempt | None) -> None:
        """Like `change`, for a claimed one, together with its line in the log; nothing if it is gone meanwhile."""

    def claim(self, claim: Claim) -> Backlog | None:
        """The first that is due and that nobody works at: from now on ours, its attempt one more."""

    def next_due_ms(self) -> int | None:
        """When the first that nobody works at falls due, on the clock of all."""

    def has_due(self, now_ms: int, account: str | None) -> bool:
        """Whether any is due or being worked at, of all accounts or of one."""

    def deliveries(self, account: str | None) -> list[Attempt]:
        """The log, newest last."""

    def shift(self, account: str, milliseconds: int) -> None:
        """After the account's own clock was moved so far ahead of the clock of all."""

    def forget(self, account: str | None) -> None:
        """Backlogs and log, of one account or of all."""

    def dump(self, account: str | None) -> list[Json]:
        """All of it as JSON, for `load` of any shelf."""

    def load(self, items: list[Json]) -> None:
        """Adds what another shelf has dumped."""
