"""`understudy`: the table of commands, and what all of them share: help, errors in one line, quiet ends."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NoReturn, Protocol

from contracts.errors import UsageError
from specs.errors import SpecError

USAGE_ERROR, INTERRUPTED, PIPE_CLOSED = 2, 130, 141
_DISTRIBUTION = "understudy"

# Where each command lives, and what it does in one line. A module is imported when its command is called,
# for start-up: `serve` must not wait for what only `lint` needs.
COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "serve": ("mockserver.serve", "start the fake vendors"),
        "vendors": ("contracts.commands.vendors", "which vendors there are, and from which documents"),
        "show": (
            "contracts.commands.show",
            "what a vendor promises, does and refuses; every constraint of it",
        ),
        "lint": ("contracts.commands.lint", "whether vendor packs are sound"),
        "new": ("contracts.commands.new", "write a small vendor pack to start from"),
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


def _complain(place: str, message: str) -> int:
    sys.stderr.write(f"{place}: {' '.join(message.split())}\n")
    return USAGE_ERROR


def _run(name: str, words: Sequence[str]) -> int:
    command: Command = importlib.import_module(COMMANDS[name][0])
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


def main(argv: Sequence[str] | None = None) -> int:
    """The console script; the exit status."""
    words = sys.argv[1:] if argv is None else argv
    try:
        status = _dispatch(words)
        sys.stdout.flush()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough (`| head`): what is still buffered goes nowhere, quietly.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    return status


if __name__ == "__main__":
    sys.exit(main())
