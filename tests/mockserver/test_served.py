"""What a server of `understudy serve` answers where, under which URLs, and what it writes into its log."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx
import pytest

from properties.processes import COMMAND, PATIENCE_SECONDS, Running, environment, running
from properties.promised import KINDS, VENDORS, Kind, fresh_key, kinds, pack

Json = Any
Complaint: TypeAlias = Callable[..., str]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


# One client for all: making one costs more than a call.
WEB = httpx.Client(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module", autouse=True)
def hang_up() -> Iterator[None]:
    """No connection outlives the tests of this file."""
    with WEB:
        yield


def says(key: str) -> dict[str, str]:
    """The header of a call."""
    return {"Authorization": f"Bearer {key}"}


def submitted(url: str, kind: Kind, prompt: str = "a cat", **headers: str) -> httpx.Response:
    """A submission at a server of all vendors."""
    return WEB.post(
        f"{url}/{kind.pack.name}{kind.submit.path}", json=kind.with_prompt(prompt), headers={**says("key"), **headers}
    )


@pytest.mark.parametrize("vendor", VENDORS)
def test_single_vendor_answers_at_the_root_too(vendor: str) -> None:
    """Alone, a vendor answers at its documented path with and without its name before it."""
    kind = kinds(vendor)[0]
    with running(vendor, "--log", "off") as server:
        for prefix in ("", f"/{vendor}"):
            answer = WEB.post(
                f"{server.url}{prefix}{kind.submit.path}", json=kind.with_prompt("a"), headers=says("key")
            )
            assert answer.is_success, answer.text
        assert WEB.get(f"{server.url}/__understudy/health").json()["vendors"] == [vendor]


@pytest.fixture(scope="module")
def all_of_them() -> Iterator[Running]:
    """A server of every vendor that logs as machines like it."""
    with running("--log", "json", "--clock", "manual") as server:
        yield server


@pytest.mark.parametrize("vendor", VENDORS)
def test_host_header_leads_to_the_vendor(all_of_them: Running, vendor: str) -> None:
    """A client that asks for the vendor's own host reaches that vendor and no other at the root, in whatever case.

    Also where its path begins with another vendor's name.
    """
    kind, key = kinds(vendor)[0], fresh_key()
    for host in pack(vendor).behaviour.hosts:
        for written in (host, f"{host}:443", host.upper()):
            answer = WEB.post(
                f"{all_of_them.url}{kind.submit.path}",
                json=kind.with_prompt("a"),
                headers={**says(key), "Host": written},
            )
            assert answer.is_success, answer.text
            assert kind.task_id(answer.json())
            under_its_name = WEB.get(
                f"{all_of_them.url}/{vendor}{kind.poll_path(kind.task_id(answer.json()))}",
                headers={**says(key), "Host": written},
            )
            assert under_its_name.is_success, under_its_name.text
    journal = WEB.get(f"{all_of_them.url}/__understudy/requests", params={"key": key}).json()["requests"]
    assert {call["vendor"] for call in journal} == {vendor}


def test_path_of_no_vendor_is_a_problem_that_lists_them(all_of_them: Running) -> None:
    """Whoever is lost is told where the vendors are."""
    for path in ("/", "/nobody/v1/videos", "/favicon.ico"):
        answer = WEB.get(f"{all_of_them.url}{path}")
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
        assert all(f"/{vendor}" in answer.json()["detail"] for vendor in VENDORS)


def result_of(url: str, kind: Kind, prompt: str = "a cat", **headers: str) -> str:
    """The result URL of a finished task."""
    key = fresh_key()
    answer = submitted(url, kind, prompt, **says(key), **headers)
    task_id = kind.task_id(answer.json())
    WEB.post(f"{url}/__understudy/tasks/{task_id}", json={"outcome": "complete"})
    poll = WEB.get(f"{url}/{kind.pack.name}{kind.poll_path(task_id)}", headers=says(key))
    at = kind.spot("$result.url")
    assert at is not None
    found = poll.json()
    for token in at.split("/")[1:]:
        found = found[int(token)] if isinstance(found, list) else found[token]
    assert isinstance(found, str)
    return found


@every_kind
def test_result_url_stands_on_the_host_that_the_caller_used(all_of_them: Running, kind: Kind) -> None:
    """Without --public-url a result is where its submission was, and can be fetched."""
    url = result_of(all_of_them.url, kind)
    port = urlsplit(all_of_them.url).port

    assert url.startswith(f"{all_of_them.url}/")
    assert WEB.get(url).headers["content-type"] == "video/mp4"
    assert result_of(all_of_them.url, kind, Host=f"localhost:{port}").startswith(f"http://localhost:{port}/")


def test_public_url_is_the_base_of_every_result() -> None:
    """With --public-url every vendor's results are under it, whoever asked by what name."""
    with running("--public-url", "https://fakes.example/base/", "--log", "off") as server:
        for kind in KINDS:
            url = result_of(server.url, kind)
            assert url.startswith("https://fakes.example/base/__media/")
            assert WEB.get(server.url + url.removeprefix("https://fakes.example/base")).status_code == 200


