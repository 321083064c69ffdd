"""What a run will send: which jobs and cases, and how many requests and submissions that makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from contracts.cases.bench import same_as
from contracts.cases.case import Case, CaseBook
from contracts.drivers.choice import Choice
from contracts.drivers.composing import POLL, SUBMIT
from contracts.drivers.jobs import Job, watched_jobs
from contracts.drivers.merging import merged
from contracts.drivers.second_account import ISOLATION_LAW, Visit, plan_visit
from contracts.drivers.spent import spent_ids
from specs.pack import Operation, Pack

T = TypeVar("T")
# About so many polls does a job take that ends within a second or two.
_POLLS_A_JOB = 6
ALIVE_LAW = "robustness.alive"
_LAST = ("robustness.",)
# So many tasks of cases are looked at at once, and so many once more when they should be over.
AT_ONCE_MAX, LATE_MAX = 40, 30


@dataclass(frozen=True, slots=True)
class Count:
    """So many requests of one kind to one operation; so many of them are jobs to a service that keeps the contract."""

    operation: str
    kind: str
    requests: int
    submissions: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Jobs to follow and cases to send; `follows` says whether to their end."""

    jobs: tuple[Job, ...]
    cases: tuple[Case, ...]
    counts: tuple[Count, ...]
    follows: bool
    visit: Visit | None = None
    """What the second account does, when there is one and somebody asks."""
    is_alive: Case | None = None
    """The ordinary call after all that was odd."""
    seen_at_once: frozenset[int] = frozenset()
    """Which of the cases (by their place among them) make tasks that are looked at as soon as they are taken."""
    spent: tuple[tuple[str, Case], ...] = ()
    """The client's own ids of jobs, and what is sent with each once its job is over."""

    @property
    def requests(self) -> int:
        """About how many there will be."""
        return sum(each.requests for each in self.counts)

    @property
    def submissions(self) -> int:
        """At most how many the service may charge for, if it keeps the contract."""
        return sum(each.submissions for each in self.counts)


def make_plan(pack: Pack, book: CaseBook, choice: Choice, run: str, *, has_other: bool) -> Plan:
    """The plan; `run` tells this run from all others; without a second account nothing is sent in its name."""
    watched = tuple(watched_jobs(pack, run))
    jobs = watched if choice.wants_jobs or (has_other and choice.wants_rule(ISOLATION_LAW)) else ()
    wanted = (case for case in book.cases if choice.wants_case(case))
    ranked = sorted((case for case in wanted if has_other or case.credentials != "other"), key=_rank)
    jobs, cases = merged(pack, jobs, ranked)
    visit = plan_visit(pack, jobs) if has_other and jobs and choice.wants_rule(ISOLATION_LAW) else None
    is_odd = any(case.law.startswith(_LAST) for case in cases)
    seen_at_once = _seen_at_once(pack, cases)
    at_once = Counter(cases[number].operation for number in seen_at_once)
    follows = choice.wants_ends
    counts = [*_counts(pack, jobs, cases, at_once, follows=follows)]
    if visit is not None:
        counts.append(Count("(any)", "looks by the second account (about)", visit.requests, visit.submissions))
    spent = tuple(each for each in spent_ids(pack, jobs) if follows and choice.wants_case(each[1]))
    if spent:
        taken = sum(case.expects == "accepted" for _, case in spent)
        counts.append(Count("(any)", "client's own ids used again", len(spent), taken))
    return Plan(
        jobs=jobs,
        cases=cases,
        counts=tuple(counts),
        follows=follows,
        visit=visit,
        is_alive=_alive_case(watched) if is_odd else None,
        seen_at_once=seen_at_once,
        spent=spent,
    )


def _seen_at_once(pack: Pack, cases: tuple[Case, ...]) -> frozenset[int]:
    """Those with the largest jobs, and of the rest evenly spread ones.

    The others, drawn ones most of all, say nothing that one about a constraint does not say.
    """
    made = [
        number
        for number, case in enumerate(cases)
        if case.expects == "accepted" and case.constraint is not None and pack.operations[case.operation].role == SUBMIT
    ]
    by_size = sorted(made, key=lambda number: len(same_as(cases[number].body)), reverse=True)
    largest, rest = by_size[: AT_ONCE_MAX // 4], sorted(by_size[AT_ONCE_MAX // 4 :])
    return frozenset([*largest, *spread(rest, AT_ONCE_MAX - len(largest))])


def spread(listed: Sequence[T], most: int) -> Sequence[T]:
    """At most so many, from all over the list."""
    return [listed[number * len(listed) // most] for number in range(most)] if len(listed) > most else listed


def _alive_case(watched: tuple[Job, ...]) -> Case | None:
    """A job once more, one that may be there twice."""
    first = next((job for job in watched if job.own_id is None), None)
    if first is None:
        return None
    words = "a valid call after odd ones"
    return Case(operation=first.operation, expects="accepted", words=words, law=ALIVE_LAW, body=first.body)


def needs_task(operation: Operation, case: Case) -> bool:
    """Whether the case asks for a task that must have been submitted."""
    return operation.role == POLL and case.task is None and not case.without_task


def first_time(case: Case) -> Case:
    """The request of a case that is sent twice, as it is the first time: nothing is wrong with it yet."""
    words = f"the first time: {case.words}"
    return replace(
        case, expects="accepted", words=words, law="", constraint=None, situation=None, also=(), repeat=False
    )


def _rank(case: Case) -> tuple[bool, bool, bool]:
    """Refused ones first: they cost nothing; what may hurt the service last: nothing else is judged by the damage."""
    return case.law.startswith(_LAST), case.expects == "accepted", case.expects == "either"


_KINDS: Mapping[str, str] = {
    "accepted": "cases to be accepted",
    "refused": "cases to be refused",
    "either": "cases that may be either",
}


def _counts(
    pack: Pack, jobs: tuple[Job, ...], cases: tuple[Case, ...], at_once: Counter[str], *, follows: bool
) -> Iterator[Count]:
    for operation in pack.operations.values():
        own = [job for job in jobs if job.operation == operation.id]
        if own:
            yield Count(operation.id, "jobs to follow" if follows else "jobs", len(own), len(own))
        for expects, kind in _KINDS.items():
            listed = [case for case in cases if case.operation == operation.id and case.expects == expects]
            if listed:
                sent = sum(case.at_once + case.repeat + len(case.before) for case in listed)
                is_taken = operation.role == SUBMIT and expects != "refused"
                firsts = sum(case.repeat + sum(each.expects == "accepted" for each in case.before) for case in listed)
                yield Count(operation.id, kind, sent, firsts + (len(listed) if is_taken else 0))
    yield from _polls(pack, jobs, cases, at_once, follows=follows)


def _polls(
    pack: Pack, jobs: tuple[Job, ...], cases: tuple[Case, ...], at_once: Counter[str], *, follows: bool
) -> Iterator[Count]:
    """About how many; a task that takes longer is polled more often."""
    for poll in pack.operations.values():
        if poll.role != POLL:
            continue
        kinds = {
            each.id for each in pack.operations.values() if each.role == SUBMIT and poll.tasks in ("*", each.tasks)
        }
        followed = sum(1 for job in jobs if job.operation in kinds)
        taken = [case for case in cases if case.operation in kinds and case.expects == "accepted"]
        seen = sum(at_once[each] for each in kinds)
        polls = seen + followed * (_POLLS_A_JOB if follows else 1) + (min(len(taken), LATE_MAX) if follows else 0)
        if polls:
            yield Count(poll.id, "polls of tasks (about)", polls, 0)
