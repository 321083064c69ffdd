"""Many clients at once: every submission gets an id of its own; the journal tells all, within its bounds."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from mockserver.store import Bounds
from mockserver.transport import FakeTransport
from properties.promised import KINDS, Desk, Kind, fresh_key
from properties.wire import Reply, ask_in_turn, whole
from targets import make_fake, serving

Json = Any
CONNECTIONS, EACH = 200, 50


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server of its own: the journal of all is asked for."""
    with serving("--clock", "manual") as url:
        yield url


def submission(kind: Kind, key: str) -> bytes:
    """The bytes of a valid submission."""
    body = json.dumps(kind.with_prompt("one of very many")).encode()
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return whole("POST", f"/{kind.pack.name}{kind.submit.path}", body, headers)


async def test_ten_thousand_concurrent_submits_get_ten_thousand_ids(url: str) -> None:
    """200 connections, 10 accounts: as many ids as submissions, and the journal agrees with the answers."""
    lines = [(KINDS[number % len(KINDS)], f"crowd-{number % 10}") for number in range(CONNECTIONS)]

    heard = await asyncio.gather(*(ask_in_turn(url, [submission(kind, key)] * EACH) for kind, key in lines))

    ids: dict[str, list[str]] = {}
    for (kind, key), replies in zip(lines, heard, strict=True):
        assert {reply.status for reply in replies} == {replies[0].status}
        assert replies[0].status < 300, replies[0]
        ids.setdefault(key, []).extend(kind.task_id(json.loads(reply.body)) for reply in replies)
    every = [each for answered in ids.values() for each in answered]
    assert len(every) == CONNECTIONS * EACH == len(set(every))
    await assert_admin_agrees(url, ids)


async def assert_admin_agrees(url: str, ids: dict[str, list[str]]) -> None:
    """Journal and task list hold what was answered, no more and no less, account by account."""
    async with httpx.AsyncClient(base_url=f"{url}/__understudy", timeout=60) as admin:
        for key, answered in ids.items():
            entries = (await admin.get("/requests", params={"key": key})).json()["requests"]
            assert Counter(entry["task_id"] for entry in entries) == Counter(answered)
            assert len({entry["id"] for entry in entries}) == len(answered)
            tasks = (await admin.get("/tasks", params={"key": key})).json()["tasks"]
            assert [task["id"] for task in tasks] == [entry["task_id"] for entry in entries]


async def test_journal_of_one_account_stays_within_its_bound(url: str) -> None:
    """Of more calls than an account's journal holds, the newest are kept."""
    key, kind = fresh_key(), KINDS[0]
    most = Bounds().entries_per_account
    poll = f"/{kind.pack.name}{kind.poll_path('nobody')}"
    request = whole("GET", poll, b"", {"Authorization": f"Bearer {key}"})

    await asyncio.gather(*(ask_in_turn(url, [request] * ((most + 200) // 20)) for _ in range(20)))
    last: Reply = (await ask_in_turn(url, [submission(kind, key)]))[0]

    async with httpx.AsyncClient(base_url=f"{url}/__understudy", timeout=60) as admin:
        entries = (await admin.get("/requests", params={"key": key})).json()["requests"]
    assert len(entries) == most
    assert entries[-1]["task_id"] == kind.task_id(json.loads(last.body))
    assert {entry["task_id"] for entry in entries[:-1]} == {None}


@pytest.fixture
def eager_threads() -> Iterator[None]:
    """Threads that give way as often as the interpreter lets them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("eager_threads")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_threads_of_one_process_share_a_fake(kind: Kind) -> None:
    """A call is one unit for threads too: sixteen of them on one account, every id once, every call in the journal."""
    fake, key = make_fake(kind.pack.name), "shared-by-threads"
    desk, body = Desk(fake, kind.pack.name, key), kind.with_prompt("from a thread")
    gate = threading.Barrier(16)

    def submit_some(_: int) -> list[str]:
        gate.wait()
        return [kind.task_id(json.loads(desk.submit(kind, body).body)) for _ in range(80)]

    with ThreadPoolExecutor(16) as pool:
        ids = [task_id for some in pool.map(submit_some, range(16)) for task_id in some]

    assert len(set(ids)) == 16 * 80
    assert Counter(entry.task_id for entry in fake.store.entries(key, None, None)) == Counter(ids)
    assert len(fake.tasks(key)) == 16 * 80


@pytest.mark.usefixtures("eager_threads")
def test_one_client_without_a_socket_serves_many_threads() -> None:
    """The httpx transport adds nothing that threads could trip over."""
    kind, fake = KINDS[0], make_fake(KINDS[0].pack.name)
    body = kind.with_prompt("through one client")
    with (
        httpx.Client(
            base_url="http://fake", transport=FakeTransport(fake), headers={"Authorization": "Bearer one"}
        ) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        answers = list(pool.map(lambda _: client.post(kind.submit.path, json=body), range(400)))

    assert len({kind.task_id(answer.json()) for answer in answers}) == 400
