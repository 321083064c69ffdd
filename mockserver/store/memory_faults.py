"""The faults of a store of one process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from itertools import count

from mockserver.fault_rules import FaultRule
from mockserver.store.fault_items import RULE_ID, SavedCount, SavedFault, SavedMark, SavedRule, read_fault_item
from mockserver.store.fault_shelf import MARKS_MAX, RULES_MAX, say_rules_full
from mockserver.store.protocol import StoreFullError
from mockserver.store.sealing import SealedKey, digest_of
from specs.pointers import Json


class MemoryFaults:
    """Remembers until the process ends. Accounts are known by their digests: one may have been loaded without a key."""

    def __init__(self) -> None:
        self.any = False
        self._numbers = count(1)
        self._rules: dict[str, FaultRule] = {}
        # By counter and digest: for whom, and how often.
        self._counts: Counter[tuple[str, bytes]] = Counter()
        self._counted: dict[bytes, str] = {}
        # By digest, vendor, task and kind: whose, and how many polls are left.
        self._marks: dict[tuple[bytes, str, str, str], tuple[str, int]] = {}

    def add(self, rule: FaultRule) -> str:
        """The next number is its id."""
        if len(self._rules) >= RULES_MAX:
            raise StoreFullError(say_rules_full())
        rule_id = f"fault-{next(self._numbers)}"
        self._rules[rule_id] = rule._replace(id=rule_id)
        self.any = True
        return rule_id

    def rules(self, account: str | None) -> list[FaultRule]:
        """Oldest first; those of the account carry the key that was asked with."""
        if account is None:
            return list(self._rules.values())
        return [_named(rule, account) for rule in self._rules.values() if _is_met(rule, account)]

    def drop(self, rule_id: str) -> bool:
        """With its counters."""
        known = self._rules.pop(rule_id, None) is not None
        for key in [key for key in self._counts if key[0].partition(" ")[2] == rule_id]:
            del self._counts[key]
        self._look()
        return known

    def drop_all(self, account: str | None) -> None:
        """An account's counters start again, also those of rules for all."""
        digest = digest_of(account) if account is not None else None
        for rule in self.rules(None):
            if digest is None or (rule.account is not None and digest_of(rule.account) == digest):
                self.drop(rule.id)
        self._marks = {key: mark for key, mark in self._marks.items() if digest is not None and key[0] != digest}
        for counter in [counter for counter in self._counts if digest in (None, counter[1])]:
            del self._counts[counter]
        self._counted = {key: whose for key, whose in self._counted.items() if digest not in (None, key)}
        self._look()

    def _look(self) -> None:
        self.any = bool(self._rules or self._marks)

    def count(self, counter: str, account: str) -> int:
        """Counted in place."""
        digest = digest_of(account)
        self._counted[digest] = account
        self._counts[counter, digest] += 1
        return self._counts[counter, digest]

    def mark(self, account: str, vendor: str, task_id: str, kind: str, times: int) -> None:
        """Beyond the bound the oldest mark goes."""
        while len(self._marks) >= MARKS_MAX:
            del self._marks[next(iter(self._marks))]
        self._marks[digest_of(account), vendor, task_id, kind] = (account, times)
        self.any = True

    def take_mark(self, account: str, vendor: str, task_id: str, kind: str) -> bool:
        """One less."""
        key = (digest_of(account), vendor, task_id, kind)
        whose, left = self._marks.pop(key, ("", 0))
        if left > 1:
            self._marks[key] = (whose, left - 1)
        self._look()
        return left > 0

    def dump(self, account: str | None) -> list[Json]:
        """Rules, marks, and the counters of a scenario."""
        digest = digest_of(account) if account is not None else None
        rules = [
            SavedRule(rule, *(self._counts[f"{what} {rule.id}", digest_of("")] for what in ("met", "played")))
            for rule in self._rules.values()
            if digest is None or (rule.account is not None and digest_of(rule.account) == digest)
        ]
        marks = [
            SavedMark(whose, vendor, task_id, kind, left)
            for (owner, vendor, task_id, kind), (whose, left) in self._marks.items()
            if digest in (None, owner)
        ]
        counts = [
            SavedCount(self._counted[owner], counter, number)
            for (counter, owner), number in self._counts.items()
            if digest in (None, owner) and not RULE_ID.fullmatch(counter.partition(" ")[2]) and number
        ]
        saved: tuple[SavedFault, ...] = (*rules, *marks, *counts)
        return [each.as_json() for each in saved]

    def check_load(self, items: Iterable[Json], leaving: Collection[str] | None) -> None:
        """StoreFullError when these items are too many beside what stays; None: nothing stays."""
        going = {digest_of(account) for account in leaving or ()}
        owners = [rule.account for rule in self._rules.values() if leaving is not None]
        staying = [owner for owner in owners if owner is None or digest_of(owner) not in going]
        if len(staying) + sum("fault" in item for item in items) > RULES_MAX:
            raise StoreFullError(say_rules_full())

    def load(self, items: Iterable[Json]) -> None:
        """One after the other; a rule keeps its id unless another one has it."""
        for saved in map(read_fault_item, items):
            if isinstance(saved, SavedRule):
                self._load_rule(saved)
            elif isinstance(saved, SavedMark):
                self.mark(saved.account, saved.vendor, saved.task_id, saved.kind, saved.polls)
            else:
                digest = digest_of(saved.account)
                self._counted[digest] = saved.account
                self._counts[saved.counter, digest] = saved.number

    def _load_rule(self, saved: SavedRule) -> None:
        rule_id = saved.rule.id
        if rule_id in self._rules:
            rule_id = self.add(saved.rule)
        else:
            self._rules[rule_id] = saved.rule
            following = max(next(self._numbers), int(rule_id.removeprefix("fault-")) + 1)
            self._numbers = count(following)
        self.any = True
        for what, number in (("met", saved.met), ("played", saved.played)):
            self._counts[f"{what} {rule_id}", digest_of("")] = number


def _is_met(rule: FaultRule, account: str) -> bool:
    return rule.account in (None, account) or (
        isinstance(rule.account, SealedKey) and rule.account.digest == digest_of(account)
    )


def _named(rule: FaultRule, account: str) -> FaultRule:
    return rule._replace(account=account) if isinstance(rule.account, SealedKey) else rule
