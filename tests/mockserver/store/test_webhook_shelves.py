"""What every store does with webhooks: owed, claimed by one, settled, logged within bounds; one body of facts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

import pytest

from mockserver.backlog import Backlog, Notice, answered, unanswered
from mockserver.store import Attempt, Bounds, Claim, Store, WebhookShelf
from mockserver.store.sealing import digest_of
from mockserver.tasks import Task

Json = Any
WALL_MS = 1_700_000_000_000
LEASE_MS = 60_000
QUEUED, RUNNING, DONE = Notice("queued", 0), Notice("running", 1000), Notice("done", 2000)


class Owe(Protocol):
    """Makes a task that owes webhooks."""

    def __call__(self, store: Store, account: str = "key-one", due_ms: int | None = 0) -> str: ...


@pytest.fixture
def owe(make_task: Callable[..., Task], make_entry: Callable[..., Any]) -> Owe:
    """In a call of its own; the task's id."""

    def make(store: Store, account: str = "key-one", due_ms: int | None = 0) -> str:
        task = make_task(account)
        store.open_call(account)
        store.add_task(task, lambda _: False)
        store.webhooks.add(Backlog(account, "vendor", task.id, due_ms, (QUEUED, RUNNING, DONE), 2))
        store.close_call(account, make_entry(account))
        return task.id

    return make


def claim(shelf: WebhookShelf, now_ms: int = 0, wall_ms: int = WALL_MS, account: str | None = None) -> Backlog | None:
    """What a worker gets."""
    return shelf.claim(Claim(now_ms, wall_ms, wall_ms + LEASE_MS, account))


def attempt(backlog: Backlog, **members: Any) -> Attempt:
    """A line of the log."""
    given: dict[str, Any] = {
        "account": backlog.account,
        "vendor": backlog.vendor,
        "task_id": backlog.task_id,
        "id": "msg-1",
        "url": "http://127.0.0.1/ü\0",
        "event": "submitted",
        "attempt": backlog.attempt,
        "at_ms": 1,
        "status": 200,
        "signature_valid": None,
        "error": None,
        "fault": None,
    }
    return Attempt(**{**given, **members})


def take(shelf: WebhookShelf, backlog: Backlog, **members: Any) -> None:
    """It was delivered."""
    shelf.settle(backlog, partial(answered, now_ms=backlog.due_ms or 0, offset_ms=0), attempt(backlog, **members))


def ids(backlogs: Iterable[Backlog | None]) -> list[str]:
    """Of the tasks."""
    return [each.task_id for each in backlogs if each is not None]


@pytest.fixture(autouse=True)
def _serving(request: pytest.FixtureRequest) -> None:
    """A shelf gives out webhooks of vendors that are served."""
    if "store" in request.fixturenames:
        request.getfixturevalue("store").webhooks.serve(["vendor"])


def test_first_due_is_first(store: Store, owe: Owe) -> None:
    """By instant, then by order of submission; what is not due stays."""
    late, early, same = owe(store, due_ms=20), owe(store, due_ms=10), owe(store, due_ms=10)
    owe(store, due_ms=31)
    owe(store, due_ms=None)

    assert store.webhooks.next_due_ms() == 10
    assert ids(claim(store.webhooks, 30) for _ in range(4)) == [early, same, late]
    assert store.webhooks.next_due_ms() == 31


def test_claimed_is_nobody_elses(store: Store, owe: Owe) -> None:
    """Until it is settled, or until the claim has run out: then its attempt counts as made."""
    task_id = owe(store)
    first = claim(store.webhooks)
    assert first is not None
    assert (first.task_id, first.attempt, first.waiting) == (task_id, 1, (QUEUED, RUNNING, DONE))
    assert claim(store.webhooks, wall_ms=WALL_MS + LEASE_MS - 1) is None

    again = claim(store.webhooks, wall_ms=WALL_MS + LEASE_MS)
    assert again is not None
    assert (again.number, again.attempt) == (first.number, 2)


