"""Several processes at one port: the same answers, one clock, one journal, and a worker that dies is replaced."""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from mockserver import serve
from properties.processes import PATIENCE_SECONDS, Running, refused, running
from properties.promised import KINDS
from targets import make_fake

KIND = KINDS[0]
HEADERS = {"Authorization": "Bearer key"}


def workers_of(server: Running) -> set[int]:
    """The processes that answer."""
    pid = server.process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    told = ((int(each), Path(f"/proc/{each}/cmdline").read_bytes()) for each in children)
    return {each for each, words in told if b"spawn_main" in words}


def replaced(server: Running) -> set[int]:
    """Those that answer once there are two again."""
    until = time.monotonic() + PATIENCE_SECONDS
    while "takes its place" not in server.errors() or len(workers_of(server)) < 2:
        assert time.monotonic() < until
    return workers_of(server)


def submit(url: str) -> str:
    """A job by a client of its own, as whichever worker hears it first answers; its id."""
    with httpx.Client(timeout=PATIENCE_SECONDS, headers=HEADERS, trust_env=False) as client:
        answer = client.post(f"{url}/{KIND.pack.name}{KIND.submit.path}", json=KIND.with_prompt("a cat"))
        return KIND.task_id(answer.json())


def ask(url: str, path: str) -> httpx.Response:
    """A call to the admin API."""
    return httpx.get(f"{url}/__understudy{path}", timeout=PATIENCE_SECONDS)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the workers by way of /proc")
def test_workers_share_all_and_are_replaced_when_they_die(tmp_path: Path) -> None:
    """One line at the start; every job is in the one journal, before and after a kill -9; SIGTERM ends all with 0."""
    with running("--workers", "2", "--store", f"sqlite:{tmp_path}/a.db", "--clock", "manual") as server:
        url = server.url
        before = workers_of(server)
        assert len(before) == 2
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(submit, [url] * 24))
        victim = before.pop()
        os.kill(victim, signal.SIGKILL)
        made += [submit(url) for _ in range(4)]
        after = replaced(server)
        assert before <= after
        assert victim not in after
        made += [submit(url) for _ in range(4)]
        moved = httpx.post(f"{url}/__understudy/clock", json={"advance_seconds": 5}, timeout=PATIENCE_SECONDS).json()

        assert sorted(task["id"] for task in ask(url, "/tasks").json()["tasks"]) == sorted(made)
        assert len({request["task_id"] for request in ask(url, "/requests").json()["requests"]}) == 32
        assert [ask(url, "/clock").json() for _ in range(4)] == [moved] * 4
        assert server.stop() == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == ""
        assert "a worker ended with signal 9; another one takes its place" in server.errors()
        assert [each for each in after if Path(f"/proc/{each}").exists()] == []


def test_memory_is_not_shared() -> None:
    """Two workers that each remember half are a clear error, with the way out."""
    said = refused("--workers", "2")

    assert "--workers 2 needs a store that processes share" in said
    assert "add --store sqlite:PATH or --store redis://HOST:PORT, or leave --workers out" in said


@pytest.fixture
def own_signals() -> Iterator[None]:
    """The handlers that were there are there afterwards."""
    held = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in held.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
def test_worker_that_cannot_start_ends_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """With what it has said itself, once for each that tried, and status 2; nothing claims to listen."""
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    words = ["--port", "0", "--workers", "2", "--store", f"sqlite:{tmp_path}/a.db", "--accounts", str(tmp_path / "no")]
    # The parent finds nothing wrong; its workers are processes of their own.
    monkeypatch.setattr(serve, "create_fake", lambda *_: make_fake())

    assert serve.run(parser.parse_args(words)) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert {line.split(":")[0] for line in said.err.splitlines()} == {"understudy serve"}
    assert str(tmp_path / "no") in said.err
