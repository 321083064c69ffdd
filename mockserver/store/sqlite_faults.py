"""The faults of a store in a file: rules, counters and marks, for every process that opens it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from mockserver.fault_rules import FaultRule, read_kept
from mockserver.store.fault_items import RULE_ID, SavedCount, SavedFault, SavedMark, SavedRule, read_fault_item
from mockserver.store.fault_shelf import MARKS_MAX, RULES_MAX, say_rules_full
from mockserver.store.protocol import StoreFullError
from mockserver.store.sealing import SealedKey, digest_of, label_of
from mockserver.store.sqlite_file import StoreFile
from specs.pointers import Json

_RULES = """
    SELECT number, digest, label, said FROM fault_rules
    WHERE ?1 IS NULL OR digest IS NULL OR digest = ?1 ORDER BY number
"""
_OLDEST_MARK = "DELETE FROM fault_marks WHERE number = (SELECT min(number) FROM fault_marks)"
_COUNT = """
    INSERT INTO fault_counts (counter, rule, digest, count) VALUES (?, ?, ?, 1)
    ON CONFLICT (counter, digest) DO UPDATE SET count = count + 1
"""
_COUNTED = "SELECT count FROM fault_counts WHERE counter = ? AND digest = ?"
_MARK = """
    INSERT INTO fault_marks (digest, label, vendor, task, kind, times) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (digest, vendor, task, kind) DO UPDATE SET times = excluded.times
"""
_MARKED = "SELECT times FROM fault_marks WHERE digest = ? AND vendor = ? AND task = ? AND kind = ?"
_ONE_LESS = "UPDATE fault_marks SET times = times - 1 WHERE digest = ? AND vendor = ? AND task = ? AND kind = ?"
_UNMARK = "DELETE FROM fault_marks WHERE digest = ? AND vendor = ? AND task = ? AND kind = ? AND times <= 0"

_DUMP_RULES = """
    SELECT r.number, r.digest, r.label, r.said, coalesce(m.count, 0), coalesce(p.count, 0) FROM fault_rules r
    LEFT JOIN fault_counts m ON m.counter = 'met fault-' || r.number AND m.digest = ?2
    LEFT JOIN fault_counts p ON p.counter = 'played fault-' || r.number AND p.digest = ?2
    WHERE ?1 IS NULL OR r.digest = ?1 ORDER BY r.number
"""
_DUMP_MARKS = """
    SELECT label, digest, vendor, task, kind, times FROM fault_marks WHERE ?1 IS NULL OR digest = ?1 ORDER BY number
"""
_DUMP_COUNTS = """
    SELECT coalesce(a.label, ''), c.digest, c.counter, c.count FROM fault_counts c
    LEFT JOIN accounts a ON a.digest = c.digest
    WHERE (?1 IS NULL OR c.digest = ?1) AND c.rule NOT GLOB 'fault-[0-9]*'
