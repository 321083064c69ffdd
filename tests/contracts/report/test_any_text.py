"""Any text in any place of a verdict: every report stays well-formed, and no key is told."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema_rs
import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

import contracts.report
from contracts.exchange import KEY, NOBODY, OTHER, Exchange, Purpose
from contracts.finding import ConstraintRow, Finding, LawRow, Verdict
from contracts.report import annotations
from contracts.report.digest import digest
from contracts.report.json_report import json_report
from contracts.report.junit import junit_report
from contracts.report.page import html_report
from golden_reports import terminal
from pages import Page

SCHEMA = json.loads((Path(contracts.report.__file__).parent / "verdict.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.validator_for(SCHEMA)
SECRET = "sk-4711-0815-secret"
# All of Unicode, lone surrogates and control characters included, the key among them.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=12),
    st.sampled_from(["", SECRET, f"a {SECRET}.", "</script>", "]]>", "\x00\r\n\t", "\ud83d", "\ufffe", "::error::%0A"]),
)
BODIES = st.one_of(TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")), st.binary(max_size=12))
OUTCOMES = st.sampled_from(["ok", "fails", "untested"])
LEVELS = st.sampled_from(["error", "warning"])
HEADERS = st.lists(st.tuples(TEXTS, TEXTS), max_size=2).map(tuple)
EXCHANGES = st.builds(
    Exchange,
    number=st.integers(0, 3),
    operation=st.none() | TEXTS,
    method=st.sampled_from(["GET", "POST"]) | TEXTS,
    base=TEXTS,
    path=TEXTS,
    query=TEXTS,
    request_headers=HEADERS.map(lambda lines: (*lines, ("Authorization", f"Bearer {SECRET}"))),
    request_body=BODIES,
    status=st.none() | st.integers(100, 599),
    headers=HEADERS,
    body=BODIES,
    trouble=TEXTS,
    account=st.sampled_from([KEY, OTHER, NOBODY]),
    purpose=st.none() | st.builds(Purpose, expects=st.sampled_from(["accepted", "refused", "either"]), words=TEXTS),
)
# Names stay as they are, because a pack gives them: they hold no key.
NAMES = TEXTS.filter(lambda text: SECRET not in text)
ROWS = st.builds(
    ConstraintRow,
    **dict.fromkeys(("id", "operation", "rule"), NAMES),
    **dict.fromkeys(("pointer", "limit", "condition", "source", "standing", "note"), TEXTS),
    **dict.fromkeys(("accepts", "rejects"), OUTCOMES),
)
LAWS = st.builds(LawRow, rule=NAMES, level=LEVELS, title=TEXTS, outcome=OUTCOMES, checked=st.integers(0, 9), note=TEXTS)
FINDINGS = st.builds(
    Finding,
    rule=NAMES,
    level=LEVELS,
    operation=st.none() | NAMES,
    pointer=st.none() | TEXTS,
    message=TEXTS,
    source=TEXTS,
    constraint=st.none() | NAMES,
    exchanges=st.lists(st.integers(0, 3), max_size=3).map(tuple),
)
VERDICTS = st.builds(
    Verdict,
    vendor=NAMES,
    title=TEXTS,
    target=TEXTS,
    seed=st.integers(0, 2**64),
    constraints=st.lists(ROWS, max_size=3).map(tuple),
    laws=st.lists(LAWS, max_size=3).map(tuple),
    findings=st.lists(FINDINGS, max_size=3).map(tuple),
    exchanges=st.lists(EXCHANGES, min_size=1, max_size=4).map(tuple),
    submissions=st.integers(0, 9),
    seconds=st.floats(0, 1e6),
    aborted=TEXTS,
    began_at=NAMES,
    replay=TEXTS,
)


@settings(max_examples=150)
@given(VERDICTS)
def test_json_can_be_read_and_keeps_its_schema(verdict: Verdict) -> None:
    """By a strict reader, which takes neither NaN nor half a character."""
    content = json_report(digest(verdict))

    VALIDATOR.validate(orjson.loads(content))
    assert SECRET.encode() not in content


@settings(max_examples=150)
@given(VERDICTS)
def test_xml_can_be_read(verdict: Verdict) -> None:
    """No character in it that XML 1.0 has not."""
    content = junit_report(digest(verdict))

    ET.fromstring(content)  # noqa: S314 - our own document
    assert SECRET.encode() not in content


@settings(max_examples=150)
@given(VERDICTS)
def test_html_stays_sound(verdict: Verdict) -> None:
    """What is open is closed, and there is one script: our own."""
    content = html_report(digest(verdict))

    page = Page(content)
    assert page.faults == []
    assert page.count("script") == 1
    assert SECRET.encode() not in content


@settings(max_examples=150)
@given(VERDICTS)
def test_lines_stay_lines(verdict: Verdict) -> None:
    """Nothing on a terminal or in a log but what is printable."""
    text = terminal(verdict, 80).decode()
    lines = annotations(verdict, {"GITHUB_ACTIONS": "true"})

    assert all(line.isprintable() for line in [*text.split("\n"), *lines])
    assert SECRET not in text + "".join(lines)
