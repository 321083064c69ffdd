"""Snapshots: a fake that is put back goes on as if it had never stopped, under the same keys, at the same instant."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import orjson
import pytest

import specs
from mockserver import Fake, Settings
from mockserver.clock import start_clock
from mockserver.snapshots import Loading, UnknownAccountError
from mockserver.store.opening import open_store
from mockserver.store.protocol import HeldError
from mockserver.transport import FakeTransport
from properties.promised import KINDS, Kind
from redis_server import RedisServer
from webhook_desk import CALLING, Desk

Json = Any
WALL_MS = 1_800_000_000_000
KEY = "sk-never-to-be-seen-in-a-snapshot"
# One whose answers hold no id of the call: two accounts can be told the same.
KIND = next(kind for kind in KINDS if kind.spot("$call.id") is None)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
Maker: TypeAlias = Callable[..., "Site"]


class Site:
    """A fake of all vendors over a store, and a wall clock to turn."""

    def __init__(self, clock: str, store: str) -> None:
        self.wall_ms = WALL_MS
        packs = [specs.load(name) for name in specs.names()]
        held = open_store(store, start_clock(clock, self.wall_ms))
        self.fake = Fake(packs, Settings(clock=clock, seed=3), wall_ms=lambda: self.wall_ms, store=held)
        self._web = httpx.Client(transport=FakeTransport(self.fake), base_url="http://127.0.0.1:8787")

    def send(self, kind: Kind, body: bytes, key: str = KEY) -> httpx.Response:
        """A submit of whatever body."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        return self._web.post(f"/{kind.pack.name}{kind.submit.path}", content=body, headers=headers)

    def submit(self, kind: Kind, prompt: str = "a cat", key: str = KEY) -> str:
        """A job; its id."""
        return kind.task_id(self.send(kind, orjson.dumps(kind.with_prompt(prompt)), key).json())

    def poll(self, kind: Kind, task_id: str, key: str = KEY) -> httpx.Response:
        """What the vendor says of it."""
        path = f"/{kind.pack.name}{kind.poll_path(task_id)}"
        return self._web.get(path, headers={"Authorization": f"Bearer {key}"})

    def take(self, account: str | None = None) -> Json:
        """A snapshot as it comes from a file."""
        return orjson.loads(orjson.dumps(self.fake.snapshot(account)))


@pytest.fixture
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    """Makes sites over stores of their own."""
    numbers = iter(range(100))

    def make_site(clock: str = "manual", store: str = "memory") -> Site:
        if store == "redis":
            server: RedisServer = request.getfixturevalue("redis_server")
            return Site(clock, server.store())
        return Site(clock, store if store == "memory" else f"sqlite:{tmp_path / str(next(numbers))}.db")

    return make_site


STORES = ("memory", "sqlite", "redis")


@pytest.mark.parametrize(("first", "second"), [(first, second) for first in STORES for second in STORES])
def test_snapshot_of_what_was_put_back_is_the_same(make: Maker, first: str, second: str) -> None:
    """To the byte, from whatever store into whatever store; and the key is nowhere in it."""
    one, two = make(store=first), make(store=second)
    for kind in KINDS:
        one.poll(kind, one.submit(kind))
        one.submit(kind, "[[fail]]", key="other")
    one.fake.advance(12)
    one.fake.advance(3, "other")
    snapshot = one.take()
    two.fake.restore(snapshot)

    assert two.take() == snapshot
    assert KEY not in json.dumps(snapshot)


@pytest.mark.parametrize("name", ["close", "reset", "lose_answer", "html", "garble", "regress", "stuck"])
def test_call_that_met_a_fault_can_be_put_back(make: Maker, name: str) -> None:
    """The journal holds calls that got no answer, too."""
    one, two = make(), make()
    one.fake.add_fault({"fault": {name: True}})
    with suppress(httpx.TransportError):
        one.send(KIND, orjson.dumps(KIND.with_prompt("a cat")))
    snapshot = one.take()
    two.fake.restore(snapshot)

    assert len(snapshot["accounts"][0]["requests"]) == 1
    assert two.take() == snapshot


