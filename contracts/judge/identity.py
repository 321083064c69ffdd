"""Rules about which task is which: one id from submit to poll, given out once; one result, shared with nobody."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts.judge.record import POLL, Record, Sight, Task
from contracts.judge.ruling import KEPT, Check, Checks, breach, shown


def check_same_id(record: Record) -> Checks:
    """A poll tells the id that the submit told."""
    for reading in record.readings:
        if reading.role != POLL or not reading.is_taken or reading.seen.task_id is None:
            continue
        task = record.find(reading.exchange.account, reading.operation, reading.asked)
        if task is None or reading.operation is None or (task.submit is None and reading.operation.also_external):
            continue
        wanted = task.id if task.submit is not None else reading.asked
        if reading.seen.task_id == wanted:
            yield KEPT
        else:
            message = f"the poll of task {wanted} tells of {shown(reading.seen.task_id)}"
            yield breach(reading, message, *task.submits[:1], pointer=reading.seen.ids[0][0])


def check_unique_id(record: Record) -> Checks:
    """No id is given out twice, to whomever."""
    for task in record.tasks.values():
        for index, submit in enumerate(task.submits):
            if index == 0:
                yield KEPT
                continue
            accounts = {each.exchange.account for each in task.submits}
            to = "two accounts" if len(accounts) > 1 else "two submits"
            overlap = "" if task.submits[0].precedes(submit) else " at the same time"
            message = f"id {task.id} was given to {to}{overlap}"
            yield breach(submit, message, task.submits[0], pointer=submit.seen.ids[0][0])


def check_unique_result(record: Record) -> Checks:
    """No two tasks have one result."""
    owners: dict[str, tuple[Task, Sight]] = {}
    for task in record.plain_tasks:
        for sight in task.sights:
            for at, value in sight.seen.results if sight.seen.state == "done" else ():
                if not isinstance(value, str) or not value:
                    continue
                other, first = owners.setdefault(value, (task, sight))
                if other is task:
                    yield KEPT
                else:
                    message = f"tasks {other.id} and {task.id} have one result, {shown(value)}"
                    yield breach(sight.reading, message, first.reading, pointer=at)


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "lifecycle.same-id": check_same_id,
        "lifecycle.unique-id": check_unique_id,
        "lifecycle.unique-result": check_unique_result,
    }
)
