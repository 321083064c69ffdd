"""A whole store out of its SQLite file and into it; each of the two inside one transaction of the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from operator import itemgetter
from typing import Any, TypeAlias

from mockserver.store import sqlite_rows as sql
from mockserver.store.protocol import Bounds, HeldError
from mockserver.store.saved import Saved, SavedAccount
from mockserver.store.sealing import SealedKey, digest_of, label_of
from mockserver.store.sqlite_file import StoreFile
from mockserver.store.sqlite_layout import FORGET

Added: TypeAlias = list[tuple[sql.Account, SavedAccount]]


def dump(file: StoreFile, account: str | None, number: int | None) -> list[SavedAccount]:
    """Every account, sealed; or one, by the name that the caller has for it and its number in the file."""
    narrowed = " ORDER BY id" if number is None else f" WHERE id = {number}"
    return [_dump_account(file, account, row) for row in file.rows(sql.DUMP_ACCOUNTS + narrowed)]


def _dump_account(file: StoreFile, account: str | None, row: tuple[Any, ...]) -> SavedAccount:
    number, digest, label, ordinal, submissions, offset_ms, mode = row
    name = SealedKey(label, digest) if account is None else account
    tasks = file.rows(sql.TASKS_OF_ACCOUNT, (number,))
    entries = file.rows(sql.DUMP_ENTRIES, (None, -1, number))
    calls = file.rows("SELECT at_ms FROM calls WHERE account = ? ORDER BY at_ms", (number,))
    return SavedAccount(
        account=name,
        ordinal=ordinal,
        submissions=submissions,
        offset_ms=offset_ms,
        mode=mode,
        calls=tuple(at_ms for (at_ms,) in calls),
        tasks=tuple((row[0], sql.read_task(name, row)) for row in tasks),
        entries=tuple((row[0], sql.read_entry(row[1:])) for row in entries),
    )


def load(file: StoreFile, saved: Saved, bounds: Bounds, *, replace: bool) -> None:
    """Forgets what makes room, judges whether the rest has its place, and writes it."""
    _forget(file, saved, replace=replace)
    held, tasks = file.row("SELECT accounts, tasks FROM state")
    bounds.check_load(held + len(saved.accounts), tasks + saved.tasks)
    added = [(_add_account(file, each), each) for each in saved.accounts]
    file.run_each(sql.LOAD_TASK, list(_task_rows(file, added)))
    file.run_each(sql.ADD_ENTRY, list(_entry_rows(added)))
    for account, each in added:
        # Behind the triggers, which have counted what was added.
        file.run(sql.LOAD_ACCOUNT, (each.ordinal, each.submissions, each.offset_ms, each.mode, account.id))
        file.run_each(sql.ADD_CALL, [(account.id, at_ms) for at_ms in each.calls])
        file.run(sql.TRIM_ACCOUNT, (account.id, max(0, len(each.entries) - bounds.entries_per_account)))
    (entries,) = file.row("SELECT entries FROM state")
    file.run(sql.TRIM_ALL, (max(0, entries - bounds.entries),))


def _forget(file: StoreFile, saved: Saved, *, replace: bool) -> None:
    clock = saved.clock
    if clock is not None:
        if not replace:
            _refuse(file.row("SELECT label FROM accounts WHERE ordinal > 0"))
        for statement in (*FORGET, "DELETE FROM accounts"):
            file.run(statement)
        file.run(sql.REPLACE_CLOCK, (clock.mode, clock.rate, clock.began_wall_ms, clock.began_ms, clock.offset_ms))
        return
    for each in saved.accounts:
        row = file.row("SELECT id, label, ordinal FROM accounts WHERE digest = ?", (digest_of(each.account),))
        if row is not None:
            if not replace and row[2]:
                _refuse(row[1:])
            for statement in (*sql.EMPTY_ACCOUNT, "DELETE FROM accounts WHERE id = ?"):
                file.run(statement, row[:1])


def _refuse(row: tuple[Any, ...] | None) -> None:
    if row is not None:
        raise HeldError(row[0])


def _add_account(file: StoreFile, saved: SavedAccount) -> sql.Account:
    digest = digest_of(saved.account)
    file.run(sql.ADD_ACCOUNT, (digest, label_of(saved.account)))
    return sql.Account(*file.row(sql.FIND_ACCOUNT, (digest,)))


def _task_rows(file: StoreFile, added: Added) -> Iterator[tuple[object, ...]]:
    """In the order of their places; numbered in that of their submission, behind all that are there."""
    following = count(file.row("SELECT submitted FROM state")[0])
    placed = [(place, next(following), account, task) for account, each in added for place, task in each.tasks]
    for _, number, account, task in sorted(placed, key=itemgetter(0)):
        yield (number, *sql.write_task(account, task))


def _entry_rows(added: Added) -> Iterator[tuple[object, ...]]:
    placed = [(number, account, entry) for account, each in added for number, entry in each.entries]
    for _, account, entry in sorted(placed, key=itemgetter(0)):
        yield sql.write_entry(account, entry)
