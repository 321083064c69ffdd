"""What a search for drift has found, in files: JSON for programs, SARIF for code scanning, JUnit, and Markdown.

Each holds the proof of what was looked at, so that silence can be told from a check that did not run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import orjson

from contracts.drift.drift import Drift
from contracts.drift.waivers import Waived
from contracts.report.plain import counted, visible
from specs.pointers import Json

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_LEVELS = {"breaking": "error", "maybe": "warning", "compatible": "note"}
_LEVELS_BY_CONFIDENCE = {"high": "error", "medium": "warning", "low": "note"}
_CELL_CHARACTERS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """What one command has found: `run` are its words, `problem` says what could not be checked."""

    run: Sequence[str]
    drifts: Sequence[Drift]
    waived: Sequence[Waived] = ()
    problem: str = ""
    proof: Mapping[str, Json] = field(default_factory=dict)
    file: str = ""
    """What was compared, where one file was."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The file of each page."""

    def place(self, drift: Drift) -> str:
        """The file that shows a drift."""
        return self.files.get(drift.page or "", self.file)


def json_drifts(report: DriftReport) -> bytes:
    """Findings with the members that the interface promises, what is waived, and the proof."""
    waived = [
        {**each.drift.as_json(), "reason": each.waiver.reason, "expires": each.waiver.expires.isoformat()}
        for each in report.waived
    ]
    document = {
        "findings": [each.as_json() for each in report.drifts],
        "waived": waived,
        "problem": report.problem or None,
        **report.proof,
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


# SARIF 2.1.0


def sarif_drifts(report: DriftReport) -> bytes:
    """One result for each drift; what is waived is a suppressed one, with its reason."""
    kinds = sorted({each.kind for each in report.drifts} | {each.drift.kind for each in report.waived})
    results = [_result(report, each) for each in report.drifts]
    results += [
        {
            **_result(report, each.drift),
            "suppressions": [{"kind": "external", "status": "accepted", "justification": each.waiver.reason}],
        }
        for each in report.waived
    ]
    notice = {"level": "error", "message": {"text": f"could not check: {report.problem}"}}
    run = {
        "tool": {"driver": {"name": "understudy", "rules": [{"id": kind, "name": kind} for kind in kinds]}},
        "invocations": [
            {
                "executionSuccessful": not report.problem,
                "commandLine": " ".join(["understudy", *report.run]),
                "toolExecutionNotifications": [notice] if report.problem else [],
            }
        ],
        "results": results,
        "properties": {"proof": dict(report.proof)},
    }
    document = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def _result(report: DriftReport, drift: Drift) -> dict[str, Json]:
    place = report.place(drift)
    location = {"artifactLocation": {"uri": place.replace("\\", "/")}, "region": {"startLine": drift.line or 1}}
    name = " ".join(part for part in (drift.operation, drift.pointer) if part)
    logical = [{"fullyQualifiedName": name}] if name else []
    where = {"physicalLocation": location} if place else {}
    return {
        "ruleId": drift.kind,
        "level": level(drift),
        "message": {"text": drift.message},
        "partialFingerprints": {"understudy/v1": drift.fingerprint},
        "locations": [where | ({"logicalLocations": logical} if logical else {})] if where or logical else [],
    }


def level(drift: Drift) -> str:
    """`error`, `warning` or `note`: by its class where it has one, else by how sure the reader is."""
    return _LEVELS[drift.grade] if drift.grade in _LEVELS else _LEVELS_BY_CONFIDENCE[drift.confidence]


# JUnit


def junit_drifts(report: DriftReport) -> bytes:
    """One test case for the check itself, one for each drift."""
    suite = Element("testsuite", {"name": visible(" ".join(report.run))})
    checked = SubElement(suite, "testcase", {"classname": "understudy.drift", "name": "everything could be checked"})
    if report.problem:
        SubElement(checked, "error", {"message": visible(report.problem), "type": "could not check"})
    for drift in report.drifts:
        case = _case(suite, drift)
        SubElement(case, "failure", {"message": visible(drift.message), "type": level(drift)})
    for each in report.waived:
        reason = f"waived until {each.waiver.expires}: {each.waiver.reason}"
        SubElement(_case(suite, each.drift), "skipped", {"message": visible(reason)})
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    root = Element("testsuites", {"name": "understudy"})
    root.append(suite)
    indent(root)
    return (_DECLARATION + tostring(root, encoding="unicode") + "\n").encode()


def _case(suite: Element, drift: Drift) -> Element:
    place = " ".join(part for part in (drift.kind, drift.operation, drift.pointer, drift.fingerprint) if part)
    return SubElement(suite, "testcase", {"classname": f"understudy.drift.{drift.kind}", "name": visible(place)})


# Markdown


def markdown_drifts(report: DriftReport) -> bytes:
    """A page for people: the verdict, a table of what has drifted, what is waived, and what was looked at."""
    return ("\n".join(_markdown(report)) + "\n").encode()


def _markdown(report: DriftReport) -> Iterator[str]:
    yield f"## `{' '.join(report.run)}`: {_verdict(report)}"
    if report.problem:
        yield f"\nCould not check: {_cell(report.problem)}"
    if report.drifts:
        yield "\n| kind | where | now | in the contract | what | fingerprint |"
        yield "|---|---|---|---|---|---|"
        yield from map(_row, report.drifts)
    if report.waived:
        yield "\nAccepted for now:\n"
        for each in report.waived:
            yield f"- {_cell(each.drift.message)} (until {each.waiver.expires}: {_cell(each.waiver.reason)})"
    yield "\n<details><summary>What was looked at</summary>\n\n```json"
    yield orjson.dumps(dict(report.proof), option=orjson.OPT_INDENT_2).decode().replace("```", "` ` `")
    yield "```\n\n</details>"


def _verdict(report: DriftReport) -> str:
    found = counted(len(report.drifts), "drift") if report.drifts else "nothing has drifted"
    return f"could not check everything, {found}" if report.problem else found


def _row(drift: Drift) -> str:
    more = drift.grade or drift.verdict
    kind = f"{drift.kind} ({more})" if more else drift.kind
    where = " ".join(part for part in (drift.operation, drift.pointer) if part)
    cells = (kind, where, _short(drift.documented), _short(drift.encoded), drift.message, drift.fingerprint)
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _short(value: Json) -> str:
    return "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()


def _cell(text: str) -> str:
    """A text that stays in its cell and is not taken for markup."""
    plain = visible(text.replace("\n", " "))[:_CELL_CHARACTERS_MAX]
    for mark in "\\|`<>[]*_":
        plain = plain.replace(mark, f"\\{mark}")
    return plain
