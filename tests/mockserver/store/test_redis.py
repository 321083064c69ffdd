"""A store in a server: how it is named and refused, who may write when, whose clock counts, and what it never holds."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import pytest

from mockserver.accounts import redact
from mockserver.backlog import Backlog, Notice, answered, moved
from mockserver.clock import start_clock
from mockserver.messages import Entry
from mockserver.store import Claim, Opened, StoreError
from mockserver.store.opening import open_store
from mockserver.store.protocol import UnusableStoreError
from mockserver.tasks import Task
from redis_server import RedisServer

KEY = "a-key-that-no-server-may-hold"

TaskMaker: TypeAlias = Callable[..., Task]
EntryMaker: TypeAlias = Callable[..., Entry]
Caller: TypeAlias = Callable[..., Entry]
Opener: TypeAlias = Callable[..., Any]


@pytest.fixture
def name(redis_server: RedisServer) -> str:
    """A `--store` value for a store that is not there yet."""
    return redis_server.store()


def refusal(name: str, clock: str = "manual") -> str:
    """What is said when the store can't be opened; never with a password in it."""
    with pytest.raises(UnusableStoreError) as caught:
        open_store(name, start_clock(clock, 0))
    assert "hunter2" not in str(caught.value)
    return str(caught.value)


# --- by which name -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["redis", "valkey"])
def test_server_remembers_over_a_restart(
    opened: Opener, redis_server: RedisServer, make_task: TaskMaker, call: Caller, kind: str
) -> None:
    """Of ours: tasks, journal, ordinals, clocks, whichever of its two names the protocol goes by."""
    name = redis_server.store(kind)
    store, task = opened(name), make_task(KEY, external="ex", end_ms=None)
    store.move_account(KEY, 5)
    store.set_mode(KEY, "polls")
    store.move_clock(2)
    now_ms = store.clock().now_ms(0)
    entry = call(store, KEY, task)
    store.unfinished(KEY, lambda _: False)
    store.close()
    again = opened(name)

    assert again.all_tasks(KEY) == [task]
    assert again.find_external(KEY, "vendor", "ex") == task
    assert again.unfinished(KEY, lambda _: False) == [task]
    assert again.entries(KEY, None, None) == [entry]
    assert again.clock().now_ms(0) == now_ms
    assert again.open_call(KEY) == Opened(2, 5, "polls")
    again.abort_call()


def test_namespaces_share_a_server_and_nothing_else(
    opened: Opener, redis_server: RedisServer, make_task: TaskMaker, call: Caller
) -> None:
    """Each has its own clock and its own tasks; without a name for one there is one all the same."""
    first, second, plain = (
        opened(name, clock)
        for name, clock in (
            (redis_server.store(), "manual"),
            (redis_server.store(), "x10"),
            (f"redis://127.0.0.1:{redis_server.port}/9", "polls"),
        )
    )
    call(first, KEY, make_task(KEY))
    first.reset(None)
    call(second, KEY, make_task(KEY))
    first.reset(None)

    assert [len(store.all_tasks(None)) for store in (first, second, plain)] == [0, 1, 0]
    assert [store.clock().mode for store in (first, second, plain)] == ["manual", "x10", "polls"]


BAD_NAMES = (
    ("redis://user:hunter2@127.0.0.1:1/0", "redis://127.0.0.1:1/0 can't be used as a store: ", "start the server, or"),
    ("redis://127.0.0.1:{port}/0?namespace=", "its namespace is empty, too long, or has braces", "?namespace=team-a"),
    ("redis://127.0.0.1:{port}/0?namespace=%7Ba", "its namespace is empty, too long, or has braces", "?namespace="),
    ("redis://127.0.0.1:{port}/0?password_of_mine=hunter2", "can't be used as a store: ", "write it like redis://HOST"),
    ("redis://127.0.0.1:{port}/999", "can't be used as a store: ", "start the server, or name"),
    ("redis://127.0.0.1:http/0", "can't be used as a store: ", "write it like redis://HOST"),
    ("redis://user:hunter2@127.0.0.1:{port}/0", "can't be used as a store: ", "start the server, or name"),
)


@pytest.mark.parametrize(("name", "why", "way_out"), BAD_NAMES, ids=lambda value: value[:50])
def test_address_that_leads_nowhere_is_refused(redis_server: RedisServer, name: str, why: str, way_out: str) -> None:
    """With the way out, and without user and password."""
    said = refusal(name.format(port=redis_server.port))

    assert why in said
    assert way_out in said


