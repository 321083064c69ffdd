"""Which of the client's own ids are used again when their jobs are over."""

from __future__ import annotations

from pathlib import Path

import pytest

import specs
from contracts.drivers.jobs import watched_jobs
from contracts.drivers.spent import spent_ids
from specs.pointers import resolve

ACME = Path(__file__).parents[2] / "vendors" / "acme"
PACKS = [*specs.names(), str(ACME)]


@pytest.mark.parametrize("name", PACKS, ids=lambda name: Path(name).name)
def test_one_job_of_each_operation_is_sent_once_more(name: str) -> None:
    """With the id that it had, to be refused for that id; where a vendor knows no such ids, none."""
    pack = specs.load(name)
    jobs = list(watched_jobs(pack, "a-run"))
    found = [(own_id, case) for own_id, case in spent_ids(pack, jobs) if case.expects == "refused"]

    with_ids = {job.operation for job in jobs if job.own_id is not None}
    assert [case.operation for _, case in found] == [each for each in pack.operations if each in with_ids]
    for own_id, case in found:
        assert own_id in {job.own_id for job in jobs if job.operation == case.operation}
        assert resolve(case.body, pack.behaviour.external_id or "") == own_id
        assert case.situation == "request_invalid"
        assert (case.constraint or "").endswith(f"{pack.behaviour.external_id}:unique-in-account")


@pytest.mark.parametrize("name", PACKS, ids=lambda name: Path(name).name)
def test_capitals_make_another_id(name: str) -> None:
    """It is accepted, and no job of the run has it: one for each operation that knows such ids."""
    pack = specs.load(name)
    jobs = list(watched_jobs(pack, "a-run"))
    found = [(own_id, case) for own_id, case in spent_ids(pack, jobs) if case.expects == "accepted"]

    with_ids = {job.operation for job in jobs if job.own_id is not None}
    assert [case.operation for _, case in found] == [each for each in pack.operations if each in with_ids]
    for own_id, case in found:
        sent = resolve(case.body, pack.behaviour.external_id or "")
        assert sent == own_id.swapcase() != own_id
        assert sent not in {job.own_id for job in jobs}
