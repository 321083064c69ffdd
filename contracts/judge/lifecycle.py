"""Rules about the life of a task: documented words, in order, final and stable at the end, which comes in time.

The oracle keeps the set of states in which a task may be: what one sight shows bounds every later one. Sights whose
requests overlapped say nothing about each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType

from contracts.judge import faults, paces
from contracts.judge.instants import same
from contracts.judge.outcome import Outcome
from contracts.judge.promise import TERMINAL
from contracts.judge.record import POLL, SUBMIT, Reading, Record, Sight, Task
from contracts.judge.ruling import KEPT, Breach, Check, Checks, breach, shown
from contracts.judge.shape import has, is_in, told
from contracts.judge.status import is_lost
from specs.pack import STATES

# From each state to those in which a task may be seen later.
LATER: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "queued": frozenset(STATES),
        "running": frozenset(STATES) - {"queued"},
        "done": frozenset({"done"}),
        "failed": frozenset({"failed"}),
    }
)


def steps(task: Task) -> Iterator[tuple[Sight, Sight]]:
    """Each sight with the last one before it."""
    for index, later in enumerate(task.sights):
        earlier = [each for each in task.sights[:index] if each.reading.precedes(later.reading)]
        if earlier:
            yield earlier[-1], later


def check_first(record: Record) -> Checks:
    """A task begins at the beginning."""
    yield from told(faults.FIRST_WORD, lambda reading: reading.role == SUBMIT and reading.seen.word is not None)(record)
    for reading in record.submits():
        wrong = [each for each in faults.faults(record, reading) if each.rule == faults.FIRST_WORD]
        if reading.seen.state in TERMINAL and not wrong:
            message = f"a submit answers with a task that is {reading.seen.word} already"
            yield breach(reading, message, pointer=reading.seen.word_at, kind=str(reading.seen.word))


def turned(earlier: Sight, later: Sight) -> bool:
    """Whether the task can't be where it is, after what was seen before."""
    first, second = earlier.seen.state, later.seen.state
    return first is not None and second is not None and second not in LATER[first]


def goes_back(task: Task) -> bool:
    """Whether the task ever was where it could not be any more: then its instants follow from that."""
    return any(turned(earlier, later) for earlier, later in steps(task))


def check_order(record: Record) -> Checks:
    """No way back."""
    for task in record.plain_tasks:
        for index, later in enumerate(task.sights):
            before = [each for each in task.sights[:index] if each.reading.precedes(later.reading)]
            if not before or any(each.seen.state in TERMINAL for each in before):
                continue
            ahead = [each for each in before if turned(each, later)]
            yield _backwards(task, ahead[-1], later) if ahead else KEPT


def _backwards(task: Task, earlier: Sight, later: Sight) -> Breach:
    message = f"task {task.id} was {earlier.seen.word} and is {later.seen.word} again"
    kind = f"{earlier.seen.state} {later.seen.state}"
    return breach(later.reading, message, earlier.reading, pointer=later.seen.word_at, kind=kind)


def check_final(record: Record) -> Checks:
    """What is over stays as it is: the same word, the same result, the same updated_at."""
    for task in record.plain_tasks:
        over = [each for each in task.sights if each.seen.state in TERMINAL]
        for later in task.sights[task.sights.index(over[0]) + 1 :] if over else ():
            if over[0].reading.precedes(later.reading):
                yield _changed(task, over[0], later)


def _changed(task: Task, ended: Sight, later: Sight) -> Breach | None:
    if later.seen.state is None:
        # An unknown word is a rule of its own.
        return KEPT
    said, seen = f"task {task.id} was {ended.seen.word}", later.seen
    if seen.state != ended.seen.state:
        message = f"{said} and is {seen.word} later"
        return breach(later.reading, message, ended.reading, pointer=seen.word_at, kind=f"word {seen.state}")
    results = dict(ended.seen.results), dict(seen.results)
    moved = [at for at in results[0].keys() & results[1].keys() if results[0][at] != results[1][at]]
    if later.seen.at == ended.seen.at and moved:
        at = min(moved)
        message = f"{said}, and its result changes: {shown(results[0][at])}, then {shown(results[1][at])}"
        return breach(later.reading, message, ended.reading, pointer=at, kind="result")
    if ended.seen.updated is not None and seen.updated is not None and not same(ended.seen.updated, seen.updated):
        message = f"{said}, and its time of change moves on: nothing can change any more"
        return breach(later.reading, message, ended.reading, kind="updated")
    return KEPT


