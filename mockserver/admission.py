"""Balance, throttle, concurrency: whether an account may do now what it asks for."""

from __future__ import annotations

from mockserver.accounts import BROKE, THROTTLED, Limits
from mockserver.tasks import Task, is_over
from mockserver.turn import Turn

# How long a throttled key is told to wait, on the vendor's clock.
_THROTTLED_MS = 2000
_WAIT_MAX_MS = 60_000
_SECOND_MS = 1000


def admit(turn: Turn) -> str | None:
    """The situation in which the vendor turns the account away; an account without limits passes."""
    account = turn.account
    if account.startswith("mock-"):
        situation = _admit_troubled(turn)
        if situation is not None:
            return situation
    limits = turn.world.limits.get(account)
    return _admit_limited(turn, limits) if limits is not None else None


def _submits(turn: Turn) -> bool:
    return turn.routed.operation.role == "submit"


def _wait(turn: Turn, milliseconds: float) -> None:
    turn.retry_after_seconds = turn.clock.wall_seconds(milliseconds)


def _admit_troubled(turn: Turn) -> str | None:
    if turn.account.startswith(BROKE) and _submits(turn):
        return "balance_empty"
    if turn.account.startswith(THROTTLED):
        _wait(turn, _THROTTLED_MS)
        return "rate_exceeded"
    return None


def _admit_limited(turn: Turn, limits: Limits) -> str | None:
    submits, store, now_ms = _submits(turn), turn.store, turn.now_ms
    if submits and limits.balance is not None and store.submissions(turn.account) >= limits.balance:
        return "balance_empty"
    if limits.rate is not None:
        rate = store.rate(turn.account, now_ms)
        if rate.calls >= limits.rate:
            _wait(turn, rate.first_ms + _SECOND_MS - now_ms)
            return "rate_exceeded"
        store.count_call(turn.account, now_ms)
    if submits and limits.concurrency is not None:
        return _admit_concurrent(turn, limits.concurrency)
    return None


def _admit_concurrent(turn: Turn, most: int) -> str | None:
    now_ms, by_polls = turn.now_ms, turn.by_polls

    def over(task: Task) -> bool:
        return is_over(task, now_ms, by_polls=by_polls)

    unfinished = turn.store.unfinished(turn.account, over)
    if len(unfinished) < most:
        return None
    ends = [task.end_ms - now_ms for task in unfinished if task.end_ms is not None]
    _wait(turn, min([_WAIT_MAX_MS, *ends]))
    return "concurrency_exceeded"
