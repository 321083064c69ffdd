"""The client's own ids of jobs that are over: used once more, and one that differs in capitals alone, which is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from contracts.cases.case import Case
from contracts.cases.once_only import UNIQUE
from contracts.drivers.composing import SUBMIT
from contracts.drivers.jobs import Job
from specs.catalogue import constraints
from specs.pack import Operation, Pack
from specs.pointers import replaced


def unique_id(pack: Pack, operation: Operation) -> str | None:
    """The constraint that makes the client's own id unique; None where there is none."""
    pointer = pack.behaviour.external_id
    found = (each.id for each in constraints(operation) if (each.pointer, each.keyword) == (pointer, UNIQUE))
    return next(found, None)


def spent_ids(pack: Pack, jobs: Iterable[Job]) -> Iterator[tuple[str, Case]]:
    """For each operation the own id of its first job that has one, and jobs with it, for when that one is over."""
    jobs = [job for job in jobs if job.own_id is not None and not (job.law or job.is_left_alone)]
    for operation in pack.operations.values():
        job = next((each for each in jobs if each.operation == operation.id), None)
        constraint = unique_id(pack, operation) if operation.role == SUBMIT else None
        if job is not None and job.own_id is not None and constraint is not None:
            yield from ((job.own_id, case) for case in _used_again(pack.behaviour.external_id or "", job, constraint))


def _used_again(pointer: str, job: Job, constraint: str) -> Iterator[Case]:
    """An account may use an id once, not once at a time; letters are told from capitals, as in every other text."""
    words = f"the same {pointer} as a job that is over"
    same = Case(operation=job.operation, expects="refused", words=words, constraint=constraint, body=job.body)
    yield replace(same, law="status.refused", situation="request_invalid")
    own_id = (job.own_id or "").swapcase()
    if own_id != job.own_id:
        words = f"the {pointer} of a job that is over, capitals for small letters"
        body = replaced(job.body, pointer, own_id)
        yield replace(same, expects="accepted", words=words, law="status.accepted", body=body)