def check_ends(record: Record) -> Checks:
    """A task ends in time; where it is polls that move it, that is what is told."""
    counted = {name for name, courses in paces.courses(record).items() if paces.are_counted(courses)}
    for task in record.plain_tasks:
        submit, polls = task.submit, [each for each in task.sights if each.reading.role == POLL]
        if submit is None or not polls or submit.operation_id in counted:
            continue
        begun = submit.exchange.answered_seconds
        late = [each for each in polls if each.reading.exchange.sent_seconds - begun >= record.deadline_seconds]
        waiting = [each for each in late if each.seen.state not in (None, *TERMINAL)]
        if waiting:
            message = f"task {task.id} is still {waiting[0].seen.word} {record.deadline_seconds:g} s after its submit"
            yield breach(waiting[0].reading, message, submit, pointer=waiting[0].seen.word_at)
        elif any(each.seen.state in TERMINAL for each in polls):
            yield KEPT


def check_visible(record: Record) -> Checks:
    """A task is there from the moment that its submit is answered, and stays."""
    for reading in record.readings:
        if reading.role != POLL or reading.expected.verdict != "accepted":
            continue
        task = record.find(reading.exchange.account, reading.operation, reading.asked)
        if task is None or task.submit is None:
            continue
        if _was_meddled_with(record, reading):
            continue
        if reading.outcome is Outcome.WRONGLY_REFUSED and is_lost(record, reading):
            yield _lost(
                task, [each.reading.number for each in task.sights], reading.number, breach(reading, "", task.submit)
            )
        elif reading.is_taken:
            yield KEPT


def _was_meddled_with(record: Record, reading: Reading) -> bool:
    """Whether an undocumented method had its way there before: that is a finding as it is."""
    meddling = record.once(
        "meddling",
        lambda: [each for each in record.readings if each.operation is None and each.outcome is Outcome.WRONGLY_TAKEN],
    )
    return any(each.exchange.path == reading.exchange.path and each.number < reading.number for each in meddling)


def _lost(task: Task, seen_at: list[int], number: int, found: Breach) -> Breach:
    before = [each for each in seen_at if each < number]
    was_polled = len(before) > 1
    kind = "vanished" if was_polled else "not yet"
    said = "was there and is unknown now" if was_polled else "is unknown to the first poll after its submit"
    status = found.readings[0].exchange.status
    return Breach(
        message=f"task {task.id} {said} ({status})", readings=found.readings, operation=found.operation, kind=kind
    )


def check_progress(record: Record) -> Checks:
    """Progress never falls, and is 100 at the end alone."""
    yield from told(faults.PROGRESS_RULE, lambda _: False)(record)
    for task in record.plain_tasks:
        for sight in task.sights:
            if sight.seen.progress is not None and sight.seen.state is not None:
                yield _too_far(task, sight)
        shown_progress = [
            each for each in task.sights if each.seen.progress is not None and each.seen.state != "failed"
        ]
        for earlier, later in pairwise(shown_progress):
            if earlier.reading.precedes(later.reading) and not turned(earlier, later):
                yield _fallen(task, earlier, later)


def _too_far(task: Task, sight: Sight) -> Breach | None:
    seen, most = sight.seen, 100
    if seen.state in TERMINAL or (seen.progress or 0) < most:
        return KEPT
    message = f"task {task.id} shows {seen.progress} percent while it is {seen.word}"
    return breach(sight.reading, message, pointer=seen.progress_at, kind="early")


def _fallen(task: Task, earlier: Sight, later: Sight) -> Breach | None:
    before, now = earlier.seen.progress or 0, later.seen.progress or 0
    if now >= before:
        return KEPT
    message = f"the progress of task {task.id} falls from {before} to {now}"
    return breach(later.reading, message, earlier.reading, pointer=later.seen.progress_at, kind="fallen")


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        faults.UNKNOWN_WORD: told(faults.UNKNOWN_WORD, has("word")),
        faults.FIRST_WORD: check_first,
        "lifecycle.order": check_order,
        "lifecycle.final": check_final,
        "lifecycle.ends": check_ends,
        "lifecycle.visible": check_visible,
        faults.PROGRESS_RULE: check_progress,
        faults.FAILED: told(faults.FAILED, is_in("failed")),
    }
)
