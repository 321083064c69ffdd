"""Pauses that take no time: an event loop that waits for nobody but its own timers leaps to the next one.

What is asked and answered within one process, without sockets and threads, goes as it would in real time: the loop's
clock and `wall_seconds` leap together. Where there are others to wait for, time is the real one.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import ClassVar, TypeVar, TypeVarTuple
from unittest.mock import patch

_Words = TypeVarTuple("_Words")
_Result = TypeVar("_Result")


class _Skipped:
    """How far the clocks are ahead of the machine's, by leaps."""

    seconds: ClassVar[float] = 0.0


def wall_seconds() -> float:
    """Seconds since 1970, with the leaps: for services that are asked in a loop that leaps."""
    return time.time() + _Skipped.seconds


def wall_ms() -> int:
    """The same as milliseconds."""
    return int(wall_seconds() * 1000)


def monotonic_seconds() -> float:
    """What `time.monotonic` tells, with the leaps."""
    return time.monotonic() + _Skipped.seconds


class _Leaps(selectors.DefaultSelector):
    """Waits by leaping, unless somebody else might wake it."""

    has_threads = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        # The loop itself has registered one end of a pipe, by which threads wake it.
        is_alone = len(self.get_map()) == 1 and not self.has_threads
        if timeout is None or timeout <= 0 or not is_alone:
            return super().select(timeout)
        ready = super().select(0)
        if not ready:
            _Skipped.seconds += timeout
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop that has no time to waste."""

    def __init__(self) -> None:
        self._leaps = _Leaps()
        super().__init__(self._leaps)

    def time(self) -> float:
        """The loop's seconds, with the leaps."""
        return super().time() + _Skipped.seconds

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Words], _Result], *args: *_Words
    ) -> asyncio.Future[_Result]:
        """In a thread: from now on there is somebody to wait for."""
        self._leaps.has_threads = True
        return super().run_in_executor(executor, func, *args)


@contextmanager
def leaping() -> Iterator[None]:
    """Within it the event loops that this thread makes are such ones."""
    real, ours = asyncio.events.new_event_loop, threading.current_thread()

    def made() -> asyncio.AbstractEventLoop:
        return LeapingLoop() if threading.current_thread() is ours else real()

    with patch("asyncio.events.new_event_loop", made):
        yield
    _Skipped.seconds = 0.0
