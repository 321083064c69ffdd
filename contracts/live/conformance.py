"""A recording of the real service played to the fake: whatever the fake answers otherwise is the fake's fault.

Compared are the status, the members of the answer with their types, and the numbers of refusals. Texts for people, ids,
instants and progress are each service's own; a task is brought to the state that the recording shows first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

from contracts.drift.drift import Drift
from contracts.drift.known_members import type_of
from contracts.drift.recordings import Recorded
from contracts.exchange import Exchange
from contracts.judge import Promise
from contracts.judge.promise import is_yes
from contracts.live.silence import why_silent
from mockserver.fake import Fake
from mockserver.messages import Answer, Call
from specs.pack import Operation, Pack
from specs.pointers import Json, join

# The fake's clock goes on by so much until a task is where the recording has it.
_STEP_SECONDS, _STEPS_MAX = 1.0, 900
_FAILED = "failed"
_INDEX = re.compile(r"/\d+(?=/|$)")
# What is larger is no code, but an instant or an amount.
_CODE_MAX = 1_000_000
_NO_JSON = object()


class Replay:
    """Plays a recording to a fake, exchange by exchange."""

    def __init__(self, pack: Pack, promise: Promise, fake: Fake) -> None:
        self._pack = pack
        self._promise = promise
        self._fake = fake
        self._ids: dict[str, str] = {}
        self.compared = 0
        self.left_out = 0

    def differences(self, recording: Iterable[tuple[Recorded, Exchange]]) -> Iterator[Drift]:
        """What the fake answers otherwise, each thing once; left out is what only the vendor knows."""
        seen = set()
        for recorded, exchange in recording:
            operation = self._pack.operations.get(exchange.operation or "")
            if operation is None or recorded.body is None or why_silent(self._promise, exchange):
                continue
            for drift in self._compare(operation, recorded, exchange):
                if drift.fingerprint not in seen:
                    seen.add(drift.fingerprint)
                    yield drift

    def _compare(self, operation: Operation, recorded: Recorded, exchange: Exchange) -> Iterator[Drift]:
        if operation.role != "submit" and self._is_about_unknown(exchange):
            self.left_out += 1
            return
        answer = self._answer(recorded, exchange)
        self.compared += 1
        theirs, ours = self._promise.task_id_of(exchange), self._task_id(exchange, answer)
        if theirs is not None and ours is not None:
            self._ids[theirs] = ours
        yield from _differences(operation, recorded, answer)

    def _is_about_unknown(self, exchange: Exchange) -> bool:
        """A task that was begun before the recording: the fake has never heard of it."""
        task = self._promise.task_id_of(exchange)
        return is_yes(exchange.status) and (task is None or task not in self._ids)

    def _answer(self, recorded: Recorded, exchange: Exchange) -> Answer:
        """The fake's answer, its task brought to where the recording has it."""
        answer = self._ask(recorded)
        word = self._promise.read(exchange).word
        if exchange.operation is None or self._pack.operations[exchange.operation].role == "submit" or word is None:
            return answer
        if self._promise.state_of(word) == _FAILED:
            self._fail(exchange)
            return self._ask(recorded)
        for _ in range(_STEPS_MAX):
            said = self._promise.read(_with(exchange, answer)).word
            if said == word or self._promise.is_terminal(said):
                break
            self._fake.advance(_STEP_SECONDS)
            answer = self._ask(recorded)
        return answer

    def _fail(self, exchange: Exchange) -> None:
        ours = self._ids.get(self._promise.task_id_of(exchange) or "")
        task = self._fake.find_task(ours) if ours is not None else None
        if task is not None and not self._fake.is_done(task):
            self._fake.end_task(task, "default")

    def _ask(self, recorded: Recorded) -> Answer:
        parts = urlsplit(recorded.url)
        headers = {
            name.lower().encode(): value.encode("latin-1", "replace") for name, value in recorded.request_headers
        }
        call = Call(
            recorded.method,
            self._own(parts.path),
            self._own(parts.query),
            headers,
            self._own(recorded.request_body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape"),
            f"{parts.scheme}://{parts.netloc}",
        )
        return self._fake.handle(self._fake.vendors[self._pack.name], call)[0]

    def _own(self, text: str) -> str:
        """The text with the fake's ids of tasks in place of the vendor's."""
        for theirs, ours in self._ids.items():
            text = text.replace(theirs, ours)
        return text

    def _task_id(self, exchange: Exchange, answer: Answer) -> str | None:
        return self._promise.task_id_of(_with(exchange, answer))


def _with(exchange: Exchange, answer: Answer) -> Exchange:
    """The exchange as it would be with the fake."""
    return Exchange(
        number=exchange.number,
        operation=exchange.operation,
        method=exchange.method,
        base=exchange.base,
        path=exchange.path,
        query=exchange.query,
        status=answer.status,
        body=answer.body,
    )


class _Difference(NamedTuple):
    """What the recording has at a place, and what the fake answers."""

    kind: str
    at: str
    theirs: Json
    ours: Json
    words: str


def _differences(operation: Operation, recorded: Recorded, answer: Answer) -> Iterator[Drift]:
    if answer.status != recorded.status:
        found = [_Difference("status-added", "", recorded.status, answer.status, "the status is another")]
    else:
        theirs, ours = _value(recorded.body or b""), _value(answer.body)
        found = [*_by_members(theirs, ours), *([] if is_yes(recorded.status) else _by_codes(theirs, ours))]
    return (_drift(operation, each) for each in found)


def _by_members(theirs: Json, ours: Json) -> Iterator[_Difference]:
    had, has = dict(_members(theirs, "")), dict(_members(ours, ""))
    for at in sorted(had.keys() | has.keys()):
        if at not in has:
            yield _Difference("field-added", at, had[at], None, "the fake does not have it")
        elif at not in had:
            yield _Difference("field-removed", at, None, has[at], "only the fake has it")
        elif had[at] != has[at] and "null" not in (had[at], has[at]):
            yield _Difference("type-changed", at, had[at], has[at], "it is of another type")


def _by_codes(theirs: Json, ours: Json) -> Iterator[_Difference]:
    codes, own = dict(_codes(theirs, "")), dict(_codes(ours, ""))
    for at in sorted(codes.keys() & own.keys()):
        if codes[at] != own[at]:
            yield _Difference("enum-changed", at, codes[at], own[at], "the code is another")


def _drift(operation: Operation, what: _Difference) -> Drift:
    said = f"recorded {what.theirs!r}, the fake answers {what.ours!r}"
    return Drift(
        kind=what.kind,
        operation=operation.id,
        pointer=what.at,
        documented=what.theirs,
        encoded=what.ours,
        message=f"{operation.id} {what.at}: {what.words} ({said})".replace(" :", ":"),
    )


def _value(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _NO_JSON


def _members(value: Json, at: str) -> Iterator[tuple[str, str]]:
    """Places (`*` for indices) and types."""
    yield at, "number" if type_of(value) == "integer" else type_of(value)
    children: Iterable[tuple[str, Json]] = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = (("*", each) for each in value)
    for name, each in children:
        yield from _members(each, at + join([name]))


def _codes(value: Json, at: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _codes(each, at + join([name]))
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < _CODE_MAX:
        yield _INDEX.sub("/*", at), value
