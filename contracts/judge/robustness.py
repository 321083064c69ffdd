"""Rules about input that no client means: what is not JSON is refused, nothing brings the service down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from contracts.judge import owners
from contracts.judge.culprits import is_like_a_wrong_refusal
from contracts.judge.outcome import Outcome
from contracts.judge.record import POLL, Reading, Record
from contracts.judge.ruling import KEPT, Breach, Check, Checks
from contracts.judge.status import about, refused_otherwise, taken_wrongly


def _fell(record: Record, reading: Reading) -> Breach | None:
    """The breach when the service failed over the request: a 5xx, or no answer at all."""
    if reading.outcome is Outcome.BROKEN:
        return about(
            record, reading, f"{reading.words}: answered {reading.exchange.status}; it must not fail", "broken"
        )
    if reading.outcome is Outcome.UNANSWERED and _was_up(record, reading):
        trouble = reading.exchange.trouble or "nothing came back"
        return about(record, reading, f"{reading.words}: no answer ({trouble})", "unanswered")
    return None


def _was_up(record: Record, reading: Reading) -> bool:
    """Whether it was the request's doing: others were answered later, or all were before it."""
    silent = [each.number for each in record.readings if each.outcome is Outcome.UNANSWERED]
    answered = [each.number for each in record.readings if each.outcome is not Outcome.UNANSWERED]
    return reading.number == min(silent) or any(number > reading.number for number in answered)


def check_malformed(record: Record) -> Checks:
    """What can't be read as the documented JSON is refused with a 4xx."""
    for reading in record.readings:
        if reading.owner != owners.MALFORMED_BODY or reading.outcome is Outcome.PUT_OFF:
            continue
        if reading.outcome is Outcome.WRONGLY_TAKEN:
            yield taken_wrongly(record, reading)
        elif reading.outcome is Outcome.OTHER_NO:
            yield refused_otherwise(record, reading)
        elif reading.outcome in (Outcome.BROKEN, Outcome.UNANSWERED):
            yield _fell(record, reading)
        else:
            yield KEPT


def check_survives(record: Record) -> Checks:
    """Odd input is taken or refused; it is no server error and costs no connection."""
    for reading in record.readings:
        if reading.owner == owners.SURVIVES and reading.outcome is not Outcome.PUT_OFF:
            if _is_known_by_now(record, reading):
                continue
            found = _fell(record, reading)
            # Each odd thing is one of its own; odd ids are all alike.
            group = "ids" if reading.role == POLL else reading.words
            yield replace(found, group=group) if found is not None else KEPT


def _is_known_by_now(record: Record, reading: Reading) -> bool:
    """Whether odd input only meets what any unknown id meets, or any body that is no JSON: those are findings."""
    if reading.outcome is not Outcome.BROKEN:
        return False
    broken = [
        each for each in record.readings if each.outcome is Outcome.BROKEN and each.operation is reading.operation
    ]
    if reading.role == POLL:
        return any("task_unknown" in each.expected.situations for each in broken)
    return reading.request() is None and any(each.owner == owners.MALFORMED_BODY for each in broken)


def check_alive(record: Record) -> Checks:
    """After odd input the service does its work as before."""
    for reading in record.readings:
        if reading.owner != owners.ALIVE or reading.outcome is Outcome.PUT_OFF:
            continue
        if reading.is_taken:
            yield KEPT
        elif reading.exchange.status is None or not is_like_a_wrong_refusal(record, reading):
            status = reading.exchange.status
            said = f"answered {status}" if status is not None else "not answered"
            yield about(
                record, reading, f"{reading.words}: {said}; a valid call after odd input must work as before", ""
            )


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "robustness.malformed": check_malformed,
        "robustness.survives": check_survives,
        "robustness.alive": check_alive,
    }
)
