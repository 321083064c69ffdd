"""Webhooks to come and deliveries in the store's SQLite file: a claim of one process is seen by all."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, NamedTuple

import orjson

from mockserver.backlog import Backlog, Notice
from mockserver.store.protocol import Bounds
from mockserver.store.sealing import SealedKey
from mockserver.store.sqlite_file import StoreFile
from mockserver.store.webhook_items import backlog_item, delivery_item, read_item
from mockserver.store.webhook_shelf import Attempt, Claim
from specs.pointers import Json

_BACKLOGS = """
    SELECT w.number, w.vendor, w.task_id, w.due_ms, w.waiting, w.told, w.attempt, w.claimed_until_ms, a.label, a.digest
    FROM webhooks w JOIN accounts a ON a.id = w.account
"""
_FIND = _BACKLOGS + "WHERE w.account = ? AND w.vendor = ? AND w.task_id = ?"
# `{}` stands for the vendors that are served, as placeholders.
_FIRST_DUE = (
    _BACKLOGS
    + """
    WHERE w.vendor IN ({}) AND w.due_ms <= ? AND w.claimed_until_ms <= ? AND coalesce(w.account = ?, 1)
    ORDER BY w.due_ms, w.number LIMIT 1
"""
)
_NEXT_DUE = """
    SELECT due_ms FROM webhooks WHERE vendor IN ({}) AND due_ms IS NOT NULL AND claimed_until_ms = 0
    ORDER BY due_ms, number LIMIT 1
"""
_ALL = _BACKLOGS + "WHERE ?1 IS NULL OR w.account = ?1 ORDER BY w.number"
_ADD = """
    INSERT INTO webhooks (account, vendor, task_id, due_ms, waiting, told, attempt) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_CHANGE = "UPDATE webhooks SET due_ms = ?, waiting = ?, told = ?, attempt = ?, claimed_until_ms = ? WHERE number = ?"
_DROP = "DELETE FROM webhooks WHERE number = ?"
_OLDEST = "SELECT number, task_id FROM webhooks ORDER BY number LIMIT 1"
_HAS_DUE = """
    SELECT 1 FROM webhooks WHERE vendor IN ({}) AND due_ms <= ? AND coalesce(account = ?, 1) LIMIT 1
"""
_SHIFT = "UPDATE webhooks SET due_ms = due_ms - ? WHERE account = ?"

_ADD_LINE = "INSERT INTO deliveries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_LINES = """
    SELECT d.*, a.label, a.digest FROM deliveries d JOIN accounts a ON a.id = d.account
    WHERE ?1 IS NULL OR d.account = ?1 ORDER BY d.number
"""
_TRIM = """
    DELETE FROM deliveries WHERE number IN (SELECT number FROM deliveries ORDER BY number DESC LIMIT -1 OFFSET ?)
"""
_TRIM_ACCOUNT = """
    DELETE FROM deliveries WHERE number IN
        (SELECT number FROM deliveries WHERE account = ? ORDER BY number DESC LIMIT -1 OFFSET ?)
