"""The part of every store that remembers faults: one body of facts, put to each of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mockserver.fault_rules import FaultRule
from mockserver.faults import read_fault
from mockserver.store import Store, StoreFullError, fault_shelf

RULE = FaultRule(fault=read_fault({"status": 503}), times=3, after=1)


def has_faults(store: Store) -> bool:
    """What a call is told as it begins."""
    opened = store.open_call("key-one")
    store.abort_call()
    return opened.has_faults


def test_rules_come_back_oldest_first_under_new_ids(store: Store) -> None:
    """Those for all and those of the account; no id is given twice."""
    shelf = store.faults
    for_all, mine, theirs = (shelf.add(replace(RULE, account=each)) for each in (None, "key-one", "key-two"))

    assert [rule.id for rule in shelf.rules("key-one")] == [for_all, mine]
    assert [rule.id for rule in shelf.rules(None)] == [for_all, mine, theirs]
    assert shelf.rules("key-one")[0] == replace(RULE, id=for_all)
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
    assert store.faults.take_mark("vendor", "task-1", "kind")
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

    assert not shelf.take_mark("vendor", "task-2", "kind")
    assert not shelf.take_mark("vendor", "task-1", "other")
    assert [shelf.take_mark("vendor", "task-1", "kind") for _ in range(3)] == [True, True, False]


def test_a_reset_forgets_faults(store: Store) -> None:
    """An account's rules, counters and marks; those for all stay until all is reset."""
    shelf = store.faults
    for_all = shelf.add(RULE)
    shelf.add(replace(RULE, account="key-one"))
    shelf.mark("key-one", "vendor", "task-1", "kind", 1)
    shelf.count("met scenario-1", "key-one")
    shelf.count("met scenario-1", "key-two")
    store.reset("key-one")

    assert [rule.id for rule in shelf.rules(None)] == [for_all]
    assert not shelf.take_mark("vendor", "task-1", "kind")
    assert (shelf.count("met scenario-1", "key-one"), shelf.count("met scenario-1", "key-two")) == (1, 2)
    store.reset(None)
    assert shelf.rules(None) == []
    assert not has_faults(store)


def test_rules_and_marks_are_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """One rule too many is refused; one mark too many lets the oldest go."""
    for module in ("memory_faults", "sqlite_faults"):
        monkeypatch.setattr(f"mockserver.store.{module}.RULES_MAX", 2)
        monkeypatch.setattr(f"mockserver.store.{module}.MARKS_MAX", 2)
    for _ in range(2):
        store.faults.add(RULE)
    with pytest.raises(StoreFullError, match=str(fault_shelf.RULES_MAX)):
        store.faults.add(RULE)
    for number in range(3):
        store.faults.mark("key-one", "vendor", f"task-{number}", "kind", 1)

    assert [store.faults.take_mark("vendor", f"task-{number}", "kind") for number in range(3)] == [False, True, True]


def test_what_a_call_counted_is_undone_with_it_where_it_can_be(store: Store) -> None:
    """A rule that was added before outlives a call that went wrong."""
    rule = store.faults.add(RULE)
    store.open_call("key-one")
    store.abort_call()

    assert [each.id for each in store.faults.rules(None)] == [rule]
