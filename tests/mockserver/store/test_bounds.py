"""How much a store holds, and what it forgets first: the same bounds for each kind."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from mockserver.messages import Entry
from mockserver.store import Bounds, MemoryStore, StoreFullError
from mockserver.store.protocol import Store
from mockserver.tasks import Task

TaskMaker: TypeAlias = Callable[..., Task]
Caller: TypeAlias = Callable[..., Entry]
Opener: TypeAlias = Callable[..., Store]

NOW_MS = 2000


def is_over(task: Task) -> bool:
    """At an instant at which the ordinary task has ended."""
    return task.end_ms is not None and task.end_ms <= NOW_MS


def ids(store: Store) -> list[str]:
    """What is held."""
    return sorted(task.id for task in store.all_tasks(None))


def test_oldest_finished_task_is_forgotten_first(open_one: Opener, make_task: TaskMaker) -> None:
    """Older ones that aren't over are passed over, and the log hears of it."""
    said: list[str] = []
    store = open_one(bounds=Bounds(tasks=3), say=said.append)
    for end_ms in (None, NOW_MS, NOW_MS):
        store.add_task(make_task(end_ms=end_ms), is_over)
    assert said == []
    store.add_task(make_task(end_ms=None), is_over)

    assert ids(store) == ["task-1", "task-3", "task-4"]
    assert said == ["more than 3 tasks: the oldest finished one, task-2, is forgotten"]


def test_task_that_may_go_comes_with_its_account(open_one: Opener, make_task: TaskMaker) -> None:
    """Whether it is over is a question of that account's own clock."""
    store = open_one(bounds=Bounds(tasks=1))
    store.move_account("key-one", 5)
    store.add_task(make_task("key-one"), is_over)
    asked = []

    def over(task: Task) -> bool:
        asked.append(store.account_clock(task.account).offset_ms)
        return True

    store.add_task(make_task("key-two"), over)
    assert asked == [5]


def test_forgotten_task_is_gone_whichever_way_it_is_sought(open_one: Opener, make_task: TaskMaker) -> None:
    """The client's id is free again; that it was submitted still counts."""
    store = open_one(bounds=Bounds(tasks=1))
    store.add_task(make_task(external="ex"), is_over)
    store.unfinished("key-one", lambda _: False)
    store.add_task(make_task("key-two", external="ex"), is_over)

    assert store.find_anywhere("vendor", "task-1") is None
    assert store.find_external("key-one", "vendor", "ex") is None
    assert store.list_tasks("key-one", "vendor", None, 0, 9) == []
    assert store.submissions("key-one") == 1


def test_full_store_refuses_and_is_as_before(open_one: Opener, make_task: TaskMaker) -> None:
    """When nothing is over nothing is forgotten; the client's id of the refused task is free."""
    store = open_one(bounds=Bounds(tasks=2))
    for _ in range(2):
        store.add_task(make_task(end_ms=None), is_over)
    with pytest.raises(StoreFullError, match="2 tasks are held and none of the oldest is over; reset, or"):
        store.add_task(make_task(external="ex"), is_over)

    assert ids(store) == ["task-1", "task-2"]
    assert store.find_external("key-one", "vendor", "ex") is None
    assert store.submissions("key-one") == 2
    store.reset(None)
    store.add_task(make_task(external="ex"), is_over)


def test_many_unfinished_tasks_do_not_hide_the_finished_one(open_one: Opener, make_task: TaskMaker) -> None:
    """A search that gave up is gone on with by the next one."""
    store = open_one(bounds=Bounds(tasks=1501))
    for _ in range(1500):
        store.add_task(make_task(end_ms=None), is_over)
    store.add_task(make_task(id="finished"), is_over)
    with pytest.raises(StoreFullError):
        store.add_task(make_task(), is_over)
    store.add_task(make_task(id="next"), is_over)

    assert store.find_anywhere("vendor", "finished") is None
    assert len(store.all_tasks(None)) == 1501


def test_journal_of_an_account_keeps_the_newest(open_one: Opener, call: Caller) -> None:
    """What another account did is kept beside it."""
    store = open_one(bounds=Bounds(entries_per_account=2))
    other = call(store, "key-two")
    written = [call(store, "key-one") for _ in range(4)]

    assert store.entries("key-one", None, None) == written[2:]
    assert store.entries(None, None, None) == [other, *written[2:]]


def test_journal_of_all_keeps_the_newest(open_one: Opener, call: Caller) -> None:
    """Of many accounts with little each."""
    store = open_one(bounds=Bounds(entries=3))
    written = [call(store, f"key-{number % 2}") for number in range(7)]

    assert store.entries(None, None, None) == written[4:]
    assert store.entries("key-1", None, None) == [written[5]]


def test_journal_is_bounded_after_resets_too(open_one: Opener, call: Caller) -> None:
    """What a reset has forgotten makes room, and isn't counted any more."""
    store = open_one(bounds=Bounds(entries=3, entries_per_account=2))
    for _ in range(3):
        call(store, "key-one")
        call(store, "key-two")
        store.reset("key-one")
    written = [call(store, "key-one") for _ in range(5)]

    assert store.entries("key-one", None, None) == written[3:]
    assert len(store.entries(None, None, None)) == 3


def test_account_with_least_to_lose_makes_room(open_one: Opener, make_task: TaskMaker, call: Caller) -> None:
    """The oldest of those with the fewest tasks goes, journal and clock and all, and the log hears of it."""
    said: list[str] = []
    store = open_one(bounds=Bounds(accounts=3), say=said.append)
    call(store, "key-one", make_task("key-one"))
    call(store, "key-two")
    kept = call(store, "key-three")
    store.move_account("key-two", 5)
    call(store, "key-four")

    assert said == ["more than 3 accounts: the tasks and journal of the oldest one are forgotten"]
    assert store.entries("key-two", None, None) == []
    assert store.account_clock("key-two").offset_ms == 0
    assert store.entries("key-three", None, None) == [kept]
    assert ids(store) == ["task-1"]


def test_tasks_of_a_forgotten_account_are_gone(open_one: Opener, make_task: TaskMaker, call: Caller) -> None:
    """And don't count towards the bound on tasks."""
    store = open_one(bounds=Bounds(accounts=1, tasks=1))
    call(store, "key-one", make_task("key-one", end_ms=None))
    call(store, "key-two", make_task("key-two", end_ms=None))

    assert ids(store) == ["task-2"]
    assert len(store.entries(None, None, None)) == 1


def test_resets_leave_nothing_in_the_memory(
    opened: Callable[..., MemoryStore], call: Caller, make_task: TaskMaker
) -> None:
    """An account for each test, reset when the test ends, while one task is kept for good."""
    store = opened("memory")
    call(store, "kept", make_task("kept"))
    for number in range(1200):
        call(store, f"key-{number}", make_task(f"key-{number}"))
        store.reset(f"key-{number}")

    assert len(store._order) == 1
    assert len(store._arrivals) == 1
