"""Tables for people: aligned columns on a page of a hundred characters, on a terminal and in a pipe alike."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

WIDTH = 100
_GAP = "  "
_COLUMN_MIN = 8


def columns(rows: Sequence[Sequence[str]], indent: str = "", flexible: int | None = None) -> Iterator[str]:
    """The rows as lines; the flexible column gives way when they are too wide for the page."""
    if not rows:
        return
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    if flexible is not None:
        room = WIDTH - len(indent) - sum(widths) + widths[flexible] - len(_GAP) * (len(widths) - 1)
        widths[flexible] = max(_COLUMN_MIN, min(widths[flexible], room))
    for row in rows:
        cells = (_cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True))
        yield (indent + _GAP.join(cells)).rstrip()


def wrapped(text: str, indent: str) -> Iterator[str]:
    """Running text as lines of the page."""
    yield from textwrap.wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."


def write_lines(lines: Iterator[str] | Sequence[str]) -> None:
    """Lines on stdout."""
    for line in lines:
        sys.stdout.write(line + "\n")


def write_json(value: Any) -> None:
    """A value on stdout, for programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def counted(number: int, thing: str) -> str:
    """`1 operation`, `2 operations`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
