"""A task's state follows from plan and clock: the whole product of plans, instants and polls, against the law."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.tasks import FINAL_POLL, RUNNING_POLL, Task, ended, eta_seconds, is_over, progress, state_of, updated_ms

CREATED = 1_000_000
ORDER = {"queued": 0, "running": 1, "done": 2, "failed": 2}
# queued for as long, running for as long (None: for ever)
PLANS = list(itertools.product((0, 1, 2000), (0, 1, 30_000, None)))
FAILURES = (None, "default", "words of the operator")


def make(queued: int, running: int | None, failure: str | None = None, polls: int = 0) -> Task:
    """A task with this plan."""
    start = CREATED + queued
    end = None if running is None else start + running
    return Task(
        "t", "key", "vendor", "submit", "kind", b"{}", CREATED, start, end, failure, "http://fake", None, 1, polls
    )


def instants(task: Task) -> list[int]:
    """Every instant at which something could happen, one before and one after each."""
    marks = [task.created_ms, task.running_ms, *([task.end_ms] if task.end_ms is not None else [])]
    return sorted({max(CREATED, mark + step) for mark in marks for step in (-1, 0, 1)} | {CREATED + 10**9})


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(("queued", "running"), PLANS)
def test_state_by_time_over_the_whole_product(queued: int, running: int | None, failure: str | None) -> None:
    """Queued until running_ms, running until end_ms, over from there on: at every boundary, exactly."""
    task = make(queued, running, failure)
    for now in instants(task):
        state = state_of(task, now, by_polls=False)
        if task.end_ms is not None and now >= task.end_ms:
            expected = "done" if failure is None else "failed"
        else:
            expected = "running" if now >= task.running_ms else "queued"
        assert state == expected
        assert is_over(task, now, by_polls=False) == (ORDER[state] == 2)


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(("queued", "running"), PLANS)
@pytest.mark.parametrize("polls", range(5))
def test_state_by_polls_over_the_whole_product(
    queued: int, running: int | None, failure: str | None, polls: int
) -> None:
    """One poll for each step, whatever the time; a stuck task stays running."""
    task = make(queued, running, failure, polls)
    over = "done" if failure is None else "failed"
    expected = ("queued", "running", "running" if running is None else over)[min(polls, 2)]
    for now in instants(task):
        assert state_of(task, now, by_polls=True) == expected
        assert is_over(task, now, by_polls=True) == (expected == over)


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(("queued", "running"), PLANS)
@pytest.mark.parametrize("by_polls", [False, True])
def test_a_life_never_goes_back(*, queued: int, running: int | None, failure: str | None, by_polls: bool) -> None:
    """Along time and polls: state, progress and updated_at never fall, the rest that is left never grows."""
    told = []
    for step, now in enumerate(instants(make(queued, running, failure))):
        task = make(queued, running, failure, step if by_polls else 0)
        state = state_of(task, now, by_polls=by_polls)
        done = progress(task, state, now, by_polls=by_polls)
        left = eta_seconds(task, state, now, by_polls=by_polls)
        assert (done == 0) == (state == "queued")
        assert (done == 100) == (ORDER[state] == 2)
        assert (left == 0) == (ORDER[state] == 2)
        updated = updated_ms(task, state)
        assert task.created_ms <= updated
        assert by_polls or updated <= now
        told.append((ORDER[state], done, updated, -left))

    for earlier, later in itertools.pairwise(told):
        assert all(before <= after for before, after in zip(earlier, later, strict=True))


def test_stuck_task_tells_of_an_end_that_never_comes() -> None:
    """Half done, some time left, for ever."""
    task = make(2000, None)
    for now in (task.running_ms, task.running_ms + 10**12):
        assert progress(task, "running", now, by_polls=False) == 50
        assert eta_seconds(task, "running", now, by_polls=False) == 60


@given(queued=st.integers(0, 10**5), running=st.integers(0, 10**6), now=st.integers(0, 2 * 10**6))
def test_progress_is_the_share_of_the_work_that_is_done(queued: int, running: int, now: int) -> None:
    """Whole percents from 1 to 99 while it runs, in proportion; the time left is rounded up."""
    task = make(queued, running)
    at = CREATED + now
    state = state_of(task, at, by_polls=False)
    done = progress(task, state, at, by_polls=False)
    if state == "running":
        assert 1 <= done <= 99
        assert abs(done - (at - task.running_ms) * 100 / running) <= 1
    if task.end_ms is not None and state != "done":
        left = eta_seconds(task, state, at, by_polls=False)
        assert (left - 1) * 1000 < task.end_ms - at <= left * 1000


@given(
    queued=st.integers(0, 100),
    running=st.none() | st.integers(0, 100),
    now=st.integers(0, 300),
    later=st.integers(0, 10**6),
)
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("by_polls", [False, True])
def test_task_that_was_ended_is_over_from_then_on(  # noqa: PLR0913 - one for each dimension of the product
    *, failure: str | None, by_polls: bool, queued: int, running: int | None, now: int, later: int
) -> None:
    """With the outcome that was chosen, at the instant that it was chosen, and nothing else changed."""
    task = make(queued, running)
    at = CREATED + now
    over = ended(task, at, failure)

    state = state_of(over, at + later, by_polls=by_polls)
    assert state == ("done" if failure is None else "failed")
    assert updated_ms(over, state) == at
    assert CREATED <= over.running_ms <= at
    assert (over.id, over.request, over.created_ms, over.base) == (task.id, task.request, task.created_ms, task.base)
    assert task == make(queued, running)


def test_two_polls_make_a_life() -> None:
    """What the admin's end relies on."""
    assert (RUNNING_POLL, FINAL_POLL) == (1, 2)
