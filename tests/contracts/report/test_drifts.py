"""Reports of drift: each form holds every finding, what is waived, and the proof of what was looked at."""

from __future__ import annotations

import json
from datetime import date
from xml.etree.ElementTree import Element, fromstring

import pytest

from contracts.drift.drift import Drift
from contracts.drift.waivers import Waived, Waiver
from contracts.report.drifts import DriftReport, json_drifts, junit_drifts, level, markdown_drifts, sarif_drifts

ODD = "now 9 | was *5* \x1b[31m <b>"
FOUND = Drift(
    kind="limit-changed",
    operation="createJob",
    pointer="/name",
    documented=9,
    encoded=5,
    message=ODD,
    page="page-one",
    confidence="medium",
)
KNOWN = Drift(
    kind="enum-changed", operation=None, pointer=None, documented="x", encoded=None, message="known", grade="breaking"
)
WAIVER = Waiver(fingerprint=KNOWN.fingerprint, run=("drift",), reason="ticket 12", expires=date(2027, 1, 31))
REPORT = DriftReport(
    run=("drift", "docs", "acme"),
    drifts=[FOUND],
    waived=[Waived(KNOWN, WAIVER)],
    problem="page two is empty",
    proof={"checked": {"pages": 2}},
    file="all.txt",
    files={"page-one": "one.html"},
)
QUIET = DriftReport(run=("drift", "docs", "acme"), drifts=[], proof={"checked": {"pages": 2}})


def test_json_has_what_the_interface_promises() -> None:
    """Findings by their members, waived ones apart with reason and day, the problem, the proof."""
    told = json.loads(json_drifts(REPORT))
    assert {"kind", "operation", "pointer", "documented", "encoded", "message"} <= set(told["findings"][0])
    assert [(each["kind"], each["reason"], each["expires"]) for each in told["waived"]] == [
        ("enum-changed", "ticket 12", "2027-01-31")
    ]
    assert (told["problem"], told["checked"]) == ("page two is empty", {"pages": 2})
    assert json.loads(json_drifts(QUIET)) == {"findings": [], "waived": [], "problem": None, "checked": {"pages": 2}}


def test_sarif_has_a_result_for_each_and_suppresses_the_waived() -> None:
    """Rule, level, the file that shows it, a fingerprint for the history; a failed check is no success."""
    (run,) = json.loads(sarif_drifts(REPORT))["runs"]
    found, known = run["results"]
    assert (found["ruleId"], found["level"]) == ("limit-changed", "warning")
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "one.html"
    assert found["partialFingerprints"] == {"understudy/v1": FOUND.fingerprint}
    assert known["suppressions"][0]["justification"] == "ticket 12"
    assert {each["id"] for each in run["tool"]["driver"]["rules"]} == {"limit-changed", "enum-changed"}
    assert not run["invocations"][0]["executionSuccessful"]
    assert json.loads(sarif_drifts(QUIET))["runs"][0]["invocations"][0]["executionSuccessful"]


def junit(report: DriftReport) -> Element:
    """The one suite of the document."""
    (suite,) = fromstring(junit_drifts(report))  # noqa: S314 - our own document
    return suite


def test_junit_counts_failures_errors_and_skipped() -> None:
    """The check itself is a test case, so that an empty report is none."""
    suite = junit(REPORT)
    assert [suite.get(name) for name in ("tests", "failures", "errors", "skipped")] == ["3", "1", "1", "1"]
    assert suite.find("testcase/error").get("message") == "page two is empty"  # type: ignore[union-attr]
    quiet = junit(QUIET)
    assert [quiet.get(name) for name in ("tests", "failures", "errors")] == ["1", "0", "0"]


def test_markdown_is_a_page_whose_cells_stay_cells() -> None:
    """What a vendor wrote can't leave its cell, nor be taken for markup."""
    text = markdown_drifts(REPORT).decode()
    row = next(line for line in text.splitlines() if line.startswith("| limit"))
    assert row.replace("\\|", "").count("|") == 7
    assert "\x1b" not in text
    assert "\\<b\\>" in row
    assert "ticket 12" in text
    assert "Could not check: page two is empty" in text
    assert markdown_drifts(QUIET).decode().startswith("## `drift docs acme`: nothing has drifted\n")


@pytest.mark.parametrize(
    ("grade", "confidence", "word"),
    [
        ("breaking", "high", "error"),
        ("maybe", "high", "warning"),
        ("compatible", "high", "note"),
        (None, "high", "error"),
        (None, "medium", "warning"),
        (None, "low", "note"),
    ],
)
def test_level_is_by_class_and_else_by_confidence(grade: str | None, confidence: str, word: str) -> None:
    """What breaks clients is an error, what a reader is not sure of a note."""
    told = Drift(
        kind="x",
        operation=None,
        pointer=None,
        documented=None,
        encoded=None,
        message="",
        grade=grade,
        confidence=confidence,  # type: ignore[arg-type]
    )
    assert level(told) == word
