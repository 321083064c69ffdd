"""What a task still has to tell by webhook, in order, and how that changes: values, and functions from one to the next.

The next webhook of a task waits until the one before is answered or given up. What is told, and about which instant,
is settled when the change of state is: a plan that changes later changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from mockserver.tasks import Task

# The order of states, where done and failed are the same step.
_QUEUED, _RUNNING, _OVER = range(3)
_RANKS = {"queued": _QUEUED, "running": _RUNNING, "done": _OVER, "failed": _OVER}

# The pause before another attempt: as long as this, then twice as long each time, up to the most.
PAUSE_MS, PAUSE_MAX_MS = 5_000, 3_600_000


class Notice(NamedTuple):
    """One change of state that is to be told. `at_ms` is its instant on the account's clock."""

    state: str
    at_ms: int
    mishap: str | None = None
    """What goes wrong with it; None while nobody has asked, the empty string for nothing."""


class Mishap(NamedTuple):
    """What a fault does to a webhook: `duplicate`, `reorder`, `late` (by so many seconds), `forged` or `lost`."""

    kind: str
    seconds: float = 0.0


class Backlog(NamedTuple):
    """The webhooks of one task that are still to come.

    `due_ms` is the next attempt's instant on the clock of all accounts, None while nothing falls due by time. `told`
    is the last step of the task's life that is, or was, among `waiting`. `number` is the shelf's, never used twice.
    Until `claimed_until_ms`, wall time, an attempt is under way, `attempt` is its number.
    """

    account: str
    vendor: str
    task_id: str
    due_ms: int | None
    waiting: tuple[Notice, ...]
    told: int
    attempt: int = 0
    number: int = 0
    claimed_until_ms: int = 0

    @property
    def is_empty(self) -> bool:
        """Nothing is to come any more."""
        return not self.waiting and self.told == _OVER

    @property
    def has_another(self) -> bool:
        """Whether another notice follows, known or to come, that the first could change places with."""
        return len(self.waiting) > 1 or self.told != _OVER


def planned(task: Task, states: Collection[str], offset_ms: int, *, by_polls: bool) -> Backlog:
    """The webhooks of a new task: all that its plan holds, or by polls the first one; others come with the polls."""
    notices = list(_passed(task))[: 1 if by_polls else None]
    told = _RANKS[notices[-1].state]
    waiting = tuple(each for each in notices if each.state in states)
    due_ms = waiting[0].at_ms - offset_ms if waiting else None
    return Backlog(task.account, task.vendor, task.id, due_ms, waiting, told)


def _passed(task: Task) -> Iterator[Notice]:
    """The states that the task will be in, for however short a time."""
    yield Notice("queued", task.created_ms)
    if task.end_ms is None or task.end_ms > task.running_ms:
        yield Notice("running", task.running_ms)
    if task.end_ms is not None:
        yield Notice("done" if task.failure is None else "failed", task.end_ms)


def moved(backlog: Backlog, notice: Notice, states: Collection[str], now_ms: int) -> Backlog:
    """After a poll that found the task in the notice's state; `now_ms` is on the clock of all.

    A poll is the only time there is with the clock `polls`: what waits for another attempt is due too.
    """
    waiting, told = backlog.waiting, _RANKS[notice.state]
    if told > backlog.told:
        added = (notice,) if notice.state in states else ()
        waiting = (*added, waiting[0]._replace(mishap="reordered")) if _is_held_back(waiting) else (*waiting, *added)
    elif _is_held_back(waiting):
        return backlog
    due_ms = min(now_ms, backlog.due_ms or now_ms) if waiting else None
    return backlog._replace(waiting=waiting, told=max(told, backlog.told), due_ms=due_ms)


def _is_held_back(waiting: tuple[Notice, ...]) -> bool:
    """Whether the first is to change places with one that is not known yet."""
    return len(waiting) == 1 and waiting[0].mishap == "reorder"


