"""Webhooks to come and deliveries in the memory of one process; calls of one process follow each other."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Collection
from typing import TypeAlias

from mockserver.backlog import Backlog
from mockserver.store.protocol import Bounds
from mockserver.store.sealing import digest_of
from mockserver.store.webhook_items import backlog_item, delivery_item, read_item
from mockserver.store.webhook_shelf import Attempt, Claim
from specs.pointers import Json

# Whose, which vendor's, which task's: a copied account has tasks with the ids of the other.
_Key: TypeAlias = tuple[bytes, str, str]
# When, which number, and which key: an entry of a heap, which holds as long as the backlog is as it says.
_Due: TypeAlias = tuple[int, int, _Key]
# How many entries of the heap may be out of date for each that is not.
_STALE_MAX = 4


class _Account:
    """Whose webhooks and deliveries these are."""

    __slots__ = ("digest", "due", "keys", "log")

    def __init__(self, digest: bytes) -> None:
        self.digest = digest
        self.due: list[_Due] = []
        self.keys: dict[_Key, None] = {}
        self.log: deque[tuple[int, Attempt]] = deque()


class MemoryWebhooks:
    """Remembers until the process ends."""

    is_shared = False

    def __init__(self, bounds: Bounds, on_eviction: Callable[[str], None] | None = None) -> None:
        self._bounds = bounds
        self._on_eviction = on_eviction
        self._accounts: dict[bytes, _Account] = {}
        self._backlogs: dict[_Key, Backlog] = {}
        # What falls due first is first; each account has such a heap too.
        self._due: list[_Due] = []
        self._claimed: dict[_Key, None] = {}
        self._numbers = itertools.count(1)
        # One account for each line of the log, the one whose line is the first to go on the left.
        self._lines: deque[_Account] = deque()

    def serve(self, vendors: Collection[str]) -> None:
        """There is one process, which serves them all."""

    def _account(self, account: str) -> _Account:
        digest = digest_of(account)
        found = self._accounts.get(digest)
        if found is None:
            found = self._accounts[digest] = _Account(digest)
        return found

    def add(self, backlog: Backlog) -> None:
        """The oldest goes when there are too many."""
        if backlog.is_empty:
            return
        if len(self._backlogs) >= self._bounds.webhooks:
            self._forget_oldest()
        account = self._account(backlog.account)
        key = (account.digest, backlog.vendor, backlog.task_id)
        account.keys[key] = None
        self._put(key, backlog._replace(number=next(self._numbers)))

    def _forget_oldest(self) -> None:
        key = next(iter(self._backlogs))
        if self._on_eviction is not None:
            self._on_eviction(self._bounds.say_webhooks_forgotten(key[2]))
        self._drop(key)

    def _put(self, key: _Key, backlog: Backlog) -> None:
        self._backlogs[key] = backlog
        if backlog.claimed_until_ms:
            self._claimed[key] = None
        else:
            self._claimed.pop(key, None)
            if backlog.due_ms is not None:
                account, entry = self._accounts[key[0]], (backlog.due_ms, backlog.number, key)
                self._push(self._due, entry, len(self._backlogs))
                self._push(account.due, entry, len(account.keys))

    def _push(self, due: list[_Due], entry: _Due, size: int) -> None:
        heapq.heappush(due, entry)
        if len(due) > _STALE_MAX * (size + 10):
            due[:] = [entry for entry in due if self._holds(*entry)]
            heapq.heapify(due)

    def _holds(self, due_ms: int, number: int, key: _Key) -> bool:
        found = self._backlogs.get(key)
        return found is not None and (found.due_ms, found.number, found.claimed_until_ms) == (due_ms, number, 0)

    def drop(self, account: str, vendor: str, task_id: str) -> None:
        """Without a trace."""
        self._drop((digest_of(account), vendor, task_id))

    def _drop(self, key: _Key) -> None:
        if self._backlogs.pop(key, None) is not None:
            self._claimed.pop(key, None)
            account = self._accounts[key[0]]
            del account.keys[key]
            self._leave(account)

    def _leave(self, account: _Account) -> None:
        if not account.keys and not account.log:
            del self._accounts[account.digest]

    def change(self, account: str, vendor: str, task_id: str, how: Callable[[Backlog], Backlog]) -> bool:
        """In place."""
        key = (digest_of(account), vendor, task_id)
        found = self._backlogs.get(key)
        if found is None:
            return False
        after = how(found)
        if after.is_empty:
            self._drop(key)
        elif after is not found:
            self._put(key, after)
        return True

    def settle(self, backlog: Backlog, how: Callable[[Backlog], Backlog], delivery: Attempt | None) -> None:
        """The line first: an account is there as long as it has one."""
        found = self._backlogs.get((digest_of(backlog.account), backlog.vendor, backlog.task_id))
        if found is None or found.number != backlog.number:
            return
        if delivery is not None:
            self._add_line(delivery)
        self.change(backlog.account, backlog.vendor, backlog.task_id, how)

    def _add_line(self, delivery: Attempt) -> None:
        account = self._account(delivery.account)
        account.log.append((next(self._numbers), delivery))
        if len(account.log) > self._bounds.deliveries_per_account:
            account.log.popleft()
            return
        self._lines.append(account)
        if len(self._lines) > self._bounds.deliveries:
            first = self._lines.popleft()
            first.log.popleft()
            self._leave(first)

    def claim(self, claim: Claim) -> Backlog | None:
        """The first of the heap; what was claimed and never settled is free again before."""
        for key in [key for key in self._claimed if self._backlogs[key].claimed_until_ms <= claim.wall_ms]:
            self._put(key, self._backlogs[key]._replace(claimed_until_ms=0))
        first = self._first(self._heap_of(claim.account))
        if first is None or first[0] > claim.now_ms:
            return None
        found = self._backlogs[first[2]]
        taken = found._replace(attempt=found.attempt + 1, claimed_until_ms=claim.until_wall_ms)
        self._put(first[2], taken)
        return taken

    def _heap_of(self, account: str | None) -> list[_Due]:
        if account is None:
            return self._due
        found = self._accounts.get(digest_of(account))
        return found.due if found is not None else []

    def _first(self, due: list[_Due]) -> _Due | None:
        """Entries that no longer hold are thrown away on the way."""
        while due and not self._holds(*due[0]):
            heapq.heappop(due)
        return due[0] if due else None

    def next_due_ms(self) -> int | None:
        """Of those that nobody has claimed."""
        first = self._first(self._due)
        return first[0] if first is not None else None

    def has_due(self, now_ms: int, account: str | None) -> bool:
        """The first of those that are free, or one that is claimed."""
        first = self._first(self._heap_of(account))
        if first is not None and first[0] <= now_ms:
            return True
        digest = digest_of(account) if account is not None else None
        claimed = [self._backlogs[key] for key in self._claimed if digest in (None, key[0])]
        return any(each.due_ms is not None and each.due_ms <= now_ms for each in claimed)

    def deliveries(self, account: str | None) -> list[Attempt]:
        """Newest last."""
        if account is None:
            return [delivery for _, delivery in heapq.merge(*(found.log for found in self._accounts.values()))]
        found = self._accounts.get(digest_of(account))
        return [delivery for _, delivery in found.log] if found is not None else []

    def shift(self, account: str, milliseconds: int) -> None:
        """What is to come is so much nearer."""
        found = self._accounts.get(digest_of(account))
        for key in found.keys if found is not None else ():
            backlog = self._backlogs[key]
            if backlog.due_ms is not None:
                self._put(key, backlog._replace(due_ms=backlog.due_ms - milliseconds))

    def forget(self, account: str | None) -> None:
        """Numbers go on: what is under way now must not be taken for what comes under the same id later."""
        if account is None:
            for kept in (self._accounts, self._backlogs, self._due, self._claimed, self._lines):
                kept.clear()
            return
        found = self._accounts.pop(digest_of(account), None)
        for key in found.keys if found is not None else ():
            self._backlogs.pop(key)
            self._claimed.pop(key, None)
        self._lines = deque(each for each in self._lines if each is not found)

    def dump(self, account: str | None) -> list[Json]:
        """What is to come, in the order of submission, then the log."""
        digest = digest_of(account) if account is not None else None
        kept = [each for each in self._backlogs.values() if digest in (None, digest_of(each.account))]
        return [*map(backlog_item, kept), *map(delivery_item, self.deliveries(account))]

    def load(self, items: list[Json]) -> None:
        """One after the other."""
        for read in map(read_item, items):
            if isinstance(read, Backlog):
                self.add(read)
            else:
                self._add_line(read)
