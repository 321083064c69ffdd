"""A terminal, a pipe or a log as the reports see it: how wide, in colour or not, and never steered by what is shown."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TextIO, TypeAlias

from contracts.report.plain import visible

COLUMNS_MIN, COLUMNS_MAX, COLUMNS_OF_A_PIPE = 40, 120, 100
Paint: TypeAlias = Literal["bold", "dim", "green", "red", "yellow"]
_CODES: dict[Paint, str] = {"bold": "1", "dim": "2", "green": "32", "red": "1;31", "yellow": "33"}


@dataclass(frozen=True, slots=True)
class Screen:
    """Where lines go."""

    stream: TextIO
    columns: int
    colour: bool

    def painted(self, text: str, paint: Paint) -> str:
        """The text in a colour, where there are colours."""
        return f"\x1b[{_CODES[paint]}m{text}\x1b[0m" if self.colour and text else text

    def wrapped(self, text: str, lead: str = "", rest: str | None = None) -> Iterator[str]:
        """Running text as lines; `lead` begins the first, `rest` (as many spaces by default) the others."""
        rest = " " * len(lead) if rest is None else rest
        width = self.columns - max(len(lead), len(rest))
        lines = textwrap.wrap(visible(" ".join(text.split())), width, break_on_hyphens=False)
        for number, line in enumerate(lines or [""]):
            yield (lead if number == 0 else rest) + line

    def write(self, line: str = "") -> None:
        """One line; what the stream's encoding lacks becomes a question mark."""
        self.stream.write(fit(line.rstrip() + "\n", self.stream))


def fit(text: str, stream: TextIO) -> str:
    """The text, with what the stream can't encode replaced."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


def screen(stream: TextIO, environment: Mapping[str, str]) -> Screen:
    """The stream as it is: colours on a terminal, unless NO_COLOR or FORCE_COLOR say otherwise."""
    colour = environment.get("TERM") != "dumb" and (is_terminal(stream) or bool(environment.get("FORCE_COLOR")))
    return Screen(stream, _columns(stream, environment), colour and not environment.get("NO_COLOR"))


def _columns(stream: TextIO, environment: Mapping[str, str]) -> int:
    """As many as COLUMNS or else the terminal says, within what is readable."""
    said = environment.get("COLUMNS", "")
    if said.isdecimal() and int(said) > 0:
        columns = int(said)
    else:
        try:
            columns = os.get_terminal_size(stream.fileno()).columns or COLUMNS_OF_A_PIPE
        except (OSError, ValueError, AttributeError):
            columns = COLUMNS_OF_A_PIPE
    return max(COLUMNS_MIN, min(columns, COLUMNS_MAX))


def is_terminal(stream: TextIO) -> bool:
    """Whether a person sits behind the stream; a closed one has nobody."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
