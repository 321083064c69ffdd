"""Scenarios as JSON: what is written is read back as it was, and what is wrong with one is said in one line."""

import json
from dataclasses import replace
from typing import Any

import pytest

import specs
from contracts.errors import UsageError
from contracts.scenarios import Dress, Scenario, as_text, read_scenario
from contracts.scenarios.act import Act
from contracts.scenarios.plan import Plan
from contracts.scenarios.written import as_json

PACK = specs.load("uniall")
JOB = {"operation": "createVideo", "body": {"model": "kling-v3-std-audio", "prompt": "a"}}
BRIEF = {"scenario": 1, "vendor": "uniall", "job": JOB}


def test_every_planned_scenario_survives_being_written() -> None:
    """In full and in brief; the brief one forgets its name alone."""
    plan = Plan(PACK, 3, 10, 30)

    for each in (*plan.plain, *plan.others):
        assert read_scenario(json.dumps(as_json(each, "uniall")), PACK) == each
        brief = read_scenario(as_text(each, "uniall"), PACK)
        assert replace(brief, name=each.name) == each


def test_what_is_as_usual_is_left_out() -> None:
    """A short scenario is a short text, in ASCII."""
    given = Scenario(name="n", operation="createVideo", body={"prompt": "\u00e9"}, polls=(Act(state="done"),))

    assert as_text(given, "uniall") == (
        '{"scenario":1,"vendor":"uniall","job":{"operation":"createVideo","body":{"prompt":"\\u00e9"}},'
        '"polls":[{"does":"show","state":"done"}]}'
    )


def test_what_is_left_out_is_as_usual() -> None:
    """A job is all that is needed."""
    read = read_scenario(json.dumps(BRIEF), PACK)

    assert (read.submits, read.dress) == ((Act(),), Dress())
    assert [act.state for act in read.polls] == ["queued", "running", "done"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"scenario": 2}, '"scenario" must be 1, the version of the format'),
        ({"vendor": "kling"}, "it is one for 'kling', not for 'uniall'"),
        (
            {"steps": []},
            "there is no member 'steps'; members are dress, job, must, name, polls, scenario, submits",
        ),
        ({"job": {"operation": "getVideo"}}, "'getVideo' submits no job; operations that do: createVideo"),
        ({"job": 1}, '"job" must be an object with "operation" and "body"'),
        ({"polls": []}, '"polls" must be a list of one act or more, each an object'),
        ({"polls": [{"does": "sleep"}]}, "polls/0: does can't be 'sleep'; it is one of 'show', 'put-off'"),
        ({"polls": [{"do": "show"}]}, "polls/0: there is no member 'do'; members are does, state, word"),
        ({"polls": [{"state": "done", "seconds": "1"}]}, "polls/0: seconds can't be '1'"),
        ({"polls": [{"state": "done"}, {"state": "done"}]}, "a poll tells the end of the task, and more acts follow"),
        ({"dress": {"results": True}}, "dress: results can't be True"),
        ({"dress": []}, '"dress" must be an object'),
        ({"must": "not completed"}, "it says that the run must end 'not completed', and by its acts it is 'completed'"),
        (
            {"submits": [{"does": "refuse", "situation": "bored"}]},
            "createVideo is not refused in the situation 'bored'; situations are",
        ),
        (
            {"polls": [{"state": "failed", "failure": "bored"}]},
            "there is no failure 'bored'; failures are default, moderation, media",
        ),
    ],
)
def test_what_is_wrong_is_said(changed: dict[str, Any], says: str) -> None:
    """Where it stands, and the way out."""
    with pytest.raises(UsageError) as told:
        read_scenario(json.dumps({**BRIEF, **changed}), PACK)

    assert str(told.value).startswith("the scenario can't be played: " + says)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_what_is_no_object_is_refused(text: str) -> None:
    """Also what is no JSON."""
    with pytest.raises(UsageError, match="the scenario can't be played: it is no JSON"):
        read_scenario(text, PACK)
