"""Simpler scenarios: each can be played, each differs, the boldest come first, and only what matters is left."""

from dataclasses import replace

import specs
from contracts.scenarios import Dress, Scenario
from contracts.scenarios.act import Act
from contracts.scenarios.demands import flaws
from contracts.scenarios.smaller import simpler, weight

PACK = specs.load("uniall")
SUBMIT = PACK.operations["createVideo"]
PLAIN = {"model": "kling-v3-std-silent", "prompt": "a"}
QUEUED, RUNNING, DONE = Act(state="queued"), Act(state="running"), Act(state="done")
RICH = Scenario(
    name="rich",
    operation="createVideo",
    body={"model": "kling-v3-pro-audio", "prompt": "a long story", "duration": 10, "aspect_ratio": "9:16"},
    submits=(Act(does="put-off", status=429, retry_after=2, as_date=True), Act()),
    polls=(QUEUED, Act(does="missing"), RUNNING, Act(does="break", status=502, how="html", times=3), RUNNING, DONE),
    dress=Dress(members=True, writing="spaced"),
)


def shrunk(given: Scenario, still: object) -> Scenario:
    """The simplest scenario in which the act is played, by the first simpler one each time."""
    while True:
        found = (each for each in simpler(given, SUBMIT, [PLAIN]) if still in (*each.submits, *each.polls))
        following = next(found, None)
        if following is None:
            return given
        given = following


def test_first_try_is_nothing_unusual() -> None:
    """Whoever fails there fails everywhere."""
    first = next(simpler(RICH, SUBMIT, [PLAIN]))

    assert (first.submits, first.polls, first.dress, first.body) == ((Act(),), (QUEUED, RUNNING, DONE), Dress(), PLAIN)


def test_each_can_be_played_and_keeps_the_contract() -> None:
    """And none is tried twice."""
    tried = list(simpler(RICH, SUBMIT, [PLAIN]))

    assert all(next(flaws(each), None) is None for each in tried)
    assert all(SUBMIT.body is not None and not SUBMIT.body.judge(each.body)[1] for each in tried)
    assert len({repr(each) for each in tried}) == len(tried)
    assert RICH not in tried


def test_what_matters_is_all_that_is_left() -> None:
    """One act, the simplest job, no dress."""
    act = RICH.polls[3]
    once = replace(act, times=1)

    left = shrunk(replace(RICH, polls=(QUEUED, RUNNING, once, RUNNING, DONE)), once)

    assert (left.submits, left.polls, left.dress, left.body) == ((Act(),), (once, DONE), Dress(), PLAIN)
    assert weight(left) < weight(RICH)


def test_simple_jobs_that_are_none_are_not_tried() -> None:
    """A job with one member more must be a job."""
    tried = list(simpler(RICH, SUBMIT, [{"prompt": "no model"}]))

    assert all("model" in each.body for each in tried)
