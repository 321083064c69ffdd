"""How tests speak MyRouter's protocol: its paths, the smallest job, what a yes and a no look like."""

from __future__ import annotations

import httpx

from fact_tables import Job, assert_broken, broken, last_name
from targets import Json, Target, pretty

SUBMIT = "/v3/async/kling-v3.0-pro-t2v"
RESULT = "/v3/async/task-result"
JOB: Job = {"prompt": "A lighthouse in a storm"}
SHOTS = [{"prompt": "The lamp is lit", "duration": 2}, {"prompt": "It turns", "duration": 3}]


def submitted(target: Target, job: Job) -> str:
    """The id of a task that this job has become; the answer holds nothing else (seed 003, 3-19)."""
    answer = target.client.post(SUBMIT, json=job)
    assert answer.status_code == 200, pretty(answer.json())
    assert answer.json().keys() == {"task_id"}
    task_id = answer.json()["task_id"]
    assert isinstance(task_id, str)
    assert task_id
    return task_id


def poll(target: Target, task_id: str) -> Json:
    """The task, as the result API shows it; a failed one is a 200 too."""
    answer = target.client.get(RESULT, params={"task_id": task_id})
    assert answer.status_code == 200, pretty(answer.json())
    return answer.json()


def is_over(seen: Json) -> bool:
    """Whether a result shows a terminal state."""
    return seen["task"]["status"] in ("TASK_STATUS_SUCCEED", "TASK_STATUS_FAILED")


def error(answer: httpx.Response, status: int, *reasons: str) -> str:
    """C.5: `{code, reason, message, metadata}`, the code is the status; gives the message."""
    body = answer.json()
    assert answer.status_code == status, pretty(body)
    assert body.keys() == {"code", "reason", "message", "metadata"}
    assert body["code"] == status
    assert body["reason"] in reasons
    assert isinstance(body["message"], str)
    assert body["message"]
    assert isinstance(body["metadata"], dict)
    return body["message"]


def assert_taken(target: Target, job: Job) -> None:
    """200 with an id, and nothing in the job breaks the contract."""
    submitted(target, job)
    assert broken(target) == {}


def assert_refused(target: Target, job: Job, pointers: str, rules: str) -> None:
    """400 INVALID_REQUEST_BODY, naming the member; no other rule is broken, no task is made."""
    message = error(target.client.post(SUBMIT, json=job), 400, "INVALID_REQUEST_BODY")
    assert_broken(target, pointers, rules)
    assert last_name(target.journal()[-1]["violations"][0]["pointer"]) in message
    assert target.tasks() == []
