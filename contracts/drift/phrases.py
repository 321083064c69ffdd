"""What sentences about a member state: limits, choices, conditions. A table of patterns, the narrow ones first.

Each match is taken out of the text, so that the bounds of an array are not read as those of a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from contracts.drift.facts import Statement
from specs.pointers import Json

_N = r"(-?\d[\d,]*(?:\.\d+)?)"
_F = r"(\d+(?:\.\d+)?)"
# A member, by name or by the names that lead to it; a sentence that follows without a blank is not part of it.
_PATH = r"(?-i:[a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)*)"
_TO = r"\s*(?:-|~|to|and|,|\.\.\.?|…)\s*"
_UNITS = {"kb": 1_000, "kib": 1_024, "mb": 1_000_000, "mib": 1_048_576}
# Things that are counted, and no units.
_MANY = r"(?!(?:char|sec|min|hour|day|pix|px|byte|kb|mb|token|word|time)\w*)[a-z]+\b(?: elements)?"
_MOST = (
    r"(?:max(?:imum)?(?: of)?|up to|at most|no more than|cannot exceed|must not exceed|not exceed(?:ing)?|limited to)"
)
_LEAST = r"(?:min(?:imum)?(?: of)?|at least|no fewer than|no less than|not be less than|must be >=|>=)"

Found: TypeAlias = Iterator[tuple[str, str, Json]]
"""Below which member of the subject, the fact's name, its value."""


class Pattern(NamedTuple):
    """A way of saying something, and what it states."""

    regex: re.Pattern[str]
    states: Callable[[re.Match[str]], Found]


def number(text: str) -> Json:
    """A number as it is written in running text."""
    plain = text.replace(",", "")
    return float(plain) if "." in plain and float(plain) != int(float(plain)) else int(float(plain))


def _pair(low: str, high: str) -> Callable[[re.Match[str]], Found]:
    def states(match: re.Match[str]) -> Found:
        yield "", low, number(match[1])
        yield "", high, number(match[2])

    return states


def _one(name: str, below: str = "") -> Callable[[re.Match[str]], Found]:
    return lambda match: iter([(below, name, number(match[1]))])


def _of_item(name: str) -> Callable[[re.Match[str]], Found]:
    """About a member of each item, which the sentence names first."""
    return lambda match: iter([("/*/" + _member(match[1]), name, number(match[2]))])


def _member(word: str) -> str:
    # What a page calls the content of a shot is its prompt.
    return "prompt" if word.lower() == "content" else word.lower()


def _item_bounds(match: re.Match[str]) -> Found:
    member = "/*/" + _member(match[1])
    yield member, "at_most_total", True
    if match[2]:
        yield member, "minimum", number(match[2])


def _bytes(match: re.Match[str]) -> Found:
    yield "", "image_bytes", int(float(match[1]) * _UNITS[match[2].lower()])


def _formats(match: re.Match[str]) -> Found:
    found = {
        each.lower().replace("jpeg", "jpg")
        for each in re.findall(r"\b(?:jpe?g|png|webp|gif|bmp|heic)\b", match[0], re.IGNORECASE)
    }
    yield "", "image_formats", sorted(found)


def _ratio(match: re.Match[str]) -> Found:
    sides = [float(match[number]) for number in range(1, 5)]
    yield "", "image_ratio", sorted([sides[0] / sides[1], sides[2] / sides[3]])


