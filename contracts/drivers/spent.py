"""The client's own ids of jobs that are over: used once more, and one that differs in capitals alone, which is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from contracts.cases.case import Case
from contracts.drivers.composing import SUBMIT
from contracts.drivers.jobs import Job
from specs.catalogue import constraints
from specs.pack import Operation, Pack
from specs.pointers import replaced
from specs.rules.uniqueness import UniqueInAccount


def unique_id(pack: Pack, operation: Operation) -> str | None:
    """The constraint that makes the client's own id unique; None where there is none."""
    wanted = pack.behaviour.external_id, UniqueInAccount.kind
    return next((each.id for each in constraints(operation) if (each.pointer, each.keyword) == wanted), None)


def spent_ids(pack: Pack, jobs: Iterable[Job]) -> Iterator[tuple[str, Case]]:
    """For each operation the own id of its first job that has one, and jobs with it, for when that one is over."""
    pointer = pack.behaviour.external_id
    first: dict[str, tuple[Job, str]] = {}
    for job in jobs:
        if job.own_id is not None and not (job.law or job.is_left_alone):
            first.setdefault(job.operation, (job, job.own_id))
    for operation in pack.operations.values():
        constraint = unique_id(pack, operation) if operation.role == SUBMIT else None
        if operation.id in first and constraint is not None and pointer is not None:
            yield from _used_again(*first[operation.id], pointer, constraint)


def _used_again(job: Job, own_id: str, pointer: str, constraint: str) -> Iterator[tuple[str, Case]]:
    """An account may use an id once, not once at a time; letters are told from capitals, as in every other text."""
    words = f"the same {pointer} as a job that is over"
    same = Case(operation=job.operation, expects="refused", words=words, constraint=constraint, body=job.body)
    yield own_id, replace(same, law="status.refused", situation="request_invalid")
    other = own_id.swapcase()
    if other != own_id:
        words = f"the {pointer} of a job that is over, capitals for small letters"
        body = replaced(job.body, pointer, other)
        yield own_id, replace(same, expects="accepted", words=words, law="status.accepted", body=body)
