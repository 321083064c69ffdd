"""`understudy serve --load FILE`: the server begins where the snapshot was taken, or says why it can't."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import orjson
import pytest

from contracts.cli import main
from mockserver import serve
from properties.processes import PATIENCE_SECONDS, running
from properties.promised import KINDS
from targets import in_process, make_fake

Json = Any
KIND = next(kind for kind in KINDS if kind.spot("$result.url"))
Start: TypeAlias = Callable[..., tuple[Json, str]]


def snapshot_of_a_job(file: Path) -> tuple[str, str]:
    """Writes one with a job in its midst; whose it is, and its id."""
    fake = make_fake()
    with in_process(fake, KIND.pack.name) as target:
        answer = target.client.post(KIND.submit.path, json=KIND.with_prompt("a cat"))
        fake.find_tasks(KIND.task_id(answer.json()))[0].base = "http://127.0.0.1:1"
        fake.advance(10)
        file.write_bytes(orjson.dumps(fake.snapshot()))
        return target.key, KIND.task_id(answer.json())


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Start:
    """Starts a server that only looks at itself: its state once it listens, and what it has said."""

    def run(*words: str | Path) -> tuple[Json, str]:
        parser = argparse.ArgumentParser()
        serve.add_arguments(parser)
        states: list[Json] = []
        monkeypatch.setattr(serve, "_serve", lambda fake, *_: states.append(fake.snapshot()))
        assert serve.run(parser.parse_args(["--port", "0", *map(str, words)])) == 0
        return states[0], capsys.readouterr().err

    return run


def test_server_begins_where_the_snapshot_was_taken(tmp_path: Path) -> None:
    """On its clock, with its tasks under their keys; their results are on this server now."""
    key, task_id = snapshot_of_a_job(tmp_path / "a.json")
    with running("--load", tmp_path / "a.json") as server, httpx.Client(timeout=PATIENCE_SECONDS) as web:
        clock = web.get(f"{server.url}/__understudy/clock").json()
        assert clock == {"mode": "manual", "now": "2026-01-01T00:00:10.000Z"}
        web.post(f"{server.url}/__understudy/clock", json={"advance_seconds": 1000})
        path = f"{server.url}/{KIND.pack.name}{KIND.poll_path(task_id)}"
        answer = web.get(path, headers={"Authorization": f"Bearer {key}"})

        assert KIND.state(answer.json()) == "done"
        assert f'"{server.url}/__media/' in answer.text.replace("\\/", "/")


def test_words_choose_the_clock(start: Start, tmp_path: Path) -> None:
    """The instant is the snapshot's; without a word so is the mode."""
    snapshot_of_a_job(tmp_path / "a.json")
    plain, _ = start("--load", tmp_path / "a.json")
    chosen, _ = start("--load", tmp_path / "a.json", "--clock", "x3")

    assert plain["clock"]["mode"] == "manual"
    assert chosen["clock"]["mode"] == "x3"
    assert chosen["clock"]["now"].startswith("2026-01-01T00:00:1")


def test_snapshot_of_one_account_is_enough(start: Start, tmp_path: Path) -> None:
    """The server has its instant too."""
    fake = make_fake()
    fake.advance(7, "team-a")
    fake.advance(5)
    (tmp_path / "a.json").write_bytes(orjson.dumps(fake.snapshot("team-a")))
    state, _ = start("--load", tmp_path / "a.json")

    assert state["clock"]["now"] == "2026-01-01T00:00:05.000Z"
    assert [account["clock"]["offset_ms"] for account in state["accounts"]] == [7000]


def test_store_that_remembers_goes_on(start: Start, tmp_path: Path) -> None:
    """A second start loses nothing of what was done since the first, and says so."""
    snapshot_of_a_job(tmp_path / "a.json")
    words = ("--load", tmp_path / "a.json", "--store", f"sqlite:{tmp_path}/a.db")
    first, quiet = start(*words)
    second, said = start(*words)

    assert first == second
    assert quiet == ""
    assert said.startswith("understudy: the account ke")
    assert said.endswith("the store goes on with what it remembers, and the file of --load is not read into it\n")


BAD = (
    (None, "can't be read: No such file or directory"),
    (b"{", "this is not JSON: "),
    (b'{"format": "understudy snapshot", "version": 2}', "/version: the snapshot is of version 2, and this understudy"),
    (b'{"format": "understudy snapshot", "version": 1}', "scope: is required"),
)


@pytest.mark.parametrize(("content", "said"), BAD, ids=lambda value: str(value)[:40])
def test_file_that_is_no_snapshot_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes | None, said: str
) -> None:
    """Status 2, and one line with the file, the place in it, what is wrong, and the way out."""
    file = tmp_path / "a.json"
    if content is not None:
        file.write_bytes(content)
    assert main(["serve", "--port", "0", "--load", str(file)]) == 2
    told = capsys.readouterr()

    assert told.out == ""
    assert told.err.startswith(f"understudy serve: {file}: ")
    assert said in told.err
    assert told.err.count("\n") == 1
    assert "snapshot" in told.err.rpartition(";")[2]
