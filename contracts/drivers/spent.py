"""The client's own ids of jobs that are over: an account may use such an id once, not once at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from contracts.cases.case import Case
from contracts.cases.once_only import UNIQUE
from contracts.drivers.composing import SUBMIT
from contracts.drivers.jobs import Job
from specs.catalogue import constraints
from specs.pack import Operation, Pack

_LAW = "status.refused"


def unique_id(pack: Pack, operation: Operation) -> str | None:
    """The constraint that makes the client's own id unique; None where there is none."""
    pointer = pack.behaviour.external_id
    found = (each.id for each in constraints(operation) if (each.pointer, each.keyword) == (pointer, UNIQUE))
    return next(found, None)


def spent_ids(pack: Pack, jobs: Iterable[Job]) -> Iterator[tuple[str, Case]]:
    """For each operation the own id of its first job that has one, and that job once more, for when it is over."""
    jobs = [job for job in jobs if job.own_id is not None and not (job.law or job.is_left_alone)]
    for operation in pack.operations.values():
        job = next((each for each in jobs if each.operation == operation.id), None)
        constraint = unique_id(pack, operation) if operation.role == SUBMIT else None
        if job is not None and job.own_id is not None and constraint is not None:
            words = f"the same {pack.behaviour.external_id} as a job that is over"
            yield (
                job.own_id,
                Case(
                    operation=operation.id,
                    expects="refused",
                    words=words,
                    law=_LAW,
                    constraint=constraint,
                    situation="request_invalid",
                    body=job.body,
                ),
            )
