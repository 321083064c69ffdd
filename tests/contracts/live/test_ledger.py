"""The ledger: a submission counts before it is sent, whoever is killed meanwhile; tasks that are not over are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import UsageError
from contracts.live.ledger import Ledger, OpenTask

DAY, NEXT = "2026-11-26T23:59:59.000+00:00", "2026-11-27T00:00:01.000+00:00"


def opened(path: Path, run: str = "one") -> Ledger:
    """The ledger as a run finds it."""
    ledger = Ledger(path, run)
    ledger.read()
    return ledger


def test_submissions_count_by_run_and_by_day(tmp_path: Path) -> None:
    """Each run has its own count, a day has all of them."""
    path = tmp_path / "below" / "ledger.jsonl"
    opened(path).send(DAY, "create")
    second = opened(path, "two")
    second.send(DAY, "create")
    second.send(NEXT, "create")
    again = opened(path, "two")
    assert (again.spent(), again.spent("2026-11-26"), again.spent("2026-11-27")) == (2, 2, 1)


def test_tasks_that_are_not_over_are_known(tmp_path: Path) -> None:
    """In the order in which they were begun."""
    path = tmp_path / "ledger.jsonl"
    ledger = opened(path)
    for task in ("a", "b", "c"):
        ledger.take(DAY, "look", task)
    ledger.end(DAY, "b")
    assert opened(path).open_tasks() == [OpenTask("look", "a"), OpenTask("look", "c")]


def test_a_line_that_broke_off_loses_nothing_but_itself(tmp_path: Path) -> None:
    """A run that is killed while it writes leaves a ledger that goes on."""
    path = tmp_path / "ledger.jsonl"
    opened(path).send(DAY, "create")
    with path.open("ab") as stream:
        stream.write(b'{"at": "2026-11-26T23')
    opened(path, "two").send(DAY, "create")
    assert opened(path).spent("2026-11-26") == 2


@pytest.mark.parametrize("text", ["import os\n", '{"at": "2026-11-26"}\nnotes\n', "\0\0\0"])
def test_a_file_of_something_else_is_no_ledger(tmp_path: Path, text: str) -> None:
    """What was spent can't be read there, and nothing is written behind it."""
    path = tmp_path / "client.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"client\.py is no ledger: .* name another with --ledger"):
        Ledger(path, "one").pay(DAY, "create", 9, 9)
    assert path.read_text(encoding="utf-8") == text


def test_what_earlier_runs_found_is_kept(tmp_path: Path) -> None:
    """Run by run."""
    path = tmp_path / "ledger.jsonl"
    opened(path).check(DAY, ["a1", "b2"])
    opened(path).check(NEXT, [])
    assert opened(path).known() == [frozenset({"a1", "b2"}), frozenset()]


def test_a_ledger_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    """Nothing may be spent that is not written down."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    ledger = opened(tmp_path / "fine")
    ledger.path = tmp_path / "file" / "ledger.jsonl"
    with pytest.raises(UsageError, match="can't be used"):
        ledger.send(DAY, "create")


def test_runs_at_the_same_time_share_a_day(tmp_path: Path) -> None:
    """Each has read the ledger before the other spent: what is on the disk counts."""
    path = tmp_path / "ledger.jsonl"
    one, two = opened(path, "one"), opened(path, "two")
    paid = [ledger.pay(DAY, "create", 2, 3) for ledger in (one, two, one, two, one)]
    assert paid == [True, True, True, False, False]
    assert opened(path).spent(DAY[:10]) == 3
