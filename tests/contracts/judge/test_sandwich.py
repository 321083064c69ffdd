"""A gateway between two vendors, on both sides: each way to go wrong breaks its rule alone; right ways break none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import pytest

from contracts.exchange import Exchange
from contracts.judge import Promise, arrivals, sandwich
from contracts.judge.arrivals import MEMBERS
from contracts.judge.sandwich import AFTER_END, KEYS, ONE_TASK, OUTCOME, Mappings, Sandwich, Side
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
            "/extra_body/multi_prompt": "/multi_prompt",
        },
        "createImageToVideo": {
            "/prompt": "/prompt",
            "/image": "/first_frame",
            "/last_image": "/last_frame",
            "/duration": "/duration",
        },
    }
}
CHECKS = {**sandwich.CHECKS, **arrivals.CHECKS}


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


def broken(*jobs: Job, mapping: Mappings = MAPPING) -> set[str]:
    """The rules that a gateway with these jobs breaks."""
    gateway = Gateway()
    for job in jobs:
        gateway.run(job)
    both = sides(gateway, mapping)
    return {name for name, check in CHECKS.items() if any(each is not None for each in check(both))}


def sides(gateway: Gateway, mapping: Mappings) -> Sandwich:
    """Both, for the judge."""
    return Sandwich(
        Side(promise("uniall"), gateway.front),
        Side(promise("mulerouter"), gateway.back),
        gateway.states,
        frozenset({"..front", "..other"}),
        mapping,
    )


def breaches(gateway: Gateway) -> list[sandwich.Misfit]:
    """Of all rules."""
    both = sides(gateway, MAPPING)
    return [each for check in CHECKS.values() for each in check(both) if each is not None]


GOOD = Job("A quiet harbour", {"duration": 10, "aspect_ratio": "9:16"}, {"duration": 10, "aspect_ratio": "9:16"})
IMAGES = {"image": "https://x.example/a.png", "last_image": "https://x.example/b.png"}
FRAMES = {"first_frame": "https://x.example/a.png", "last_frame": "https://x.example/b.png"}
PICTURE = Job("The keeper turns", IMAGES, FRAMES, path=IMAGE)
OTHER = Job("A lamp is lit", {"duration": 3}, {"duration": 3})
AVOIDING: Json = {"extra_body": {"negative_prompt": "text"}}
TWO = [{"index": 1, "prompt": "It rains", "duration": "2"}, {"index": 2, "prompt": "It clears", "duration": "3"}]
SHOTS = Job("", {"extra_body": {"multi_prompt": TWO}}, {"multi_prompt": TWO})
NO_TEXTS = {"createVideo": {"createTextToVideo": {"/duration": "/duration"}}}
Change = Callable[[Job], Job]

RIGHT: dict[str, list[Job]] = {
    "shots": [SHOTS, SHOTS, GOOD],
    "a job that never left, and others": [replace(OTHER, sent=None), GOOD, SHOTS],
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
    "changes a prompt": ([replace(OTHER, sent={"prompt": "a lamp is lit", "duration": 3})], MEMBERS),
    "cuts a prompt": ([GOOD, replace(OTHER, sent={"prompt": "A lamp", "duration": 3})], MEMBERS),
    "trims prompts": ([Job(" At dawn", {"duration": 4}, {"prompt": "At dawn", "duration": 4})], MEMBERS),
    "swaps prompt and what to avoid": (
        [
            replace(
                OTHER, asked={**OTHER.asked, **AVOIDING}, sent={"duration": 3, "prompt": "text", "negative_prompt": "A"}
            )
        ],
        MEMBERS,
    ),
    "loses the second shot": ([replace(SHOTS, sent={"multi_prompt": TWO[:1]}), OTHER], MEMBERS),
    "turns the shots round": ([replace(SHOTS, sent={"multi_prompt": TWO[::-1]})], MEMBERS),
    "spoils a shot": ([replace(SHOTS, sent={"multi_prompt": [TWO[0], {**TWO[1], "prompt": "It rains?"}]})], MEMBERS),
    "forgets one job's length of two": ([OTHER, replace(GOOD, sent={"aspect_ratio": "9:16"})], MEMBERS),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_gateway_that_goes_wrong_breaks_its_rule(name: str) -> None:
    """That one, and no other."""
    jobs, rule = WRONG[name]
    assert broken(*jobs) == {rule}


def test_texts_of_one_kind_may_be_of_no_use() -> None:
    """Shots beside a prompt, or a prompt beside shots; but some shots are not all."""
    both = replace(OTHER, asked={**OTHER.asked, **SHOTS.asked})
    mapping = {"createVideo": {"createTextToVideo": MAPPING["createVideo"]["createTextToVideo"]}}
    assert broken(both, mapping=mapping) == set()
    assert broken(replace(both, sent={"prompt": "", "multi_prompt": TWO}), mapping=mapping) == set()
    assert broken(replace(both, sent={"prompt": "", "multi_prompt": TWO[1:]}), mapping=mapping) == {MEMBERS}


def test_texts_that_no_mapping_names_may_go_anywhere() -> None:
    """Shots may become one prompt, in place of the one that has no use beside them."""
    told = replace(SHOTS, prompt="It is late", sent={"prompt": "1: It rains\n2: It clears"})
    bare = replace(told, prompt="", asked={"extra_body": {"multi_prompt": ["It rains", "It clears"]}})
    never = replace(GOOD, sent=None, told="failed")
    mapping = {"createVideo": {"createTextToVideo": {"/prompt": "/prompt"}}}
    assert broken(told, GOOD, mapping=mapping) == set()
    assert broken(told, Job("It is late"), never, mapping=mapping) == broken(bare, never, mapping=mapping) == set()
    assert broken(replace(told, sent={"prompt": "It is late."}), GOOD, mapping=mapping) == {MEMBERS}
    assert broken(told, replace(OTHER, sent={"prompt": "A lamp, lit"}), mapping=mapping) == {MEMBERS}


def test_texts_that_no_mapping_names_may_be_changed() -> None:
    """Nobody has said that they arrive, and then nothing tells which job is which."""
    changed = replace(GOOD, sent={"prompt": "a quiet harbour", "duration": 99})
    assert broken(changed, mapping=NO_TEXTS) == set()


@pytest.mark.parametrize(
    "body",
    [
        b"\xef\xbb\xbf" + json.dumps({"prompt": "At dawn"}).encode(),
        json.dumps({"prompt": "At dawn"}).encode("utf-16"),
        b'{"prompt": "At dawn", "note": "\\ud83c"}',
    ],
)
def test_odd_bodies_that_were_taken_are_jobs(body: bytes) -> None:
    """A mark before the JSON, UTF-16, half a character: who takes them has made a job of them, and may send it on."""
    gateway = Gateway()
    gateway.run(Job("At dawn"))
    gateway.front[0] = replace(gateway.front[0], request_body=body)
    assert not breaches(gateway)


def test_odd_bodies_that_were_taken_are_one_job_each() -> None:
    """Two tasks for one of them are one too many."""
    gateway = Gateway()
    gateway.run(Job("At dawn", times=2))
    gateway.front[0] = replace(gateway.front[0], request_body=json.dumps({"prompt": "At dawn"}).encode("utf-16"))
    assert len(breaches(gateway)) == 1


def test_what_the_judge_can_not_read_may_be_any_job() -> None:
    """It was taken, and what was sent for it is nobody's else."""
    gateway = Gateway()
    gateway.run(Job("At dawn", {}, {"prompt": "It rains"}))
    gateway.run(Job("At noon"))
    gateway.run(Job("At night", sent=None, told="failed"))
    gateway.front[0] = replace(gateway.front[0], request_body=b"{'prompt': 'It rains'}")
    assert not breaches(gateway)


