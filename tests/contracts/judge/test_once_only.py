"""One client's own id in several submits of one moment: an account may use it once."""

from functools import cache
from typing import Any

import pytest

import specs
from contracts.judge import Promise, judge
from judged_talk import conversation

TWICE = {"op": "createTextToVideo", "send": {"prompt": "a cat", "external_task_id": "order-1"}, "at": 0, "takes": 1}


@cache
def promise() -> Promise:
    """What a vendor with ids of the client's own promises, read once."""
    return Promise(specs.load("kling"))


def found(*lines: dict[str, Any]) -> list[tuple[str, str | None, list[int]]]:
    """The findings: rule, constraint, exchanges."""
    judgement = judge(conversation(promise().pack, lines), promise())
    return [(each.rule, each.constraint, sorted(each.exchanges)) for each in judgement.findings]


def test_two_that_are_taken() -> None:
    """Neither was answered when the other was sent, and so neither is known to be the second."""
    constraint = "createTextToVideo:/external_task_id:unique-in-account"

    assert found({**TWICE, "task": "A"}, {**TWICE, "task": "B"}) == [("status.refused", constraint, [1, 2])]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({"refused": "request_invalid", "expects": "either"}, id="one-is-refused"),
        pytest.param({"account": "other", "task": "B"}, id="another-account"),
        pytest.param({"send": {"prompt": "a cat", "external_task_id": "Order-1"}, "task": "B"}, id="capitals"),
        pytest.param({"send": {"prompt": "a cat", "external_task_id": ""}, "task": "B"}, id="no-id"),
    ],
)
def test_what_is_right(second: dict[str, Any]) -> None:
    """The other one is refused, has another id, none, or is another account's."""
    assert found({**TWICE, "task": "A"}, {**TWICE, **second}) == []


def test_two_empty_ones() -> None:
    """An empty id is none."""
    empty = {**TWICE, "send": {"prompt": "a cat", "external_task_id": ""}}

    assert found({**empty, "task": "A"}, {**empty, "task": "B"}) == []
