"""Answers that a page shows as JSON: which members they have, and of which type; their other values are examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from contracts.drift.readers.facts import ANSWER, PRESENT, Statement
from contracts.drift.readers.lines import Line, runs_of_code
from contracts.drift.readers.statuses import is_status
from specs.pointers import Json

_REQUESTED = re.compile(r"\b(?:request|payload|input)\b", re.IGNORECASE)
_ANSWERED = re.compile(r"\b(?:response|answer|returns?|output|result)\b", re.IGNORECASE)
_REFUSED = re.compile(r"\b(?:4\d\d|5\d\d|errors?|failures?)\b", re.IGNORECASE)
# Words that name an example, and no line of a program.
_LABEL = re.compile(r"[\w\s/:.,'-]{1,60}")
# What ends the line before a body that is handed to a command.
_HANDED = re.compile(r"(?:-d|--data\S*|\\|<<-? ?['\"]?\w+['\"]?)$")
_COMMENT = re.compile(r"(?<=[\s,{\[])//[^\n]*$|^\s*\.\.\.\s*$", re.MULTILINE)
_LAST_COMMA = re.compile(r",(?=\s*[}\]])")
_PLACEHOLDER = re.compile(r"<.*>|\.\.\.|string|", re.IGNORECASE)
_FORMATS = (
    ("date-time", re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")),
    ("uuid", re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)),
    ("uri", re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)),
)


def answers(lines: Sequence[Line], sent: AbstractSet[str]) -> Iterator[Statement]:
    """What the page's examples of answers state; `sent` are the members of requests, by which those are told apart."""
    for label, run in runs_of_code(lines):
        for value, number, is_first in _objects(run):
            if isinstance(value, dict) and not _is_other(value, label if is_first else "", sent):
                yield from _shape(value, "", number)


def _objects(run: Sequence[Line]) -> Iterator[tuple[Json, int, bool]]:
    """The objects that stand by themselves in an example, each with its line, and whether nothing is before it."""
    number, depth, quote, before = 0, 0, "", ""
    is_shell = any(line.text.startswith("curl") for line in run)
    while number < len(run):
        line = run[number].text
        if line.startswith("{") and depth <= 0 and not quote and not _HANDED.search(before):
            value, used = _decoded([each.text for each in run[number:]])
            if used:
                yield value, run[number].number, not number
                number, before = number + used, ""
                continue
        if is_shell:
            quote = _quoted(line, quote)
        depth = max(0, depth + sum(line.count(each) for each in "{[(") - sum(line.count(each) for each in "}])"))
        before = line or before
        number += 1


def _decoded(lines: Sequence[str]) -> tuple[Json, int]:
    """The object at the beginning of these lines, and how many of them it takes: none if it is no JSON."""
    text = "\n".join(lines)
    for candidate in (text, _LAST_COMMA.sub("", _COMMENT.sub("", text))):
        try:
            value, end = json.JSONDecoder().raw_decode(candidate)
        except ValueError:
            continue
        if not candidate[end:].partition("\n")[0].strip():
            return value, candidate[:end].count("\n") + 1
    return None, 0


def _quoted(line: str, quote: str) -> str:
    """Which quote is open behind the line, in a shell; empty when none is."""
    escaped = False
    for sign in line:
        if escaped:
            escaped = False
        elif sign == "\\" and quote != "'":
            escaped = True
        elif sign == quote:
            quote = ""
        elif not quote and sign in "'\"":
            quote = sign
    return quote


def _is_other(value: dict[str, Json], label: str, sent: AbstractSet[str]) -> bool:
    """Whether the object is a request's, or what an operation answers when it refuses."""
    said = label if _LABEL.fullmatch(label) else ""
    if _REFUSED.search(said) or (_REQUESTED.search(said) and not _ANSWERED.search(said)):
        return True
    return len(value) > 1 and value.keys() <= sent


def _shape(value: Json, at: str, number: int) -> Iterator[Statement]:
    if isinstance(value, dict):
        for name, each in value.items():
            subject = f"{ANSWER}{at}/{name}"
            yield Statement(subject, PRESENT, value=True, line=number)
            yield from _value(subject, name, each)
            yield from _shape(each, f"{at}/{name}", number)
    elif isinstance(value, list):
        for each in value[:1]:
            yield from _shape(each, at + "/*", number)


def _value(subject: str, name: str, value: Json) -> Iterator[Statement]:
    """What a value states besides being an example."""
    if value is None:
        # Nothing yet, of whatever type.
        return
    yield Statement(subject, "type", [_type(value)])
    if not isinstance(value, str) or _PLACEHOLDER.fullmatch(value):
        return
    if is_status(subject):
        yield Statement(subject, "word", value)
    elif name == "object":
        # By convention the one member whose value says what the answer is.
        yield Statement(subject, "const", value)
    else:
        yield Statement(subject, "format", next((name for name, form in _FORMATS if form.fullmatch(value)), "text"))


def _type(value: Json) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return {float: "number", str: "string", list: "array", dict: "object"}[type(value)]
