"""A store that goes away while it serves: each side is told so in its own words, and all goes on when it is back."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

import specs
from mockserver import Fake, Settings
from mockserver.app import create_app
from mockserver.clock import start_clock
from mockserver.store.opening import open_store
from properties.promised import KINDS, Kind
from redis_server import RedisServer, need_redis

Json = Any
PATIENCE_SECONDS = 20
HEADERS = {"Authorization": "Bearer key"}
READS = ("/tasks", "/requests", "/clock", "/snapshot", "/clock?key=key", "/faults", "/webhooks", "/ready")
SNAPSHOT = {
    "format": "understudy snapshot",
    "version": 1,
    "scope": "all",
    "clock": {"mode": "manual", "now": "2026-01-01T00:00:00.000Z"},
    "accounts": [],
}
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server that may be stopped: no other test asks it."""
    need_redis()
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
async def web(server: RedisServer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a fake of all vendors that remembers there."""
    server.stop()
    assert server.start()
    store = open_store(server.store(), start_clock("manual", 0))
    packs = [specs.load(name) for name in specs.names()]
    fake = Fake(packs, Settings(clock="manual"), wall_ms=lambda: 1_800_000_000_000, store=store)
    transport = httpx.ASGITransport(create_app(fake))
    async with httpx.AsyncClient(base_url="http://fake", transport=transport, headers=HEADERS) as client:
        yield client
    store.close()


@asynccontextmanager
async def gone(server: RedisServer) -> AsyncIterator[None]:
    """While the server is away."""
    server.stop()
    yield
    assert server.start()


async def submitted(web: httpx.AsyncClient, kind: Kind) -> httpx.Response:
    """The answer to a job."""
    return await web.post(f"/{kind.pack.name}{kind.submit.path}", json=kind.with_prompt("a cat"))


async def until(web: httpx.AsyncClient, kind: Kind, holds: Callable[[httpx.Response], bool]) -> httpx.Response:
    """The first answer to a job that is as it should be."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds(answer := await submitted(web, kind)):
        assert time.monotonic() < end, answer.text
    return answer


@every_kind
async def test_vendor_says_that_it_is_unavailable(web: httpx.AsyncClient, server: RedisServer, kind: Kind) -> None:
    """In its own envelope, to a submit and to a poll alike; as before once the store is back."""
    before = await submitted(web, kind)
    known = kind.submit.refusals["service_unavailable"]
    async with gone(server):
        answers = [
            await submitted(web, kind),
            await web.get(f"/{kind.pack.name}{kind.poll_path(kind.task_id(before.json()))}"),
        ]
    again = await until(web, kind, lambda answer: answer.is_success)

    for answer in answers:
        assert answer.status_code == known.status >= 500
        assert answer.json().keys() == {name.removesuffix("?") for name in known.body}
    # A server that keeps nothing has lost the account's calls: it begins anew, at the same instant.
    assert again.json() == before.json()


async def test_admin_says_so_too(web: httpx.AsyncClient, server: RedisServer) -> None:
    """A 503 that names the store and what is wrong; what needs no store is answered."""
    await submitted(web, KINDS[0])
    asked = (
        *(("GET", path, None) for path in READS),
        *(
            ("POST", "/reset", None),
            ("POST", "/clock", {"advance_seconds": 5}),
            ("POST", "/tasks/x", {"outcome": "fail"}),
        ),
        *(("POST", "/fork", {"from": "key", "to": "other"}), ("POST", "/faults", {"fault": {"status": 503}})),
    )
    async with gone(server):
        for method, path, body in asked:
            answer = await web.request(method, f"/__understudy{path}", json=body)
            assert answer.status_code == 503, path
            assert answer.headers["content-type"] == "application/problem+json"
            said = answer.json()
            assert said["status"] == 503
            assert said["detail"].startswith(f"the store redis://127.0.0.1:{server.port}/0 can't do it now: ")
        assert (await web.get("/__understudy/health")).status_code == 200
    await until(web, KINDS[0], lambda answer: answer.is_success)

    assert len((await web.get("/__understudy/tasks")).json()["tasks"]) == 1


async def test_result_says_so_too(web: httpx.AsyncClient, server: RedisServer) -> None:
    """Whose URL a player may hold: unavailable, not unknown, and no accident."""
    async with gone(server):
        answer = await web.get(f"/__media/{KINDS[0].pack.name}/some-task/result_000.mp4")

    assert answer.status_code == 503
    assert "can't do it now" in answer.json()["detail"]


async def test_server_that_comes_back_is_noticed_soon(web: httpx.AsyncClient, server: RedisServer) -> None:
    """And while it is away nobody waits for it: each answer says so at once."""
    async with gone(server):
        began = time.monotonic()
        for _ in range(50):
            assert (await submitted(web, KINDS[0])).status_code >= 500
        assert time.monotonic() - began < PATIENCE_SECONDS
    began = time.monotonic()
    await until(web, KINDS[0], lambda answer: answer.is_success)

    assert time.monotonic() - began < PATIENCE_SECONDS
