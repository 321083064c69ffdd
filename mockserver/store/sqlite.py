"""The store of several processes, and of a fake that remembers over a restart: one SQLite file.

A call is one transaction. The first who opens the file brings the clock; all others take that one.

Keys are not in the file: accounts are found by a digest of the key. So a task that was asked for by key carries
that key, and one that was found without it (`find_anywhere`, `all_tasks` of all) carries a `SealedKey`: text that
shows the redacted label, and a digest by which every method here knows the account as well as by its key. Nothing
else hangs on the key, since all that is drawn from it is drawn while a call is there to bring it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from mockserver.clock import Clock
from mockserver.messages import Entry
from mockserver.store.protocol import (
    Bounds,
    ExternalIdTakenError,
    Opened,
    Rate,
    StoreFullError,
    UnusableStoreError,
)
from mockserver.store.sealing import SealedKey, digest_of, label_of
from mockserver.store.sqlite_file import StoreFile
from mockserver.store.sqlite_layout import FORGET
from mockserver.tasks import Task
from specs.violations import Violation

# How many unfinished tasks are passed over in the search for one to forget, and how many are read at once.
_EVICTION_TRIES = 1000
_BATCH = 100
_SECOND_MS = 1000

_ACCOUNT = """
    SELECT a.id, a.digest, a.ordinal, a.offset_ms, a.mode, a.submissions, a.watched, a.entries, s.entries, s.tasks,
        s.offset_ms
    FROM accounts a, state s WHERE a.digest = ?
