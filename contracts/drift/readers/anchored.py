"""A page that lost the names of its members: each description is found by the words that it begins with.

What stands behind a description and before the next one is what the page states about its member: choices, a range, a
longest length. Words are compared, not letters: a description that is told a little differently is found all the same.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from contracts.drift.readers.facts import PRESENT, UNSURE, Statement
from contracts.drift.readers.lines import Line
from contracts.drift.readers.members import plain_value
from contracts.drift.readers.phrases import default_in, number, split_values, states

# Of a description's first words so many have to stand close together for it to be found: of few words, all.
_SHARES = ((3, 1.0), (4, 0.75))
_SHARE_MIN = 0.6
_WINDOW = 1.6
_STEM = 5
_TOKEN = r"[a-z0-9][\w:.-]*"
# Words of the description that follows may stand before those that it is found by.
_END = r"\s*[A-Za-z' ]{0,40}$"
_TAIL_RANGE = re.compile(rf"(?:^|\n)\s*(-?\d[\d.]*) ?<= ?x ?<= ?(-?\d[\d.]*\d|\d){_END}")
_TAIL_NUMBER = re.compile(rf"(?:^|\n)\s*(\d+){_END}")
_TAIL_LIST = re.compile(rf"(?:^|\n)\s*((?:{_TOKEN})(?:,\s?(?:{_TOKEN}))*)(?=\s|$){_END}")
# Values that something follows which no anchor knows: a description that is new.
_INNER_RANGE = re.compile(r"(?:^|\n)\s*(-?\d[\d.]*) ?<= ?x ?<= ?(-?\d[\d.]*\d|\d)(?=\s*[A-Z])")
_INNER_LIST = re.compile(rf"(?:^|\n)\s*((?:{_TOKEN})(?:,\s?(?:{_TOKEN}))+)(?=\s+[A-Z])")
_SAMPLE = re.compile(r'"(\w+)" ?: ?("[^"]*"|\w+)')
_TYPES = {"int": "integer", "integer": "integer", "bool": "boolean", "boolean": "boolean", "number": "number"}


def anchored(lines: Sequence[Line], anchors: Mapping[str, str]) -> Iterator[Statement]:
    """What the page states about the members of these descriptions."""
    text, begins = _text(lines)
    places = _places(text, anchors)
    for (subject, (begin, _)), (following, (end, _)) in pairwise([*places.items(), ("", (len(text), 0))]):
        yield Statement(subject, PRESENT, value=True, line=lines[bisect(begins, begin) - 1].number)
        if _hides_one(list(anchors), subject, following, places):
            # A description between the two was not found. If it is there all the same, this one ends earlier.
            yield Statement(subject, UNSURE, value=True)
        yield from _segment(subject, text[begin:end], is_last=not following)


def _text(lines: Sequence[Line]) -> tuple[str, list[int]]:
    """All lines, and where in the text each begins."""
    begins, at = [], 0
    for line in lines:
        begins.append(at)
        at += len(line.text) + 1
    return "\n".join(line.text for line in lines), begins


def _hides_one(order: Sequence[str], subject: str, following: str, places: Mapping[str, tuple[int, int]]) -> bool:
    """Whether a member that was listed between the two is not found."""
    begin = order.index(subject) + 1
    end = order.index(following) if following else len(order)
    return any(each not in places for each in order[begin:end])


def _places(text: str, anchors: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """Where each description's first words begin and end, in the text's order, as far as they are there."""
    matches = {subject: _exact(text, anchor) for subject, anchor in anchors.items()}
    exact = {subject: match.span() for subject, match in matches.items() if match is not None}
    taken = sorted(exact.values())
    told = {
        subject: found
        for subject, anchor in anchors.items()
        if subject not in exact and (found := _alike(text, anchor, taken))
    }
    return dict(sorted({**exact, **told}.items(), key=lambda each: each[1]))


def _exact(text: str, anchor: str) -> re.Match[str] | None:
    return re.search(r"\s+".join(map(re.escape, anchor.split())), text, re.IGNORECASE)


def _alike(text: str, anchor: str, taken: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Where most of the words stand close together, and not in the first words of another description."""
    wanted = {word.lower()[:_STEM] for word in re.findall(r"[A-Za-z]{2,}", anchor)}
    least = next((share for most, share in _SHARES if len(wanted) <= most), _SHARE_MIN)
    words = [
        (found.start(), found.end(), found[0].lower()[:_STEM])
        for found in re.finditer(r"[A-Za-z]{2,}", text)
        if not any(begin <= found.start() < end for begin, end in taken)
    ]
    window = max(2, round(len(wanted) * _WINDOW))
    best, place = 0.0, None
    for at, (begin, _, stem) in enumerate(words):
        # The first word decides where it begins: a window that starts with another one is not it.
        if stem in wanted:
            limit = min((each for each, _ in taken if each > begin), default=len(text))
            near = [word for word in words[at : at + window] if word[0] < limit]
            share = len(wanted & {word for _, _, word in near}) / len(wanted)
            if share > best:
                best, place = share, (begin, near[-1][1])
    return place if best >= least else None


def _segment(subject: str, text: str, *, is_last: bool) -> Iterator[Statement]:
    """A description and its tail; behind the last one, who knows what follows its line."""
    body = text.partition("\n")[0] if is_last else text.rstrip()
    if not is_last:
        body, tail = _tail(subject, body)
        yield from tail
    default = default_in(body)
    if default is not None:
        yield Statement(subject, "default", plain_value(default))
    yield from states(subject, _SAMPLE.sub(" ", body))
    for name, sample in _SAMPLE.findall(body):
        if name != subject.rpartition("/")[2]:
            kind = _TYPES.get(sample, "string" if sample[0] == '"' else "integer" if sample.isdigit() else sample)
            yield Statement(f"{subject}/*/{name}", PRESENT, value=True)
            yield Statement(f"{subject}/*/{name}", "type", [kind])


def _tail(subject: str, text: str) -> tuple[str, list[Statement]]:
    """The description without its values, and what those state; the first values are the member's own."""
    bounds = min(filter(None, (each.search(text) for each in (_INNER_RANGE, _TAIL_RANGE))), key=_begin, default=None)
    values = min(filter(None, (each.search(text) for each in (_INNER_LIST, _TAIL_LIST))), key=_begin, default=None)
    if bounds is not None and (values is None or _begin(bounds) < _begin(values)):
        ends = [Statement(subject, "minimum", number(bounds[1])), Statement(subject, "maximum", number(bounds[2]))]
        return text[: bounds.start()], ends
    if (longest := _TAIL_NUMBER.search(text)) is not None:
        return text[: longest.start()], [Statement(subject, "maxLength", number(longest[1]))]
    if values is not None:
        return text[: values.start()], [Statement(subject, "enum", split_values(values[1]))]
    return text, []


def _begin(match: re.Match[str]) -> int:
    return match.start()
