"""The scene of one answer: all that its template may speak of."""

from __future__ import annotations

import orjson

from mockserver.messages import Call
from mockserver.tasks import Task
from mockserver.voice import Voice
from specs.pointers import Json
from specs.violations import Violation


class Scene:
    """Made for one answer and thrown away; `drawn` are the bytes that belong to the call."""

    __slots__ = (
        "_request",
        "allow",
        "by_polls",
        "call",
        "drawn",
        "items",
        "limit_bytes",
        "now_ms",
        "retry_after_seconds",
        "state",
        "task",
        "violation",
        "voice",
    )

    def __init__(self, voice: Voice, call: Call, drawn: bytes, now_ms: int, *, by_polls: bool) -> None:
        self.voice = voice
        self.call = call
        self.drawn = drawn
        self.now_ms = now_ms
        self.by_polls = by_polls
        self.task: Task | None = None
        self.state = ""
        self.violation: Violation | None = None
        self.items = b"[]"
        self.retry_after_seconds = 0
        self.allow = ""
        self.limit_bytes = 0
        self._request: Json = None

    def request(self) -> Json:
        """The body that the task was submitted with."""
        if self._request is None and self.task is not None:
            self._request = orjson.loads(self.task.request)
        return self._request

    def show(self, task: Task, state: str) -> None:
        """Speaks of this task from now on."""
        self.task, self.state, self._request = task, state, None
