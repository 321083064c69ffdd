"""How long scenarios take: those in which nothing ends the client's patience are told from those that are soon over."""

import pytest

import specs
from contracts.scenarios import Scenario
from contracts.scenarios.act import Act
from contracts.scenarios.durations import ENDLESS_SECONDS, duration, is_long

DONE, BUSY = Act(state="done"), Act(does="put-off", status=429, retry_after=2)
SUBMIT = specs.load("kling").operations["createTextToVideo"]


def scenario(*polls: Act, submit: Act | None = None) -> Scenario:
    """A scenario of these acts."""
    submits = (submit or Act(),)
    return Scenario(name="", operation=SUBMIT.id, body={}, submits=submits, polls=polls or (DONE,))


@pytest.mark.parametrize(
    "given",
    [
        scenario(Act(state="running")),
        scenario(Act(does="missing")),
        scenario(Act(does="hang")),
        scenario(Act(does="refuse-inside", situation="task_unknown")),
        scenario(submit=BUSY),
        scenario(submit=Act(seconds=12)),
    ],
)
def test_scenario_for_the_patient(given: Scenario) -> None:
    """Until the client gives up, or nearly so long."""
    assert is_long(given)
    assert duration(given, SUBMIT) >= 12


@pytest.mark.parametrize(
    ("given", "about"),
    [
        (scenario(), 0.4),
        (scenario(BUSY, DONE), 2.6),
        (scenario(Act(state="failed")), 0.4),
        (scenario(Act(does="refuse", situation="key_invalid")), 0.4),
    ],
)
def test_scenario_that_is_soon_over(given: Scenario, about: float) -> None:
    """A little for each call, and what it asks to wait."""
    assert not is_long(given)
    assert duration(given, SUBMIT) == pytest.approx(about)


def test_refusal_that_says_too_many_may_be_taken_for_a_wait() -> None:
    """Whatever it is about: a client comes back until its patience ends."""
    assert SUBMIT.refusals["balance_empty"].status == 429
    assert duration(scenario(submit=Act(does="refuse", situation="balance_empty")), SUBMIT) == ENDLESS_SECONDS
