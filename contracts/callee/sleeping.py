"""Sleeps that take no time: they move whatever clock is told to move, and every clock of this process moves with it.

Uses nothing but the standard library: it is read in processes of which nothing else is known.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from typing import Any

# From here on sleeps take their time again: a client that reads a clock which can't be moved must come to its end too.
SKIPPED_SECONDS_MAX, SLEEPS_MAX = 900.0, 500
_CLOCKS = ("time", "monotonic", "perf_counter")
_NANO = 1_000_000_000


class Sleeper:
    """Moves time in place of sleeping. `moved` is told of each skip, before anything goes on."""

    def __init__(self, moved: Callable[[float], None]) -> None:
        self._moved = moved
        self.reset()

    def reset(self) -> None:
        """Time is the real one again."""
        self.skipped = 0.0
        self._sleeps = 0

    def skip(self, seconds: float) -> bool:
        """Moves the clocks; False when the sleep must take its time."""
        if self._sleeps >= SLEEPS_MAX or self.skipped + seconds > SKIPPED_SECONDS_MAX:
            return False
        self._sleeps += 1
        self.skipped += seconds
        self._moved(seconds)
        return True

    def install(self) -> None:
        """From now on the sleeps and the clocks of this process are these, for all modules that are imported later."""
        self._install_sleeps()
        for name in _CLOCKS:
            self._install_clock(name)
        dt.datetime = self._datetime()  # type: ignore[misc]  # the point

    def _install_sleeps(self) -> None:
        sleep, asleep = time.sleep, asyncio.sleep  # noqa: TID251 - what is replaced here

        def sleeps(seconds: float) -> None:
            if seconds <= 0 or not self.skip(float(seconds)):
                sleep(seconds)

        async def asleeps(delay: float, result: Any = None) -> Any:
            is_skipped = delay > 0 and self.skip(float(delay))
            return await asleep(0 if is_skipped else delay, result)

        time.sleep = sleeps  # type: ignore[assignment]  # noqa: TID251 - as above
        asyncio.sleep = asleeps
        asyncio.tasks.sleep = asleeps

    def _install_clock(self, name: str) -> None:
        seconds, nanos = getattr(time, name), getattr(time, name + "_ns")
        setattr(time, name, lambda: seconds() + self.skipped)
        setattr(time, name + "_ns", lambda: nanos() + int(self.skipped * _NANO))

    def _datetime(self) -> type[dt.datetime]:
        real, sleeper = dt.datetime, self

        class Alike(type):
            """Takes every instant for one of its own, whoever made it."""

            def __instancecheck__(cls, instance: object) -> bool:
                return isinstance(instance, real)

            def __subclasscheck__(cls, subclass: type) -> bool:
                return issubclass(subclass, real)

        class Moved(real, metaclass=Alike):  # type: ignore[misc, valid-type]  # made here on purpose
            """`datetime`, by the moved clock."""

            @classmethod
            def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:
                return real.now(tz) + dt.timedelta(seconds=sleeper.skipped)

            @classmethod
            def utcnow(cls) -> dt.datetime:
                return real.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(seconds=sleeper.skipped)

            @classmethod
            def today(cls) -> dt.datetime:
                return cls.now()

        Moved.__name__ = Moved.__qualname__ = "datetime"
        return Moved
