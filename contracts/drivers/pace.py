"""How fast requests go out: so many at once, so many a second, and none while the service asks to wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus

from contracts.exchange import Exchange
from specs.http_date import read_http_date

WAIT_SECONDS_DEFAULT = 1.0
# Who asks to come back at once is not asked in a loop.
_WAIT_SECONDS_MIN = 0.2
# For so long after the end of a wait a service may still be full.
_NARROW_SECONDS = 3.0
_REFUSED_FOR_NOW = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(slots=True)
class _Lane:
    """Requests that wait together: a service with too many tasks still answers questions about them."""

    resume_seconds: float = 0.0
    waited_seconds: float = 0.0
    answered: int = 0
    """How many got an answer for good."""
    wide_again_seconds: float = 0.0
    """Until then one goes after the other, because some were put off: the first that is, holds back all that wait."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(slots=True)
class Pace:
    """The order of going out.

    `patience_seconds` is how long a lane may be kept waiting in a row; None where whatever is answered is for good.
    """

    rate: float | None
    patience_seconds: float | None
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

    def is_put_off(self, exchange: Exchange, *, is_submit: bool) -> bool:
        """Whether the answer asks to come back later; while there is patience the lane then waits for that long."""
        lane = self._lanes[is_submit]
        wait = wait_seconds(exchange) if self.patience_seconds is not None else None
        if wait is None:
            lane.waited_seconds = 0.0
            lane.answered += 1
            return False
        resume = _now() + max(wait, _WAIT_SECONDS_MIN)
        lane.waited_seconds += max(0.0, resume - max(_now(), lane.resume_seconds))
        if not self.is_out_of_patience(is_submit=is_submit):
            lane.resume_seconds = max(lane.resume_seconds, resume)
            lane.wide_again_seconds = lane.resume_seconds + _NARROW_SECONDS
        return True

    def is_out_of_patience(self, *, is_submit: bool) -> bool:
        """Whether the lane was kept waiting for longer than is reasonable, and nothing got through since."""
        return self.patience_seconds is not None and self.waited_seconds(is_submit=is_submit) > self.patience_seconds

    def waited_seconds(self, *, is_submit: bool) -> float:
        """For how long the lane has to wait, or had to, since it last got an answer for good."""
        return self._lanes[is_submit].waited_seconds

    def answered(self, *, is_submit: bool) -> int:
        """How many requests of the lane got an answer for good so far."""
        return self._lanes[is_submit].answered


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
    resume = read_http_date(text)
    now = read_http_date(date) if date is not None else datetime.now(UTC)
    if resume is None or now is None:
        return WAIT_SECONDS_DEFAULT
    return max(0.0, (resume - now).total_seconds())


def _now() -> float:
    return asyncio.get_running_loop().time()
