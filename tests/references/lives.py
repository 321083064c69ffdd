"""The lives of a reference service's tasks: queued, running and over by the clock, each known to its account alone."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from references.seeding import Bugs, table

Json: TypeAlias = Any

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"

BUGS = table(
    {
        "account": {
            "others-tasks": "any account can read any task",
            "others-finished-tasks": "any account can read a task once it is over",
        },
        "lifecycle": {
            "goes-back": "a running task is queued again for a while",
            "never-ends": "a task runs for ever",
            "ends-twice": "a finished task runs again for a while",
            "done-then-failed": "a task that was done has failed later",
            "vanishes": "a task is unknown some time after its end",
            "late-visible": "a task is unknown just after its submit",
            "polls-advance": "polls move a task on, time does not",
        },
        "timestamps": {"created-moves": "created_at is the time of the poll"},
        "ids": {"ids-repeat": "two submits with the same body are one task"},
        "concurrency": {"ids-by-clock": "tasks of the same instant share an id"},
        "result": {
            "result-shared": "every task has the same result",
            "result-relative": "the result is a path without a host",
            "result-empty": "the result is an empty text",
            "result-moves": "the result's URL is another at each poll",
        },
    }
)
UPDATED_BUGS = table(
    {
        "timestamps": {
            "updated-frozen": "updated_at stays what it was at the submit",
            "updated-before-created": "updated_at is a second before created_at",
            "updated-drifts": "updated_at is the time of the poll, after the end too",
            "updated-goes-back": "updated_at goes back when the task ends",
        }
    }
)
_INSTANTS_PER_SECOND = 20


@dataclass(slots=True)
class Life:
    """One task; `created` in seconds of the service's clock, `fails` the reason for which it will fail."""

    id: str
    account: str
    kind: str
    request: Json
    created: float
    fails: str = ""
    polls: int = 0


class Lives:
    """Every task of a service. A task takes `seconds`, of which it waits the part `waits`."""

    def __init__(self, clock: Callable[[], float], seconds: float, waits: float, bugs: Bugs) -> None:
        self.clock = clock
        self.bugs = bugs
        self._seconds = seconds
        self._waits = waits
        self._lives: dict[str, Life] = {}

    def begin(self, life: Life, write_id: Callable[[str], str]) -> Life:
        """The task with an id, which `write_id` makes of some text."""
        seed = secrets.token_hex(16)
        if "ids-by-clock" in self.bugs:
            seed = str(int(self.clock() * _INSTANTS_PER_SECOND))
        if "ids-repeat" in self.bugs:
            seed = life.account + json.dumps(life.request, sort_keys=True)
        life.id = write_id(seed)
        return self._lives.setdefault(life.id, life)

    def forget(self, task_id: str) -> None:
        """The task is gone."""
        self._lives.pop(task_id, None)

    def all(self, kind: str) -> list[Life]:
        """Everybody's tasks of a kind, oldest first."""
        return [life for life in self._lives.values() if life.kind == kind]

    def of(self, account: str, kind: str) -> list[Life]:
        """An account's tasks of a kind, oldest first."""
        return [life for life in self._lives.values() if (life.account, life.kind) == (account, kind)]

    def find(self, account: str, kind: str, task_id: str) -> Life | None:
        """The task, if it is one of this account."""
        life = self._lives.get(task_id)
        if life is None or life.kind != kind or not self._may_read(life, account):
            return None
        share = self._share(life)
        if share < 0.3 and "late-visible" in self.bugs:
            return None
        if share > 2 and "vanishes" in self.bugs:
            return None
        life.polls += 1
        return life

    def _may_read(self, life: Life, account: str) -> bool:
        if "others-tasks" in self.bugs:
            return True
        if "others-finished-tasks" in self.bugs and self.state(life) in (DONE, FAILED):
            return True
        return life.account == account

    def _share(self, life: Life) -> float:
        if "polls-advance" in self.bugs:
            return life.polls / 5
        return (self.clock() - life.created) / self._seconds

    def state(self, life: Life) -> str:
        """Where the task is now."""
        share = self._share(life)
        if share < self._waits or (0.6 <= share < 0.95 and "goes-back" in self.bugs):
            return QUEUED
        if share < 1 or "never-ends" in self.bugs or (1.4 <= share < 2.6 and "ends-twice" in self.bugs):
            return RUNNING
        if life.fails or (share >= 1.8 and "done-then-failed" in self.bugs):
            return FAILED
        return DONE

    def progress(self, life: Life) -> float:
        """The part of its way that the task has behind it, below 1 until it is over."""
        return min(1.0, max(0.0, self._share(life)))

    def created(self, life: Life) -> float:
        """When it was submitted."""
        return self.clock() if "created-moves" in self.bugs else life.created

    def updated(self, life: Life) -> float:
        """When it last changed."""
        changes = {QUEUED: 0.0, RUNNING: self._waits * self._seconds}
        updated = life.created + changes.get(self.state(life), self._seconds)
        if "updated-frozen" in self.bugs:
            updated = life.created
        if "updated-before-created" in self.bugs:
            updated = life.created - 1
        if "updated-drifts" in self.bugs:
            updated = self.clock()
        if "updated-goes-back" in self.bugs and self.state(life) in (DONE, FAILED):
            updated = life.created
        return updated

    def url(self, life: Life) -> str:
        """Where the video is: on no host that a client could guess."""
        url = f"https://cdn.example.com/out/{life.id}.mp4"
        if "result-shared" in self.bugs:
            url = "https://cdn.example.com/out/video.mp4"
        if "result-relative" in self.bugs:
            url = f"/out/{life.id}.mp4"
        if "result-empty" in self.bugs:
            url = ""
        if "result-moves" in self.bugs:
            url += f"?expires={self.clock():.3f}"
        return url
