"""Every report of the sample verdicts is what its golden file says; `golden_reports.py` writes them anew."""

import pytest

from golden_reports import GOLDEN, reports

REPORTS = reports()


@pytest.mark.parametrize("name", REPORTS)
def test_report_is_as_agreed(name: str) -> None:
    """A change of a report is seen, and made on purpose: `python3 run.py python tests/golden_reports.py`."""
    assert REPORTS[name].decode() == (GOLDEN / name).read_text(encoding="utf-8")


def test_there_is_a_report_for_each_golden_file() -> None:
    """None is left behind."""
    assert {path.name for path in GOLDEN.iterdir()} == set(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
def test_no_key_is_in_it(name: str) -> None:
    """Each sample key is in the exchanges, in headers, addresses and bodies; none is in a report."""
    assert b"sk-" not in REPORTS[name]
    assert b"abcdef0123456789" not in REPORTS[name]
