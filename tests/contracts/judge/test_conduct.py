"""Looking at lists: polls that make tasks show in them, and what others do with an account says nothing."""

from functools import cache
from typing import Any

import pytest

import specs
from contracts.judge import Promise, judge
from judged_talk import conversation

SUBMIT = {"op": "createTextToVideo", "send": {"prompt": "a cat"}}
POLL = {"op": "getTextToVideo", "task": "A"}


@cache
def promise() -> Promise:
    """What a vendor with lists promises, read once."""
    return Promise(specs.load("kling"))


def listed(*names: str) -> dict[str, Any]:
    """A list that shows these tasks."""
    return {"op": "listTextToVideo", "items": [{"task": name} for name in names]}


def said(*lines: dict[str, Any]) -> list[str]:
    """What is found, in words."""
    judgement = judge(conversation(promise().pack, lines), promise())
    return [each.message for each in judgement.findings if each.rule == "lifecycle.polls-inert"]


def test_polls_that_make_tasks_show_in_the_list() -> None:
    """As many as there were polls, and nobody submitted them."""
    (message,) = said({**SUBMIT, "task": "A"}, listed("A"), POLL, POLL, listed("A", "X", "Y"))

    assert message == (
        "the list shows 2 tasks that nobody submitted and an earlier look did not show, such as task-X; "
        "there were 2 polls between"
    )


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param([{**SUBMIT, "task": "A"}, listed("A"), POLL, POLL, listed("A")], id="nothing-new"),
        pytest.param([listed("X"), {**SUBMIT, "task": "A"}, POLL, POLL, listed("A", "X")], id="older-tasks"),
        pytest.param(
            [{**SUBMIT, "task": "A"}, listed("A"), POLL, {**SUBMIT, "task": "B"}, POLL, listed("A", "B")], id="a-submit"
        ),
        pytest.param(
            [{**SUBMIT, "task": "A"}, listed("A"), POLL, POLL, POLL, POLL, POLL, listed("A", "X")], id="somebody-else"
        ),
        pytest.param(
            [{**SUBMIT, "task": "A"}, listed("A"), POLL, POLL, {**SUBMIT, "trouble": "timeout"}, listed("A", "X", "Y")],
            id="a-lost-answer",
        ),
        pytest.param(
            [{**SUBMIT, "task": "A"}, listed("A"), {**POLL, "account": "other"}, listed("A", "X")], id="no-polls"
        ),
    ],
)
def test_other_news_in_a_list_are_no_matter_of_polls(lines: list[dict[str, Any]]) -> None:
    """Tasks from before, of others, or of a submit whose answer was lost."""
    assert said(*lines) == []
