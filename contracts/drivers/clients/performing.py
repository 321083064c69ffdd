"""Performs one scenario: opens the two hosts, runs the client, and gives the judge all that there was."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from hashlib import blake2b

from contracts.drivers.clients.answers import Vendors
from contracts.drivers.clients.assignment import Assignment, Client
from contracts.drivers.clients.play import CALLS_MAX, Hosts, Play
from contracts.drivers.clients.runclock import RunClock
from contracts.drivers.clients.wire import Call, Listener, Request
from contracts.judge.clients.run import Ending, Job, Run
from contracts.judge.promise import Promise
from contracts.scenarios import Scenario, demand

# What was under way when the client ended gets so long to arrive.
_SETTLE_SECONDS = 0.02
# Programs that start want a processor, those that wait for the next poll don't: so many start at a time. Who has not
# called after so long is in no hurry.
_STARTS_OF_A_CORE, _START_SECONDS = 2, 3.0


class Stage:
    """Where scenarios are performed. Each performance has a number, and by it a key and a path that no other has."""

    def __init__(self, promise: Promise, client: Client, seed: int, timeout_seconds: float) -> None:
        self._promise = promise
        self._client = client
        self._seed = seed
        self._timeout_seconds = timeout_seconds
        self._vendors = Vendors(promise, seed)
        self._number = 0
        self._starts = asyncio.Semaphore(_STARTS_OF_A_CORE * (os.cpu_count() or 1))

    async def perform(self, scenario: Scenario) -> Run:
        """One run of the client."""
        self._number += 1
        mark = blake2b(f"{self._seed}:{self._number}".encode(), digest_size=18).hexdigest()
        key, prefix = f"sk-{mark[:24]}", f"/{mark[24:]}/gateway"
        turn = _Turn(self._starts)
        doors = _Doors(turn.over)
        await doors.open()
        try:
            await turn.begin()
            return await self._run(scenario, key, prefix, doors)
        finally:
            turn.over()
            await doors.close()

    async def _run(self, scenario: Scenario, key: str, prefix: str, doors: _Doors) -> Run:
        dress = scenario.dress
        account = self._vendors.account(key, odd_ids=dress.odd_ids, clock_days=dress.clock_days)
        clock = RunClock()
        play = doors.play = Play(scenario, self._promise, account, doors.hosts(prefix, clock))
        job = Job(operation=scenario.operation, body=scenario.body)
        assignment = Assignment(
            base_url=play.hosts.base,
            key=key,
            job=job,
            clock=clock,
            timeout_seconds=self._timeout_seconds,
            flood=lambda: f"it sent more than {CALLS_MAX} calls" if play.is_flooded else "",
        )
        ending: Ending = await self._client.run(assignment)
        await asyncio.sleep(_SETTLE_SECONDS)
        # Hanging up tells the record of the calls that were still open.
        await doors.close()
        return Run(
            served=play.served(),
            key=key,
            job=job,
            demand=demand(scenario),
            ending=ending,
            timeout_seconds=self._timeout_seconds,
        )


class _Turn:
    """A client's turn to start: over with its first call, at the latest after a while."""

    def __init__(self, starts: asyncio.Semaphore) -> None:
        self._starts = starts
        self._is_mine = False
        self._limit: asyncio.TimerHandle | None = None

    async def begin(self) -> None:
        """Waits for it."""
        await self._starts.acquire()
        self._is_mine = True
        self._limit = asyncio.get_running_loop().call_later(_START_SECONDS, self.over)

    def over(self) -> None:
        """Somebody else may start; said once more, it changes nothing."""
        if self._limit is not None:
            self._limit.cancel()
        if self._is_mine:
            self._is_mine = False
            self._starts.release()


class _Doors:
    """The two ports of a run: the vendor's, and the other host's. `called` is told of every call."""

    def __init__(self, called: Callable[[], None]) -> None:
        self.play: Play | None = None
        self._called = called
        self._vendor = Listener(self._at_vendor)
        self._elsewhere = Listener(self._at_elsewhere)

    async def open(self) -> None:
        """Listens at both."""
        await self._vendor.start()
        await self._elsewhere.start()

    async def close(self) -> None:
        """Hangs up."""
        await self._vendor.close()
        await self._elsewhere.close()

    def hosts(self, prefix: str, clock: RunClock) -> Hosts:
        """What clients call them: the other one by another name too."""
        return Hosts(
            vendor=f"http://127.0.0.1:{self._vendor.port}",
            prefix=prefix,
            elsewhere=f"http://localhost:{self._elsewhere.port}",
            clock=clock,
        )

    def _at_vendor(self, request: Request) -> Call:
        assert self.play is not None  # noqa: S101 - set before a client knows the port
        self._called()
        return self.play.at_vendor(request)

    def _at_elsewhere(self, request: Request) -> Call:
        assert self.play is not None  # noqa: S101 - as above
        self._called()
        return self.play.at_elsewhere(request)
