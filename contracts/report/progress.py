"""How far a run is: a bar on a terminal, a line at each quarter in a log, nothing when nobody wants to know."""

from __future__ import annotations

from typing import TextIO

from contracts.report.plain import visible
from contracts.report.screen import fit, is_terminal

_BAR_CHARACTERS = 24
_QUARTERS = 4
_CLEAR = "\r\x1b[K"


class Progress:
    """A run's progress on a stream, stderr as a rule.

    `start` says how many steps there are, again when there are more; `advance` that some are done; `say` writes a line
    in between; `end` leaves the line to others. A stream that is gone never stops the run.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self._bar = not quiet and is_terminal(stream)
        self._total = 0
        self._done = 0
        self._shown = ""
        self._quarter = 0

    def start(self, total: int) -> None:
        """There are `total` steps in all; what is done stays done."""
        self._total = total
        self._show()

    def advance(self, steps: int = 1) -> None:
        """Some steps are done."""
        self._done = min(self._done + steps, self._total)
        self._show()

    def say(self, text: str) -> None:
        """A line for people, above the bar."""
        if not self._quiet:
            self._write((_CLEAR if self._shown else "") + visible(text) + "\n" + self._shown)

    def end(self) -> None:
        """No more to come; the bar goes away."""
        if self._shown:
            self._write(_CLEAR)
        self._shown = ""

    def _show(self) -> None:
        if not self._quiet and self._total > 0:
            if self._bar:
                self._show_bar()
            else:
                self._show_quarter()

    def _show_bar(self) -> None:
        done = _BAR_CHARACTERS * self._done // self._total
        bar = "#" * done + "-" * (_BAR_CHARACTERS - done)
        line = f"[{bar}] {100 * self._done // self._total:3} % {self._done}/{self._total}"
        if line != self._shown:
            self._shown = line
            self._write(_CLEAR + line)

    def _show_quarter(self) -> None:
        quarter = _QUARTERS * self._done // self._total
        if quarter > self._quarter:
            self._quarter = quarter
            self._write(f"{100 * quarter // _QUARTERS} % ({self._done} of {self._total})\n")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(fit(text, self._stream))
            self._stream.flush()
        except (OSError, ValueError):
            self._quiet = True
