"""Judges a client: plays every scenario of a plan to it, looks again where it went wrong, and says all in a verdict."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from contracts.drivers.clients.assignment import Client
from contracts.drivers.clients.causes import Cause, Performed, causes
from contracts.drivers.clients.performing import Stage
from contracts.drivers.clients.proofs import Proof, Prover
from contracts.drivers.clients.settings import ClientSettings, chosen_rules
from contracts.drivers.clients.verdicts import About, Course, verdict_of
from contracts.drivers.verifying import INTERRUPTED, Progress
from contracts.finding import Verdict
from contracts.judge.clients.table import judge_client
from contracts.judge.promise import Promise
from contracts.scenarios.plan import Plan
from contracts.scenarios.scenario import Scenario
from specs.pack import Pack

# When so many runs had to be killed, the others would be too.
KILLED_MAX = 8
_HOPELESS = "the client fails when nothing is unusual, so nothing else was tried"
_ENOUGH = f"{KILLED_MAX} runs had to be killed, so the rest was not tried"
_DECISIVE = ("outcome", "run")


@dataclass(slots=True)
class ClientVerification:
    """One verification of one client. `replay` gives the command that repeats a scenario, or all of it."""

    pack: Pack
    client: Client
    settings: ClientSettings
    target: str
    replay: Callable[[Scenario | None], str]
    _notes: list[str] = field(default_factory=list)

    def run_here(self, progress: Progress | None = None) -> Verdict:
        """The same as `run`, in an event loop of its own."""
        verdicts: list[Verdict] = []

        async def keep() -> None:
            verdicts.append(await self.run(progress))

        with asyncio.Runner() as runner:
            runner.run(keep())
        return verdicts[0]

    async def run(self, progress: Progress | None = None) -> Verdict:
        """Plays, judges, proves."""
        began_at, began = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), time.monotonic()
        await self.client.start()
        promise = Promise(self.pack)
        theatre = _Theatre(self, promise, progress)
        found: list[tuple[Cause, Proof]] = []
        aborted = ""
        try:
            found = await self._course(theatre)
        except asyncio.CancelledError:
            aborted = INTERRUPTED
            found = [_unproved(each) for each in causes(theatre.performed)]
        finally:
            await self.client.stop()
            if progress is not None:
                progress.end()
        course = Course(theatre.performed, tuple(found), "; ".join(self._notes), aborted)
        about = About(
            promise=promise,
            rules=chosen_rules(self.settings.only, self.settings.skip),
            target=self.target,
            seed=self.settings.seed,
            began_at=began_at,
            seconds=time.monotonic() - began,
            replay=self.replay,
        )
        return verdict_of(course, about)

    async def _course(self, theatre: _Theatre) -> list[tuple[Cause, Proof]]:
        settings = self.settings
        if settings.scenario is not None:
            await theatre.play([settings.scenario])
            return [_unproved(each) for each in causes(theatre.performed)]
        plan = Plan(self.pack, settings.seed, settings.max_examples, settings.timeout_seconds)
        theatre.expect(len(plan.plain) + len(plan.others))
        await theatre.play(plan.plain)
        lost = {each.scenario.operation for each in theatre.performed if _is_lost(each)}
        await theatre.play([each for each in plan.others if each.operation not in lost])
        self._notes += [_HOPELESS] * bool(lost) + [_ENOUGH] * theatre.is_enough
        found = causes(theatre.performed)
        proofs = await Prover(self.pack, plan.jobs, theatre.perform).prove(found)
        return [(cause, proof) for cause, proof in zip(found, proofs, strict=True) if proof is not None]


def _unproved(cause: Cause) -> tuple[Cause, Proof]:
    """A cause as it was seen."""
    return cause, Proof(cause.shown[0], len(cause.shown), len(cause.shown))


def _is_lost(performed: Performed) -> bool:
    """Whether even a run in which nothing was unusual went wrong as a whole."""
    return any(rule.partition(".")[0] in _DECISIVE and rule != "run.children" for rule, _ in performed.missteps())


class _Theatre:
    """Plays scenarios, so many at a time."""

    def __init__(self, verification: ClientVerification, promise: Promise, progress: Progress | None) -> None:
        settings = verification.settings
        self._promise = promise
        self._rules = chosen_rules(settings.only, settings.skip)
        self._stage = Stage(promise, verification.client, settings.seed, settings.timeout_seconds)
        self._places = asyncio.Semaphore(settings.jobs)
        self._jobs = settings.jobs
        self._progress = progress
        self._killed = 0
        self._planned = 0
        self._done: dict[int, Performed] = {}

    @property
    def performed(self) -> tuple[Performed, ...]:
        """What was played so far, in the order of the plan."""
        return tuple(self._done[number] for number in sorted(self._done))

    @property
    def is_enough(self) -> bool:
        """Whether so many runs hung that nobody need see more."""
        return self._killed >= KILLED_MAX

    def expect(self, total: int) -> None:
        """How many scenarios there will be."""
        if self._progress is not None:
            self._progress.start(total)

    async def play(self, scenarios: Sequence[Scenario]) -> None:
        """The scenarios, until it is enough."""
        left = deque(enumerate(scenarios, self._planned))
        self._planned += len(left)

        async def work() -> None:
            while left and not self.is_enough:
                number, scenario = left.popleft()
                played = await self.perform(scenario)
                self._done[number] = played
                self._killed += self._is_killed(played)
                if self._progress is not None:
                    self._progress.advance()

        # When one fails, the others end too.
        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._jobs, len(left))):
                group.create_task(work())

    @staticmethod
    def _is_killed(performed: Performed) -> bool:
        ending = performed.run.ending
        return ending is not None and ending.status is None and not ending.flood

    async def perform(self, scenario: Scenario) -> Performed:
        """One scenario, and what the judge says of it."""
        async with self._places:
            run = await self._stage.perform(scenario)
        return Performed(scenario=scenario, run=run, judged=judge_client(run, self._promise, self._rules))
