"""What the core asks of whatever remembers: all of it bounded, and atomic where two workers could race.

A call is one unit: `open_call` takes the account's next ordinal, `close_call` writes the journal; what
happens between them is seen by others all at once or not at all. After an `open_call` that returned, one of
`close_call` and `abort_call` must follow in the same thread: others wait for it. A store has no opinion of
time or of the vendors.

An `account` is the API key, or what stands in the `account` of a task that the store has handed out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from mockserver.clock import Clock
from mockserver.messages import Entry
from mockserver.store.fault_shelf import FaultShelf
from mockserver.store.saved import Saved
from mockserver.store.webhook_shelf import WebhookShelf
from mockserver.tasks import Task


class StoreError(Exception):
    """The store can't do what was asked now."""


class UnusableStoreError(StoreError):
    """What was named can't be opened as a store; the message says why, and the way out."""


class StoreFullError(StoreError):
    """Everything that may be remembered is remembered, and nothing of it is over."""


class ExternalIdTakenError(StoreError):
    """Another task of the account carries the client's id."""


class HeldError(StoreError):
    """What was to be put there may replace nothing, and this account has made calls already."""

    def __init__(self, label: str) -> None:
        super().__init__(f"the account {label or 'without a key'} has made calls already")


class Bounds(NamedTuple):
    """How much a store holds. `body_bytes` is what the journal keeps of each body."""

    tasks: int = 2_000_000
    entries_per_account: int = 10_000
    entries: int = 100_000
    accounts: int = 100_000
    body_bytes: int = 64 * 1024
    webhooks: int = 200_000
    """Tasks that still have webhooks to come."""
    deliveries_per_account: int = 1_000
    deliveries: int = 20_000

    def say_task_forgotten(self, task_id: str) -> str:
        """What the log says when a task made room for another."""
        return f"more than {self.tasks} tasks: the oldest finished one, {task_id}, is forgotten"

    def say_account_forgotten(self) -> str:
        """What the log says when an account made room for another."""
        return f"more than {self.accounts} accounts: the tasks and journal of the oldest one are forgotten"

    def say_webhooks_forgotten(self, task_id: str) -> str:
        """What the log says when a task's webhooks made room for another's."""
        return f"more than {self.webhooks} tasks have webhooks to come: those of the oldest, {task_id}, are forgotten"

    def say_full(self) -> str:
        """Why a task can't be taken."""
        return f"{self.tasks} tasks are held and none of the oldest is over; reset, or move the clock"

    def check_load(self, accounts: int, tasks: int) -> None:
        """StoreFullError when so many accounts and tasks are more than are held."""
        if accounts > self.accounts or tasks > self.tasks:
            message = (
                f"that would make {accounts} accounts and {tasks} tasks, and at most {self.accounts} and {self.tasks} "
                "are held; forget some by a reset, or load less"
            )
            raise StoreFullError(message)


class Opened(NamedTuple):
    """An account as a call finds it: the call's ordinal, and the account's own clock."""

    ordinal: int
    offset_ms: int
    mode: str | None
    has_faults: bool = False
    """Whether the store remembers any faults, whoever's: a call without them asks no further."""


class Rate(NamedTuple):
    """Calls that were let through in the last second: how many, and when the first of them came."""

    calls: int
    first_ms: int


class Store(Protocol):
    """Remembers accounts, tasks, the journal and the clock."""

    bounds: Bounds

    @property
    def faults(self) -> FaultShelf:
        """The part that remembers faults."""

    @property
    def webhooks(self) -> WebhookShelf:
        """The part that remembers webhooks."""

    def open_call(self, account: str) -> Opened:
        """Begins a call: the account's next ordinal (the first is 1) and its clock."""

    def close_call(self, account: str, entry: Entry) -> None:
        """Ends a call: writes the journal."""

    def abort_call(self) -> None:
        """Ends a call that went wrong: nothing of it happened.

        What was forgotten to make room for it, and its share in a rate, may stay as they are.
        """

    def add_task(self, task: Task, is_over: Callable[[Task], bool]) -> None:
        """Remembers a new task. ExternalIdTakenError; StoreFullError when nothing could be forgotten for it.

        The oldest that are over go first; one that isn't is passed over and goes to the end of the queue.
        """

    def find_task(self, account: str, vendor: str, task_id: str) -> Task | None:
        """The account's task with this id."""

    def find_external(self, account: str, vendor: str, external: str) -> Task | None:
        """The account's task that carries the client's id."""

    def find_anywhere(self, vendor: str, task_id: str) -> Task | None:
        """The task with this id, whoever's it is; of several, the oldest."""

    def holders(self, vendor: str, task_id: str) -> list[Task]:
        """All tasks with this id: one at most, but for accounts that were loaded beside each other, as by a fork."""

    def list_tasks(self, account: str, vendor: str, kind: str | None, skip: int, count: int) -> list[Task]:
        """The account's tasks of a kind, newest first."""

    def replace_task(self, task: Task) -> None:
        """Remembers a changed plan."""

    def count_poll(self, task: Task) -> Task:
        """The task after one more poll (for the clock `polls`)."""

    def unfinished(self, account: str, is_over: Callable[[Task], bool]) -> list[Task]:
        """The account's tasks that are not over."""

    def submissions(self, account: str) -> int:
        """How many tasks the account has submitted since the last reset."""

    def rate(self, account: str, now_ms: int) -> Rate:
        """The calls of the account's last second."""

    def count_call(self, account: str, now_ms: int) -> None:
        """Counts one call that was let through (only for accounts with a rate)."""

    def all_tasks(self, account: str | None) -> list[Task]:
        """Every task, or an account's; oldest first (of all, by their places in the queue of add_task)."""

    def entries(self, account: str | None, vendor: str | None, limit: int | None) -> list[Entry]:
        """The journal, newest last, its keys redacted; `limit` keeps the newest."""

    def account_clock(self, account: str) -> Opened:
        """An account's clock, without a call."""

    def move_account(self, account: str, milliseconds: int) -> None:
        """Moves an account's own clock, and what falls due on it."""

    def set_mode(self, account: str, mode: str | None) -> None:
        """Gives an account a clock mode of its own; None takes it back."""

    def clock(self) -> Clock:
        """The clock that all accounts start from."""

    def move_clock(self, seconds: float) -> None:
        """Moves it for all."""

    def reset(self, account: str | None) -> None:
        """Forgets tasks, journal, faults, webhooks and ordinals: of one account, or all. Clocks stay where they are."""

    def dump(self, account: str | None) -> Saved:
        """All that is remembered, of one account or of all, as it is between two calls."""

    def load(self, saved: Saved, *, replace: bool = True) -> None:
        """Puts all of it in the place of what the store remembers: all or nothing.

        With a clock the store remembers nothing else afterwards; without one the clock and the other accounts stay as
        they are. StoreFullError when it is more than the store holds. HeldError, unless it may `replace`, when one of
        the accounts that would be forgotten has made a call.
        """

    def close(self) -> None:
        """Lets go of files and connections."""
