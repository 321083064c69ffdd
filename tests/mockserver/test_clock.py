"""The clock: four modes, each instant a function of the wall time that is passed in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.clock import FIXED_START_MS, Clock, ClockError, rfc3339, start_clock

WALL = 1_800_000_000_000
walls = st.integers(0, 10**10)
seconds = st.floats(0, 10**7, allow_nan=False)


def test_standing_clocks_begin_at_a_fixed_instant() -> None:
    """The first instant of 2026, whenever the server was started."""
    for mode in ("manual", "polls"):
        clock = start_clock(mode, WALL)
        assert rfc3339(clock.now_ms(WALL)) == "2026-01-01T00:00:00.000Z"
        assert clock.now_ms(WALL + 10**9) == FIXED_START_MS
        assert not clock.runs
        assert clock.by_polls == (mode == "polls")


@pytest.mark.parametrize(
    ("text", "rate"), [("real", 1), ("x1", 1), ("x10", 10), ("x2.5", 2.5), ("x0.001", 0.001), ("x1e3", 1000)]
)
def test_running_clocks_begin_now_and_run_at_their_rate(text: str, rate: float) -> None:
    """`real` is N = 1; each wall second is N seconds."""
    clock = start_clock(text, WALL)

    assert clock.runs
    assert clock.mode == text
    assert clock.now_ms(WALL) == WALL
    assert clock.now_ms(WALL + 60_000) == WALL + int(60_000 * rate)


NO_CLOCKS = (
    "",
    "x",
    "x0",
    "x-1",
    "xinf",
    "x-inf",
    "xnan",
    "x1e400",
    "x10x",
    "X10",
    "10",
    "REAL",
    "real ",
    "manual:",
    "poll",
    "x1000001",
    "xx1",
)


@pytest.mark.parametrize("text", NO_CLOCKS)
def test_what_is_no_clock_is_refused_with_the_ones_there_are(text: str) -> None:
    """The message repeats the word and lists the four modes."""
    with pytest.raises(ClockError) as caught:
        start_clock(text, WALL)
    for word in (repr(text), "real", "xN", "manual", "polls"):
        assert word in str(caught.value)


@given(mode=st.sampled_from(["real", "x10", "x0.1", "manual", "polls"]), first=walls, more=walls, jump=seconds)
def test_time_never_goes_back_and_jumps_add_up(mode: str, first: int, more: int, jump: float) -> None:
    """Later on the wall is not earlier here; a jump moves every instant by as much."""
    clock = start_clock(mode, WALL)
    moved = clock.moved(jump)

    assert clock.now_ms(WALL + first) <= clock.now_ms(WALL + first + more)
    assert moved.now_ms(WALL + first) - clock.now_ms(WALL + first) == round(jump * 1000)
    assert moved.moved(jump).offset_ms == 2 * round(jump * 1000)
    assert clock.offset_ms == 0


@given(milliseconds=st.floats(0, 10**9), rate=st.sampled_from([0, 1, 10, 0.5, 1000]))
def test_a_wait_is_told_in_whole_wall_seconds(milliseconds: float, rate: float) -> None:
    """Rounded up, at least one, and long enough that the wait is over then."""
    wait = Clock("x", rate, WALL, WALL).wall_seconds(milliseconds)

    assert wait >= 1
    assert wait * (rate or 1) * 1000 >= milliseconds * 0.999999
    assert wait == 1 or (wait - 1) * (rate or 1) * 1000 < milliseconds


@given(ms=st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_instants_are_written_as_rfc_3339(ms: int) -> None:
    """UTC, three digits of a second, a Z, as the standard library reads it."""
    text = rfc3339(ms)

    assert len(text) == 24
    assert text.endswith("Z")
    found = datetime.fromisoformat(text)
    assert found.tzinfo == UTC
    assert round(found.timestamp() * 1000) == ms