def test_settled_goes_on(store: Store, owe: Owe) -> None:
    """To the next notice, and at the end it is gone; the log tells of each attempt."""
    owe(store)
    for now_ms, notice in ((0, QUEUED), (1000, RUNNING), (2000, DONE)):
        backlog = claim(store.webhooks, now_ms)
        assert backlog is not None
        assert backlog.waiting[0] == notice
        take(store.webhooks, backlog, event=notice.state)
        assert claim(store.webhooks, now_ms) is None

    assert not store.webhooks.has_due(10**9, None)
    assert [each.event for each in store.webhooks.deliveries(None)] == ["queued", "running", "done"]
    assert all("waiting" not in item for item in store.webhooks.dump(None))


def test_unsettled_is_tried_again(store: Store, owe: Owe) -> None:
    """After its pause, with the next number."""
    owe(store)
    first = claim(store.webhooks)
    assert first is not None
    store.webhooks.settle(
        first, partial(unanswered, now_ms=0, offset_ms=0, attempts=3), attempt(first, status=None, error="no answer")
    )
    assert claim(store.webhooks, 4999) is None

    second = claim(store.webhooks, 5000)
    assert second is not None
    assert second.attempt == 2
    (line,) = store.webhooks.deliveries("key-one")
    assert (line.status, line.error, line.signature_valid) == (None, "no answer", None)


def test_log_keeps_every_member(store: Store, owe: Owe) -> None:
    """As it was told, but that an account may be sealed."""
    owe(store)
    backlog = claim(store.webhooks)
    assert backlog is not None
    told = [attempt(backlog, signature_valid=valid, fault="late", error="„ö“") for valid in (None, True, False)]
    for each in told:
        store.webhooks.settle(backlog, lambda backlog: backlog, each)

    lines = store.webhooks.deliveries(None)
    assert [line[1:] for line in lines] == [each[1:] for each in told]
    assert [line.signature_valid for line in lines] == [None, True, False]
    assert {digest_of(line.account) for line in lines} == {digest_of("key-one")}


def test_due_or_under_way(store: Store, owe: Owe) -> None:
    """Who waits for everything that is due waits for what is being sent, too; of one account, or of all."""
    owe(store, "mine", 10)
    owe(store, "theirs", 20)
    shelf = store.webhooks
    assert [shelf.has_due(9, None), shelf.has_due(10, None), shelf.has_due(10, "mine")] == [False, True, True]
    assert [shelf.has_due(19, "theirs"), shelf.has_due(20, "theirs"), shelf.has_due(99, "nobody")] == [
        False,
        True,
        False,
    ]

    mine = claim(shelf, 10)
    assert mine is not None
    assert [shelf.has_due(10, None), shelf.has_due(10, "mine"), shelf.has_due(10, "theirs")] == [True, True, False]
    take(shelf, mine)
    assert not shelf.has_due(10, None)


def test_claims_of_one_account(store: Store, owe: Owe) -> None:
    """Who waits for an account gets its own first."""
    theirs, mine = owe(store, "theirs", 1), owe(store, "mine", 2)

    assert ids([claim(store.webhooks, 5, account="mine")]) == [mine]
    assert claim(store.webhooks, 5, account="mine") is None
    assert claim(store.webhooks, 5, account="nobody") is None
    assert ids([claim(store.webhooks, 5)]) == [theirs]


def test_account_that_is_moved_reaches_its_webhooks_sooner(store: Store, owe: Owe) -> None:
    """And nobody else does."""
    owe(store, "theirs", 1000)
    mine = owe(store, "mine", 1000)
    store.move_account("mine", 400)

    assert claim(store.webhooks, 599) is None
    assert ids([claim(store.webhooks, 600), claim(store.webhooks, 999)]) == [mine]
    assert store.webhooks.next_due_ms() == 1000


