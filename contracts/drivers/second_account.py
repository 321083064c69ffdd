"""The second account: it looks for what the first has submitted, and submits a job of its own beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from contracts.cases.case import Case
from contracts.drivers.composing import LIST, POLL, SUBMIT
from contracts.drivers.jobs import Job
from contracts.drivers.leafing import whole_page
from contracts.drivers.spent import unique_id
from contracts.drivers.watching import Followed
from specs.pack import Operation, Pack
from specs.pointers import resolve

ISOLATION_LAW, ACCEPTED_LAW = "account.isolation", "status.accepted"
_BESIDE = "a job in the same moment as one of another account"
# Tasks go through about so many states before their end.
_STATES = 2


@dataclass(frozen=True, slots=True)
class Visit:
    """What the second account does in one run."""

    submits: tuple[Case, ...]
    """A job of each kind, with a client's own id that the first account has used: it is free here."""
    lists: tuple[Case, ...]
    polls: tuple[Operation, ...]
    own_ids: Mapping[str, str]
    """From the operations of the submits to the client's own id that they carry, if they carry one."""
    beside: Mapping[str, Case]
    """From the same operations to a job of the first account that is sent in the same moment."""

    @property
    def requests(self) -> int:
        """About how many in all: two of each own task, looks at the first account's in each state and at lists."""
        looks = len(self.lists) + sum(2 if each.also_external else 1 for each in self.polls)
        return 3 * len(self.submits) + 2 * len(self.beside) + 2 * looks + _STATES * len(self.polls)

    @property
    def submissions(self) -> int:
        """How many jobs in all, of either account."""
        return len(self.submits) + len(self.beside)


def plan_visit(pack: Pack, jobs: Iterable[Job]) -> Visit:
    """The visit beside these jobs."""
    jobs = [job for job in jobs if not job.law]
    operations = list(pack.operations.values())
    submits = tuple(_submits(pack, jobs))
    pointer = pack.behaviour.external_id
    own_ids = {each.operation: resolve(each.body, pointer) for each in submits if pointer is not None}
    listed = (each for each in operations if each.role == LIST)
    return Visit(
        submits=submits,
        lists=tuple(
            Case(
                operation=each.id,
                expects="accepted",
                words="the list of another account",
                credentials="other",
                query=whole_page(each),
            )
            for each in listed
        ),
        polls=tuple(each for each in operations if each.role == POLL),
        own_ids={name: value for name, value in own_ids.items() if value},
        beside=dict(pair for each in submits for pair in _beside(each.operation, jobs)),
    )


def _beside(operation: str, jobs: list[Job]) -> Iterator[tuple[str, Case]]:
    for job in islice((each for each in jobs if each.operation == operation and each.own_id is None), 1):
        body = job.case.body if job.case is not None else job.body
        case = Case(operation=operation, expects="accepted", words=_BESIDE, law=ACCEPTED_LAW, body=body)
        yield operation, case


def _submits(pack: Pack, jobs: list[Job]) -> Iterator[Case]:
    pointer = pack.behaviour.external_id
    for operation in pack.operations.values():
        own = [job for job in jobs if job.operation == operation.id and operation.role == SUBMIT]
        job = next((each for each in own if each.own_id is not None), next(iter(own), None))
        if job is None:
            continue
        case = Case(
            operation=job.operation,
            expects="accepted",
            words="a job of a second account",
            law=ACCEPTED_LAW,
            body=job.case.body if job.case is not None else job.body,
            credentials="other",
        )
        if pointer is None or not resolve(case.body, pointer):
            yield case
            continue
        words = f"another account has used this {pointer.removeprefix('/')}"
        yield replace(case, words=words, constraint=unique_id(pack, operation))


def peeps(visit: Visit, followed: Iterable[Followed]) -> Iterator[tuple[Case, str]]:
    """Polls of the first account's tasks, each with the id to ask for: the task's own, and the client's.

    They go before the visit's own submits: with these the client's own id is the second account's too.
    """
    followed = list(followed)
    for poll in visit.polls:
        tasks = [each for each in followed if each.poll == poll.id]
        for task in tasks[:1]:
            yield look_in(poll.id), task.task
        named = (each.own_id for each in tasks if poll.also_external and each.own_id is not None)
        for own_id in list(named)[:1]:
            yield look_in(poll.id), own_id


def second_peeps(visit: Visit, followed: Iterable[Followed], own: Iterable[Followed]) -> Iterator[tuple[Case, str]]:
    """The same when all is over, by the tasks' ids; by the client's own id the second account has its own task now."""
    for poll in visit.polls:
        for task in [each.task for each in followed if each.poll == poll.id][:1]:
            yield look_in(poll.id), task
        named = (each.own_id for each in own if each.poll == poll.id and poll.also_external)
        for own_id in filter(None, named):
            case = Case(operation=poll.id, expects="accepted", words="by the client's own id", credentials="other")
            yield case, own_id


def look_in(poll: str) -> Case:
    """A look at a task of the first account."""
    return Case(
        operation=poll,
        expects="refused",
        words="a task of another account",
        law=ISOLATION_LAW,
        situation="task_unknown",
        credentials="other",
    )
