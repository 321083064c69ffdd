"""No false alarm: a fake that keeps its vendor's contract answers every case as the case says."""

from __future__ import annotations

import pytest

from case_books import VENDORS, book, pack
from case_calls import Sender, must_be
from mockserver import Fake, Settings


@pytest.mark.parametrize("vendor", VENDORS)
def test_fake_answers_every_case_as_it_must(vendor: str) -> None:
    """Accepted with the documented status, refused with that of the situation, and never broken down."""
    fake = Fake([pack(vendor)], Settings(clock="manual"), wall_ms=lambda: 1_800_000_000_000)
    sender = Sender(fake, pack(vendor), "a-key")
    wrong = []
    for case in book(vendor, 24).cases:
        answer = sender.send(case)
        problem = must_be(pack(vendor), case, answer.status)
        wrong += [f"{case.operation}: {case.words}: {problem} {answer.body[:200]!r}"] if problem else []

    assert wrong == []


@pytest.mark.parametrize("vendor", VENDORS)
def test_refused_cases_leave_nothing_behind(vendor: str) -> None:
    """What is refused makes no task, so that it costs nothing."""
    fake = Fake([pack(vendor)], Settings(clock="manual"), wall_ms=lambda: 1_800_000_000_000)
    sender = Sender(fake, pack(vendor), "a-key")
    refused = [case for case in book(vendor).cases if case.expects == "refused" and not (case.repeat or case.before)]
    reading = [case for case in refused if pack(vendor).operations[case.operation].role != "submit"]
    for case in reading:
        sender.send(case)
    before = len(fake.store.all_tasks(None))
    for case in refused:
        sender.send(case)

    assert len(fake.store.all_tasks(None)) == before
