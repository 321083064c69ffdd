"""How tests speak UniAll's protocol: its paths, the smallest jobs, what a yes and a no look like."""

from __future__ import annotations

import re

import httpx

from fact_tables import Job, assert_broken, broken, last_name
from targets import Json, Target, pretty

SUBMIT = "/v1/video/generations"
QUERY = "/v1/videos"
MODELS = [f"kling-v3-{tier}-{audio}" for tier in ("std", "pro") for audio in ("silent", "audio")]
TASK_ID = re.compile(r"task_[0-9A-Za-z]{32}")

TEXT: Job = {"model": "kling-v3-std-silent", "prompt": "A wide shot of a lighthouse"}
IMAGE: Job = {**TEXT, "image": "https://example.com/start.png"}
FRAMES: Job = {**IMAGE, "last_image": "https://example.com/end.png"}


def submitted(target: Target, job: Job) -> str:
    """The id of a task that this job has become."""
    answer = target.client.post(SUBMIT, json=job)
    assert answer.status_code == 200, pretty(answer.json())
    task_id = answer.json()["id"]
    assert TASK_ID.fullmatch(task_id)
    return str(task_id)


def poll(target: Target, task_id: str) -> Json:
    """The task, as its query shows it; a failed one is a 200 too."""
    answer = target.client.get(f"{QUERY}/{task_id}")
    assert answer.status_code == 200, pretty(answer.json())
    return answer.json()


def is_over(seen: Json) -> bool:
    """Whether a query shows a terminal state."""
    return seen["status"] in ("completed", "failed")


def task_error(answer: httpx.Response, status: int, code: str) -> str:
    """D.6: `{code, message, data: null}`; gives the message."""
    body = answer.json()
    assert answer.status_code == status, pretty(body)
    assert body.keys() == {"code", "message", "data"}
    assert (body["code"], body["data"]) == (code, None)
    assert isinstance(body["message"], str)
    assert body["message"]
    assert answer.headers["x-oneapi-request-id"]
    return body["message"]


def plain_error(answer: httpx.Response, status: int) -> Json:
    """D.6: `{error: {message, type, …}}`; gives what is inside."""
    body = answer.json()
    assert answer.status_code == status, pretty(body)
    assert body.keys() == {"error"}
    assert {"message", "type"} <= body["error"].keys()
    assert all(isinstance(body["error"][name], str) and body["error"][name] for name in ("message", "type"))
    assert answer.headers["x-oneapi-request-id"]
    return body["error"]


def assert_taken(target: Target, job: Job) -> None:
    """200 with a queued task, and nothing in it breaks the contract."""
    answer = target.client.post(SUBMIT, json=job)
    assert answer.status_code == 200, pretty(answer.json())
    assert answer.json()["status"] == "queued"
    assert broken(target) == {}


def assert_refused(target: Target, job: Job, pointers: str, rules: str) -> None:
    """400 invalid_request, naming the member; no other rule is broken, no task is made."""
    message = task_error(target.client.post(SUBMIT, json=job), 400, "invalid_request")
    assert_broken(target, pointers, rules)
    assert last_name(target.journal()[-1]["violations"][0]["pointer"]) in message
    assert target.tasks() == []
