"""All that a store remembers, as plain values: what a snapshot is written from, and what a store is filled with."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from mockserver.clock import Clock
from mockserver.messages import Entry
from mockserver.store.sealing import account_item, digest_of, label_of
from mockserver.store.webhook_items import moved_item
from mockserver.tasks import Task
from specs.pointers import Json


class SavedAccount(NamedTuple):
    """Everything of one key.

    `tasks` stand in the order of their submission, `entries` in that of the journal, each with a number that puts it
    in its place among those of the other accounts. `calls` are the instants that count towards a rate.
    """

    account: str
    ordinal: int = 0
    submissions: int = 0
    offset_ms: int = 0
    mode: str | None = None
    calls: tuple[int, ...] = ()
    tasks: tuple[tuple[int, Task], ...] = ()
    entries: tuple[tuple[int, Entry], ...] = ()

    def named(self, account: str) -> SavedAccount:
        """The same under another key."""
        label = label_of(account)
        return self._replace(
            account=account,
            tasks=tuple((place, replace(task, account=account)) for place, task in self.tasks),
            entries=tuple((number, entry._replace(key=label)) for number, entry in self.entries),
        )


class Saved(NamedTuple):
    """The clock of all, accounts, and what the store's parts have dumped of them.

    Filled into a store without a clock, it is about these accounts alone.
    """

    clock: Clock | None
    accounts: tuple[SavedAccount, ...]
    faults: tuple[Json, ...] = ()
    webhooks: tuple[Json, ...] = ()

    def of_one(self, account: SavedAccount, name: str) -> Saved:
        """What there is of this account, under the name that it shall have."""
        digest = digest_of(account.account).hex()
        faults, webhooks = (
            tuple({**item, "account": account_item(name)} for item in items if _is_of(item, digest))
            for items in (self.faults, self.webhooks)
        )
        return Saved(None, (account.named(name),), faults, webhooks)

    def moved(self, offset_ms: int, mode: str | None) -> Saved:
        """The same for one account, with another clock of its own."""
        (account,) = self.accounts
        ahead_ms = offset_ms - account.offset_ms
        moved = account._replace(offset_ms=offset_ms, mode=mode)
        webhooks = tuple(moved_item(item, account.account, ahead_ms) for item in self.webhooks)
        return self._replace(accounts=(moved,), webhooks=webhooks)

    @property
    def tasks(self) -> int:
        """How many tasks there are."""
        return sum(len(account.tasks) for account in self.accounts)

    @property
    def entries(self) -> int:
        """How many calls the journal holds."""
        return sum(len(account.entries) for account in self.accounts)


def _is_of(item: Json, digest: str) -> bool:
    return (item["account"] or {}).get("digest") == digest
