"""The record of a conversation: each exchange beside what it had to be, and each task with every sight of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson

from contracts.exchange import Conversation, Exchange
from contracts.judge.expected import ACCEPTED, EITHER, MALFORMED, Expected, key_situations, refused
from contracts.judge.outcome import YES, Outcome, weigh
from contracts.judge.owners import MALFORMED_BODY, owner
from contracts.judge.promise import Promise, body_of
from contracts.judge.seen import NOTHING, Seen
from specs.constraint import PATH
from specs.pack import Operation
from specs.pointers import Json, resolve

T = TypeVar("T")
SUBMIT, POLL, LIST = "submit", "poll", "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One exchange, read."""

    exchange: Exchange
    operation: Operation | None
    methods: tuple[str, ...]
    """The methods that are documented for the path."""
    expected: Expected
    outcome: Outcome
    seen: Seen
    asked: str | None
    """The id that a poll asks for."""
    owner: str
    """The rule that judges its status."""

    @property
    def number(self) -> int:
        """The exchange's."""
        return self.exchange.number

    @property
    def operation_id(self) -> str | None:
        """The operation's."""
        return self.operation.id if self.operation is not None else None

    @property
    def role(self) -> str:
        """`submit`, `poll` or `list`; empty for a call of no operation."""
        return self.operation.role if self.operation is not None else ""

    @property
    def law(self) -> str:
        """What the request is sent to find out."""
        return self.exchange.purpose.law if self.exchange.purpose is not None else ""

    @property
    def constraint(self) -> str | None:
        """The constraint that the request is about."""
        return self.exchange.purpose.constraint if self.exchange.purpose is not None else None

    @property
    def words(self) -> str:
        """What the request is, for people, on one line."""
        exchange = self.exchange
        said = exchange.purpose.words if exchange.purpose is not None else ""
        text = said or f"{exchange.method} {exchange.path}"
        return text if text.isprintable() else "".join(map(_printable, text))

    @property
    def is_taken(self) -> bool:
        """Whether it was accepted, and rightly."""
        return self.outcome in YES

    def precedes(self, other: Reading) -> bool:
        """Whether it was answered before the other was sent."""
        return self.number < other.number and self.exchange.answered_seconds <= other.exchange.sent_seconds

    def request(self) -> Json:
        """The request's body as a value; None when it is no JSON."""
        try:
            return orjson.loads(self.exchange.request_body)
        except orjson.JSONDecodeError:
            return None

    def answer(self) -> Json:
        """The answer's body as a value, or UNREADABLE."""
        return body_of(self.exchange)


@dataclass(frozen=True, slots=True)
class Sight:
    """A task as one answer shows it."""

    reading: Reading
    seen: Seen


@dataclass(slots=True)
class Task:
    """One task: who submitted it, and every sight of it in the order of asking."""

    id: str
    account: str
    submits: list[Reading] = field(default_factory=list)
    sights: list[Sight] = field(default_factory=list)

    @property
    def submit(self) -> Reading | None:
        """Its submission; none when it is older than the conversation."""
        return self.submits[0] if self.submits else None


class _Taken:
    """Which values of `unique-in-account` members other tasks of the account carry by now."""

    def __init__(self, exchange: Exchange, submits: list[Reading]) -> None:
        self._exchange = exchange
        self._submits = submits

    def taken(self, pointer: str, value: str) -> bool:
        """Whether a task that was accepted before has it."""
        return any(
            each.exchange.account == self._exchange.account
            and each.exchange.answered_seconds <= self._exchange.sent_seconds
            and resolve(each.request(), pointer) == value
            for each in self._submits
        )


