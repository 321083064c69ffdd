"""A gateway between two vendors, on both sides: each way to go wrong breaks its rule alone; right ways break none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest

from contracts.exchange import Exchange
from contracts.judge import Promise
from contracts.judge.sandwich import AFTER_END, CHECKS, KEYS, MEMBERS, ONE_TASK, OUTCOME, Sandwich, Side
from properties.promised import pack

Json = Any
TEXT = "/vendors/klingai/v1/kling-v3/text-to-video/generation"
IMAGE = "/vendors/klingai/v1/kling-v3/image-to-video/generation"
AT = "2026-11-26T10:00:00.000Z"
MAPPING = {
    "createVideo": {
        "createTextToVideo": {
            "/prompt": "/prompt",
            "/duration": "/duration",
            "/aspect_ratio": "/aspect_ratio",
            "/extra_body/negative_prompt": "/negative_prompt",
        },
        "createImageToVideo": {"/image": "/first_frame", "/last_image": "/last_frame", "/duration": "/duration"},
    }
}


@cache
def promise(vendor: str) -> Promise:
    """A vendor's promise, read once."""
    return Promise(pack(vendor))


@dataclass
class Job:
    """One job on its way through a gateway: what is asked at the front, what is sent on, and how it ends."""

    prompt: str
    asked: Json = field(default_factory=dict)
    sent: Json | None = field(default_factory=dict)
    status: int = 200
    behind: str = "done"
    told: str = "completed"
    times: int = 1
    key: str = "..gate"
    polls_after: tuple[float, ...] = ()
    path: str = TEXT


class Gateway:
    """Both sides of a talk about some jobs."""

    def __init__(self) -> None:
        self._number = 0
        self.front: list[Exchange] = []
        self.back: list[Exchange] = []
        self.states: dict[str, str] = {}

    def _add(self, side: list[Exchange], method: str, path: str, **members: Any) -> None:
        self._number += 1
        body, answer = members.pop("body", None), members.pop("answer")
        side.append(
            Exchange(
                number=self._number,
                method=method,
                base="http://x",
                path=path,
                request_body=json.dumps(body).encode() if body is not None else b"",
                body=json.dumps(answer).encode(),
                **members,
            )
        )

    def run(self, job: Job) -> None:
        """From the submit to the end, and whatever comes behind it."""
        name = f"job{self._number}"
        body = {"model": "kling-v3-std-silent", "prompt": job.prompt, **job.asked}
        front = {"operation": "createVideo", "body": body, "status": job.status}
        self._add(self.front, "POST", "/v1/video/generations", **front, answer=_front(name, "queued"))
        for copy in range(job.times if job.sent is not None else 0):
            self._behind(job, f"{name}-{copy}")
        if job.status == 200:
            said = _front(name, job.told)
            self._add(self.front, "GET", f"/v1/videos/{name}", operation="getVideo", status=200, answer=said)

    def _behind(self, job: Job, task: str) -> None:
        operation = "createTextToVideo" if job.path == TEXT else "createImageToVideo"
        poll = operation.replace("create", "get")
        body, said = {"prompt": job.prompt, **(job.sent or {})}, {"account": job.key, "status": 202}
        submit = {"operation": operation, "body": body, **said}
        self._add(self.back, "POST", job.path, **submit, answer=_back(task, "pending"))
        word = {"done": "completed", "failed": "failed", "running": "processing"}[job.behind]
        for seconds in (0.0, 1.0, *(1.0 + each for each in job.polls_after)):
            state = "processing" if not seconds else word
            look = {"operation": poll, "account": job.key, "status": 200, "sent_seconds": seconds}
            self._add(self.back, "GET", f"{job.path}/{task}", **look, answer=_back(task, state))
        self.states[task] = job.behind


def _front(task: str, word: str) -> Json:
    return {"id": task, "task_id": task, "status": word, "video_url": f"https://x.example/{task}"}


def _back(task: str, word: str) -> Json:
    info = {"id": task, "status": word, "created_at": AT, "updated_at": AT}
    return {"task_info": info, **({"videos": [f"https://x.example/{task}"]} if word == "completed" else {})}


def broken(*jobs: Job) -> set[str]:
    """The rules that a gateway with these jobs breaks."""
    gateway = Gateway()
    for job in jobs:
        gateway.run(job)
    both = Sandwich(
        Side(promise("uniall"), gateway.front),
        Side(promise("mulerouter"), gateway.back),
        gateway.states,
        frozenset({"..front", "..other"}),
        MAPPING,
    )
    return {name for name, check in CHECKS.items() if any(each is not None for each in check(both))}


GOOD = Job("A quiet harbour", {"duration": 10, "aspect_ratio": "9:16"}, {"duration": 10, "aspect_ratio": "9:16"})
IMAGES = {"image": "https://x.example/a.png", "last_image": "https://x.example/b.png"}
FRAMES = {"first_frame": "https://x.example/a.png", "last_frame": "https://x.example/b.png"}
PICTURE = Job("The keeper turns", IMAGES, FRAMES, path=IMAGE)
OTHER = Job("A lamp is lit", {"duration": 3}, {"duration": 3})
Change = Callable[[Job], Job]

