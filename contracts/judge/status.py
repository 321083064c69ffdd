"""Rules about statuses: a valid request is accepted, an invalid one refused, each with its documented status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from contracts.judge import owners
from contracts.judge.culprits import is_spoilt
from contracts.judge.once_only import taken_together
from contracts.judge.outcome import Outcome
from contracts.judge.record import POLL, Reading, Record
from contracts.judge.ruling import KEPT, Breach, Check, Checks, breach
from contracts.judge.seen import generalised

_SILENT = (Outcome.UNANSWERED, Outcome.PUT_OFF)
_UNDECIDED = (*_SILENT, Outcome.BROKEN)
_ROBUSTNESS, _INVALID = "robustness.", "request_invalid"


# What the rules share with those about accounts and robustness


def about(record: Record, reading: Reading, message: str, kind: str) -> Breach:
    """A breach about what was sent: its constraint and the member that it is about go with it."""
    violations = reading.expected.violations
    name = reading.constraint or _constraint_of(record, reading)
    return Breach(
        message=message,
        readings=(reading,),
        operation=reading.operation_id,
        pointer=violations[0].pointer if violations else None,
        constraint=name,
        kind=kind,
        # The place of what is wrong may differ from request to request, and the constraint be one.
        group=f"{name} {kind}" if name is not None else None,
    )


def _constraint_of(record: Record, reading: Reading) -> str | None:
    """The constraint that the body breaks, where only one comes into question."""
    if len(reading.expected.violations) != 1:
        return None
    broken = reading.expected.violations[0]
    found = record.promise.constraints_at(reading.operation_id, generalised(broken.pointer), broken.rule)
    return found[0].id if len(found) == 1 else None


def statuses(record: Record, reading: Reading) -> str:
    """The statuses that the situation calls for, in words."""
    found = sorted(record.promise.refusal_statuses(reading.operation, reading.expected.situations))
    if reading.expected.is_loose:
        return f"a 4xx such as {found[0]}" if found else "a 4xx"
    return " or ".join(map(str, found)) or "the documented status"


def described(reading: Reading) -> str:
    """What was sent, and what is wrong with it where only the body shows it."""
    violations = reading.expected.violations
    if reading.exchange.purpose is None and violations:
        return f"{reading.words} ({violations[0].message})"
    return reading.words


def taken_wrongly(record: Record, reading: Reading) -> Breach:
    """It should have been refused."""
    wanted = statuses(record, reading)
    message = f"{described(reading)}: accepted with {reading.exchange.status}; it must be refused with {wanted}"
    return about(record, reading, message + _reason(record, reading), "taken")


def _reason(record: Record, reading: Reading) -> str:
    """What is wrong between members, which the one that was changed does not show."""
    constraint = record.promise.constraints.get(reading.constraint or "")
    is_between = constraint is not None and constraint.rule is not None and reading.exchange.purpose is not None
    return f": {reading.expected.violations[0].message}" if is_between and reading.expected.violations else ""


def refused_otherwise(record: Record, reading: Reading) -> Breach:
    """It was refused with a status that says something else."""
    wanted, status = statuses(record, reading), reading.exchange.status
    situation = reading.expected.situations[0] if reading.expected.situations else ""
    message = f"{described(reading)}: refused with {status} where {wanted} is documented"
    return replace(about(record, reading, message, ""), group=f"{situation} {status}")


def judged_by(record: Record, *ids: str) -> Iterator[Reading]:
    """The answered requests whose status these rules judge."""
    return (each for each in record.readings if each.owner in ids and each.outcome not in _SILENT)


# The rules


def check_answered(record: Record) -> Checks:
    """Every request that was sent while the service was there gets an answer."""
    last = max((each.number for each in record.readings if each.outcome is not Outcome.UNANSWERED), default=-1)
    for reading in record.readings:
        if reading.owner.startswith(_ROBUSTNESS):
            continue
        if reading.outcome is not Outcome.UNANSWERED:
            yield KEPT
        elif reading.number < last:
            trouble = reading.exchange.trouble or "nothing came back"
            yield about(
                record, reading, f"{reading.words}: no answer ({trouble}), while later requests were answered", ""
            )


def check_accepted(record: Record) -> Checks:
    """A valid request is accepted."""
    for reading in judged_by(record, owners.ACCEPTED):
        if reading.outcome is Outcome.WRONGLY_REFUSED and not is_lost(record, reading):
            yield about(record, reading, f"{reading.words}: refused with {reading.exchange.status}; it is valid", "")
        elif reading.outcome is not Outcome.BROKEN:
            yield KEPT


def is_lost(record: Record, reading: Reading) -> bool:
    """Whether it asks for a task that was given out, and is answered as if there were none."""
    known = record.find(reading.exchange.account, reading.operation, reading.asked)
    unknown = record.promise.refusal_statuses(reading.operation, ["task_unknown"])
    return reading.role == POLL and known is not None and reading.exchange.status in unknown


def check_success(record: Record) -> Checks:
    """What is accepted is accepted with the documented status."""
    for reading in record.readings:
        if reading.outcome is Outcome.OTHER_YES and reading.operation is not None:
            wanted = record.promise.success_status(reading.operation)
            message = f"{reading.words}: accepted with {reading.exchange.status} where {wanted} is documented"
            yield breach(reading, message, kind=str(reading.exchange.status))
        elif reading.outcome is Outcome.TAKEN and reading.operation is not None:
            yield KEPT


def check_refused(record: Record) -> Checks:
    """An invalid request is refused."""
    for reading in judged_by(record, owners.REFUSED):
        if reading.outcome is Outcome.WRONGLY_TAKEN:
            found = taken_wrongly(record, reading)
            # An unknown task is one thing, however it is asked for.
            is_task = reading.expected.situations[:1] == ("task_unknown",)
            yield replace(found, group="task_unknown") if is_task else found
        elif reading.outcome is not Outcome.BROKEN:
            yield KEPT
    yield from taken_together(record)


def check_situation(record: Record) -> Checks:
    """A refusal has the status of its situation."""
    for reading in judged_by(record, owners.REFUSED, owners.DOCUMENTED):
        if reading.outcome is Outcome.OTHER_NO and not is_spoilt(record, reading):
            yield refused_otherwise(record, reading)
        elif reading.outcome is Outcome.REFUSED and reading.expected.situations:
            yield KEPT


def check_documented(record: Record) -> Checks:
    """Whatever is answered, its status is documented for the operation."""
    for reading in judged_by(record, owners.DOCUMENTED):
        if reading.outcome is Outcome.UNDOCUMENTED:
            status = reading.exchange.status
            yield breach(reading, f"{reading.words}: {status} is not documented for this operation", kind=str(status))
        elif reading.outcome not in _UNDECIDED:
            yield KEPT


def check_server_error(record: Record) -> Checks:
    """No 5xx, but where it is documented."""
    for reading in record.readings:
        if reading.owner.startswith(_ROBUSTNESS) or _is_off_the_page(reading) or reading.outcome in _SILENT:
            continue
        if reading.outcome is Outcome.BROKEN:
            if is_spoilt(record, reading):
                continue
            wanted = _wanted(record, reading)
            message = f"{described(reading)}: answered {reading.exchange.status}; {wanted}"
            found = about(record, reading, message, str(reading.exchange.status))
            situation = next(iter(reading.expected.situations), _INVALID)
            # An unknown task is one thing, however it is asked for; each constraint of a body is one of its own.
            yield found if situation == _INVALID else replace(found, group=f"{situation} {found.kind}")
        else:
            yield KEPT


def _wanted(record: Record, reading: Reading) -> str:
    if reading.expected.verdict == "accepted":
        return "it is valid"
    return f"it must be refused with {statuses(record, reading)}" if reading.expected.situations else "it must not fail"


def _is_off_the_page(reading: Reading) -> bool:
    return reading.operation is None and bool(reading.methods)


def check_method(record: Record) -> Checks:
    """A method that the path does not have is answered sanely."""
    for reading in record.readings:
        if not _is_off_the_page(reading) or reading.outcome in _SILENT:
            continue
        exchange = reading.exchange
        place = record.promise.route_pattern(exchange.path)
        if reading.outcome is Outcome.BROKEN:
            message = f"{exchange.method} {place}: answered {exchange.status}; a method that is not offered is a 4xx"
            yield breach(reading, message, kind=f"{place} broken")
        elif reading.outcome is Outcome.WRONGLY_TAKEN:
            only = f"only {', '.join(reading.methods)} {'are' if len(reading.methods) > 1 else 'is'} documented there"
            message = f"{exchange.method} {place}: accepted with {exchange.status}; {only}"
            yield breach(reading, message, kind=f"{place} taken")
        else:
            yield KEPT


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "status.answered": check_answered,
        "status.accepted": check_accepted,
        "status.success": check_success,
        "status.refused": check_refused,
        "status.situation": check_situation,
        "status.documented": check_documented,
        "status.server-error": check_server_error,
        "status.method": check_method,
    }
)
