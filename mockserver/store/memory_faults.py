"""The faults of a store of one process."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import count

from mockserver.fault_rules import FaultRule
from mockserver.store.fault_shelf import MARKS_MAX, RULES_MAX, say_rules_full
from mockserver.store.protocol import StoreFullError


class MemoryFaults:
    """Remembers until the process ends."""

    def __init__(self) -> None:
        self.any = False
        self._numbers = count(1)
        self._rules: dict[str, FaultRule] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        # By vendor, task and kind: whose, and how many polls are left.
        self._marks: dict[tuple[str, str, str], tuple[str, int]] = {}

    def add(self, rule: FaultRule) -> str:
        """The next number is its id."""
        if len(self._rules) >= RULES_MAX:
            raise StoreFullError(say_rules_full())
        rule_id = f"fault-{next(self._numbers)}"
        self._rules[rule_id] = replace(rule, id=rule_id)
        self.any = True
        return rule_id

    def rules(self, account: str | None) -> list[FaultRule]:
        """Oldest first."""
        return [rule for rule in self._rules.values() if account is None or rule.account in (None, account)]

    def drop(self, rule_id: str) -> bool:
        """With its counters."""
        known = self._rules.pop(rule_id, None) is not None
        for key in [key for key in self._counts if key[0].partition(" ")[2] == rule_id]:
            del self._counts[key]
        self._look()
        return known

    def drop_all(self, account: str | None) -> None:
        """An account's counters start again, also those of rules for all."""
        for rule in self.rules(None):
            if account is None or rule.account == account:
                self.drop(rule.id)
        self._marks = {key: mark for key, mark in self._marks.items() if account is not None and mark[0] != account}
        for key in [key for key in self._counts if account in (None, key[1])]:
            del self._counts[key]
        self._look()

    def _look(self) -> None:
        self.any = bool(self._rules or self._marks)

    def count(self, counter: str, account: str) -> int:
        """Counted in place."""
        self._counts[counter, account] += 1
        return self._counts[counter, account]

    def mark(self, account: str, vendor: str, task_id: str, kind: str, times: int) -> None:
        """Beyond the bound the oldest mark goes."""
        while len(self._marks) >= MARKS_MAX:
            del self._marks[next(iter(self._marks))]
        self._marks[vendor, task_id, kind] = (account, times)
        self.any = True

    def take_mark(self, vendor: str, task_id: str, kind: str) -> bool:
        """One less."""
        account, left = self._marks.pop((vendor, task_id, kind), ("", 0))
        if left > 1:
            self._marks[vendor, task_id, kind] = (account, left - 1)
        self._look()
        return left > 0
