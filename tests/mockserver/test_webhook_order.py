"""The order of webhooks: one after the other for each task, by the instants of the clock, with pauses for retries."""

from __future__ import annotations

import pytest

from mockserver import Fake, Settings
from mockserver.accounts import Limits
from webhook_desk import CALLING, SECRET, START_MS, URL, WALL_MS, Desk, expected_states, said, statuses

LONG = 100_000
every_caller = pytest.mark.parametrize("vendor", sorted(CALLING))


@every_caller
def test_polls_tell_what_they_bring_about(vendor: str) -> None:
    """With the clock `polls`: one change, one webhook, and none for polls that change nothing."""
    desk = Desk(vendor, clock="polls")
    task = desk.submit()
    desk.fake.settle()
    counts = [len(desk.received)]
    for _ in range(4):
        desk.poll(task)
        counts.append(len(desk.received))

    states = expected_states(vendor)
    steps = [sum(state in states for state in ("queued", "running", "done")[: number + 1]) for number in range(3)]
    assert counts == [*steps, steps[-1], steps[-1]]
    assert {each.at_ms for each in desk.received} == {START_MS}


def test_polls_of_one_task_tell_nothing_of_another() -> None:
    """A poll moves one task."""
    desk = Desk(clock="polls")
    first, second = desk.submit(), desk.submit()
    desk.poll(first)
    desk.poll(first)

    assert [(each.task_id, each.event) for each in desk.received] == [
        (first.id, "submitted"),
        (second.id, "submitted"),
        (first.id, "processing"),
        (first.id, "succeed"),
    ]


def test_next_webhook_waits_for_the_one_before() -> None:
    """It is tried again after 5 and 10 seconds; what falls due meanwhile comes behind it, at the instant it is free."""
    desk = Desk(answers=[500, 404])
    task = desk.submit()
    desk.fake.advance(LONG)

    assert desk.told == [("submitted", 1), ("submitted", 2), ("submitted", 3), ("processing", 1), ("succeed", 1)]
    assert [each.at_ms - START_MS for each in desk.received[:4]] == [0, 5000, 15_000, 15_000]
    assert task.running_ms < START_MS + 15_000 < (task.end_ms or 0)
    assert desk.received[4].at_ms == task.end_ms
    assert statuses(desk) == [500, 404, 200, 200, 200]


def test_what_nobody_takes_is_given_up() -> None:
    """After the pack's number of attempts; the next webhook of the task has as many of its own."""
    desk = Desk(answers=[500] * 4)
    desk.submit()
    desk.fake.advance(LONG)

    assert desk.told == [
        *[("submitted", number) for number in (1, 2, 3)],
        *[("processing", number) for number in (1, 2)],
        ("succeed", 1),
    ]


@pytest.mark.parametrize(("status", "is_taken"), [(200, True), (204, True), (299, True), (199, False)])
def test_any_2xx_is_taken(status: int, is_taken: bool) -> None:  # noqa: FBT001 - a column of the table
    """And nothing else: a redirect is not followed, it is tried again where it was."""
    desk = Desk(answers=[status])
    desk.submit()
    desk.fake.advance(0)
    desk.fake.advance(6)

    assert desk.told.count(("submitted", 2)) == (0 if is_taken else 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 410, 429])
def test_redirects_and_refusals_are_no_answer(status: int) -> None:
    """Each is tried again."""
    desk = Desk(answers=[status])
    desk.submit()
    desk.fake.advance(6)

    assert desk.told[:2] == [("submitted", 1), ("submitted", 2)]


def test_attempts_of_one_webhook_are_the_same_message() -> None:
    """Same id and same bytes; another webhook has another id."""
    desk = Desk(answers=[500, 500], limits={"key": Limits(webhook_secret=SECRET)})
    desk.submit()
    desk.fake.advance(LONG)

    first, second, third, *others = desk.received
    assert first.id == second.id == third.id == first.headers["webhook-id"]
    assert first.body == second.body == third.body
    assert len({first.id, *(each.id for each in others)}) == 1 + len(others)


def test_retry_does_not_happen_before_its_time() -> None:
    """On a clock that stands still nothing is tried again until the clock is moved so far."""
    desk = Desk(answers=[500, 500, 500])
    desk.submit()
    desk.fake.advance(4.9)
    assert desk.told == [("submitted", 1)]

    desk.fake.advance(0.1)
    assert desk.told == [("submitted", 1), ("submitted", 2)]