def test_what_was_refused_unread_is_no_job() -> None:
    """It excuses nobody."""
    gateway = Gateway()
    gateway.run(Job("At dawn", {}, {"prompt": "at dawn"}))
    gateway.run(Job("At noon", status=400, sent=None))
    gateway.front[-1] = replace(gateway.front[-1], request_body=b"{'prompt': 'At noon'}")
    assert [each.pointer for each in breaches(gateway)] == ["/prompt"]


def test_a_text_is_shown_where_it_changes() -> None:
    """Both sides of it, from a little before that."""
    gateway = Gateway()
    gateway.run(Job("calm " * 40 + "<b>", {}, {"prompt": "calm " * 40 + "&lt;b>"}))
    found = breaches(gateway)
    assert [each.pointer for each in found] == ["/prompt"]
    assert "<b>' at the front; ... '" in found[0].message
    assert found[0].message.endswith("&lt;b>' arrived")


MODES = {"createTextToVideo": {"createTextToVideo": {"/prompt": "/prompt", "/mode": "/mode", "/sound": "/sound"}}}


def test_a_number_by_default_may_follow_from_something_else() -> None:
    """The length of a video is that of its shots."""
    lengths = {"createTextToVideo": {"createTextToVideo": {"/prompt": "/prompt", "/duration": "/duration"}}}
    both = Sandwich(
        Side(promise("kling"), [_submit(1, "/v1/videos/text2video", 200, {"data": {"task_id": "a"}}, {})]),
        Side(
            promise("kling"), [_submit(2, "/v1/videos/text2video", 200, {"data": {"task_id": "b"}}, {"duration": "8"})]
        ),
        {},
        mappings=lengths,
    )
    assert not any(arrivals.CHECKS[MEMBERS](both))


@pytest.mark.parametrize(
    ("asked", "sent", "is_right"),
    [
        ({}, {}, True),
        ({}, {"mode": "std", "sound": "off"}, True),
        ({"mode": "pro"}, {"mode": "pro"}, True),
        ({}, {"mode": "pro"}, False),
        ({}, {"sound": "on"}, False),
        ({"mode": "pro"}, {"mode": "std"}, False),
    ],
)
def test_a_default_is_that_of_the_front(asked: Json, sent: Json, *, is_right: bool) -> None:
    """What a client leaves out it has by the front's documents; nothing sent leaves it to the provider."""
    both = Sandwich(
        Side(promise("mulerouter"), [_submit(1, TEXT, 202, _back("a", "pending"), asked)]),
        Side(promise("kling"), [_submit(2, "/v1/videos/text2video", 200, {"data": {"task_id": "b"}}, sent)]),
        {},
        mappings=MODES,
    )
    assert any(arrivals.CHECKS[MEMBERS](both)) != is_right


def _submit(number: int, path: str, status: int, answer: Json, members: Json) -> Exchange:
    return Exchange(
        number=number,
        operation="createTextToVideo",
        method="POST",
        base="http://x",
        path=path,
        request_body=json.dumps({"prompt": "At dawn", **members}).encode(),
        status=status,
        body=json.dumps(answer).encode(),
    )
