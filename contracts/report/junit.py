"""The verdict for CI servers: JUnit XML, one test case for each side of each constraint and for each law.

`classname` is `VENDOR.OPERATION` or `VENDOR.laws.SUBJECT`; names stay from run to run, so that a server can keep
their history. The attributes are those that the servers' readers know.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from contracts.finding import Outcome
from contracts.report.digest import Digest, ToldFinding, about, sides
from contracts.report.plain import counted, visible

DETAILED_MAX = 5
_TOTALS = ("tests", "failures", "errors", "time")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
# The format's schema has seconds and no zone.
_TIMESTAMP_CHARACTERS = len("2026-05-04T12:30:00")


def junit_report(told: Digest) -> bytes:
    """The document, UTF-8, with a line end."""
    suite = Element("testsuite")
    suite.append(_properties(told))
    suite.extend(_cases(told))
    _count(suite, told)
    root = Element("testsuites", {"name": "understudy"} | {name: suite.attrib[name] for name in _TOTALS})
    root.append(suite)
    indent(root)
    return (_DECLARATION + tostring(root, encoding="unicode") + "\n").encode()


def _properties(told: Digest) -> Element:
    properties = Element("properties")
    facts = {
        "target": told.target,
        "seed": str(told.seed),
        "requests": str(told.counts.requests),
        "submissions": str(told.submissions),
        "replay": told.replay,
    }
    for name, value in facts.items():
        SubElement(properties, "property", {"name": name, "value": visible(value)})
    return properties


def _count(suite: Element, told: Digest) -> None:
    suite.set("name", visible(told.vendor))
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("time", f"{told.seconds:.3f}")
    if told.began_at:
        suite.set("timestamp", visible(told.began_at)[:_TIMESTAMP_CHARACTERS])


def _cases(told: Digest) -> Iterator[Element]:
    if told.aborted:
        yield _aborted(told)
    for row in told.constraints:
        for side, outcome in sides(row):
            name = f"{row.id.removeprefix(row.operation + ':')} {side}"
            yield _case(f"{told.vendor}.{row.operation}", name, outcome, row.note, about(told, row, side))
    for law in told.laws:
        subject = law.rule.partition(".")[0]
        findings = [each for each in told.findings if each.rule == law.rule]
        yield _case(f"{told.vendor}.laws.{subject}", law.rule, law.outcome, law.note, findings)
    for each in _left_over(told):
        yield _case(f"{told.vendor}.findings", f"{each.rule} {each.number}", "fails", "", [each])


def _left_over(told: Digest) -> Iterator[ToldFinding]:
    """Findings that no failing law and no failing side of a constraint speaks for: none gets lost."""
    laws = {law.rule for law in told.laws if law.outcome == "fails"}
    failing = ((row, side) for row in told.constraints for side, outcome in sides(row) if outcome == "fails")
    spoken_for = {each.number for row, side in failing for each in about(told, row, side)}
    return (each for each in told.findings if each.rule not in laws and each.number not in spoken_for)


def _aborted(told: Digest) -> Element:
    case = _testcase(f"{told.vendor}.run", "the run came to its end")
    SubElement(case, "error", {"message": visible(told.aborted), "type": "aborted"})
    return case


def _testcase(classname: str, name: str) -> Element:
    return Element("testcase", {"classname": visible(classname), "name": visible(name), "time": "0"})


def _case(classname: str, name: str, outcome: Outcome, note: str, findings: list[ToldFinding]) -> Element:
    case = _testcase(classname, name)
    if outcome == "untested":
        SubElement(case, "skipped", {"message": visible(note or "no reason given")})
    if outcome == "fails":
        message = findings[0].message if findings else "the service does not keep it"
        level = "error" if not findings or any(each.level == "error" for each in findings) else "warning"
        failure = SubElement(case, "failure", {"message": visible(message), "type": level})
        failure.text = visible("\n\n".join(_details(findings)), keep="\n")
    return case


def _details(findings: list[ToldFinding]) -> Iterator[str]:
    for each in findings[:DETAILED_MAX]:
        lines = [f"{each.level} {each.rule} {each.place}".rstrip(), each.message]
        lines += [f"source: {each.source}"] if each.source else []
        lines += each.story
        lines += [each.reproduce] if each.reproduce else []
        yield "\n".join(lines)
    if len(findings) > DETAILED_MAX:
        yield f"and {counted(len(findings) - DETAILED_MAX, 'more finding')}"