@every_kind
@pytest.mark.parametrize("clock", ["x10", "manual", "polls"])
def test_task_in_its_midst_goes_on(make: Maker, kind: Kind, clock: str) -> None:
    """Answer for answer as the fake that was never stopped, to the end, however much later it is put back."""
    one, two = make(clock), make("x10")
    task_id = one.submit(kind)
    one.poll(kind, task_id)
    one.wall_ms += 700
    snapshot = one.take()
    two.wall_ms += 86_400_000
    two.fake.restore(snapshot)
    for seconds in (0, 2.5, 1000):
        for site in (one, two):
            site.wall_ms += int(seconds * 1000)
            if clock == "manual":
                site.fake.advance(seconds)
        assert two.poll(kind, task_id).content == one.poll(kind, task_id).content

    assert kind.state(one.poll(kind, task_id).json()) == "done"


@every_kind
def test_next_ids_are_the_same_as_without(make: Maker, kind: Kind) -> None:
    """An account's ordinals go on, so its next submission is the one that it would have been."""
    one, two = make(), make()
    one.submit(kind)
    two.fake.restore(one.take())

    assert two.submit(kind) == one.submit(kind)
    assert [entry.id for entry in two.fake.entries(KEY)] == [entry.id for entry in one.fake.entries(KEY)]


def test_what_came_after_the_snapshot_is_forgotten(make: Maker) -> None:
    """Tasks, accounts, journal and time are as they were; also in the fake that it was taken from."""
    site, kind = make(), KIND
    task_id = site.submit(kind)
    snapshot = site.take()
    site.submit(kind)
    site.submit(kind, key="later")
    site.fake.advance(100)
    site.fake.restore(snapshot)

    assert [view.task.id for view in site.fake.tasks()] == [task_id]
    assert site.fake.entries("later") == []
    assert site.fake.clock() == {"mode": "manual", "now": "2026-01-01T00:00:00.000Z"}
    assert site.take() == snapshot


def test_account_with_polls_of_its_own_keeps_them(make: Maker) -> None:
    """The clock mode of one account goes with it."""
    one, two, kind = make("manual"), make("manual"), KIND
    one.fake.store.set_mode(KEY, "polls")
    task_id = one.submit(kind)
    two.fake.restore(one.take())

    states = [kind.state(two.poll(kind, task_id).json()) for _ in range(2)]
    assert states == ["running", "done"]
    assert two.fake.clock_mode("other") == "manual"


def test_given_mode_goes_before_that_of_the_snapshot(make: Maker) -> None:
    """The instant is the snapshot's all the same."""
    one, two = make("manual"), make("manual")
    one.fake.advance(5)
    two.fake.restore(one.take(), Loading(mode="x2"))
    two.wall_ms += 1000

    assert two.fake.clock() == {"mode": "x2", "now": "2026-01-01T00:00:07.000Z"}


def test_one_account_is_put_back_beside_the_others(make: Maker) -> None:
    """At its own instant, by a move of its own clock; clock and tasks of the others stay where they are."""
    one, two, kind = make(), make(), KIND
    task_id = one.submit(kind)
    one.submit(kind, key="stranger")
    one.fake.advance(3)
    one.fake.advance(4, KEY)
    kept = two.submit(kind, key="neighbour")
    two.submit(kind)
    two.fake.advance(500)
    two.fake.restore(one.take(KEY))

    assert two.poll(kind, task_id).content == one.poll(kind, task_id).content
    assert two.fake.clock(KEY)["now"] == "2026-01-01T00:00:07.000Z"
    assert two.fake.clock()["now"] == "2026-01-01T00:08:20.000Z"
    assert [view.task.id for view in two.fake.tasks("neighbour")] == [kept]
    assert [view.task.id for view in two.fake.tasks(KEY)] == [task_id]
    assert two.fake.tasks("stranger") == []


