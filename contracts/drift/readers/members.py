"""Members as pages list them, in blocks of lines: name, type, what else is said in a word, then a description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from contracts.drift.readers.facts import ANSWER, PRESENT, Statement
from contracts.drift.readers.headers import scheme
from contracts.drift.readers.lines import CELL, Line
from contracts.drift.readers.phrases import FORMAL, default_in, states
from specs.pointers import Json

_BASE = r"(?:string|integer|number|boolean|object|array|float|int|bool|file|enum)"
_FORMAT = r"(?: ?\((?:int64|int32|date-time|uri|uuid|url)\))?"
TYPE = re.compile(rf"(?:{_BASE})(?:<[\w ]+>)?(?:\[\])?{_FORMAT}(?:(?: ?\| ?| or |, )(?:null|{_BASE}))*", re.IGNORECASE)
NAME = re.compile(r"[A-Za-z_][\w-]*(?:\[\])?(?:\.[A-Za-z_][\w-]*(?:\[\])?)*")
_VALUE = r"(?:\"[^\"]*\"|[^\s,;)]+)"
_ATTRIBUTE = rf"(?:required|optional|nullable|header|query|body|path|default(?: value)?(?: is)?[:=]? ?{_VALUE})"
_HEAD = re.compile(rf"^({NAME.pattern})(?:: ?| | ?\()({TYPE.pattern})((?:[ ,;|]+{_ATTRIBUTE})*)\)?:?(.*)$")
_HEADERS = frozenset({"Authorization", "Content-Type"})
_PLACES = {"header": "@", "query": "?", "path": "{"}
_SECTIONS = (
    (re.compile(r"(?:example )?(?:responses?|returns?|output)(?: body| fields?| parameters?)?", re.IGNORECASE), ANSWER),
    (re.compile(r"(?:request )?headers|authori[sz]ations?|authentication", re.IGNORECASE), "@"),
    (re.compile(r"(?:query|path)(?: string)? parameters?", re.IGNORECASE), "?"),
    (re.compile(r"(?:request )?body(?: parameters?| fields?)?|(?:request )?parameters", re.IGNORECASE), ""),
)
# As an attribute, or as a cell that was saved as a line.
_ANSWERS = frozenset({"required", "optional", "Required", "Optional", "Yes", "No", "Conditional"})
_TYPES = {"int": "integer", "float": "number", "bool": "boolean", "file": "string"}
# Words that only begin a title: what stands alone in a line, with a capital and no stop, titles what follows.
_TITLE_WORDS_MAX = 6
_TITLE = re.compile(r"[A-Z0-9][^.:;,!=<>()\[\]{}\"]*[\w?)]")
_VALUE_ALONE = r"[a-z0-9\"'][\w:./\"'-]*"
_CHOICE = re.compile(rf"{_VALUE_ALONE}(?:, ?{_VALUE_ALONE})*,?|,")
WORDS_FOR_REQUIRED = {"yes": "yes", "required": "yes", "true": "yes", "✓": "yes", "✅": "yes", "y": "yes"} | {
    "no": "no",
    "optional": "no",
    "false": "no",
    "✗": "no",
    "❌": "no",
    "n": "no",
    "-": "no",
    "conditional": "conditional",
}


@dataclass(slots=True)
class Member:
    """One member, as far as the page speaks of it."""

    subject: str
    type: str | None
    line: int = 0
    required: str = "no"
    default: str | None = None
    text: list[str] = field(default_factory=list)
    closed: bool = False
    """Something else than its description has begun: what is said in sentences is not about it any more."""

    def add(self, line: Line, *, stands_alone: bool) -> None:
        """One more line of the page, if it is about this member."""
        formal = FORMAL.match(line.item) is not None
        if formal or self._goes_on(line):
            self.closed = self.closed or any(not FORMAL.match(each) for each in self.text)
            self.text.append(line.item)
        elif self.closed or line.kind == "heading" or (stands_alone and self.text and _is_title(line)):
            self.closed = True
        else:
            self.text.append(line.item)

    def _goes_on(self, line: Line) -> bool:
        """Whether the line is one more value of the list above it."""
        above = next((each for each in reversed(self.text) if not _CHOICE.fullmatch(each)), "")
        return bool(above) and above.endswith((":", ",")) and _CHOICE.fullmatch(line.item) is not None

    def statements(self) -> Iterator[Statement]:
        """Everything that is stated about it."""
        text = joined(self.text)
        yield Statement(self.subject, PRESENT, value=True, line=self.line)
        if self.type is not None:
            yield Statement(self.subject, "type", type_of(self.type))
        yield Statement(self.subject, "required", self.required)
        default = self.default if self.default is not None else default_in(text)
        if default is not None:
            yield Statement(self.subject, "default", plain_value(default))
        if self.subject == "@Authorization" and (word := scheme(text)) is not None:
            yield Statement(self.subject, "scheme", word)
        yield from states(self.subject, text)


def type_of(text: str) -> list[str]:
    """The types of a member, as JSON Schema calls them: `object[] | null` is array<object> and null."""
    found = []
    for part in re.split(r" ?\| ?| or |, ", text.lower()):
        plain = re.sub(r"\(.*\)", "", part).strip()
        inner = re.fullmatch(r"(?:array|list)<(\w+)>|(\w+)\[\]", plain)
        if inner is not None:
            name = inner[1] or inner[2]
            found.append(f"array<{_TYPES.get(name, name)}>")
        else:
            bare = re.sub(r"^enum(?:<(\w+)>)?$", lambda match: match[1] or "string", plain)
            found.append(_TYPES.get(bare, bare))
    return sorted(set(found))


def plain_value(text: str) -> Json:
    """A value as a page writes it: JSON where it is some, else text."""
    plain = text.strip().strip("`.,;")
    try:
        return orjson.loads(plain)
    except orjson.JSONDecodeError:
        return plain.strip("'\"")


def joined(lines: Sequence[str]) -> str:
    """Description in running text; a list of choices, which stands in lines of its own, is one sentence."""
    text: list[str] = []
    listing = False
    for line in filter(None, lines):
        if re.fullmatch(r"(?:available options|possible values|allowed values|options|enum)\s*:?", line, re.IGNORECASE):
            listing = True
            text.append(line.rstrip(":") + ":")
        elif listing and _CHOICE.fullmatch(line):
            text[-1] += " " + line
        elif text and not listing and text[-1][-1].isalnum() and line[0].islower() and " " in text[-1]:
            # A long line that was broken anywhere.
            text[-1] += " " + line
        else:
            listing = bool(
                re.search(r"(?:available options|possible values|allowed values): .*,$", line, re.IGNORECASE)
            )
            text.append(line)
    return "\n".join(text)


def _is_title(line: Line) -> bool:
    """Whether a line that stands alone titles what follows it."""
    words = line.text.split()
    return 0 < len(words) <= _TITLE_WORDS_MAX and not line.is_item and _TITLE.fullmatch(line.text) is not None


def section_of(line: Line, current: str) -> str:
    """What the members that follow belong to; a title that names nothing of that kind ends what was before."""
    plain = line.text.rstrip(":").replace(CELL, " ").strip()
    found = next((place for pattern, place in _SECTIONS if pattern.fullmatch(plain)), None)
    if found is not None:
        return found
    return "" if line.kind == "heading" and not NAME.fullmatch(plain) else current


def subject_of(name: str, section: str) -> str:
    """What the page's facts call this member."""
    if name[0] in "@?{":
        return name
    if name in _HEADERS or section == "@":
        return "@" + name
    pointer = "/" + name.replace("[]", "/*").replace(".", "/")
    return ANSWER + pointer if section == ANSWER else "?" + name if section == "?" else pointer


