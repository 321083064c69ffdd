"""`understudy serve` as people meet it: one line when it listens, one line when it can't, and a clean end."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx
import pytest
from contracts.cli import main
from properties.processes import COMMAND, PATIENCE_SECONDS, Running, environment, refused, running
from properties.promised import KINDS, VENDORS, Kind, fresh_key, kinds, pack
from properties.wire import Line, head

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


# --- starting and ending -------------------------------------------------------------------------


def test_port_zero_finds_a_free_one_and_says_which() -> None:
    """One line on stdout, once it answers; two servers get two ports."""
    with running() as one, running() as two:
        assert one.url != two.url
        for server in (one, two):
            assert urlsplit(server.url).hostname == "127.0.0.1"
            assert WEB.get(f"{server.url}/__understudy/health").json()["vendors"] == VENDORS
            assert server.stop() == 0
            assert server.process.stdout is not None
            assert server.process.stdout.read() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "open connections"])
def test_signal_ends_it_cleanly_and_soon(number: signal.Signals, busy: bool) -> None:
    """Status 0 and not a word on stderr, also while clients keep their connections, or are in the middle of a request."""
    with running("--log", "off") as server:
        if busy:
            with Line(server.url) as kept, Line(server.url) as halfway:
                assert kept.ask("GET", "/__understudy/health") is not None
                halfway.send(head("POST", "/x", {"Content-Length": "100"}) + b"half")
                assert ended(server, number) == 0
        else:
            assert ended(server, number) == 0
        assert server.errors() == ""


def ended(server: Running, number: signal.Signals) -> int:
    """The status after a signal, which may take as long as an answer may."""
    begun = time.monotonic()
    server.process.send_signal(number)
    status = server.process.wait(PATIENCE_SECONDS)
    assert time.monotonic() - begun < 10
    return status


def test_what_was_logged_last_is_not_lost() -> None:
    """The end writes what still waits to be written."""
    with running("--log", "json") as server:
        submitted(server.url, KINDS[0])
        server.stop()
        assert len(server.errors().splitlines()) == 1


# --- words that can't be carried out -------------------------------------------------------------


@pytest.fixture
def complaint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Complaint:
    """What a call that can't be carried out says: one line on stderr, nothing on stdout, status 2."""

    def serve_after_all(_: asyncio.Runner, serving: Coroutine[Any, Any, None]) -> None:
        serving.close()
        pytest.fail("the words were accepted")

    # Otherwise this process would be a server.
    monkeypatch.setattr(asyncio.Runner, "run", serve_after_all)

    def complain(*words: str | Path) -> str:
        assert main(["serve", "--port", "0", *map(str, words)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.count("\n") == 1
        assert said.err.startswith("understudy serve: ")
        return said.err

    return complain


def test_port_in_use() -> None:
    """Says which address, and the way out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = refused("--port", port)
    assert port in said
    assert "--port" in said


BAD_WORDS = (
    (("no-such-vendor",), "no-such-vendor"),
    (("./no/such/folder",), "no/such/folder"),
    (("--port", "70000"), "70000"),
    (("--port", "-1"), "port"),
    (("--port", "http"), "http"),
    (("--clock", "x0"), "x0"),
    (("--clock", "xinf"), "xinf"),
    (("--clock", "xnan"), "xnan"),
    (("--clock", "x-1"), "x-1"),
    (("--clock", "fast"), "fast"),
    (("--clock", ""), "clock"),
    (("--seed", "abc"), "abc"),
    (("--log", "loud"), "loud"),
    (("--leniency", "some"), "some"),
    (("--workers", "0"), "workers"),
    (("--workers", "2"), "--store"),
    (("--store", "nonsense"), "nonsense"),
    (("--store", "sqlite:"), "sqlite"),
    (("--max-body", "0"), "max-body"),
    (("--max-body", "-5"), "max-body"),
    (("--public-url", "fake.example"), "fake.example"),
    (("--public-url", "ftp://fake.example"), "ftp://fake.example"),
    (("--host", "0.0.0.0"), "--admin-token"),  # noqa: S104 - it is refused
    (("--host", "::"), "--admin-token"),
    (("--host", "203.0.113.7", "--admin-token", "t"), "203.0.113.7"),
    (("--host", "no.such.host.invalid", "--admin-token", "t"), "no.such.host.invalid"),
    (("--accounts", "/no/such/file.yaml"), "/no/such/file.yaml"),
    (("--nonsense",), "--nonsense"),
)


@pytest.mark.parametrize(
    ("words", "named"), BAD_WORDS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_words_that_make_no_sense_are_one_line(complaint: Complaint, words: tuple[str, ...], named: str) -> None:
    """Exactly one line that names what is wrong, status 2, no traceback."""
    assert named in complaint(*words)


@pytest.mark.parametrize(
    "words", [("no-such-vendor",), ("--clock", "fast"), ("--nonsense",), ("--host", "::")], ids=" ".join
)
def test_process_says_no_more_than_that(words: tuple[str, ...]) -> None:
    """The same as a shell sees it: nothing else comes out of the process."""
    assert refused("--port", "0", *words).startswith("understudy serve: ")


def test_a_host_out_of_reach_needs_a_token_and_then_listens() -> None:
    """With a token it may listen where others can reach it."""
    with running("--host", "0.0.0.0", "--admin-token", "t") as server:  # noqa: S104 - the law is about it
        url = server.url.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - as above
        assert WEB.get(f"{url}/__understudy/tasks").status_code == 401
        assert WEB.get(f"{url}/__understudy/health").status_code == 200


def broken_packs(folder: Path) -> Iterator[tuple[str, Path]]:
    """Copies of a pack, each with one thing wrong, and a word that the complaint must hold."""
    whole = pack(VENDORS[0]).folder
    breaks = {
        "not YAML": ("behaviour.yaml", lambda text: text + "\n  : [", "behaviour.yaml"),
        "not text": ("openapi.yaml", lambda text: "\x00" + text, "openapi.yaml"),
        "no paths": ("openapi.yaml", lambda text: text.replace("paths:", "pathz:", 1), "paths"),
        "no states": ("behaviour.yaml", lambda text: text.replace("lifecycle:", "lifecycles:", 1), "lifecycle"),
        "empty": ("behaviour.yaml", lambda _: "", "behaviour.yaml"),
        "unknown placeholder": ("behaviour.yaml", lambda text: text.replace("$task.id", "$task.number"), "task.number"),
        "dangling reference": (
            "openapi.yaml",
            lambda text: text.replace("#/components/schemas/", "#/components/nowhere/"),
            "nowhere",
        ),
    }
    for name, (file, spoil, word) in breaks.items():
        copy = folder / name.replace(" ", "-").lower()
        copytree(whole, copy)
        path = copy / file
        path.write_text(spoil(path.read_text(encoding="utf-8")), encoding="utf-8")
        yield word, copy
    (folder / "no-files").mkdir()
    yield "openapi.yaml", folder / "no-files"
    copytree(whole, folder / "No Name!")
    yield "No Name!", folder / "No Name!"


def test_broken_pack_is_one_line_that_names_the_file(complaint: Complaint, tmp_path: Path) -> None:
    """A pack that can't be read is refused with file, place and what is wrong."""
    for word, folder in broken_packs(tmp_path):
        said = complaint(folder)
        assert word in said, said
        assert str(folder) in said or "No Name!" in said, said


BAD_ACCOUNTS = {
    "not YAML": "{a: [",
    "list": "[a, b]",
    "text": "key",
    "empty": "",
    "entry is no object": "{key: 5}",
    "unknown member": "{key: {colour: blue}}",
    "negative": "{key: {balance: -1}}",
    "not whole": "{key: {concurrency: 1.5}}",
    "boolean": "{key: {balance: true}}",
    "text for a number": '{key: {rate: "5"}}',
    "rate of nothing": "{key: {rate: 0}}",
    "empty secret": '{key: {secret: ""}}',
}


@pytest.mark.parametrize("name", BAD_ACCOUNTS)
def test_unusable_accounts_file_is_one_line_that_names_it(complaint: Complaint, tmp_path: Path, name: str) -> None:
    """What is wrong in it, and in which file."""
    file = tmp_path / "accounts.yaml"
    file.write_text(BAD_ACCOUNTS[name], encoding="utf-8")

    assert str(file) in complaint("--accounts", file)


def test_unreadable_accounts_file_is_one_line(complaint: Complaint, tmp_path: Path) -> None:
    """A folder, or bytes that are no text, are no accounts."""
    file = tmp_path / "accounts.json"
    file.write_bytes(b"\xff\xfe\x00")

    assert str(file) in complaint("--accounts", file)
    assert str(tmp_path) in complaint("--accounts", tmp_path)


# --- what is served where ------------------------------------------------------------------------


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
    """A client that was told the vendor's own host reaches that vendor at the root, on whatever port, in whatever case."""
    kind = kinds(vendor)[0]
    for host in pack(vendor).behaviour.hosts:
        for written in (host, f"{host}:443", host.upper()):
            answer = WEB.post(
                f"{all_of_them.url}{kind.submit.path}",
                json=kind.with_prompt("a"),
                headers={**says("host"), "Host": written},
            )
            assert answer.is_success, answer.text
            assert kind.task_id(answer.json())


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
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def time_for_a_batch(url: str) -> None:
    """Keeps the server busy for longer than a line may wait."""
    until = time.monotonic() + 0.15
    while time.monotonic() < until:
        assert WEB.get(f"{url}/__understudy/health").status_code == 200