def test_one_account_is_chosen_out_of_a_snapshot_of_all(make: Maker) -> None:
    """The one that has the key; with several others and no such key, none."""
    one, two, kind = make(), make(), KIND
    task_id = one.submit(kind)
    one.submit(kind, key="other")
    two.fake.restore(one.take(), Loading(account=KEY))

    assert [view.task.id for view in two.fake.tasks()] == [task_id]
    with pytest.raises(ValueError, match="none of the 2 accounts has the key that was given; leave the key out"):
        two.fake.restore(one.take(), Loading(account="third"))


def test_only_account_goes_to_whatever_key_is_given(make: Maker) -> None:
    """A state that was prepared once serves each test under its own key."""
    one, two, kind = make(), make(), KIND
    task_id = one.submit(kind)
    snapshot = one.take(KEY)
    for key in ("test-1", "test-2"):
        two.fake.restore(snapshot, Loading(account=key))

    assert [two.poll(kind, task_id, key).status_code for key in ("test-1", "test-2")] == [200, 200]
    assert two.poll(kind, task_id).status_code in kind.unknown


@pytest.mark.parametrize("clock", ["x10", "polls"])
def test_account_of_a_polls_clock_keeps_to_polls_elsewhere(make: Maker, clock: str) -> None:
    """And the other way round: whether polls move its tasks goes with an account."""
    one, two, kind = make(clock), make("polls" if clock == "x10" else "manual"), KIND
    one.submit(kind)
    two.fake.restore(one.take(KEY))

    assert (two.fake.clock_mode(KEY) == "polls") == (clock == "polls")


def test_result_that_was_promised_on_loopback_moves_to_the_new_server(make: Maker) -> None:
    """The old port answers nobody; every other host is kept as it was promised."""
    one, two, kind = make(), make(), KIND
    one.submit(kind)
    snapshot = one.take()
    for base in ("http://[::1]:9", "https://fakes.example", "http://[broken"):
        task = {**snapshot["accounts"][0]["tasks"][0], "id": base, "base": base}
        snapshot["accounts"][0]["tasks"].append(task)
    two.fake.restore(snapshot, Loading(base="http://127.0.0.1:9999"))

    bases = [view.task.base for view in two.fake.tasks()]
    assert bases == ["http://127.0.0.1:9999", "http://127.0.0.1:9999", "https://fakes.example", "http://[broken"]
    two.fake.restore(snapshot, Loading(base="http://localhost:8787"))
    assert two.fake.tasks()[0].task.base == "http://127.0.0.1:8787"


def test_bodies_come_back_as_they_were(make: Maker) -> None:
    """JSON of which only blanks would be lost as JSON, everything else as text or as base64."""
    one, two = make(), make()
    bodies = (
        (b'{"a": [1, 2.5], "b": "\xc3\xa4"}', ""),
        (b'{"a": 2.50}', "_text"),
        (b'{"a": 1, "a": 2}', "_text"),
        (b'{"a": 123456789012345678901234567890}', "_text"),
        (b'"\\ud800"', "_text"),
        (b"[" * 200 + b"]" * 200, ""),
        (b"[" * 250 + b"]" * 250, "_text"),
        (b"[" * 990 + b"]" * 990, "_text"),
        (b"\xff\x00", "_base64"),
        (b"not json", "_text"),
    )
    for body, _ in bodies:
        one.send(KIND, body)
    snapshot = one.take()
    two.fake.restore(snapshot)

    requests = snapshot["accounts"][0]["requests"]
    for (body, form), written, entry in zip(bodies, requests, two.fake.entries(), strict=True):
        assert f"body{form}" in written, body
        assert entry.body == body if form else json.loads(entry.body) == json.loads(body)


# --- forks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", STORES)
def test_fork_is_the_account_under_another_key(make: Maker, store: str) -> None:
    """The same ids, the same state, the same instant; from then on each goes its own way."""
    site, kind = make(store=store), KIND
    task_id = site.submit(kind)
    site.fake.advance(3, KEY)
    site.fake.fork(KEY, "copy")

    assert site.poll(kind, task_id, "copy").content == site.poll(kind, task_id).content
    assert site.fake.clock("copy") == site.fake.clock(KEY)
    assert [entry.id for entry in site.fake.entries("copy")][:1] == [entry.id for entry in site.fake.entries(KEY)][:1]
    site.fake.end_task(site.fake.find_tasks(task_id, "copy")[0], "default")
    states = [kind.state(site.poll(kind, task_id, key).json()) for key in (KEY, "copy")]
    assert states[0] != states[1] == "failed"
    assert site.submit(kind, key="copy") != site.submit(kind)


