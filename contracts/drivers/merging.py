"""What a job and a case submit alike, but for their texts and ids, is sent once: as a job, under the case's purpose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import orjson

from contracts.cases.case import Case
from contracts.drivers.jobs import Job
from specs.pack import Pack
from specs.pointers import Json, finder, replaced, resolve


def merged(pack: Pack, jobs: Iterable[Job], cases: Iterable[Case]) -> tuple[tuple[Job, ...], tuple[Case, ...]]:
    """The jobs, each with a case that is like it where there is one; and the cases that are left."""
    alike: dict[tuple[str, bytes], list[int]] = {}
    listed = list(cases)
    for number, case in enumerate(listed):
        if _is_plain(case):
            alike.setdefault(_likeness(pack, case.operation, case.body), []).append(number)
    taken: set[int] = set()
    found = []
    for job in jobs:
        same = [] if job.law or job.is_at_once else alike.get(_likeness(pack, job.operation, job.body), [])
        if same:
            taken.add(same[0])
            found.append(_with_case(pack, job, listed[same.pop(0)]))
        else:
            found.append(job)
    return tuple(found), tuple(case for number, case in enumerate(listed) if number not in taken)


def _is_plain(case: Case) -> bool:
    """Whether nothing is special about it but its body."""
    bare = Case(
        operation=case.operation,
        expects="accepted",
        words=case.words,
        law=case.law,
        constraint=case.constraint,
        body=case.body,
        also=case.also,
    )
    return case == bare and isinstance(case.body, dict)


def _likeness(pack: Pack, operation: str, body: Json) -> tuple[str, bytes]:
    """Equal for bodies that differ in prompts and in the client's own ids alone."""
    places = [*pack.behaviour.prompts, *filter(None, [pack.behaviour.external_id])]
    for pattern in places:
        for at, value in finder(pattern)(body):
            if isinstance(value, str) and value:
                body = replaced(body, at, "text")
    return operation, orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def _with_case(pack: Pack, job: Job, case: Case) -> Job:
    pointer = pack.behaviour.external_id
    own_id = resolve(case.body, pointer) if pointer is not None and job.own_id is not None else None
    return replace(job, body=case.body, own_id=own_id, case=case)
