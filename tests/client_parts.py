"""What clients with a flaw have in common with correct ones: a clock, and answers as they came."""

from __future__ import annotations

import time
from dataclasses import dataclass

_CALL_SECONDS = 3.0


class Clock:
    """Time as it passes; a test may have another."""

    def now(self) -> float:
        """Seconds since some instant."""
        return time.monotonic()

    def wall(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """A pause."""
        time.sleep(seconds)  # noqa: TID251 - a client waits

    def patience(self) -> float:
        """How long to wait for an answer."""
        return _CALL_SECONDS

    def waited(self) -> None:
        """That long was waited for one that did not come."""

    def check(self) -> None:
        """A moment before each call."""


@dataclass
class Answer:
    """What came back."""

    status: int
    body: bytes
    retry_after: str = ""
    location: str = ""
    media_type: str = ""
    length: str = ""