def test_change_of_what_is_owed(store: Store, owe: Owe) -> None:
    """What a call does to it holds at once; who owes nothing is not changed."""
    task_id = owe(store, due_ms=None)
    shelf = store.webhooks

    assert shelf.change("key-one", "vendor", task_id, lambda backlog: backlog._replace(due_ms=7)) is True
    assert shelf.next_due_ms() == 7
    assert shelf.change("key-two", "vendor", task_id, lambda backlog: backlog._replace(due_ms=1)) is False
    assert shelf.change("key-one", "another", task_id, lambda backlog: backlog._replace(due_ms=1)) is False
    assert shelf.change("key-one", "vendor", task_id, lambda backlog: backlog._replace(waiting=())) is True
    assert shelf.dump(None) == []


def test_who_owes_nothing_is_not_kept(store: Store) -> None:
    """A backlog without webhooks, now or later."""
    store.webhooks.add(Backlog("key-one", "vendor", "task-1", None, (), 2))

    assert store.webhooks.dump(None) == []


@pytest.mark.parametrize("account", [None, "mine"])
def test_reset_forgets(store: Store, owe: Owe, account: str | None) -> None:
    """Of one account or of all, what is to come and the log."""
    for key in ("mine", "theirs"):
        owe(store, key)
        backlog = claim(store.webhooks, account=key)
        assert backlog is not None
        take(store.webhooks, backlog)
    store.reset(account)

    assert store.webhooks.deliveries("mine") == []
    assert len(store.webhooks.deliveries("theirs")) == (0 if account is None else 1)
    assert store.webhooks.has_due(10**9, "mine") is False
    assert store.webhooks.has_due(10**9, "theirs") is (account is not None)


@pytest.mark.parametrize("account", [None, "key-one"])
def test_what_was_under_way_at_a_reset_changes_nothing(
    store: Store, owe: Owe, make_entry: Callable[..., Any], account: str | None
) -> None:
    """Not even a webhook under the same id."""
    owe(store)
    old = claim(store.webhooks)
    assert old is not None
    store.reset(account)
    store.open_call("key-one")
    store.webhooks.add(Backlog("key-one", "vendor", old.task_id, 0, (QUEUED, DONE), 2))
    store.close_call("key-one", make_entry())
    new = claim(store.webhooks)
    assert new is not None
    take(store.webhooks, old)

    assert new.number != old.number
    assert store.webhooks.deliveries(None) == []
    take(store.webhooks, new)
    assert len(store.webhooks.deliveries(None)) == 1


def test_call_that_is_undone_owes_nothing(store: Store, make_task: Callable[..., Task]) -> None:
    """Neither its task's webhooks nor what a poll has added."""
    task = make_task()
    store.open_call("key-one")
    store.add_task(task, lambda _: False)
    store.webhooks.add(Backlog("key-one", "vendor", task.id, 0, (QUEUED,), 0))
    store.abort_call()

    assert store.webhooks.dump(None) == []


def test_poll_that_is_undone_tells_nothing(
    store: Store, make_task: Callable[..., Task], make_entry: Callable[..., Any]
) -> None:
    """What it has added is taken back, what was there before stays."""
    task = make_task()
    store.open_call("key-one")
    store.add_task(task, lambda _: False)
    store.webhooks.add(Backlog("key-one", "vendor", task.id, 0, (QUEUED,), 0))
    store.close_call("key-one", make_entry())
    before = store.webhooks.dump(None)
    store.open_call("key-one")
    store.count_poll(task)
    store.webhooks.change(
        "key-one", "vendor", task.id, lambda each: each._replace(waiting=(*each.waiting, RUNNING), told=1)
    )
    store.abort_call()

    assert store.webhooks.dump(None) == before


def opened_with(open_one: Any, said: list[str], **bounds: int) -> Store:
    """A store with small bounds."""
    store: Store = open_one(bounds=Bounds(**bounds), say=said.append)
    store.webhooks.serve(["vendor"])
    return store


def test_oldest_makes_room(open_one: Any, owe: Owe) -> None:
    """Beyond the bound a new task's webhooks take the place of the oldest one's, and the log says so."""
    said: list[str] = []
    store = opened_with(open_one, said, webhooks=2)
    first, second, third = owe(store), owe(store), owe(store)

    assert said == [f"more than 2 tasks have webhooks to come: those of the oldest, {first}, are forgotten"]
    assert ids(claim(store.webhooks) for _ in range(3)) == [second, third]


