"""The command line as people meet it: help, one line for an error, quiet ends, nothing imported in vain."""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from contracts import cli
from contracts.errors import UsageError
from specs.errors import PackError

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
COMMAND = [sys.executable, "-m", "contracts.cli"]


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """With what it does, on stdout."""
    assert cli.main(["--help"]) == 0

    said = capsys.readouterr()
    assert all(f"  {name} " in said.out and text in said.out for name, (_, text) in cli.COMMANDS.items())
    assert said.err == ""


def test_no_command_is_answered_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, and not as a success."""
    assert cli.main([]) == 2
    assert "commands:" in capsys.readouterr().err


def test_version_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Name and version."""
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("understudy ")


@pytest.mark.parametrize("word", ["sreve", "--sreve", ""])
def test_unknown_command_is_one_line(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Which names those that there are."""
    assert cli.main([word]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert repr(word) in said.err
    assert "serve, vendors, show, lint, new" in said.err


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its module is there and has both functions."""
    assert cli.main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"usage: understudy {name}")


@pytest.mark.parametrize("words", [["show"], ["lint", "--colour"], ["new", "a", "b"]])
def test_wrong_words_are_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the command's name, and where help is."""
    assert cli.main(words) == 2

    said = capsys.readouterr()
    assert said.err.startswith(f"understudy {words[0]}: ")
    assert f"(see understudy {words[0]} --help)" in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize("words", [["show", "nobody"], ["lint", "nobody"]])
def test_unknown_vendor_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """And no traceback."""
    assert cli.main(words) == 2

    said = capsys.readouterr()
    assert said.err.startswith(f"understudy {words[0]}: nobody: is neither a vendor nor a folder.")
    assert said.err.count("\n") == 1


def a_command(run: Callable[[object], int]) -> ModuleType:
    """The module of a command that does this."""
    module = ModuleType("a_command")
    module.add_arguments = lambda _: None  # type: ignore[attr-defined]
    module.run = run  # type: ignore[attr-defined]
    return module


@pytest.fixture
def lint_does(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[object], int]], None]:
    """Puts something else in the place of a command."""

    def put(run: Callable[[object], int]) -> None:
        monkeypatch.setattr(importlib, "import_module", lambda _: a_command(run))

    return put


@pytest.mark.parametrize("error", [UsageError("two\nlines"), PackError("x.yaml", "", "two\nlines")])
def test_what_people_can_get_wrong_is_one_line(
    error: Exception, lint_does: Callable[[Callable[[object], int]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Even if the message has two."""

    def fail(_: object) -> int:
        raise error

    lint_does(fail)

    assert cli.main(["lint"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_interrupt_is_quiet(
    lint_does: Callable[[Callable[[object], int]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C ends with the status that shells expect."""

    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    lint_does(interrupt)

    assert cli.main(["lint"]) == 130
    assert capsys.readouterr() == ("", "")


def test_status_of_a_command_is_the_status(lint_does: Callable[[Callable[[object], int]], None]) -> None:
    """Whatever it is."""
    lint_does(lambda _: 7)

    assert cli.main(["lint"]) == 7


def test_closed_pipe_is_quiet() -> None:
    """Who reads the first line only sees no traceback."""
    reading, writing = os.pipe()
    os.close(reading)
    words = [*COMMAND, "show", "specs/skeleton/pack", "--constraints"]
    ran = subprocess.run(words, cwd=ROOT, env=ENVIRONMENT, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (ran.returncode, ran.stderr) == (141, b"")


def test_help_imports_nothing_that_commands_need() -> None:
    """A server that starts does not wait for what only a judge needs."""
    heavy = {"ruamel", "uvicorn", "starlette", "httpx", "openapi_spec_validator", "jwt"}
    code = f"import sys; from contracts import cli; cli.main(['--help']);sys.exit(len({heavy} & set(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
