"""Verifies a service: plans, asks, judges, asks again for smaller proofs, and says it all as one verdict."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from itertools import filterfalse
from typing import Protocol

from contracts.cases import make_cases
from contracts.cases.calls import has_neighbours, is_near
from contracts.cases.case import Case, CaseBook
from contracts.cases.stamping import Stamp
from contracts.drivers.caller import Caller, GoneError
from contracts.drivers.choice import Choice, choose, subject
from contracts.drivers.composing import SUBMIT, Composer, Keys
from contracts.drivers.gateway import Asking, Run
from contracts.drivers.pace import Pace
from contracts.drivers.plan import Plan, make_plan
from contracts.drivers.purse import Purse
from contracts.drivers.settings import Settings, check
from contracts.drivers.shrinking import Confirmer, Shrinker, with_smallest_first
from contracts.drivers.target import NotReachedError, Target
from contracts.drivers.watching import Reading, Waits
from contracts.drivers.wire import CONNECTIONS_MAX, Wire
from contracts.errors import UsageError
from contracts.exchange import Conversation, Exchange
from contracts.finding import ConstraintRow, LawRow, Verdict
from contracts.judge import RULES, Judgement, Promise, constraint_rows, judge
from contracts.judge.relations import UPSTREAM
from specs.catalogue import catalogue
from specs.pack import Pack

INTERRUPTED = "interrupted"
# For so long a service may keep everybody waiting, also where tasks are expected to be over sooner.
_PATIENCE_SECONDS_MIN = 60.0


class Progress(Protocol):
    """Where a run says how far it is: `contracts.report.Progress` is one."""

    def start(self, total: int) -> None:
        """There are so many steps."""

    def advance(self, steps: int = 1) -> None:
        """Some are done."""

    def end(self) -> None:
        """No more to come."""


class Verification:
    """One verification, planned: it can tell what it will send, and send it."""

    def __init__(self, pack: Pack, target: Target, settings: Settings) -> None:
        self._pack = pack
        self._target = target
        self._settings = check(settings)
        self._choice: Choice = choose(settings.only, settings.skip, RULES, catalogue(pack))
        _check_left(pack, settings)
        # The names that nobody has used before hold the moment, so that a run can be repeated on one account.
        run = settings.run or str(time.time_ns())
        self._book = _case_book(pack, settings, self._choice, run)
        self._stamp = Stamp(pack, f"{run}:smaller")
        self.plan: Plan = make_plan(pack, self._book, self._choice, run, has_other=settings.other_key is not None)
        self._promise = Promise(pack)
        self._judged: tuple[int, Judgement] | None = None

    def run_here(self, progress: Progress | None = None) -> Verdict:
        """The same as `run`, in an event loop of its own; Ctrl-C ends the talk, not the verdict."""
        verdicts = []

        async def keep() -> None:
            verdicts.append(await self.run(progress, is_interruptible=True))

        # The verdict is no task's result: asyncio spells those out when its loop ends, megabytes of bodies and all.
        with asyncio.Runner() as runner:
            runner.run(keep())
        return verdicts[0]

    def without_skipped(self, verdict: Verdict) -> Verdict:
        """The verdict without the laws and findings that are to be skipped: somebody else may have added some."""
        choice = replace(self._choice, only=frozenset())
        return replace(verdict, laws=choice.laws(verdict.laws), findings=choice.findings(verdict.findings))

    def wants(self, rules: Collection[str]) -> bool:
        """Whether one of these laws is to be judged."""
        return any(map(self._choice.wants_rule, rules))

    async def run(self, progress: Progress | None = None, *, is_interruptible: bool = False) -> Verdict:
        """Sends it all and judges what came back; also what came until the service was gone.

        With `is_interruptible` a cancellation is such an end too, else it is passed on.
        """
        began_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if progress is not None:
            progress.start(self.plan.requests)
        talk = _Talk(self._pack, self._target, self._settings, progress)
        try:
            aborted = await self._talk(talk)
        except asyncio.CancelledError:
            if not is_interruptible:
                raise
            aborted = INTERRUPTED
        finally:
            if progress is not None:
                progress.end()
        return self._verdict(talk, aborted, began_at)

    async def _talk(self, talk: _Talk) -> str:
        """The whole conversation; why it ended early, if it did."""
        try:
            async with Wire(self._target, self._settings.timeout) as wire:
                talk.begin(wire)
                await talk.all_of(self.plan, self._read)
                await self._shrink(talk)
        except (GoneError, NotReachedError) as gone:
            return str(gone)
        return ""

    def _read(self, exchange: Exchange) -> Reading:
        seen = self._promise.read(exchange)
        is_over = seen.state is not None and self._promise.is_terminal(seen.word)
        return Reading(seen.task_id, seen.word, seen.state is not None, is_over)

    async def _shrink(self, talk: _Talk) -> None:
        found = self._choice.findings(self._judgement(talk.exchanges).findings)
        if any(finding.constraint is not None for finding in found):
            shrinker = Shrinker(Confirmer(self._pack), self._stamp, talk.ask)
            await shrinker.shrink(found, {each.number: each for each in talk.exchanges})

    def _judgement(self, exchanges: tuple[Exchange, ...]) -> Judgement:
        """Of the same exchanges it is the same."""
        if self._judged is None or self._judged[0] != len(exchanges):
            conversation = Conversation(exchanges, self._settings.deadline)
            self._judged = len(exchanges), judge(conversation, self._promise)
        return self._judged[1]

    def _verdict(self, talk: _Talk, aborted: str, began_at: str) -> Verdict:
        exchanges = talk.exchanges
        judgement = self._judgement(exchanges)
        index = {each.number: each for each in exchanges}
        rows = constraint_rows(judgement, self._promise, self._book.untested)
        return Verdict(
            vendor=self._pack.name,
            title=self._pack.title,
            target=str(self._target),
            seed=self._settings.seed,
            constraints=self._choice.constraints(rows),
            laws=self._choice.laws(judgement.laws),
            findings=tuple(with_smallest_first(each, index) for each in self._choice.findings(judgement.findings)),
            exchanges=exchanges,
            submissions=sum(1 for each in exchanges if self._is_submission(each)),
            seconds=talk.seconds,
            aborted=aborted,
            began_at=began_at,
            began_seconds=talk.began_seconds,
        )

    def _is_submission(self, exchange: Exchange) -> bool:
        operation = self._pack.operations.get(exchange.operation or "")
        is_taken = exchange.status is not None and exchange.status < 300  # noqa: PLR2004 - the class of success
        return operation is not None and operation.role == SUBMIT and is_taken


def _check_left(pack: Pack, settings: Settings) -> None:
    """Who judges nothing finds nothing: that must not look like a service that is right."""
    is_about_both_sides = UPSTREAM in map(subject, settings.only)
    if not any(nothing_judged(pack, settings.only, settings.skip)) and not is_about_both_sides:
        message = f"--only and --skip leave nothing that could be judged at {pack.title}"
        raise UsageError(message)


def _case_book(pack: Pack, settings: Settings, choice: Choice, run: str) -> CaseBook:
    """No more than the choice can use: to draw requests takes longer than all else."""
    if not choice.wants_cases:
        return CaseBook(cases=(), untested={})
    book = make_cases(pack, settings.seed, settings.max_examples if choice.wants_breadth else 0, run=run)
    return book if has_neighbours(settings.key) else replace(book, cases=tuple(filterfalse(is_near, book.cases)))


def nothing_judged(
    pack: Pack, only: Collection[str] = (), skip: Collection[str] = ()
) -> tuple[tuple[ConstraintRow, ...], tuple[LawRow, ...]]:
    """The rows that a verdict will have, before anything is sent: every outcome in them is untested."""
    promise, choice = Promise(pack), choose(only, skip, RULES, catalogue(pack))
    judgement = judge(Conversation(()), promise)
    return choice.constraints(constraint_rows(judgement, promise, {})), choice.laws(judgement.laws)


class _Talk:
    """The conversation of one run, from the moment that there is a connection."""

    def __init__(self, pack: Pack, target: Target, settings: Settings, progress: Progress | None) -> None:
        self._pack = pack
        self._target = target
        self._settings = settings
        self._progress = progress
        keys = Keys(key=settings.key, bad=settings.bad_key, other=settings.other_key)
        self._composer = Composer(pack, keys, settings.headers)
        self._caller: Caller | None = None

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was said so far."""
        return self._caller.exchanges if self._caller is not None else ()

    @property
    def seconds(self) -> float:
        """How long it has lasted."""
        return self._caller.seconds if self._caller is not None else 0.0

    @property
    def began_seconds(self) -> float:
        """When it began, on the loop's clock."""
        return self._caller.began_seconds if self._caller is not None else 0.0

    def begin(self, wire: Wire) -> None:
        """From here on requests can be sent."""
        settings = self._settings
        patience = max(settings.deadline, _PATIENCE_SECONDS_MIN)
        pace = Pace(settings.rate, patience, CONNECTIONS_MAX)
        self._caller = Caller(wire, pace, self._target.base, self._heard, Purse(self._pack))

    async def all_of(self, plan: Plan, read: Callable[[Exchange], Reading]) -> None:
        """What is planned."""
        assert self._caller is not None  # noqa: S101 - begun before
        waits = Waits(self._settings.poll_interval, self._settings.deadline)
        await Run(self._pack, plan, Asking(self._caller, self._composer, read), waits).go()

    async def ask(self, case: Case) -> Exchange:
        """One more request."""
        assert self._caller is not None  # noqa: S101 - begun before
        return await self._caller.ask(self._composer.question(case))

    def _heard(self, exchange: Exchange) -> None:
        # What was put off comes again.
        if self._progress is not None and exchange.purpose is not None:
            self._progress.advance()