"""
_ADD_TASK = """
    INSERT INTO tasks (number, account, live, id, vendor, operation, kind, created_ms, running_ms, end_ms, failure,
        base, external, ordinal, polls, request)
    VALUES ((SELECT submitted FROM state), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_LIST_TASKS = """
    SELECT * FROM tasks WHERE account = ?1 AND vendor = ?2 AND (?3 IS NULL OR kind = ?3)
    ORDER BY number DESC LIMIT ?5 OFFSET ?4
"""
# Whether a task is over is read from its plan: the request, which may be long, stays where it is.
_OLDEST = """
    SELECT place, 0, 0, 0, id, vendor, operation, kind, created_ms, running_ms, end_ms, failure, base, external,
        ordinal, polls, x''
    FROM tasks ORDER BY place LIMIT ?
"""
_ADD_ENTRY = """
    INSERT INTO journal (account, vendor, id, at_ms, operation, method, path, status, task_id, violations, fault,
        body, answer)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_ENTRIES = """
    SELECT j.id, j.at_ms, a.label, j.vendor, j.operation, j.method, j.path, j.status, j.task_id, j.violations,
        j.fault, j.body, j.answer
    FROM journal j JOIN accounts a ON a.id = j.account
    WHERE (?1 IS NULL OR j.vendor = ?1) ORDER BY j.number DESC LIMIT ?2
"""
_ENTRIES_OF_ACCOUNT = _ENTRIES.replace("WHERE", "WHERE j.account = ?3 AND")


class _Account(NamedTuple):
    """What a call needs to know, of the account and of all: one look-up."""

    id: int
    digest: bytes
    ordinal: int
    offset_ms: int
    mode: str | None
    submissions: int
    watched: int
    entries: int
    all_entries: int
    all_tasks: int
    clock_ms: int


class SqliteStore:
    """Remembers in a file, for whoever opens it."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        bounds: Bounds | None = None,
        on_eviction: Callable[[str], None] | None = None,
    ) -> None:
        self.bounds = bounds or Bounds()
        self._on_eviction = on_eviction
        self._file = StoreFile(path)
        # The account of the open call. Whoever holds the file's lock and finds one here is inside that call.
        self._caller: _Account | None = None
        try:
            self._clock = self._agreed(clock)
        except BaseException:
            self._file.close()
            raise

    def _agreed(self, clock: Clock) -> Clock:
        """The file's clock, which is the given one if the file had none."""
        asked = (clock.mode, clock.rate, clock.began_wall_ms, clock.began_ms, clock.offset_ms)
        with self._file.writing():
            kept = self._file.row("SELECT mode, rate, began_wall_ms, began_ms, offset_ms FROM state")
            if kept is None:
                insert = "INSERT INTO state (mode, rate, began_wall_ms, began_ms, offset_ms) VALUES (?, ?, ?, ?, ?)"
                self._file.run(insert, asked)
                return clock
        found = Clock(*kept)
        if found.rate != clock.rate or (not clock.rate and found.mode != clock.mode):
            message = (
                f"sqlite:{self._file.path} runs on the clock {found.mode}, and {clock.mode} was asked for; "
                f"ask for {found.mode}, or name another file"
            )
            raise UnusableStoreError(message)
        return found

    def _known(self, account: str) -> _Account | None:
        row = self._file.row(_ACCOUNT, (digest_of(account),))
        return _Account(*row) if row is not None else None

    def _account(self, account: str) -> _Account:
        found = self._known(account)
        if found is not None:
            return found
        (accounts,) = self._file.row("SELECT accounts FROM state")
        if accounts >= self.bounds.accounts:
            self._forget_account()
        values = (digest_of(account), label_of(account))
        self._file.run("INSERT INTO accounts (digest, label) VALUES (?, ?)", values)
        return _Account(*self._file.row(_ACCOUNT, values[:1]))

    def _id(self, account: str) -> int | None:
        caller = self._caller
        if caller is not None and caller.digest == digest_of(account):
            return caller.id
        row = self._file.row("SELECT id FROM accounts WHERE digest = ?", (digest_of(account),))
        return row[0] if row is not None else None

    def _forget_account(self) -> None:
        """Makes room for a new account: among the oldest ones, the one with the fewest tasks."""
        oldest = (
            "SELECT id FROM (SELECT id, tasks FROM accounts ORDER BY id LIMIT ?) ORDER BY tasks, id LIMIT 1"
        )
        row = self._file.row(oldest, (_EVICTION_TRIES,))
        self._say(self.bounds.say_account_forgotten())
        self._empty(*row)
        self._file.run("DELETE FROM accounts WHERE id = ?", row)

    def _say(self, message: str) -> None:
        if self._on_eviction is not None:
            self._on_eviction(message)

    def open_call(self, account: str) -> Opened:
        """Begins the transaction."""
        self._file.begin()
        try:
            found = self._account(account)
            self._file.run("UPDATE accounts SET ordinal = ordinal + 1 WHERE id = ?", (found.id,))
        except BaseException:
            self._file.roll_back()
            raise
        self._caller = found
        self._set_clock(found.clock_ms)
        return Opened(found.ordinal + 1, found.offset_ms, found.mode)

    def close_call(self, account: str, entry: Entry) -> None:
        """Commits. Beyond the bounds the oldest entries of the account, or of all, go."""
        caller = self._caller or self._account(account)
        violations = [(each.pointer, each.rule, each.message) for each in entry.violations]
        identifier, at_ms, _, vendor, operation, method, path, status, task_id, _, fault, body, answer = entry
        values = (caller.id, vendor, identifier, at_ms, operation, method, path, status, task_id)
        self._file.run(
            _ADD_ENTRY, (*values, orjson.dumps(violations) if violations else None, fault, body, answer)
        )
        over = caller.entries + 1 - self.bounds.entries_per_account
        if over > 0:
            oldest = "SELECT number FROM journal WHERE account = ? ORDER BY number LIMIT ?"
            self._file.run(f"DELETE FROM journal WHERE number IN ({oldest})", (caller.id, over))
        over = caller.all_entries + 1 - max(over, 0) - self.bounds.entries
        if over > 0:
            oldest = "SELECT number FROM journal ORDER BY number LIMIT ?"
            self._file.run(f"DELETE FROM journal WHERE number IN ({oldest})", (over,))
        self._caller = None
        self._file.commit()

    def abort_call(self) -> None:
        """Rolls back."""
        self._file.roll_back()

    def add_task(self, task: Task, is_over: Callable[[Task], bool]) -> None:
        """One more row; the ids are unique by index."""
        with self._file.writing():
            found = self._account(task.account)
            if (
                task.external is not None
                and self.find_external(task.account, task.vendor, task.external) is not None
            ):
                raise ExternalIdTakenError(task.external)
            if found.all_tasks >= self.bounds.tasks:
                self._evict(found.all_tasks, is_over)
            values = (
                found.id,
                found.watched,
                task.id,
                task.vendor,
                task.operation,
                task.kind,
                task.created_ms,
            )
            plan = (
                task.running_ms,
                task.end_ms,
                task.failure,
                task.base,
                task.external,
                task.ordinal,
                task.polls,
            )
            self._file.run(_ADD_TASK, (*values, *plan, task.request))

    def _evict(self, held: int, is_over: Callable[[Task], bool]) -> None:
        for _ in range(0, min(_EVICTION_TRIES, held), _BATCH):
            passed: list[tuple[int]] = []
            for row in self._file.rows(_OLDEST, (min(_BATCH, held),)):
                task = _task("", row)
                if is_over(task):
                    self._say(self.bounds.say_task_forgotten(task.id))
                    self._file.run("DELETE FROM tasks WHERE place = ?", row[:1])
                    self._move_back(passed)
                    return
                passed.append(row[:1])
            self._move_back(passed)
        raise StoreFullError(self.bounds.say_full())

    def _move_back(self, places: list[tuple[int]]) -> None:
        """Those who were passed over in the queue go to its end, so that the next search begins behind them."""
        self._file.run_each(
            "UPDATE tasks SET place = (SELECT max(place) + 1 FROM tasks) WHERE place = ?", [*places]
        )

    def find_task(self, account: str, vendor: str, task_id: str) -> Task | None:
        """By id; another account's does not exist."""
        with self._file.lock:
            row = self._file.row("SELECT * FROM tasks WHERE vendor = ? AND id = ?", (vendor, task_id))
            return _task(account, row) if row is not None and row[2] == self._id(account) else None

    def find_external(self, account: str, vendor: str, external: str) -> Task | None:
        """By the client's id."""
        query = "SELECT * FROM tasks WHERE account = ? AND vendor = ? AND external = ?"
        with self._file.lock:
            row = self._file.row(query, (self._id(account), vendor, external))
            return _task(account, row) if row is not None else None

    def find_anywhere(self, vendor: str, task_id: str) -> Task | None:
        """By id alone; its account is sealed."""
        query = (
            "SELECT t.*, a.label, a.digest FROM tasks t JOIN accounts a ON a.id = t.account "
            "WHERE t.vendor = ? AND t.id = ?"
        )
        with self._file.lock:
            row = self._file.row(query, (vendor, task_id))
            return _task(SealedKey(*row[-2:]), row[:-2]) if row is not None else None

    def list_tasks(self, account: str, vendor: str, kind: str | None, skip: int, count: int) -> list[Task]:
        """Newest first."""
        with self._file.lock:
            rows = self._file.rows(_LIST_TASKS, (self._id(account), vendor, kind, skip, count))
        return [_task(account, row) for row in rows]

    def replace_task(self, task: Task) -> None:
        """The plan alone: the rest of a task never changes."""
        change = (
            "UPDATE tasks SET running_ms = ?, end_ms = ?, failure = ?, polls = ? WHERE vendor = ? AND id = ?"
        )
        with self._file.writing():
            values = (task.running_ms, task.end_ms, task.failure, task.polls, task.vendor, task.id)
            self._file.run(change, values)

    def count_poll(self, task: Task) -> Task:
        """Read again after it was counted: another process may have polled too."""
        with self._file.writing():
            name = (task.vendor, task.id)
            self._file.run("UPDATE tasks SET polls = polls + 1 WHERE vendor = ? AND id = ?", name)
            row = self._file.row("SELECT * FROM tasks WHERE vendor = ? AND id = ?", name)
            return _task(task.account, row) if row is not None else task

    def unfinished(self, account: str, is_over: Callable[[Task], bool]) -> list[Task]:
        """From the first time on, those that were not over are marked: what was over once stays over."""
        with self._file.writing():
            found = self._account(account)
            if not found.watched:
                self._file.run("UPDATE accounts SET watched = 1 WHERE id = ?", (found.id,))
                self._file.run("UPDATE tasks SET live = 1 WHERE account = ?", (found.id,))
            rows = self._file.rows(
                "SELECT * FROM tasks WHERE account = ? AND live = 1 ORDER BY number", (found.id,)
            )
            tasks = [(row[0], _task(account, row)) for row in rows]
            over = [(place,) for place, task in tasks if is_over(task)]
            self._file.run_each("UPDATE tasks SET live = 0 WHERE place = ?", [*over])
            gone = {place for (place,) in over}
            return [task for place, task in tasks if place not in gone]

    def submissions(self, account: str) -> int:
        """Counted as they come."""
        with self._file.lock:
            found = self._known(account)
            return found.submissions if found is not None else 0

    def rate(self, account: str, now_ms: int) -> Rate:
        """A sliding second."""
        with self._file.writing():
            number = self._account(account).id
            self._file.run(
                "DELETE FROM calls WHERE account = ? AND at_ms <= ?", (number, now_ms - _SECOND_MS)
            )
            calls, first_ms = self._file.row(
                "SELECT count(*), min(at_ms) FROM calls WHERE account = ?", (number,)
            )
            return Rate(calls, now_ms if first_ms is None else first_ms)

    def count_call(self, account: str, now_ms: int) -> None:
        """One more in this second."""
        with self._file.writing():
            self._file.run(
                "INSERT INTO calls (account, at_ms) VALUES (?, ?)", (self._account(account).id, now_ms)
            )

    def all_tasks(self, account: str | None) -> list[Task]:
        """Oldest first."""
        with self._file.lock:
            if account is not None:
                query = "SELECT * FROM tasks WHERE account = ? ORDER BY number"
                return [_task(account, row) for row in self._file.rows(query, (self._id(account),))]
            labels = self._file.rows("SELECT id, label, digest FROM accounts")
            sealed = {number: SealedKey(label, digest) for number, label, digest in labels}
            rows = self._file.rows("SELECT * FROM tasks ORDER BY number")
            return [_task(sealed[row[2]], row) for row in rows]

    def entries(self, account: str | None, vendor: str | None, limit: int | None) -> list[Entry]:
        """Newest last."""
        most = -1 if limit is None else max(0, limit)
        with self._file.lock:
            if account is None:
                rows = self._file.rows(_ENTRIES, (vendor, most))
            else:
                rows = self._file.rows(_ENTRIES_OF_ACCOUNT, (vendor, most, self._id(account)))
        return [Entry(*row[:9], _violations(row[9]), *row[10:]) for row in reversed(rows)]

    def account_clock(self, account: str) -> Opened:
        """Without taking an ordinal, and without making an account."""
        with self._file.lock:
            found = self._known(account)
            return Opened(found.ordinal, found.offset_ms, found.mode) if found else Opened(0, 0, None)

    def move_account(self, account: str, milliseconds: int) -> None:
        """Added to the account's own offset."""
        change = "UPDATE accounts SET offset_ms = offset_ms + ? WHERE id = ?"
        with self._file.writing():
            self._file.run(change, (milliseconds, self._account(account).id))

    def set_mode(self, account: str, mode: str | None) -> None:
        """Kept on the account."""
        with self._file.writing():
            self._file.run("UPDATE accounts SET mode = ? WHERE id = ?", (mode, self._account(account).id))

    def _set_clock(self, offset_ms: int) -> None:
        clock = self._clock
        if clock.offset_ms != offset_ms:
            self._clock = Clock(clock.mode, clock.rate, clock.began_wall_ms, clock.began_ms, offset_ms)

    def clock(self) -> Clock:
        """The clock of all; in a call, as it was when the call began."""
        with self._file.lock:
            if self._caller is None:
                self._set_clock(*self._file.row("SELECT offset_ms FROM state"))
            return self._clock

    def move_clock(self, seconds: float) -> None:
        """A jump of the clock of all, in all processes."""
        with self._file.writing():
            moved_ms = self._clock.moved(seconds).offset_ms - self._clock.offset_ms
            self._file.run("UPDATE state SET offset_ms = offset_ms + ?", (moved_ms,))

    def reset(self, account: str | None) -> None:
        """Tasks, journal, ordinals; clocks stay where they are."""
        with self._file.writing():
            if account is None:
                for statement in FORGET:
                    self._file.run(statement)
                return
            number = self._id(account)
            if number is not None:
                self._empty(number)

    def _empty(self, number: int) -> None:
        for table in ("tasks", "journal", "calls"):
            self._file.run(f"DELETE FROM {table} WHERE account = ?", (number,))
        self._file.run(
            "UPDATE accounts SET ordinal = 0, submissions = 0, watched = 0 WHERE id = ?", (number,)
        )

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()


def _task(account: str, row: tuple[Any, ...]) -> Task:
    """A row of the table of tasks, in the order of the layout."""
    _, _, _, _, task_id, vendor, operation, kind, *plan, request = row
    return Task(task_id, account, vendor, operation, kind, request, *plan)


def _violations(kept: bytes | None) -> tuple[Violation, ...]:
    return tuple(Violation(*each) for each in orjson.loads(kept)) if kept is not None else ()
