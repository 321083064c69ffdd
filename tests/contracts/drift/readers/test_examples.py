"""Which examples are answers, and what they state."""

from __future__ import annotations

import pytest

from contracts.drift.readers.examples import answers
from contracts.drift.readers.facts import PRESENT
from contracts.drift.readers.lines import read_lines

SENT = frozenset({"story", "minutes", "model"})


def members(text: str) -> list[str]:
    """The members that the answers of this page have."""
    return [each.subject for each in answers(read_lines(text), SENT) if each.name == PRESENT]


@pytest.mark.parametrize(
    "text",
    [
        '{"ticket": 1}',
        'Response\n{\n  "ticket": 1 // yours\n}',
        '{\n  "ticket": 1,\n  ...\n}',
        'curl -X POST "https://a.example/v1/x" -d \'{"story": "a", "minutes": 3}\'\n{\n"ticket": 1\n}',
        'curl https://a.example/v1/x -d @- <<\'EOT\'\n{\n"story": "a"\n}\nEOT\n{"ticket": 1}',
        'print(answer)\n{"ticket": 1}',
    ],
)
def test_an_answer_is_read_whatever_stands_before_it(text: str) -> None:
    """Commands in one line, documents in line, comments, parts left out."""
    assert members(text) == ["> /ticket"]


@pytest.mark.parametrize(
    "text",
    [
        'Request body\n{"story": "a"}',
        'Example\n{"story": "a", "minutes": 3}',
        'Errors\n{"error": {"code": 1}}',
        '400 Bad Request\n{"error": {"code": 1}}',
        'payload = {\n"scenes": [\n{\n"text": "a"\n}\n]\n}',
        'curl https://a.example/v1/x -d \\\n{"story": 1}',
        "{not json}",
    ],
)
def test_what_is_sent_or_refused_is_no_answer(text: str) -> None:
    """By the words before it, by where it stands, by its members."""
    assert members(text) == []


def test_null_is_of_no_type_yet() -> None:
    """And what is a placeholder has no form."""
    found = {(each.subject, each.name) for each in answers(read_lines('{"a": null, "b": "<string>"}'), SENT)}

    assert found == {("> /a", PRESENT), ("> /b", PRESENT), ("> /b", "type")}
