"""What a refusal's body must look like in its situation: its status's schema, without branches meant for others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.judge.places import sample
from contracts.judge.promise import Promise
from specs.answers import Shape
from specs.pack import Operation
from specs.pointers import Json

_BRANCHES = ("anyOf", "oneOf")
_FIRST_REFUSAL, _FIRST_SERVER_ERROR = 400, 500
# What only happens to calls with a body, and what only to calls about a task.
_OF_BODIES = ("content_type", "json_malformed", "body_too_large", "model_missing", "model_unknown", "content_rejected")
_OF_SUBMITS = ("balance_empty", "concurrency_exceeded")
_OF_POLLS = ("task_unknown",)
_OF_THE_ROUTE = ("route_unknown", "method_unknown")
_INSTANTS = {"rfc3339-ms": "2026-01-01T00:00:00.000Z", "epoch-ms": 1_767_225_600_000, "epoch-s": 1_767_225_600}
_NUMBERS = ("retry_after_seconds", "limit.bytes")
_UUID = "00000000-0000-4000-8000-000000000000"


class Envelopes:
    """The shapes of one pack's refusals."""

    def __init__(self, promise: Promise) -> None:
        self._promise = promise
        self._shapes: dict[object, Shape | None] = {}

    def shape(self, operation: Operation, status: int, situations: Iterable[str]) -> Shape | None:
        """What the body must be like in one of these situations; None when nothing is documented for the status."""
        key = operation.id, status, tuple(situations)
        if key not in self._shapes:
            schema = operation.response_schema(status)
            self._shapes[key] = None if schema is None else Shape(self._narrowed(operation, status, schema, key[2]))
        return self._shapes[key]

    def any_refusal(self, operation: Operation) -> list[Shape]:
        """The shapes of every documented 4xx."""
        statuses = [int(each) for each in operation.responses if each.isdecimal()]
        shapes = [self.shape(operation, each, ()) for each in statuses if _FIRST_REFUSAL <= each < _FIRST_SERVER_ERROR]
        return [each for each in shapes if each is not None]

    def _narrowed(self, operation: Operation, status: int, schema: Json, situations: tuple[str, ...]) -> Json:
        """The schema without the branches that are meant for other situations.

        A branch that no situation uses was written to leave a choice: then all of them stay.
        """
        word = next((each for each in _BRANCHES if isinstance(schema, dict) and each in schema), None)
        if word is None:
            return schema
        used = {each: self._branches(operation, each, schema[word]) for each in self._possible(operation, status)}
        # What the path or the method alone is refused with is no choice either.
        known = [each for each in _OF_THE_ROUTE if each in operation.refusals]
        route = [each for each in known if operation.refusals[each].status == status]
        others = [self._branches(operation, each, schema[word]) for each in route]
        if set().union(*used.values(), *others) != set(range(len(schema[word]))):
            return schema
        kept = set().union(*(used.get(each, set()) for each in situations)) or set(range(len(schema[word])))
        branches = [branch for index, branch in enumerate(schema[word]) if index in kept]
        rest = {name: value for name, value in schema.items() if name != word}
        # Of a single branch the violations themselves are told.
        return (
            {**rest, "allOf": [*rest.get("allOf", []), *branches]} if len(branches) == 1 else {**rest, word: branches}
        )

    def _branches(self, operation: Operation, situation: str, branches: list[Json]) -> set[int]:
        body = sample(operation.refusals[situation].body, self._value)
        return {index for index, branch in enumerate(branches) if not Shape(branch).judge(body)}

    def _possible(self, operation: Operation, status: int) -> Iterator[str]:
        never = set(_OF_THE_ROUTE)
        never |= set() if operation.body is not None else {*_OF_BODIES, *_OF_SUBMITS}
        never |= set() if operation.id_name is not None else set(_OF_POLLS)
        never |= set() if operation.body is not None or operation.parameters else {"request_invalid"}
        for situation, refusal in operation.refusals.items():
            if refusal.status == status and situation not in never:
                yield situation

    def _value(self, name: str) -> Json:
        if name in _NUMBERS:
            return 1
        if name == "call.now":
            return _INSTANTS[self._promise.pack.behaviour.times]
        return _UUID if name == "call.id" else "prompt is required"
