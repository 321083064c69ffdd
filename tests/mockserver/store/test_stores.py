"""What every store does: one body of facts, put to each of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest

from mockserver.messages import Entry
from mockserver.store import ExternalIdTakenError, Opened, Rate, Store
from mockserver.tasks import Task

TaskMaker: TypeAlias = Callable[..., Task]
EntryMaker: TypeAlias = Callable[..., Entry]
Caller: TypeAlias = Callable[..., Entry]


def never(_task: Task) -> bool:
    """For tasks that make no room."""
    return False


def test_ordinals_count_the_calls_of_an_account(store: Store, call: Caller) -> None:
    """The first call is 1, and another account's calls don't count."""
    call(store, "key-one")
    call(store, "key-two")
    call(store, "key-one")

    assert store.open_call("key-one") == Opened(3, 0, None)


def test_task_comes_back_as_it_was(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """Every member, bytes and odd characters too."""
    task = make_task(request=b"\x00\xff{", failure="reason with ' and \0 and ☃", external="ex☃", end_ms=None)
    call(store, "key-one", task)

    assert store.find_task("key-one", "vendor", task.id) == task


def test_task_of_another_account_does_not_exist(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """Neither by id, nor by the client's id, nor in a list, whether or not that account ever called."""
    call(store, "key-one", make_task(id="t", external="ex"))
    call(store, "key-two")

    for stranger in ("key-two", "key-three"):
        assert store.find_task(stranger, "vendor", "t") is None
        assert store.find_external(stranger, "vendor", "ex") is None
        assert store.list_tasks(stranger, "vendor", None, 0, 10) == []
        assert store.all_tasks(stranger) == []