RIGHT: dict[str, list[Job]] = {
    "as it is": [GOOD, PICTURE, OTHER],
    "numbers as text": [replace(GOOD, sent={"duration": "10", "aspect_ratio": "9:16"})],
    "members of its own": [replace(GOOD, sent={"duration": 10, "aspect_ratio": "9:16", "mode": "std"})],
    "nothing is nothing": [replace(OTHER, asked={"duration": 3, "extra_body": {"negative_prompt": ""}})],
    "the same job twice": [GOOD, GOOD],
    "a job that fails": [replace(GOOD, behind="failed", told="failed")],
    "a job that still runs": [replace(GOOD, behind="running", told="in_progress")],
    "a job that only the front gave up": [replace(GOOD, told="failed")],
    "a refused job": [replace(GOOD, status=400, sent=None), OTHER],
    "a job that may have been taken": [replace(GOOD, status=500)],
    "a job taken that is never sent": [replace(GOOD, sent=None, told="failed")],
    "two polls together": [replace(GOOD, polls_after=(0.3,))],
    "one of two with another prompt": [GOOD, replace(GOOD, sent={"prompt": "a quiet harbour"})],
    "texts that have no use there": [
        GOOD,
        replace(GOOD, asked={**GOOD.asked, "extra_body": {"multi_prompt": [{"prompt": "A door opens"}]}}),
    ],
    "another prompt": [replace(GOOD, sent={"prompt": "a quiet harbour", "duration": 99})],
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_gateway_that_does_right_breaks_nothing(name: str) -> None:
    """However it does it."""
    assert broken(*RIGHT[name]) == set()


WRONG: dict[str, tuple[list[Job], str]] = {
    "sends each job twice": ([replace(GOOD, times=2)], ONE_TASK),
    "sends one of three twice": ([GOOD, replace(PICTURE, times=2), OTHER], ONE_TASK),
    "sends five times": ([replace(OTHER, times=5)], ONE_TASK),
    "sends twice what fails": ([replace(GOOD, times=2, behind="failed", told="failed")], ONE_TASK),
    "makes a refused job": ([replace(GOOD, status=400)], ONE_TASK),
    "makes a job of nobody": ([replace(GOOD, status=401)], ONE_TASK),
    "makes a job that it put off": ([replace(GOOD, status=429)], ONE_TASK),
    "makes two of two equal ones and one more": ([GOOD, replace(GOOD, times=2)], ONE_TASK),
    "forwards its caller's key": ([replace(GOOD, key="..front")], KEYS),
    "forwards the other caller's key": ([GOOD, replace(OTHER, key="..other")], KEYS),
    "asks after the end": ([replace(GOOD, polls_after=(2.0,))], AFTER_END),
    "asks for ever": ([replace(GOOD, polls_after=tuple(map(float, range(1, 60))))], AFTER_END),
    "asks after a failure": ([replace(GOOD, behind="failed", told="failed", polls_after=(5.0,))], AFTER_END),
    "asks once more for one": ([GOOD, PICTURE, replace(OTHER, polls_after=(0.8,))], AFTER_END),
    "calls failures done": ([replace(GOOD, behind="failed")], OUTCOME),
    "is ahead": ([replace(GOOD, behind="running")], OUTCOME),
    "calls one failure of two done": ([GOOD, replace(GOOD, behind="failed")], OUTCOME),
    "calls the failure of a picture done": ([GOOD, replace(PICTURE, behind="failed")], OUTCOME),
    "drops the duration": ([replace(GOOD, sent={"aspect_ratio": "9:16"})], MEMBERS),
    "always asks for 5 seconds": ([replace(OTHER, sent={"duration": 5})], MEMBERS),
    "counts milliseconds": ([replace(OTHER, sent={"duration": 3000})], MEMBERS),
    "drops the aspect ratio": ([replace(GOOD, sent={"duration": 10})], MEMBERS),
    "turns the picture": ([replace(GOOD, sent={"duration": 10, "aspect_ratio": "16:9"})], MEMBERS),
    "swaps the frames": (
        [replace(PICTURE, sent={"first_frame": FRAMES["last_frame"], "last_frame": FRAMES["first_frame"]})],
        MEMBERS,
    ),
    "drops the last frame": ([replace(PICTURE, sent={"first_frame": FRAMES["first_frame"]})], MEMBERS),
    "cuts the negative prompt": (
        [
            replace(
                OTHER,
                asked={"duration": 3, "extra_body": {"negative_prompt": "text, logo"}},
                sent={"duration": 3, "negative_prompt": "text"},
            )
        ],
        MEMBERS,
    ),
    "mixes up two jobs": ([replace(GOOD, sent=OTHER.sent), replace(OTHER, sent=GOOD.sent)], MEMBERS),
    "forgets one job's length of two": ([OTHER, replace(GOOD, sent={"aspect_ratio": "9:16"})], MEMBERS),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_gateway_that_goes_wrong_breaks_its_rule(name: str) -> None:
    """That one, and no other."""
    jobs, rule = WRONG[name]
    assert broken(*jobs) == {rule}
