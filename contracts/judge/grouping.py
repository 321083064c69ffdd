"""From breaches to findings: what has one cause is one finding, and what only follows from another is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from contracts.finding import Finding
from contracts.judge import owners
from contracts.judge.culprits import Cluster, clusters, size
from contracts.judge.outcome import YES, Outcome
from contracts.judge.record import Reading, Record
from contracts.judge.ruling import Breach, Rule
from contracts.judge.seen import generalised
from contracts.judge.words import FAMILY
from specs.constraint import Constraint
from specs.pointers import field

# What is left to say of an operation that never does its work.
_OF_THE_DEAD = frozenset({"status.answered", "status.accepted", "status.server-error", "lifecycle.visible"})
_DEAD_MIN = 3
# The rules by which valid requests are found to be refused.
_OF_CLUSTERS = frozenset({"status.accepted", "status.server-error"})
# So many different things done wrong, and most of what was tried: that is one thing, not so many. By rule: how many,
# and whose requests they are out of.
_FLOODS: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        owners.REFUSED: (5, owners.REFUSED),
        "status.server-error": (5, owners.REFUSED),
        owners.MALFORMED_BODY: (3, owners.MALFORMED_BODY),
        owners.SURVIVES: (3, owners.SURVIVES),
    }
)
_FLOOD_SHARE = 0.6
_SHARED_MAX, _PAIR, _CONSTRAINTS_MAX = 3, 2, 3


class Cause(NamedTuple):
    """What is wrong, and in which operation; None where that is part of what is wrong."""

    operation: str | None
    what: object


Groups: TypeAlias = dict[Cause, list[Breach]]


def findings(record: Record, rule: Rule, breaches: Iterable[Breach], *, is_apart: bool) -> list[Finding]:
    """The findings of one rule, in the order in which they were met; those of each operation by themselves, or not."""
    dead = record.once("dead", lambda: frozenset(_dead(record)))
    told = [each for each in breaches if each.operation not in dead or rule.id in _OF_THE_DEAD]
    told = [each for each in told if not _is_family(record, each)]
    groups: Groups = {}
    for each in told:
        groups.setdefault(_cause(record, rule, each), []).append(each)
    if rule.id in _FLOODS:
        groups = _without_floods(record, rule, groups)
    return [_finding(record, rule, group) for group in (groups.values() if is_apart else _across(groups))]


def _across(groups: Groups) -> Iterable[list[Breach]]:
    """The groups; those that differ in nothing but their operation are one: what operations share is written once."""
    merged: dict[object, list[Breach]] = {}
    for cause, group in groups.items():
        merged.setdefault(cause.what, []).extend(group)
    return merged.values()


def _dead(record: Record) -> Iterator[str]:
    """The operations that accept nothing of what is valid."""
    for name, readings in record.by_operation().items():
        valid = [each for each in readings if each.owner == owners.ACCEPTED and each.exchange.status is not None]
        asked = [each for each in valid if each.outcome is not Outcome.PUT_OFF]
        if len(asked) >= _DEAD_MIN and not any(each.outcome in YES for each in asked):
            yield name


def _is_family(record: Record, found: Breach) -> bool:
    constraint = record.promise.constraints.get(found.constraint or "")
    return constraint is not None and record.promise.words.standing(constraint) == FAMILY


def _cause(record: Record, rule: Rule, found: Breach) -> Cause:
    cluster = _cluster_of(record, found.readings[0]) if rule.id in _OF_CLUSTERS else None
    if cluster is not None:
        return Cause(None, ("cluster", cluster))
    place = generalised(found.pointer or ""), found.constraint, found.kind
    return Cause(found.operation, place if found.group is None else found.group)


def _cluster_of(record: Record, reading: Reading) -> int | None:
    """The number of the cluster of refused valid requests that it belongs to."""
    places: Mapping[int, int] = record.once(
        "places",
        lambda: {each.number: index for index, cluster in enumerate(clusters(record)) for each in cluster.readings},
    )
    return places.get(reading.number)


def _without_floods(record: Record, rule: Rule, groups: Groups) -> Groups:
    """One group for an operation that does wrong in most of what a rule asks of it."""
    least, owner = _FLOODS[rule.id]
    by_operation: dict[str | None, list[Cause]] = {}
    for cause, group in groups.items():
        by_operation.setdefault(group[0].operation, []).append(cause)
    merged = dict(groups)
    for operation, causes in by_operation.items():
        asked = [each for each in record.readings if each.operation_id == operation and each.owner == owner]
        wrong = {reading.number for cause in causes for each in groups[cause] for reading in each.readings}
        if len(causes) >= least and len(wrong) >= _FLOOD_SHARE * len(asked):
            flood = Cause(operation, ("flood", operation))
            merged[flood] = [each for cause in causes for each in merged.pop(cause)]
    return merged


def _finding(record: Record, rule: Rule, group: list[Breach]) -> Finding:
    ordered = sorted(group, key=lambda each: _rank(record, each))
    telling = ordered[0]
    constraints = {each.constraint for each in group}
    cluster = _cluster_of(record, telling.readings[0])
    name = telling.constraint if cluster is not None or len(constraints) == 1 else None
    if cluster is not None and not _is_to_blame(clusters(record)[cluster], name):
        name = None
    constraint = record.promise.constraints.get(name or "")
    numbers = dict.fromkeys(reading.number for each in ordered for reading in each.readings)
    words = record.promise.words
    return Finding(
        rule=rule.id,
        level=rule.level,
        operation=telling.operation,
        pointer=_pointer(telling, constraint, clusters(record)[cluster] if cluster is not None else None),
        message=_message(record, telling, group, is_blamed=name is not None),
        source=words.source(constraint) if constraint is not None else words.document(telling.operation),
        constraint=name,
        exchanges=tuple(numbers),
    )


def _is_to_blame(cluster: Cluster, name: str | None) -> bool:
    return name in cluster.guilty and (bool(cluster.shared) or len(cluster.guilty) == 1)


def _pointer(telling: Breach, constraint: Constraint | None, cluster: Cluster | None) -> str | None:
    """The member to look at: what is wrong, what the constraint is about, or the one that all requests share."""
    if telling.pointer is not None or constraint is not None:
        return telling.pointer if constraint is None or telling.pointer is not None else constraint.pointer
    places = {at for at, _ in cluster.shared} if cluster is not None else set[str]()
    place = next(iter(places), "")
    return place if len(places) == 1 and place.startswith("/") and "*" not in place else None


def _message(record: Record, telling: Breach, group: list[Breach], *, is_blamed: bool) -> str:
    """What the telling one says, and what is to be said of the others."""
    cluster = _cluster_of(record, telling.readings[0])
    if cluster is None or len(group) == 1:
        return telling.message + _more(telling, group)
    # What is lacking tells more than what is there.
    shared = sorted(clusters(record)[cluster].shared, key=lambda each: (each[1] != "absent", each))[:_SHARED_MAX]
    said = ", ".join(f"{field(at.removeprefix('?'))} ({text})" for at, text in shared)
    if said and not is_blamed:
        return f"{len(group)} valid requests are refused that have in common {said}; one of them: {telling.message}"
    others = "is 1 other valid request" if len(group) == _PAIR else f"are {len(group) - 1} other valid requests"
    return f"{telling.message}; so {others}" + (f", in common: {said}" if said else "")


def _more(telling: Breach, group: list[Breach]) -> str:
    """What is to be said of the others."""
    constraints = len({each.constraint for each in group})
    if constraints > _CONSTRAINTS_MAX:
        return f"; so it goes for {constraints - 1} other constraints of {telling.operation}"
    elsewhere = dict.fromkeys(str(each.operation) for each in group if each.operation not in (None, telling.operation))
    return f"; so it is with {', '.join(elsewhere)}" if elsewhere else ""


def _rank(record: Record, found: Breach) -> tuple[int, int, int]:
    """The telling one first: of a cluster the one to blame, else the smallest request that was made on purpose."""
    cluster = _cluster_of(record, found.readings[0])
    if cluster is None:
        purpose = found.readings[0].exchange.purpose
        return (int(purpose is not None and purpose.is_drawn), *size(found.readings[0]))
    numbers = [each.number for each in clusters(record)[cluster].readings]
    return numbers.index(found.readings[0].number), 0, 0