class Record:
    """A conversation, read with a promise. A task's id is its key: ids are compared as they are written."""

    def __init__(self, conversation: Conversation, promise: Promise) -> None:
        self.promise = promise
        self.deadline_seconds = conversation.deadline_seconds
        self.readings: list[Reading] = []
        self.tasks: dict[str, Task] = {}
        self._submits: list[Reading] = []
        self._external: dict[tuple[str, str], str] = {}
        self._kept: dict[object, Any] = {}
        for exchange in sorted(conversation.exchanges, key=lambda each: each.number):
            reading = self._read(exchange)
            self.readings.append(reading)
            self._remember(reading)

    # Reading

    def _read(self, exchange: Exchange) -> Reading:
        promise = self.promise
        route, asked = promise.route(exchange.method, exchange.path), promise.asked_id(exchange)
        derived = promise.expect(exchange, _Taken(exchange, self._submits))
        task = self.find(exchange.account, route.operation, asked)
        expected = self._known(exchange, route.operation, task, derived)
        expected = _purposed(exchange, expected, is_about_the_path=self._is_about_the_path(exchange))
        outcome = weigh(exchange, route.operation, expected, promise)
        is_others = task is not None and not _may_read(task, exchange.account)
        return Reading(
            exchange=exchange,
            operation=route.operation,
            methods=route.methods,
            expected=expected,
            outcome=outcome,
            seen=promise.read(exchange) if outcome in YES else NOTHING,
            asked=asked,
            owner=owner(exchange, expected, route, is_others=is_others),
        )

    def _is_about_the_path(self, exchange: Exchange) -> bool:
        name = exchange.purpose.constraint if exchange.purpose is not None else None
        constraint = self.promise.constraints.get(name or "")
        return constraint is not None and constraint.location == PATH

    @staticmethod
    def _known(exchange: Exchange, operation: Operation | None, task: Task | None, derived: Expected) -> Expected:
        """What the conversation adds: whether the id that a poll asks for was given out, and to whom."""
        if operation is None or derived.verdict != "either" or task is None or task.submit is None:
            return derived
        if not _may_read(task, exchange.account):
            return refused("task_unknown")
        is_answered = any(each.exchange.answered_seconds <= exchange.sent_seconds for each in task.submits)
        return ACCEPTED if is_answered and _is_of_kind(task, operation) else derived

    def find(self, account: str, operation: Operation | None, asked: str | None) -> Task | None:
        """The task that a poll asks for, by its own id or, where that works, by the client's."""
        if operation is None or asked is None:
            return None
        own = self._external.get((account, asked)) if operation.also_external else None
        return self.tasks.get(asked) or self.tasks.get(own or "")

    # Remembering

    def _remember(self, reading: Reading) -> None:
        if not reading.is_taken:
            return
        if reading.role == SUBMIT:
            self._remember_submit(reading)
        elif reading.role == POLL:
            self._remember_poll(reading)
        else:
            for item in reading.seen.items:
                if item.task_id in self.tasks:
                    self.tasks[item.task_id].sights.append(Sight(reading, item))

    def _remember_submit(self, reading: Reading) -> None:
        self._submits.append(reading)
        task_id, account = reading.seen.task_id, reading.exchange.account
        if task_id is None:
            return
        task = self.tasks.setdefault(task_id, Task(task_id, account))
        task.submits.append(reading)
        task.sights.append(Sight(reading, reading.seen))
        pointer = self.promise.pack.behaviour.external_id
        external = resolve(reading.request(), pointer) if pointer is not None else None
        if isinstance(external, str) and external:
            self._external[account, external] = task_id

    def _remember_poll(self, reading: Reading) -> None:
        if reading.operation is None or reading.asked is None:
            return
        account = reading.exchange.account
        task = self.find(account, reading.operation, reading.asked)
        if task is None:
            # Submitted before anybody listened.
            key = reading.seen.task_id or reading.asked
            task = self.tasks.setdefault(key, Task(key, account))
        task.sights.append(Sight(reading, reading.seen))

    # Asking

    def submits(self) -> Iterator[Reading]:
        """Every accepted submission."""
        return iter(self._submits)

    @property
    def plain_tasks(self) -> Iterable[Task]:
        """The tasks that can be told apart: those whose id was given out once."""
        return [task for task in self.tasks.values() if len(task.submits) < 2]  # noqa: PLR2004 - given out twice

    def once(self, key: object, work: Callable[[], T]) -> T:
        """What the work gives, done once for each key: several rules look at the same answers."""
        if key not in self._kept:
            self._kept[key] = work()
        found: T = self._kept[key]
        return found

    def by_operation(self) -> Mapping[str, list[Reading]]:
        """The readings of each operation."""
        found: dict[str, list[Reading]] = {}
        for each in self.readings:
            if each.operation is not None:
                found.setdefault(each.operation.id, []).append(each)
        return found


def _printable(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def _may_read(task: Task, account: str) -> bool:
    """Whether the account is known to have submitted it; of a task from before nobody knows."""
    return not task.submits or account in {each.exchange.account for each in task.submits}


def _is_of_kind(task: Task, operation: Operation) -> bool:
    kinds = {each.operation.tasks for each in task.submits if each.operation is not None}
    return operation.tasks == "*" or operation.tasks in kinds


def _purposed(exchange: Exchange, derived: Expected, *, is_about_the_path: bool) -> Expected:
    """What the sender says must happen; where it is silent, what the request shows."""
    purpose = exchange.purpose
    if purpose is None:
        return derived
    if purpose.expects != "refused":
        return ACCEPTED if purpose.expects == "accepted" else EITHER
    says_no = derived.verdict == "refused"
    situations = derived.situations if says_no else ("request_invalid",)
    if is_about_the_path:
        situations = ("request_invalid", "task_unknown")
    elif purpose.situation is not None:
        situations = key_situations(purpose.situation, exchange)
    is_loose = is_about_the_path or purpose.law == MALFORMED_BODY or not MALFORMED.isdisjoint(situations)
    is_loose = is_loose or "method_unknown" in situations or (says_no and derived.is_loose)
    return Expected(
        verdict="refused",
        situations=situations,
        violations=derived.violations if says_no else (),
        is_loose=is_loose,
    )