def _names(text: str) -> list[str]:
    words = re.findall(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*", text)
    return sorted({word for word in words if word not in ("and", "or", "with")})


def _exclusive(match: re.Match[str]) -> Found:
    yield "", "exclusive", _names(match[1])


def _at_least_one(match: re.Match[str]) -> Found:
    yield "", "at_least_one", _names(match[1])


def _condition(match: re.Match[str]) -> Found:
    atoms = re.findall(r"\b([a-z_]+) (?:is|=|equals) ([a-z0-9_.-]*[a-z0-9])", match[1])
    if atoms:
        joined = "and" if " and " in match[1] else "or"
        yield "", "required_when", [joined if len(atoms) > 1 else "", *sorted(" ".join(atom) for atom in atoms)]


def _flag(name: str, below: str = "") -> Callable[[re.Match[str]], Found]:
    return lambda _: iter([(below, name, True)])


def _compiled(text: str, states: Callable[[re.Match[str]], Found]) -> Pattern:
    return Pattern(re.compile(text, re.IGNORECASE), states)


PATTERNS: tuple[Pattern, ...] = (
    # conditions and company
    _compiled(
        r"(?:required|must not be empty|mandatory|must be (?:given|provided|set))(?: only)? (?:when|if) ([^.\n]+)",
        _condition,
    ),
    _compiled(r"at least one of ([\w, ]+?) (?:must|has to|is required)", _at_least_one),
    _compiled(rf"mutually exclusive with ({_PATH})", _exclusive),
    _compiled(r"([\w/, ]+?) are mutually exclusive", _exclusive),
    _compiled(rf"(?:do not|don't|never) pass (?:it|this) together with ({_PATH})", _exclusive),
    # items
    _compiled(
        rf"\beach \w+ (\w+)[^.\n]{{0,40}}?{_MOST} (?:the )?total(?: (?!and\b)\w+)*(?: and must be >= ?{_N})?",
        _item_bounds,
    ),
    _compiled(rf"\beach \w+ (\w+)(?: is)? {_MOST} {_N} char\w*", _of_item("maxLength")),
    _compiled(rf"max(?:imum)? length per \w+ (\w+):? {_N}(?: char\w*)?", _of_item("maxLength")),
    _compiled(r"sum of (?:all|the) [\w ]*?durations? must equal [\w ]+", _flag("sum", "/*/duration")),
    # pictures
    _compiled(rf"{_F}:{_F} ?(?:~|-|to) ?{_F}:{_F}", _ratio),
    _compiled(r"formats?[^.\n]{0,20}?:? *[^\n]*\b(?:jpe?g|png|webp)\b[^\n]*", _formats),
    _compiled(rf"(?:{_MOST}|<=|smaller than|less than) ?{_N} ?(kib|kb|mib|mb)\b", _bytes),
    _compiled(rf"(?:{_LEAST}|not less than) ?{_N} ?(?:px|pixels)", _one("image_side")),
    _compiled(r"(?:do not|don't|without)[^.\n]*prefix\w*", _flag("prefix")),
    # lengths
    _compiled(rf"length limit:? ?{_N}{_TO}{_N}", _pair("minLength", "maxLength")),
    _compiled(rf"(?:required )?array length:? ?{_N}{_TO}{_N}(?: {_MANY})?", _pair("minItems", "maxItems")),
    _compiled(rf"(?:required )?string length:? ?{_N}{_TO}{_N}", _pair("minLength", "maxLength")),
    _compiled(rf"max(?:imum)? (?:string )?length:? ?{_N}", _one("maxLength")),
    _compiled(rf"min(?:imum)? (?:string )?length:? ?{_N}", _one("minLength")),
    _compiled(rf"{_MOST} {_N} char\w*", _one("maxLength")),
    _compiled(rf"{_LEAST} {_N} char\w*", _one("minLength")),
    _compiled(rf"max(?:imum)? array length:? ?{_N}", _one("maxItems")),
    _compiled(rf"{_MOST} {_N} {_MANY}", _one("maxItems")),
    _compiled(rf"{_LEAST} {_N} {_MANY}", _one("minItems")),
    # numbers
    _compiled(rf"{_N} ?<= ?x ?<= ?{_N}", _pair("minimum", "maximum")),
    _compiled(rf"range:? ?\[? ?{_N}{_TO}{_N} ?\]?", _pair("minimum", "maximum")),
    _compiled(rf"(?:from|between) {_N} (?:to|and) {_N}", _pair("minimum", "maximum")),
    _compiled(rf"\({_N} ?(?:-|~|to) ?{_N}\)", _pair("minimum", "maximum")),
    _compiled(rf"\b{_N} ?(?:-|to) ?{_N} seconds", _pair("minimum", "maximum")),
    _compiled(rf"\[{_N}, ?{_N}\]", _pair("minimum", "maximum")),
)

_TOKEN = r"[a-z0-9][\w:./\-]*[a-z0-9]|[a-z0-9]"
_HEADS = r"(?:possible values|available options|options|enum|one of|allowed values)"
_LISTED = re.compile(rf"{_HEADS}\s*:\s*((?:{_TOKEN})(?:\s*,?\s*(?:or |and )?(?:{_TOKEN}))*)", re.IGNORECASE)
# A sentence that is nothing but values: `16:9, 9:16, or 1:1; ...`, `customize or intelligent.`
_ALONE = re.compile(rf"^((?:{_TOKEN})(?:(?:, (?:or )?| or )(?:{_TOKEN}))+)(?=\s*(?:[.;]|$))")


_BETWEEN = re.compile(r"\s*(?:,\s*(?:or |and )?|\bor\b|\band\b|\s)\s*")


def split_values(text: str) -> list[str]:
    """The values of a list in running text, in an order that says nothing."""
    return sorted({each for each in _BETWEEN.split(text.strip(" .;")) if each})


def states(subject: str, text: str) -> Iterator[Statement]:
    """What a member's description states."""
    listed = _LISTED.search(text) or _ALONE.search(text)
    if listed is not None:
        yield Statement(subject, "enum", split_values(listed[1]))
        text = text[: listed.start()] + " " + text[listed.end() :]
    for pattern in PATTERNS:
        while (match := pattern.regex.search(text)) is not None:
            for below, name, value in pattern.states(match):
                yield Statement(subject + below, name, value)
            text = text[: match.start()] + " ; " + text[match.end() :]
