"""Both sides of a gateway while some jobs met trouble behind it, written down call by call, for the judge."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from contracts.exchange import Exchange
from contracts.judge import Promise
from contracts.judge.sandwich import Course, Trial
from properties.promised import pack

Json = Any
Line = tuple[float, str, str, Any]
"""When, at which side (`front`, `back`), a submit or a poll, and what came: a word of a task, or a trouble."""
TEXT = "/vendors/klingai/v1/kling-v3/text-to-video/generation"
AT = "2026-11-26T10:00:00.000Z"
ENVELOPE = {"error": {"message": "Later", "type": "api_error", "param": "", "code": ""}}
PAGE = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
LOST, CLOSED = "lost", "closed"
TRACES = {
    "trace of Python": 'Traceback (most recent call last):\n  File "app.py", line 3, in submit\nKeyError',
    "stack of Python": '  File "app.py", line 3, in submit\n    raise KeyError',
    "trace of Java": "java.lang.IllegalStateException\n\tat com.example.Gate.submit(Gate.java:42)",
    "trace of JavaScript": "TypeError: no\n    at Gate.submit (/srv/gate.js:10:3)",
    "trace of Go": "panic: no\ngoroutine 7 [running]:\nmain.submit",
    "trace of .NET": "System.Exception: no\n   at Gate.Submit(Job job) in /srv/Gate.cs:line 12",
}
BODIES: dict[str, Json] = {
    "refused bare": {"detail": "down"},
    **{name: {"error": {**ENVELOPE["error"], "message": f"Sorry: {text}"}} for name, text in TRACES.items()},
}


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
    is_refusal: bool = False
    gone: str = ""
    url: str = "https://x.example/{name}"
    texts: tuple[str, ...] = ()
    """Further ones at the front, which have no use behind it."""
    prompt: str = "A lamp ({name})"
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
    if what in BODIES:
        return {"status": 503, **_answer(BODIES[what])}
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
    info["preview"] = f"https://x.example/{name}-preview"
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
                is_refusal=story.is_refusal,
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
        body: Json = {"prompt": story.prompt.format(name=name)}
        if is_front:
            body |= {
                "model": "kling-v3-std-silent",
                "extra_body": {"multi_prompt": [{"prompt": each} for each in story.texts]},
            }
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
