"""A fake that remembers: each call as whoever made it saw it, and each task's course in real seconds."""

from __future__ import annotations

import time
from typing import Any

import pytest

import specs
from contracts.drivers.hearing import HearingFake
from contracts.exchange import Exchange
from contracts.judge import Promise
from mockserver.messages import Call

PATH = "/vendors/klingai/v1/kling-v3/text-to-video/generation"
SPEED = 100.0


def called(fake: HearingFake, fault: Any = None, path: str = PATH) -> Exchange:
    """A submit, under this fault."""
    if fault is not None:
        fake.add_fault({"fault": fault, "operation": "submit"})
    headers = {b"authorization": b"Bearer k", b"content-type": b"application/json"}
    found = fake.find_vendor(path, "x")
    assert found is not None
    fake.handle(found[0], Call("POST", path, "", headers, b'{"prompt": "a cat"}', "http://x"))
    return fake.exchange(fake.heard[-1], 1, "http://x", 0.0)


@pytest.fixture
def fake() -> HearingFake:
    return HearingFake(specs.load("mulerouter"), SPEED)


def test_an_answer_is_what_it_was(fake: HearingFake) -> None:
    """Status, headers, body; the base of the vendor's paths is no part of them."""
    seen = called(fake, {"status": 429, "retry_after": 7})

    assert (seen.status, seen.header("retry-after"), seen.trouble) == (429, "7", "")
    assert b"title" in seen.body
    assert called(fake, path="/mulerouter" + PATH).path == PATH


def test_a_poll_by_query_says_whose_it_is() -> None:
    """Some vendors have the id there."""
    fake = HearingFake(specs.load("myrouter"), SPEED)
    poll = fake.vendors["myrouter"].pack.operations["getTaskResult"]
    call = Call("GET", poll.path, f"{poll.id_name}=4711", {b"authorization": b"Bearer k"}, b"", "http://x")
    fake.handle(fake.vendors["myrouter"], call)

    seen = fake.exchange(fake.heard[-1], 1, "http://x", 0.0)

    assert Promise(fake.vendors["myrouter"].pack).asked_id(seen) == "4711"


@pytest.mark.parametrize("fault", [{"lose_answer": True}, {"truncate": 20}, {"garble": True}])
def test_what_could_not_be_read_is_not_there(fake: HearingFake, fault: Any) -> None:
    """The task was made all the same, and the journal knows it."""
    seen = called(fake, fault)

    assert (seen.status, seen.body) == (202, b"")
    assert seen.trouble
    assert fake.heard[-1].entry.task_id == fake.tasks()[0].task.id


def test_a_closed_connection_has_no_status(fake: HearingFake) -> None:
    """And made nothing."""
    seen = called(fake, {"close": True})

    assert (seen.status, fake.tasks()) == (None, [])
    assert seen.trouble


def test_courses_are_in_real_seconds(fake: HearingFake) -> None:
    """A task that takes a minute of the fake is over within a second."""
    began = time.monotonic()
    called(fake)
    called(fake, {"fail": True})
    done, failed = (fake.course(each.task, began) for each in fake.tasks())

    assert done.over_seconds is not None
    assert 0 < done.running_seconds < done.over_seconds < 1.5
    assert (done.is_failure, failed.is_failure) == (False, True)
    assert [done.is_in("running", 0.0), done.is_in("running", 2.0)] == [False, True]
    assert [done.is_in("done", 2.0), failed.is_in("done", 2.0)] == [True, False]


def test_a_task_is_where_its_course_says(fake: HearingFake) -> None:
    """To a few milliseconds: the states of both are compared with what a gateway tells."""
    called(fake)
    course = fake.course(fake.tasks()[0].task, 0.0)

    while (now := time.monotonic()) < course.running_seconds - 0.005:
        assert fake.tasks()[0].status == "pending" or time.monotonic() >= course.running_seconds
    time.sleep(max(0.0, course.running_seconds + 0.005 - now))  # noqa: TID251 - real seconds are what is compared
    assert fake.tasks()[0].status == "processing"
