"""At which pace tasks go: by the clock, as they should, or by the number of times that somebody looked.

What counts time ends tasks after so many seconds, however often it is asked; what counts polls ends them after so many
polls, however long that takes. It takes tasks watched at different paces, and some left alone, to tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.judge.promise import TERMINAL
from contracts.judge.record import POLL, Reading, Record, Task

# By so much times must differ before equal numbers of polls say anything, and for so long a task must be left alone.
_DIFFERENCE, _ALONE, _ALONE_MIN, ENDED_MIN = 3, 2, 2, 3


@dataclass(frozen=True, slots=True)
class Course:
    """How a task went as far as it was watched: so many polls, so many seconds from the submit to the last."""

    task: Task
    submit: Reading
    last: Reading
    polls: int
    seconds: float


@dataclass(slots=True)
class Courses:
    """The tasks of one submit operation: those that were seen to end, and those that were not."""

    ended: list[Course] = field(default_factory=list)
    left: list[Course] = field(default_factory=list)

    @property
    def alone(self) -> list[Course]:
        """Tasks that should have ended long ago, by the time that others took."""
        longest = max((each.seconds for each in self.ended), default=0.0)
        return [each for each in self.left if each.seconds >= _ALONE * longest]


def courses(record: Record) -> Mapping[str, Courses]:
    """By submit operation; worked out once."""
    return record.once("courses", lambda: _courses(record))


def _courses(record: Record) -> Mapping[str, Courses]:
    found: dict[str, Courses] = {}
    for task in record.plain_tasks:
        polls = [each for each in task.sights if each.reading.role == POLL and each.seen.state is not None]
        if task.submit is None or not polls:
            continue
        over = next((number for number, each in enumerate(polls, 1) if each.seen.state in TERMINAL), None)
        count = over or len(polls)
        last = polls[count - 1].reading
        seconds = last.exchange.sent_seconds - task.submit.exchange.answered_seconds
        home = found.setdefault(task.submit.operation_id or "", Courses())
        (home.left if over is None else home.ended).append(Course(task, task.submit, last, count, seconds))
    return found


def are_counted(of: Courses) -> bool:
    """Whether it is polls that move these tasks on, beyond doubt."""
    polls, seconds = {each.polls for each in of.ended}, [each.seconds for each in of.ended]
    if len(of.ended) < ENDED_MIN or len(polls) > 1 or max(seconds) < _DIFFERENCE * min(seconds):
        return False
    return len(of.alone) >= _ALONE_MIN and all(each.polls < min(polls) for each in of.alone)
