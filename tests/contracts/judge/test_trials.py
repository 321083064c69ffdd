"""A gateway whose upstream makes trouble: each way to take it badly breaks its rule alone; right ways break none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.judge import RULES
from contracts.judge.hearsay import AHEAD, REASON, RESULTS, RUNNING
from contracts.judge.relations import OF_TRIALS, RELATIONS
from contracts.judge.sandwich import AFTER_END, ONE_TASK, OUTCOME, Misfit, Sandwich, Side
from contracts.judge.trials import BUSY, RECOVERS, RETRY_AFTER, SUCCESS, TROUBLE, UNKNOWN
from trial_talk import CLOSED, LOST, TRACES, Line, Story, Talk, promise


def judged(*stories: Story) -> dict[str, list[Misfit | None]]:
    """What each rule says of a gateway with these jobs."""
    talk = Talk()
    for story in stories:
        talk.run(story)
    both = Sandwich(
        Side(promise("uniall"), talk.sides["front"]),
        Side(promise("mulerouter"), talk.sides["back"], talk.tasks),
        talk.states,
        courses=talk.courses,
        trials=tuple(talk.trials),
    )
    return {name: list(check(both)) for name, check in RELATIONS.items()}


def broken(*stories: Story) -> set[str]:
    """The rules that are broken."""
    return {name for name, asked in judged(*stories).items() if any(each is not None for each in asked)}


def story(*lines: Line, **members: Any) -> Story:
    return Story(lines, **members)


def followed(*polls: Line, **members: Any) -> Story:
    """A job that was made, and what came then."""
    return story((0.0, "back", "submit", "pending"), (0.0, "front", "submit", "queued"), *polls, **members)


def refused(at_back: Any, at_front: Any) -> Story:
    return story((0.0, "back", "submit", at_back), (0.1, "front", "submit", at_front), state=None)


def poll(at: float, back: Any, front: Any) -> tuple[Line, Line]:
    return (at, "back", "poll", back), (at + 0.01, "front", "poll", front)


END = poll(1.5, "completed", "completed")
GOOD = followed(*poll(0.6, "processing", "in_progress"), *END, is_plain=True)
FAILED = followed(*poll(1.5, "failed", "failed"), state="failed", is_plain=True)
WAITED = story(
    (0.0, "back", "submit", "wait"),
    (1.1, "back", "submit", "pending"),
    (1.1, "front", "submit", "queued"),
    *END,
    running=1.2,
    over=1.4,
)

RIGHT: dict[str, list[Story]] = {
    "nothing happened": [GOOD],
    "refused when throttled": [refused("wait", "wait")],
    "refused when down": [refused(503, 503), refused(500, 503), refused("page", 503), refused(CLOSED, 503)],
    "refused by the provider, and told as a mistake": [replace(refused(400, 400), is_refusal=True)],
    "refused by the provider, and told as its trouble": [replace(refused(400, 503), is_refusal=True)],
    "refused by the provider, taken, and failed": [
        story(
            (0.0, "back", "submit", 400),
            (0.0, "front", "submit", "queued"),
            (0.2, "front", "poll", "failed"),
            state=None,
            is_refusal=True,
        )
    ],
    "a documented 500": [refused("page", 500)],
    "refused when the answer was lost": [refused(LOST, 503)],
    "waits inside and sends again": [WAITED],
    "taken, and failed": [
        story(
            (0.0, "back", "submit", 503),
            (0.0, "front", "submit", "queued"),
            (0.2, "front", "poll", "failed"),
            state=None,
        )
    ],
    "taken, its answer lost, and failed": [
        story((0.0, "back", "submit", LOST), (0.0, "front", "submit", "queued"), (0.2, "front", "poll", "failed"))
    ],
    "polls that fail are told": [followed(*poll(0.2, "page", 503), *poll(0.3, 500, 500), *END, is_plain=True)],
    "polls that fail change nothing": [
        followed(*poll(0.2, "page", "queued"), *poll(0.3, 500, "queued"), *END, is_plain=True)
    ],
    "a wait is passed on": [followed(*poll(0.2, "wait", "wait"), *poll(1.3, "completed", "completed"), is_plain=True)],
    "a wait is kept inside": [
        followed(*poll(0.2, "wait", "queued"), (0.4, "front", "poll", "queued"), *END, is_plain=True)
    ],
    "a failure": [FAILED],
    "two failures, two reasons": [FAILED, replace(FAILED, reason="policy", told_reason="the front's policy")],
    "two failures, one reason": [FAILED, FAILED],
    "a result of its own": [replace(GOOD, url="https://cdn.example/{name}.mp4")],
    "the same prompt, and a text that has no use": [
        replace(GOOD, prompt="A lamp"),
        replace(
            GOOD,
            prompt="A lamp",
            texts=("A door",),
            lines=tuple(line for line in GOOD.lines if line[3] != "in_progress"),
        ),
    ],
    "an address that the provider told elsewhere": [GOOD, replace(GOOD, url="https://x.example/{name}-preview")],
    "another prompt than the front's": [
        story(
            (0.0, "front", "submit", "queued"),
            (0.4, "front", "poll", "in_progress"),
            (2.0, "front", "poll", "completed"),
        ),
    ],
    "a job that only the front gave up": [story((0.0, "back", "submit", LOST), (0.1, "front", "submit", 500))],
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_gateway_that_takes_it_well_breaks_nothing(name: str) -> None:
    """However it does it."""
    assert broken(*RIGHT[name]) == set()


WRONG: dict[str, tuple[list[Story], str]] = {
    "passes a page on": ([refused("page", "page")], TROUBLE),
    "passes a page on at polls": ([followed(*poll(0.2, "page", "page"), *END)], TROUBLE),
    "answers 502, which is not documented": ([refused(500, 502)], TROUBLE),
    "is gone while a job runs": (
        [replace(followed(*poll(0.6, "processing", "in_progress")), gone="can't be reached")],
        TROUBLE,
    ),
    "blames the caller": ([refused(500, 400)], TROUBLE),
    "knows the task no more": ([followed(*poll(0.2, "page", 400), *END)], TROUBLE),
    "calls the key wrong": ([refused(500, 401)], TROUBLE),
    "has another envelope": ([refused(500, "refused bare")], TROUBLE),
    "says text": ([refused(500, "refused as text")], TROUBLE),
    "answers nothing": ([refused("wait", CLOSED)], TROUBLE),
    "is gone": ([replace(refused("wait", 503), gone="can't be reached")], TROUBLE),
    "calls done what was never made": (
        [
            story(
                (0.0, "back", "submit", 503),
                (0.0, "front", "submit", "queued"),
                (0.2, "front", "poll", "completed"),
                state=None,
            )
        ],
        SUCCESS,
    ),
    "takes what was never made, for ever": (
        [
            story(
                (0.0, "back", "submit", 503),
                (0.0, "front", "submit", "queued"),
                (9.0, "front", "poll", "queued"),
                state=None,
            )
        ],
        RECOVERS,
    ),
    "gives a task up for one poll": ([followed(*poll(0.2, "page", "failed"), is_plain=True)], RECOVERS),
    "gives a task up that it was told of": (
        [replace(WAITED, lines=(*WAITED.lines[:3], *poll(1.3, 500, "failed")))],
        RECOVERS,
    ),
    "never asks again": ([followed(*poll(0.2, "page", 503), (9.0, "front", "poll", "queued"))], RECOVERS),
    "answers 503 for ever": ([followed(*poll(0.2, "page", 503), (9.0, "front", "poll", 503))], RECOVERS),
    "takes nothing more": ([GOOD, story((0.0, "front", "submit", 503), state=None, is_plain=True)], RECOVERS),
    "sends again what was lost": (
        [
            story(
                (0.0, "back", "submit", CLOSED),
                (0.1, "back", "submit", "pending"),
                (0.1, "front", "submit", "queued"),
                *END,
            )
        ],
        UNKNOWN,
    ),
    "sends again after a 500": (
        [story((0.0, "back", "submit", 500), (0.1, "back", "submit", 500), (0.1, "front", "submit", 503), state=None)],
        UNKNOWN,
    ),
    "sends again at once": (
        [replace(WAITED, lines=(WAITED.lines[0], (0.1, "back", "submit", "pending"), *WAITED.lines[2:]))],
        RETRY_AFTER,
    ),
    "polls again at once": (
        [followed(*poll(0.2, "wait", "queued"), *poll(0.4, "processing", "queued"), *END)],
        RETRY_AFTER,
    ),
    "polls without a pause": (
        [followed(*((0.2 + each / 100, "back", "poll", "processing") for each in range(60)), *END)],
        BUSY,
    ),
    "is done too early": ([followed(*poll(0.6, "processing", "completed"))], AHEAD),
    "is done while it waits": ([GOOD, followed(*poll(0.2, "pending", "completed"))], AHEAD),
    "runs too early": ([followed(*poll(0.2, "pending", "in_progress"), *END)], RUNNING),
    "fails for one reason": ([FAILED, replace(FAILED, reason="policy")], REASON),
    "refuses what the provider refuses in its own words": ([replace(refused(400, 451), is_refusal=True)], TROUBLE),
    "waits for ever for what the provider refuses": (
        [
            story(
                (0.0, "back", "submit", 400),
                (0.0, "front", "submit", "queued"),
                (9.0, "front", "poll", "queued"),
                state=None,
                is_refusal=True,
            )
        ],
        RECOVERS,
    ),
    "cuts the address of a result": ([replace(GOOD, url="https://x.example/jo")], RESULTS),
    **{f"shows a {name}": ([refused(500, name)], TROUBLE) for name in TRACES},
    "shows another's result": ([GOOD, replace(GOOD, url="https://x.example/job0")], RESULTS),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_gateway_that_takes_it_badly_breaks_its_rule(name: str) -> None:
    """That one, and no other."""
    stories, rule = WRONG[name]
    assert broken(*stories) == {rule}


BOTH: dict[str, tuple[list[Story], set[str]]] = {
    "makes a lost task twice": (
        [
            story(
                (0.0, "back", "submit", LOST),
                (0.1, "back", "submit", "pending"),
                (0.1, "front", "submit", "queued"),
                *END,
            )
        ],
        {ONE_TASK, UNKNOWN},
    ),
    "asks on after the end": ([followed(*END, (3.0, "back", "poll", "completed"))], {AFTER_END}),
    "calls a failure done": ([followed(*poll(1.5, "failed", "completed"), state="failed")], {OUTCOME}),
}


@pytest.mark.parametrize("name", BOTH)
def test_rules_of_all_jobs_hold_for_these_too(name: str) -> None:
    """What one mistake means for the bill, and what it is, are two things."""
    stories, rules = BOTH[name]
    assert broken(*stories) == rules


def test_an_answer_that_nobody_could_read_is_no_end() -> None:
    """A poll whose answer was lost told nothing: to ask again is right."""
    assert broken(followed((1.2, "back", "poll", LOST), *END)) == set()


def test_every_rule_was_asked_and_can_be_untested() -> None:
    """By what keeps it; and of nothing it says nothing."""
    asked = {name for stories in RIGHT.values() for name, checks in judged(*stories).items() if checks}

    assert asked >= OF_TRIALS
    assert {name for name, checks in judged().items() if checks} == set()


def test_every_rule_has_its_text() -> None:
    """In the one table of all rules."""
    assert RELATIONS.keys() <= RULES.keys()
    assert {rule for _, rule in WRONG.values()} == OF_TRIALS
