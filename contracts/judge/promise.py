"""The promised side: what a pack says about any exchange, to whoever judges one or makes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

import orjson

from contracts.exchange import Exchange
from contracts.judge.expected import Expected, Reader
from contracts.judge.routes import Route, Routes, asked_id
from contracts.judge.seen import NOTHING, AnswerReader, Seen, reader_of
from contracts.judge.words import Words
from specs.answers import AnswerContract
from specs.catalogue import Constraint, catalogue
from specs.pack import Operation, Pack, Refusal
from specs.pointers import Json
from specs.rules import Facts
from specs.sources import Sources, load_sources
from specs.validation import NO_FACTS

TERMINAL = ("done", "failed")
UNREADABLE = object()
"""Stands for an answer's body that is no JSON."""


class Promise:
    """One pack, asked about exchanges. `sources` is where its constraints come from; read from the pack's folder."""

    def __init__(self, pack: Pack, sources: Sources | None = None) -> None:
        self.pack = pack
        self.words = Words(sources if sources is not None else load_sources(pack.folder))
        self._routes = Routes(pack.operations.values())
        self._reader = Reader(pack)
        self._states = {word: state for state, word in pack.behaviour.lifecycle.words.items()}
        self._readers = {name: reader_of(pack.behaviour, name) for name in pack.behaviour.answers}
        self._contracts: dict[str, AnswerContract] = {}

    # What is asked

    def route(self, method: str, path: str) -> Route:
        """The operation of a method and a path below the vendor's base, percent-encoded."""
        return self._routes.find(method, path)

    def route_pattern(self, path: str) -> str:
        """The documented path that a path is one of; the path itself when it is none."""
        return self._routes.pattern(path)

    def asked_id(self, exchange: Exchange) -> str | None:
        """The id that a poll asks for."""
        return asked_id(self.route(exchange.method, exchange.path), exchange.query)

    def expect(self, exchange: Exchange, facts: Facts = NO_FACTS) -> Expected:
        """What must become of the request, by itself: without what the sender's purpose adds."""
        return self._reader.read(exchange, self.route(exchange.method, exchange.path), facts)

    @cached_property
    def constraints(self) -> Mapping[str, Constraint]:
        """The catalogue by id."""
        return {each.id: each for each in catalogue(self.pack)}

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, str, str], list[Constraint]]:
        found: dict[tuple[str, str, str], list[Constraint]] = {}
        for each in self.constraints.values():
            found.setdefault((each.operation, each.pointer.replace("?", "/"), each.keyword), []).append(each)
        return found

    def constraints_at(self, operation: str | None, pointer: str, keyword: str) -> list[Constraint]:
        """The constraints of this keyword at this place (`*` for indices; of a query's parameter `/name`)."""
        return self._by_place.get((operation or "", pointer, keyword), [])

    # What is answered

    def success_status(self, operation: Operation) -> int:
        """The one status that says yes."""
        return self.pack.behaviour.answers[operation.answer].status

    def refusals(self, operation: Operation | None, situations: Iterable[str]) -> list[Refusal]:
        """How the vendor says no in these situations (some of which it may not know)."""
        known = self.pack.behaviour.refusals if operation is None else operation.refusals
        return [known[situation] for situation in situations if situation in known]

    def refusal_statuses(self, operation: Operation | None, situations: Iterable[str]) -> frozenset[int]:
        """The statuses of these situations, with those that the documents leave open."""
        return frozenset(status for each in self.refusals(operation, situations) for status in each.statuses)

    def answers(self, operation: Operation) -> AnswerContract:
        """What the operation promises about its answers."""
        if operation.id not in self._contracts:
            self._contracts[operation.id] = AnswerContract(operation)
        return self._contracts[operation.id]

    def reader(self, operation: Operation) -> AnswerReader:
        """The reader of the operation's yes."""
        return self._readers[operation.answer]

    @property
    def readers(self) -> Iterable[AnswerReader]:
        """The readers of every yes that an operation answers with."""
        return [self._readers[name] for name in {each.answer: None for each in self.pack.operations.values()}]

    def read(self, exchange: Exchange) -> Seen:
        """What a yes says of its task or tasks; nothing for any other answer."""
        operation = self.route(exchange.method, exchange.path).operation
        if operation is None or not is_yes(exchange.status):
            return NOTHING
        body = body_of(exchange)
        return NOTHING if body is UNREADABLE else self.reader(operation).read(body)

    def task_id_of(self, exchange: Exchange) -> str | None:
        """The id of the task that the answer is about; None when it tells none."""
        return self.read(exchange).task_id

    def state_of(self, word: Json) -> str | None:
        """Our state behind the vendor's word."""
        return self._states.get(word) if isinstance(word, str) else None

    def is_terminal(self, word: Json) -> bool:
        """Whether a task with this word is over."""
        return self.state_of(word) in TERMINAL


def is_yes(status: int | None) -> bool:
    """Whether the status says that the request was taken."""
    return status is not None and 200 <= status < 300  # noqa: PLR2004 - the class of success


def body_of(exchange: Exchange) -> Json:
    """The answer's body as a value, or UNREADABLE."""
    try:
        return orjson.loads(exchange.body)
    except orjson.JSONDecodeError:
        return UNREADABLE
