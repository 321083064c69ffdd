"""Sends jobs through a gateway while its upstream is in trouble, one at a time, and some side by side.

A fault is laid on the fake behind the gateway, one job is submitted at the front, and the fault is taken away when the
front has answered: so it meets that job's calls. A word in its prompt tells whose a call is that comes later.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple, Protocol

from contracts.cases.case import Case
from contracts.cases.writing import fresh_text
from contracts.drivers.arrival import job_case
from contracts.drivers.caller import Caller, GoneError
from contracts.drivers.composing import POLL, SUBMIT, Composer, Keys
from contracts.drivers.jobs import Job, known_job
from contracts.drivers.pace import Pace, wait_seconds
from contracts.drivers.settings import Settings
from contracts.drivers.target import NotReachedError, Target
from contracts.drivers.wire import CONNECTIONS_MAX, Wire
from contracts.exchange import Exchange
from contracts.judge import Promise
from contracts.judge.promise import is_yes
from specs.pack import Pack
from specs.pointers import Json

# A gateway that sends jobs on by itself has so long to do it before the trouble is over.
_LOOK_SECONDS, _NOTICE_LOOKS = 0.02, 50
_FIRST_WAIT_SECONDS, _GROWTH = 0.08, 1.3
# A gateway that keeps off its upstream after trouble may do so for a while.
_PATIENCE_SECONDS, _AGAIN_SECONDS = 10.0, 0.5
# Whoever hangs, or never ends a job, so often does it every time.
_UNANSWERED_MAX, _OPEN_MAX = 3, 3
_MARK_LENGTH = 16
_TOGETHER, _FAILING = 8, 2
# On the clock of the fake, which runs fast.
_SLOW_SECONDS = 120
_RETRY = 1
_POLLS = 3


class Trouble(NamedTuple):
    """One thing that can go wrong behind the gateway: to the job's submit there, or to its first polls."""

    words: str
    fault: Mapping[str, Json]
    times: int | str = 1
    operation: str = SUBMIT


_LATER: Mapping[str, Json] = MappingProxyType({"status": 429, "retry_after": _RETRY})
SUBMITS = (
    Trouble(f"the submit upstream is answered 429 with Retry-After {_RETRY}", _LATER),
    Trouble(f"every submit upstream is answered 429 with Retry-After {_RETRY}", _LATER, "always"),
    Trouble(f"the submit upstream is answered 503 with Retry-After {_RETRY}", {"status": 503, "retry_after": _RETRY}),
    Trouble("the submit upstream is answered 500", {"status": 500}),
    Trouble("the submit upstream is answered with a 502 page of HTML", {"html": True}),
    Trouble("the connection of the submit upstream is closed", {"close": True}),
    Trouble("the submit's answer upstream is lost", {"lose_answer": True}),
    Trouble("the submit's answer upstream is not JSON", {"garble": True}),
    Trouble("the submit's answer upstream is cut off", {"truncate": 20}),
)
POLLS = (
    Trouble(f"two polls upstream are answered 429 with Retry-After {_RETRY}", _LATER, 2, POLL),
    Trouble(
        f"two polls upstream are answered 503 with Retry-After {_RETRY}",
        {"status": 503, "retry_after": _RETRY},
        2,
        POLL,
    ),
    Trouble(f"{_POLLS} polls upstream are answered 500", {"status": 500}, _POLLS, POLL),
    Trouble(f"{_POLLS} polls upstream are answered with a 502 page of HTML", {"html": True}, _POLLS, POLL),
    Trouble(f"the connections of {_POLLS} polls upstream are closed", {"close": True}, _POLLS, POLL),
    Trouble(f"the answers of {_POLLS} polls upstream are not JSON", {"garble": True}, _POLLS, POLL),
    Trouble(f"the answers of {_POLLS} polls upstream are cut off", {"truncate": 20}, _POLLS, POLL),
    Trouble("the task is unknown upstream to its first two polls", {"not_found_polls": 2}),
)
SUBMISSIONS = len(SUBMITS) + 1 + len(POLLS) + _FAILING + _TOGETHER + 1
"""How many jobs are sent, when none has to be sent again."""


class Upstream(Protocol):
    """The fake behind the gateway, as far as it is needed here."""

    @property
    def submits(self) -> int:
        """How many submits have arrived."""

    @property
    def failures(self) -> tuple[str, ...]:
        """Reasons for which a task may fail."""

    @property
    def rejection(self) -> int:
        """The status of a submit that is refused for what is in it."""

    def trouble(self, fault: Mapping[str, Json], operation: str, times: int | str, after: int = 0) -> None:
        """From now on this happens to calls of this kind."""

    def calm(self) -> None:
        """Nothing happens any more."""


