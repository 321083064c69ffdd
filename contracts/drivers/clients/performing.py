"""Performs one scenario: opens the two hosts, runs the client, and gives the judge all that there was."""

from __future__ import annotations

import asyncio
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


class Stage:
    """Where scenarios are performed. Each performance has a number, and by it a key and a path that no other has."""

    def __init__(self, promise: Promise, client: Client, seed: int, timeout_seconds: float) -> None:
        self._promise = promise
        self._client = client
        self._seed = seed
        self._timeout_seconds = timeout_seconds
        self._vendors = Vendors(promise, seed)
        self._number = 0

    async def perform(self, scenario: Scenario) -> Run:
        """One run of the client."""
        self._number += 1
        mark = blake2b(f"{self._seed}:{self._number}".encode(), digest_size=18).hexdigest()
        key, prefix = f"sk-{mark[:24]}", f"/{mark[24:]}/gateway"
        doors = _Doors()
        await doors.open()
        try:
            return await self._run(scenario, key, prefix, doors)
        finally:
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


class _Doors:
    """The two ports of a run: the vendor's, and the other host's."""

    def __init__(self) -> None:
        self.play: Play | None = None
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
        return self.play.at_vendor(request)

    def _at_elsewhere(self, request: Request) -> Call:
        assert self.play is not None  # noqa: S101 - as above
        return self.play.at_elsewhere(request)
