"""The command line as people meet it: help, one line for an error, quiet ends, nothing imported in vain."""

import importlib
import os
import re
import shlex
import shutil
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


def test_demo_needs_a_place_for_its_reports(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Said before anything is run."""
    (here / "notes").touch()
    assert cli.main(["demo", "--reports", "notes"]) == 2

    told = "understudy demo: --reports notes can't be made a folder (File exists); name another one\n"
    assert capsys.readouterr().err == told


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


def test_half_an_installation_finds_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 3, which is not that of findings."""

    def fail(_: str) -> ModuleType:
        message = "no module named half"
        raise ImportError(message)

    monkeypatch.setattr(importlib, "import_module", fail)

    assert cli.main(["lint"]) == 3
    assert "understudy lint: can't be loaded" in capsys.readouterr().err


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


def ran_by_bash(line: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The line, with `$U` for the command."""
    environment = {**ENVIRONMENT, "U": shlex.join(COMMAND), "XDG_CACHE_HOME": str(folder / "cache"), **more}
    return subprocess.run(
        ["bash", "-c", line],  # noqa: S607 - wherever bash is
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


NO_ROOM = "the output can't be written (No space left on device)\n"
CLOSED = "there is nowhere to write to: stdout is closed\n"
GONE = "the folder in which this was called is gone; change to another one\n"
GO = "mkdir gone; cd gone; rmdir ../gone; "

# Each: what is typed; the status; all that stderr says.
REFUSED_BY_THE_MACHINE = {
    "$U vendors >/dev/full": (3, f"understudy vendors: {NO_ROOM}"),
    "$U vendors --json >/dev/full": (3, f"understudy vendors: {NO_ROOM}"),
    "$U --help >/dev/full": (3, f"understudy: {NO_ROOM}"),
    "$U lint --help >/dev/full": (3, f"understudy lint: {NO_ROOM}"),
    "$U serve -p 0 >/dev/full": (3, f"understudy serve: {NO_ROOM}"),
    "$U vendors >&-": (3, f"understudy vendors: {CLOSED}"),
    "$U serve -p 0 >&-": (3, f"understudy serve: {CLOSED}"),
    "$U --version >&-": (3, f"understudy: {CLOSED}"),
    "$U vendors <&- >&- 2>&-": (3, ""),
    "$U sreve 2>/dev/full": (2, ""),
    "$U sreve 2>&-": (2, ""),
    GO + "$U lint .": (3, f"understudy lint: {GONE}"),
    GO + "$U serve -p 0 .": (3, f"understudy serve: {GONE}"),
    GO + "$U lint uniall >&2": (0, None),
    "$U show uniall --constraints | head -1": (0, ""),
    "$U lint --help | true": (0, ""),
    "$U sreve 2>&1 | true": (0, ""),
}


@pytest.mark.skipif(not Path("/dev/full").exists() or shutil.which("bash") is None, reason="needs bash and /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("line", REFUSED_BY_THE_MACHINE)
def test_what_the_machine_refuses_is_one_line(line: str, unbuffered: str, tmp_path: Path) -> None:
    """No room, no stdout, no folder: never a traceback, and the status of what could not be done."""
    status, said = REFUSED_BY_THE_MACHINE[line]

    ran = ran_by_bash(line, tmp_path, PYTHONUNBUFFERED=unbuffered)

    assert ran.returncode == status, ran.stderr
    assert "Traceback" not in ran.stderr
    assert said is None or ran.stderr == said


@pytest.mark.parametrize("words", ["serve -p 0 deep", "show deep", "serve -p 0 --accounts deep/openapi.yaml"])
def test_nesting_without_end_is_one_line(words: str, tmp_path: Path) -> None:
    """Of a pack and of an accounts file."""
    folder = Path(shutil.copytree(ROOT / "specs" / "skeleton" / "pack", tmp_path / "deep"))
    (folder / "openapi.yaml").write_text("[" * 5000, encoding="utf-8")

    ran = ran_by_bash(f"$U {words}", tmp_path)

    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "openapi.yaml: is nested more than 100 deep, or holds itself" in ran.stderr


def test_name_that_the_terminal_lacks_is_shown_somehow(tmp_path: Path) -> None:
    """An encoding without its letters is no reason to fall over."""
    folder = Path(shutil.copytree(ROOT / "specs" / "skeleton" / "pack", tmp_path / "mine"))
    behaviour = folder / "behaviour.yaml"
    text = behaviour.read_text(encoding="utf-8")
    behaviour.write_text(re.sub(r"(?m)^title: .*$", "title: Zürich", text), encoding="utf-8")

    ran = ran_by_bash("$U show ./mine", tmp_path, PYTHONIOENCODING="ascii")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Z\\xfcrich (mine)\n")


def test_help_imports_nothing_that_commands_need() -> None:
    """A server that starts does not wait for what only a judge needs."""
    heavy = {"ruamel", "uvicorn", "starlette", "httpx", "openapi_spec_validator", "jwt"}
    code = f"import sys; from contracts import cli; cli.main(['--help']);sys.exit(len({heavy} & set(sys.modules)))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )

    assert (ran.returncode, ran.stderr) == (0, "")
