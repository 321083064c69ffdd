"""How fast requests go out: so many at once, so many a second, and none while the service asks to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from contracts.exchange import Exchange

WAIT_SECONDS_DEFAULT = 1.0
# For so long after the end of a wait a service may still be full.
_NARROW_SECONDS = 3.0
_REFUSED_FOR_NOW = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(slots=True)
class _Lane:
    """Requests that wait together: a service with too many tasks still answers questions about them."""

    resume_seconds: float = 0.0
    waited_seconds: float = 0.0
    is_hopeless: bool = False
    wide_again_seconds: float = 0.0
    """Until then one goes after the other, because some were put off: the first that is, holds back all that wait."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Pace:
    """The order of going out. `patience_seconds` is how long a lane may be kept waiting in a row."""

    rate: float | None
    patience_seconds: float
    at_once: int
    _next_seconds: float = 0.0
    _lanes: dict[bool, _Lane] = field(default_factory=lambda: {True: _Lane(), False: _Lane()})
    _slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        """As many slots as requests at once."""
        self._slots = asyncio.Semaphore(self.at_once)

    @asynccontextmanager
    async def slot(self, *, is_submit: bool) -> AsyncIterator[None]:
        """The right to have one request under way."""
        lane = self._lanes[is_submit]
        await self._wait(lane)
        async with lane.turn if _now() < lane.wide_again_seconds else nullcontext():
            await self._wait(lane)
            async with self._slots:
                await self._take_turn()
                yield

    @staticmethod
    async def _wait(lane: _Lane) -> None:
        # While it waits, another answer may ask for longer.
        while (wait := lane.resume_seconds - _now()) > 0:  # noqa: ASYNC110 - it is time that is waited for
            await asyncio.sleep(wait)

    async def _take_turn(self) -> None:
        if self.rate is None:
            return
        turn = max(_now(), self._next_seconds)
        self._next_seconds = turn + 1 / self.rate
        if (wait := turn - _now()) > 0:
            await asyncio.sleep(wait)

    def is_to_repeat(self, exchange: Exchange, *, is_submit: bool) -> bool:
        """Whether the answer asks to come back later; the lane then waits for that long.

        A lane that was kept waiting for longer than is reasonable gives up, until something gets through again.
        """
        lane = self._lanes[is_submit]
        wait = wait_seconds(exchange)
        if wait is None:
            lane.waited_seconds, lane.is_hopeless = 0.0, False
            return False
        if lane.is_hopeless:
            return False
        resume = _now() + wait
        lane.waited_seconds += max(0.0, resume - max(_now(), lane.resume_seconds))
        lane.is_hopeless = lane.waited_seconds > self.patience_seconds
        if not lane.is_hopeless:
            lane.resume_seconds = max(lane.resume_seconds, resume)
            lane.wide_again_seconds = lane.resume_seconds + _NARROW_SECONDS
        return not lane.is_hopeless


def wait_seconds(exchange: Exchange) -> float | None:
    """For how long the answer asks to wait; None when it is an answer for good."""
    if exchange.status not in _REFUSED_FOR_NOW:
        return None
    text = exchange.header("retry-after")
    if text is None:
        return WAIT_SECONDS_DEFAULT if exchange.status == HTTPStatus.TOO_MANY_REQUESTS else None
    if text.strip().isdecimal():
        return float(text)
    return _until(text, exchange.header("date"))


def _until(text: str, date: str | None) -> float:
    """The seconds to an HTTP date, by the service's own clock where it tells it."""
    try:
        resume = parsedate_to_datetime(text)
        now = parsedate_to_datetime(date) if date is not None else datetime.now(resume.tzinfo)
        return max(0.0, (resume - now).total_seconds())
    except (TypeError, ValueError):
        return WAIT_SECONDS_DEFAULT


def _now() -> float:
    return asyncio.get_running_loop().time()
