"""The part of every store that remembers faults: one body of facts, put to each of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeAlias

import pytest

from mockserver.fault_rules import FaultRule
from mockserver.faults import read_fault
from mockserver.messages import Entry
from mockserver.store import Store, StoreFullError, fault_shelf
from mockserver.store.saved import Saved, SavedAccount

Caller: TypeAlias = Callable[..., Entry]
Opener: TypeAlias = Callable[..., Store]

RULE = FaultRule(fault=read_fault({"status": 503}), times=3, after=1)


def loaded(*names: str) -> list[str]:
    """Those of the stores' modules that a store has needed so far: some need a package of their own."""
    return [name for name in (f"mockserver.store.{each}" for each in names) if name in sys.modules]


def has_faults(store: Store) -> bool:
    """What a call is told as it begins."""
    opened = store.open_call("key-one")
    store.abort_call()
    return opened.has_faults


def test_rules_come_back_oldest_first_under_new_ids(store: Store) -> None:
    """Those for all and those of the account; no id is given twice."""
    shelf = store.faults
    for_all, mine, theirs = (shelf.add(RULE._replace(account=each)) for each in (None, "key-one", "key-two"))

    assert [rule.id for rule in shelf.rules("key-one")] == [for_all, mine]
    assert [rule.id for rule in shelf.rules(None)] == [for_all, mine, theirs]
    assert shelf.rules("key-one")[0] == RULE._replace(id=for_all)
    assert shelf.rules("key-one")[1].account == "key-one"
    assert shelf.drop(theirs)
    assert not shelf.drop(theirs)
    assert not shelf.drop("fault-x")
    assert shelf.add(RULE) not in (for_all, mine, theirs)


def test_a_call_is_told_whether_there_are_any(store: Store) -> None:
    """Rules and marks count, and nothing else."""
    assert not has_faults(store)
    rule = store.faults.add(RULE)
    assert has_faults(store)
    store.faults.drop(rule)
    assert not has_faults(store)
    store.faults.mark("key-one", "vendor", "task-1", "kind", 1)
    assert has_faults(store)
    assert store.faults.take_mark("key-one", "vendor", "task-1", "kind")
    assert not has_faults(store)


def test_counters_count_each_account_by_itself(store: Store) -> None:
    """From 1; a dropped rule takes its counters along."""
    shelf = store.faults
    rule = shelf.add(RULE)
    assert [shelf.count(f"met {rule}", "") for _ in range(3)] == [1, 2, 3]
    assert shelf.count(f"met {rule}", "key-one") == 1
    assert shelf.count(f"played {rule}", "") == 1
    shelf.drop(rule)
    assert shelf.count(f"met {rule}", "") == 1


def test_a_mark_is_used_up(store: Store) -> None:
    """So many polls of that task, and of no other; a new mark of its kind replaces the old one."""
    shelf = store.faults
    shelf.mark("key-one", "vendor", "task-1", "kind", 5)
    shelf.mark("key-one", "vendor", "task-1", "kind", 2)

    assert not shelf.take_mark("key-one", "vendor", "task-2", "kind")
    assert not shelf.take_mark("key-one", "vendor", "task-1", "other")
    assert [shelf.take_mark("key-one", "vendor", "task-1", "kind") for _ in range(3)] == [True, True, False]


def test_a_reset_forgets_faults(store: Store) -> None:
    """An account's rules, counters and marks; those for all stay until all is reset."""
    shelf = store.faults
    for_all = shelf.add(RULE)
    shelf.add(RULE._replace(account="key-one"))
    shelf.mark("key-one", "vendor", "task-1", "kind", 1)
    shelf.count("met scenario-1", "key-one")
    shelf.count("met scenario-1", "key-two")
    store.reset("key-one")

    assert [rule.id for rule in shelf.rules(None)] == [for_all]
    assert not shelf.take_mark("key-one", "vendor", "task-1", "kind")
    assert (shelf.count("met scenario-1", "key-one"), shelf.count("met scenario-1", "key-two")) == (1, 2)
    store.reset(None)
    assert shelf.rules(None) == []
    assert not has_faults(store)


