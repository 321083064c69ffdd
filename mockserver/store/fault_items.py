"""Faults as JSON, the same for each kind of shelf: what snapshots hold of them.

A rule is its own words with `met` and `played`, how often it has been so far; a mark is `{"vendor", "task_id", "mark",
"polls"}`; a scenario's count is `{"counter", "count"}`. Each has an `account`, which is null for a rule for all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from mockserver.fault_rules import FaultRule, read_kept
from mockserver.store.sealing import account_item, account_of
from specs.pointers import Json

RULE_ID = re.compile(r"fault-[0-9]{1,18}")
"""As many digits as a store in a file can count to."""
_COUNTED = ("met", "played")
_COUNT_MAX = 2**53 - 1


class SavedRule(NamedTuple):
    """A rule, and how often it was met and played."""

    rule: FaultRule
    met: int
    played: int

    def as_json(self) -> dict[str, Json]:
        """The item."""
        return {
            "account": account_item(self.rule.account) if self.rule.account is not None else None,
            **self.rule.as_json(),
            "met": self.met,
            "played": self.played,
        }


class SavedMark(NamedTuple):
    """A task that the next so many polls are played by a kind of fault."""

    account: str
    vendor: str
    task_id: str
    kind: str
    polls: int

    def as_json(self) -> dict[str, Json]:
        """The item."""
        task = {"vendor": self.vendor, "task_id": self.task_id}
        return {"account": account_item(self.account), **task, "mark": self.kind, "polls": self.polls}


class SavedCount(NamedTuple):
    """How often a rule of the scenario was met or played for an account."""

    account: str
    counter: str
    number: int

    def as_json(self) -> dict[str, Json]:
        """The item."""
        return {"account": account_item(self.account), "counter": self.counter, "count": self.number}


SavedFault: TypeAlias = SavedRule | SavedMark | SavedCount


def read_fault_item(item: Mapping[str, Json]) -> SavedFault:
    """What an item stands for; ValueError for one that stands for nothing."""
    account = account_of(item["account"]) if item.get("account") is not None else None
    if "fault" in item:
        return _read_rule(item, account)
    if account is None:
        message = "only a rule can be for all accounts"
        raise ValueError(message)
    if "mark" in item:
        vendor, task_id, kind = (_text(item, name) for name in ("vendor", "task_id", "mark"))
        return SavedMark(account, vendor, task_id, kind, _count(item, "polls"))
    return SavedCount(account, _text(item, "counter"), _count(item, "count"))


def _read_rule(item: Mapping[str, Json], account: str | None) -> SavedRule:
    rule_id = _text(item, "id")
    if not RULE_ID.fullmatch(rule_id):
        message = f"id must be like fault-1, not {rule_id[:40]!r}"
        raise ValueError(message)
    said = {name: value for name, value in item.items() if name not in ("account", *_COUNTED)}
    names = {name: _text(said, name) for name in ("vendor", "operation") if said.get(name) is not None}
    rule = read_kept({"vendor": None, "operation": "*", **said, **names}, account)
    met, played = (_count(item, name) if name in item else 0 for name in _COUNTED)
    return SavedRule(rule._replace(id=rule_id), met, played)


def _text(item: Mapping[str, Json], name: str) -> str:
    value = item.get(name)
    if isinstance(value, str) and value:
        return value
    message = f"{name} must be a text"
    raise ValueError(message)


def _count(item: Mapping[str, Json], name: str) -> int:
    value = item.get(name)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _COUNT_MAX:
        return value
    message = f"{name} must be a whole number, 0 or more"
    raise ValueError(message)
