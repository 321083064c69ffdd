"""What the first page prints works as printed: curl walks, Python, the options of the command."""

import argparse
import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import specs
from contracts.cli import COMMANDS
from targets import serving

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLIP = (ROOT / "mockserver" / "clip.mp4").read_bytes()
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
    assert ran.stdout.splitlines()[-1] == f"video/mp4, {len(CLIP)} bytes"
    assert (tmp_path / "result.mp4").read_bytes() == CLIP


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


def options(command: str) -> dict[str, object]:
    """Each option of a command, and its default."""
    parser = argparse.ArgumentParser()
    importlib.import_module(COMMANDS[command][0]).add_arguments(parser)
    return {name: action.default for action in parser._actions for name in action.option_strings}


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


def test_table_has_every_option_of_serve_with_its_default() -> None:
    """The page lags behind nothing: an option added, dropped or changed turns this red."""
    rows = re.findall(r"^\| (`--[^|]+) \| ([^|]+) \|", README, re.MULTILINE)
    table = {name: default.strip("`") for names, default in rows for name in re.findall(r"`([^`]+)`", names)}
    known = {name: written(default) for name, default in options("serve").items()}

    assert table == {name: default for name, default in known.items() if name not in ("-h", "--help")}
