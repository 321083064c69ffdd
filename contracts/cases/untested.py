"""Sides of constraints for which there is no case, and why: in words that stand in the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contracts.cases.case import Case
from contracts.cases.ledger import is_promise
from specs.constraint import PATH, Constraint

ACCEPTS, REJECTS = "accepts", "rejects"


def untested(
    constraints: Sequence[Constraint], judged: Mapping[str, Constraint], cases: Sequence[Case]
) -> dict[tuple[str, str], str]:
    """From (constraint id, side) to the reason, for every side that no case is about."""
    accepted = {name for case in cases if case.expects == "accepted" for name in (case.constraint, *case.also)}
    refused = {case.constraint for case in cases if case.expects == "refused"}
    missing: dict[tuple[str, str], str] = {}
    for each in constraints:
        if each.id not in judged:
            missing |= dict.fromkeys(((each.id, ACCEPTS), (each.id, REJECTS)), "inferred from a sibling: not judged")
            continue
        if each.id not in accepted:
            missing[each.id, ACCEPTS] = _why_not_accepted(each)
        if each.id not in refused:
            missing[each.id, REJECTS] = _why_not_refused(each)
    return missing


def _why_not_accepted(constraint: Constraint) -> str:
    if constraint.location == PATH:
        return "the ids that the service gives are judged, not those that it takes"
    return "no valid body was found in which it binds and has an effect"


def _why_not_refused(constraint: Constraint) -> str:
    if is_promise(constraint):
        return "it allows something: there is nothing to refuse"
    if constraint.location == PATH:
        return "a path without the value is another path"
    return "no body was found that breaks this alone: what breaks it breaks another constraint, or is merely tolerated"
