"""About how long a client takes for a scenario: so that those that take long can be begun first."""

from __future__ import annotations

from contracts.scenarios.act import HANG, LATE_SECONDS, MISSING, PUT_OFF, REFUSE, REFUSE_INSIDE, SHOW, THROTTLED, Act
from contracts.scenarios.scenario import Scenario
from specs.pack import Operation

# As long as clients are patient; and what a poll and its pause take.
ENDLESS_SECONDS, _POLL_SECONDS = 20.0, 0.2


def duration(scenario: Scenario, submit: Operation) -> float:
    """Seconds, roughly: as long as its patience where nothing tells the client that it may end."""
    if _is_put_off_for_ever(scenario.submits[-1], submit) or not _ends(scenario.last):
        return ENDLESS_SECONDS
    return _waits(scenario)


def is_long(scenario: Scenario) -> bool:
    """Whether a client may have to wait until its patience ends, or nearly so: no story for somebody in a hurry."""
    is_endless = scenario.submits[-1].does == PUT_OFF or not _ends(scenario.last)
    return is_endless or any(act.seconds >= LATE_SECONDS for act in (*scenario.submits, *scenario.polls))


def _waits(scenario: Scenario) -> float:
    acts = (*scenario.submits, *scenario.polls)
    return sum((_asked(act) + _POLL_SECONDS) * act.times for act in acts)


def _is_put_off_for_ever(act: Act, submit: Operation) -> bool:
    """Whether the client may think that it need only come back, whenever it does."""
    if act.does == REFUSE:
        return submit.refusals[act.situation].status == THROTTLED
    return act.does == PUT_OFF


def _ends(act: Act) -> bool:
    return act.is_terminal or act.does not in (SHOW, MISSING, PUT_OFF, REFUSE_INSIDE, HANG)


def _asked(act: Act) -> float:
    return act.seconds + (0 if act.retry_after is None else act.retry_after + act.as_date)
