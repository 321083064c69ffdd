"""`understudy serve` as people meet it: one line when it listens, one line when it can't, and a clean end."""

from __future__ import annotations

import argparse
import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx
import pytest

from contracts.cli import main
from mockserver import serve
from properties.processes import PATIENCE_SECONDS, refused, running
from properties.promised import KINDS, VENDORS, Kind, pack

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


# --- starting -------------------------------------------------------------------------


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
    (("--workers", "2"), "needs a store that processes share"),
    (("--store", "nonsense"), "nonsense"),
    (("--store", "sqlite:"), "sqlite"),
    (("--max-body", "0"), "max-body"),
    (("--max-body", "-5"), "max-body"),
    (("--public-url", "fake.example"), "fake.example"),
    (("--public-url", "ftp://fake.example"), "ftp://fake.example"),
    (("--admin-token", ""), "--admin-token"),
    (("--admin-token", " "), "--admin-token"),
    (("--admin-token", " padded "), "--admin-token"),
    (("--admin-token", "two\x01lines"), "--admin-token"),
    (("--admin-token", "schlüssel"), "--admin-token"),
    (("--host", "0.0.0.0", "--admin-token", ""), "--admin-token"),  # noqa: S104 - as above
    (("--host", "0.0.0.0"), "--admin-token"),  # noqa: S104 - it is refused
    (("--host", "::"), "--admin-token"),
    (("--host", "203.0.113.7", "--admin-token", "t"), "203.0.113.7"),
    (("--host", "no.such.host.invalid", "--admin-token", "t"), "no.such.host.invalid"),
    (("--accounts", "/no/such/file.yaml"), "/no/such/file.yaml"),
    (("--scenario", "/no/such/file.yaml"), "/no/such/file.yaml"),
    (("uniall", "--option", "nothing"), "--option nothing is known of no vendor here; there are alias_route"),
    (("--nonsense",), "--nonsense"),
)


def test_an_option_is_on_where_a_pack_has_it() -> None:
    """At every vendor that knows it, and nowhere else."""
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    words = parser.parse_args(["uniall", "myrouter", "--option", "alias_route"])
    vendors = serve.create_fake(words, None).vendors
    assert "getVideoGeneration" in vendors["uniall"].pack.operations
    assert not any(vendors["myrouter"].pack.options.values())


@pytest.mark.parametrize(
    ("words", "named"), BAD_WORDS, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_words_that_make_no_sense_are_one_line(complaint: Complaint, words: tuple[str, ...], named: str) -> None:
    """Exactly one line that names what is wrong, status 2, no traceback."""
    assert named in complaint(*words)


NO_BASES = (
    *("http://x y", "http://x\ty", " http://x", "http://x ", "http://", "http:///path", "//fake.example", ""),
    *("http:fake.example", "http://fake.example?x=1", "http://fake.example/?", "http://fake.example/#top"),
    *("http://fake.example:", "http://fake.example:0", "http://fake.example:70000", "http://fake.example:http"),
    *("http://:8787", "http://user:secret@fake.example", "http://[::1", "http://fake.example/a b"),
    *("http://fäke.example", "http://-fake.example", "http://fake.example/%zz", "http://fake.example\\path"),
)
BASES = (
    *("http://fake.example", "https://fake.example/", "HTTPS://Fake.Example:8787/a/b/", "http://127.0.0.1:1"),
    *("http://[::1]:8787", "http://host_of-compose:8787", "http://fake.example/~me/%C3%A9;v=1,2@3"),
)


@pytest.mark.parametrize("url", NO_BASES)
def test_public_url_that_is_no_base_is_refused(complaint: Complaint, url: str) -> None:
    """Scheme, host, port, path: nothing else can stand before the path of a result."""
    said = complaint("--public-url", url)
    assert "--public-url" in said
    assert "https://fake.example:8787" in said, "the way out"


@pytest.mark.parametrize("url", BASES)
def test_public_url_that_is_a_base_is_taken(url: str) -> None:
    """Names and addresses, with a port or a path or neither."""
    serve._check_public_url(url)


def test_two_packs_with_one_host_are_one_line(complaint: Complaint, tmp_path: Path) -> None:
    """A call to that host could mean either: the line names both and the host. Those that come with us share none."""
    copytree(pack(VENDORS[0]).folder, tmp_path / "copy")

    said = complaint(*VENDORS, tmp_path / "copy")

    assert f"{VENDORS[0]} and copy" in said
    assert pack(VENDORS[0]).behaviour.hosts[0] in said


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
    breaks: dict[str, tuple[str, Callable[[str], str], str]] = {
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


def test_unusable_scenario_is_one_line_that_names_file_and_place(complaint: Complaint, tmp_path: Path) -> None:
    """What is wrong, and what there is."""
    file = tmp_path / "scenario.yaml"
    file.write_text(
        "faults:\n  - {fault: {close: true}}\n  - {operation: poll, fault: {explode: true}}", encoding="utf-8"
    )
    said = complaint("--scenario", file)

    assert f"--scenario {file}: /faults/1/fault/explode: there is no fault 'explode'; there are status, " in said


def test_unreadable_accounts_file_is_one_line(complaint: Complaint, tmp_path: Path) -> None:
    """A folder, or bytes that are no text, are no accounts."""
    file = tmp_path / "accounts.json"
    file.write_bytes(b"\xff\xfe\x00")

    assert str(file) in complaint("--accounts", file)
    assert str(tmp_path) in complaint("--accounts", tmp_path)
