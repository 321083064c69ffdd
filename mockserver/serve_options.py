"""The words of `understudy serve`: a table of options, each with its default and a line of help."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mockserver.calllog import STYLES
from mockserver.fake import BODY_MAX
from mockserver.targets import POLICIES

PORT_MAX = 65535
LENIENCIES = ("documented", "lenient")


class Unsaid(str):
    """A default that nobody has asked for in so many words."""

    __slots__ = ()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= PORT_MAX):
        message = f"{text!r} is no port (0 to {PORT_MAX})"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) > 0):
        message = f"{text!r} is not a whole number of 1 or more"
        raise argparse.ArgumentTypeError(message)
    return int(text)


_FILE: dict[str, Any] = {"type": Path, "metavar": "FILE"}
# Each option by its names; where there is a default, its help says so.
_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--host",), {"default": "127.0.0.1", "help": "address to listen at"}),
    (("-p", "--port"), {"type": _port, "default": 8787, "help": "0 picks a free one"}),
    (("--clock",), {"default": Unsaid("x10"), "help": "real, xN (N times faster), manual, polls"}),
    (("--seed",), {"type": int, "default": 0, "help": "same seed and calls, same ids and timings"}),
    (("--store",), {"default": "memory", "help": "memory, sqlite:PATH, redis://HOST:PORT"}),
    (("--workers",), {"type": _positive, "default": 1, "help": "processes at the port; they share the --store"}),
    (
        ("--leniency",),
        {"choices": LENIENCIES, "default": LENIENCIES[0], "help": "how much is let through"},
    ),
    (("--accounts",), {**_FILE, "help": "YAML or JSON: key -> secret, balance, concurrency, rate"}),
    (("--scenario",), {**_FILE, "help": "YAML or JSON: faults that every account meets"}),
    (
        ("--option",),
        {
            "action": "append",
            "metavar": "NAME",
            "help": "switches on what a pack offers as an option, like a sister platform's webhook; several times if"
            " need be",
        },
    ),
    (("--overlay",), {**_FILE, "help": "an OpenAPI Overlay 1.0, laid over a vendor's contract"}),
    (("--callbacks",), {"choices": POLICIES, "default": "loopback", "help": "where webhooks may go"}),
    (("--load",), {**_FILE, "help": "a snapshot to start from, and its clock, unless the store remembers calls"}),
    (
        ("--public-url",),
        {"metavar": "URL", "help": "base of the URLs that are handed out (default: the caller's host)"},
    ),
    (("--max-body",), {"type": _positive, "default": BODY_MAX, "metavar": "BYTES", "help": "largest request"}),
    (("--log",), {"choices": STYLES, "default": "plain", "help": "how calls are logged on stderr"}),
    (("--no-directives",), {"action": "store_true", "help": "prompts choose nothing"}),
    (
        ("--admin-token",),
        {"metavar": "TOKEN", "help": "admin calls and pages need it; required when --host is not loopback"},
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Vendors, and the options of the table."""
    parser.add_argument(
        "vendors",
        nargs="*",
        metavar="VENDOR | PATH",
        help="vendors by name, or folders with packs (default: all)",
    )
    for names, says in _OPTIONS:
        default = " (default: %(default)s)" if "default" in says else ""
        parser.add_argument(*names, **{**says, "help": says["help"] + default})
