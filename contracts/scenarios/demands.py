"""What must become of a client in a scenario: what it has to survive, what may end either way, what must fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

from contracts.judge.clients.run import COMPLETED, EITHER, NOT_COMPLETED, Demand
from contracts.scenarios.act import (
    BREAK,
    DONE,
    DROP,
    GARBLE,
    HANG,
    LATE_SECONDS,
    MISSING,
    PUT_OFF,
    REDIRECT,
    REFUSE,
    REFUSE_INSIDE,
    SHOW,
    Act,
)
from contracts.scenarios.scenario import Scenario
from specs.pack import STATES

FAULTS_MAX, MISSING_MAX, PUT_OFFS_MAX = 3, 2, 2
WAITS_SECONDS_MAX = 8.0
_STATUSES = range(300, 600)
_WITH_STATUS = (PUT_OFF, BREAK, REDIRECT)
_MANNERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        BREAK: ("json", "html", "empty"),
        DROP: ("close", "reset"),
        GARBLE: ("cut", "text", "empty", "short"),
        SHOW: ("", "list", "member"),
    }
)
_DEFINITE = (REFUSE, REFUSE_INSIDE)
_NOT_SURVIVABLE = (HANG, REDIRECT, REFUSE, REFUSE_INSIDE)


def demand(scenario: Scenario) -> Demand:
    """Completed (with the result's URL), not completed (another exit status than 0), or either."""
    decisive = next((act for act in scenario.submits if not act.is_refused_for_now), None)
    if decisive is None or decisive.does in _DEFINITE or not _ends_well(scenario.last):
        return NOT_COMPLETED
    if _is_hard_submit(scenario, decisive) or _are_hard_polls(scenario.polls) or scenario.dress.clock_days:
        return EITHER
    return EITHER if _waits(scenario) > WAITS_SECONDS_MAX else COMPLETED


def flaws(scenario: Scenario) -> Iterator[str]:
    """Why no server can play the scenario; nothing when one can."""
    if any(act.is_terminal for act in scenario.polls[:-1]):
        yield "a poll tells the end of the task, and more acts follow: nothing follows an end"
    for act in scenario.submits:
        if act.does in (MISSING, HANG) or act.state:
            yield f"a submit can't be answered by {act.does!r}{' with a state' if act.state else ''}"
    for act in scenario.polls:
        if act.does == SHOW and act.state not in STATES:
            yield f"a task has no state {act.state!r}; states are {', '.join(STATES)}"
    for act in (*scenario.submits, *scenario.polls):
        yield from _act_flaws(act)


def _act_flaws(act: Act) -> Iterator[str]:
    if act.times < 1:
        yield "an act is played no times"
    if act.does in _WITH_STATUS and act.status not in _STATUSES:
        yield f"an act of {act.does!r} needs a status, of 300 to 599"
    if act.does in _MANNERS and act.how not in _MANNERS[act.does]:
        yield f"an act of {act.does!r} can't be {act.how!r}; it is one of {', '.join(map(repr, _MANNERS[act.does]))}"


def _ends_well(last: Act) -> bool:
    return last.does == SHOW and last.state == DONE and not last.how


def _is_hard_submit(scenario: Scenario, decisive: Act) -> bool:
    """Whether the client may be left without knowing whether its job exists, or be put off too often."""
    put_offs = sum(act.times for act in scenario.submits[: scenario.submits.index(decisive)])
    return put_offs > PUT_OFFS_MAX or decisive.does != SHOW or decisive.seconds >= LATE_SECONDS


def _are_hard_polls(polls: tuple[Act, ...]) -> bool:
    """Whether more is asked than a client must survive."""
    if any(act.does in _NOT_SURVIVABLE or act.seconds >= LATE_SECONDS for act in polls):
        return True
    runs = [(kind, sum(act.times for act in acts)) for kind, acts in groupby(polls, _kind)]
    return any((kind == "fault" and n > FAULTS_MAX) or (kind == MISSING and n > MISSING_MAX) for kind, n in runs)


def _kind(act: Act) -> str:
    return "fault" if act.is_fault or act.seconds else act.does


def _waits(scenario: Scenario) -> float:
    return sum(_wait(act) * act.times for act in (*scenario.submits, *scenario.polls[:-1]))


def _wait(act: Act) -> float:
    # A date is written in whole seconds, rounded up.
    asked = 0 if act.retry_after is None else act.retry_after + act.as_date
    return asked + act.seconds
