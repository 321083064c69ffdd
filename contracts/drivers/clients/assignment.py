"""What a client is given for one run, and what is asked of whatever can run one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from contracts.drivers.clients.runclock import RunClock
from contracts.judge.clients.run import Ending, Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One run's job, and the limits of the run. `flood` says what there is too much of; empty: nothing."""

    base_url: str
    key: str
    job: Job
    clock: RunClock
    timeout_seconds: float
    flood: Callable[[], str]


class Client(Protocol):
    """A client under test."""

    async def start(self) -> None:
        """Gets ready; UsageError when it can't be run at all."""

    async def run(self, assignment: Assignment) -> Ending:
        """One run, to its end or to its limits."""

    async def stop(self) -> None:
        """No more runs."""