def test_task_of_another_vendor_does_not_exist(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """The same key at two vendors is two customers, whose ids may meet."""
    first, second = make_task(id="t", external="ex"), make_task(id="t", external="ex", vendor="other")
    call(store, "key-one", first, second)

    assert store.find_task("key-one", "other", "t") == second
    assert store.find_external("key-one", "vendor", "ex") == first
    assert store.find_anywhere("third", "t") is None


def test_clients_id_finds_the_task(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """A task without one is not found by it."""
    task = make_task(external="ex")
    call(store, "key-one", make_task(), task)

    assert store.find_external("key-one", "vendor", "ex") == task
    assert store.find_external("key-one", "vendor", "") is None


def test_clients_id_is_taken_once_in_an_account(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """The second task with it isn't added, and doesn't count as a submission; another account is free to."""
    call(store, "key-one", make_task(external="ex"))
    with pytest.raises(ExternalIdTakenError):
        store.add_task(make_task(id="second", external="ex"), never)
    call(store, "key-two", make_task("key-two", external="ex"))

    assert store.find_anywhere("vendor", "second") is None
    assert store.submissions("key-one") == 1


def test_task_is_found_without_its_key(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """What the task then says of its account opens that account's clock, and its tasks."""
    task = make_task(id="t")
    call(store, "key-one", task)
    store.move_account("key-one", 5)
    found = store.find_anywhere("vendor", "t")

    assert found is not None
    assert replace(found, account="key-one") == task
    for account in (found.account, store.all_tasks(None)[0].account):
        store.move_account(account, 2)
        assert store.find_task(account, "vendor", "t") is not None
        assert [each.id for each in store.all_tasks(account)] == ["t"]
    assert store.account_clock("key-one").offset_ms == 9


def test_list_is_newest_first_by_pages(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """Of one vendor, of one kind or of all; `skip` counts only those."""
    for kind in ("thing", "other", "thing", "thing"):
        call(store, "key-one", make_task(kind=kind), make_task(vendor="other"))

    def ids(kind: str | None, skip: int, count: int) -> list[str]:
        return [task.id for task in store.list_tasks("key-one", "vendor", kind, skip, count)]

    assert ids("thing", 0, 2) == ["task-7", "task-5"]
    assert ids("thing", 2, 2) == ["task-1"]
    assert ids(None, 1, 2) == ["task-5", "task-3"]
    assert ids("thing", 3, 2) == []


def test_changed_plan_is_remembered_in_the_tasks_old_place(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """And by whichever way the task is looked for."""
    task = make_task(external="ex")
    call(store, "key-one", task, make_task())
    changed = replace(task, running_ms=1, end_ms=2, failure="moderation", polls=2)
    store.replace_task(changed)

    assert store.find_task("key-one", "vendor", task.id) == changed
    assert store.find_external("key-one", "vendor", "ex") == changed
    assert store.list_tasks("key-one", "vendor", None, 1, 1) == [changed]


def test_change_of_an_unknown_task_changes_nothing(store: Store, make_task: TaskMaker) -> None:
    """A task that was forgotten meanwhile stays forgotten."""
    store.replace_task(make_task())

    assert store.all_tasks(None) == []


def test_polls_are_counted(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """The answer is the task after the poll, and it is remembered."""
    task = make_task(id="t")
    call(store, "key-one", task)
    counted = []
    for _ in range(2):
        found = store.find_task("key-one", "vendor", "t")
        assert found is not None
        counted.append(store.count_poll(found).polls)

    assert counted == [1, 2]
    assert [each.polls for each in store.all_tasks("key-one")] == [2]


def test_unfinished_tasks_are_those_that_are_not_over(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """As time goes on there are fewer; new ones join; one that never ends stays; others' don't count."""
    for end_ms in (10, None, 30):
        call(store, "key-one", make_task(end_ms=end_ms))
    call(store, "key-two", make_task("key-two", end_ms=None))

    def at(now_ms: int) -> list[str]:
        tasks = store.unfinished("key-one", lambda task: task.end_ms is not None and now_ms >= task.end_ms)
        return [task.id for task in tasks]

    assert at(9) == ["task-1", "task-2", "task-3"]
    assert at(10) == ["task-2", "task-3"]
    call(store, "key-one", make_task(end_ms=40))
    assert at(10) == ["task-2", "task-3", "task-5"]
    assert at(40) == ["task-2"]


def test_task_that_is_over_is_not_looked_at_again(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """However many an account has had, only those that weren't over are asked about."""
    for end_ms in (10, None):
        call(store, "key-one", make_task(end_ms=end_ms))
    asked: list[str] = []

    def over(task: Task) -> bool:
        asked.append(task.id)
        return task.end_ms is not None

    store.unfinished("key-one", over)
    store.unfinished("key-one", over)
    assert asked == ["task-1", "task-2", "task-2"]


def test_task_that_is_ended_early_is_not_unfinished(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """The question is put to the plan as it is now."""
    task = make_task(end_ms=None)
    call(store, "key-one", task)

    def over(other: Task) -> bool:
        return other.end_ms is not None

    assert len(store.unfinished("key-one", over)) == 1
    store.replace_task(replace(task, end_ms=5))
    assert store.unfinished("key-one", over) == []


def test_calls_of_the_last_second_are_counted(store: Store) -> None:
    """A call counts for one second to the millisecond; an account of its own."""
    for now_ms in (0, 400, 999):
        store.count_call("key-one", now_ms)

    assert store.rate("key-one", 999) == Rate(3, 0)
    assert store.rate("key-one", 1000) == Rate(2, 400)
    assert store.rate("key-two", 1000) == Rate(0, 1000)
    assert store.rate("key-one", 2000) == Rate(0, 2000)


def test_all_tasks_come_oldest_first(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """Over accounts and vendors, or of one account."""
    for account, vendor in (("key-one", "z"), ("key-two", "a"), ("key-one", "a")):
        call(store, account, make_task(account, vendor=vendor))

    assert [task.id for task in store.all_tasks(None)] == ["task-1", "task-2", "task-3"]
    assert [task.id for task in store.all_tasks("key-one")] == ["task-1", "task-3"]


def test_journal_says_what_was_written(store: Store, call: Caller) -> None:
    """Newest last, each entry as it was given."""
    written = [
        call(store, "key-one"),
        call(store, "key-two", operation=None, task_id=None, violations=(), fault="close"),
        call(store, "key-one", vendor="other"),
    ]

    assert store.entries(None, None, None) == written
    assert store.entries("key-one", None, None) == [written[0], written[2]]
    assert store.entries("key-one", "other", None) == [written[2]]
    assert store.entries(None, "vendor", None) == written[:2]
    assert store.entries("key-three", None, None) == []


@pytest.mark.parametrize(("limit", "kept"), [(0, 0), (1, 1), (2, 2), (9, 3), (-1, 0)])
def test_limit_keeps_the_newest_entries(store: Store, call: Caller, limit: int, kept: int) -> None:
    """Counted after the journal is narrowed to a vendor or an account."""
    written = [call(store), call(store), call(store)]
    call(store, "key-two", vendor="other")

    assert store.entries("key-one", None, limit) == written[3 - kept :]
    assert store.entries(None, "vendor", limit) == written[3 - kept :]


def test_asking_for_a_clock_is_no_call(store: Store, call: Caller) -> None:
    """It takes no ordinal, and it may be asked for an account that never called."""
    call(store, "key-one")

    assert store.account_clock("key-one") == Opened(1, 0, None)
    assert store.account_clock("key-two") == Opened(0, 0, None)
    assert store.open_call("key-one").ordinal == 2


def test_account_has_a_clock_of_its_own(store: Store, call: Caller) -> None:
    """Moves add up; a mode can be given and taken back; other accounts keep theirs."""
    store.move_account("key-one", 1500)
    store.move_account("key-one", 500)
    store.set_mode("key-one", "polls")
    call(store, "key-one")

    assert store.account_clock("key-one") == Opened(1, 2000, "polls")
    assert store.account_clock("key-two") == Opened(0, 0, None)
    assert store.open_call("key-one") == Opened(2, 2000, "polls")
    store.abort_call()
    store.set_mode("key-one", None)
    assert store.account_clock("key-one").mode is None


def test_clock_of_all_moves(store: Store) -> None:
    """To the millisecond, and it is seen by the calls that follow."""
    before = store.clock().now_ms(0)
    store.move_clock(1.2345)
    store.move_clock(30)
    store.open_call("key-one")

    assert store.clock().now_ms(0) - before == 31_234


def test_call_that_went_wrong_has_not_happened(
    store: Store, make_task: TaskMaker, make_entry: EntryMaker, call: Caller
) -> None:
    """Its ordinal, its task, the client's id and the poll that it counted are as before."""
    polled = make_task(id="polled")
    call(store, "key-one", polled)
    store.open_call("key-one")
    store.add_task(make_task(id="t", external="ex"), never)
    store.count_poll(polled)
    store.abort_call()

    assert store.find_anywhere("vendor", "t") is None
    assert [(task.id, task.polls) for task in store.all_tasks("key-one")] == [("polled", 0)]
    assert store.submissions("key-one") == 1
    assert len(store.entries(None, None, None)) == 1
    assert store.open_call("key-one").ordinal == 2
    store.add_task(make_task(external="ex"), never)
    store.close_call("key-one", make_entry())


def test_abort_without_a_call_does_nothing(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """Neither before any call nor after one that ended well."""
    store.abort_call()
    call(store, "key-one", make_task())
    store.abort_call()

    assert store.account_clock("key-one").ordinal == 1
    assert store.submissions("key-one") == 1


def test_reset_of_an_account_leaves_the_others(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """Its ordinals begin anew, its ids are free; its clock stays where it is."""
    for account in ("key-one", "key-two"):
        call(store, account, make_task(account, external="ex"))
        store.move_account(account, 7)
        store.count_call(account, 0)
    store.reset("key-one")
    store.reset("key-three")

    assert store.submissions("key-one") == 0
    assert store.rate("key-one", 0).calls == 0
    assert store.entries("key-one", None, None) == []
    assert store.find_anywhere("vendor", "task-1") is None
    assert store.open_call("key-one") == Opened(1, 7, None)
    store.add_task(make_task(external="ex"), never)
    store.abort_call()
    assert [task.id for task in store.all_tasks(None)] == ["task-2"]
    assert len(store.entries(None, None, None)) == 1
    assert store.rate("key-two", 0).calls == 1
    assert store.account_clock("key-two").ordinal == 1


def test_reset_of_all_begins_anew(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """For every account; the clocks stay where they are, and the store works on."""
    store.move_clock(3)
    now_ms = store.clock().now_ms(0)
    for account in ("key-one", "key-two"):
        call(store, account, make_task(account))
        store.move_account(account, 7)
        store.count_call(account, 0)
    store.unfinished("key-one", never)
    store.reset(None)

    assert store.all_tasks(None) == []
    assert store.entries(None, None, None) == []
    assert store.rate("key-two", 0).calls == 0
    assert store.unfinished("key-one", never) == []
    assert store.clock().now_ms(0) == now_ms
    for account in ("key-one", "key-two"):
        assert store.account_clock(account) == Opened(0, 7, None)
        assert store.submissions(account) == 0
    entry = call(store, "key-one", make_task("key-one", id="new"))
    assert [task.id for task in store.all_tasks(None)] == ["new"]
    assert store.entries(None, None, None) == [entry]


def test_store_may_be_closed_twice(store: Store) -> None:
    """Whoever ends last need not know who ended first."""
    store.close()
    store.close()
