"""Webhooks beside a server: sends what falls due, in order, without holding up a call or one receiver for another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeAlias

from mockserver.letters import Webhook
from mockserver.mail import Mail, Outcome, Parcel
from mockserver.store import StoreError

Carry: TypeAlias = Callable[[Webhook], Awaitable[Outcome]]

# Webhooks under way at the same time.
_FLIGHTS_MAX = 64
# The next one waits so long for the one before, so that receivers see them in order; a slow receiver waits alone.
_PATIENCE_SECONDS = 1.0
# How often a store is looked at that others write to too, and one that is in trouble.
_LOOK_SECONDS = 0.5
# How long who waits for everything to settle waits at most: since the last answer, and in all.
_SILENCE_MAX_SECONDS, _SETTLE_MAX_SECONDS = 15.0, 120.0
_log = logging.getLogger("understudy")


class Rounds:
    """What goes on in one event loop: begins where it is made, ends when nothing more can come by itself."""

    def __init__(self, mail: Mail, carry: Carry, waited_for: list[str], *, stays: bool) -> None:
        self.bell = asyncio.Event()
        self.landing = asyncio.Event()
        self.answered_at = 0.0
        self._mail = mail
        self._carry = carry
        self._waited_for = waited_for
        self._stays = stays
        self._flights: set[asyncio.Task[None]] = set()
        self._slow: set[str] = set()
        self.task = asyncio.get_running_loop().create_task(self._run())

    async def end(self) -> None:
        """Ends it; what is under way is given back."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while await self._go_on():
                pass
        finally:
            # Where a whole loop ends they are ending already: to be told twice would break off their own end.
            for flight in [flight for flight in self._flights if not flight.cancelling()]:
                flight.cancel()
            await asyncio.gather(*self._flights, return_exceptions=True)

    async def _go_on(self) -> bool:
        """Sends one, or waits for news; False when none can come by themselves."""
        self.bell.clear()
        parcel, seconds = self._look()
        if parcel is not None:
            await self._send(parcel)
            return True
        if seconds is None and not self._flights and not self._stays:
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.bell.wait()
        return True

    def _look(self) -> tuple[Parcel | None, float | None]:
        """What is to be sent now, else how long until something may be."""
        if len(self._flights) >= _FLIGHTS_MAX:
            return None, None
        try:
            parcel = self._take()
            seconds = self._mail.wait_seconds() if parcel is None else None
        except StoreError as problem:
            _log.warning("webhooks wait: %s", problem)
            return None, _LOOK_SECONDS
        if self._stays:
            seconds = min(seconds, _LOOK_SECONDS) if seconds is not None else _LOOK_SECONDS
        return parcel, seconds

    def _take(self) -> Parcel | None:
        """An account that somebody waits for comes first: what others have piled up is not its business."""
        for account in dict.fromkeys(self._waited_for):
            parcel = self._mail.take(account)
            if parcel is not None:
                return parcel
        return self._mail.take()

    async def _send(self, parcel: Parcel) -> None:
        flight = asyncio.get_running_loop().create_task(self._deliver(parcel))
        self._flights.add(flight)
        flight.add_done_callback(self._land)
        receiver = "/".join(parcel.webhook.url.split("/", 3)[:3])
        if receiver in self._slow:
            return
        await asyncio.wait({flight}, timeout=_PATIENCE_SECONDS)
        if not flight.done():
            self._slow.add(receiver)
            flight.add_done_callback(lambda _: self._slow.discard(receiver))

    async def _deliver(self, parcel: Parcel) -> None:
        try:
            outcome = await self._carry(parcel.webhook)
        except asyncio.CancelledError:
            with suppress(StoreError):
                self._mail.release(parcel)
            raise
        except Exception as problem:  # noqa: BLE001 - one webhook must not end all others
            _log.exception("a webhook could not be sent")
            outcome = Outcome(None, f"it could not be sent ({type(problem).__name__}: {problem})")
        if outcome.status is not None:
            self.answered_at = asyncio.get_running_loop().time()
        self._mail.settle(parcel, outcome)

    def _land(self, flight: asyncio.Task[None]) -> None:
        self._flights.discard(flight)
        if not flight.cancelled() and (problem := flight.exception()) is not None:
            _log.warning("what became of a webhook could not be written down: %s", problem)
        self.bell.set()
        self.landing.set()


class Postman:
    """Carries the webhooks of one fake, in the event loop in which the first of them turns up.

    `make_carry` is asked there for what brings one to its receiver. Nothing runs while nothing is to come.
    """

    def __init__(self, mail: Mail, make_carry: Callable[[], Carry]) -> None:
        self._mail = mail
        self._make_carry = make_carry
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rounds: Rounds | None = None
        self._stays = False
        self._is_closed = False
        self._waited_for: list[str] = []
        mail.ring = self.ring

    def ring(self) -> None:
        """Something may have fallen due; may be called from any thread."""
        here = _running_loop()
        loop = self._loop
        if loop is None or loop.is_closed() or (here is not None and not loop.is_running()):
            loop, self._loop, self._rounds = here, here, None
        # Where no loop runs nobody is served either; whoever is served next wakes us.
        if loop is not None:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._wake)

    def start(self) -> None:
        """For the start of a server: what an earlier one has left is sent, and what others may leave later."""
        self._is_closed, self._stays = False, self._mail.is_shared
        if self._stays or self._mail.wait_seconds() is not None:
            self.ring()

    def _wake(self) -> Rounds | None:
        if self._is_closed:
            return None
        if self._rounds is None or self._rounds.task.done():
            self._rounds = Rounds(self._mail, self._make_carry(), self._waited_for, stays=self._stays)
        self._rounds.bell.set()
        return self._rounds

    async def close(self) -> None:
        """For the end of a server: what is under way is given back, and nothing more leaves."""
        self._is_closed = True
        rounds, self._rounds = self._rounds, None
        if rounds is not None:
            await rounds.end()

    async def settled(self, account: str | None = None) -> None:
        """Returns when nothing is due any more of what is due now, or when receivers are silent for too long."""
        now_ms = self._mail.now_ms()
        if not self._mail.has_due(now_ms, account):
            return
        waited_for = [account] if account is not None else []
        self._waited_for += waited_for
        self.ring()
        try:
            await self._wait_until_settled(now_ms, account)
        finally:
            for each in waited_for:
                self._waited_for.remove(each)

    async def _wait_until_settled(self, now_ms: int, account: str | None) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not self._is_closed and self._mail.has_due(now_ms, account):
            rounds = self._wake() if self._loop is loop else None
            silent_since = max(began, rounds.answered_at) if rounds is not None else began
            if loop.time() > min(began + _SETTLE_MAX_SECONDS, silent_since + _SILENCE_MAX_SECONDS):
                _log.warning("receivers of webhooks don't answer, and the call that waits for them waits no longer")
                return
            # What others do, in other loops or processes, is not heard here but seen a moment later.
            landing = rounds.landing if rounds is not None else asyncio.Event()
            landing.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS / 10):
                    await landing.wait()


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
