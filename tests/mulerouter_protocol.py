"""How tests speak MuleRouter's protocol: its paths, the smallest jobs, what a yes and a no look like."""

from __future__ import annotations

import re

import pytest

from fact_tables import Job, assert_broken, broken, last_name
from targets import Json, Target, pretty

TEXT = "/vendors/klingai/v1/kling-v3/text-to-video/generation"
IMAGE = "/vendors/klingai/v1/kling-v3/image-to-video/generation"
JOBS: dict[str, Job] = {
    TEXT: {"prompt": "A lighthouse in a storm"},
    IMAGE: {"prompt": "The lamp begins to turn", "first_frame": "https://example.com/lighthouse.jpg"},
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

both_operations = pytest.mark.parametrize("path", [pytest.param(TEXT, id="text"), pytest.param(IMAGE, id="image")])


def assert_taken(target: Target, path: str, job: Job) -> None:
    """202 with a new task, and nothing in it breaks the contract."""
    answer = target.client.post(path, json=job)
    assert answer.status_code == 202, pretty(answer.json())
    assert answer.json()["task_info"]["status"] == "pending"
    assert broken(target) == {}


def assert_refused(target: Target, path: str, job: Job, pointer: str, rules: str) -> None:
    """400 with a failed task that does not exist (0-21); its detail names the member; no other rule is broken."""
    answer = target.client.post(path, json=job)
    body = answer.json()
    assert answer.status_code == 400, pretty(body)
    assert body.keys() == {"task_info"}
    assert body["task_info"].keys() == {"id", "status", "created_at", "updated_at", "error"}
    assert body["task_info"]["status"] == "failed"
    error = body["task_info"]["error"]
    assert (error["code"], error["title"]) == (2001, "Invalid Request")
    assert_broken(target, pointer, rules)
    assert last_name(target.journal()[-1]["violations"][0]["pointer"]) in error["detail"]
    assert target.tasks() == []


def submitted(target: Target, path: str, job: Job) -> str:
    """The id of a task that this job has become."""
    answer = target.client.post(path, json=job)
    assert answer.status_code == 202, pretty(answer.json())
    task_id = answer.json()["task_info"]["id"]
    assert UUID.fullmatch(task_id)
    return str(task_id)


def poll(target: Target, path: str, task_id: str) -> Json:
    """The task, as its poll shows it; a failed one is a 200 too."""
    answer = target.client.get(f"{path}/{task_id}")
    assert answer.status_code == 200, pretty(answer.json())
    return answer.json()


def is_over(seen: Json) -> bool:
    """Whether a poll shows a terminal state."""
    return seen["task_info"]["status"] in ("completed", "failed")
