"""GitHub gets its workflow commands: escaped as it unescapes them, no more than it shows, none anywhere else."""

import re
from dataclasses import replace
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from contracts.finding import Finding
from contracts.report import annotations
from contracts.report.github import PER_LEVEL_MAX
from verdict_samples import BROKEN, FINDINGS, KEPT

AT_GITHUB = {"GITHUB_ACTIONS": "true"}
COMMAND = re.compile(r"::(error|warning) title=([^:,\r\n]*)::([^\r\n]*)")


def test_nothing_is_said_elsewhere() -> None:
    """Nor when there is nothing to say."""
    assert annotations(BROKEN, {}) == ()
    assert annotations(BROKEN, {"GITHUB_ACTIONS": ""}) == ()
    assert annotations(KEPT, AT_GITHUB) == ()


def test_an_annotation_is_a_finding() -> None:
    """Rule and place as its title, then the sentence and the line."""
    lines = annotations(BROKEN, AT_GITHUB)

    assert [line.partition(" ")[0] for line in lines] == ["::error"] * 3 + ["::warning"]
    assert lines[2] == (
        "::error title=lifecycle.order getVideo /status::The task goes back from completed to processing.%0A"
        'curl -i -H "Authorization: Bearer $UNDERSTUDY_KEY" http://127.0.0.1:9000/gateway/v1/videos/7f0a'
    )
    assert lines[3].endswith("/v1/videos/%2500")


@given(st.text(), st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_any_text_arrives(pointer: str, message: str) -> None:
    """One command a line, whatever the finding says; unescaped, it is the finding's text."""
    finding = Finding(rule="r", level="error", operation="o", pointer=pointer, message=message)

    (line,) = annotations(replace(KEPT, findings=(finding,)), AT_GITHUB)

    found = COMMAND.fullmatch(line)
    assert found is not None
    assert not message.isprintable() or unquote(found[3]) == message


def test_the_rest_is_one_line() -> None:
    """GitHub would drop it without a word."""
    lines = annotations(replace(BROKEN, findings=FINDINGS * 11), AT_GITHUB)

    assert [line.startswith("::error") for line in lines].count(True) == PER_LEVEL_MAX
    assert [line.startswith("::warning") for line in lines].count(True) == PER_LEVEL_MAX
    assert lines[-1] == "::notice title=understudy::23 more errors; 1 more warning: see the log or the report"
