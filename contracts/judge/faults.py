"""What is wrong with each accepted answer: its schema's violations and our own, each told by the rule it is about.

An answer is looked at once; a fault that several rules could tell is told by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from contracts.judge.instants import WORDS, read_instant
from contracts.judge.promise import UNREADABLE
from contracts.judge.record import SUBMIT, Reading, Record
from contracts.judge.ruling import shown
from contracts.judge.seen import CREATED, FAILURE, ID, PROGRESS, RESULT, UPDATED, WORD, Seen
from specs.pointers import Json, field, is_within, resolve, split
from specs.violations import Violation

JSON_TEXT, CONTENT_TYPE, HEADER, BODY = "shape.json", "shape.content-type", "shape.header", "shape.body"
TASK_ID, TIMESTAMP, SAME = "shape.id", "shape.timestamp", "shape.same"
RESULT_DONE, RESULT_EARLY, FAILED = "shape.result", "shape.result-early", "lifecycle.failure"
UNKNOWN_WORD, FIRST_WORD, PROGRESS_RULE = "lifecycle.words", "lifecycle.first", "lifecycle.progress"
_PLAIN_RULES = MappingProxyType(
    {
        frozenset({ID}): TASK_ID,
        frozenset({CREATED}): TIMESTAMP,
        frozenset({UPDATED}): TIMESTAMP,
        frozenset({PROGRESS}): PROGRESS_RULE,
    }
)
_RESULTS, _REQUIRED = "result.", "required"
_URL_SCHEMES = ("http", "https")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with one answer."""

    rule: str
    pointer: str
    kind: str
    message: str


def faults(record: Record, reading: Reading) -> list[Fault]:
    """What is wrong with an accepted answer; worked out once."""
    return record.once(("faults", reading.number), lambda: list(_faults(record, reading)))


def is_json_type(reading: Reading) -> bool:
    """Whether the answer says that it is JSON, or a kind of it."""
    said = (reading.exchange.header("content-type") or "").partition(";")[0].strip().lower()
    return said == "application/json" or (said.startswith("application/") and said.endswith("+json"))


def _faults(record: Record, reading: Reading) -> Iterator[Fault]:
    body = reading.answer()
    if body is UNREADABLE:
        yield Fault(JSON_TEXT, "", "json", "the body is not JSON")
        return
    if not is_json_type(reading):
        said = reading.exchange.header("content-type")
        yield Fault(
            CONTENT_TYPE, "", "type", f"Content-Type is {shown(said) if said else 'missing'}, not application/json"
        )
    own = [each for seen in tasks(reading) for each in _own(record, reading, seen)]
    yield from own
    told = {(each.rule, _task_of(reading, each.pointer).at) for each in own}
    places = set()
    for violation in _with_lacks_as_one(list(_violations(record, reading))):
        fault = _sorted(record, reading, violation, body)
        if fault is None or (fault.rule, _task_of(reading, fault.pointer).at) in told:
            continue
        # Of a value that is wrong in several ways the first is enough.
        place = fault.rule, fault.pointer, fault.kind
        if place not in places:
            places.add(place)
            yield fault


def _with_lacks_as_one(violations: list[Violation]) -> Iterator[Violation]:
    """The violations; of an object that lacks several members that is said once."""
    lacks: dict[str, list[Violation]] = {}
    for each in violations:
        if each.rule == _REQUIRED:
            lacks.setdefault(_parent(each.pointer), []).append(each)
    for home, several in lacks.items():
        if len(several) > 1:
            names = ", ".join(split(each.pointer)[-1] for each in several)
            yield Violation(home, _REQUIRED, f"{field(home)} has no {names}")
    yield from (each for each in violations if each.rule != _REQUIRED or len(lacks[_parent(each.pointer)]) == 1)


def _parent(pointer: str) -> str:
    return pointer.rpartition("/")[0]


def tasks(reading: Reading) -> tuple[Seen, ...]:
    """The tasks that an answer shows: those of a list, or its one."""
    return reading.seen.items or (reading.seen,)


def _task_of(reading: Reading, pointer: str) -> Seen:
    """The task of a list that the pointer lies in; else the answer's one task."""
    found = (each for each in reading.seen.items if is_within(pointer, each.at))
    return next(found, reading.seen)


def state_of(reading: Reading, seen: Seen) -> str | None:
    """Where the task is; a submit that does not say has only begun."""
    return "queued" if reading.role == SUBMIT and seen.word is None else seen.state


# The schema's violations


def _violations(record: Record, reading: Reading) -> Iterator[Violation]:
    operation = reading.operation
    if operation is not None:
        headers = {name.lower(): value for name, value in reading.exchange.headers}
        # Another status than the documented one is a rule of its own: the body is judged all the same.
        status = record.promise.success_status(operation)
        yield from record.promise.answers(operation).judge(status, headers, reading.exchange.body)


def _sorted(record: Record, reading: Reading, violation: Violation, body: Json) -> Fault | None:
    if violation.rule == "header":
        return Fault(HEADER, "", violation.message, violation.message)
    seen = _task_of(reading, violation.pointer)
    rule = _rule_of(record, reading, violation.pointer, seen)
    if rule is None:
        return None
    message = violation.message
    if violation.rule == "not" and resolve(body, violation.pointer) is not None:
        message = f"{field(violation.pointer)} must not be there"
    more = f" ({field(seen.word_at)} is {shown(seen.word)})" if isinstance(seen.word, str) else ""
    return Fault(rule, violation.pointer, "", message + more)


