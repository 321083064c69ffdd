"""`schemathesis run` beside the judge: its failures are read as checks, and a run that says nothing is told as one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from schemathesis.checks import CHECKS as REGISTERED
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import UndefinedStatusCode

from beside import CHECKS, Report, exemplary, read_report, run_beside
from gateways import beside as outcome_of
from gateways import told
from mutants.catalogue import correct_services, mutants

# What people's own checks raise, and what is asked for with an option that is not given.
OTHERS = {"CustomFailure", "ResponseTimeExceeded"}
MUTANT = "reference/kling/mode-4k-refused"


def classes(of: type) -> Iterator[type]:
    each: type
    for each in of.__subclasses__():
        yield each
        yield from classes(each)


def test_every_failure_that_schemathesis_has_belongs_to_a_check() -> None:
    modules = {Failure.__module__, UndefinedStatusCode.__module__}
    own = {each.__name__ for each in classes(Failure) if each.__module__ in modules}

    assert own - set(CHECKS) == OTHERS
    assert set(CHECKS) <= own


def test_every_check_can_be_left_out_by_its_name() -> None:
    load_all_checks()

    assert set(CHECKS.values()) == set(REGISTERED.get_all_names())


def test_report_says_each_check_once() -> None:
    failures = [{"type": name} for name in ("JsonSchemaError", "MalformedJson", "ServerError")]

    assert read_report({"failures": failures, "test_cases": {"generated": 12}}, 1.5) == Report(
        frozenset({"response_schema_conformance", "not_a_server_error"}), 12, 1.5
    )


@pytest.mark.parametrize("vendor", ["kling", "mulerouter", "uniall"])
def test_exemplary_services_are_a_fake_and_a_reference_at_least(vendor: str) -> None:
    named = exemplary([vendor])

    assert {f"fake/{vendor}", f"reference/{vendor}"} <= set(named)
    assert {correct_services()[name].vendor for name in named} == {vendor}
    assert not [name for name in named if name.startswith("variation/")]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that were run; they end at once, with a word and no report."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 3, "a word", "")

    monkeypatch.setattr("beside.subprocess.run", run)
    return commands


def test_run_without_a_report_says_so(ran: list[list[str]]) -> None:
    report = run_beside(MUTANT)

    assert (report.failed, report.aborted, len(ran)) == (frozenset(), "no report, a word\nstatus 3", 1)


@pytest.mark.parametrize("text", ["", '{"failures": ['])
def test_report_that_broke_off_is_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    def run(command: list[str], cwd: str, **_: Any) -> subprocess.CompletedProcess[str]:
        (Path(cwd) / "json-20261127T200040Z.json").write_text(text, encoding="utf-8")
        return subprocess.CompletedProcess(command, -9, "", "")

    monkeypatch.setattr("beside.subprocess.run", run)

    assert run_beside(MUTANT).aborted == "no report, status -9"


def test_checks_are_left_out_before_the_run(ran: list[list[str]]) -> None:
    run_beside(MUTANT, {"unsupported_method", "ignored_auth"})
    run_beside(MUTANT)

    given, none = ran
    assert given[given.index("--exclude-checks") + 1] == "ignored_auth,unsupported_method"
    assert "--exclude-checks" not in none


def test_no_run_has_a_time_to_spend(ran: list[list[str]]) -> None:
    """`--max-time` is spent to the last second, however little is left to try."""
    run_beside(MUTANT)

    assert "--max-time" not in ran[0]


def test_run_that_comes_to_no_end_is_no_kill(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], timeout: float, **_: Any) -> None:
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr("beside.subprocess.run", run)
    outcome = outcome_of(MUTANT, run_beside(MUTANT))

    assert outcome.found == ()
    assert outcome.aborted == "no report, no end in 900 s"
    assert outcome.kind == mutants()[MUTANT].kind


def test_each_run_has_its_line_as_it_comes(capsys: pytest.CaptureFixture[str]) -> None:
    reports = (Report(frozenset(found), 1472, 12.54) for found in ((), ("b_check", "a_check")))
    lines = told(reports, ["one", "two"])

    next(lines)
    assert capsys.readouterr().out == "schemathesis   1/2   1472 requests   12.5 s  one: nothing\n"
    next(lines)
    assert capsys.readouterr().out == "schemathesis   2/2   1472 requests   12.5 s  two: a_check, b_check\n"
