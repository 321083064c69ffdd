"""Dates of HTTP headers: read when they are some, and never a reason to fail."""

from datetime import UTC, datetime

import pytest

from specs.http_date import read_http_date


@pytest.mark.parametrize(
    "text",
    ["Sat, 28 Nov 2026 04:00:00 GMT", "Saturday, 28-Nov-26 04:00:00 GMT", "Sat, 28 Nov 2026 04:00:00 -0000"],
)
def test_a_date_is_an_instant_with_a_zone(text: str) -> None:
    """In the form of today, and in older ones."""
    assert read_http_date(text) == datetime(2026, 11, 28, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "5",
        "Mon, 41 Jan 2026 00:00:00 GMT",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    """However far beyond all dates it is."""
    assert read_http_date(text) is None
