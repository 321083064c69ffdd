"""What comes out of one store goes into another, of whatever kind, and is the same there; or nothing goes in at all."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import pytest

from mockserver.clock import Clock
from mockserver.messages import Entry
from mockserver.store import Bounds, ExternalIdTakenError, Opened, Rate, Store, StoreFullError
from mockserver.store.protocol import HeldError
from mockserver.store.saved import Saved, SavedAccount
from mockserver.store.sealing import SealedKey, seal
from mockserver.tasks import Task

TaskMaker: TypeAlias = Callable[..., Task]
EntryMaker: TypeAlias = Callable[..., Entry]
Caller: TypeAlias = Callable[..., Entry]
Opener: TypeAlias = Callable[..., Store]

CLOCK = Clock("manual", 0, 5_000, 7_000, 3)


def never(_: Task) -> bool:
    """Nothing is over."""
    return False


def sealed(saved: Saved) -> Saved:
    """As it is without keys, with places and instants of the clock left out: what must be the same in every store."""
    return Saved(None, tuple(_ranked(each) for each in saved.accounts))


def _ranked(account: SavedAccount) -> SavedAccount:
    named = account.named(seal(account.account))
    tasks = tuple((rank, task) for rank, (_, task) in enumerate(named.tasks))
    return named._replace(tasks=tasks, entries=tuple((rank, entry) for rank, (_, entry) in enumerate(named.entries)))


def fill(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """Two accounts whose calls lie between each other's, clocks, polls, a rate, and one task in no call."""
    for account in ("key-one", "key-two", "key-one"):
        call(store, account, make_task(account, external=None if account == "key-two" else f"ex-{make_task().id}"))
    store.move_account("key-two", 1500)
    store.set_mode("key-two", "polls")
    store.count_poll(store.all_tasks("key-two")[0])
    for at_ms in (100, 900):
        store.count_call("key-one", at_ms)
    store.add_task(make_task("key-one", end_ms=None, failure="moderation", request=b"\xff{"), never)


def test_what_goes_in_comes_out(open_one: Opener, open_other: Opener, make_task: TaskMaker, call: Caller) -> None:
    """Tasks, journal, ordinals, clocks, rates: each in its order, and the order among accounts too."""
    first, second = open_one(), open_other()
    fill(first, make_task, call)
    call(second, "key-three", make_task("key-three"))
    saved = first.dump(None)
    second.load(saved)

    assert sealed(second.dump(None)) == sealed(saved)
    assert [task.id for task in second.all_tasks(None)] == [task.id for task in first.all_tasks(None)]
    assert second.entries(None, None, None) == first.entries(None, None, None)
    for key in ("key-one", "key-two", "key-three"):
        assert second.account_clock(key) == first.account_clock(key)
        assert second.submissions(key) == first.submissions(key)
        assert second.rate(key, 999) == first.rate(key, 999)
        assert second.all_tasks(key) == first.all_tasks(key)
        assert second.list_tasks(key, "vendor", None, 0, 9) == first.list_tasks(key, "vendor", None, 0, 9)
        assert second.entries(key, None, None) == first.entries(key, None, None)


def test_clock_of_all_comes_along(open_one: Opener, open_other: Opener) -> None:
    """Its mode too; a later move counts from there."""
    other = open_other()
    other.load(Saved(CLOCK, ()))
    assert other.clock().now_ms(6_000) == 7_003
    other.move_clock(2)
    first = open_one("x10")
    first.load(other.dump(None))

    assert (first.clock().mode, first.clock().now_ms(6_000)) == ("manual", 9_003)