def test_rules_and_marks_are_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """One rule too many is refused; one mark too many lets the oldest go."""
    for module in loaded("memory_faults", "sqlite_faults", "redis_faults"):
        monkeypatch.setattr(f"{module}.RULES_MAX", 2)
        monkeypatch.setattr(f"{module}.MARKS_MAX", 2)
    for _ in range(2):
        store.faults.add(RULE)
    with pytest.raises(StoreFullError, match=str(fault_shelf.RULES_MAX)):
        store.faults.add(RULE)
    for number in range(3):
        store.faults.mark("key-one", "vendor", f"task-{number}", "kind", 1)

    assert [store.faults.take_mark("key-one", "vendor", f"task-{number}", "kind") for number in range(3)] == [
        False,
        True,
        True,
    ]


def test_what_a_call_counted_is_undone_with_it_where_it_can_be(store: Store) -> None:
    """A rule that was added before outlives a call that went wrong."""
    rule = store.faults.add(RULE)
    store.open_call("key-one")
    store.abort_call()

    assert [each.id for each in store.faults.rules(None)] == [rule]


def test_faults_go_with_what_they_are_about(open_one: Opener, open_other: Opener, call: Caller) -> None:
    """Rules under their ids, with how often they were met and played; marks; a scenario's counters."""
    first, second = open_one(), open_other()
    call(first, "key-one")
    for account in (None, "key-one", "key-two"):
        first.faults.add(RULE._replace(account=account))
    first.faults.drop("fault-2")
    mine = first.faults.add(RULE._replace(account="key-one"))
    for counter, account in ((f"met {mine}", ""), (f"met {mine}", ""), ("met scenario-1", "key-one")):
        first.faults.count(counter, account)
    first.faults.mark("key-one", "vendor", "task-1", "kind", 2)
    second.faults.add(RULE)
    saved = first.dump(None)
    second.load(saved)

    assert second.dump(None).faults == saved.faults
    assert [rule.id for rule in second.faults.rules("key-one")] == ["fault-1", mine]
    assert second.faults.rules("key-one")[1].account == "key-one"
    assert second.faults.count(f"met {mine}", "") == 3
    assert second.faults.count("met scenario-1", "key-one") == 2
    assert [second.faults.take_mark("key-one", "vendor", "task-1", "kind") for _ in range(3)] == [True, True, False]
    assert second.faults.add(RULE) == "fault-5"


def test_faults_of_one_account_go_beside_those_of_others(store: Store) -> None:
    """What it had is forgotten; a rule whose id is another's gets a new one, and its counts go with it."""
    kept = store.faults.add(RULE)
    rule = store.faults.add(RULE._replace(account="key-one"))
    store.faults.count(f"played {rule}", "")
    store.faults.mark("key-one", "vendor", "task-1", "kind", 1)
    copied = Saved(None, (SavedAccount(account="key-one"),), store.dump("key-one").faults)
    store.faults.mark("key-one", "vendor", "task-2", "kind", 1)
    store.load(copied)
    store.load(copied.of_one(copied.accounts[0], "key-two"))

    assert [each.id for each in store.faults.rules("key-one")] == [kept, rule]
    assert [store.faults.take_mark("key-one", "vendor", f"task-{n}", "kind") for n in (1, 2)] == [True, False]
    assert store.faults.take_mark("key-two", "vendor", "task-1", "kind")
    (_, new) = (each.id for each in store.faults.rules("key-two"))
    assert new not in (kept, rule)
    assert [store.faults.count(f"played {each}", "") for each in (rule, new)] == [2, 2]


def test_too_many_faults_are_not_loaded(open_one: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was there is there."""
    store = open_one()
    for _ in range(2):
        store.faults.add(RULE)
    saved = store.dump(None)
    for module in loaded("memory_faults", "sqlite_faults", "redis_saving"):
        monkeypatch.setattr(f"{module}.RULES_MAX", 1)
    with pytest.raises(StoreFullError):
        store.load(saved)

    assert store.dump(None) == saved
