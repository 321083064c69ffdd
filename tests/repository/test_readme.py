"""What the first page prints works as printed: curl walks, Python, the options of the command."""

import argparse
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import specs
from contracts.cli import COMMANDS
from mockserver import Fake, Settings
from mockserver.accounts import Limits
from mockserver.accounts_file import read_accounts
from mockserver.clock import start_clock
from mockserver.directives import Directives, read_directives
from mockserver.faults import READERS, read_fault
from mockserver.scenario_file import read_scenario
from mockserver.store.opening import open_store
from mockserver.transport import FakeTransport
from specs.documents import cache_folder
from targets import serving

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
AT_DEFAULTS = "http://127.0.0.1:8787"
NEEDED = ("bash", "curl", "sed", "grep")
RUN_SECONDS_MAX = 60

needs_curl = pytest.mark.skipif(
    any(shutil.which(program) is None for program in NEEDED),
    reason=f"the walks of the README need {', '.join(NEEDED)}",
)


def blocks(language: str) -> list[str]:
    """The page's blocks of code in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


CURL_BLOCKS = [block for block in blocks("sh") if "curl " in block]
WALKS = {name: [block for block in CURL_BLOCKS if f"{AT_DEFAULTS}/{name}/" in block] for name in specs.names()}
OTHERS = [block for block in CURL_BLOCKS if all(block not in found for found in WALKS.values())]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The server of the walks, with a faster clock than people have."""
    with serving("--clock", "x50") as url:
        yield url


