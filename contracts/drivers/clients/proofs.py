"""Proofs: a mistake is looked for again, and then in simpler and simpler scenarios, for as long as there is time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from contracts.drivers.clients.causes import Cause, Performed
from contracts.scenarios.jobs import Jobs
from contracts.scenarios.scenario import Scenario
from contracts.scenarios.smaller import simpler
from specs.pack import Pack
from specs.pointers import Json, split

Perform = Callable[[Scenario], Awaitable[Performed]]
TRIES_OF_ONE, TRIES_OF_HUNG, BATCH = 32, 4, 4
SECONDS_IN_ALL = 40.0
_AGAIN_MAX = 2
# What is seen once and not again is a matter of chance, or of a busy machine; of these it is told all the same: a task
# that was made twice was made twice.
_TOLD_AT_ONCE = ("request", "job", "credentials", "submit")


@dataclass(frozen=True, slots=True)
class Proof:
    """The simplest scenario in which a mistake was seen, and how often it was looked for in the first one."""

    performed: Performed
    seen: int
    looked: int


class Prover:
    """Looks again, and for less; by so many runs for each mistake, and so much time for all."""

    def __init__(self, pack: Pack, jobs: Jobs, perform: Perform) -> None:
        self._pack = pack
        self._jobs = jobs
        self._perform = perform
        self._until = time.monotonic() + SECONDS_IN_ALL

    async def prove(self, found: Sequence[Cause]) -> list[Proof | None]:
        """A proof for each cause; None for one that was not seen again, and may have been chance."""
        return await asyncio.gather(*(self._prove(cause) for cause in found))

    async def _prove(self, cause: Cause) -> Proof | None:
        first = cause.shown[0]
        seen, looked = await self._looked_again(cause, first)
        if seen < 2 and cause.rule.partition(".")[0] not in _TOLD_AT_ONCE:  # noqa: PLR2004 - once is no proof
            return None
        return Proof(await self._shrunk(cause, first), seen, looked)

    async def _looked_again(self, cause: Cause, first: Performed) -> tuple[int, int]:
        """In how many runs the mistake was seen, out of how many that could show it."""
        seen, looked = len(cause.shown), len(cause.shown)
        while seen < 2 and looked <= _AGAIN_MAX:  # noqa: PLR2004 - as above
            again = await self._perform(first.scenario)
            looked += 1
            seen += again.shows(cause.rule, cause.kind) is not None
        return seen, looked

    async def _shrunk(self, cause: Cause, first: Performed) -> Performed:
        if not first.run.served:
            # Who sent nothing did not even learn which scenario it was.
            return first
        best, tries = first, TRIES_OF_HUNG if _hung(first) else TRIES_OF_ONE
        candidates = self._candidates(cause, best.scenario)
        while tries > 0 and time.monotonic() < self._until:
            # A few at a time; of those that still show the mistake the boldest.
            batch = list(islice(candidates, min(BATCH, tries)))
            if not batch:
                break
            tries -= len(batch)
            ran = await asyncio.gather(*(self._perform(each) for each in batch))
            found = next((each for each in ran if each.shows(cause.rule, cause.kind) is not None), None)
            if found is not None:
                best = found
                candidates = self._candidates(cause, best.scenario)
        return best

    def _candidates(self, cause: Cause, scenario: Scenario) -> Iterator[Scenario]:
        operation = self._pack.operations[scenario.operation]
        plain = self._jobs.plain(operation.id)
        return simpler(scenario, operation, (_with_member(plain, scenario.body, cause.kind[1]), plain))


def _with_member(plain: Json, body: Json, pointer: str) -> Json:
    """The simplest body, with the member that a mistake is about."""
    name = next(iter(split(pointer)), "")
    return {**plain, name: body[name]} if isinstance(body, dict) and name in body else plain


def _hung(performed: Performed) -> bool:
    """Whether the run took as long as it may: others like it do too."""
    ending = performed.run.ending
    return ending is not None and ending.status is None
