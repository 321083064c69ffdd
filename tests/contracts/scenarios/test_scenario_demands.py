"""What must become of a client: the limits of what it has to survive, and which scenarios nobody can play."""

import pytest

from contracts.scenarios import Dress, Scenario, demand
from contracts.scenarios.act import Act
from contracts.scenarios.demands import flaws

QUEUED, RUNNING, DONE = Act(state="queued"), Act(state="running"), Act(state="done")
BAD_GATEWAY = Act(does="break", status=502, how="html")
MISSING = Act(does="missing")
THROTTLED = Act(does="put-off", status=429)
WAIT = Act(does="put-off", status=503, retry_after=2)


def scenario(*polls: Act, submits: tuple[Act, ...] = (Act(),), dress: Dress | None = None) -> Scenario:
    """A scenario of these acts."""
    return Scenario(
        name="a scenario",
        operation="createVideo",
        body={},
        submits=submits,
        polls=polls or (QUEUED, RUNNING, DONE),
        dress=dress or Dress(),
    )


@pytest.mark.parametrize(
    "given",
    [
        scenario(),
        scenario(DONE),
        scenario(Act(state="running", times=48), DONE),
        scenario(Act(state="running", word="preparing"), DONE),
        scenario(BAD_GATEWAY, THROTTLED, Act(does="drop", how="reset"), RUNNING, DONE),
        scenario(Act(does="break", status=500, how="json", times=3), RUNNING, BAD_GATEWAY, DONE),
        scenario(Act(does="missing", times=2), DONE),
        scenario(Act(state="running", seconds=1.5), DONE),
        scenario(submits=(Act(does="put-off", status=429, times=2), Act())),
        scenario(submits=(WAIT, Act(seconds=1.5))),
        scenario(dress=Dress(members=True, optional="null", odd_ids=True, writing="escaped", results=3)),
    ],
)
def test_what_must_be_survived(given: Scenario) -> None:
    """Three faults in a row, two polls that find nothing, two submits put off, ten seconds in all."""
    assert demand(given) == "completed"


@pytest.mark.parametrize(
    "given",
    [
        scenario(Act(does="break", status=500, how="json", times=4), DONE),
        scenario(BAD_GATEWAY, THROTTLED, BAD_GATEWAY, Act(does="garble", how="cut"), DONE),
        scenario(Act(does="missing", times=3), DONE),
        scenario(MISSING, MISSING, MISSING, DONE),
        scenario(Act(does="put-off", status=429, retry_after=4, times=3), DONE),
        scenario(QUEUED, Act(does="hang"), DONE),
        scenario(QUEUED, Act(does="redirect", status=302), DONE),
        scenario(submits=(Act(does="put-off", status=429, times=3), Act())),
        scenario(submits=(Act(does="put-off", status=503), Act())),
        scenario(submits=(Act(does="drop", how="close"), Act())),
        scenario(submits=(BAD_GATEWAY, Act())),
        scenario(submits=(Act(seconds=12),)),
        scenario(dress=Dress(clock_days=100)),
    ],
)
def test_what_may_end_either_way(given: Scenario) -> None:
    """One more of anything, and whatever leaves the client in the dark."""
    assert demand(given) == "either"


@pytest.mark.parametrize(
    "given",
    [
        scenario(QUEUED, Act(state="failed", failure="default")),
        scenario(QUEUED, RUNNING),
        scenario(MISSING),
        scenario(QUEUED, Act(state="running", word="preparing")),
        scenario(QUEUED, Act(does="hang")),
        scenario(QUEUED, Act(does="refuse", situation="key_expired")),
        scenario(QUEUED, Act(does="refuse-inside", situation="task_unknown")),
        scenario(QUEUED, Act(state="done", how="list")),
        scenario(submits=(Act(does="refuse", situation="balance_empty"),)),
        scenario(submits=(Act(does="refuse-inside", situation="balance_empty"),)),
        scenario(submits=(WAIT,)),
        scenario(Act(state="failed"), submits=(Act(does="drop", how="close"), Act())),
    ],
)
def test_what_must_not_complete(given: Scenario) -> None:
    """Failed, refused, endless, or done without a result: whatever else there is to it."""
    assert demand(given) == "not completed"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (scenario(DONE, RUNNING), "a poll tells the end of the task, and more acts follow: nothing follows an end"),
        (scenario(Act(state="paused")), "a task has no state 'paused'; states are queued, running, done, failed"),
        (scenario(submits=(MISSING,)), "a submit can't be answered by 'missing'"),
        (scenario(submits=(DONE,)), "a submit can't be answered by 'show' with a state"),
        (scenario(Act(state="queued", times=0), DONE), "an act is played no times"),
        (scenario(Act(does="break", how="html"), DONE), "an act of 'break' needs a status, of 300 to 599"),
        (
            scenario(Act(does="garble"), DONE),
            "an act of 'garble' can't be ''; it is one of 'cut', 'text', 'empty', 'short'",
        ),
    ],
)
def test_what_nobody_can_play(given: Scenario, why: str) -> None:
    """It is said why."""
    assert list(flaws(given)) == [why]


def test_usual_scenario_has_no_flaw() -> None:
    """Queued, running, done."""
    assert list(flaws(scenario())) == []
