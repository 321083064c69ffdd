"""The gateway's own table: which job a caller means, what it has come to, and where the provider has it."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = Any

JOBS_MAX = 100_000
_LETTERS = string.ascii_letters + string.digits
# How far a job is: answers of the provider may overtake one another, so it moves to a higher rank or not at all.
_RANKS = {"queued": 0, "in_progress": 1, "completed": 2, "failed": 2}
_PROGRESS = {"in_progress": 50, "completed": 100}


def _new_id() -> str:
    """Nobody can guess it, nobody else has it."""
    return "task_" + "".join(secrets.choice(_LETTERS) for _ in range(32))


@dataclass(slots=True, kw_only=True)
class Job:
    """One job. `account` is the caller's key, `place` the provider's path of the task; instants are in seconds."""

    account: str
    model: str
    aspect_ratio: str | None
    created_at: int
    updated_at: int
    id: str = field(default_factory=_new_id)
    place: str = ""
    unused: list[str] = field(default_factory=list)
    status: str = "queued"
    progress: int = 0
    url: str | None = None
    error: Json = None

    @property
    def is_over(self) -> bool:
        """Whether it will never change again."""
        return _RANKS[self.status] == _RANKS["completed"]

    def move(self, status: str, now: int, *, url: str | None = None, error: Json = None) -> None:
        """On to this status, with what belongs to it; never back. A failed job keeps the progress that it had."""
        if _RANKS[status] > _RANKS[self.status]:
            self.progress = _PROGRESS.get(status, self.progress)
            self.status, self.updated_at, self.url, self.error = status, max(now, self.updated_at), url, error

    def told(self) -> Json:
        """The job as its caller sees it."""
        told = {
            "id": self.id,
            "task_id": self.id,
            "object": "video.generation.job",
            "model": self.model,
            "status": self.status,
            "progress": self.progress,
            "created_at": self.created_at,
            "aspect_ratio": self.aspect_ratio,
            "metadata": {"unused": self.unused},
            "error": self.error,
        }
        if self.aspect_ratio is None:
            del told["aspect_ratio"]
        if self.url is not None:
            told |= {"video_url": self.url, "result": {"outputs": [self.url], "video_url": self.url}}
        return told


class Jobs:
    """Every job by its id; beyond `JOBS_MAX` the oldest is forgotten. A real gateway keeps them in a database."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}

    def add(self, job: Job) -> None:
        """From now on the job can be read."""
        while len(self._jobs) >= JOBS_MAX:
            del self._jobs[next(iter(self._jobs))]
        self._jobs[job.id] = job

    def find(self, account: str, job_id: str) -> Job | None:
        """The job, if it is this account's own: whether others have one by that id is not theirs to know."""
        job = self._jobs.get(job_id)
        return job if job is not None and job.account == account else None