def test_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the words that bring it."""
    for module in [each for each in sys.modules if each.startswith("mockserver.store.redis_")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "redis", None)

    said = refusal("redis://user:hunter2@127.0.0.1:1/0")
    assert said == (
        "a store at redis:// needs the package redis, which is not installed; `pip install understudy[redis]` brings it"
    )


def test_server_that_is_too_old_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the version that it needs."""
    monkeypatch.setattr("mockserver.store.redis_link._OLDEST", (99, 1))

    assert re.search(r"can't be used as a store: it is Redis \d+\.\d+\.\d+; 99\.1 or newer is needed", refusal(name))


def test_later_opener_may_not_ask_for_another_clock(opened: Opener, name: str) -> None:
    """The refusal names both, and the way out."""
    opened(name, "x10")
    opened(name, "x10.0")

    said = refusal(name, "x20")
    assert "runs on the clock x10, and x20 was asked for; ask for x10, or name another namespace by ?namesp" in said


def test_store_of_another_layout_is_refused_and_left_alone(opened: Opener, name: str) -> None:
    """Both layouts are named."""
    store = opened(name)
    key = f"{store._link.prefix}state"
    store._link._client.hset(key, "layout", "7")

    assert "it has layout '7', and this version of understudy reads layout 1; name another names" in refusal(name)
    assert store._link._client.hget(key, "layout") == b"7"


# --- what is in it -------------------------------------------------------------------------------


def everything(store: Any) -> bytes:
    """All keys of the namespace, and all that stands in them."""
    client, held = store._link._client, [b""]
    readers: dict[bytes, Callable[[bytes], object]] = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"zset": lambda key: client.zrange(key, 0, -1),
        b"set": client.smembers,
        b"stream": client.xrange,
    }
    for key in client.scan_iter(store._link.prefix + "*"):
        held += [key, repr(readers[client.type(key)](key)).encode()]
    return b"\n".join(held)


def test_server_never_holds_a_key(opened: Opener, name: str, make_task: TaskMaker, make_entry: EntryMaker) -> None:
    """Neither while a call is open nor later, even if a caller forgot to redact; people see the label."""
    store = opened(name)
    store.open_call(KEY)
    store.add_task(make_task(KEY, external="ex"), lambda _: False)
    during = everything(store)
    store.close_call(KEY, make_entry(KEY, key=KEY))
    held = during + everything(store)

    assert redact(KEY).encode() in held
    assert KEY.encode() not in held
    assert [entry.key for entry in store.entries(None, None, None)] == [redact(KEY)]
    assert str(store.all_tasks(None)[0].account) == redact(KEY)


def test_forgotten_leaves_nothing_behind(opened: Opener, name: str, make_task: TaskMaker, call: Caller) -> None:
    """Of an account that is reset there is its clock, of its tasks and entries nothing."""
    store = opened(name)
    call(store, "key-one", make_task(external="ex", id="TASK"), path="PATH")
    store.count_call("key-one", 5)
    store.unfinished("key-one", lambda _: False)
    store.reset("key-one")
    held = everything(store)

    assert b"TASK" not in held
    assert b"PATH" not in held
    assert sorted(re.findall(rb"(?m)^\{.*?\}:(\w+)", held)) == [b"account", b"accounts", b"journal", b"state"]


# --- who may write -------------------------------------------------------------------------------


def test_dead_holder_is_not_waited_for(
    opened: Opener, name: str, make_task: TaskMaker, make_entry: EntryMaker, call: Caller
) -> None:
    """Its connection is gone, so its account is free; should it live after all, its call has not happened."""
    first, second = opened(name), opened(name)
    first.open_call("key-one")
    first.add_task(make_task(id="of the dead"), lambda _: False)
    first._link._client.connection.disconnect()
    entry = call(second, "key-one", make_task(id="of the living"))
    with pytest.raises(StoreError, match="the call took too long, and another one came first"):
        first.close_call("key-one", make_entry())
    first.abort_call()

    assert [task.id for task in first.all_tasks(None)] == ["of the living"]
    assert first.entries(None, None, None) == [entry]
    assert first.open_call("key-one").ordinal == 2
    first.abort_call()


