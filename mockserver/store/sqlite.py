"""The store of several processes, and of a fake that remembers over a restart: one SQLite file.

A call is one transaction. The first who opens the file brings the clock; all others take that one.

Keys are not in the file: accounts are found by a digest of the key. So a task that was asked for by key
carries that key, and one that was found without it (by `find_anywhere`, or among all tasks) carries a
`SealedKey`: text that shows the redacted label, and a digest by which every method here knows the account as
well as by its key. Nothing else hangs on the key: what is drawn from it is drawn while a call brings it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mockserver.clock import Clock
from mockserver.messages import Entry
from mockserver.store import sqlite_rows as sql
from mockserver.store import sqlite_saving as saving
from mockserver.store.protocol import (
    Bounds,
    ExternalIdTakenError,
    Opened,
    Rate,
    StoreFullError,
    UnusableStoreError,
)
from mockserver.store.saved import Saved
from mockserver.store.sealing import digest_of, label_of
from mockserver.store.sqlite_faults import SqliteFaults
from mockserver.store.sqlite_file import StoreFile
from mockserver.store.sqlite_layout import FORGET
from mockserver.store.sqlite_webhooks import SqliteWebhooks
from mockserver.tasks import Task

# How many unfinished tasks are passed over in the search for one to forget, and how many are read at once.
_EVICTION_TRIES = 1000
_BATCH = 100
_SECOND_MS = 1000


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
        # Its note is the account of the open call: whoever holds the lock and finds one is inside that call.
        self._file = StoreFile(path)
        self.faults = SqliteFaults(self._file)
        self.webhooks = SqliteWebhooks(self._file, self._id, self.bounds, on_eviction)
        self._clocks = 0
        try:
            self._clock = self._agreed(clock)
        except BaseException:
            self._file.close()
            raise

    def _agreed(self, clock: Clock) -> Clock:
        """The file's clock, which is the given one if the file had none."""
        asked = (clock.mode, clock.rate, clock.began_wall_ms, clock.began_ms, clock.offset_ms)
        with self._file.writing():
            kept = self._file.row(sql.GET_CLOCK)
            if kept is None:
                self._file.run(sql.SET_CLOCK, asked)
                return clock
        self._clocks, *members = kept
        found = Clock(*members)
        if found.rate != clock.rate or (not clock.rate and found.mode != clock.mode):
            message = (
                f"sqlite:{self._file.path} runs on the clock {found.mode}, and {clock.mode} was asked for; "
                f"ask for {found.mode}, or name another file"
            )
            raise UnusableStoreError(message)
        return found

    def _known(self, account: str) -> sql.Account | None:
        row = self._file.row(sql.FIND_ACCOUNT, (digest_of(account),))
        return sql.Account(*row) if row is not None else None

    def _account(self, account: str) -> sql.Account:
        found = self._known(account)
        if found is not None:
            return found
        (accounts,) = self._file.row("SELECT accounts FROM state")
        if accounts >= self.bounds.accounts:
            self._forget_account()
        self._file.run(sql.ADD_ACCOUNT, (digest_of(account), label_of(account)))
        return sql.Account(*self._file.row(sql.FIND_ACCOUNT, (digest_of(account),)))

    def _id(self, account: str) -> int | None:
        caller: sql.Account | None = self._file.note
        digest = digest_of(account)
        if caller is not None and caller.digest == digest:
            return caller.id
        row = self._file.row("SELECT id FROM accounts WHERE digest = ?", (digest,))
        return int(row[0]) if row is not None else None

    def _forget_account(self) -> None:
        """Makes room for a new account: among the oldest ones, the one with the fewest tasks."""
        row = self._file.row(sql.OLDEST_ACCOUNT, (_EVICTION_TRIES,))
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
        self._file.note = found
        self._set_clock(found.clocks, found.clock_ms)
        return Opened(found.ordinal + 1, found.offset_ms, found.mode, has_faults=bool(found.all_faults))

    def close_call(self, account: str, entry: Entry) -> None:
        """Commits. Beyond the bounds the oldest entries of the account, or of all, go."""
        caller: sql.Account = self._file.note or self._account(account)
        self._file.run(sql.ADD_ENTRY, sql.write_entry(caller, entry))
        over = max(0, caller.entries + 1 - self.bounds.entries_per_account)
        if over:
            self._file.run(sql.TRIM_ACCOUNT, (caller.id, over))
        over = caller.all_entries + 1 - over - self.bounds.entries
        if over > 0:
            self._file.run(sql.TRIM_ALL, (over,))
        self._file.commit()

    def abort_call(self) -> None:
        """Rolls back."""
        self._file.roll_back()

    def add_task(self, task: Task, is_over: Callable[[Task], bool]) -> None:
        """One more row, checked and written in one transaction."""
        with self._file.writing():
            found = self._account(task.account)
            if task.external is not None and self._is_taken(found, task.vendor, task.external):
                raise ExternalIdTakenError(task.external)
            has_room = found.all_tasks < self.bounds.tasks or self._make_room(found.all_tasks, is_over)
            if has_room:
                self._file.run(sql.ADD_TASK, sql.write_task(found, task))
        # Not raised before: how far the search came is to last.
        if not has_room:
            raise StoreFullError(self.bounds.say_full())

    def _is_taken(self, found: sql.Account, vendor: str, external: str) -> bool:
        return self._file.row(sql.FIND_EXTERNAL, (found.id, vendor, external)) is not None

    def _make_room(self, held: int, is_over: Callable[[Task], bool]) -> bool:
        for _ in range(0, min(_EVICTION_TRIES, held), _BATCH):
            passed: list[tuple[int]] = []
            for row in self._file.rows(sql.OLDEST_TASKS, (_BATCH,)):
                task = sql.read_sealed(row)
                if is_over(task):
                    self._say(self.bounds.say_task_forgotten(task.id))
                    self._file.run(sql.FORGET_TASK, row[:1])
                    self._file.run_each(sql.TO_THE_END, passed)
                    return True
                passed.append(row[:1])
            # So that the next search begins behind them.
            self._file.run_each(sql.TO_THE_END, passed)
        return False

    def find_task(self, account: str, vendor: str, task_id: str) -> Task | None:
        """By id; another account's does not exist."""
        with self._file.lock:
            row = self._file.row(sql.FIND_TASK, (vendor, task_id, self._id(account)))
            return sql.read_task(account, row) if row is not None else None

    def find_external(self, account: str, vendor: str, external: str) -> Task | None:
        """By the client's id."""
        with self._file.lock:
            row = self._file.row(sql.FIND_EXTERNAL, (self._id(account), vendor, external))
            return sql.read_task(account, row) if row is not None else None

    def find_anywhere(self, vendor: str, task_id: str) -> Task | None:
        """By id alone; its account is sealed."""
        with self._file.lock:
            row = self._file.row(sql.FIND_ANYWHERE, (vendor, task_id))
            return sql.read_sealed(row) if row is not None else None

    def holders(self, vendor: str, task_id: str) -> list[Task]:
        """By id alone; their accounts are sealed."""
        with self._file.lock:
            return [sql.read_sealed(row) for row in self._file.rows(sql.FIND_ANYWHERE, (vendor, task_id))]

    def list_tasks(self, account: str, vendor: str, kind: str | None, skip: int, count: int) -> list[Task]:
        """Newest first."""
        with self._file.lock:
            rows = self._file.rows(sql.LIST_TASKS, (self._id(account), vendor, kind, skip, count))
        return [sql.read_task(account, row) for row in rows]

    def replace_task(self, task: Task) -> None:
        """The plan alone: the rest of a task never changes."""
        plan = (task.running_ms, task.end_ms, task.failure, task.polls)
        with self._file.writing():
            self._file.run(sql.CHANGE_TASK, (*plan, task.vendor, task.id, self._id(task.account)))

    def count_poll(self, task: Task) -> Task:
        """Read again once it is counted: another process may have polled too."""
        with self._file.writing():
            where = (task.vendor, task.id, self._id(task.account))
            self._file.run(sql.COUNT_POLL, where)
            row = self._file.row(sql.FIND_TASK, where)
            return sql.read_task(task.account, row) if row is not None else task

    def unfinished(self, account: str, is_over: Callable[[Task], bool]) -> list[Task]:
        """From the first time on, those that were not over are marked: what was over once stays over."""
        with self._file.writing():
            found = self._account(account)
            if not found.watched:
                self._file.run("UPDATE accounts SET watched = 1 WHERE id = ?", (found.id,))
                self._file.run("UPDATE tasks SET live = 1 WHERE account = ?", (found.id,))
            rows = self._file.rows(sql.LIVE_TASKS, (found.id,))
            tasks = [(sql.read_task(account, row), row[:1]) for row in rows]
            live = [(task, place) for task, place in tasks if not is_over(task)]
            if len(live) < len(tasks):
                self._file.run("UPDATE tasks SET live = 0 WHERE account = ? AND live = 1", (found.id,))
                self._file.run_each("UPDATE tasks SET live = 1 WHERE place = ?", [place for _, place in live])
            return [task for task, _ in live]

    def submissions(self, account: str) -> int:
        """Counted as they come."""
        with self._file.lock:
            found = self._known(account)
            return found.submissions if found is not None else 0

    def rate(self, account: str, now_ms: int) -> Rate:
        """A sliding second."""
        with self._file.writing():
            number = self._account(account).id
            self._file.run(sql.FORGET_CALLS, (number, now_ms - _SECOND_MS))
            calls, first_ms = self._file.row(sql.COUNT_CALLS, (number,))
            return Rate(calls, now_ms if first_ms is None else first_ms)

    def count_call(self, account: str, now_ms: int) -> None:
        """One more in this second."""
        with self._file.writing():
            self._file.run(sql.ADD_CALL, (self._account(account).id, now_ms))

    def all_tasks(self, account: str | None) -> list[Task]:
        """Oldest first; without a key their accounts are sealed."""
        with self._file.lock:
            if account is None:
                return [sql.read_sealed(row) for row in self._file.rows(sql.ALL_TASKS)]
            rows = self._file.rows(sql.TASKS_OF_ACCOUNT, (self._id(account),))
            return [sql.read_task(account, row) for row in rows]

    def entries(self, account: str | None, vendor: str | None, limit: int | None) -> list[Entry]:
        """Newest last."""
        most = -1 if limit is None else max(0, limit)
        with self._file.lock:
            if account is None:
                rows = self._file.rows(sql.ENTRIES, (vendor, most))
            else:
                rows = self._file.rows(sql.ENTRIES_OF_ACCOUNT, (vendor, most, self._id(account)))
        return [sql.read_entry(row) for row in reversed(rows)]

    def account_clock(self, account: str) -> Opened:
        """Without taking an ordinal, and without making an account."""
        with self._file.lock:
            found = self._known(account)
            return Opened(found.ordinal, found.offset_ms, found.mode) if found else Opened(0, 0, None)

    def move_account(self, account: str, milliseconds: int) -> None:
        """Added to the account's own offset; what falls due is so much nearer."""
        change = "UPDATE accounts SET offset_ms = offset_ms + ? WHERE id = ?"
        with self._file.writing():
            self._file.run(change, (milliseconds, self._account(account).id))
            self.webhooks.shift(account, milliseconds)

    def set_mode(self, account: str, mode: str | None) -> None:
        """Kept on the account."""
        with self._file.writing():
            self._file.run("UPDATE accounts SET mode = ? WHERE id = ?", (mode, self._account(account).id))

    def _set_clock(self, clocks: int, offset_ms: int) -> None:
        if clocks != self._clocks:
            # Another process has loaded a snapshot.
            self._clocks, *members = self._file.row(sql.GET_CLOCK)
            self._clock = Clock(*members)
        clock = self._clock
        if clock.offset_ms != offset_ms:
            self._clock = Clock(clock.mode, clock.rate, clock.began_wall_ms, clock.began_ms, offset_ms)

    def clock(self) -> Clock:
        """The clock of all; in a call, as it was when the call began."""
        with self._file.lock:
            if self._file.note is None:
                self._set_clock(*self._file.row("SELECT clocks, offset_ms FROM state"))
            return self._clock

    def move_clock(self, seconds: float) -> None:
        """A jump of the clock of all, in all processes."""
        with self._file.writing():
            moved_ms = self._clock.moved(seconds).offset_ms - self._clock.offset_ms
            self._file.run("UPDATE state SET offset_ms = offset_ms + ?", (moved_ms,))

    def reset(self, account: str | None) -> None:
        """Tasks, journal, faults, webhooks, ordinals; clocks stay where they are."""
        with self._file.writing():
            self.faults.drop_all(account)
            if account is None:
                for statement in FORGET:
                    self._file.run(statement)
                return
            number = self._id(account)
            if number is not None:
                self._empty(number)

    def _empty(self, number: int) -> None:
        for statement in sql.EMPTY_ACCOUNT:
            self._file.run(statement, (number,))

    def dump(self, account: str | None) -> Saved:
        """Of all, the accounts are sealed."""
        with self._file.writing():
            number = self._id(account) if account is not None else None
            accounts = [] if account is not None and number is None else saving.dump(self._file, account, number)
            faults, webhooks = self.faults.dump(account), self.webhooks.dump(account)
            return Saved(self.clock(), tuple(accounts), tuple(faults), tuple(webhooks))

    def load(self, saved: Saved, *, replace: bool = True) -> None:
        """One transaction."""
        with self._file.writing():
            saving.load(self._file, saved, self.bounds, replace=replace)
            for account in [None] if saved.clock is not None else [each.account for each in saved.accounts]:
                self.faults.drop_all(account)
            self.faults.load(saved.faults)
            self.webhooks.load(list(saved.webhooks))
            self._set_clock(*self._file.row("SELECT clocks, offset_ms FROM state"))

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()
