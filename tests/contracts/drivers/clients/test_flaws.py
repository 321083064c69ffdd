"""Clients with one flaw each: the rule that is made for it finds it, in the scenario made for it, and no other does."""

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import specs
from contracts.drivers.clients.causes import Performed, causes
from contracts.drivers.clients.performing import Stage
from contracts.drivers.clients.settings import ClientSettings
from contracts.drivers.clients.verification import ClientVerification
from contracts.judge import Promise
from contracts.judge.clients import CLIENT_RULES, judge_client
from contracts.scenarios import Scenario
from contracts.scenarios.plan import Plan
from flawed_client import PLAIN
from subtle_reader import ALL_FLAWS as FLAWS
from thread_client import ThreadClient

PACK = specs.load("mulerouter")
PROMISE = Promise(PACK)
RICH = {"prompt": " \u201ca\u0301\u201d <b>&amp;</b>\n" + "A quiet harbour " * 150, "sound": "on", "duration": 10}
# What follows from a flaw in its scenario, beside the rule that is about it.
ALSO = {"polls_failed_for_ever": {"pace.after-end"}, "floods": {"pace.busy", "pace.after-end"}}


@cache
def plan() -> Plan:
    """Every kind of awkwardness."""
    return Plan(PACK, 0, 0, 30)


def scenario(name: str) -> Scenario:
    """The scenario of this name, with a job in which there is something to be spoilt."""
    found = next((each for each in (*plan().plain, *plan().others) if each.name == name), None)
    assert found is not None, f"there is no scenario {name!r}"
    return replace(found, operation="createTextToVideo", body=RICH)


async def broken_by(flaw: str, name: str, times: int = 1) -> set[str]:
    """The rules that the client breaks in the scenario; what it has many of, it may have so many times more of."""
    given = scenario(name)
    polls = tuple(replace(act, times=act.times * times) if act.times > 3 else act for act in given.polls)
    given = replace(given, polls=polls)
    run = await Stage(PROMISE, ThreadClient(flaw), 0, 30).perform(given)
    performed = Performed(scenario=given, run=run, judged=judge_client(run, PROMISE))
    return {cause.rule for cause in causes([performed])}


@pytest.mark.parametrize("flaw", [flaw for flaw, (rule, _) in FLAWS.items() if rule])
async def test_flaw_is_found_by_its_rule(flaw: str) -> None:
    """In its scenario, and by nothing that has nothing to do with it."""
    rule, name = FLAWS[flaw]

    # On a busy machine nobody is busy for long: one second of many will do.
    broken = await broken_by(flaw, name, times=8 if flaw == "busy" else 1)

    assert broken - ALSO.get(flaw, set()) == {rule}


@pytest.mark.parametrize("flaw", [flaw for flaw, (rule, name) in FLAWS.items() if name != PLAIN or not rule])
async def test_flaw_that_needs_its_scenario_is_not_seen_without_it(flaw: str) -> None:
    """Nothing unusual, nothing found."""
    if flaw == "busy":
        # Three polls are no hurry.
        assert "outcome.completed" not in await broken_by(flaw, PLAIN)
        return

    assert await broken_by(flaw, PLAIN) == set()


def test_every_rule_has_a_flaw_that_breaks_it() -> None:
    """But for what a thread of this process can't do: leave processes behind."""
    assert {rule for rule, _ in FLAWS.values() if rule} == CLIENT_RULES.keys() - {"run.children"}


def verified(flaw: str, **settings: Any) -> ClientVerification:
    """A verification of the client."""
    chosen = ClientSettings(jobs=12, timeout_seconds=30, **settings)
    return ClientVerification(PACK, ThreadClient(flaw), chosen, flaw, lambda each: each.name if each else "all")


def test_nothing_is_found_at_a_correct_client() -> None:
    """Every kind of awkwardness, and some combinations; each rule was asked."""
    verdict = verified("correct", max_examples=12, seed=1).run_here()

    assert [f"{each.rule}: {each.message} {each.story}" for each in verdict.findings] == []
    assert {law.outcome for law in verdict.laws} == {"ok"}
    assert verdict.aborted == ""


def test_finding_is_told_by_its_shortest_scenario() -> None:
    """One flaw, one finding: the job and the acts that it needs, what happened, and how to see it again."""
    verdict = verified("gives_up_on_502", max_examples=6).run_here()

    (finding,) = verdict.findings
    assert (finding.rule, finding.level) == ("outcome.completed", "error")
    # On a busy machine some time lies between the two, which is told.
    assert [re.sub(r" \(.* (later|apart)\)", "", each) for each in finding.story[:2]] == [
        "submit: ok",
        "poll 1: 502 with an HTML page",
    ]
    assert (
        '"polls": [{"does": "break", "status": 502, "how": "html"}, {"does": "show", "state": "done"}]'
        in finding.scenario
    )
    assert '"dress"' not in finding.scenario
    assert finding.replay == "the shortest that was found"
    shown = {each.number: each for each in verdict.exchanges}
    assert shown[finding.exchanges[0]].status == 502


def test_story_of_haste_is_short_and_tells_the_pause() -> None:
    """Not one that goes on for ever: who was told to wait, and how soon it came back."""
    verdict = verified("ignores_retry_after", max_examples=0).run_here()

    poll = next(each for each in verdict.findings if "a poll was answered" in each.message)
    submit = next(each for each in verdict.findings if "a submit was answered" in each.message)
    assert re.fullmatch(r"poll 1(?: \(.* later\))?: (429|503), Retry-After 2", poll.story[1])
    assert re.fullmatch(r"poll 2 \(0\.\d\d s later\): completed", poll.story[2])
    assert re.fullmatch(r"submit: (429|503), Retry-After 2", submit.story[0])
    assert re.fullmatch(r"submit \(0\.\d\d s later\): ok", submit.story[1])


def test_client_that_fails_at_once_is_not_tormented() -> None:
    """Where nothing is unusual and it fails, nothing else is tried; that is said."""
    verdict = verified("sends_nothing").run_here()

    assert [each.rule for each in verdict.findings] == ["run.starts"]
    assert verdict.exchanges == ()
    untested = {law.note for law in verdict.laws if law.outcome == "untested"}
    assert untested == {"the client fails when nothing is unusual, so nothing else was tried"}


def test_flaw_in_the_job_is_shown_with_little_beside_it() -> None:
    """The member that was dropped, and what a job can't do without."""
    verdict = verified("drops_sound", max_examples=0).run_here()

    (finding,) = verdict.findings
    assert (finding.rule, finding.pointer) == ("job.as-asked", "/sound")
    body = json.loads(finding.scenario)["job"]["body"]
    assert body == {**plan().jobs.plain(str(finding.operation)), "sound": "on"}