@every_kind
def test_result_of_a_copy_is_there_when_it_is_done(make: Maker, kind: Kind) -> None:
    """Whichever of the accounts is ahead: the URL is the same for both."""
    site = make()
    task_id = site.submit(kind)
    site.fake.fork(KEY, "copy")
    assert site.fake.find_result(kind.pack.name, task_id) is not None
    site.fake.advance(1000, "copy")
    found = site.fake.find_result(kind.pack.name, task_id)

    assert found is not None
    assert site.fake.is_done(found)
    assert found.account == "copy"


def test_fork_needs_something_to_copy_and_room_for_it(make: Maker) -> None:
    """Nobody's account can't be copied, and a key that has made calls loses nothing."""
    site, kind = make(), KIND
    with pytest.raises(UnknownAccountError):
        site.fake.fork("nobody", "copy")
    site.submit(kind)
    held = site.submit(kind, key="copy")
    with pytest.raises(HeldError, match=r"the account c\.\.\w+ has made calls already"):
        site.fake.fork(KEY, "copy")

    assert [view.task.id for view in site.fake.tasks("copy")] == [held]
    site.fake.reset("copy")
    assert site.fake.fork(KEY, "copy").tasks == 1


def test_faults_wait_on_where_they_were_put_back(make: Maker) -> None:
    """For the account that they were for, as often as was left, from the second of the clock that they were set to."""
    one, two = make(), make()
    one.fake.advance(100)
    one.fake.add_fault({"fault": {"status": 503}, "times": 2, "from_seconds": 102}, KEY)
    one.fake.add_fault({"fault": {"status": 429}, "times": 2, "operation": "submit"}, "other")
    one.send(KIND, b"{}", "other")
    two.fake.restore(one.take())
    two.fake.fork("other", "copy")
    body = orjson.dumps(KIND.with_prompt("a cat"))

    assert [two.send(KIND, body, "other").status_code == 429 for _ in range(2)] == [True, False]
    assert [two.send(KIND, body, "copy").status_code == 429 for _ in range(2)] == [True, False]
    assert two.send(KIND, body).is_success
    two.fake.advance(2)
    assert two.send(KIND, body).status_code == 503


@pytest.mark.parametrize("vendor", sorted(CALLING))
def test_webhooks_come_on_from_where_they_were_put_back(vendor: str) -> None:
    """Each of them once: those that were told before are not told again, and the log knows of all."""
    first, whole = Desk(vendor), Desk(vendor)
    task_id = first.submit().id
    whole.submit()
    first.fake.advance(8)
    second = Desk(vendor)
    second.fake.restore(orjson.loads(orjson.dumps(first.fake.snapshot())))
    second.fake.advance(1000)
    whole.fake.advance(1000)

    told = [(each.id, each.event, each.at_ms, each.body) for each in (*first.received, *second.received)]
    assert told == [(each.id, each.event, each.at_ms, each.body) for each in whole.received]
    assert second.received
    assert {attempt.task_id for attempt in second.fake.deliveries()} == {task_id}
    assert len(second.fake.deliveries()) == len(told)


def test_webhooks_of_one_account_fall_due_by_its_own_clock() -> None:
    """However far the clock of all has come meanwhile; those of a copy are due at the same instant."""
    first, second = Desk("kling"), Desk("kling")
    task = first.submit()
    second.fake.advance(5000)
    second.fake.restore(first.fake.snapshot("key"))
    second.fake.fork("key", "copy")
    second.fake.advance((task.running_ms - task.created_ms) / 1000 - 0.001)
    before = len(second.received)
    second.fake.advance(0.001)

    assert [each.event for each in second.received[before:]] == ["processing", "processing"]
    assert {each.at_ms for each in second.received[before:]} == {task.running_ms}
