"""The store of one process: plain dictionaries, bounded, the oldest finished task forgotten first.

Calls of one process are answered one after the other, so a call needs no lock here.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from operator import itemgetter

from mockserver.backlog import unmoved
from mockserver.clock import Clock
from mockserver.messages import Entry
from mockserver.store.memory_account import MemoryAccount, read_note
from mockserver.store.memory_faults import MemoryFaults
from mockserver.store.memory_webhooks import MemoryWebhooks
from mockserver.store.protocol import Bounds, ExternalIdTakenError, HeldError, Opened, Rate, StoreFullError
from mockserver.store.saved import Saved
from mockserver.store.sealing import SealedKey, digest_of, label_of, seal
from mockserver.tasks import Task

# How many unfinished tasks are passed over in the search for one to forget.
_EVICTION_TRIES = 1000
_SECOND_MS = 1000
# As tuples are made: the constructor of a named one is a call of its own.
_OPENED = tuple.__new__


class MemoryStore:
    """Remembers until the process ends."""

    def __init__(
        self, clock: Clock, bounds: Bounds | None = None, on_eviction: Callable[[str], None] | None = None
    ) -> None:
        self.bounds = bounds or Bounds()
        self.faults = MemoryFaults()
        self.webhooks = MemoryWebhooks(self.bounds, on_eviction)
        self._clock = clock
        self._on_eviction = on_eviction
        self._accounts: dict[str, MemoryAccount] = {}
        # How many of them were loaded without their keys, and have not been called with them yet; and the keys of those
        # whose sealed names may still be about.
        self._sealed = 0
        self._unsealed: dict[SealedKey, str] = {}
        self._tasks: dict[str, dict[str, Task]] = {}
        # Tasks whose id another account's task has too: only a load makes such.
        self._copies: dict[tuple[str, str], list[Task]] = {}
        self._count = 0
        self._order: deque[Task] = deque()
        # One account for each entry that is held, the one whose entry is the first to go on the left.
        self._arrivals: deque[MemoryAccount] = deque()
        self._sequence = 0
        # The open call: whose it is, and what it did, should it have to be undone.
        self._caller: MemoryAccount | None = None
        self._added: Task | None = None
        self._polled: Task | None = None

    def _known(self, key: str) -> MemoryAccount | None:
        found = self._accounts.get(key)
        if found is None and isinstance(key, SealedKey):
            return self._accounts.get(self._unsealed.get(key, key))
        return found if found is not None or not self._sealed else self._unseal(key)

    def _unseal(self, key: str) -> MemoryAccount | None:
        """An account that was loaded without its key, now that somebody names it."""
        sealed = seal(key)
        found = self._accounts.pop(sealed, None)
        if found is not None:
            self._accounts[key] = found
            self._sealed -= 1
            self._unsealed[sealed] = key
            found.rename(key)
        return found

    def _account(self, key: str) -> MemoryAccount:
        account = self._known(key)
        if account is None:
            if len(self._accounts) >= self.bounds.accounts:
                self._forget_account()
            account = self._accounts[key] = MemoryAccount()
        return account

    def _forget_account(self) -> None:
        """Makes room for a new account: among the oldest ones, the one with the fewest tasks."""
        oldest = islice(self._accounts.items(), _EVICTION_TRIES)
        key = min(oldest, key=lambda item: len(item[1].tasks))[0]
        self._say(self.bounds.say_account_forgotten())
        self._remove(key)

    def _remove(self, key: str) -> None:
        self.reset(key)
        del self._accounts[key]
        self._sealed -= isinstance(key, SealedKey)
        if self._unsealed:
            self._unsealed.pop(seal(key), None)

    def _say(self, message: str) -> None:
        if self._on_eviction is not None:
            self._on_eviction(message)

    def open_call(self, account: str) -> Opened:
        """The next ordinal."""
        found = self._accounts.get(account) or self._account(account)
        found.ordinal += 1
        self._caller = found
        self._added = self._polled = None
        return _OPENED(Opened, (found.ordinal, found.offset_ms, found.mode, self.faults.any))

    def close_call(self, account: str, entry: Entry) -> None:
        """One more entry; beyond the bounds the oldest of the account, or of all, goes."""
        found = self._accounts.get(account) or self._account(account)
        self._caller = None
        self._remember(found, entry)

    def _remember(self, found: MemoryAccount, entry: Entry) -> None:
        journal = found.journal
        self._sequence += 1
        journal.append((self._sequence,) + entry)  # noqa: RUF005 - a plain tuple of two at once, without a list between
        if len(journal) > self.bounds.entries_per_account:
            journal.popleft()
            return
        self._arrivals.append(found)
        if len(self._arrivals) > self.bounds.entries:
            self._arrivals.popleft().journal.popleft()

    def abort_call(self) -> None:
        """Undone step by step, the last first; no call may be open."""
        if self._caller is None:
            return
        if self._added is not None:
            self._take_back(self._added)
        if self._polled is not None:
            self._unpoll(self._polled)
        self._caller.ordinal -= 1
        self._caller = None

    def _unpoll(self, task: Task) -> None:
        task.polls -= 1
        self.webhooks.change(task.account, task.vendor, task.id, lambda backlog: unmoved(backlog, task.polls))

    def add_task(self, task: Task, is_over: Callable[[Task], bool]) -> None:
        """Remembers the task under its id and the client's."""
        account = self._accounts.get(task.account) or self._account(task.account)
        vendor, external = task.vendor, task.external
        if external is not None and (vendor, external) in account.externals:
            raise ExternalIdTakenError(external)
        if self._count >= self.bounds.tasks:
            self._evict(is_over)
        if external is not None:
            account.externals[vendor, external] = task
        tasks = self._tasks.get(vendor)
        if tasks is None:
            tasks = self._tasks[vendor] = {}
        tasks[task.id] = task
        self._count += 1
        self._order.append(task)
        account.tasks.append(task)
        account.submissions += 1
        if account.live is not None:
            account.live.append(task)
        self._added = task

    def _take_back(self, task: Task) -> None:
        account = self._accounts[task.account]
        self._order.pop()
        account.submissions -= 1
        account.live = None
        self._drop(account, task)
        self.webhooks.drop(task.account, task.vendor, task.id)

    def _evict(self, is_over: Callable[[Task], bool]) -> None:
        for _ in range(min(_EVICTION_TRIES, len(self._order))):
            task = self._order.popleft()
            if not self._is_held(task):
                continue
            if is_over(task):
                self._forget(task)
                return
            self._order.append(task)
        raise StoreFullError(self.bounds.say_full())

    def _forget(self, task: Task) -> None:
        self._say(self.bounds.say_task_forgotten(task.id))
        self._drop(self._accounts[task.account], task)

    def _drop(self, account: MemoryAccount, task: Task) -> None:
        self._unlist(task)
        account.tasks.remove(task)
        if task.external is not None:
            account.externals.pop((task.vendor, task.external), None)

    def _list(self, task: Task) -> None:
        """A loaded task, whose id may be in use."""
        tasks = self._tasks.setdefault(task.vendor, {})
        if task.id in tasks:
            self._copies.setdefault((task.vendor, task.id), []).append(task)
        else:
            tasks[task.id] = task
        self._count += 1
        self._order.append(task)

    def _unlist(self, task: Task) -> None:
        tasks, place = self._tasks[task.vendor], (task.vendor, task.id)
        copies = self._copies.get(place) if self._copies else None
        if not copies:
            del tasks[task.id]
        elif tasks[task.id] is task:
            tasks[task.id] = copies.pop(0)
        else:
            copies.remove(task)
        if copies == []:
            del self._copies[place]
        self._count -= 1

    def _is_held(self, task: Task) -> bool:
        return any(each is task for each in self.holders(task.vendor, task.id))

    def find_task(self, account: str, vendor: str, task_id: str) -> Task | None:
        """By id; another account's does not exist."""
        task = self.find_anywhere(vendor, task_id)
        if task is None or task.account == account:
            return task
        if isinstance(account, SealedKey):
            account = self._unsealed.get(account, account)
        copies = self._copies.get((vendor, task_id), ()) if self._copies else ()
        return next((each for each in (task, *copies) if each.account == account), None)

    def find_external(self, account: str, vendor: str, external: str) -> Task | None:
        """By the client's id."""
        found = self._known(account)
        return found.externals.get((vendor, external)) if found else None

    def find_anywhere(self, vendor: str, task_id: str) -> Task | None:
        """By id alone."""
        tasks = self._tasks.get(vendor)
        return tasks.get(task_id) if tasks is not None else None

    def holders(self, vendor: str, task_id: str) -> list[Task]:
        """The one that was there first, and its copies."""
        task = self.find_anywhere(vendor, task_id)
        return [task, *self._copies.get((vendor, task_id), ())] if task is not None else []

    def list_tasks(self, account: str, vendor: str, kind: str | None, skip: int, count: int) -> list[Task]:
        """Newest first."""
        tasks = reversed(self._account(account).tasks)
        wanted = (task for task in tasks if task.vendor == vendor and kind in (None, task.kind))
        return list(islice(wanted, skip, skip + count))

    def replace_task(self, task: Task) -> None:
        """The same task with another plan, in its old place."""
        held = self.find_task(task.account, task.vendor, task.id)
        if held is not None:
            for name in Task.__slots__:
                setattr(held, name, getattr(task, name))

    def count_poll(self, task: Task) -> Task:
        """Counted in place."""
        task.polls += 1
        self._polled = task
        return task

    def unfinished(self, account: str, is_over: Callable[[Task], bool]) -> list[Task]:
        """Kept short: what was over once stays over."""
        found = self._account(account)
        candidates: Iterable[Task] = found.tasks if found.live is None else found.live
        found.live = [task for task in candidates if not is_over(task)]
        return found.live

    def submissions(self, account: str) -> int:
        """Counted as they come."""
        return self._account(account).submissions

    def rate(self, account: str, now_ms: int) -> Rate:
        """A sliding second."""
        calls = self._account(account).calls
        while calls and calls[0] <= now_ms - _SECOND_MS:
            calls.popleft()
        return Rate(len(calls), calls[0] if calls else now_ms)

    def count_call(self, account: str, now_ms: int) -> None:
        """One more in this second."""
        self._account(account).calls.append(now_ms)

    def all_tasks(self, account: str | None) -> list[Task]:
        """Oldest first."""
        if account is None:
            return [task for task in self._order if self._is_held(task)]
        found = self._known(account)
        return list(found.tasks) if found else []

    def entries(self, account: str | None, vendor: str | None, limit: int | None) -> list[Entry]:
        """Newest last."""
        accounts = self._accounts.values() if account is None else filter(None, [self._known(account)])
        kept = heapq.merge(*(found.journal for found in accounts), key=itemgetter(0))
        wanted = [entry for _, entry in map(read_note, kept) if vendor in (None, entry.vendor)]
        return wanted if limit is None else wanted[max(0, len(wanted) - limit) :]

    def account_clock(self, account: str) -> Opened:
        """Without taking an ordinal, and without making an account."""
        found = self._known(account)
        return Opened(found.ordinal, found.offset_ms, found.mode) if found else Opened(0, 0, None)

    def move_account(self, account: str, milliseconds: int) -> None:
        """Added to the account's own offset; what falls due is so much nearer."""
        self._account(account).offset_ms += milliseconds
        self.webhooks.shift(account, milliseconds)

    def set_mode(self, account: str, mode: str | None) -> None:
        """Kept on the account."""
        self._account(account).mode = mode

    def clock(self) -> Clock:
        """The clock of all."""
        return self._clock

    def move_clock(self, seconds: float) -> None:
        """A jump of the clock of all."""
        self._clock = self._clock.moved(seconds)

    def reset(self, account: str | None) -> None:
        """Tasks, journal, faults, webhooks, ordinals; clocks stay where they are."""
        self.faults.drop_all(account)
        self.webhooks.forget(account)
        keys = list(self._accounts) if account is None else [account]
        for key in keys:
            found = self._known(key)
            if found is None:
                continue
            for task in found.tasks:
                self._unlist(task)
            found.forget()
        self._order = deque(task for task in self._order if self._is_held(task))
        self._arrivals = deque(found for found in self._arrivals if found.journal)

    def dump(self, account: str | None) -> Saved:
        """Copied."""
        places = {id(task): number for number, task in enumerate(self._order)}
        known = self._known(account) if account is not None else None
        kept = self._accounts if account is None else {account: known} if known is not None else {}
        accounts = [found.save(key, lambda task: places[id(task)]) for key, found in kept.items()]
        faults, webhooks = self.faults.dump(account), self.webhooks.dump(account)
        return Saved(self._clock, tuple(accounts), tuple(faults), tuple(webhooks))

    def load(self, saved: Saved, *, replace: bool = True) -> None:
        """Judged first, then put in place step by step."""
        known = {digest_of(key): key for key in self._accounts}
        keys = [known.get(digest_of(each.account), each.account) for each in saved.accounts]
        leaving = self._leaving(saved, keys, replace=replace)
        self.faults.check_load(saved.faults, keys if saved.clock is None else None)
        if saved.clock is not None:
            self.reset(None)
            self._accounts.clear()
            self._unsealed.clear()
            self._clock, self._sealed = saved.clock, 0
        else:
            for key in keys:
                self.faults.drop_all(key)
            for key in leaving:
                self._remove(key)
        self._fill(saved, keys)
        self.faults.load(saved.faults)
        self.webhooks.load(list(saved.webhooks))

    def _fill(self, saved: Saved, keys: list[str]) -> None:
        placed, written = [], []
        for key, each in zip(keys, saved.accounts, strict=True):
            self._accounts[key], tasks = MemoryAccount.load(each, key)
            if isinstance(key, SealedKey):
                self._sealed += 1
            else:
                self._unsealed[seal(key)] = key
            placed += tasks
            written += [(number, self._accounts[key], entry) for number, entry in each.entries]
        for _, task in sorted(placed, key=itemgetter(0)):
            self._list(task)
        for _, found, entry in sorted(written, key=itemgetter(0)):
            self._remember(found, entry)

    def _leaving(self, saved: Saved, keys: list[str], *, replace: bool) -> list[str]:
        """The accounts that make room for what is loaded; an error when they must not, or when it is too much."""
        leaving = [key for key in (self._accounts if saved.clock is not None else keys) if key in self._accounts]
        going = [self._accounts[key] for key in leaving]
        called = next((key for key in leaving if self._accounts[key].ordinal), None)
        if not replace and called is not None:
            raise HeldError(label_of(called))
        accounts = len(self._accounts) - len(leaving) + len(keys)
        self.bounds.check_load(accounts, self._count - sum(len(each.tasks) for each in going) + saved.tasks)
        return leaving

    def close(self) -> None:
        """Nothing is held."""
