"""A task: what was asked, and its plan; the state is never stored, it follows from the plan and the clock.

The law: queued, then running, then done or failed; never back; what is over stays as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

# Polls after which a task is running, and over, when polls are the clock.
RUNNING_POLL, FINAL_POLL = 1, 2
_STUCK_ETA_SECONDS = 60
_PROGRESS_BY_POLLS = 50


@dataclass(slots=True)
class Task:
    """One submitted job. Instants are milliseconds since 1970 on the account's clock.

    `end_ms` is None for a task that never ends. `failure` is None for a task that succeeds, the name of a failure of
    the pack, or a reason in free words. `base` is the URL base that its result was promised under.
    """

    id: str
    account: str
    vendor: str
    operation: str
    kind: str
    request: bytes
    created_ms: int
    running_ms: int
    end_ms: int | None
    failure: str | None
    base: str
    external: str | None
    ordinal: int
    polls: int = 0


def state_of(task: Task, now_ms: int, *, by_polls: bool) -> str:
    """Our word for where the task is: queued, running, done or failed."""
    if by_polls:
        running, over = (
            task.polls >= RUNNING_POLL,
            task.polls >= FINAL_POLL and task.end_ms is not None,
        )
    else:
        running, over = (
            now_ms >= task.running_ms,
            task.end_ms is not None and now_ms >= task.end_ms,
        )
    if over:
        return "done" if task.failure is None else "failed"
    return "running" if running else "queued"


def is_over(task: Task, now_ms: int, *, by_polls: bool) -> bool:
    """Whether the task has reached its end."""
    if task.end_ms is None:
        return False
    return task.polls >= FINAL_POLL if by_polls else now_ms >= task.end_ms


def updated_ms(task: Task, state: str) -> int:
    """The instant of the last change of state."""
    if state == "queued":
        return task.created_ms
    return task.running_ms if state == "running" else task.end_ms or task.running_ms


def progress(task: Task, state: str, now_ms: int, *, by_polls: bool) -> int:
    """0 while queued, 1 to 99 while running, 100 when it is over."""
    if state == "queued":
        return 0
    if state != "running":
        return 100
    if by_polls or task.end_ms is None:
        return _PROGRESS_BY_POLLS
    span = max(1, task.end_ms - task.running_ms)
    return max(1, min(99, (now_ms - task.running_ms) * 100 // span))


def eta_seconds(task: Task, state: str, now_ms: int, *, by_polls: bool) -> int:
    """Seconds until it is over, rounded up; 0 when it is."""
    if state in ("done", "failed"):
        return 0
    if task.end_ms is None:
        return _STUCK_ETA_SECONDS
    since = updated_ms(task, state) if by_polls else now_ms
    return max(1, math.ceil((task.end_ms - since) / 1000))


def ended(task: Task, now_ms: int, failure: str | None) -> Task:
    """The task with a plan that ends now."""
    running_ms = min(task.running_ms, now_ms)
    return replace(
        task,
        running_ms=running_ms,
        end_ms=max(now_ms, running_ms),
        failure=failure,
        polls=FINAL_POLL,
    )
