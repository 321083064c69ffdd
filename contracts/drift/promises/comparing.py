"""Two promises beside each other: every change once, named, classed, and known by a fingerprint that stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from contracts.drift.drift import Drift
from contracts.drift.promises.access import details, servers
from contracts.drift.promises.behaviour import Turn, behaviour
from contracts.drift.promises.classes import GRADES, Change
from contracts.drift.promises.documents import Document
from contracts.drift.promises.operations import Call, Found, Operations, calls, webhooks_of


def compare(old: Document, new: Document, today: date) -> list[Drift]:
    """Every change, the gravest first; `today` says whether the day has come on which an operation was to go."""
    operations = Operations(old, new)
    drifts = [*_merged(_operations(operations, today)), *_merged(_documents(operations))]
    if old.behaviour is not None and new.behaviour is not None:
        drifts += [_turned(each) for each in behaviour(old.behaviour, new.behaviour)]
    return sorted(drifts, key=lambda each: GRADES.index(each.grade or "maybe"))


# Operations


def _operations(operations: Operations, today: date) -> Iterator[tuple[str | None, Found]]:
    had = calls(operations.old, operations.old.openapi.get("paths", {}))
    has = calls(operations.new, operations.new.openapi.get("paths", {}))
    moved = _moved(had, has)
    for place, call in had.items():
        other = has.get(place) or moved.get(place)
        if other is None:
            yield call.name, Found(_gone(call, today))
            continue
        if place in moved:
            words = f"{call.place} has become {other.place}"
            yield call.name, Found(Change("operation-moved", "request", "", call.place, other.place, words))
        yield from ((call.name, found) for found in operations.compare(call, other))
    there = {id(call) for call in moved.values()}
    for place, call in has.items():
        if place not in had and id(call) not in there:
            yield call.name, Found(Change("operation-new", "request", "", None, call.place, f"{call.place} is new"))


def _moved(had: Mapping[str, Call], has: Mapping[str, Call]) -> dict[str, Call]:
    """Operations that are at no place where they were, by where they were: known again by their operationId."""
    came = {call.entry["operationId"]: call for place, call in has.items() if place not in had and _is_named(call)}
    gone = {place: call for place, call in had.items() if place not in has and _is_named(call)}
    return {place: came[call.name] for place, call in gone.items() if call.name in came}


def _is_named(call: Call) -> bool:
    return isinstance(call.entry.get("operationId"), str)


def _gone(call: Call, today: date) -> Change:
    day = call.entry.get("x-sunset")
    is_due = day is None or str(day)[:10] <= today.isoformat()
    name = "operation-retired" if call.entry.get("deprecated") and is_due else "operation-gone"
    return Change(name, "request", "", call.place, None, f"{call.place} is gone")


def _documents(operations: Operations) -> Iterator[tuple[None, Found]]:
    old, new = operations.old, operations.new
    for change in (*servers(old.openapi.get("servers"), new.openapi.get("servers")), *details(old, new)):
        yield None, Found(change)
    had, has = (webhooks_of(each, each.openapi.get("webhooks", {})) for each in (old, new))
    yield from ((None, found) for found in operations.told_to_clients(had, has))


# Findings


def _merged(found: Iterator[tuple[str | None, Found]]) -> list[Drift]:
    """One finding for what has changed alike in several answers, media types or callbacks of an operation."""
    drifts: dict[str, Drift] = {}
    parts: dict[str, dict[str, None]] = {}
    for operation, (change, part) in found:
        drift = _drift(operation, change)
        known = drifts.setdefault(drift.fingerprint, drift)
        if GRADES.index(drift.grade or "maybe") < GRADES.index(known.grade or "maybe"):
            drifts[drift.fingerprint] = drift
        parts.setdefault(drift.fingerprint, {})[part] = None
    return [_told(drift, list(parts[fingerprint])) for fingerprint, drift in drifts.items()]


def _drift(operation: str | None, change: Change) -> Drift:
    return Drift(
        kind=change.kind,
        operation=operation,
        pointer=change.pointer,
        documented=change.new,
        encoded=change.old,
        message=change.words,
        grade=change.grade,
        change=change.name,
        direction=change.direction,
    )


def _told(drift: Drift, parts: list[str]) -> Drift:
    """With where it is in front of the words."""
    where = " ".join(filter(None, [drift.operation or "the document", ", ".join(filter(None, parts)), drift.pointer]))
    return drift.saying(f"{where}: {drift.message}")


def _turned(turn: Turn) -> Drift:
    return Drift(
        kind=turn.kind,
        operation=None,
        pointer=turn.pointer,
        documented=turn.new,
        encoded=turn.old,
        message=f"behaviour {turn.pointer}: {turn.words}",
        grade=turn.grade,
        change="behaviour",
    )
