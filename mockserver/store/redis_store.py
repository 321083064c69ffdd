"""The store of several machines: a Redis or Valkey server that all of them ask.

A call holds its account from `open_call` to its end, so calls of one account come one after the other, wherever they
come from; calls of different accounts don't wait for each other. Nothing of a call is written before its end, and
then all of it at once.

The clock is the server's own: the first who opens the store brings mode and beginning, and from then on no machine's
clock is asked. As in a file, there are no keys in it, only their digests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from mockserver.clock import Clock
from mockserver.messages import Entry
from mockserver.store import redis_saving as saving
from mockserver.store import redis_scripts as scripts
from mockserver.store.protocol import Bounds, ExternalIdTakenError, Opened, Rate, StoreFullError
from mockserver.store.redis_faults import RedisFaults
from mockserver.store.redis_link import RedisLink, Reply, Script, Word
from mockserver.store.redis_session import RedisSession
from mockserver.store.redis_values import (
    Account,
    digest_text,
    external_of,
    place_of,
    place_start,
    plan_of,
    read_account,
    read_entry,
    read_task,
    task_words,
)
from mockserver.store.redis_webhooks import Owed, RedisWebhooks
from mockserver.store.saved import Saved
from mockserver.store.sealing import SealedKey
from mockserver.tasks import Task

# How many unfinished tasks are passed over in the search for one to forget, and how many are read at once.
_EVICTION_TRIES, _BATCH = 1000, 100
_PAGE = 1000
_SECOND_MS = 1000


class RedisStore:
    """Remembers in a server, for whoever asks it."""

    def __init__(
        self,
        address: str,
        clock: Clock,
        bounds: Bounds | None = None,
        on_eviction: Callable[[str], None] | None = None,
    ) -> None:
        self.bounds = bounds or Bounds()
        self._link = RedisLink(address)
        try:
            self._link.check()
            self._session = session = RedisSession(self._link, clock, self.bounds, on_eviction)
        except BaseException:
            self._link.close()
            raise
        self._ask, self._change = session.ask, session.change
        self.faults = RedisFaults(self._ask, self._change)
        self.webhooks = RedisWebhooks(self._ask, self._change, self._owed_of, self.bounds, session.say)

    def open_call(self, account: str) -> Opened:
        """Takes the account, and its next ordinal."""
        call = self._session.open(account)
        found = call.account
        return Opened(found.ordinal + 1, found.offset_ms, found.mode, has_faults=call.has_faults)

    def close_call(self, account: str, entry: Entry) -> None:
        """Writes all of it, and lets go of the account."""
        del account
        self.webhooks.tell_forgotten(self._session.close(entry))

    def _owed_of(self, account: str) -> Owed | None:
        call = self._session.call_of(account)
        return call.owed if call is not None else None

    def abort_call(self) -> None:
        """Lets go of the account: nothing was written yet."""
        self._session.abort()

    def add_task(self, task: Task, is_over: Callable[[Task], bool]) -> None:
        """With the call, if one is open; else at once."""
        with self._session.lock:
            call = self._session.call_of(task.account)
            words = task_words(task)
            if task.external is not None and self.find_external(task.account, task.vendor, task.external) is not None:
                raise ExternalIdTakenError(task.external)
            held = call.held_tasks + len(call.tasks) if call is not None else self._count()
            if held >= self.bounds.tasks and not self._make_room(held, is_over):
                raise StoreFullError(self.bounds.say_full())
            if call is not None:
                call.tasks.append(replace(task))
            elif self._session.change_account(scripts.ADD_TASK, task.account, *words) == b"taken":
                raise ExternalIdTakenError(task.external)

    def _count(self) -> int:
        return int(self._ask(scripts.COUNT) or 0)

    def _make_room(self, held: int, is_over: Callable[[Task], bool]) -> bool:
        for _ in range(0, min(_EVICTION_TRIES, held), _BATCH):
            passed: list[bytes] = []
            for _, digest, label, member, place, members in self._ask(scripts.QUEUED, "-inf", _BATCH):
                task = read_task(_sealed(digest, label), place, members)
                if task is not None and is_over(task):
                    self._session.say(self.bounds.say_task_forgotten(task.id))
                    self._ask(scripts.PASS, digest, member, *passed)
                    return True
                passed.append(digest + member)
            # So that the next search begins behind them.
            self._ask(scripts.PASS, b"", b"", *passed)
        return False

    def find_task(self, account: str, vendor: str, task_id: str) -> Task | None:
        """By id; another account's does not exist."""
        for pending in self._session.pending(account):
            if (pending.vendor, pending.id) == (vendor, task_id):
                return pending
        place = place_of(vendor, task_id)
        return read_task(account, place, self._ask(scripts.FIND_TASK, digest_text(account), place))

    def find_external(self, account: str, vendor: str, external: str) -> Task | None:
        """By the client's id."""
        for pending in self._session.pending(account):
            if (pending.vendor, pending.external) == (vendor, external):
                return pending
        found = self._ask(scripts.FIND_EXTERNAL, digest_text(account), external_of(vendor, external))
        return read_task(account, *found) if found else None

    def find_anywhere(self, vendor: str, task_id: str) -> Task | None:
        """By id alone; its account is sealed."""
        return next(iter(self.holders(vendor, task_id)), None)

    def holders(self, vendor: str, task_id: str) -> list[Task]:
        """By id alone; their accounts are sealed."""
        place = place_of(vendor, task_id)
        found = (
            read_task(_sealed(digest, label), place, members)
            for digest, label, members, _ in self._ask(scripts.HOLDERS, place)
        )
        return [task for task in found if task is not None]

    def list_tasks(self, account: str, vendor: str, kind: str | None, skip: int, count: int) -> list[Task]:
        """Newest first."""
        pending = reversed(self._session.pending(account))
        first = [task for task in pending if task.vendor == vendor and kind in (None, task.kind)]
        words = (place_start(vendor), "" if kind is None else f"={kind}", max(0, skip - len(first)))
        rows = self._ask(scripts.LIST, digest_text(account), *words, count)
        kept = [read_task(account, place, members) for place, members in rows]
        return [*first[skip:], *(task for task in kept if task is not None)][:count]

    def replace_task(self, task: Task) -> None:
        """The plan alone: the rest of a task never changes."""
        place = place_of(task.vendor, task.id)
        self._ask(scripts.CHANGE_TASK, digest_text(task.account), place, plan_of(task), task.polls)

    def count_poll(self, task: Task) -> Task:
        """With the call, if one is open; else at once."""
        call, place = self._session.call_of(task.account), place_of(task.vendor, task.id)
        if call is not None:
            call.polled.append(place)
            return replace(task, polls=task.polls + 1)
        members = self._change(scripts.COUNT_POLL, digest_text(task.account), place)
        return (read_task(task.account, place, members) if members else None) or task

    def unfinished(self, account: str, is_over: Callable[[Task], bool]) -> list[Task]:
        """From the first time on, those that were not over are marked: what was over once stays over."""
        digest, pending = digest_text(account), self._session.pending(account)
        self._ask(scripts.WATCH, digest)
        live, over = list[Task](), list[bytes]()
        for task in self._tasks_of(account, "live"):
            if is_over(task):
                over.append(task_words(task)[0])  # type: ignore[arg-type]  # the member
            else:
                live.append(task)
        if over:
            self._ask(scripts.UNWATCH, digest, *over)
        return [*live, *(task for task in pending if not is_over(task))]

    def _tasks_of(self, account: str, name: str) -> Iterator[Task]:
        digest = digest_text(account)
        for _, place, members in self._ranked(scripts.TASKS_OF_ACCOUNT, digest, name):
            task = read_task(account, place, members)
            if task is not None:
                yield task

    def _ranked(self, script: Script, *words: Word) -> Iterator[Reply]:
        """All rows of a list that is read page by page, each row with its score in front."""
        last, rows = b"-inf", [b""] * _PAGE
        while len(rows) == _PAGE:
            rows = self._ask(script, *words, last, _PAGE)
            yield from rows
            last = rows[-1][0] if rows else last

    def submissions(self, account: str) -> int:
        """Counted as they come."""
        call = self._session.call_of(account)
        if call is not None:
            return call.account.submissions + len(call.tasks)
        return self._account(account).submissions

    def rate(self, account: str, now_ms: int) -> Rate:
        """A sliding second."""
        calls, first_ms = self._ask(scripts.RATE, digest_text(account), now_ms - _SECOND_MS)
        return Rate(calls, int(first_ms) if first_ms else now_ms)

    def count_call(self, account: str, now_ms: int) -> None:
        """One more in this second, at once: so many are let through, also by calls that go wrong later."""
        self._ask(scripts.COUNT_CALL, digest_text(account), now_ms)

    def all_tasks(self, account: str | None) -> list[Task]:
        """Oldest first; without a key their accounts are sealed."""
        if account is None:
            return list(self._queued())
        return [*self._tasks_of(account, "list"), *self._session.pending(account)]

    def _queued(self) -> Iterator[Task]:
        for _, digest, label, _, place, members in self._ranked(scripts.QUEUED):
            task = read_task(_sealed(digest, label), place, members)
            if task is not None:
                yield task

    # The journal

    def entries(self, account: str | None, vendor: str | None, limit: int | None) -> list[Entry]:
        """Newest last."""
        which = "" if vendor is None else f"={vendor}"
        pages = self._pages(which) if account is None else self._pages_of(account, which)
        newest = list[Entry]()
        for page in pages:
            if limit is not None and len(newest) >= limit:
                break
            newest += [read_entry(label, fields) for label, fields in page]
        kept = newest if limit is None else newest[: max(0, limit)]
        return kept[::-1]

    def _pages(self, vendor: str) -> Iterator[Reply]:
        before = b"+"
        while before:
            last, page = self._ask(scripts.ENTRIES, vendor, before, _BATCH)
            before = b"(" + last if last else b""
            yield page

    def _pages_of(self, account: str, vendor: str) -> Iterator[Reply]:
        digest = digest_text(account)
        numbers = self._ask(scripts.ENTRY_NUMBERS, digest)[::-1]
        for at in range(0, len(numbers), _BATCH):
            yield self._ask(scripts.ENTRIES_OF_ACCOUNT, digest, vendor, *numbers[at : at + _BATCH])

    # Clocks

    def _account(self, account: str) -> Account:
        return read_account([b"", *self._ask(scripts.ACCOUNT, digest_text(account))])

    def account_clock(self, account: str) -> Opened:
        """Without taking an ordinal, and without making an account."""
        call = self._session.call_of(account)
        found = call.account if call is not None else self._account(account)
        return Opened(found.ordinal + (call is not None), found.offset_ms, found.mode)

    def move_account(self, account: str, milliseconds: int) -> None:
        """Added to the account's own offset."""
        self._session.change_account(scripts.CHANGE_ACCOUNT, account, "offset_ms", milliseconds, "add")

    def set_mode(self, account: str, mode: str | None) -> None:
        """Kept on the account."""
        self._session.change_account(scripts.CHANGE_ACCOUNT, account, "mode", mode or "", "set")

    def clock(self) -> Clock:
        """The clock of all; in a call, as it was when the call began."""
        return self._session.clock()

    def move_clock(self, seconds: float) -> None:
        """A jump of the clock of all, for all who ask the server."""
        self._change(scripts.MOVE_CLOCK, round(seconds * 1000))

    def reset(self, account: str | None) -> None:
        """Tasks, journal, ordinals; clocks stay where they are. Of all: one account after the other."""
        with self._session.lock:
            self.faults.drop_all(account)
            digests = self._ask(scripts.ACCOUNTS) if account is None else [digest_text(account)]
            for digest in digests:
                self._ask(scripts.RESET, digest)

    def dump(self, account: str | None) -> Saved:
        """One step, so between two calls."""
        return saving.read_dump(self._ask(saving.DUMP, digest_text(account) if account is not None else ""), account)

    def load(self, saved: Saved, *, replace: bool = True) -> None:
        """One step."""
        words = saving.load_words(saved, self.bounds, replace=replace)
        self.webhooks.tell_forgotten(saving.judge(self._change(saving.LOAD, *words), self.bounds))

    def close(self) -> None:
        """Hangs up."""
        self._link.close()


def _sealed(digest: bytes, label: bytes) -> SealedKey:
    return SealedKey(label.decode(), bytes.fromhex(digest.decode()))
