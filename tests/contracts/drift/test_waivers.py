"""A waiver accepts one known drift, for a reason, until a day; one that is over or of no use is a finding."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from contracts.drift.drift import Drift
from contracts.drift.waivers import Waiver, read_waivers, settle
from contracts.errors import UsageError

TODAY = date(2026, 11, 26)
RUN = ("drift", "docs", "acme")
ENTRY = {"fingerprint": '"a1"', "run": '"drift docs acme"', "reason": '"known"', "expires": "2026-12-31"}


def drift(pointer: str) -> Drift:
    """Something that has drifted."""
    return Drift(
        kind="limit-changed", operation="createJob", pointer=pointer, documented=9, encoded=5, message="is longer now"
    )


def waiver(of: Drift, run: str = "drift docs acme", expires: date = TODAY) -> Waiver:
    """Accepts it."""
    return Waiver(fingerprint=of.fingerprint, run=tuple(run.split()), reason="known", expires=expires)


def entry(**changes: str | None) -> str:
    """An entry of the file, with members changed or left out."""
    members = {**ENTRY, **changes}
    return "[[waivers]]\n" + "\n".join(f"{name} = {value}" for name, value in members.items() if value is not None)


def read(folder: Path, text: str) -> list[Waiver]:
    """The waivers of a file with this text."""
    path = folder / "understudy.toml"
    path.write_text(text, encoding="utf-8")
    return read_waivers(path)


def test_waivers_are_read(tmp_path: Path) -> None:
    """Every member arrives as what it is."""
    (read_one,) = read(tmp_path, entry())
    assert read_one == Waiver(fingerprint="a1", run=RUN, reason="known", expires=date(2026, 12, 31))
    assert read(tmp_path, "") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[waivers]", "is no TOML"),
        ("waiver = 1", "'waiver' is nothing that is known here"),
        ("waivers = 1", "`waivers` is a list"),
        ("waivers = [1]", "waiver 1: is no table"),
        (entry() + "\n" + entry(reason=None), "waiver 2: `reason` is missing"),
        (entry(expires=None), "`expires` is missing"),
        (entry(run=None), "`run` is missing"),
        (entry(reason='" "'), "`reason` is a text"),
        (entry(expires='"2026-12-31"'), "`expires` is a day"),
        (entry(expires="2026-12-31T10:00:00Z"), "`expires` is a day"),
        (entry(until="2026-12-31"), "'until' is nothing that a waiver has"),
    ],
)
def test_what_is_no_waiver_is_one_clear_line(tmp_path: Path, text: str, words: str) -> None:
    """The file, the entry, what is wrong, and how one is written."""
    with pytest.raises(UsageError) as told:
        read(tmp_path, text)
    assert words in str(told.value)
    assert "understudy.toml" in str(told.value)
    assert "\n" not in str(told.value)


def test_known_drift_is_set_aside_and_other_drift_stays() -> None:
    """By fingerprint, through the whole of its last day."""
    known, other = drift("/a"), drift("/b")
    settled = settle([known, other], [waiver(known)], run=RUN, today=TODAY, is_complete=True)
    assert settled.open == [other]
    assert [each.drift for each in settled.waived] == [known]


def test_an_expired_waiver_excuses_nothing_and_is_a_finding() -> None:
    """The drift is back, and beside it the waiver whose day is over."""
    known = drift("/a")
    over = waiver(known, expires=date(2026, 11, 25))
    settled = settle([known], [over], run=RUN, today=TODAY, is_complete=True)
    assert [each.kind for each in settled.open] == ["limit-changed", "waiver-expired"]
    assert not settled.waived


def test_a_waiver_that_excuses_nothing_is_a_finding() -> None:
    """Unless not everything was looked at."""
    stale = waiver(drift("/a"))
    complete = settle([], [stale], run=RUN, today=TODAY, is_complete=True)
    assert [each.kind for each in complete.open] == ["waiver-unused"]
    assert not settle([], [stale], run=RUN, today=TODAY, is_complete=False).open


@pytest.mark.parametrize(
    ("run", "counted"),
    [("drift docs acme", 1), ("drift docs", 1), ("drift traffic acme", 0), ("drift docs other", 0)],
)
def test_a_waiver_is_about_the_runs_that_it_names(run: str, counted: int) -> None:
    """By the first words of the command; in other runs it neither excuses nor is missed."""
    known = drift("/a")
    settled = settle([known], [waiver(known, run)], run=RUN, today=TODAY, is_complete=True)
    assert len(settled.waived) == counted
    unneeded = settle([], [waiver(known, run)], run=RUN, today=TODAY, is_complete=True)
    assert len(unneeded.open) == counted
