"""The record of a run: each call beside what it had to be, the tasks that were made, and what the client was told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from contracts.exchange import KEY, Exchange
from contracts.judge.clients.run import VENDOR, Ending, Job, Run, Served
from contracts.judge.expected import Expected
from contracts.judge.promise import UNREADABLE, Promise, body_of, is_yes
from contracts.judge.seen import Seen
from specs.pack import Operation
from specs.pointers import Json, resolve

SUBMIT, POLL = "submit", "poll"
UNAVAILABLE, SERVER_ERRORS = 503, 500
_REFUSALS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One call, read."""

    served: Served
    operation: Operation | None
    methods: tuple[str, ...]
    """The methods that are documented for its path."""
    expected: Expected
    """What must become of it, whoever calls."""
    seen: Seen
    asked: str | None
    """The id that a poll asks for."""

    @property
    def exchange(self) -> Exchange:
        """As it was recorded."""
        return self.served.exchange

    @property
    def role(self) -> str:
        """`submit`, `poll` or `list`; empty for a call of no operation."""
        return self.operation.role if self.operation is not None else ""

    @property
    def is_whole(self) -> bool:
        """Whether an answer came, and all of it."""
        return self.exchange.status is not None and not self.exchange.trouble

    @property
    def is_own_refusal(self) -> bool:
        """Whether it was refused for what it is, not because the scenario wanted it so."""
        status = self.exchange.status
        return not self.served.is_scripted and status is not None and status >= _REFUSALS

    @property
    def is_outcome_unknown(self) -> bool:
        """Whether nobody can tell from the answer what became of the call."""
        exchange = self.exchange
        if exchange.status is None or exchange.trouble:
            return True
        if exchange.status >= SERVER_ERRORS:
            return exchange.status != UNAVAILABLE or exchange.header("retry-after") is None
        return is_yes(exchange.status) and body_of(exchange) is UNREADABLE

    def follows(self, other: Heard) -> bool:
        """Whether it was sent after the other had been answered."""
        return other.exchange.number < self.exchange.number and (
            self.exchange.sent_seconds >= other.exchange.answered_seconds
        )


class ClientRecord:
    """A run, read with a promise."""

    def __init__(self, run: Run, promise: Promise) -> None:
        self.run = run
        self.promise = promise
        self.heard = [self._read(each) for each in run.served]

    def _read(self, served: Served) -> Heard:
        exchange, promise = served.exchange, self.promise
        is_there = served.where == VENDOR
        route = promise.route(exchange.method, exchange.path if is_there else "")
        return Heard(
            served=served,
            operation=route.operation,
            methods=route.methods,
            expected=promise.expect(replace(exchange, account=KEY)),
            seen=promise.read(exchange) if is_there and not exchange.trouble else Seen(),
            asked=promise.asked_id(exchange) if is_there else None,
        )

    # What was asked of it

    @property
    def job(self) -> Job | None:
        """What it was to do."""
        return self.run.job

    @property
    def ending(self) -> Ending | None:
        """How it ended."""
        return self.run.ending

    # What it did

    @cached_property
    def calls(self) -> list[Heard]:
        """Everything that came to the vendor's host, also beside the base URL."""
        return [each for each in self.heard if each.served.where != "elsewhere"]

    @cached_property
    def submits(self) -> list[Heard]:
        """Its submissions, in the order of sending."""
        return [each for each in self.heard if each.role == SUBMIT]

    @cached_property
    def polls(self) -> list[Heard]:
        """Its polls."""
        return [each for each in self.heard if each.role == POLL and each.asked is not None]

    @cached_property
    def polls_by_task(self) -> dict[str, list[Heard]]:
        """Its polls, by what they ask for."""
        found: dict[str, list[Heard]] = {}
        for each in self.polls:
            found.setdefault(each.asked or "", []).append(each)
        return found

    @cached_property
    def makers(self) -> list[Heard]:
        """The calls that made a task."""
        return [each for each in self.heard if each.served.made is not None]

    def maker(self, asked: str | None) -> Heard | None:
        """The call that made the task that a poll asks for; by the client's own id, where that works."""
        return next((each for each in self.makers if asked in (each.served.made, self.own_id(each))), None)

    def own_id(self, submit: Heard) -> str | None:
        """The client's own id of its job, in the member that the vendor has for it."""
        pointer = self.promise.pack.behaviour.external_id
        value = resolve(self.body(submit), pointer) if pointer is not None else None
        return value if isinstance(value, str) and value else None

    @staticmethod
    def body(heard: Heard) -> Json:
        """What a call carries, in JSON; None when it carries none."""
        sent = replace(heard.exchange, body=heard.exchange.request_body)
        value = body_of(sent)
        return None if value is UNREADABLE else value

    # What it was told

    def ends(self) -> Iterator[Heard]:
        """The polls whose answers told that a task is over."""
        for each in self.polls:
            if each.is_whole and self.promise.is_terminal(each.seen.word):
                yield each

    @cached_property
    def results(self) -> list[str]:
        """Every URL of a result that the client was told of."""
        found = (value for end in self.ends() if end.seen.state == "done" for _, value in end.seen.results)
        return [value for value in found if isinstance(value, str) and value]

    @property
    def is_spoilt(self) -> bool:
        """Whether the client's own mistakes decided how the run went: nothing is to be said of its outcome then."""
        return not self.submits or any(each.is_own_refusal for each in self.calls)
