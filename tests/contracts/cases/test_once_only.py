"""Values that an account may use once: twice, of a job that was refused, of a job of another operation."""

from __future__ import annotations

import pytest

from case_books import book, pack
from contracts.cases import Case
from specs.pointers import resolve

OWN = "/external_task_id"
with_own_ids = pytest.mark.parametrize("vendor", ["kling", "powertokens"])


def after_others(vendor: str) -> list[Case]:
    """The cases before which something else is sent."""
    return [case for case in book(vendor).cases if case.before]


@with_own_ids
def test_value_of_a_refused_job_is_free(vendor: str) -> None:
    """The job before breaks one thing, and carries the same value; for each operation that knows such values."""
    submits = {each.id for each in pack(vendor).operations.values() if each.role == "submit"}
    freed = [case for case in after_others(vendor) if case.expects == "accepted"]

    assert {case.operation for case in freed} == submits
    for case in freed:
        (before,) = case.before
        contract = pack(vendor).operations[case.operation].body
        assert contract is not None
        assert before.expects == "refused"
        assert len(contract.judge(before.body)[1]) == 1
        assert contract.judge(case.body)[1] == []
        assert resolve(before.body, OWN) == resolve(case.body, OWN) != ""


def test_value_is_used_up_in_every_operation() -> None:
    """What a job of one kind carries, none of another kind may."""
    (case,) = [case for case in after_others("kling") if case.expects == "refused"]
    (before,) = case.before

    assert (before.expects, before.operation) == ("accepted", "createTextToVideo")
    assert (case.situation, case.operation) == ("request_invalid", "createImageToVideo")
    assert resolve(before.body, OWN) == resolve(case.body, OWN) != ""
    assert [each for each in after_others("powertokens") if each.expects == "refused"] == []
