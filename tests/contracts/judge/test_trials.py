"""A gateway whose upstream makes trouble: each way to take it badly breaks its rule alone; right ways break none."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from contracts.exchange import Exchange
from contracts.judge import RULES, Promise
from contracts.judge.hearsay import AHEAD, REASON, RESULTS, RUNNING
from contracts.judge.relations import OF_TRIALS, RELATIONS
from contracts.judge.sandwich import AFTER_END, ONE_TASK, OUTCOME, Course, Misfit, Sandwich, Side, Trial
from contracts.judge.trials import BUSY, RECOVERS, RETRY_AFTER, SUCCESS, TROUBLE, UNKNOWN
from properties.promised import pack

Json = Any
Line = tuple[float, str, str, Any]
"""When, at which side (`front`, `back`), a submit or a poll, and what came: a word of a task, or a trouble."""
TEXT = "/vendors/klingai/v1/kling-v3/text-to-video/generation"
AT = "2026-11-26T10:00:00.000Z"
ENVELOPE = {"error": {"message": "Later", "type": "api_error", "param": "", "code": ""}}
PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
LOST, CLOSED = "lost", "closed"


@cache
def promise(vendor: str) -> Promise:
    """A vendor's promise, read once."""
    return Promise(pack(vendor))


@dataclass(frozen=True)
class Story:
    """One job: what was said, what became of its task (None: there is none), and when it ran and was over."""

    lines: tuple[Line, ...]
    state: str | None = "done"
    running: float = 0.5
    over: float = 1.0
    is_plain: bool = False
    gone: str = ""
    url: str = "https://x.example/{name}"
    reason: str = "the provider's"
    told_reason: str = "the front's"


def _answer(body: Json, kind: str = "application/json", **headers: str) -> Json:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return {"body": text, "headers": (("Content-Type", kind), ("X-Oneapi-Request-Id", "1"), *lines)}


def _troubled(what: Any) -> Json:
    """What came in place of a task, the same on both sides."""
    if what in (LOST, CLOSED):
        return {"status": 202 if what == LOST else None, "trouble": "no answer that could be read"}
    if what == "page":
        return {"status": 502, **_answer(PAGE, "text/html")}
    if what == "wait":
        return {"status": 429, **_answer(ENVELOPE, Retry_After="1")}
    if what == "refused bare":
        return {"status": 503, **_answer({"detail": "down"})}
    if what == "refused as text":
        return {"status": 503, **_answer(json.dumps(ENVELOPE).encode(), "text/plain")}
    return {
        "status": what,
        **_answer({"code": "task_failed", "message": "no", "data": None} if what == 400 else ENVELOPE),
    }


def _front(name: str, story: Story, word: str) -> Json:
    told: Json = {"id": name, "task_id": name, "object": "video.generation.job", "model": "kling-v3-std-silent"}
    told |= {"status": word, "progress": 100 if word == "completed" else 0, "created_at": 1, "error": None}
    if word == "completed":
        url = story.url.format(name=name)
        told |= {"video_url": url, "result": {"outputs": [url], "video_url": url}}
    if word == "failed":
        told["error"] = {"code": "task_failed", "message": story.told_reason}
    return {"status": 200, **_answer(told)}


def _back(name: str, story: Story, word: str, status: int) -> Json:
    info: Json = {"id": f"{name}-task", "status": word, "created_at": AT, "updated_at": AT}
    if word == "failed":
        info["error"] = {"code": 3000, "title": "Failed", "detail": story.reason}
    videos = {"videos": [f"https://x.example/{name}"]} if word == "completed" else {}
    return {"status": status, **_answer({"task_info": info, **videos})}


class Talk:
    """Both sides while some jobs met trouble."""

    def __init__(self) -> None:
        self._number = 0
        self.sides: dict[str, list[Exchange]] = {"front": [], "back": []}
        self.tasks: dict[int, str] = {}
        self.trials: list[Trial] = []
        self.states: dict[str, str] = {}
        self.courses: dict[str, Course] = {}

    def run(self, story: Story) -> None:
        """One job."""
        name = f"job{len(self.trials)}"
        said: dict[str, list[Exchange]] = {"front": [], "back": []}
        for line in story.lines:
            exchange = self._exchange(name, story, line)
            said[line[1]].append(exchange)
            self.sides[line[1]].append(exchange)
        made = [self.tasks[each.number] for each in said["back"] if each.number in self.tasks]
        for task in made:
            self.states[task] = story.state or ""
            is_failure = story.state == "failed"
            self.courses[task] = Course(running_seconds=story.running, over_seconds=story.over, is_failure=is_failure)
        self.trials.append(
            Trial(
                words="trouble",
                front=tuple(said["front"]),
                back=tuple(said["back"]),
                made=tuple(made),
                is_plain=story.is_plain,
                gone=story.gone,
            )
        )

    def _exchange(self, name: str, story: Story, line: Line) -> Exchange:
        at, side, role, what = line
        self._number += 1
        is_front, is_submit = side == "front", role == "submit"
        is_word = isinstance(what, str) and what in (
            "queued",
            "in_progress",
            "completed",
            "failed",
            "pending",
            "processing",
        )
        if is_word:
            answer = _front(name, story, what) if is_front else _back(name, story, what, 202 if is_submit else 200)
        else:
            answer = _troubled(what)
        if is_submit and not is_front and (is_word or what == LOST):
            # Each that was made is one of its own, whoever heard of it.
            self.tasks[self._number] = f"{name}-task" if is_word else f"{name}-task-{self._number}"
        where = ("createVideo", "getVideo") if is_front else ("createTextToVideo", "getTextToVideo")
        base = ("/v1/video/generations", "/v1/videos") if is_front else (TEXT, TEXT)
        task = name if is_front else f"{name}-task"
        path = base[0] if is_submit else f"{base[1]}/{task}"
        body = {"prompt": f"A lamp ({name})", **({"model": "kling-v3-std-silent"} if is_front else {})}
        return Exchange(
            number=self._number,
            operation=where[0] if is_submit else where[1],
            method="POST" if is_submit else "GET",
            base="http://x",
            path=path,
            request_body=json.dumps(body).encode() if is_submit else b"",
            sent_seconds=at,
            answered_seconds=at,
            **answer,
        )


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
