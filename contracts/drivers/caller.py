"""Asks the service and keeps what was said: each request in its turn, repeated where need be, until nobody is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from contracts.drivers.pace import Pace
from contracts.drivers.purse import Purse
from contracts.drivers.target import NotReachedError
from contracts.drivers.wire import Incoming, Outgoing, Wire
from contracts.exchange import Exchange, Purpose

# For how long nobody may be there before it counts as gone, and how often is looked meanwhile.
_GONE_SECONDS = 3.0
_LOOK_AGAIN_SECONDS = 0.2
# So many requests in a row without any answer: it hangs. Who has never answered is not asked as often.
_SILENT_MAX, _SILENT_AT_FIRST_MAX = 20, 2


class GoneError(Exception):
    """The service can't be asked any more: what was heard so far is all there will be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request with what makes it an exchange: the operation that it belongs to, who asks, and why."""

    outgoing: Outgoing
    operation: str | None
    account: str
    purpose: Purpose | None
    is_submit: bool = False
    is_billed: bool = False
    """Whether it may cost money each time it is sent."""


class Caller:
    """One conversation with one service: its record, in the order of sending."""

    def __init__(
        self, wire: Wire, pace: Pace, base: str, heard: Callable[[Exchange], None], purse: Purse | None = None
    ) -> None:
        self._wire = wire
        self._pace = pace
        self._base = base
        self._heard = heard
        self._purse = purse
        self.began_seconds = _now()
        self._numbers = 0
        self._record: dict[int, Exchange] = {}
        self._was_there = False
        self._absent_since_seconds: float | None = None
        self._silent = 0
        self._has_answered = False

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """What was said so far."""
        return tuple(self._record[number] for number in sorted(self._record))

    @property
    def seconds(self) -> float:
        """How long the conversation has lasted."""
        return _now() - self.began_seconds

    async def ask(self, question: Question) -> Exchange:
        """The exchange, recorded; GoneError when there is nobody to ask, or nothing is let through any more.

        An answer that asks to come back later is recorded as nothing but that, and the request is sent again. When
        others get through and this one is put off for longer than is reasonable, the answer is meant, and counts.
        """
        pace, is_submit = self._pace, question.is_submit
        answered = pace.answered(is_submit=is_submit)
        while True:
            async with pace.slot(is_submit=is_submit):
                exchange = await self._exchange(question)
            is_put_off = not self.is_broke(exchange) and pace.is_put_off(exchange, is_submit=is_submit)
            is_over = is_put_off and pace.is_out_of_patience(is_submit=is_submit)
            is_meant = is_over and pace.answered(is_submit=is_submit) > answered
            self._keep(replace(exchange, purpose=None) if is_put_off and not is_meant else exchange)
            if is_meant or not is_put_off:
                return exchange
            if is_over:
                raise GoneError(self._kept_out(exchange, pace.waited_seconds(is_submit=is_submit)))

    def _kept_out(self, exchange: Exchange, waited_seconds: float) -> str:
        asked = f"{exchange.method} {exchange.path} is put off with status {exchange.status}"
        waited = (
            f"that makes {waited_seconds:.0f} s of waiting in a row, and {self._pace.patience_seconds:g} are enough"
        )
        return f"{self._base} lets nothing through: {asked}; {waited}"

    def is_broke(self, exchange: Exchange) -> bool:
        """Whether the answer says that the account can't pay."""
        return self._purse is not None and self._purse.is_empty(exchange)

    def forget(self, is_forgotten: Callable[[Exchange], bool]) -> None:
        """Answers that are about the account alone; the service is not judged by them."""
        self._record = {number: each for number, each in self._record.items() if not is_forgotten(each)}

    def _keep(self, exchange: Exchange) -> None:
        self._record[exchange.number] = exchange
        self._heard(exchange)

    async def _exchange(self, question: Question) -> Exchange:
        outgoing = question.outgoing
        self._numbers += 1
        number, sent_seconds = self._numbers, self.seconds
        # A submit that is billed is sent once, over a connection that nobody has closed meanwhile.
        incoming = await self._reach(outgoing, is_fresh=question.is_billed)
        if incoming.was_cut and not question.is_billed:
            # It may have been the end of an old connection. If it was the request, it happens again over a fresh one.
            incoming = await self._reach(outgoing, is_fresh=True)
        self._count_silence(incoming)
        return Exchange(
            number=number,
            operation=question.operation,
            method=outgoing.method,
            base=self._base,
            path=outgoing.path,
            query=outgoing.query,
            request_headers=outgoing.headers,
            request_body=outgoing.content or b"",
            sent_seconds=sent_seconds,
            answered_seconds=self.seconds,
            status=incoming.status,
            headers=incoming.headers,
            body=incoming.body,
            trouble=incoming.trouble,
            account=question.account,
            purpose=question.purpose,
        )

    async def _reach(self, outgoing: Outgoing, *, is_fresh: bool) -> Incoming:
        """The answer, also of a service that is away for a moment."""
        while True:
            try:
                incoming = await self._wire.send(outgoing, is_fresh=is_fresh)
            except NotReachedError as problem:
                self._mind_absence(str(problem))
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            else:
                self._was_there, self._absent_since_seconds = True, None
                return incoming

    def _mind_absence(self, reason: str) -> None:
        now = _now()
        if self._absent_since_seconds is None:
            self._absent_since_seconds = now
        if not self._was_there:
            message = f"{self._base} can't be reached: {reason}"
            raise GoneError(message)
        if now - self._absent_since_seconds >= _GONE_SECONDS:
            message = f"{self._base} can't be reached any more ({reason}), {self.seconds:.0f} s after the first request"
            raise GoneError(message)

    def _count_silence(self, incoming: Incoming) -> None:
        self._has_answered = self._has_answered or incoming.status is not None
        self._silent = self._silent + 1 if incoming.status is None else 0
        if self._silent >= (_SILENT_MAX if self._has_answered else _SILENT_AT_FIRST_MAX):
            message = f"{self._base} gave no answer to {self._silent} requests in a row ({incoming.trouble})"
            raise GoneError(message)


def _now() -> float:
    return asyncio.get_running_loop().time()
