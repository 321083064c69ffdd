"""A page that lost the names of its members: each description is found by the words that it begins with.

What stands behind a description and before the next one is what the page states about its member: choices, a range, a
longest length. Words are compared, not letters: a description that is told a little differently is found all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from contracts.drift.facts import PRESENT, UNSURE, Statement
from contracts.drift.phrases import number, split_values, states

# How many of a description's first words have to be there, and how far apart they may be, for it to be found.
_SHARE_MIN = 0.6
_WINDOW = 1.6
_TOKEN = r"[A-Za-z0-9][\w:.-]*"
# The article of a description that follows may stand before the words that it is found by.
_END = r"(?:\s+(?:The|A|An|This))?\s*$"
_TAIL_LIST = re.compile(rf"((?:{_TOKEN})(?:, ?(?:{_TOKEN}))+){_END}")
_TAIL_RANGE = re.compile(rf"(-?\d[\d.]*) ?<= ?x ?<= ?(-?\d[\d.]*){_END}")
_TAIL_NUMBER = re.compile(rf"(?<![\w.:-])(\d+){_END}")
_TAIL_WORD = re.compile(rf"(?:^|\n|[.:] ?)([a-z0-9]+(?:[-.][a-z0-9]+)+){_END}")
_SAMPLE = re.compile(r'"(\w+)" ?: ?("[^"]*"|\w+)')
_TYPES = {"int": "integer", "integer": "integer", "bool": "boolean", "boolean": "boolean", "number": "number"}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a description begins in the text; None when it is not there."""

    subject: str
    begin: int | None


def anchored(lines: Sequence[str], anchors: Mapping[str, str]) -> Iterator[Statement]:
    """What the page states about the members of these descriptions: subject by subject, in the page's order."""
    text = "\n".join(lines)
    places = _places(text, anchors)
    known = [place for place in places if place.begin is not None]
    for place, following in pairwise([*known, _Place("", len(text))]):
        yield Statement(place.subject, PRESENT, value=True)
        if _hides_one(places, place, following):
            # A description between the two was not found. If it is there all the same, this one's tail ends earlier.
            yield Statement(place.subject, UNSURE, value=True)
        yield from _segment(place.subject, text[place.begin : following.begin])


def _hides_one(places: Sequence[_Place], place: _Place, following: _Place) -> bool:
    begin = places.index(place) + 1
    end = places.index(following) if following in places else len(places)
    return end > begin


def _places(text: str, anchors: Mapping[str, str]) -> list[_Place]:
    found, behind = [], 0
    for subject, anchor in anchors.items():
        begin = _find(text, anchor, behind)
        found.append(_Place(subject, begin))
        behind = behind if begin is None else begin + 1
    return found


def _find(text: str, anchor: str, behind: int) -> int | None:
    """Where the description begins: at its own words, or where most of them stand close together."""
    exact = re.search(r"\s+".join(map(re.escape, anchor.split())), text[behind:], re.IGNORECASE)
    if exact is not None:
        return behind + exact.start()
    wanted = {word.lower() for word in re.findall(r"[A-Za-z]{3,}", anchor)}
    words = [(match.start(), match[0].lower()) for match in re.finditer(r"[A-Za-z]{3,}", text[behind:])]
    window = max(2, round(len(wanted) * _WINDOW))
    best, begin = 0.0, None
    for at in range(len(words)):
        # The first word decides where it begins: a window that starts with another one is not it.
        if words[at][1] in wanted:
            share = len(wanted & {word for _, word in words[at : at + window]}) / len(wanted)
            if share > best:
                best, begin = share, behind + words[at][0]
    return begin if best >= _SHARE_MIN else None


def _segment(subject: str, text: str) -> Iterator[Statement]:
    """A description and its tail."""
    body, tail = _tail(subject, text.rstrip())
    yield from tail
    yield from states(subject, _without_samples(body))
    for name, sample in _SAMPLE.findall(body):
        if name != subject.rpartition("/")[2]:
            yield Statement(f"{subject}/*/{name}", PRESENT, value=True)
            yield Statement(
                f"{subject}/*/{name}", "type", [_TYPES.get(sample, "string" if sample[0] == '"' else sample)]
            )


def _without_samples(text: str) -> str:
    return _SAMPLE.sub(" ", text)


def _tail(subject: str, text: str) -> tuple[str, list[Statement]]:
    if (match := _TAIL_RANGE.search(text)) is not None:
        ends = [Statement(subject, "minimum", number(match[1])), Statement(subject, "maximum", number(match[2]))]
        return text[: match.start()], ends
    if (match := _TAIL_LIST.search(text)) is not None:
        return text[: match.start()], [Statement(subject, "enum", split_values(match[1]))]
    if (match := _TAIL_NUMBER.search(text)) is not None:
        return text[: match.start()], [Statement(subject, "maxLength", number(match[1]))]
    if (match := _TAIL_WORD.search(text)) is not None:
        return text[: match.start()], [Statement(subject, "enum", [match[1]])]
    return text, []
