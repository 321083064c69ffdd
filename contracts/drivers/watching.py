"""Follows tasks from their submit to a while after their end, densely at first and whenever there is news."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from contracts.cases.case import Case, Credentials
from contracts.drivers.caller import Caller
from contracts.drivers.composing import Composer
from contracts.exchange import Exchange
from specs.pointers import Json

# The first wait of a task that is watched densely, and of others: at different paces, so that what counts polls can be
# told from what counts time. Each wait is so many times the one before.
DENSE_SECONDS, FIRST_SECONDS, _GROWTH = 0.05, (0.08, 0.16, 0.32, 0.32, 0.32), 1.6
_DENSE_POLLS = 24
# A task that takes its time is asked less often after so many polls without news, up to so many intervals.
_POLLS_WITHOUT_NEWS, _PATIENCE_GROWTH, _INTERVALS_MAX = 12, 1.25, 4
# An answer that says nothing known is a finding as it is: nobody waits for it to the deadline.
_UNKNOWN_SECONDS_MAX = 3.0
# The waits after the end, a second and a bit in all: for tasks that are watched densely, and for others, where one look
# tells whether anything has changed.
AFTER_END_SECONDS: Mapping[bool, tuple[float, ...]] = MappingProxyType({True: (0.25, 0.35, 0.5), False: (1.1,)})


WhenNews: TypeAlias = Callable[[], Awaitable[object]]


class Reading(NamedTuple):
    """What the driver has to know of an answer: the task's id, its word, whether that is documented, and its last."""

    task: str | None
    word: Json
    is_known: bool
    is_over: bool


@dataclass(slots=True, kw_only=True)
class Followed:
    """What became of a submission; instants are seconds of the conversation."""

    submitted: Exchange
    poll: str
    task: str
    word: Json = None
    own_id: str | None = None
    """The client's own id of the task."""
    over_seconds: float | None = None

    @property
    def lasted_seconds(self) -> float | None:
        """From the submit's answer to the first poll that saw the end."""
        return None if self.over_seconds is None else self.over_seconds - self.submitted.answered_seconds


class Watcher:
    """Polls tasks of one run."""

    def __init__(self, caller: Caller, composer: Composer, read: Callable[[Exchange], Reading], waits: Waits) -> None:
        self._caller = caller
        self._composer = composer
        self._read = read
        self._waits = waits

    async def poll(self, operation: str, task: str, words: str, credentials: Credentials = "key") -> Exchange:
        """One look at a task that exists."""
        case = Case(operation=operation, expects="accepted", words=words, task=task, credentials=credentials)
        return await self._caller.ask(self._composer.question(case))

    async def follow(
        self, followed: Followed, gait: Gait, *, also_external: bool, when_news: WhenNews | None = None
    ) -> None:
        """To the end and a second beyond, or to the deadline; `also_external`: polls take the client's own id too.

        `when_news` is awaited in each new state before the end.
        """
        task, own_id = followed.task, followed.own_id if also_external else None
        if own_id is not None:
            await self.poll(followed.poll, own_id, "by the client's own id")
        await self._to_the_end(followed, gait, when_news)
        if followed.over_seconds is None:
            return
        for wait in AFTER_END_SECONDS[gait.is_dense]:
            await asyncio.sleep(wait)
            await self.poll(followed.poll, task, "a task that is over")
        if own_id is not None:
            await self.poll(followed.poll, own_id, "by the client's own id, after the end")

    async def _to_the_end(self, followed: Followed, gait: Gait, when_news: WhenNews | None) -> None:
        deadline = followed.submitted.answered_seconds + self._waits.deadline_seconds
        word, since = followed.word, self._caller.seconds
        if when_news is not None:
            await when_news()
        while True:
            exchange = await self.poll(followed.poll, followed.task, "a task that is watched")
            reading = self._read(exchange)
            if reading.is_over:
                followed.over_seconds = exchange.answered_seconds
                return
            if reading.word != word:
                word, since = reading.word, exchange.sent_seconds
                gait.begin()
                if when_news is not None:
                    await when_news()
            is_hopeless = not reading.is_known and exchange.sent_seconds - since > _UNKNOWN_SECONDS_MAX
            if is_hopeless or exchange.sent_seconds >= deadline:
                return
            # The last look comes just after the deadline.
            left = max(deadline - self._caller.seconds, 0.0) + DENSE_SECONDS
            await asyncio.sleep(min(gait.next(), left))


@dataclass(frozen=True, slots=True)
class Waits:
    """How long to wait between polls: the longest wait for a task that gives news, and how long a task may take."""

    interval_seconds: float
    deadline_seconds: float


class Gait:
    """The waits between the polls of one task: they begin anew with each news, and grow without."""

    def __init__(self, first_seconds: float, interval_seconds: float, *, is_dense: bool = False) -> None:
        self._first = min(first_seconds, interval_seconds)
        self._interval = interval_seconds
        self.is_dense = is_dense
        self.begin()

    def begin(self) -> None:
        """There is news."""
        self._wait = self._first
        self._count = 0

    def next(self) -> float:
        """The next wait, in seconds."""
        wait, self._count = self._wait, self._count + 1
        if self.is_dense and self._count < _DENSE_POLLS:
            return wait
        if self._count < _POLLS_WITHOUT_NEWS or self.is_dense:
            self._wait = min(wait * _GROWTH, self._interval)
        else:
            self._wait = min(wait * _PATIENCE_GROWTH, _INTERVALS_MAX * self._interval)
        return wait
