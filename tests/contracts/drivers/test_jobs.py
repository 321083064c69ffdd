"""Jobs and the plan: every kind that a pack shows, each value of each choice, failures; each submission sent once."""

from typing import Any

import pytest

import specs
from case_books import book
from contracts.cases import PROMPT_MARK
from contracts.drivers.choice import Choice
from contracts.drivers.jobs import AT_ONCE, LEFT_ALONE, Job, watched_jobs
from contracts.drivers.plan import LATE_MAX, Plan, make_plan
from specs.catalogue import catalogue
from specs.pack import Operation, Pack
from specs.pointers import finder, resolve

ALL = Choice(frozenset(), frozenset(), {})
every_vendor = pytest.mark.parametrize("pack", [specs.load(name) for name in specs.names()], ids=lambda pack: pack.name)


def submits(pack: Pack) -> list[Operation]:
    """The operations by which jobs are submitted."""
    return [each for each in pack.operations.values() if each.role == "submit"]


def of(jobs: list[Job], operation: Operation) -> list[Job]:
    """The jobs of an operation."""
    return [job for job in jobs if job.operation == operation.id]


def planned(pack: Pack, *, has_other: bool = True, choice: Choice = ALL) -> Plan:
    """What would be sent."""
    return make_plan(pack, book(pack.name), choice, "run", has_other=has_other)


@every_vendor
def test_every_job_keeps_the_contract(pack: Pack) -> None:
    """As it is written, with no form that is merely tolerated."""
    for job in watched_jobs(pack, "run"):
        contract = pack.operations[job.operation].body
        assert contract is not None
        assert contract.judge(job.body) == (job.body, [])


@every_vendor
def test_every_job_can_be_recognised(pack: Pack) -> None:
    """Who pays for it sees the mark in each prompt that says something."""
    for job in watched_jobs(pack, "run"):
        places = [place for pointer in pack.behaviour.prompts for place in finder(pointer)(job.body)]
        assert [text for _, text in places if text and PROMPT_MARK not in text] == []


@every_vendor
def test_every_kind_of_job_is_there(pack: Pack) -> None:
    """Each example, each value that some body may have, the longest, several at once, one that is to fail."""
    jobs = watched_jobs(pack, "run")
    for operation in submits(pack):
        own = of(jobs, operation)
        words = {job.words for job in own}
        assert {f"example {name}" for name in operation.examples} <= words
        assert sum(job.is_at_once for job in own) == AT_ONCE
        assert sum(job.is_left_alone for job in own) == LEFT_ALONE
        assert any(word.startswith("the longest") for word in words)
        assert any("[[fail]]" in str(job.body) and job.law for job in own)
        assert all("[[fail]]" not in str(job.body) for job in own if not job.law)
        for each in catalogue(pack):
            is_choice = each.keyword == "enum" and each.pointer.count("/") == 1
            if each.operation == operation.id and is_choice and each.pointer != pack.behaviour.lifecycle.video_seconds:
                shown = [resolve(job.body, each.pointer) for job in own]
                assert set(each.limit) <= {value for value in shown if isinstance(value, str)}, each.id


@every_vendor
def test_media_that_cannot_be_fetched(pack: Pack) -> None:
    """One job for each operation that takes media from a URL; it may be refused."""
    media = pack.behaviour.media
    for operation in submits(pack):
        bodies = [
            place
            for member in (media.members if media else ())
            for body in operation.examples.values()
            for place in finder(member)(body)
        ]
        takes_urls = any(str(value).startswith("http") for _, value in bodies)
        found = [job for job in of(watched_jobs(pack, "run"), operation) if job.may_be_refused]
        assert len(found) == (1 if takes_urls else 0)


@every_vendor
def test_own_ids_are_used_once(pack: Pack) -> None:
    """Neither two jobs of a run nor jobs of two runs carry the same."""
    ids = [job.own_id for run in ("one", "two") for job in watched_jobs(pack, run) if job.own_id is not None]

    assert len(ids) == len(set(ids))
    pointer = pack.behaviour.external_id
    for job in watched_jobs(pack, "one"):
        assert (resolve(job.body, pointer) or None if pointer else None) == job.own_id


# The plan


@every_vendor
def test_same_submission_is_sent_once(pack: Pack) -> None:
    """A job takes over the case that submits the same; that case is not sent again, and none is lost."""
    plan = planned(pack)
    taken_over = [job.case for job in plan.jobs if job.case is not None]

    assert len(taken_over) >= len([name for each in submits(pack) for name in each.examples])
    assert all(job.body == job.case.body for job in plan.jobs if job.case is not None)
    assert sorted(map(id, [*plan.cases, *taken_over])) == sorted(map(id, book(pack.name).cases))


@every_vendor
def test_what_may_hurt_is_sent_last(pack: Pack) -> None:
    """And what costs nothing first."""
    cases = planned(pack).cases
    odd = [case.law.startswith("robustness.") for case in cases]
    ordinary = [case.expects for case in cases if not case.law.startswith("robustness.")]

    assert odd == sorted(odd)
    assert any(odd)
    assert ordinary == sorted(ordinary, key=("refused", "either", "accepted").index) or "either" not in ordinary
    assert ordinary[0] == "refused"


@every_vendor
def test_counts_are_what_is_sent(pack: Pack) -> None:
    """Jobs and cases to the last; polls about."""
    plan = planned(pack)

    exact = sum(each.requests for each in plan.counts if "about" not in each.kind)
    more = sum(case.at_once - 1 + case.repeat + len(case.before) for case in plan.cases)
    assert exact == len(plan.jobs) + len(plan.cases) + len(plan.spent) + more
    assert plan.submissions >= len(plan.jobs)
    assert plan.requests <= 1500 + LATE_MAX


def test_nothing_in_the_name_of_an_account_that_is_not_there() -> None:
    """No second key, no request with one."""
    pack = specs.load(specs.names()[0])

    assert planned(pack, has_other=False).visit is None
    assert planned(pack).visit


@pytest.mark.parametrize(
    ("chosen", "jobs", "cases", "alive"),
    [
        ({"only": frozenset({"lifecycle"})}, True, False, False),
        ({"only": frozenset({"robustness"})}, False, True, True),
        ({"skip": frozenset({"robustness"})}, True, True, False),
    ],
)
def test_choice_decides_what_is_sent(chosen: Any, *, jobs: bool, cases: bool, alive: bool) -> None:
    """Jobs, cases, and the ordinary call after odd ones."""
    pack = specs.load(specs.names()[-1])
    keywords = {each.id: each.keyword for each in catalogue(pack)}

    plan = planned(pack, choice=Choice(**{"only": frozenset(), "skip": frozenset(), "keywords": keywords, **chosen}))

    assert (bool(plan.jobs), bool(plan.cases), plan.is_alive is not None) == (jobs, cases, alive)
