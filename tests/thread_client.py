"""The flawed client in a thread of this process, on a clock that its pauses move: hundreds of runs in a few seconds."""

from __future__ import annotations

import asyncio

from client_parts import Clock
from contracts.drivers.clients.assignment import Assignment
from contracts.judge.clients import Ending
from flawed_client import NoVideoError
from subtle_reader import client_with

# Who waits for ever for an answer that never comes is let go after so long; all others end by themselves.
_FOR_EVER_SECONDS, _BUSY_MACHINE_SECONDS = 4.0, 60.0
# As long as the slowest answer that must be waited for, and a little; whoever waits in vain has no patience left.
_ANSWER_SECONDS, _IN_VAIN_SECONDS = 1.8, 14.0


class StoppedError(BaseException):
    """The run is over, whatever the client would like."""


class _MovedClock(Clock):
    """The run's clock; pauses move it."""

    def __init__(self, assignment: Assignment) -> None:
        self._assignment = assignment

    def now(self) -> float:
        return self._assignment.clock.now()

    def wall(self) -> float:
        return self._assignment.clock.wall()

    def sleep(self, seconds: float) -> None:
        self._assignment.clock.skipped += seconds
        self.check()

    def patience(self) -> float:
        return _ANSWER_SECONDS

    def waited(self) -> None:
        self._assignment.clock.skipped += _IN_VAIN_SECONDS

    def check(self) -> None:
        """Ends what goes on for too long."""
        if self._assignment.flood() or self.now() > self._assignment.timeout_seconds:
            raise StoppedError


class ThreadClient:
    """A client with one flaw."""

    def __init__(self, flaw: str) -> None:
        self._flaw = flaw

    async def start(self) -> None:
        """Nothing is needed."""

    async def stop(self) -> None:
        """Nothing is left."""

    async def run(self, assignment: Assignment) -> Ending:
        """One job."""
        limit = _FOR_EVER_SECONDS if self._flaw == "no_timeout" else _BUSY_MACHINE_SECONDS
        try:
            return await asyncio.wait_for(asyncio.to_thread(self._run, assignment), limit)
        except TimeoutError:
            return Ending(status=None, seconds=assignment.clock.now())

    def _run(self, assignment: Assignment) -> Ending:
        clock = _MovedClock(assignment)
        client = client_with(self._flaw)(self._flaw, assignment.base_url, assignment.key, clock)
        try:
            url = client.do(assignment.job.operation, assignment.job.body)
        except (NoVideoError, ValueError) as problem:
            return Ending(status=1, errors=f"{client.said}{problem}\n", seconds=clock.now())
        except SystemExit:
            return Ending(status=1, output=client.said, seconds=clock.now())
        except StoppedError:
            return Ending(status=None, flood=assignment.flood(), seconds=clock.now())
        return Ending(status=0, output=f"{client.said}{url}\n", seconds=clock.now())
