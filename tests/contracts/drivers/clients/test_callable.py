"""A client that is a callable: sync or async, its sleeps move the clock of the run and every clock that it may read."""

from __future__ import annotations

import textwrap
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contracts.drivers.clients.assignment import Assignment
from contracts.drivers.clients.callable import CallableClient
from contracts.drivers.clients.runclock import RunClock
from contracts.errors import UsageError
from contracts.judge.clients import Job

MODULE = """
    import asyncio
    import os
    import sys
    import time
    from datetime import UTC, datetime
    from asyncio import sleep as asleep
    from time import monotonic, sleep

    def echo(base_url, api_key, operation, body):
        print("working on", body["prompt"])
        return f"{base_url} {api_key} {operation}"

    def naps(base_url, api_key, operation, body):
        before = monotonic(), time.time(), datetime.now(UTC), time.perf_counter(), time.time_ns()
        sleep(30)
        time.sleep(30)
        after = monotonic(), time.time(), datetime.now(UTC), time.perf_counter(), time.time_ns()
        assert isinstance(before[2], datetime)
        seconds = [after[0] - before[0], after[1] - before[1], (after[2] - before[2]).total_seconds()]
        seconds += [after[3] - before[3], (after[4] - before[4]) / 1e9]
        return " ".join(str(round(each)) for each in seconds)

    async def anaps(base_url, api_key, operation, body):
        before = asyncio.get_running_loop().time()
        await asyncio.sleep(20)
        await asleep(20)
        return str(round(asyncio.get_running_loop().time() - before))

    def fails(base_url, api_key, operation, body):
        raise RuntimeError("the job failed")

    def leaves(base_url, api_key, operation, body):
        sys.exit(4)

    def dies(base_url, api_key, operation, body):
        os._exit(9)

    def hangs(base_url, api_key, operation, body):
        import threading
        threading.Event().wait()

    def nothing(base_url, api_key, operation, body):
        return None

    class Client:
        @staticmethod
        def video(base_url, api_key, operation, body):
            return "by a class"

    text = "no callable"
"""


@pytest.fixture(autouse=True)
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's module, in the folder in which it is called."""
    (tmp_path / "my_client.py").write_text(textwrap.dedent(MODULE), encoding="utf-8")
    # As it may be in anybody's folder: it must not be mistaken for ours, nor ours for it.
    (tmp_path / "contracts.py").write_text("raise ImportError('not this one')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def assignment(timeout: float = 30) -> Assignment:
    """A job."""
    return Assignment(
        base_url="http://127.0.0.1:9",
        key="sk-1",
        job=Job(operation="createVideo", body={"prompt": "é"}),
        clock=RunClock(),
        timeout_seconds=timeout,
        flood=lambda: "",
    )


@asynccontextmanager
async def client(name: str) -> AsyncIterator[CallableClient]:
    """The client, until the `with` is left."""
    made = CallableClient(f"my_client:{name}")
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def test_callable_gets_its_job_and_returns_the_url() -> None:
    """What it prints is kept apart; the same process takes the next job."""
    async with client("echo") as made:
        first, second = await made.run(assignment()), await made.run(assignment())

    assert (first.status, first.output, first.errors) == (0, "http://127.0.0.1:9 sk-1 createVideo", "working on é\n")
    assert second.errors == first.errors


async def test_client_may_be_started_again() -> None:
    """Another verification of it has processes of its own."""
    made = CallableClient("my_client:echo")
    for _ in range(2):
        await made.start()
        assert (await made.run(assignment())).status == 0
        await made.stop()


async def test_sleeps_take_no_time_and_move_every_clock() -> None:
    """By as much; also where `sleep` was imported by name."""
    given, began = assignment(), time.monotonic()
    async with client("naps") as made:
        ending = await made.run(given)

    assert ending.output == "60 60 60 60 60"
    assert given.clock.skipped == 60
    assert time.monotonic() - began < 30


async def test_async_callable_is_awaited() -> None:
    """Its sleeps move the clock too."""
    given = assignment()
    async with client("anaps") as made:
        assert (await made.run(given)).output == "40"

    assert given.clock.skipped == 40


@pytest.mark.parametrize(("name", "words"), [("fails", "RuntimeError: the job failed"), ("leaves", "SystemExit: 4")])
async def test_whatever_it_raises_is_a_failure(name: str, words: str) -> None:
    """Told by its last words."""
    async with client(name) as made:
        ending = await made.run(assignment())

    assert (ending.status, ending.errors.splitlines()[-1]) == (1, words)


async def test_process_that_dies_is_told_and_replaced() -> None:
    """By its status; the next job gets another process."""
    async with client("dies") as made:
        endings = [await made.run(assignment()) for _ in range(2)]

    assert [each.status for each in endings] == [9, 9]


async def test_callable_that_hangs_is_killed() -> None:
    """When its time is over."""
    async with client("hangs") as made:
        ending = await made.run(assignment(0.5))

    assert ending.status is None


@pytest.mark.parametrize(("name", "output"), [("nothing", "None"), ("Client.video", "by a class")])
async def test_whatever_it_returns_is_told_as_text(name: str, output: str) -> None:
    """Nothing is told as None."""
    async with client(name) as made:
        assert (await made.run(assignment())).output == output


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("my_client:missing", "AttributeError: module 'my_client' has no attribute 'missing'"),
        ("my_client:text", "TypeError: 'my_client:text' can't be called: it is str"),
        ("my_client", "ValueError: 'my_client' names no callable; write package.module:function"),
        ("no_such_module:run", "ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
async def test_callable_that_is_not_there_is_told_before(name: str, why: str) -> None:
    """In one line."""
    made = CallableClient(name)
    with pytest.raises(UsageError) as told:
        await made.start()
    await made.stop()

    assert str(told.value) == f"--call {name} can't be called: {why}"
