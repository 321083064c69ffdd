"""What sentences about a member state: limits, choices, conditions. A table of patterns, the narrow ones first.

Each match is taken out of the text, so that the bounds of an array are not read as those of a number. What is left was
not understood: its numbers and names are kept, so that a fact which is told in other words is not taken for lost.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple, TypeAlias

from contracts.drift.readers.facts import WORDS, Statement
from specs.pointers import Json

_N = r"(-?(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?)(?!\d|,\d{3}\b)"
# In brackets a comma stands between two numbers.
_BARE = r"(-?\d+(?:\.\d+)?)"
_F = r"(\d+(?:\.\d+)?)"
# A member, by name or by the names that lead to it; a sentence that follows without a blank is not part of it.
_PATH = r"(?-i:[a-z_][a-z0-9_]*(?:\.[a-z0-9_]+)*)"
_TO = r"\s*(?:-|~|to|and|,|\.\.\.?|…)\s*"
_SPAN = r" ?(?:-|~|to|\.\.\.?|…) ?"
_UNITS = {"kb": 1_000, "kib": 1_024, "mb": 1_000_000, "mib": 1_048_576, "gb": 1_000_000_000}
# Things that are counted, and no units.
_MANY = (
    r"(?!(?:char|letter|code point|s\b|sec|min|hour|day|pix|px|byte|kb|mb|gb|token|word|time|%|usd)\w*)"
    r"[a-z]+\b(?: elements)?"
)
# The items themselves, and not something else that comes in numbers.
_COUNTED = rf"{_MANY}(?=\s*(?:[.,;:)]|and\b|or\b|$))"
# A number that nothing is counted by, except seconds.
_ENDS = r"(?! ?%|\.\d)(?=(?: ?s\b| seconds?\b)?\s*(?:[.,;:)]|and\b|or\b|$))"
_MOST = (
    r"(?:max(?:imum)?(?: of)?|up to|at most|no more than|no longer than|(?:can|can't|may|must|should)(?: ?not)? exceed"
    r"|not exceed(?:ing)?|limited to|cannot be longer than)"
)
_LEAST = (
    r"(?:min(?:imum)?(?: of)?|at least|no fewer than|no less than|not be less than|(?:must )?be >=|>="
    r"|(?:must )?be at least)"
)
# The member of an item that a sentence is about: no verb.
_OF = r"((?!(?:must|is|can|cannot|may|should|has|have|of|in|and|or)\b)\w+)"
_FORBIDS = r"(?:do not|don't|never|cannot be|can't be|must not be|may not be|not to be)"
_EXTENSION = r"\.?\b(?:jpe?g|png|webp|gif|bmp|heic|heif|avif|tiff?)\b"

FORMAL = re.compile(
    r"(?:available options|possible values|allowed values|options|enum"
    r"|(?:required |allowed )?(?:string |array )?length(?: limit)?"
    r"|(?:max(?:imum)?|min(?:imum)?) (?:string |array )?(?:length|items|value)|(?:required |allowed )?range)\s*:",
    re.IGNORECASE,
)
"""How a line begins that belongs to a member whatever stands before it."""

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
    least = re.search(rf"{_LEAST} ?{_N}", match[0], re.IGNORECASE)
    if least is not None:
        yield member, "minimum", number(least[1])


def _bytes(match: re.Match[str]) -> Found:
    yield "", "image_bytes", int(float(match[1].replace(",", "")) * _UNITS[match[2].lower()])


def _formats(match: re.Match[str]) -> Found:
    found = {each.lower().strip(".") for each in re.findall(_EXTENSION, match[0], re.IGNORECASE)}
    yield "", "image_formats", sorted({each.replace("jpeg", "jpg") for each in found})


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
    atoms = re.findall(r"\b([a-z_]+) ?(?:is set to|is|=|equals) ?([a-z0-9_.-]*[a-z0-9])", match[1])
    if atoms:
        joined = "and" if " and " in match[1] else "or"
        yield "", "required_when", [joined if len(atoms) > 1 else "", *sorted(" ".join(atom) for atom in atoms)]


def _flag(name: str, below: str = "", *, value: bool = True) -> Callable[[re.Match[str]], Found]:
    return lambda _: iter([(below, name, value)])


def _compiled(text: str, states: Callable[[re.Match[str]], Found]) -> Pattern:
    return Pattern(re.compile(text, re.IGNORECASE), states)


PATTERNS: tuple[Pattern, ...] = (
    # conditions and company
    _compiled(
        r"(?:required|must not be empty|mandatory|(?:must|has to|needs to) be (?:given|provided|set)|needed"
        r"|you need it)(?: only)?,? (?:when|if) ([^.\n]+)",
        _condition,
    ),
    _compiled(rf"at least one of ({_PATH}(?:(?:, (?:and |or )?| and | or |/){_PATH})+)", _at_least_one),
    _compiled(rf"mutually exclusive with ({_PATH})", _exclusive),
    _compiled(r"([\w/, ]+?) are mutually exclusive", _exclusive),
    _compiled(
        rf"(?:only one|no more than one|at most one) of ({_PATH}[\w/, ]+?) (?:can|may|must|is|should)\b", _exclusive
    ),
    _compiled(
        rf"{_FORBIDS} (?:pass |send |use |set |combine |be )?(?:it |this |them )?"
        rf"(?:passed |sent |used |set |given |combined )?(?:together )?with ({_PATH})",
        _exclusive,
    ),
    # items
    _compiled(
        rf"\beach \w+(?:'s)? {_OF}[^.\n]{{0,40}}?{_MOST} (?:the )?total(?: (?!and\b)\w+)*(?: and {_LEAST} ?{_N})?",
        _item_bounds,
    ),
    _compiled(
        rf"\b{_OF} of each \w+[^.\n]{{0,40}}?{_MOST} (?:the )?total(?: (?!and\b)\w+)*(?: and {_LEAST} ?{_N})?",
        _item_bounds,
    ),
    _compiled(rf"\beach \w+(?:'s)? {_OF}:?(?: is)? {_MOST} {_N} char\w*", _of_item("maxLength")),
    _compiled(rf"\b{_OF} (?:of|for) each \w+:?(?: is)? {_MOST} {_N} char\w*", _of_item("maxLength")),
    _compiled(rf"max(?:imum)? length per \w+ {_OF}:? {_N}(?: char\w*)?", _of_item("maxLength")),
    _compiled(
        r"sum of (?:all|the) [\w ]*?durations? (?:must|has to|have to|should) (?:equal|be)\b(?! (?:at most|less))"
        r"[\w ]*",
        _flag("sum"),
    ),
    _compiled(
        r"sum of (?:all|the) [\w ]*?durations? (?:must|may|can|should)(?:not| not| be (?:at most|less)) ?[\w ]*",
        _flag("at_most_sum"),
    ),
    # pictures
    _compiled(rf"{_F}:{_F} ?(?:~|-|to|and) ?{_F}:{_F}", _ratio),
    _compiled(rf"formats?[^.\n]{{0,20}}?:? *(?:are |is )?{_EXTENSION}(?:[,/ ]*(?:and |or )?{_EXTENSION})*", _formats),
    _compiled(rf"{_EXTENSION}(?:(?:, ?(?:and |or )?| and | or |/| ){_EXTENSION})+", _formats),
    _compiled(
        rf"(?:{_MOST}|<=|smaller than|less than|below|max(?:imum)? (?:file )?size:?) ?{_N} ?(kib|kb|mib|mb|gb)\b",
        _bytes,
    ),
    _compiled(rf"{_N} ?(kib|kb|mib|mb|gb) or (?:smaller|less)", _bytes),
    _compiled(rf"(?:{_LEAST}|not less than|larger than) ?{_N} ?(?:px|pixels)", _one("image_side")),
    _compiled(rf"{_N} ?(?:px|pixels) or (?:more|larger)", _one("image_side")),
    _compiled(rf"(?:{_MOST}|not more than|smaller than) ?{_N} ?(?:px|pixels)", _one("image_side_max")),
    _compiled(rf"{_N} ?(?:px|pixels) or (?:less|smaller)", _one("image_side_max")),
    _compiled(r"(?:do not|don't|without|must not|never|no)\b[^.\n]*prefix\w*[^.\n]*", _flag("prefix")),
    _compiled(
        r"(?:add|include|keep|with|needs?|must have|begins? with)\b[^.\n]*prefix\w*[^.\n]*",
        _flag("prefix", value=False),
    ),
    # lengths
    _compiled(rf"(?:required )?array length:? ?{_N}{_TO}{_N}(?: {_MANY})?", _pair("minItems", "maxItems")),
    _compiled(rf"(?:required )?string length:? ?{_N}{_TO}{_N}", _pair("minLength", "maxLength")),
    _compiled(rf"length(?: limit)?:? ?{_N}{_TO}{_N}(?! seconds)", _pair("minLength", "maxLength")),
    _compiled(rf"max(?:imum)? (?:string )?length:? ?{_N}", _one("maxLength")),
    _compiled(rf"min(?:imum)? (?:string )?length:? ?{_N}", _one("minLength")),
    _compiled(rf"{_MOST}:? {_N} (?:char|letter|code point)\w*", _one("maxLength")),
    _compiled(rf"{_N} characters (?:or less|or fewer|max\w*|at most)", _one("maxLength")),
    _compiled(rf"{_LEAST}:? {_N} (?:char|letter)\w*", _one("minLength")),
    _compiled(rf"max(?:imum)? (?:array length|items):? ?{_N}", _one("maxItems")),
    _compiled(rf"min(?:imum)? (?:array length|items):? ?{_N}", _one("minItems")),
    _compiled(rf"(?:from|between) {_N} (?:to|and) {_N} {_COUNTED}", _pair("minItems", "maxItems")),
    _compiled(rf"{_MOST} {_N} {_COUNTED}", _one("maxItems")),
    _compiled(rf"{_LEAST} {_N} {_COUNTED}", _one("minItems")),
    # numbers
    _compiled(rf"{_N} ?<= ?\w+ ?<= ?{_N}", _pair("minimum", "maximum")),
    _compiled(rf"(?:range:? ?)?\[ ?{_BARE}{_TO}{_BARE} ?\]", _pair("minimum", "maximum")),
    _compiled(rf"range:? ?{_N}{_TO}{_N}", _pair("minimum", "maximum")),
    _compiled(rf"(?:from|between) {_N} (?:to|and) {_N}(?! ?(?:px|pixels|usd|credits?)\b)", _pair("minimum", "maximum")),
    _compiled(rf"\({_N} ?(?:-|~|to) ?{_N}(?: ?s| seconds)?\)", _pair("minimum", "maximum")),
    _compiled(rf"\b{_N} ?(?:-|to) ?{_N} ?(?:s\b|sec)\w*", _pair("minimum", "maximum")),
    _compiled(rf"(?<=[,:;]) ?{_BARE}{_SPAN}{_BARE}(?= ?(?:[.;]|$))", _pair("minimum", "maximum")),
    _compiled(rf"{_LEAST}(?: value)?:? {_N}{_ENDS}", _one("minimum")),
    _compiled(rf"{_MOST}(?: value)?:? {_N}{_ENDS}", _one("maximum")),
)

_TOKEN = r"(?-i:[a-z0-9][\w:./\-]*[a-z0-9]|[a-z0-9])"
_HEADS = r"(?:possible values|available options|options|enum|one of|allowed values|supported values|values)"
_LISTED = re.compile(rf"{_HEADS}\s*:\s*((?:{_TOKEN})(?:\s*,?\s*(?:or |and )?(?:{_TOKEN}))*)", re.IGNORECASE)
_OR = rf"(?:(?:, ?(?:or |and )?| or | and )(?:{_TOKEN}))+"
_OFFERED = re.compile(
    rf"(?<!least )(?<!only )(?<!than )(?<!most )\b(?:one of|either) ((?:{_TOKEN}){_OR})(?=\s*(?:[.;\n]|$))",
    re.IGNORECASE,
)
# A sentence that is nothing but values: `16:9, 9:16, or 1:1; ...`, `customize or intelligent.`
_ALONE = re.compile(rf"^((?:{_TOKEN}){_OR}|(?-i:[a-z][a-z0-9_-]+)(?=\.$))(?=(?: seconds?)?\s*(?:[.;]|$))")
_BETWEEN = re.compile(r"\s*(?:,\s*(?:or |and )?|\bor\b|\band\b|\s)\s*")
_DEFAULT = re.compile(
    r"\bdefaults?(?: to|:| ?=| value is| value:|(?=\s+(?:\d|true\b|false\b|\"))"
    r"| is(?=\s+(?:\"|\d|true|false|\S+\s*(?:[.;,)]|$))))\s*"
    r"(\"[^\"]*\"|'[^']*'|[^\s,;)]*[^\s,;).])",
    re.IGNORECASE,
)


def split_values(text: str) -> list[str]:
    """The values of a list in running text, in an order that says nothing."""
    return sorted({each for each in _BETWEEN.split(text.strip(" .;")) if each})


def default_in(text: str) -> str | None:
    """The default that a sentence states."""
    match = _DEFAULT.search(text)
    return match[1] if match is not None else None


def words(text: str) -> set[str]:
    """Numbers and names in a text, as facts write them."""
    numbers = {str(number(each)) for each in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}
    return numbers | {each.lower() for each in re.findall(r"[A-Za-z_]\w*|\w[\w:./-]*\w", text)}


def states(subject: str, text: str) -> Iterator[Statement]:
    """What a member's description states, and the words that were not understood."""
    listed = _LISTED.search(text) or _OFFERED.search(text) or _ALONE.search(text)
    if listed is not None:
        yield Statement(subject, "enum", split_values(listed[1]))
        text = text[: listed.start()] + " ; " + text[listed.end() :]
    for pattern in PATTERNS:
        while (match := pattern.regex.search(text)) is not None:
            for below, name, value in pattern.states(match):
                # "At least one of them" may be said of anything.
                if name != "at_least_one" or subject.rpartition("/")[2] in value:
                    yield Statement(subject + below, name, value)
            text = text[: match.start()] + " ; " + text[match.end() :]
    yield Statement(subject, WORDS, sorted(words(text)))


def outside(lines: Iterable[str], members: AbstractSet[str]) -> Iterator[Statement]:
    """Ranges that a page tells where it lists mistakes: a member outside of them is one."""
    pattern = re.compile(
        rf"\b({'|'.join(map(re.escape, sorted(members)))}) outside(?: of)?(?: the range)? {_N}{_TO}{_N}"
    )
    for line in lines if members else ():
        for match in pattern.finditer(line):
            yield Statement(f"/{match[1]}", "minimum", number(match[2]))
            yield Statement(f"/{match[1]}", "maximum", number(match[3]))