class Steps(Protocol):
    """Where it is told how far it is."""

    def advance(self, steps: int = 1) -> None:
        """Some are done."""


@dataclass(kw_only=True)
class Tried:
    """One job that was sent, the word by which it is known, and what the front said."""

    words: str
    mark: str
    is_plain: bool
    is_refusal: bool = False
    """Whether it is refused upstream for what is in it."""
    front: list[Exchange] = field(default_factory=list)
    is_finished: bool = False
    """Whether it was followed to its end, or until its time was up."""
    is_open: bool = False
    """Whether it had not ended when its time was up."""
    gone: str = ""


@dataclass(frozen=True, kw_only=True)
class Troubled:
    """All jobs, and everything that was said at the front, in seconds since `began_seconds` of `time.monotonic`."""

    tried: tuple[Tried, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    began_seconds: float = 0.0
    is_interrupted: bool = False


class Troubling:
    """One session at one gateway."""

    def __init__(self, pack: Pack, target: Target, settings: Settings, upstream: Upstream) -> None:
        self._pack = pack
        self._target = target
        self._settings = settings
        self._upstream = upstream
        self._promise = Promise(pack)
        self._composer = Composer(
            pack, Keys(key=settings.key, bad=settings.bad_key, other=settings.other_key), settings.headers
        )
        self._run = settings.run or str(time.time_ns())
        self._tried: list[Tried] = []
        self._caller: Caller

    def run_here(self, progress: Steps | None = None) -> Troubled:
        """All of it, in an event loop of its own; Ctrl-C ends it early."""
        found = []

        async def keep() -> None:
            found.append(await self.run(progress))

        with asyncio.Runner() as runner:
            runner.run(keep())
        return found[0]

    async def run(self, progress: Steps | None = None) -> Troubled:
        """All of it, or what there was until the gateway was gone."""
        is_interrupted = False
        async with Wire(self._target, self._settings.timeout) as wire:
            # Nobody sends a call again by itself: what is answered is what is judged.
            pace = Pace(self._settings.rate, None, CONNECTIONS_MAX)
            self._caller = Caller(wire, pace, self._target.base, lambda _: None)
            try:
                await self._all(progress)
            except (GoneError, NotReachedError) as gone:
                self._tried[-1].gone = str(gone)
            except asyncio.CancelledError:
                is_interrupted = True
            finally:
                self._upstream.calm()
        return Troubled(
            # Of a job that was cut short nothing is known.
            tried=tuple(each for each in self._tried if each.is_finished or each.gone),
            exchanges=self._caller.exchanges,
            began_seconds=self._caller.began_seconds,
            is_interrupted=is_interrupted,
        )

    async def _all(self, progress: Steps | None) -> None:
        first = self._job()
        if first is None:
            return
        works: list[tuple[Callable[[], Awaitable[None]], int]] = [
            *((lambda each=each: self._submit_in(each), 1) for each in SUBMITS),
            (self._rejected, 1),
            *((lambda each=each: self._poll_in(each), 1) for each in POLLS),
            *((lambda each=each: self._fail_for(each), 1) for each in self._upstream.failures[:_FAILING]),
            (self._together, _TOGETHER),
            (self._afterwards, 1),
        ]
        for work, steps in works:
            await work()
            if progress is not None:
                progress.advance(steps)
            if self._is_hopeless():
                return

    def _is_hopeless(self) -> bool:
        unanswered = sum(1 for each in self._caller.exchanges if each.status is None)
        return unanswered >= _UNANSWERED_MAX or sum(each.is_open for each in self._tried) >= _OPEN_MAX

    # What is sent

    def _job(self, example: int = 0) -> tuple[Job, str] | None:
        number = len(self._tried)
        mark = fresh_text(self._run, number, _MARK_LENGTH)
        job = known_job(self._pack, mark, fresh_text(self._run, -1000 - number, 2 * _MARK_LENGTH), example)
        return None if job is None else (job, mark)

    def _begin(self, words: str, *, is_plain: bool, example: int = 0) -> tuple[Tried, Job]:
        found = self._job(example)
        assert found is not None  # noqa: S101 - the first one was there
        tried = Tried(words=words, mark=found[1], is_plain=is_plain)
        self._tried.append(tried)
        return tried, found[0]

    async def _rejected(self) -> None:
        """The provider does not want it, as often as it is asked."""
        status = self._upstream.rejection
        words = f"the submit upstream is refused with {status} for what is in it"
        await self._submit_in(Trouble(words, {"status": status}, "always"), is_refusal=True)

    async def _submit_in(self, trouble: Trouble, *, is_refusal: bool = False) -> None:
        tried, job = self._begin(trouble.words, is_plain=False)
        tried.is_refusal = is_refusal
        before = self._upstream.submits
        self._upstream.trouble(trouble.fault, trouble.operation, trouble.times)
        await self._submit(tried, job)
        await self._noticed(before)
        self._upstream.calm()
        await self._follow(tried)

    async def _poll_in(self, trouble: Trouble) -> None:
        tried, job = self._begin(trouble.words, is_plain=True)
        if trouble.operation == SUBMIT:
            self._upstream.trouble(trouble.fault, trouble.operation, trouble.times)
        await self._submit_plain(tried, job)
        if trouble.operation == POLL:
            self._upstream.trouble(trouble.fault, trouble.operation, trouble.times)
        await self._follow(tried)
        self._upstream.calm()

    async def _fail_for(self, reason: str) -> None:
        tried, job = self._begin(f"the task upstream fails ({reason})", is_plain=True)
        self._upstream.trouble({"fail": reason}, SUBMIT, 1)
        await self._submit_plain(tried, job)
        await self._follow(tried)
        self._upstream.calm()

    async def _together(self) -> None:
        """Side by side, each another example, and one of them fails."""
        words = f"one of {_TOGETHER} jobs at the same time"
        begun = [self._begin(words, is_plain=True, example=number) for number in range(_TOGETHER)]
        self._upstream.trouble({"fail": True}, SUBMIT, 1, after=_TOGETHER // 2)

        async def one(tried: Tried, job: Job) -> None:
            await self._submit_plain(tried, job)
            await self._follow(tried)

        await _all_of(one(*each) for each in begun)
        self._upstream.calm()

    async def _afterwards(self) -> None:
        """All is well, and the task takes its time: long enough to be seen at work."""
        tried, job = self._begin("after the trouble", is_plain=True)
        self._upstream.trouble({"slow_seconds": _SLOW_SECONDS}, SUBMIT, 1)
        await self._submit_plain(tried, job)
        await self._follow(tried)
        self._upstream.calm()

    # How it is sent

    async def _submit(self, tried: Tried, job: Job) -> None:
        # A submit is not repeated when its connection is cut: it would be another one.
        question = replace(self._composer.question(job_case(job)), is_billed=True, purpose=None)
        tried.front = [await self._caller.ask(question)]

    async def _submit_plain(self, tried: Tried, job: Job) -> None:
        """Again, while the front asks for patience."""
        begun = self._caller.seconds
        while True:
            await self._submit(tried, job)
            status = tried.front[0].status
            is_put_off = status is not None and (status == 429 or status >= 500)  # noqa: PLR2004 - not the caller's fault
            if not is_put_off or self._caller.seconds - begun >= _PATIENCE_SECONDS:
                return
            await asyncio.sleep(min(wait_seconds(tried.front[0]) or _AGAIN_SECONDS, _PATIENCE_SECONDS))

    async def _noticed(self, before: int) -> None:
        for _ in range(_NOTICE_LOOKS):
            if self._upstream.submits > before:
                return
            await asyncio.sleep(_LOOK_SECONDS)

    async def _follow(self, tried: Tried) -> None:
        await self._follow_to_the_end(tried)
        tried.is_finished = True

    async def _follow_to_the_end(self, tried: Tried) -> None:
        """To the end, or to the deadline; as slowly as the front asks for."""
        submitted = tried.front[0]
        task = self._promise.task_id_of(submitted)
        poll = self._poll_of(submitted.operation)
        if not is_yes(submitted.status) or task is None or poll is None:
            return
        case = Case(operation=poll, expects="accepted", words=tried.words, task=task)
        wait, deadline = _FIRST_WAIT_SECONDS, submitted.answered_seconds + self._settings.deadline
        while True:
            exchange = await self._caller.ask(replace(self._composer.question(case), purpose=None))
            tried.front.append(exchange)
            if self._promise.is_terminal(self._promise.read(exchange).word):
                return
            if self._caller.seconds >= deadline:
                tried.is_open = True
                return
            asked = wait_seconds(exchange) or 0.0
            await asyncio.sleep(min(max(wait, asked), max(0.0, deadline - self._caller.seconds) + _LOOK_SECONDS))
            wait = min(wait * _GROWTH, self._settings.poll_interval)

    def _poll_of(self, submit: str | None) -> str | None:
        operations = self._pack.operations
        tasks = operations[submit].tasks if submit is not None else None
        return next((each.id for each in operations.values() if each.role == POLL and each.tasks in ("*", tasks)), None)


async def _all_of(works: Iterable[Awaitable[None]]) -> None:
    """All of it, before anything that went wrong is told."""
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome
