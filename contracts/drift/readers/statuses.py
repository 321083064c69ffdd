"""The words of a task's states: in tables, in sentences, and as the choices of a member of the answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from contracts.drift.readers.facts import ANSWER, Statement
from contracts.drift.readers.lines import CELL, Line

SOME_STATUS = ANSWER + "?status"
"""Stands for the member of the answer that tells the state, wherever it is."""

_ENDS = ("status", "state")
_WORD = r"[A-Za-z][\w-]*"
_LISTED = re.compile(
    rf"\b(?:status|state)(?:es|s)?(?: (?:words|values?|codes?))?"
    rf"(?: is one of| can be| may be| are| is|:| values:| one of:?| becomes| is either)+ "
    rf"((?:{_WORD})(?:(?:, (?:or |and )?| or | and |/| ?\| ?|, then )(?:{_WORD}))+)(?=\s*(?:[.;)]|$))",
    re.IGNORECASE,
)


_TITLE = re.compile(r"(?:task )?(?:status|state)(?:es|s)?(?: (?:words|values|codes))?:?", re.IGNORECASE)
_ITEM = re.compile(r"([A-Za-z][\w-]*)(?:(?::| -|,)(?: .*)?)?")


def is_status(subject: str) -> bool:
    """Whether an answer's member tells the state of a task."""
    return subject.startswith(ANSWER) and subject.endswith(_ENDS)


def statuses(lines: Sequence[Line]) -> Iterator[Statement]:
    """Words in sentences that list them, and in lists of their own."""
    for number, line in enumerate(lines):
        if line.kind == "code" or CELL in line.text:
            continue
        for match in _LISTED.finditer(line.text):
            for word in re.split(r", (?:or |and |then )?| or | and |/| ?\| ?", match[1]):
                yield Statement(SOME_STATUS, "word", word, line.number)
        if _TITLE.fullmatch(line.item):
            yield from _items(lines[number + 1 :])


def _items(lines: Sequence[Line]) -> Iterator[Statement]:
    """The items of a list, each a word or a word and what it means."""
    for line in lines:
        if not line.text:
            continue
        match = _ITEM.fullmatch(line.item) if line.is_item else None
        if match is None:
            break
        yield Statement(SOME_STATUS, "word", match[1], line.number)


def settled(statements: Sequence[Statement]) -> Iterator[Statement]:
    """The statements with every word of a state at the member that tells it; what such a member can be, are words."""
    told = (each.subject for each in statements if is_status(each.subject) and each.subject != SOME_STATUS)
    shown = next(told, ANSWER + "/status")
    for each in statements:
        subject = shown if each.subject == SOME_STATUS else each.subject
        if each.name == "enum" and is_status(subject):
            yield from (Statement(subject, "word", word, each.line) for word in each.value)
        else:
            yield Statement(subject, each.name, each.value, each.line)