def test_account_loaded_without_its_key_is_found_by_it(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """Its next call goes on where the last one ended; the label alone opens nothing."""
    task, name = make_task(external="ex"), seal("key-one")
    store.load(Saved(CLOCK, (SavedAccount(account=name, ordinal=4, submissions=1, tasks=((1, task),)),)))

    assert store.find_task(str(name), "vendor", "task-1") is None
    assert store.account_clock(str(name)).ordinal == 0
    assert isinstance(store.all_tasks(None)[0].account, SealedKey)
    assert store.open_call("key-one") == Opened(5, 0, None)
    assert store.find_task("key-one", "vendor", "task-1") == task
    assert store.find_external("key-one", "vendor", "ex") == task
    assert store.unfinished("key-one", never) == [task]
    with pytest.raises(ExternalIdTakenError):
        store.add_task(make_task(external="ex"), never)
    store.abort_call()
    call(store, "key-one", make_task(id="next"))
    assert [each.id for each in store.all_tasks("key-one")] == ["task-1", "next"]


def test_sealed_name_is_as_good_as_the_key(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """Of what was loaded, whether a call has brought the key by now or not: parts of the store know it by no other."""
    sealed_names = [seal(key) for key in ("key-one", "key-two")]
    tasks = [make_task(name, id="t") for name in sealed_names]
    accounts = [
        SavedAccount(account=task.account, ordinal=1, offset_ms=n, tasks=((n, task),)) for n, task in enumerate(tasks)
    ]
    store.load(Saved(CLOCK, tuple(accounts)))
    for _ in range(2):
        assert [store.account_clock(name).offset_ms for name in sealed_names] == [0, 1]
        assert all(store.find_task(name, "vendor", "t") is not None for name in sealed_names)
        assert store.find_task(seal("key-three"), "vendor", "t") is None
        call(store, "key-one")
        store.load(Saved(None, tuple(each.named("key-two") for each in store.dump("key-two").accounts)))


def test_one_account_goes_in_beside_the_others(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """It takes the place of what it was; clock, tasks and journal of the others stay."""
    other = call(store, "key-two", make_task("key-two", id="kept"))
    call(store, "key-one", make_task("key-one", id="gone", external="ex"))
    now_ms = store.clock().now_ms(0)
    loaded = SavedAccount(account="key-one", ordinal=9, submissions=5, tasks=((1, make_task(id="new", external="ex")),))
    store.load(Saved(None, (loaded,)))

    assert store.clock().now_ms(0) == now_ms
    assert [task.id for task in store.all_tasks(None)] == ["kept", "new"]
    assert store.entries(None, None, None) == [other]
    assert store.find_anywhere("vendor", "gone") is None
    assert store.submissions("key-one") == 5
    assert store.open_call("key-one").ordinal == 10
    store.abort_call()


def test_two_accounts_may_have_tasks_of_one_id(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """Each finds its own, changes its own, and keeps it when the other one's is forgotten."""
    call(store, "key-one", make_task("key-one", id="same", external="ex"))
    store.load(Saved(None, tuple(each.named("key-two") for each in store.dump("key-one").accounts)))
    store.count_poll(store.all_tasks("key-two")[0])
    copy = store.find_task("key-two", "vendor", "same")
    assert copy is not None
    store.replace_task(replace(copy, end_ms=5))

    assert [task.end_ms for key in ("key-one", "key-two") for task in store.all_tasks(key)] == [2000, 5]
    assert [task.polls for key in ("key-one", "key-two") for task in store.all_tasks(key)] == [0, 1]
    assert [task.end_ms for task in store.holders("vendor", "same")] == [2000, 5]
    assert len(store.all_tasks(None)) == 2
    store.reset("key-one")
    assert [task.end_ms for task in store.holders("vendor", "same")] == [5]
    assert store.find_task("key-one", "vendor", "same") is None
    store.reset("key-two")
    assert store.holders("vendor", "same") == []
    assert store.find_anywhere("vendor", "same") is None


def test_what_may_not_be_replaced_is_not(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """An account that has called stands in the way, by its label; one whose clock was moved does not."""
    store.move_account("key-two", 5)
    task = (1, make_task(id="loaded"))
    call(store, "key-one", make_task("key-one", id="held"))
    for saved in (Saved(CLOCK, ()), Saved(None, (SavedAccount(account="key-one", tasks=(task,)),))):
        with pytest.raises(HeldError, match=r"the account ke\.\.\w+ has made calls already"):
            store.load(saved, replace=False)
    store.load(Saved(None, (SavedAccount(account="key-two", tasks=((1, replace(task[1], account="key-two")),)),)))

    assert [task.id for task in store.all_tasks(None)] == ["held", "loaded"]


@pytest.mark.parametrize("clock", [CLOCK, None])
def test_what_is_too_much_changes_nothing(
    open_one: Opener, make_task: TaskMaker, call: Caller, clock: Clock | None
) -> None:
    """Neither tasks nor accounts go beyond the bounds, and what was there is there."""
    store = open_one(bounds=Bounds(tasks=2, accounts=2))
    entry = call(store, "key-one", make_task())
    now_ms = store.clock().now_ms(0)
    many = SavedAccount(account="key-two", tasks=tuple((n, make_task("key-two")) for n in range(3)))
    several = tuple(SavedAccount(account=f"key-{n}") for n in range(3))
    for accounts in ((many,), several):
        with pytest.raises(StoreFullError, match="at most 2 and 2 are held; forget some by a reset, or load less"):
            store.load(Saved(clock, accounts))

    assert store.entries(None, None, None) == [entry]
    assert [task.id for task in store.all_tasks(None)] == ["task-1"]
    assert store.clock().now_ms(0) == now_ms


def test_journal_that_is_too_long_keeps_the_newest(open_one: Opener, make_entry: EntryMaker) -> None:
    """As if it had come call by call."""
    store = open_one(bounds=Bounds(entries=5, entries_per_account=3))
    written = [make_entry(f"key-{n % 2}") for n in range(12)]
    accounts = tuple(
        SavedAccount(account=f"key-{odd}", entries=tuple((n, written[n]) for n in range(odd, 12, 2)))
        for odd in range(2)
    )
    store.load(Saved(CLOCK, accounts))

    assert store.entries("key-1", None, None) == written[7::2]
    assert store.entries(None, None, None) == written[7:]


def test_dump_of_one_account_is_about_it_alone(store: Store, make_task: TaskMaker, call: Caller) -> None:
    """And of one that never called, about nobody."""
    fill(store, make_task, call)
    (account,) = store.dump("key-two").accounts

    assert [task.account for _, task in account.tasks] == ["key-two"]
    assert len(account.entries) == 1
    assert (account.ordinal, account.submissions, account.offset_ms, account.mode) == (1, 1, 1500, "polls")
    assert store.dump("nobody").accounts == ()


def test_rates_go_on(store: Store) -> None:
    """A second that has begun is not begun anew."""
    store.load(Saved(CLOCK, (SavedAccount(account="key-one", ordinal=2, calls=(100, 900)),)))

    assert store.rate("key-one", 1000) == Rate(2, 100)
    assert store.rate("key-one", 1100) == Rate(1, 900)
