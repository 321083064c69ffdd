"""Whether a job arrived as it was asked for: member for member, whatever the order, the spacing and the escapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from contracts.judge.promise import Promise
from contracts.judge.ruling import shown
from specs.pack import Operation
from specs.pointers import Json, is_within, join, resolve, split
from specs.validation import compile_schema, schema_default

DROPPED, ADDED, ALTERED = "dropped", "added", "altered"
_ABSENT = object()
_NUMBERS = (int, float)


class Difference(NamedTuple):
    """One member that is not as it was asked for."""

    pointer: str
    kind: str
    message: str


class Comparison:
    """Compares bodies of one operation of one pack."""

    def __init__(self, promise: Promise, operation: Operation) -> None:
        self._promise = promise
        self._operation = operation
        behaviour = promise.pack.behaviour
        callback = behaviour.callbacks["url"] if behaviour.callbacks is not None else None
        # A client may name its job, and say where to call it back: neither says anything about the job.
        self._own = {each for each in (behaviour.external_id, callback) if each}

    def differences(self, asked: Json, arrived: Json) -> list[Difference]:
        """What was dropped, added or altered, tolerated forms made canonical in both."""
        first, second = self._canonical(asked), self._canonical(arrived)
        found = self._compared(first, second, "")
        return [each for each in found if not self._is_idle(each.pointer, first)]

    def _canonical(self, body: Json) -> Json:
        return self._operation.body.judge(body)[0] if self._operation.body is not None else body

    def _compared(self, asked: Json, arrived: Json, at: str) -> Iterator[Difference]:
        if isinstance(asked, Mapping) and isinstance(arrived, Mapping):
            for name in dict.fromkeys([*asked, *arrived]):
                yield from self._member(asked.get(name, _ABSENT), arrived.get(name, _ABSENT), at + join([name]))
        elif isinstance(asked, list) and isinstance(arrived, list) and len(asked) == len(arrived):
            for index, (first, second) in enumerate(zip(asked, arrived, strict=True)):
                yield from self._compared(first, second, f"{at}/{index}")
        elif not _is_same(asked, arrived) and not (is_as_absent(asked) and is_as_absent(arrived)):
            yield Difference(at, ALTERED, f"{at or 'the body'} is {shown(arrived)} and was asked to be {shown(asked)}")

    def _member(self, asked: Json, arrived: Json, at: str) -> Iterator[Difference]:
        if arrived is _ABSENT:
            if not self._is_as_default(asked, at):
                yield Difference(at, DROPPED, f"{at} {shown(asked)} was asked for and did not arrive")
        elif asked is _ABSENT:
            if at not in self._own and self._is_known(at) and not self._is_as_default(arrived, at):
                yield Difference(at, ADDED, f"{at} {shown(arrived)} arrived and was not asked for")
        elif not (at in self._own and is_as_absent(asked)):
            yield from self._compared(asked, arrived, at)

    def _is_as_default(self, value: Json, at: str) -> bool:
        """Whether the vendor takes the member for the same as none."""
        default = schema_default(self._schema, at)
        if default is None or value is None:
            return is_as_absent(value)
        return _is_same(value, default)

    @property
    def _schema(self) -> Json:
        return self._operation.body.schema if self._operation.body is not None else {}

    def _is_known(self, at: str) -> bool:
        """Whether the contract knows the member: what it does not know, it ignores."""
        tokens = ["items" if token.isdecimal() else f"properties/{token}" for token in split(at)]
        return resolve(self._schema, "/" + "/".join(tokens), _ABSENT) is not _ABSENT

    def _is_idle(self, at: str, body: Json) -> bool:
        """Whether the member has no effect in this body."""
        for each in self._promise.constraints.values():
            is_here = is_within(at, each.pointer)
            if each.operation == self._operation.id and each.pointer and each.idle and is_here:
                return any(compile_schema(condition.schema).is_valid(body) for condition in each.idle)
        return False


def is_as_absent(value: Json) -> bool:
    """Whether a value says no more than that there is none."""
    if isinstance(value, Mapping):
        return all(map(is_as_absent, value.values()))
    return value is None or value is False or value in ("", [])


def _is_same(first: Json, second: Json) -> bool:
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, _NUMBERS) and isinstance(second, _NUMBERS):
        return first == second
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return first.keys() == second.keys() and all(_is_same(first[name], second[name]) for name in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_is_same, first, second))
    return type(first) is type(second) and bool(first == second)