def test_with_polls_a_poll_is_the_time_for_another_attempt() -> None:
    """The clock stands still, so each poll of the task tries again, and what it brings about comes behind."""
    desk = Desk(clock="polls", answers=[500, 500])
    task = desk.submit()
    desk.poll(task)
    desk.poll(task)
    desk.poll(task)

    assert desk.told == [("submitted", 1), ("submitted", 2), ("submitted", 3), ("processing", 1), ("succeed", 1)]


def test_tasks_wait_for_their_own_webhooks_only() -> None:
    """One task's trouble is not another's, and all goes by the instants."""
    desk = Desk(answers=[500])
    first, second = desk.submit(URL + "/1"), desk.submit(URL + "/2")
    desk.fake.advance(LONG)

    instants = [each.at_ms for each in desk.received]
    assert instants == sorted(instants)
    for task in (first, second):
        mine = [each.event for each in desk.received if each.task_id == task.id]
        assert mine[-2:] == ["processing", "succeed"]
    assert {each.attempt for each in desk.received if each.task_id == second.id} == {1}


def test_accounts_clocks_have_their_own_webhooks() -> None:
    """`?key=` moves one account: only its webhooks fall due, at instants of its own clock."""
    desk = Desk()
    mine, theirs = desk.submit(key="mine"), desk.submit(key="theirs")
    desk.fake.advance(0)
    desk.fake.advance(LONG, "mine")

    assert [each.event for each in desk.received if each.account == "theirs"] == ["submitted"]
    assert [each.at_ms for each in desk.received if each.account == "mine"] == [
        mine.created_ms,
        mine.running_ms,
        mine.end_ms,
    ]

    desk.fake.advance((theirs.running_ms - theirs.created_ms) / 1000)
    later = desk.submit(key="mine")
    desk.fake.advance(0)

    assert [each.event for each in desk.received if each.account == "theirs"] == ["submitted", "processing"]
    assert desk.received[-1].task_id == later.id
    assert desk.received[-1].at_ms == START_MS + LONG * 1000 + theirs.running_ms - theirs.created_ms
    assert len(desk.fake.deliveries("mine")) == 4
    assert len(desk.fake.deliveries("theirs")) == 2


def test_all_accounts_go_by_the_instants_of_the_clock_of_all() -> None:
    """An account that is ahead tells first what it reaches first."""
    desk = Desk()
    ahead, behind = desk.submit(key="ahead"), desk.submit(key="behind")
    desk.fake.advance((ahead.end_ms or 0) / 1000 - START_MS / 1000 - 1, "ahead")
    desk.received.clear()

    desk.fake.advance(2)

    assert desk.events[0] == "succeed"
    assert {each.account for each in desk.received} <= {"ahead", "behind"}
    assert behind.running_ms > START_MS + 2000 or desk.events[1] == "processing"


class Wall:
    """Wall time that a test moves."""

    now_ms = WALL_MS

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def wall() -> Wall:
    """At its beginning."""
    return Wall()


def test_clock_that_runs(wall: Wall) -> None:
    """On a faster clock webhooks fall due faster; an attempt's instant is when it is made."""
    desk = Desk()
    desk.fake = Fake([desk.pack], Settings(clock="x10", deliver=desk._receive), wall)
    task = desk.submit()
    assert desk.fake.mail.wait_seconds() == 0
    desk.fake.settle()
    waits = (task.running_ms - task.created_ms) / 10_000
    assert desk.fake.mail.wait_seconds() == pytest.approx(waits, abs=0.01)

    wall.now_ms += round(waits * 1000) - 10
    desk.fake.settle()
    assert desk.events == ["submitted"]
    wall.now_ms += 1000
    desk.fake.settle()

    assert desk.events == ["submitted", "processing"]
    assert desk.received[-1].at_ms == desk.fake.now_ms() > task.running_ms
    assert said(desk.received[-1])["updated_at"] == task.running_ms


def test_pauses_are_on_the_clock(wall: Wall) -> None:
    """Five seconds are half a second on a clock ten times as fast."""
    desk = Desk(answers=[500])
    desk.fake = Fake([desk.pack], Settings(clock="x10", deliver=desk._receive), wall)
    desk.submit()
    desk.fake.settle()

    assert desk.fake.mail.wait_seconds() == pytest.approx(0.5)
