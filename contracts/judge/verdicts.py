"""The table of constraints: whether the service accepts what it must, and refuses what it must, of each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.exchange import Conversation
from contracts.finding import ConstraintRow, Outcome
from contracts.judge.culprits import innocent, is_spoilt
from contracts.judge.judging import Judgement
from contracts.judge.outcome import YES
from contracts.judge.outcome import Outcome as Met
from contracts.judge.promise import Promise
from contracts.judge.record import Reading, Record
from contracts.judge.words import FAMILY
from specs.constraint import Constraint

ACCEPTS, REJECTS = "accepts", "rejects"
_ANOTHER_REASON = "its requests were refused for another reason, which is a finding"
_NOT_SENT = "nothing was sent for it"
_REFUSALS = range(400, 500)


@dataclass(slots=True)
class _Side:
    """What is known of one side of one constraint."""

    outcomes: list[Outcome] = field(default_factory=list)
    why: str = ""

    @property
    def outcome(self) -> Outcome:
        if "fails" in self.outcomes:
            return "fails"
        return "ok" if self.outcomes else "untested"


Sides = dict[tuple[str, str], _Side]


def constraint_rows(
    heard: Conversation | Judgement, promise: Promise, untested: Mapping[tuple[str, str], str]
) -> tuple[ConstraintRow, ...]:
    """A row for every constraint of the catalogue, in its order.

    `untested` is the case book's: from (constraint id, `accepts` or `rejects`) to why there is no case.
    """
    record = heard.record if isinstance(heard, Judgement) else Record(heard, promise)
    sides: Sides = {}
    for reading in record.readings:
        _note(record, reading, sides)
    return tuple(_row(each, promise, sides, untested) for each in promise.constraints.values())


def _note(record: Record, reading: Reading, sides: Sides) -> None:
    purpose = reading.exchange.purpose
    if purpose is None or purpose.expects == "either":
        return
    if purpose.expects == "accepted":
        names = [*([purpose.constraint] if purpose.constraint is not None else []), *purpose.also]
        for name in names:
            _note_accepted(
                record, reading, sides.setdefault((name, ACCEPTS), _Side()), is_own=name == purpose.constraint
            )
    elif purpose.constraint is not None:
        _note_refused(record, reading, sides.setdefault((purpose.constraint, REJECTS), _Side()))


def _note_accepted(record: Record, reading: Reading, side: _Side, *, is_own: bool) -> None:
    if reading.outcome in YES:
        side.outcomes.append("ok")
    elif reading.outcome in (Met.UNANSWERED, Met.PUT_OFF):
        side.why = _silence(reading)
    elif not is_own or reading.number in innocent(record):
        side.why = _ANOTHER_REASON
    else:
        side.outcomes.append("fails")


def _note_refused(record: Record, reading: Reading, side: _Side) -> None:
    status = reading.exchange.status
    if status is None or reading.outcome is Met.PUT_OFF:
        side.why = _silence(reading)
    elif reading.outcome is not Met.WRONGLY_TAKEN and is_spoilt(record, reading):
        side.why = _ANOTHER_REASON
    else:
        side.outcomes.append("ok" if reading.outcome is Met.REFUSED or status in _REFUSALS else "fails")


def _silence(reading: Reading) -> str:
    if reading.exchange.status is None:
        return f"no answer ({reading.exchange.trouble or 'nothing came back'})"
    return f"the service asked to come back later ({reading.exchange.status})"


def _row(
    constraint: Constraint, promise: Promise, sides: Sides, untested: Mapping[tuple[str, str], str]
) -> ConstraintRow:
    words = promise.words
    standing = words.standing(constraint)
    found = {name: sides.get((constraint.id, name), _Side()) for name in (ACCEPTS, REJECTS)}
    judged = {name: "untested" if standing == FAMILY else side.outcome for name, side in found.items()}
    notes = [
        f"{name}: {_why(standing, untested.get((constraint.id, name)) or found[name].why)}"
        for name, outcome in judged.items()
        if outcome == "untested"
    ]
    return ConstraintRow(
        id=constraint.id,
        operation=constraint.operation,
        pointer=constraint.pointer,
        rule=constraint.keyword,
        limit=constraint.limit_words,
        condition=constraint.condition,
        source=words.source(constraint),
        standing=standing,
        accepts=judged[ACCEPTS],
        rejects=judged[REJECTS],
        note="; ".join(notes),
    )


def _why(standing: str, said: str) -> str:
    return "known of sibling systems only, so it is not judged" if standing == FAMILY else said or _NOT_SENT
