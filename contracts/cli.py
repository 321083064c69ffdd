"""`understudy`: the table of commands, and what all of them share: help, errors in one line, quiet ends."""

from __future__ import annotations

import argparse
import contextlib
import errno
import gc
import importlib
import io
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, Protocol, TextIO

from contracts.errors import UsageError
from specs.errors import SpecError

USAGE_ERROR, FAILED, INTERRUPTED, PIPE_CLOSED = 2, 3, 130, 141
_DISTRIBUTION = "understudy"
# What a file without a name, which is our output, can suffer: no room, no quota, too large, a broken device, closed.
_UNWRITTEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})

# Where each command lives, and what it does in one line. A module is imported when its command is called,
# for start-up: `serve` must not wait for what only `lint` needs.
COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "demo": ("contracts.commands.demo", "a minute that shows all of it: fakes, a walk, two gateways judged"),
        "serve": ("mockserver.serve", "start the fake vendors"),
        "vendors": ("contracts.commands.vendors", "which vendors there are, and from which documents"),
        "show": (
            "contracts.commands.show",
            "what a vendor promises, does and refuses; every constraint of it",
        ),
        "lint": ("contracts.commands.lint", "whether vendor packs are sound"),
        "new": ("contracts.commands.new", "write a small vendor pack to start from"),
        "verify": (
            "contracts.commands.verify",
            "judge a service that claims to speak a vendor's API, or a client of it",
        ),
        "drift": ("contracts.commands.drift", "whether a vendor is still what its pack says"),
        "watch": ("contracts.commands.watch", "run any command against a fake, and judge what it sends"),
        "live": ("contracts.commands.live", "ask the real service, without spending more than you say"),
        "explain": ("contracts.commands.explain", "what a rule of the judge means"),
    }
)


class Command(Protocol):
    """What the module of a command offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Says which words it takes."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Does it; the exit status."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and where help is."""
        self.exit(USAGE_ERROR, f"{self.prog}: {message} (see {self.prog} --help)\n")

    def print_help(self, file: Any = None) -> None:
        """As always, but that it could not be written is told like elsewhere."""
        (file or sys.stdout).write(self.format_help())


def _help() -> str:
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items())
    return (
        "usage: understudy COMMAND [WORD ...]\n\n"
        "Stands in for asynchronous vendor APIs, and judges whatever claims to speak them.\n\n"
        f"commands:\n{listed}\n\n"
        "`understudy COMMAND --help` says more; `understudy --version` says which one this is.\n"
    )


def _version() -> str:
    # Imported here for start-up: only this question needs it.
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version(_DISTRIBUTION)
    except PackageNotFoundError:
        number = "(not installed)"
    return f"{_DISTRIBUTION} {number}\n"


def _tell(place: str, message: str) -> None:
    """One line on stderr; where nobody can be told, nobody is."""
    try:
        sys.stderr.write(f"{place}: {' '.join(message.split())}\n")
        sys.stderr.flush()
    except OSError:
        _drop(sys.stderr)


def _complain(place: str, message: str) -> int:
    _tell(place, message)
    return USAGE_ERROR


def _load(module: str) -> Command:
    """The module of a command. What loading makes stays: the collector need not look at it, neither then nor later."""
    if module in sys.modules or not gc.isenabled():
        return importlib.import_module(module)
    gc.disable()
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()
        gc.enable()


def _run(name: str, words: Sequence[str]) -> int:
    try:
        command = _load(COMMANDS[name][0])
    except ImportError as problem:
        # Half an installation finds nothing: that must not look like findings.
        _tell(f"understudy {name}", f"can't be loaded, so the installation is not whole ({problem})")
        return FAILED
    parser = Parser(prog=f"understudy {name}", description=COMMANDS[name][1])
    command.add_arguments(parser)
    arguments = parser.parse_args(words)
    try:
        return command.run(arguments)
    except (SpecError, UsageError) as problem:
        return _complain(f"understudy {name}", str(problem))


def _dispatch(words: Sequence[str]) -> int:
    if not words:
        sys.stderr.write(_help())
        return USAGE_ERROR
    first = words[0]
    if first in ("-h", "--help", "help"):
        sys.stdout.write(_help())
        return 0
    if first in ("-V", "--version"):
        sys.stdout.write(_version())
        return 0
    if first not in COMMANDS:
        what = "option" if first.startswith("-") else "command"
        return _complain("understudy", f"there is no {what} {first!r}; commands are {', '.join(COMMANDS)}")
    return _run(first, words[1:])


def _answered(words: Sequence[str]) -> int:
    """The status of the command, once all that it wrote has left."""
    try:
        status = _dispatch(words)
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 0
    sys.stdout.flush()
    return status


def _failed(place: str, problem: OSError) -> int:
    if problem.filename is not None:
        what = f"{problem.filename}: can't be opened ({problem.strerror})"
    elif problem.errno in _UNWRITTEN:
        what = f"the output can't be written ({problem.strerror})"
        _drop(sys.stdout)
    elif _is_nowhere():
        what = "the folder in which this was called is gone; change to another one"
    else:
        what = f"can't go on ({problem.strerror or problem})"
    _tell(place, what)
    return FAILED


def _is_nowhere() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False


def _drop(stream: TextIO) -> None:
    """Lets what is still buffered go nowhere, or Python would speak of it at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _has_streams(place: str) -> bool:
    """Whether there is a stdout; and makes both streams ready for whatever is written."""
    if sys.stderr is None:
        # Closed by the caller (`2>&-`): then nobody is told.
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - for as long as the process lives
    if sys.stdout is None:
        _tell(place, "there is nowhere to write to: stdout is closed")
        return False
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal's encoding lacks is shown somehow, not fallen over.
        sys.stdout.reconfigure(errors="backslashreplace")
    return True


def main(argv: Sequence[str] | None = None) -> int:
    """The console script; the exit status."""
    words = sys.argv[1:] if argv is None else argv
    place = f"understudy {words[0]}" if words and words[0] in COMMANDS else "understudy"
    if not _has_streams(place):
        return FAILED
    try:
        return _answered(words)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`).
        _drop(sys.stdout)
        _drop(sys.stderr)
        return PIPE_CLOSED
    except OSError as problem:
        return _failed(place, problem)
    finally:
        _let_go_of_stderr()


def _let_go_of_stderr() -> None:
    """What nobody could be told must not change the status: Python ends with 120 when it can't write what is left."""
    try:
        sys.stderr.flush()
    except (OSError, ValueError):
        _drop(sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
