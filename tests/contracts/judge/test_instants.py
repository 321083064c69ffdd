"""Instants: every form in which a vendor may write one is read, any other is none, and rounding makes no difference."""

import pytest

from contracts.judge.instants import Instant, before, read_instant, same

NOON = 1_767_268_800_000_000
MILLI, SECOND = 1_000, 1_000_000


@pytest.mark.parametrize(
    ("text", "micros", "fineness"),
    [
        ("2026-01-01T12:00:00Z", NOON, SECOND),
        ("2026-01-01T12:00:00.000Z", NOON, MILLI),
        ("2026-01-01T12:00:00.123456+00:00", NOON + 123_456, 1),
        ("2026-01-01T14:00:00.5+02:00", NOON + 500_000, 100_000),
        ("2026-01-01T07:30:00-04:30", NOON, SECOND),
        ("2026-01-01t12:00:00.000000123z", NOON, 1),
        ("2026-01-01 12:00:00Z", NOON, SECOND),
        ("2016-12-31T23:59:60Z", 1_483_228_799_000_000, SECOND),
    ],
)
def test_any_rfc3339_text_is_an_instant(text: str, micros: int, fineness: int) -> None:
    """With whatever offset, and as fine as it likes."""
    assert read_instant(text, "rfc3339-ms") == Instant(micros, fineness)


@pytest.mark.parametrize(
    "value",
    ["2026-01-01T12:00:00", "2026-01-01", "12:00:00Z", "2026-13-01T12:00:00Z", "2026-01-01T12:00Z", "", "now", 5, None],
)
def test_other_text_is_none(value: object) -> None:
    """Without an offset nobody knows when it is."""
    assert read_instant(value, "rfc3339-ms") is None


@pytest.mark.parametrize(("times", "unit"), [("epoch-ms", MILLI), ("epoch-s", SECOND)])
def test_number_is_an_instant_in_its_unit(times: str, unit: int) -> None:
    """Whole numbers; a fraction that is none counts as whole."""
    assert read_instant(NOON // unit, times) == Instant(NOON, unit)
    assert read_instant(float(NOON // unit), times) == Instant(NOON, unit)


@pytest.mark.parametrize(
    ("value", "times"),
    [
        (NOON // SECOND, "epoch-ms"),
        (NOON // MILLI, "epoch-s"),
        (NOON, "epoch-ms"),
        (NOON / SECOND + 0.5, "epoch-s"),
        (0, "epoch-s"),
        (True, "epoch-s"),
        (str(NOON // SECOND), "epoch-s"),
        (float("inf"), "epoch-s"),
        (float("nan"), "epoch-ms"),
        (None, "epoch-s"),
    ],
)
def test_number_in_another_unit_is_none(value: object, times: str) -> None:
    """Seconds are told from milliseconds, and from nonsense."""
    assert read_instant(value, times) is None


def test_instants_are_compared_at_the_coarser_fineness() -> None:
    """What one answer writes to the microsecond and another to the second may be one instant."""
    fine, coarse = Instant(NOON + 900_000, 1), Instant(NOON, SECOND)

    assert same(fine, coarse)
    assert not before(coarse, fine)
    assert not before(fine, coarse)
    assert before(Instant(NOON, 1), fine)
    assert before(coarse, Instant(NOON + SECOND, SECOND))
