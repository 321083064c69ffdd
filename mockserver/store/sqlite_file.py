"""One SQLite file as a store needs it: recognised or refused in words, locked, written in whole transactions.

A writer has the file to itself from `begin` to `commit` or `roll_back`: our lock keeps other threads out,
SQLite's other processes. What was committed survives the death of the process; after a loss of power the last
moments may be missing, the rest is whole.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.store.protocol import StoreError, UnusableStoreError
from mockserver.store.sqlite_layout import APPLICATION, FORGETTABLE, KEPT, VERSION, WEBHOOKS

Values: TypeAlias = Sequence[object]

# How long one writer waits for the others, each of which holds the file for a fraction of a millisecond; and how long
# once it has waited in vain: all calls wait behind the one that does.
_PATIENCE_SECONDS = 10
_IMPATIENCE_SECONDS = 0.2
_CACHE_KIB = 32 * 1024
# Pages in the write-ahead log before they are moved into the file: 32 MiB, since moving them is what costs.
_LOG_PAGES = 8192
_LOG_TRIES = 100
# A number or a text which SQLite has no room for is trouble like any other.
_TROUBLE = (sqlite3.Error, OverflowError, UnicodeEncodeError)


def _unusable(path: Path, why: str, way_out: str) -> UnusableStoreError:
    return UnusableStoreError(f"sqlite:{path} can't be used as a store: {why}; {way_out}")


class StoreFile:
    """The file, its one connection, and the lock that goes with it."""

    def __init__(self, path: Path) -> None:
        _look_at(path)
        self.path = path
        self.lock = threading.RLock()
        # What the writer keeps in mind until the transaction ends; None when there is none.
        self.note: Any = None
        self._begun = False
        self._in_vain = False
        try:
            self._database = sqlite3.connect(
                path, timeout=_PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
            )
        except sqlite3.Error as problem:
            raise _explained(path, problem) from problem
        try:
            self._prepare()
            self._identity = _identity(path)
        except BaseException as problem:
            self._database.close()
            if isinstance(problem, sqlite3.Error):
                raise _explained(path, problem) from problem
            raise

    def _prepare(self) -> None:
        """Nothing is written before the file is known to be ours."""
        # One look, so that a file that another process is just laying out is seen before or after.
        self._database.execute("BEGIN")
        self._recognise()
        self._database.execute("COMMIT")
        self._start_log()
        for setting in (
            "synchronous = NORMAL",
            f"cache_size = -{_CACHE_KIB}",
            f"wal_autocheckpoint = {_LOG_PAGES}",
        ):
            self._database.execute(f"PRAGMA {setting}")
        self._database.execute("BEGIN IMMEDIATE")
        self._recognise()
        if not self._pragma("user_version"):
            for statement in (*KEPT, *FORGETTABLE, *WEBHOOKS, f"PRAGMA application_id = {APPLICATION}"):
                self._database.execute(statement)
        # Written even where it stands already: in a file that can't be written it fails here, not in a call.
        self._database.execute(f"PRAGMA user_version = {VERSION}")
        self._database.execute("COMMIT")

    def _pragma(self, name: str) -> Any:
        return self._database.execute(f"PRAGMA {name}").fetchone()[0]

    def _recognise(self) -> None:
        application, version = self._pragma("application_id"), self._pragma("user_version")
        if application == APPLICATION and version != VERSION:
            why = f"it has layout {version}, and this version of understudy reads layout {VERSION}"
            raise _unusable(self.path, why, "name another file, or delete this one to begin anew")
        if application != APPLICATION and self._pragma("schema_version"):
            raise _unusable(self.path, "it is a database of something else", "name another file")

    def _start_log(self) -> None:
        """Turns to a write-ahead log; of several that open a new file at once, one does it."""
        for _ in range(_LOG_TRIES):
            with suppress(sqlite3.OperationalError):
                if self._pragma("journal_mode = WAL") == "wal":
                    return
            # SQLite doesn't wait for this change, but it does wait for a transaction.
            self._database.execute("BEGIN IMMEDIATE")
            self._database.execute("ROLLBACK")
        why = "SQLite can't keep a write-ahead log there, as on most network drives"
        raise _unusable(self.path, why, "name a file on a local disk")

    def _trouble(self, problem: Exception) -> StoreError:
        return StoreError(f"the store sqlite:{self.path} can't do it now: {problem}")

    def run(self, statement: str, values: Values = ()) -> None:
        """Runs a statement that answers nothing."""
        try:
            self._database.execute(statement, values)
        except _TROUBLE as problem:
            raise self._trouble(problem) from problem

    def run_each(self, statement: str, values: Sequence[Values]) -> None:
        """Runs a statement once for each row of values."""
        try:
            self._database.executemany(statement, values)
        except _TROUBLE as problem:
            raise self._trouble(problem) from problem

    def row(self, query: str, values: Values = ()) -> Any:
        """The first row, a tuple, or None."""
        self._find()
        try:
            return self._database.execute(query, values).fetchone()
        except _TROUBLE as problem:
            raise self._trouble(problem) from problem

    def rows(self, query: str, values: Values = ()) -> list[Any]:
        """All rows."""
        self._find()
        try:
            return self._database.execute(query, values).fetchall()
        except _TROUBLE as problem:
            raise self._trouble(problem) from problem

    def _find(self) -> None:
        """The file must be where it was: what is written to one that nobody finds again is lost with the process."""
        if not self._begun and _identity(self.path) != self._identity:
            problem = "the file is not in its place any more; put it back, or start the server again"
            raise self._trouble(FileNotFoundError(problem))

    def begin(self) -> None:
        """Waits for the other writers, then keeps them out."""
        self.lock.acquire()
        try:
            self._find()
            self._wait_and_begin()
        except BaseException:
            self.lock.release()
            raise
        self._begun = True

    def _wait_and_begin(self) -> None:
        try:
            self.run("BEGIN IMMEDIATE")
        except StoreError:
            if not self._in_vain:
                self._be_patient(_IMPATIENCE_SECONDS)
            self._in_vain = True
            raise
        if self._in_vain:
            self._be_patient(_PATIENCE_SECONDS)
            self._in_vain = False

    def _be_patient(self, seconds: float) -> None:
        # A store that is closed, or whose disk fails, has other troubles.
        with suppress(StoreError):
            self.run(f"PRAGMA busy_timeout = {round(seconds * 1000)}")

    def commit(self) -> None:
        """Makes all since `begin` lasting and visible; when it can't, `roll_back` must follow."""
        self.run("COMMIT")
        self._end()

    def _end(self) -> None:
        self.note, self._begun = None, False
        self.lock.release()

    def roll_back(self) -> None:
        """Makes all since `begin` undone; does nothing unless this thread has begun."""
        if not self.lock.acquire(blocking=False):
            return
        try:
            if self._begun:
                self._end()
                # Some failures have rolled back already.
                if self._database.in_transaction:
                    self.run("ROLLBACK")
        finally:
            self.lock.release()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A whole transaction, or a part of the one that this thread has begun."""
        with self.lock:
            if self._begun:
                yield
                return
            self.begin()
            try:
                yield
                self.commit()
            except BaseException:
                self.roll_back()
                raise

    def close(self) -> None:
        """Lets go of the file; what was begun is undone."""
        self.roll_back()
        with self.lock:
            self._database.close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Tells the file from any other that may come into its place; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _look_at(path: Path) -> None:
    """Says what SQLite would only call unable to open."""
    with suppress(OSError):
        if path.is_dir():
            raise _unusable(path, "it is a folder", "name a file in it, such as sqlite:" + str(path / "store.db"))
        if path.exists() and not path.is_file():
            raise _unusable(path, "it is a device or a pipe", "name a file")
        if not path.parent.is_dir():
            raise _unusable(path, f"there is no folder {path.parent}", "make it, or name another file")


def _explained(path: Path, problem: sqlite3.Error) -> UnusableStoreError:
    text = str(problem)
    if "not a database" in text:
        return _unusable(path, "the file is there and is no SQLite database", "name another file")
    if "readonly" in text or "unable to open" in text:
        return _unusable(path, "it can't be written", "name a file in a folder that you may write to")
    return _unusable(path, text, "name another file")