def run_in_bash(block: str, server: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The block as printed, but for the port; a proxy of the environment is not for loopback."""
    return subprocess.run(
        ["bash", "-c", block.replace(AT_DEFAULTS, server)],  # noqa: S607 - wherever bash is
        cwd=folder,
        env={**os.environ, "no_proxy": "127.0.0.1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
        check=False,
    )


@pytest.mark.parametrize("name", specs.names())
def test_each_vendor_has_one_walk(name: str) -> None:
    """A vendor that ships is shown on the first page."""
    assert len(WALKS[name]) == 1


@needs_curl
@pytest.mark.parametrize("name", specs.names())
def test_walk_ends_in_the_video(name: str, server: str, tmp_path: Path) -> None:
    """Copied from the page and pasted, it submits, waits and leaves the file."""
    ran = run_in_bash(WALKS[name][0], server, tmp_path)

    assert (ran.returncode, ran.stderr) == (0, "")
    had = (tmp_path / "result.mp4").read_bytes()
    assert ran.stdout.splitlines()[-1] == f"video/mp4, {len(had)} bytes"
    assert had[4:8] == b"ftyp"


@needs_curl
@pytest.mark.parametrize("block", OTHERS)
def test_other_calls_are_answered(block: str, server: str, tmp_path: Path) -> None:
    """The admin API takes what the page sends it."""
    ran = run_in_bash(block.replace("curl ", "curl --fail "), server, tmp_path)

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("{")


@pytest.mark.parametrize("block", blocks("python"))
def test_python_runs(block: str, tmp_path: Path) -> None:
    """The page's programs, with the assertions that they make."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", block]
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert "assert " in block


def story(text: str) -> list[str]:
    """A vendor's part of a walk without what differs from run to run: the port, and how long things took."""
    without = re.sub(r"127\.0\.0\.1:\d+|\d+\.\d s|\(poll \d+\)", "", text)
    return [" ".join(line.split()) for line in without.strip().splitlines()]


def test_sample_of_the_walk_is_what_the_walk_prints() -> None:
    """The second of the stories, ids included: they are the same wherever it runs."""
    (printed,) = (block for block in blocks("text") if "POST" in block)
    title, second = printed.splitlines()[0], sorted(specs.load(name).title for name in specs.names())[1]
    ran = subprocess.run(
        # On a clock ten times as fast as this one a busy machine misses states.
        [sys.executable, str(ROOT / "examples" / "walk.py"), "--clock", "x10"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=RUN_SECONDS_MAX,
        check=False,
    )
    (told,) = (part for part in ran.stdout.split("\n\n") if part.startswith(f"{title}\n"))

    assert title == second
    assert story(printed) == story(told)


def test_accounts_of_the_page_are_read(tmp_path: Path) -> None:
    """Each key has the limits that stand behind it."""
    printed, _ = blocks("yaml")
    file = tmp_path / "accounts.yaml"
    file.write_text(printed, encoding="utf-8")

    assert dict(read_accounts(file)) == {
        "team-a": Limits(balance=20, concurrency=3, rate=5),
        "ak-4711": Limits(secret="the-secret-key-of-this-account"),
        "0123": Limits(balance=1),
    }


def test_scenario_of_the_page_is_read(tmp_path: Path) -> None:
    """Each of its faults is one, for a vendor and an operation that exist."""
    _, printed = blocks("yaml")
    file = tmp_path / "scenario.yaml"
    file.write_text(printed, encoding="utf-8")

    rules = read_scenario(file, [specs.load(name) for name in specs.names()])
    assert [rule.fault.name for rule in rules] == ["status", "status", "close"]


def test_every_fault_of_the_page_is_one_and_none_is_left_out() -> None:
    """The objects in the table are read as they stand."""
    chapter = README[README.index("| fault | what happens |") : README.index("Members can stand together")]
    printed = [json.loads(text) for text in re.findall(r"`(\{[^`]*\})`", chapter)]

    assert [read_fault(fault).name for fault in printed] == [next(iter(fault)) for fault in printed]
    assert {name for fault in printed for name in fault} == READERS.keys()


def test_each_member_of_an_account_is_spoken_of() -> None:
    """Nobody has to guess what one is for."""
    chapter = README[README.index("**The accounts file**") : README.index("## Admin API")]

    assert [name for name in Limits._fields if name not in chapter] == []


# What the page says about directives, and what they are.
TAUGHT = {
    "[[fail]]": Directives(fail="default"),
    "[[fail:moderation]]": Directives(fail="moderation"),
    "[[fail:the GPU melted]]": Directives(fail="the GPU melted"),
    "[[stuck]]": Directives(stuck=True),
    "[[slow:120]]": Directives(slow_seconds=120),
    "[[reject]]": Directives(reject=True),
    "[[FAIL]]": Directives(unread=("[[FAIL]]",)),
    "[[slow:soon]]": Directives(unread=("[[slow:soon]]",)),
    "[[stuck:1]]": Directives(unread=("[[stuck:1]]",)),
}


def test_directives_are_what_the_page_says() -> None:
    """Each text in double brackets on it, and no other."""
    printed = {text for text in re.findall(r"`(\[\[[^`]+\]\])`", README) if "…" not in text}

    assert {text: read_directives([text]) for text in printed} == TAUGHT


def test_page_says_where_the_cache_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default, and by which variable it moves; `tests/specs/test_documents.py` counts what it holds."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    default = cache_folder()
    monkeypatch.setenv("XDG_CACHE_HOME", "/elsewhere")

    assert f"`~/{default.relative_to(Path.home()).as_posix()}`" in README
    assert cache_folder() == Path("/elsewhere") / "understudy"
    assert "`understudy` below `XDG_CACHE_HOME`" in " ".join(README.split())


def submitted(seed: int, store: Path, count: int) -> list[str]:
    """The ids of so many tasks, asked of a fake that is started for them and stopped again."""
    pack = specs.load(specs.names()[0])
    submit = next(each for each in pack.operations.values() if each.role == "submit")
    opened = open_store(f"sqlite:{store}", start_clock("manual", 0))
    fake = Fake([pack], Settings(clock="manual", seed=seed), lambda: 0, opened)
    with httpx.Client(
        transport=FakeTransport(fake), base_url="http://fake", headers={"Authorization": "Bearer k"}
    ) as each:
        for _ in range(count):
            assert each.post(submit.path, json=next(iter(submit.examples.values()))).is_success
    ids = [view.task.id for view in fake.tasks()]
    opened.close()
    return ids


def test_seed_of_a_file_is_the_one_of_the_start(tmp_path: Path) -> None:
    """The same one goes on as if nothing had happened; another one changes what comes, not what is there."""
    whole, other = submitted(0, tmp_path / "whole.db", 4), submitted(1, tmp_path / "other.db", 4)
    submitted(0, tmp_path / "one.db", 2)
    same = submitted(0, tmp_path / "one.db", 2)
    submitted(0, tmp_path / "two.db", 2)
    changed = submitted(1, tmp_path / "two.db", 2)

    assert same == whole
    assert changed == [*whole[:2], *other[2:]]


def options(command: str, kind: str | None = None) -> dict[str, object]:
    """Each option of a command, or of one kind of it, and its default."""
    parser = argparse.ArgumentParser()
    importlib.import_module(COMMANDS[command][0]).add_arguments(parser)
    choices = [action.choices for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    parsers = [parser, *(each for some in choices for name, each in some.items() if kind in (None, name))]
    return {name: action.default for each in parsers for action in each._actions for name in action.option_strings}


def lines_of_code() -> list[str]:
    """Every line that stands in a block or between backticks."""
    printed = [line for language in ("sh", "text") for block in blocks(language) for line in block.splitlines()]
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    return [*printed, *re.findall(r"`([^`]+)`", prose)]


def test_every_command_named_exists_and_takes_its_options() -> None:
    """Nobody types a line from the page and is told that there is no such thing."""
    calls = [found.groups() for line in lines_of_code() if (found := re.search(r"\bunderstudy ([a-z]+)(.*)", line))]
    commands = {command for command, _ in calls}

    unknown = [
        f"understudy {command} {option}"
        for command, words in calls
        for option in re.findall(r"--[a-z-]+", words)
        if option not in options(command)
    ]

    assert commands == set(COMMANDS)
    assert unknown == []


def written(default: object) -> str:
    """A default as the table writes it."""
    if default is None:
        return "none"
    return "off" if default is False else str(default)


def table_of_options(heading: str) -> list[tuple[str, str]]:
    """The first two cells of each row about options in one part of the page."""
    (part,) = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    return re.findall(r"^\| (`--[^|]+) \|([^|]*)\|", part, re.MULTILINE)


def test_table_has_every_option_of_serve_with_its_default() -> None:
    """The page lags behind nothing: an option added, dropped or changed turns this red."""
    rows = table_of_options("Quick start")
    table = {name: default.strip(" `") for names, default in rows for name in re.findall(r"`([^`]+)`", names)}
    known = {name: written(default) for name, default in options("serve").items()}

    assert table == {name: default for name, default in known.items() if name not in ("-h", "--help")}


@pytest.mark.parametrize(("heading", "kind"), [("Judging a gateway", "gateway"), ("Judging a client", "client")])
def test_table_has_every_option_of_verify(heading: str, kind: str) -> None:
    """The same for the judge; numbers are its defaults."""
    rows = table_of_options(heading)
    names = {name for names, _ in rows for name in re.findall(r"`(--[a-z-]+)", names)}
    known = options("verify", kind)
    numbers = {
        name: number
        for names, defaults in rows
        for name, number in zip(re.findall(r"`(--[a-z-]+)", names), re.findall(r"[0-9.]+", defaults), strict=False)
    }

    assert names == known.keys() - {"-h", "--help", "--url"}
    assert numbers
    assert {name: float(number) for name, number in numbers.items()} == {name: known[name] for name in numbers}
