"""Why valid requests are refused: those that share something which no accepted request has are refused for one cause.

One value that a service does not take spoils every request that holds it, whatever the request was sent to find out. So
a request's own constraint is to blame only when the shared thing is in its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from contracts.judge import owners
from contracts.judge.outcome import Outcome
from contracts.judge.record import Reading, Record
from contracts.judge.seen import generalised
from specs.pointers import Json, join, split

Feature = tuple[str, str]

_SHORT = 40
_NUMBERS_MAX = 4
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_VARIABLE = re.compile(rb"[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{27}|[0-9A-Fa-f]{24,}|[0-9]+")
_BASIC_PLANE_END = "\uffff"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Valid requests that one cause kept from being accepted, the telling one first, and the constraints to blame."""

    readings: tuple[Reading, ...]
    guilty: frozenset[str]
    shared: frozenset[Feature]
    """What they all hold, and no accepted request does; of numbers that differ all are told."""


def clusters(record: Record) -> list[Cluster]:
    """Every refusal of a valid request, by its cause."""
    return record.once("clusters", lambda: list(_clusters(record)))


def innocent(record: Record) -> frozenset[int]:
    """The numbers of valid requests that were refused for a cause that is not their own constraint's."""
    return record.once(
        "innocent",
        lambda: frozenset(
            reading.number
            for cluster in clusters(record)
            for reading in cluster.readings
            if reading.constraint is not None and reading.constraint not in cluster.guilty
        ),
    )


def is_spoilt(record: Record, reading: Reading) -> bool:
    """Whether the request holds what keeps valid ones from being accepted: its refusal may be about that."""
    near = [each for each in clusters(record) if each.readings[0].operation is reading.operation]
    own = _general(features(reading)) if near else frozenset[Feature]()
    return any(cluster.shared & own and reading not in cluster.readings for cluster in near)


def is_like_a_wrong_refusal(record: Record, reading: Reading) -> bool:
    """Whether it was refused in the very words that refused a valid request: it may be for the same, wrong reason."""
    near = [each for each in clusters(record) if each.readings[0].operation is reading.operation]
    return any(_answer(reading) == _answer(each) for cluster in near for each in cluster.readings)


def _answer(reading: Reading) -> bytes:
    """The answer without ids and numbers."""
    return _VARIABLE.sub(b"#", reading.exchange.body)


def features(reading: Reading) -> frozenset[Feature]:
    """What a request holds: members, and values where they are short; and what it lacks."""
    found = {(f"?{name}", text) for name, text in parse_qsl(reading.exchange.query, keep_blank_values=True)}
    if not reading.exchange.request_body or reading.operation is None or reading.operation.body is None:
        return frozenset(found)
    body = reading.request()
    lacking = [name for name in reading.operation.body.schema.get("properties", {}) if _is_lacking(body, name)]
    return frozenset({*found, *_features(body), *((join([name]), "absent") for name in lacking)})


def _is_lacking(body: Json, name: str) -> bool:
    return isinstance(body, dict) and body.get(name) in (None, "")


def _features(value: Json, at: str = "") -> Iterator[Feature]:
    if isinstance(value, dict):
        yield at, "an object"
        for name, inner in value.items():
            yield from _features(inner, at + join([name]))
    elif isinstance(value, list):
        yield at, f"{len(value)} items"
        for index, inner in enumerate(value):
            yield from _features(inner, f"{at}/{index}")
    elif isinstance(value, str):
        yield at, value if len(value) <= _SHORT else f"{len(value)} characters"
        # Pictures are long, and ASCII: only of other texts is the highest character looked for.
        highest = "" if value.isascii() else max(value)
        yield at, "beyond ASCII" if highest else "ASCII"
        yield at, "beyond 16 bits" if highest > _BASIC_PLANE_END else "16 bits"
    else:
        yield at, json.dumps(value)


