"""The XML is what readers of JUnit's format know: its elements, its attributes, its sums."""

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from contracts.finding import Verdict
from contracts.report.digest import digest
from contracts.report.junit import DETAILED_MAX, junit_report
from verdict_samples import BROKEN, FINDINGS, KEPT, SAMPLES

# From each element: its attributes (those with a star must be there) and its children, as the format's schema has them.
FORMAT: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"name", "tests", "failures", "errors", "time"}, {"testsuite"}),
    "testsuite": (
        {"name*", "tests*", "failures*", "errors*", "skipped", "time", "timestamp"},
        {"properties", "testcase"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"name*", "value*"}, set()),
    "testcase": ({"classname*", "name*", "time"}, {"failure", "error", "skipped"}),
    "failure": ({"message", "type*"}, set()),
    "error": ({"message", "type*"}, set()),
    "skipped": ({"message"}, set()),
}


def report(verdict: Verdict) -> Any:
    """The document's root, parsed."""
    return ET.fromstring(junit_report(digest(verdict)))  # noqa: S314 - our own document


def case(root: Any, name: str) -> Any:
    """The one test case of that name."""
    (found,) = root.findall(f".//testcase[@name='{name}']")
    return found


@pytest.mark.parametrize("verdict", SAMPLES.values(), ids=list(SAMPLES))
def test_document_keeps_the_format(verdict: Verdict) -> None:
    """Nothing in it that a strict reader would refuse."""
    for element in report(verdict).iter():
        attributes, children = FORMAT[element.tag]
        assert {name.rstrip("*") for name in attributes} >= set(element.attrib)
        assert {name.rstrip("*") for name in attributes if name.endswith("*")} <= set(element.attrib)
        assert {child.tag for child in element} <= children


def test_one_case_for_each_side_and_each_law() -> None:
    """As many as the summary has rules; under a name that no other has."""
    root = report(BROKEN)
    cases = root.findall(".//testcase")
    names = {(each.get("classname"), each.get("name")) for each in cases}

    assert len(names) == len(cases) == digest(BROKEN).counts.rules
    assert {classname for classname, _ in names} == {
        *("acme.createVideo", "acme.getVideo"),
        *("acme.laws.account", "acme.laws.lifecycle", "acme.laws.robustness", "acme.laws.status"),
    }


def test_sums_are_those_of_the_cases() -> None:
    """A server that trusts the attributes and one that counts say the same."""
    root = report(BROKEN)
    suite = root.find("testsuite")
    counts = digest(BROKEN).counts

    assert root.get("tests") == suite.get("tests") == str(counts.rules)
    assert root.get("failures") == suite.get("failures") == str(counts.failed) == str(len(root.findall(".//failure")))
    assert suite.get("skipped") == str(counts.skipped) == str(len(root.findall(".//skipped")))
    assert suite.get("errors") == "0"


def test_a_failure_says_what_and_how_to_see_it() -> None:
    """The finding's sentence, its source and its line; on the side that it is about."""
    root = report(BROKEN)
    failure = case(root, "/prompt:maxLength rejects").find("failure")

    assert failure.get("message") == FINDINGS[0].message
    assert failure.get("type") == "error"
    assert "\nsource: Acme, video jobs (documented)\ncurl -i -X POST " in failure.text
    assert case(root, "/prompt:maxLength accepts").find("failure") is None
    assert case(root, "robustness.answer").find("failure").get("type") == "warning"


def test_what_is_untested_is_skipped_with_its_reason() -> None:
    """Never silently."""
    skipped = case(report(BROKEN), "account.hidden").find("skipped")

    assert skipped.get("message") == "no second account was given (--other-key)"


def test_a_run_that_was_cut_short_is_an_error() -> None:
    """Otherwise its cases would look like all there are."""
    root = report(replace(KEPT, aborted="the service is gone"))

    assert root.get("errors") == "1"
    assert case(root, "the run came to its end").find("error").get("message") == "the service is gone"


def test_a_finding_of_no_row_has_a_case_of_its_own() -> None:
    """Nothing that was found gets lost."""
    stray = replace(FINDINGS[2], rule="elsewhere.odd")

    root = report(replace(KEPT, findings=(stray,)))

    assert case(root, "elsewhere.odd 1").find("failure").get("message") == stray.message


def test_details_are_bounded() -> None:
    """One broken law may have a thousand findings."""
    root = report(replace(BROKEN, findings=(FINDINGS[2],) * 20))

    text = case(root, "lifecycle.order").find("failure").text

    assert text.count("curl ") == DETAILED_MAX
    assert text.endswith(f"and {20 - DETAILED_MAX} more findings")
