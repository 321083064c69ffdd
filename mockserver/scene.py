"""The scene of one answer: all that its template may speak of."""

from __future__ import annotations

import orjson

from mockserver.messages import Call
from mockserver.tasks import Task
from mockserver.voice import Voice
from specs.pointers import Json
from specs.violations import Violation


class Scene:
    """Made for one answer and thrown away; `token` are the bytes that the call's id is made of.

    What most answers leave alone has its value on the class: an answer pays only for what it sets.
    """

    task: Task | None = None
    state: str = ""
    violation: Violation | None = None
    items: str = "[]"
    retry_after_seconds: int = 0
    allow: str = ""
    limit_bytes: int = 0
    _request: Json = None

    def __init__(self, voice: Voice, call: Call, token: bytes, now_ms: int, *, by_polls: bool) -> None:
        self.voice = voice
        self.call = call
        self.token = token
        self.now_ms = now_ms
        self.by_polls = by_polls

    def request(self) -> Json:
        """The body that the task was submitted with."""
        if self._request is None and self.task is not None:
            self._request = orjson.loads(self.task.request)
        return self._request

    def show(self, task: Task, state: str) -> None:
        """Speaks of this task from now on."""
        self.task, self.state, self._request = task, state, None