"""


class _Queries(NamedTuple):
    first_due: str
    next_due: str
    has_due: str


class SqliteWebhooks:
    """A part of the store: it shares the file, and whatever transaction is begun."""

    is_shared = True

    def __init__(
        self,
        file: StoreFile,
        account_id: Callable[[str], int | None],
        bounds: Bounds,
        on_eviction: Callable[[str], None] | None,
    ) -> None:
        self._file = file
        self._account_id = account_id
        self._bounds = bounds
        self._on_eviction = on_eviction
        self.serve(())

    def serve(self, vendors: Collection[str]) -> None:
        """Another process may serve others."""
        self._vendors = tuple(vendors)
        places = ", ".join("?" * len(self._vendors))
        self._queries = _Queries(*(query.format(places) for query in (_FIRST_DUE, _NEXT_DUE, _HAS_DUE)))

    def add(self, backlog: Backlog) -> None:
        """The oldest goes when there are too many; of an account that is not there, nothing is kept."""
        if backlog.is_empty:
            return
        with self._file.writing():
            account = self._account_id(backlog.account)
            if account is None:
                return
            (held,) = self._file.row("SELECT webhooks FROM state")
            if held >= self._bounds.webhooks:
                self._forget_oldest()
            whose = (account, backlog.vendor, backlog.task_id)
            plan = (backlog.due_ms, _notices(backlog), backlog.told, backlog.attempt)
            self._file.run(_ADD, (*whose, *plan))

    def _forget_oldest(self) -> None:
        number, task_id = self._file.row(_OLDEST)
        if self._on_eviction is not None:
            self._on_eviction(self._bounds.say_webhooks_forgotten(task_id))
        self._file.run(_DROP, (number,))

    def _put(self, before: Backlog, after: Backlog) -> None:
        if after.is_empty:
            self._file.run(_DROP, (before.number,))
        elif after is not before:
            plan = (after.due_ms, _notices(after), after.told, after.attempt, after.claimed_until_ms)
            self._file.run(_CHANGE, (*plan, before.number))

    def _found(self, account: str, vendor: str, task_id: str) -> Backlog | None:
        row = self._file.row(_FIND, (self._account_id(account), vendor, task_id))
        return _read(row) if row is not None else None

    def change(self, account: str, vendor: str, task_id: str, how: Callable[[Backlog], Backlog]) -> bool:
        """Read and written in one transaction."""
        with self._file.writing():
            found = self._found(account, vendor, task_id)
            if found is not None:
                self._put(found, how(found))
        return found is not None

    def settle(self, backlog: Backlog, how: Callable[[Backlog], Backlog], delivery: Attempt | None) -> None:
        """Both in one transaction, unless it is gone."""
        with self._file.writing():
            found = self._found(backlog.account, backlog.vendor, backlog.task_id)
            if found is None or found.number != backlog.number:
                return
            self._put(found, how(found))
            if delivery is not None:
                self._add_line(delivery)

    def _add_line(self, delivery: Attempt) -> None:
        account = self._account_id(delivery.account)
        if account is None:
            return
        self._file.run(_ADD_LINE, (account, *delivery[1:]))
        self._file.run(_TRIM_ACCOUNT, (account, self._bounds.deliveries_per_account))
        self._file.run(_TRIM, (self._bounds.deliveries,))

    def claim(self, claim: Claim) -> Backlog | None:
        """Nobody else claims between the look and the mark; nothing is written where nothing is due."""
        if self._first_due(claim) is None:
            return None
        with self._file.writing():
            found = self._first_due(claim)
            if found is None:
                return None
            taken = found._replace(attempt=found.attempt + 1, claimed_until_ms=claim.until_wall_ms)
            self._put(found, taken)
            return taken

    def _first_due(self, claim: Claim) -> Backlog | None:
        with self._file.lock:
            account = self._account_id(claim.account) if claim.account is not None else None
            if claim.account is not None and account is None:
                return None
            row = self._file.row(self._queries.first_due, (*self._vendors, claim.now_ms, claim.wall_ms, account))
            return _read(row) if row is not None else None

    def next_due_ms(self) -> int | None:
        """Of those that nobody has claimed."""
        with self._file.lock:
            row = self._file.row(self._queries.next_due, self._vendors)
            return int(row[0]) if row is not None else None

    def has_due(self, now_ms: int, account: str | None) -> bool:
        """Claimed or not."""
        with self._file.lock:
            number = self._account_id(account) if account is not None else None
            if account is not None and number is None:
                return False
            return self._file.row(self._queries.has_due, (*self._vendors, now_ms, number)) is not None

    def deliveries(self, account: str | None) -> list[Attempt]:
        """Newest last; without a key their accounts are sealed."""
        with self._file.lock:
            number = self._account_id(account) if account is not None else None
            rows = self._file.rows(_LINES, (number,)) if account is None or number is not None else []
        return [_read_line(row) for row in rows]

    def shift(self, account: str, milliseconds: int) -> None:
        """What is to come is so much nearer."""
        with self._file.writing():
            self._file.run(_SHIFT, (milliseconds, self._account_id(account)))

    def forget(self, account: str | None) -> None:
        """Numbers go on: what is under way now must not be taken for what comes under the same id later."""
        with self._file.writing():
            number = self._account_id(account) if account is not None else None
            for table in ("webhooks", "deliveries"):
                if account is None:
                    self._file.run(f"DELETE FROM {table}")  # noqa: S608 - one of two words
                else:
                    self._file.run(f"DELETE FROM {table} WHERE account = ?", (number,))  # noqa: S608

    def dump(self, account: str | None) -> list[Json]:
        """What is to come, in the order of submission, then the log."""
        with self._file.lock:
            number = self._account_id(account) if account is not None else None
            rows = self._file.rows(_ALL, (number,)) if account is None or number is not None else []
            return [*(backlog_item(_read(row)) for row in rows), *map(delivery_item, self.deliveries(account))]

    def load(self, items: list[Json]) -> None:
        """All or nothing."""
        with self._file.writing():
            for read in map(read_item, items):
                if isinstance(read, Backlog):
                    self.add(read)
                else:
                    self._add_line(read)


def _notices(backlog: Backlog) -> bytes:
    return orjson.dumps([list(notice) for notice in backlog.waiting])


def _read(row: tuple[Any, ...]) -> Backlog:
    number, vendor, task_id, due_ms, waiting, told, attempt, claimed_until_ms, *sealed = row
    notices = tuple(Notice(*notice) for notice in orjson.loads(waiting))
    return Backlog(SealedKey(*sealed), vendor, task_id, due_ms, notices, told, attempt, number, claimed_until_ms)


def _read_line(row: tuple[Any, ...]) -> Attempt:
    _, _, *told, valid, error, fault, label, digest = row
    is_valid = bool(valid) if valid is not None else None
    return Attempt._make((SealedKey(label, digest), *told, is_valid, error, fault))
