"""The one clock: the instant of everything that the fake says, told by a mode, from wall time that is passed in.

`real` and `xN` begin now and run; `manual` and `polls` begin at a fixed instant and stand still until they are moved.
Nothing here reads the time.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from time import gmtime, strftime
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# 2026-01-01T00:00:00.000Z
FIXED_START_MS = 1_767_225_600_000


class ClockError(ValueError):
    """A clock that does not exist, or a move that no clock makes."""


class Clock(NamedTuple):
    """A mode, where it began, and how far it was moved. Instants are milliseconds since 1970."""

    mode: str
    rate: float
    began_wall_ms: int
    began_ms: int
    offset_ms: int = 0

    @property
    def runs(self) -> bool:
        """Whether it moves by itself."""
        return self.rate > 0

    @property
    def by_polls(self) -> bool:
        """Whether tasks move by being polled, not by time."""
        return self.mode == "polls"

    def now_ms(self, wall_ms: int) -> int:
        """The instant at a wall time."""
        if not self.rate:
            return self.began_ms + self.offset_ms
        return self.began_ms + self.offset_ms + int((wall_ms - self.began_wall_ms) * self.rate)

    def moved(self, seconds: float) -> Clock:
        """The clock after a jump forward."""
        return self._replace(offset_ms=self.offset_ms + round(seconds * 1000))

    def wall_seconds(self, milliseconds: float) -> int:
        """How long a wait on this clock takes a client, in whole seconds, at least one."""
        return max(1, math.ceil(milliseconds / 1000 / (self.rate or 1)))


def start_clock(text: str, wall_ms: int) -> Clock:
    """The clock that a `--clock` value names: `real`, `xN`, `manual` or `polls`."""
    if text in ("manual", "polls"):
        return Clock(text, 0, wall_ms, FIXED_START_MS)
    if text == "real":
        return Clock(text, 1, wall_ms, wall_ms)
    try:
        rate = float(text[1:]) if text.startswith("x") else 0
    except ValueError:
        rate = 0
    if not (math.isfinite(rate) and 0 < rate <= 1_000_000):  # noqa: PLR2004 - beyond it a second is a fortnight
        message = f"{text!r} is no clock; clocks are real, xN (N times faster, say x10), manual and polls"
        raise ClockError(message)
    return Clock(text, rate, wall_ms, wall_ms)


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    # Not every platform writes a year before 1000 with four digits.
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(seconds)).zfill(19)


# An answer often holds one instant twice.
@lru_cache(maxsize=256)
def rfc3339(ms: int) -> str:
    """`2026-01-01T00:00:00.000Z`."""
    seconds, rest = divmod(ms, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


def instant_ms(text: str) -> int:
    """What `rfc3339` has written, or anybody else's such instant; ValueError for what is none."""
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND
    except (TypeError, ValueError):
        message = f"{text[:40]!r} is not an instant such as 2026-01-01T00:00:00.000Z"
        raise ValueError(message) from None
