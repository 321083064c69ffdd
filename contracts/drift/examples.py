"""Answers that a page shows as JSON: which members they have, and of which type; their other values are examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import orjson

from contracts.drift.facts import ANSWER, PRESENT, Statement
from specs.pointers import Json

_STATUS_ENDS = ("status", "state")
_SENT = ("--data", "-d ", "--data-raw", "body:", "data:")


def answers(lines: Sequence[str]) -> Iterator[Statement]:
    """What the page's examples of answers state."""
    number = 0
    while number < len(lines):
        if lines[number].startswith("{"):
            value, used = _object(lines[number:])
            if isinstance(value, dict) and not _is_sent(lines[:number]):
                yield from _shape(value, "")
            number += used
        else:
            number += 1


def _object(lines: Sequence[str]) -> tuple[Json, int]:
    """The object that begins here, and its number of lines; None for text that is none."""
    text = ""
    for used, line in enumerate(lines, 1):
        text += line.rstrip("'") + "\n"
        if text.count("{") == text.count("}"):
            try:
                return orjson.loads(text), used
            except orjson.JSONDecodeError:
                return None, used
    return None, 1


def _is_sent(before: Sequence[str]) -> bool:
    """Whether the object is a request's: what stands before it hands it to a command."""
    last = next((line for line in reversed(before) if line), "")
    return any(word in last for word in _SENT) or (last.endswith("'") and last != "'")


def _shape(value: Json, at: str) -> Iterator[Statement]:
    if isinstance(value, dict):
        for name, each in value.items():
            subject = f"{ANSWER}{at}/{name}"
            yield Statement(subject, PRESENT, value=True)
            yield Statement(subject, "type", [_type(each)])
            if isinstance(each, str) and name.endswith(_STATUS_ENDS) and "<" not in each:
                yield Statement(subject, "word", each)
            yield from _shape(each, f"{at}/{name}")
    elif isinstance(value, list):
        for each in value[:1]:
            yield from _shape(each, at + "/*")


def _type(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return {float: "number", str: "string", list: "array", dict: "object"}[type(value)]