def _rule_of(record: Record, reading: Reading, pointer: str, seen: Seen) -> str | None:
    """The rule that a violation at this pointer is about; None for what follows from an unknown word."""
    subjects = _subjects(record, reading, pointer)
    if subjects == {WORD}:
        return _word_rule(reading, seen)
    result = RESULT in subjects and all(name.startswith(_RESULTS) for name in subjects)
    failure = bool(subjects) and all(name.startswith(FAILURE) for name in subjects)
    state = state_of(reading, seen)
    if (result or failure) and state is None:
        return None
    if result:
        return RESULT_DONE if state == "done" else RESULT_EARLY
    return FAILED if failure else _PLAIN_RULES.get(subjects, BODY)


def _word_rule(reading: Reading, seen: Seen) -> str:
    if isinstance(seen.word, str) and seen.state is None:
        return UNKNOWN_WORD
    return FIRST_WORD if seen.state is not None and reading.role == SUBMIT else BODY


def _subjects(record: Record, reading: Reading, pointer: str) -> frozenset[str]:
    """What stands there by the operation's own template; where that says nothing, by the other answers'."""
    if reading.operation is None:
        return frozenset()
    own = record.promise.reader(reading.operation).subjects(pointer)
    return own or frozenset().union(*(each.subjects(pointer) for each in record.promise.readers))


# Our own


def _own(record: Record, reading: Reading, seen: Seen) -> Iterator[Fault]:
    if isinstance(seen.word, str) and seen.state is None:
        words = ", ".join(record.promise.pack.behaviour.lifecycle.words.values())
        message = f"{field(seen.word_at)} is {shown(seen.word)}; documented are {words}"
        yield Fault(UNKNOWN_WORD, seen.word_at, f"word {seen.word}", message)
    times = record.promise.pack.behaviour.times
    wrong = [(at, value) for at, value in seen.instants if read_instant(value, times) is None]
    if wrong:
        said = " and ".join(f"{field(at)} is {shown(value)}" for at, value in wrong)
        yield Fault(TIMESTAMP, wrong[0][0], "unreadable", f"{said}; it should be {WORDS[times]}")
    for at, value in seen.ids:
        if not isinstance(value, str) or not value:
            yield Fault(TASK_ID, at, "no text", f"{field(at)} is {shown(value)}; an id is text that is not empty")
    yield from _differing(seen)
    yield from _own_result(record, reading, seen)
    yield from _own_failure(record, reading, seen)


def _differing(seen: Seen) -> Iterator[Fault]:
    """What an answer says twice, it says alike."""
    if len({value for _, value in seen.ids if isinstance(value, str)}) > 1:
        said = ", ".join(f"{field(at)} {shown(value)}" for at, value in seen.ids)
        yield Fault(SAME, seen.ids[-1][0], "ids", f"one task, and several ids: {said}")
    given = [(at, value) for at, value in seen.results if isinstance(value, str) and value]
    alone = {value for at, value in given if not _is_item(at)}
    listed = {value for at, value in given if _is_item(at)}
    if len(alone) > 1 or (listed and not alone <= listed):
        said = ", ".join(f"{field(at)} {shown(value)}" for at, value in given)
        yield Fault(SAME, given[-1][0], "results", f"one result, and several addresses: {said}")


def _is_item(pointer: str) -> bool:
    return any(token.isdecimal() for token in pointer.split("/"))


def _own_result(record: Record, reading: Reading, seen: Seen) -> Iterator[Fault]:
    state = state_of(reading, seen)
    if state is None:
        return
    given = [(at, value) for at, value in seen.results if value is not None]
    if state != "done":
        for at, value in given:
            if value != "":
                yield Fault(RESULT_EARLY, at, state, f"{field(at)} is {shown(value)} while the task is {_said(seen)}")
        return
    home = record.promise.reader(reading.operation).place_of(RESULT) if reading.operation is not None else None
    if not given and home is not None:
        yield Fault(RESULT_DONE, home, "missing", f"the task is {_said(seen)}, and there is no result in {field(home)}")
    for at, value in given:
        if not _is_absolute(value):
            said = "empty" if value == "" else shown(value)
            yield Fault(RESULT_DONE, at, "address", f"{field(at)} is {said}; a result is an absolute http or https URL")


def _said(seen: Seen) -> str:
    return str(seen.word) if seen.word is not None else "only submitted"


def _is_absolute(value: Json) -> bool:
    if not isinstance(value, str) or any(character.isspace() for character in value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme.lower() in _URL_SCHEMES and bool(parts.hostname)
    except ValueError:
        return False


def _says_something(value: Json) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _own_failure(record: Record, reading: Reading, seen: Seen) -> Iterator[Fault]:
    if seen.state != "failed" or reading.operation is None or any(_says_something(value) for _, value in seen.failure):
        return
    reader = record.promise.reader(reading.operation)
    homes = [place.pointer for place in (reader.items or reader).places if place.names[0].startswith(FAILURE)]
    if homes:
        message = f"the task is {_said(seen)}, and nothing in {field(homes[0])} says why"
        yield Fault(FAILED, seen.at + homes[0], "silent", message)