def test_no_directives_makes_prompts_choose_nothing() -> None:
    """What would reject or fail a task is words like others."""
    with running("--no-directives", "--clock", "manual", "--log", "off") as server:
        for kind in KINDS:
            for prompt in ("[[reject]]", "[[fail]]", "[[stuck]]"):
                task_id = kind.task_id(submitted(server.url, kind, prompt).json())
                WEB.post(f"{server.url}/__understudy/clock", json={"advance_seconds": 1000})
                poll = WEB.get(f"{server.url}/{kind.pack.name}{kind.poll_path(task_id)}", headers=says("key"))
                assert kind.state(poll.json()) == "done"


def test_seed_decides_the_ids_of_a_server() -> None:
    """Two servers with one seed give one id, with two seeds two."""
    ids = []
    for seed in ("7", "7", "8"):
        with running("--seed", seed, "--clock", "manual", "--log", "off") as server:
            ids.append([kind.task_id(submitted(server.url, kind).json()) for kind in KINDS])

    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])


# --- the log -------------------------------------------------------------------------------------


SECRET = "sk-live-0123456789abcdef-never-to-be-told"


@pytest.mark.parametrize("style", ["json", "plain"])
def test_log_has_one_line_for_each_call_and_no_key(style: str) -> None:
    """Vendor, method, path, status, in order; a key can't be read out of it, from wherever it was sent."""
    statuses = []
    with running("--log", style, "--clock", "manual") as server:
        for kind in KINDS:
            for body in (kind.with_prompt("a cat"), {"prompt": 5}):
                answer = WEB.post(f"{server.url}/{kind.pack.name}{kind.submit.path}", json=body, headers=says(SECRET))
                statuses.append(answer.status_code)
        WEB.get(f"{server.url}/__understudy/requests?key={SECRET}")
        assert server.stop() == 0
        text = server.errors()

    lines = text.splitlines()
    assert SECRET not in text
    assert len(lines) == len(statuses)
    if style == "json":
        said = [json.loads(line) for line in lines]
        assert [entry["status"] for entry in said] == statuses
        assert [entry["vendor"] for entry in said] == [kind.pack.name for kind in KINDS for _ in range(2)]
        assert [bool(entry["violations"]) for entry in said] == [False, True] * len(KINDS)
    else:
        for line, status in zip(lines, statuses, strict=True):
            assert " POST " in line
            assert f" {status}" in line


def test_log_off_says_nothing() -> None:
    """Silence is silence."""
    with running("--log", "off") as server:
        submitted(server.url, KINDS[0])
        assert server.stop() == 0
        assert server.errors() == ""


def test_reader_of_the_log_may_leave() -> None:
    """`understudy serve 2>&1 | head` ends for head alone: the server goes on, and ends cleanly when it is told."""
    with subprocess.Popen(
        [*COMMAND, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        submitted(url, KINDS[0])
        process.stdout.readline()
        process.stdout.close()
        for _ in range(3):
            for kind in KINDS:
                assert submitted(url, kind).is_success
            # Lines are written in batches: the pipe's end is noticed by a later one.
            time_for_a_batch(url)
        # What still waits to be written when the end comes has no reader either.
        submitted(url, KINDS[0])
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def time_for_a_batch(url: str) -> None:
    """Keeps the server busy for longer than a line may wait."""
    until = time.monotonic() + 0.15
    while time.monotonic() < until:
        assert WEB.get(f"{url}/__understudy/health").status_code == 200