"""
_LOAD_RULE = "INSERT INTO fault_rules (number, digest, label, said) VALUES (?, ?, ?, ?)"
_LOAD_COUNT = "INSERT OR REPLACE INTO fault_counts (counter, rule, digest, count) VALUES (?, ?, ?, ?)"
_HAS_RULE = "SELECT 1 FROM fault_rules WHERE number = ?"

_FORGET = (
    "DELETE FROM fault_rules WHERE ?1 IS NULL OR digest = ?1",
    "DELETE FROM fault_counts WHERE ?1 IS NULL OR digest = ?1",
    "DELETE FROM fault_marks WHERE ?1 IS NULL OR digest = ?1",
)


def _number(rule_id: str) -> int:
    text = rule_id.removeprefix("fault-")
    return int(text) if RULE_ID.fullmatch(rule_id) else 0


def _whose(account: str | None) -> tuple[bytes | None, str | None]:
    return (None, None) if account is None else (digest_of(account), label_of(account))


class SqliteFaults:
    """Remembers in the store's file."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, rule: FaultRule) -> str:
        """One more row; its number is the id."""
        said = rule.as_json()
        with self._file.writing():
            (held,) = self._file.row("SELECT count(*) FROM fault_rules")
            if held >= RULES_MAX:
                raise StoreFullError(say_rules_full())
            values = (*_whose(rule.account), orjson.dumps(said).decode())
            self._file.run("INSERT INTO fault_rules (digest, label, said) VALUES (?, ?, ?)", values)
            (number,) = self._file.row("SELECT max(number) FROM fault_rules")
        return f"fault-{number}"

    def rules(self, account: str | None) -> list[FaultRule]:
        """Oldest first; those of an account carry its sealed key, or the key that was asked with."""
        digest = digest_of(account) if account is not None else None
        with self._file.lock:
            rows = self._file.rows(_RULES, (digest,))
        found = []
        for number, whose, label, said in rows:
            owner = None if whose is None else account if account is not None else SealedKey(label, whose)
            found.append(read_kept(orjson.loads(said), owner)._replace(id=f"fault-{number}"))
        return found

    def drop(self, rule_id: str) -> bool:
        """With its counters."""
        number = _number(rule_id)
        with self._file.writing():
            known = self._file.row("SELECT 1 FROM fault_rules WHERE number = ?", (number,)) is not None
            self._file.run("DELETE FROM fault_rules WHERE number = ?", (number,))
            self._file.run("DELETE FROM fault_counts WHERE rule = ?", (rule_id,))
        return known

    def drop_all(self, account: str | None) -> None:
        """An account's counters start again, also those of rules for all."""
        digest = digest_of(account) if account is not None else None
        with self._file.writing():
            for statement in _FORGET:
                self._file.run(statement, (digest,))

    def count(self, counter: str, account: str) -> int:
        """Counted and read in one transaction."""
        digest = digest_of(account)
        with self._file.writing():
            self._file.run(_COUNT, (counter, counter.partition(" ")[2], digest))
            (number,) = self._file.row(_COUNTED, (counter, digest))
        return int(number)

    def mark(self, account: str, vendor: str, task_id: str, kind: str, times: int) -> None:
        """Beyond the bound the oldest mark goes."""
        with self._file.writing():
            (held,) = self._file.row("SELECT count(*) FROM fault_marks")
            if held >= MARKS_MAX:
                self._file.run(_OLDEST_MARK)
            self._file.run(_MARK, (*_whose(account), vendor, task_id, kind, times))

    def take_mark(self, account: str, vendor: str, task_id: str, kind: str) -> bool:
        """One less."""
        what = (digest_of(account), vendor, task_id, kind)
        with self._file.writing():
            if self._file.row(_MARKED, what) is None:
                return False
            self._file.run(_ONE_LESS, what)
            self._file.run(_UNMARK, what)
        return True

    def dump(self, account: str | None) -> list[Json]:
        """Rules, marks, and the counters of a scenario."""
        digest = digest_of(account) if account is not None else None
        with self._file.lock:
            rules = self._file.rows(_DUMP_RULES, (digest, digest_of("")))
            marks = self._file.rows(_DUMP_MARKS, (digest,))
            counts = self._file.rows(_DUMP_COUNTS, (digest,))
        saved: tuple[SavedFault, ...] = (
            *(_saved_rule(*row) for row in rules),
            *(SavedMark(SealedKey(label, whose), *mark) for label, whose, *mark in marks),
            *(SavedCount(SealedKey(label, whose), *counted) for label, whose, *counted in counts),
        )
        return [each.as_json() for each in saved]

    def load(self, items: Iterable[Json]) -> None:
        """All or nothing."""
        with self._file.writing():
            for saved in map(read_fault_item, items):
                if isinstance(saved, SavedRule):
                    self._load_rule(saved)
                elif isinstance(saved, SavedMark):
                    self.mark(saved.account, saved.vendor, saved.task_id, saved.kind, saved.polls)
                else:
                    self._load_count(saved.counter, saved.account, saved.number)

    def _load_rule(self, saved: SavedRule) -> None:
        rule = saved.rule
        (held,) = self._file.row("SELECT count(*) FROM fault_rules")
        if self._file.row(_HAS_RULE, (_number(rule.id),)) is not None or held >= RULES_MAX:
            rule_id = self.add(rule)
        else:
            rule_id = rule.id
            values = (_number(rule_id), *_whose(rule.account), orjson.dumps(rule.as_json()).decode())
            self._file.run(_LOAD_RULE, values)
        for what, number in (("met", saved.met), ("played", saved.played)):
            if number:
                self._load_count(f"{what} {rule_id}", "", number)

    def _load_count(self, counter: str, account: str, number: int) -> None:
        self._file.run(_LOAD_COUNT, (counter, counter.partition(" ")[2], digest_of(account), number))


def _saved_rule(number: int, *row: Any) -> SavedRule:
    digest, label, said, met, played = row
    owner = None if digest is None else SealedKey(label, digest)
    return SavedRule(read_kept(orjson.loads(said), owner)._replace(id=f"fault-{number}"), met, played)
