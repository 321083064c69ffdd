"""What a vendor answers does not depend on where its fake remembers: call for call, to the byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from mockserver import Fake, Settings
from mockserver.accounts import Limits
from mockserver.clock import start_clock
from mockserver.store.opening import open_store
from mockserver.transport import FakeTransport
from properties.promised import KINDS, Kind

Json = Any
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
LIMITS = MappingProxyType({"busy": Limits(concurrency=1), "poor": Limits(balance=1), "slow": Limits(rate=2)})


def answers(kind: Kind, clock: str, store: str) -> Iterator[tuple[int, bytes]]:
    """A story that meets every use of a store: submits, polls, lists, limits, faults, an end by hand, a reset."""
    held = open_store(store, start_clock(clock, 0))
    fake = Fake([kind.pack], Settings(clock=clock, limits=LIMITS), wall_ms=lambda: 0, store=held)
    with httpx.Client(transport=FakeTransport(fake), base_url=f"http://fake/{kind.pack.name}") as web:

        def ask(method: str, path: str, key: str = "key", body: Json = None) -> httpx.Response:
            return web.request(method, path, json=body, headers={"Authorization": f"Bearer {key}"})

        def submit(key: str = "key", prompt: str = "a cat") -> httpx.Response:
            return ask("POST", kind.submit.path, key, kind.with_prompt(prompt))

        for key in ("key", "busy", "busy", "poor", "poor", "slow", "slow", "slow", "mock-throttled-1"):
            said = submit(key)
            yield said.status_code, said.content
        task_id = kind.task_id(submit(prompt="[[fail]]").json())
        fake.add_fault({"operation": "poll", "fault": {"not_found_polls": 1}}, "key")
        for seconds in (0, 0, 3, 40, 100):
            fake.advance(seconds)
            for each in (ask("GET", kind.poll_path(task_id)), submit("busy"), ask("GET", kind.poll_path(task_id), "x")):
                yield each.status_code, each.content
        if kind.listing is not None:
            said = ask("GET", kind.listing.path)
            yield said.status_code, said.content
        fake.end_task(fake.find_tasks(kind.task_id(submit().json()))[0], "default")
        fake.reset("key")
        said = submit()
        yield said.status_code, said.content
    held.close()


@every_kind
@pytest.mark.parametrize("clock", ["manual", "polls"])
@pytest.mark.parametrize("store", ["sqlite", "redis"])
def test_store_makes_no_difference(
    kind: Kind, clock: str, store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Memory, a file, a server: one story, one set of answers."""
    name = f"sqlite:{tmp_path}/a.db" if store == "sqlite" else request.getfixturevalue("redis_server").store()
    told = list(answers(kind, clock, "memory"))

    assert list(answers(kind, clock, name)) == told
    assert {status for status, _ in told} >= kind.refused("rate_exceeded", "balance_empty", "concurrency_exceeded")
