"""Rules about what answers look like: JSON, members, ids, instants, results, and the envelope of refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from contracts.judge import faults, owners
from contracts.judge.envelopes import Envelopes
from contracts.judge.outcome import Outcome
from contracts.judge.promise import UNREADABLE
from contracts.judge.record import POLL, Reading, Record
from contracts.judge.ruling import KEPT, Check, Checks, breach, shown
from specs.answers import Shape
from specs.violations import Violation


def told(rule: str, asks: Callable[[Reading], bool] = bool) -> Check:
    """A rule whose breaches are found while answers are read; `asks` says which answers it could be broken by."""

    def check(record: Record) -> Checks:
        for reading in record.readings:
            # Of a task with an odd id nobody knows what there is to tell.
            is_odd = reading.owner == owners.SURVIVES and reading.role == POLL
            if not reading.is_taken or reading.operation is None or is_odd:
                continue
            found = [each for each in faults.faults(record, reading) if each.rule == rule]
            for each in found:
                place = f"the answer of {reading.operation_id}"
                yield breach(reading, f"{place}: {each.message}", pointer=each.pointer, kind=each.kind)
            if not found and asks(reading):
                yield KEPT

    return check


def has(part: str) -> Callable[[Reading], bool]:
    """Whether the answer holds such a part, in one of its tasks."""
    return lambda reading: any(getattr(seen, part) for seen in faults.tasks(reading))


def is_in(*states: str) -> Callable[[Reading], bool]:
    """Whether the answer shows a task in one of these states."""
    return lambda reading: any(faults.state_of(reading, seen) in states for seen in faults.tasks(reading))


# Refusals

_KEYS = "key_"
_NO_JSON = "json"


def refusals(record: Record) -> Iterator[Reading]:
    """The refusals whose body is documented: those of an operation, in a situation that is known."""
    for reading in record.readings:
        is_refusal = reading.outcome is Outcome.REFUSED and reading.owner != owners.SURVIVES
        if is_refusal and reading.operation is not None and reading.exchange.method != "HEAD":
            yield reading


def check_envelope(record: Record) -> Checks:
    """A refusal's body is the documented one."""
    envelopes = Envelopes(record.promise)
    for reading in refusals(record):
        shapes = _shapes(envelopes, reading)
        if not shapes:
            continue
        wrong = _envelope_fault(reading, shapes)
        if wrong is None:
            yield KEPT
        else:
            situation = reading.expected.situations[0] if reading.expected.situations else "a refusal"
            said = f"{reading.operation_id}, {reading.exchange.status} for {situation}: {wrong.message}"
            found = breach(reading, f"{said} ({reading.words})", pointer=wrong.pointer)
            yield replace(found, group=_family(situation, wrong))


def _family(situation: str, wrong: Violation) -> str:
    """What is no JSON at all is none in whatever situation; and all bad keys are refused by one piece of code."""
    if wrong.rule == _NO_JSON:
        return _NO_JSON
    return _KEYS if situation.startswith(_KEYS) else situation


def _shapes(envelopes: Envelopes, reading: Reading) -> list[Shape]:
    operation, status, expected = reading.operation, reading.exchange.status, reading.expected
    if operation is None or status is None:
        return []
    own = envelopes.shape(operation, status, expected.situations)
    others = envelopes.any_refusal(operation) if expected.is_loose else []
    return [*([own] if own is not None else []), *others]


def _envelope_fault(reading: Reading, shapes: list[Shape]) -> Violation | None:
    """What is wrong by the first shape; nothing when one of them fits."""
    body = reading.answer()
    if body is UNREADABLE:
        return Violation("", _NO_JSON, "the body is not JSON")
    wrong = [shape.judge(body) for shape in shapes]
    return wrong[0][0] if all(wrong) else None


def check_content_type(record: Record) -> Checks:
    """JSON says that it is JSON, in refusals too."""
    yield from told(faults.CONTENT_TYPE)(record)
    for reading in refusals(record):
        if reading.answer() is UNREADABLE:
            continue
        if faults.is_json_type(reading):
            yield KEPT
        else:
            said = reading.exchange.header("content-type")
            message = f"Content-Type of a refusal is {shown(said) if said else 'missing'}, not application/json"
            yield breach(reading, f"{reading.operation_id}: {message}", kind="refusal")


def check_header(record: Record) -> Checks:
    """Documented headers are as documented."""
    yield from told(faults.HEADER)(record)
    for reading in refusals(record):
        yield from _header_faults(record, reading)


def _header_faults(record: Record, reading: Reading) -> Checks:
    operation, exchange = reading.operation, reading.exchange
    if operation is None or exchange.status is None or operation.response_schema(exchange.status) is None:
        return
    headers = {name.lower(): value for name, value in exchange.headers}
    judged = record.promise.answers(operation).judge(exchange.status, headers, exchange.body)
    wrong = [each for each in judged if each.rule == "header"]
    for each in wrong:
        yield breach(reading, f"{reading.operation_id}, {exchange.status}: {each.message}", kind=each.message)
    if not wrong:
        yield KEPT


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        faults.JSON_TEXT: told(faults.JSON_TEXT),
        faults.CONTENT_TYPE: check_content_type,
        faults.HEADER: check_header,
        faults.BODY: told(faults.BODY),
        faults.TASK_ID: told(faults.TASK_ID),
        faults.TIMESTAMP: told(faults.TIMESTAMP, has("instants")),
        faults.SAME: told(faults.SAME, has("ids")),
        faults.RESULT_DONE: told(faults.RESULT_DONE, is_in("done")),
        faults.RESULT_EARLY: told(faults.RESULT_EARLY, is_in("queued", "running", "failed")),
        "shape.envelope": check_envelope,
    }
)