def test_slow_holder_loses_the_account_to_who_waits(
    opened: Opener, name: str, make_entry: EntryMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while, though it lives; also while the other one still has it."""
    monkeypatch.setattr("mockserver.store.redis_session._HOLD_MS", 50)
    first, second = opened(name), opened(name)
    first.open_call("key-one")
    assert second.open_call("key-one").ordinal == 1
    with pytest.raises(StoreError, match="another one came first"):
        first.close_call("key-one", make_entry())
    first.abort_call()
    second.close_call("key-one", make_entry())

    assert len(second.entries(None, None, None)) == 1


def test_slow_call_that_nobody_waits_for_is_no_failure(
    opened: Opener, name: str, make_entry: EntryMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing has happened to the account meanwhile."""
    monkeypatch.setattr("mockserver.store.redis_session._HOLD_MS", 1)
    store = opened(name)
    store.open_call("key-one")
    store._link.wait(0.02)
    store.close_call("key-one", make_entry())

    assert store.account_clock("key-one").ordinal == 1


def test_patience_with_another_worker_ends(
    opened: Opener, name: str, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clear error in place of a wait without end; afterwards the store works on."""
    monkeypatch.setattr("mockserver.store.redis_session._PATIENCE_SECONDS", 0.03)
    first, second = opened(name), opened(name)
    first.open_call("key-one")
    with pytest.raises(StoreError, match="another worker has the account, and keeps it"):
        second.open_call("key-one")
    call(second, "key-two")
    first.abort_call()
    call(second, "key-one")

    assert first.account_clock("key-one").ordinal == 1


def test_call_that_was_open_during_a_reset_came_before_it(
    opened: Opener, name: str, make_task: TaskMaker, make_entry: EntryMaker
) -> None:
    """So nothing is left of it, and the next one is the first."""
    first, second = opened(name), opened(name)
    first.open_call("key-one")
    first.add_task(make_task(), lambda _: False)
    second.reset(None)
    first.close_call("key-one", make_entry())

    assert second.all_tasks(None) == []
    assert second.entries(None, None, None) == []
    assert second.open_call("key-one").ordinal == 1
    second.abort_call()


def test_webhook_that_changes_during_a_call_is_changed_by_both(
    opened: Opener, name: str, make_task: TaskMaker, make_entry: EntryMaker
) -> None:
    """By the worker that has delivered one meanwhile, and by the call, whose change is made of what is left."""
    first, second = opened(name), opened(name)
    queued, running = Notice("queued", 0), Notice("running", 5)
    first.open_call("key-one")
    first.add_task(make_task(id="t"), lambda _: False)
    first.webhooks.add(Backlog("key-one", "vendor", "t", 0, (queued,), 0))
    first.close_call("key-one", make_entry())
    first.open_call("key-one")
    first.webhooks.change("key-one", "vendor", "t", partial(moved, notice=running, states=("running",), now_ms=5))
    second.webhooks.serve(["vendor"])
    taken = second.webhooks.claim(Claim(0, 0, 1000))
    second.webhooks.settle(taken, partial(answered, now_ms=0, offset_ms=0), None)
    assert [item["waiting"] for item in second.webhooks.dump(None)] == [[]]
    first.close_call("key-one", make_entry())

    (item,) = first.webhooks.dump(None)
    assert [each["state"] for each in item["waiting"]] == ["running"]
    assert item["attempt"] == 0


# --- whose clock ---------------------------------------------------------------------------------


def test_clock_is_the_servers_own(opened: Opener, name: str) -> None:
    """Machines whose clocks differ by days tell the same instant, in a call and outside of calls."""
    first = opened(name, "x10")
    second = open_store(name, start_clock("x10", 0))
    told = []
    for store, wall_ms in ((first, 0), (second, 10**12)):
        told.append(store.clock().now_ms(wall_ms))
        store.open_call("key-one")
        told.append(store.clock().now_ms(wall_ms))
        store.abort_call()
    second.close()

    assert told == sorted(told)
    assert told[-1] - told[0] < 60_000


def test_server_that_lost_all_gets_its_clock_back(opened: Opener, name: str, call: Caller) -> None:
    """As after a restart of one that keeps nothing on a disk: time goes on, the rest begins anew."""
    store = opened(name, "x10")
    call(store, "key-one")
    store.move_clock(1000)
    before = store.clock().now_ms(0)
    for key in store._link._client.scan_iter(store._link.prefix + "*"):
        store._link._client.delete(key)
    assert store.open_call("key-one").ordinal == 1
    during = store.clock().now_ms(0)
    store.abort_call()

    assert 0 <= during - before < 60_000
    assert store.entries(None, None, None) == []


@pytest.fixture
def server_store(opened: Opener, name: str) -> Any:
    """A store in the server, with nothing in it."""
    return opened(name)


def test_few_questions_are_asked_for_a_call(
    server_store: Any, make_task: TaskMaker, make_entry: EntryMaker, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three for a poll, whatever the clock; two for a submission, and one more where a client's id is looked for."""
    store = server_store
    call(store, "key-one", make_task(id="t"))
    asked: list[object] = []
    run = store._link.run

    def count(*words: object, **how: bool) -> object:
        asked.append(words[0])
        return run(*words, **how)

    monkeypatch.setattr(store._link, "run", count)
    store.open_call("key-one")
    store.clock()
    store.count_poll(store.find_task("key-one", "vendor", "t"))
    store.close_call("key-one", make_entry())
    assert len(asked) == 3
    call(store, "key-one", make_task())
    assert len(asked) == 5
    call(store, "key-one", make_task(external="ex"))
    assert len(asked) == 8