def blocks(lines: Sequence[Line]) -> Iterator[Member]:
    """The members that are listed in blocks."""
    section, member, number = "", None, 0
    while number < len(lines):
        line = lines[number]
        head = _head(lines, number)
        new_section = section_of(line, section) if head is None else section
        if member is not None and (head is not None or new_section != section or _ends_list(line)):
            yield member
            member = None
        section = new_section
        if head is not None:
            member, used = head
            member.subject = subject_of(member.subject, section)
            number += used
            continue
        if member is not None and line.text:
            member.add(line, stands_alone=_stands_alone(lines, number))
        number += 1
    if member is not None:
        yield member


def _stands_alone(lines: Sequence[Line], number: int) -> bool:
    """Whether empty lines are around the line."""
    return not lines[number - 1].text and (number + 1 == len(lines) or not lines[number + 1].text)


def _ends_list(line: Line) -> bool:
    """Whether something else than a description begins."""
    return line.kind == "code" or CELL in line.text or bool(re.fullmatch(r"[1-5]\d\d(?: - \S+)?", line.text))


def _head(lines: Sequence[Line], number: int) -> tuple[Member, int] | None:
    """A member that begins at this line, and how many lines its head takes."""
    line = lines[number]
    if line.kind == "code" or not line.text or CELL in line.text:
        return None
    below = _next(lines, number + 1, line.kind)
    if NAME.fullmatch(line.item) and below < len(lines) and TYPE.fullmatch(lines[below].text):
        return _head_of_lines(lines, number, below)
    match = _HEAD.fullmatch(line.item)
    if match is None or not _is_head_of_one_line(match):
        return None
    member = Member(match[1], match[2], line.number)
    for word in re.findall(_ATTRIBUTE, match[3]):
        _attribute(member, word)
    if match[4].strip(" :-)"):
        member.text.append(match[4].strip(" :-)"))
    return member, 1


def _next(lines: Sequence[Line], number: int, kind: str) -> int:
    """The next line; below a heading, and between blocks of Markdown, an empty one may stand first."""
    skipped = number < len(lines) and not lines[number].text and (kind == "heading" or _is_lone(lines, number))
    return number + skipped


def _is_lone(lines: Sequence[Line], number: int) -> bool:
    """Whether one empty line stands alone before what belongs to a head."""
    below = lines[number + 1].text if number + 1 < len(lines) else ""
    return below in _ANSWERS or any(re.fullmatch(each, below) for each in (TYPE, _ATTRIBUTE))


def _head_of_lines(lines: Sequence[Line], number: int, below: int) -> tuple[Member, int]:
    member = Member(lines[number].item, lines[below].text, lines[number].number)
    at = below + 1
    while (following := _next(lines, at, "text")) < len(lines) and _attribute(member, lines[following].text):
        at = following + 1
    return member, at - number


def _is_head_of_one_line(match: re.Match[str]) -> bool:
    """Whether it is a head and no sentence that begins like one: it says more than name and type, or nothing else."""
    rest = match[4].strip()
    return bool(match[3]) or not rest or rest[0] in "-:)"


def _attribute(member: Member, line: str) -> bool:
    if line in _ANSWERS:
        member.required = WORDS_FOR_REQUIRED[line.lower()]
    elif line == "nullable":
        member.type = f"{member.type} | null"
    elif line in _PLACES:
        member.subject = _PLACES[line] + member.subject
    elif match := re.fullmatch(r"default(?: value)?(?: is)?[:=]? ?(.+)", line):
        member.default = match[1]
    else:
        return line == "body"
    return True
