"""One live run: free calls, tasks of earlier runs, jobs as far as the money goes.

Law: nothing that may be billed is sent before it is in the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from contracts.cases import make_cases
from contracts.cases.calls import fresh_id
from contracts.cases.case import Case
from contracts.drivers.caller import Caller, GoneError
from contracts.drivers.composing import POLL, Composer, Keys
from contracts.drivers.jobs import Job, marked, watched_jobs
from contracts.drivers.pace import Pace
from contracts.drivers.purse import Purse
from contracts.drivers.target import NotReachedError, Target
from contracts.drivers.wire import Wire
from contracts.exchange import Exchange
from contracts.judge import Promise
from contracts.judge.promise import is_yes
from contracts.live.ledger import Ledger, OpenTask
from contracts.live.probes import SUBMIT, Probes, cost_rank, make_probes
from specs.live import load_live
from specs.pack import Operation, Pack

_AT_ONCE = 2
# The class of refusals; what a service that stumbled has done before is not known.
_CLIENT_ERROR = 4
_ACCEPTED_LAW = "status.accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSettings:
    """What a run may do; durations in seconds, `rate` in requests a second."""

    key: str
    bad_key: str
    spend: int = 0
    spend_a_day: int = 0
    seed: int = 0
    rate: float = 5.0
    poll_interval: float = 5.0
    deadline: float = 600.0
    timeout: float = 30.0


@dataclass(slots=True)
class LiveRun:
    """What one run has heard, and what it did not ask."""

    exchanges: tuple[Exchange, ...] = ()
    spent: int = 0
    ended: int = 0
    """Tasks that were seen to their end."""
    waiting: int = 0
    """Tasks that the next run has to look at."""
    skipped: list[str] = field(default_factory=list)
    """What was not asked, and why."""
    problem: str = ""
    """Why the run could not check what it should have."""


class Session:
    """One run, planned: it can tell what it will send, and send it. `now` tells the instant, for ledger and days."""

    def __init__(
        self, pack: Pack, target: Target, settings: LiveSettings, ledger: Ledger, now: Callable[[], datetime]
    ) -> None:
        self._pack = pack
        self._target = target
        self._settings = settings
        self._ledger = ledger
        self._now = now
        self.promise = Promise(pack)
        book = make_cases(pack, settings.seed, 0, run=ledger.run)
        self._facts = load_live(pack.folder)
        self.probes: Probes = make_probes(pack, book, self.promise, self._facts)
        self.jobs = self._cheapest_first()
        self.open: list[OpenTask] = ledger.open_tasks()
        self._random = Random(settings.seed)
        self._run = LiveRun()

    @property
    def budget(self) -> int:
        """How many submissions may still be sent."""
        today = self._settings.spend_a_day - self._ledger.spent(self._day())
        return max(0, min(self._settings.spend - self._ledger.spent(), today))

    async def go(self) -> LiveRun:
        """All of it; what was heard until the service was gone."""
        run, settings = self._run, self._settings
        caller: Caller | None = None
        try:
            async with Wire(self._target, settings.timeout) as wire:
                pace = Pace(settings.rate, settings.deadline, _AT_ONCE)
                caller = Caller(wire, pace, self._target.base, _ignore, Purse(self._pack))
                await self._talk(_Talk(caller, Composer(self._pack, Keys(key=settings.key, bad=settings.bad_key))))
        except (GoneError, NotReachedError) as gone:
            run.problem = str(gone)
        run.exchanges = caller.exchanges if caller is not None else ()
        run.spent = self._ledger.spent()
        run.waiting = len(self._ledger.open_tasks())
        return run

    async def _talk(self, talk: _Talk) -> None:
        for number, case in enumerate(self.probes.safe):
            exchange = await talk.ask(self._with_task(case))
            if self._is_job(exchange):
                self._mind_taken(exchange, case, len(self.probes.safe) - number - 1)
                return
        if self._is_key_refused(talk.caller.exchanges):
            self._run.problem = "the key is refused: nothing that needs an account could be checked"
            return
        await self._doubtful_jobs(talk)
        for each in self.open:
            await self._follow(talk, each)
        await self._spend(talk)

    def _is_job(self, exchange: Exchange) -> bool:
        operation = self._pack.operations.get(exchange.operation or "")
        return operation is not None and operation.role == SUBMIT and is_yes(exchange.status)

    def _mind_taken(self, exchange: Exchange, case: Case, left: int) -> None:
        """What had to be refused was taken: it may have been billed, and nothing more is free for sure."""
        self._ledger.send(self._at(), case.operation)
        self._remember(exchange)
        told = f"{case.operation} took what nobody could make a film of ({case.words})"
        self._run.problem = f"{told}: {left} calls and all jobs were not sent"

    def _with_task(self, case: Case) -> Case:
        """With an id that nobody was given, where one has to be asked for."""
        operation = self._pack.operations[case.operation]
        if operation.id_name is None or case.task is not None or case.without_task:
            return case
        return replace(case, task=fresh_id(self._pack.behaviour.task_id, self._random))

    def _is_key_refused(self, exchanges: tuple[Exchange, ...]) -> bool:
        """Whether whoever asks with the key for something is told that nobody knows it."""
        asked = [each for each in exchanges if each.purpose is not None and each.account and each.operation is not None]
        operations = self._pack.operations
        refused = [
            each.status
            in self.promise.refusal_statuses(operations[each.operation or ""], ["key_invalid"])
            - self.promise.refusal_statuses(operations[each.operation or ""], ["task_unknown"])
            for each in asked
        ]
        return bool(refused) and all(refused)

    # What has to be refused

    async def _doubtful_jobs(self, talk: _Talk) -> None:
        """Each is counted before it is sent, and no more once it was refused; one that is taken has been a job."""
        for number, case in enumerate(self.probes.doubt):
            if not self._is_paid(case.operation):
                left = len(self.probes.doubt) - number
                self._run.skipped.append(f"{left} jobs that have to be refused, and might not be: {self._why_not()}")
                return
            exchange = await talk.ask(case)
            if self._is_refused(case, exchange):
                self._ledger.refuse(self._at(), case.operation)
            else:
                self._remember(exchange)

    def _is_refused(self, case: Case, exchange: Exchange) -> bool:
        """Whether it is sure that there is no job: by any 4xx, or as the contract refuses what is wrong with it."""
        operation = self._pack.operations[case.operation]
        known = self.promise.refusal_statuses(operation, [case.situation or "request_invalid"])
        return exchange.status is not None and (exchange.status in known or exchange.status // 100 == _CLIENT_ERROR)

    # Jobs

    async def _spend(self, talk: _Talk) -> None:
        sent = 0
        for job in self.jobs:
            if not self._is_paid(job.operation):
                break
            sent += 1
            case = Case(operation=job.operation, expects="accepted", words=job.words, law=_ACCEPTED_LAW, body=job.body)
            exchange = await talk.ask(case)
            if talk.caller.is_broke(exchange):
                talk.caller.forget(talk.caller.is_broke)
                self._run.problem = "the account can't pay: no job could be checked"
                return
            task = self._remember(exchange)
            if task is not None:
                await self._follow(talk, task)
        if not sent and self._settings.spend and not self._ledger.spent():
            self._run.problem = f"no job was sent: {self._why_not()}"
        if self.jobs and sent < len(self.jobs):
            self._run.skipped.append(f"{len(self.jobs) - sent} jobs that would be billed: {self._why_not()}")

    def _is_paid(self, operation: str) -> bool:
        """Whether there was money for one more submission, whoever else spends today; it is in the ledger then."""
        settings = self._settings
        return self._ledger.pay(self._at(), operation, settings.spend, settings.spend_a_day)

    def _why_not(self) -> str:
        settings = self._settings
        if settings.spend <= self._ledger.spent():
            return f"--spend {settings.spend}"
        return f"{self._ledger.spent(self._day())} were sent today, --spend-a-day {settings.spend_a_day}"

    def _remember(self, exchange: Exchange) -> OpenTask | None:
        task = self.promise.task_id_of(exchange)
        poll = self._poll_of(exchange.operation or "")
        if task is None or poll is None:
            return None
        self._ledger.take(self._at(), poll.id, task)
        return OpenTask(poll.id, task)

    def _poll_of(self, submit: str) -> Operation | None:
        kind = self._pack.operations[submit].tasks
        polls = (each for each in self._pack.operations.values() if each.role == POLL and each.tasks in ("*", kind))
        return next(polls, None)

    async def _follow(self, talk: _Talk, task: OpenTask) -> None:
        """To its end, or to the deadline: then the next run goes on."""
        deadline = talk.caller.seconds + self._settings.deadline
        if task.poll not in self._pack.operations:
            return
        while True:
            case = Case(operation=task.poll, expects="accepted", words="a task that is watched", task=task.task)
            exchange = await talk.ask(case)
            if not is_yes(exchange.status) or self.promise.is_terminal(self.promise.read(exchange).word):
                self._ledger.end(self._at(), task.task)
                self._run.ended += is_yes(exchange.status)
                return
            if talk.caller.seconds + self._settings.poll_interval > deadline:
                return
            await asyncio.sleep(self._settings.poll_interval)

    def _cheapest_first(self) -> list[Job]:
        """The cheapest of each operation as the pack says, or as it seems; then the others."""
        plain = [job for job in watched_jobs(self._pack, self._ledger.run) if not job.law and not job.is_at_once]
        operations = self._pack.operations
        ranked = sorted(plain, key=lambda job: cost_rank(self._pack, operations[job.operation], job.body))
        known = sorted(self._facts.cheapest.items(), key=lambda each: each[1].cost)
        firsts = [
            Job(operation=name, words="the cheapest job", body=marked(self._pack, operations[name], cheap.body))
            for name, cheap in known
            if name in operations
        ]
        named = {job.operation for job in firsts}
        others = list({job.operation: job for job in reversed(ranked) if job.operation not in named}.values())
        others.sort(key=ranked.index)
        return [*firsts, *others, *(job for job in ranked if job not in others)]

    def _at(self) -> str:
        return self._now().isoformat(timespec="milliseconds")

    def _day(self) -> str:
        return self._now().date().isoformat()


@dataclass(frozen=True, slots=True)
class _Talk:
    """The conversation, from the moment that there is a connection."""

    caller: Caller
    composer: Composer

    async def ask(self, case: Case) -> Exchange:
        """One request."""
        question = self.composer.question(case)
        is_billed = question.is_submit and case.credentials == "key"
        return await self.caller.ask(replace(question, is_billed=is_billed))


def _ignore(_exchange: Exchange) -> None:
    """Nobody watches how far it is."""