def unmoved(backlog: Backlog, polls: int) -> Backlog:
    """After a poll that is undone: the task has been polled so often."""
    waiting = tuple(each for each in backlog.waiting if _RANKS[each.state] <= polls)
    return backlog._replace(waiting=waiting, told=min(backlog.told, polls), due_ms=backlog.due_ms if waiting else None)


def ended(backlog: Backlog, notice: Notice, states: Collection[str], now_ms: int) -> Backlog:
    """After an end ahead of the plan: what would have come later does not come, the end comes now."""
    reached = tuple(each for each in backlog.waiting if each.at_ms <= notice.at_ms)
    waiting = (*reached, notice) if notice.state in states else reached
    # What waits for another attempt goes on waiting.
    due_ms = backlog.due_ms if reached and reached[0] is backlog.waiting[0] and backlog.due_ms is not None else now_ms
    return backlog._replace(waiting=waiting, told=_OVER, due_ms=due_ms if waiting else None)


def spoilt(backlog: Backlog, mishap: Mishap) -> Backlog:
    """With what goes wrong with the first notice; for some mishaps the attempt is off until later."""
    first, *others = backlog.waiting
    marked = first._replace(mishap=mishap.kind)
    if mishap.kind == "late":
        due_ms = (backlog.due_ms or 0) + round(mishap.seconds * 1000)
        return _put_off(backlog._replace(waiting=(marked, *others), due_ms=due_ms))
    if mishap.kind == "reorder" and not others:
        return _put_off(backlog._replace(waiting=(marked,), due_ms=None))
    if mishap.kind == "reorder":
        due_ms = (backlog.due_ms or 0) + max(0, others[0].at_ms - first.at_ms)
        waiting = (others[0], first._replace(mishap="reordered"), *others[1:])
        return _put_off(backlog._replace(waiting=waiting, due_ms=due_ms))
    return backlog._replace(waiting=(marked, *others))


def _put_off(backlog: Backlog) -> Backlog:
    return backlog._replace(attempt=0, claimed_until_ms=0)


def released(backlog: Backlog) -> Backlog:
    """After an attempt that was not made."""
    return backlog._replace(attempt=max(0, backlog.attempt - 1), claimed_until_ms=0)


def answered(backlog: Backlog, now_ms: int, offset_ms: int) -> Backlog:
    """After an attempt that was taken: the next notice, at its instant or, when that is past, now."""
    first, *others = backlog.waiting
    if first.mishap == "duplicate":
        again = first._replace(mishap="duplicated")
        return backlog._replace(waiting=(again, *others), due_ms=now_ms, claimed_until_ms=0)
    due_ms = max(now_ms, others[0].at_ms - offset_ms) if others else None
    return backlog._replace(waiting=tuple(others), due_ms=due_ms, attempt=0, claimed_until_ms=0)


def unanswered(backlog: Backlog, now_ms: int, offset_ms: int, attempts: int) -> Backlog:
    """After an attempt that was not taken: another one after a pause, or the notice is given up."""
    if backlog.attempt >= attempts or backlog.waiting[0].mishap == "duplicated":
        return given_up(backlog, now_ms, offset_ms)
    pause_ms = min(PAUSE_MAX_MS, PAUSE_MS * 2 ** (backlog.attempt - 1))
    return backlog._replace(due_ms=now_ms + pause_ms, claimed_until_ms=0)


def given_up(backlog: Backlog, now_ms: int, offset_ms: int) -> Backlog:
    """Without the first notice, however often it was to be sent."""
    first, *others = backlog.waiting
    return answered(backlog._replace(waiting=(first._replace(mishap=""), *others)), now_ms, offset_ms)


def abandoned(backlog: Backlog) -> Backlog:
    """With nothing to come any more."""
    return backlog._replace(waiting=(), told=_OVER, due_ms=None, claimed_until_ms=0)
