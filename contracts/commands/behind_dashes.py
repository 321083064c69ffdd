"""The words behind `--`: the command that a command of ours is to run, taken as it stands."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

DASHES = "--"


def take_command(parser: argparse.ArgumentParser) -> None:
    """From now on the parser leaves what stands behind the first `--` alone, and puts it into `command` (a list).

    argparse would take options of that command for its own, and the words of ours for positional ones of its.
    """
    parse = parser.parse_known_args

    def parse_first_part(args: Sequence[str] | None = None, namespace: Any = None) -> tuple[Any, list[str]]:
        words = list(args or ())
        cut = words.index(DASHES) if DASHES in words else len(words)
        parsed, rest = parse(words[:cut], namespace)
        parsed.command = words[cut + 1 :]
        return parsed, rest

    parser.parse_known_args = parse_first_part  # type: ignore[assignment, method-assign]  # the same but for what it skips
    parser.usage = f"{parser.format_usage().removeprefix('usage: ').rstrip()} -- COMMAND [ARG ...]"