def _clusters(record: Record) -> Iterator[Cluster]:
    for readings in record.by_operation().values():
        wrong = [each for each in readings if _is_refused_though_valid(each)]
        if not wrong:
            continue
        taken = [_general(features(each)) for each in readings if each.is_taken]
        suspects = {each.number: _general(features(each)).difference(*taken) for each in wrong}
        for group in _joined(wrong, suspects):
            shared = frozenset.intersection(*(suspects[each.number] for each in group)) or _numbers(group, taken)
            yield _cluster(record, group, shared)


def _is_refused_though_valid(reading: Reading) -> bool:
    refused = reading.outcome in (Outcome.WRONGLY_REFUSED, Outcome.BROKEN)
    return reading.owner == owners.ACCEPTED and reading.expected.verdict == "accepted" and refused


def _general(found: Iterable[Feature]) -> frozenset[Feature]:
    return frozenset((generalised(at), text) for at, text in found)


def _joined(wrong: list[Reading], suspects: dict[int, frozenset[Feature]]) -> list[list[Reading]]:
    """Groups of readings that share a suspect, or that are refused in the same words."""
    groups: list[tuple[set[object], list[Reading]]] = []
    for reading in wrong:
        marks: set[object] = {*suspects[reading.number], _answer(reading)}
        members = [reading]
        for other in [each for each in groups if each[0] & marks]:
            groups.remove(other)
            marks |= other[0]
            members = [*other[1], *members]
        groups.append((marks, members))
    return [members for _, members in groups]


def _numbers(group: list[Reading], taken: list[frozenset[Feature]]) -> frozenset[Feature]:
    """The member in which each has a number that was never accepted beside what all of them hold; of several none.

    Beyond 10 seconds, say, in jobs with a picture: each of the numbers alone was accepted somewhere.
    """
    held = [_general(features(each)) for each in group]
    common = frozenset.intersection(*held)
    beside = [each for each in taken if common <= each]
    numbers = [{each for each in one.difference(*beside) if _NUMBER.fullmatch(each[1])} for one in held]
    places = set.intersection(*({at for at, _ in each} for each in numbers))
    if not beside or len(group) == 1 or len(places) != 1:
        return frozenset()
    place = places.pop()
    told = sorted({text for each in numbers for at, text in each if at == place}, key=float)
    return frozenset({(place, ", ".join(told[:_NUMBERS_MAX]) + (", …" if len(told) > _NUMBERS_MAX else ""))})


def _cluster(record: Record, group: list[Reading], shared: frozenset[Feature]) -> Cluster:
    places = {at for at, _ in shared}
    blamed = [each for each in group if each.constraint is not None and _is_about(record, each.constraint, places)]
    rest = [each for each in group if each not in blamed]
    # The answer itself may name the member; else the smallest request tells most.
    telling = {each.number: (not _is_named(record, each), *size(each)) for each in group}
    ordered = sorted(blamed, key=lambda each: telling[each.number])
    ordered += sorted(rest, key=lambda each: (each.constraint is None, telling[each.number]))
    # Where nothing is shared each request's own constraint may be to blame; else those that speak of what is shared.
    guilty = {each.constraint for each in (blamed if shared else ordered)}
    return Cluster(tuple(ordered), frozenset(each for each in guilty if each is not None), shared)


def _is_named(record: Record, reading: Reading) -> bool:
    """Whether the refusal has the name of the member that the request's own constraint is about."""
    constraint = record.promise.constraints.get(reading.constraint or "")
    names = [each for each in split(constraint.pointer)[-1:] if each != "*"] if constraint is not None else []
    return any(re.search(rb"\b" + re.escape(each.encode()) + rb"\b", reading.exchange.body) for each in names)


def _is_about(record: Record, name: str, places: set[str]) -> bool:
    """Whether the constraint speaks of one of the places, or of something around or inside it."""
    constraint = record.promise.constraints.get(name)
    if constraint is None:
        return False
    pointer = constraint.pointer
    return any(
        at == pointer or (at and pointer.startswith(at + "/")) or (pointer and at.startswith(pointer + "/"))
        for at in places
    )


def size(reading: Reading) -> tuple[int, int]:
    """How large a request is; of equals the earlier one."""
    exchange = reading.exchange
    return len(exchange.request_body) + len(exchange.path) + len(exchange.query), exchange.number