def test_log_has_bounds(open_one: Any, owe: Owe) -> None:
    """Of each account and of all, the newest stay."""
    store = opened_with(open_one, [], deliveries_per_account=3, deliveries=4)

    def log(key: str, count: int) -> None:
        owe(store, key)
        backlog = claim(store.webhooks, account=key)
        assert backlog is not None
        for number in range(count):
            store.webhooks.settle(backlog, lambda each: each, attempt(backlog, at_ms=number))

    log("one", 5)
    assert [each.at_ms for each in store.webhooks.deliveries("one")] == [2, 3, 4]
    log("two", 3)
    assert [each.at_ms for each in store.webhooks.deliveries("one")] == [4]
    assert [each.at_ms for each in store.webhooks.deliveries(None)] == [4, 0, 1, 2]


def test_snapshot_of_webhooks(open_one: Any, opened: Any, owe: Owe) -> None:
    """What one shelf dumps another loads; an attempt that was under way is made again."""
    store = opened_with(open_one, [])
    for key in ("mine", "theirs"):
        owe(store, key, 0)
        owe(store, key, 5)
        backlog = claim(store.webhooks, account=key)
        assert backlog is not None
        take(store.webhooks, backlog, status=None, error="gone")
        claim(store.webhooks, 5, account=key)
    whole, mine = store.webhooks.dump(None), store.webhooks.dump("mine")

    for other in (opened("memory"), open_one()):
        other.webhooks.forget(None)
        other.webhooks.load(whole)
        assert other.webhooks.dump(None) == whole
        assert other.webhooks.dump("mine") == mine
        other.webhooks.serve(["vendor"])
        found = claim(other.webhooks, 5, account="mine")
        assert found is not None
        assert (found.due_ms, found.attempt) == (5, 1)
    assert len(mine) == 3
    assert len(whole) == 6


def test_store_keeps_webhooks_over_a_restart(opened: Any, shared_name: str, owe: Owe) -> None:
    """What was owed is owed, and a claim of the process that is gone runs out."""
    store = opened(shared_name)
    store.webhooks.serve(["vendor"])
    task_id = owe(store)
    assert claim(store.webhooks) is not None
    store.close()

    again = opened(shared_name)
    again.webhooks.serve(["vendor"])
    assert again.webhooks.is_shared
    assert claim(again.webhooks) is None
    found = claim(again.webhooks, wall_ms=WALL_MS + LEASE_MS)
    assert found is not None
    assert (found.task_id, found.attempt) == (task_id, 2)


def test_servers_of_one_store_send_what_they_serve(opened: Any, shared_name: str, owe: Owe) -> None:
    """A webhook of another's vendor is not due here."""
    store, other = opened(shared_name), opened(shared_name)
    owe(store)
    other.webhooks.serve(["another"])
    store.webhooks.serve(["vendor"])

    assert claim(other.webhooks) is None
    assert (other.webhooks.next_due_ms(), other.webhooks.has_due(0, None)) == (None, False)
    assert claim(store.webhooks) is not None


def test_two_workers_deliver_nothing_twice(opened: Any, shared_name: str, owe: Owe) -> None:
    """Each claims until nothing is left; every webhook is one worker's."""
    stores = [opened(shared_name) for _ in range(2)]
    owed = [owe(stores[0]) for _ in range(40)]
    taken: list[list[tuple[str, str]]] = [[], []]
    start = threading.Barrier(2)

    def work(store: Store, mine: list[tuple[str, str]]) -> None:
        store.webhooks.serve(["vendor"])
        start.wait()
        while (backlog := claim(store.webhooks, 10_000)) is not None:
            mine.append((backlog.task_id, backlog.waiting[0].state))
            take(store.webhooks, backlog)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(stores, taken, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    everything = taken[0] + taken[1]
    assert len(everything) == len(set(everything)) == 3 * len(owed)
    assert len(stores[0].webhooks.deliveries(None)) == 3 * len(owed)
