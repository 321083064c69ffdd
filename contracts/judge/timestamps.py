"""Rules about a task's instants: its creation never changes, its last change moves forward with each change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import gcd
from types import MappingProxyType
from typing import NamedTuple

from contracts.judge.instants import SECOND, Instant, before, same
from contracts.judge.lifecycle import goes_back, steps, turned
from contracts.judge.record import Reading, Record, Sight, Task
from contracts.judge.ruling import KEPT, Breach, Check, Checks, breach

# What a clock may be off, and a message be under way, beyond the fineness of the writing.
_SLACK_SECONDS = 0.01
# What the clocks of a service's machines may differ by; and of how many tasks it takes to say that they are all alike.
_CLOCKS_SECONDS, _BIRTHS_MIN = 2.0, 5


def check_created(record: Record) -> Checks:
    """created_at is the same everywhere, and follows the order of the submits."""
    moved = [*_moved(record)]
    yield from moved
    # Of instants that are not even the same for one task nothing follows.
    if not any(moved):
        births = [*_births(record)]
        yield from _turned_round(births)
        yield from _all_at_once(births)


def _moved(record: Record) -> Checks:
    for task in record.plain_tasks:
        dated = [each for each in task.sights if each.seen.created is not None]
        for later in dated[1:]:
            first, second = dated[0].seen.created, later.seen.created
            if first is None or second is None or same(first, second):
                yield KEPT
            else:
                message = f"task {task.id} was created at one time by one answer, {_apart(first, second)} by another"
                yield breach(later.reading, message, dated[0].reading)


class _Birth(NamedTuple):
    """A task, its submit, and the first sight that tells when it was created."""

    task: Task
    submit: Reading
    sight: Sight

    @property
    def created(self) -> Instant:
        return self.sight.seen.created or Instant(0, 1)


def _births(record: Record) -> Iterator[_Birth]:
    """Of every task that says when it was created, in the order of their submits."""
    for task in record.plain_tasks:
        sight = next((each for each in task.sights if each.seen.created is not None), None)
        if task.submit is not None and sight is not None:
            yield _Birth(task, task.submit, sight)


def _turned_round(births: list[_Birth]) -> Checks:
    """What was submitted later was not created earlier, but for what the clocks of several machines differ by."""
    latest: _Birth | None = None
    for birth in births:
        if latest is not None and latest.submit.precedes(birth.submit):
            seconds = (latest.created.micros - birth.created.micros) / SECOND
            is_early = seconds > _CLOCKS_SECONDS and before(birth.created, latest.created)
            message = (
                f"task {birth.task.id} was submitted after task {latest.task.id}, and created {seconds:g} s before it"
            )
            yield breach(birth.sight.reading, message, latest.sight.reading, kind="order") if is_early else KEPT
        latest = birth if latest is None or latest.created.micros <= birth.created.micros else latest


def _all_at_once(births: list[_Birth]) -> Checks:
    """Tasks that were submitted over a while were not all created in one instant."""
    if len(births) < _BIRTHS_MIN:
        return
    first, last = births[0], births[-1]
    seconds = last.submit.exchange.sent_seconds - first.submit.exchange.answered_seconds
    instants = {birth.created for birth in births}
    if seconds <= first.created.fineness / SECOND + _CLOCKS_SECONDS:
        return
    message = f"{len(births)} tasks were submitted over {seconds:.1f} s, and each was created in the same instant"
    yield breach(last.sight.reading, message, first.sight.reading, kind="still") if len(instants) == 1 else KEPT


def _apart(first: Instant, second: Instant) -> str:
    seconds = (second.micros - first.micros) / SECOND
    return f"{abs(seconds):g} s {'later' if seconds > 0 else 'earlier'}"


def check_updated(record: Record) -> Checks:
    """updated_at is never before created_at, and never moves back."""
    for task in record.plain_tasks:
        for sight in task.sights:
            created, updated = sight.seen.created, sight.seen.updated
            if created is not None and updated is not None:
                yield _before_birth(task, sight) if before(updated, created) else KEPT
        for earlier, later in steps(task):
            first, second = earlier.seen.updated, later.seen.updated
            if first is not None and second is not None and not turned(earlier, later):
                yield _back(task, earlier, later, _apart(first, second)) if before(second, first) else KEPT


def _before_birth(task: Task, sight: Sight) -> Breach:
    message = f"task {task.id} was changed before it was created"
    return breach(sight.reading, message, kind="before")


def _back(task: Task, earlier: Sight, later: Sight, apart: str) -> Breach:
    message = f"task {task.id}: the time of its last change moves back, {apart}"
    return breach(later.reading, message, earlier.reading, kind="back")


def check_moves(record: Record) -> Checks:
    """When the status has changed, updated_at has too."""
    fineness = _fineness(record) / SECOND
    for task in record.plain_tasks:
        if goes_back(task):
            continue
        for index, later in enumerate(task.sights):
            between = _last_of_another_state(task.sights[:index], later)
            for earlier in _others(task.sights[:index], later) if between is not None else ():
                # The change came after the last sight of another state was asked for; what the first sight of one
                # says was so by the time that it was answered.
                waited = _waited(earlier, between) if between is not None else 0
                is_dated = earlier.seen.updated is not None and later.seen.updated is not None
                if is_dated and waited > fineness + _SLACK_SECONDS:
                    yield _still(task, earlier, later)


def _others(sights: list[Sight], later: Sight) -> Iterator[Sight]:
    """The first sight of each other state that the task may have come from."""
    seen = {later.seen.state, None}
    for each in sights:
        if each.seen.state not in seen and each.reading.precedes(later.reading) and not turned(each, later):
            seen.add(each.seen.state)
            yield each


def _last_of_another_state(sights: list[Sight], later: Sight) -> Sight | None:
    others = [each for each in sights if each.seen.state not in (None, later.seen.state)]
    return next((each for each in reversed(others) if each.reading.precedes(later.reading)), None)


def _waited(earlier: Sight, between: Sight) -> float:
    return between.reading.exchange.sent_seconds - earlier.reading.exchange.answered_seconds


def _still(task: Task, earlier: Sight, later: Sight) -> Breach | None:
    first, second = earlier.seen.updated, later.seen.updated
    if first is None or second is None or before(first, second):
        return KEPT
    message = f"task {task.id} went from {earlier.seen.word} to {later.seen.word}, and its time of change did not move"
    return breach(later.reading, message, earlier.reading)


def _fineness(record: Record) -> int:
    """How fine the service's instants really are, in microseconds: milliseconds that all end in 000 are seconds."""
    seen = [sight.seen for task in record.tasks.values() for sight in task.sights]
    instants = [each for one in seen for each in (one.created, one.updated) if each is not None]
    written = max((each.fineness for each in instants), default=1)
    return max(written, SECOND if gcd(*(each.micros for each in instants)) % SECOND == 0 else 1)


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "lifecycle.created": check_created,
        "lifecycle.updated": check_updated,
        "lifecycle.updated-moves": check_moves,
    }
)
