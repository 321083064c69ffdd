"""Members as pages list them: a block of lines for each, or a row of a table, also where cells have grown together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from contracts.drift.facts import ANSWER, PRESENT, Statement
from contracts.drift.lines import CELL, without_bullet
from contracts.drift.phrases import states
from specs.pointers import Json

_BASE = r"(?:string|integer|number|boolean|object|array|float|int|bool|file|enum)"
_FORMAT = r"(?: ?\((?:int64|int32|date-time|uri|uuid|url)\))?"
_TYPE = re.compile(rf"(?:{_BASE})(?:<[\w ]+>)?(?:\[\])?{_FORMAT}(?:(?: \| | or )(?:null|{_BASE}))*")
_NAME = re.compile(r"[A-Za-z_][\w.-]*(?:\[\])?")
_ATTRIBUTES = r"(?:[ ,;|]+(?:required|optional|header|query|body|path|default: ?\S+))*"
_HEAD = re.compile(rf"^({_NAME.pattern})(?:: ?| | ?\()({_TYPE.pattern})({_ATTRIBUTES})\)?:?(.*)$")
_DEFAULT = re.compile(r"default(?:s to)?:? ?(\S+)")
_HEADERS = frozenset({"Authorization", "Content-Type"})
_PLACES = {"header": "@", "query": "?", "path": "{"}
_SECTIONS = (
    (re.compile(r"(?:response|returns|output)(?: body| fields| parameters)?", re.IGNORECASE), ANSWER),
    (re.compile(r"(?:request )?headers|authorizations?|authentication", re.IGNORECASE), "@"),
    (re.compile(r"(?:query|path)(?: string)? parameters?", re.IGNORECASE), "?"),
    (re.compile(r"(?:request )?body(?: parameters)?|request parameters|parameters", re.IGNORECASE), ""),
)
_TYPES = {"int": "integer", "float": "number", "bool": "boolean"}
_GLUED = re.compile(rf"^([a-z_][\w.]*?)({_BASE})(Yes|No|Conditional|Required|Optional)(.*)$")
_MODEL_ROW = re.compile(r"^([a-z0-9][a-z0-9.-]*[a-z0-9])(?:\x1f|(?=[A-Z]))")
_WORDS = {"yes": "yes", "required": "yes", "no": "no", "optional": "no", "conditional": "conditional"}


@dataclass(slots=True)
class Member:
    """One member, as far as the page speaks of it."""

    subject: str
    type: str
    required: str = "no"
    default: str | None = None
    text: list[str] = field(default_factory=list)

    def statements(self) -> Iterator[Statement]:
        """Everything that is stated about it."""
        yield Statement(self.subject, PRESENT, value=True)
        yield Statement(self.subject, "type", type_of(self.type))
        yield Statement(self.subject, "required", self.required)
        if self.default is not None:
            yield Statement(self.subject, "default", _value(self.default))
        yield from states(self.subject, _joined(self.text))


def type_of(text: str) -> list[str]:
    """The types of a member, as JSON Schema calls them: `object[] | null` is array<object> and null."""
    found = []
    for part in re.split(r" ?\| ?| or ", text):
        plain = re.sub(r"\(.*\)", "", part).strip()
        inner = re.fullmatch(r"(?:array|list)<(\w+)>|(\w+)\[\]", plain)
        if inner is not None:
            name = inner[1] or inner[2]
            found.append(f"array<{_TYPES.get(name, name)}>")
        else:
            bare = re.sub(r"^enum(?:<(\w+)>)?$", lambda match: match[1] or "string", plain)
            found.append(_TYPES.get(bare, bare))
    return sorted(found)


def _value(text: str) -> Json:
    plain = text.strip().strip("`.,;")
    try:
        return orjson.loads(plain)
    except orjson.JSONDecodeError:
        return plain.strip("'\"")


def _joined(lines: Sequence[str]) -> str:
    """Description in running text; a list of choices, which stands in lines of its own, is one sentence."""
    text: list[str] = []
    listing = False
    for line in map(without_bullet, lines):
        if re.fullmatch(r"(?:available options|possible values|options|enum)\s*:?", line, re.IGNORECASE):
            listing = True
            text.append(line.rstrip(":") + ":")
        elif listing and re.fullmatch(r"[\w:.-]+,?", line):
            text[-1] += " " + line
        else:
            listing = False
            text.append(line)
    return "\n".join(text)


def members(lines: Sequence[str]) -> Iterator[Statement]:
    """What the page's lists and tables state about members."""
    for member in [*_blocks(lines), *_rows(lines)]:
        yield from member.statements()
    yield from _models(lines)


# Blocks


def _section(line: str, current: str) -> str:
    plain = line.rstrip(":").replace(CELL, " ").strip()
    return next((place for pattern, place in _SECTIONS if pattern.fullmatch(plain)), current)


def _blocks(lines: Sequence[str]) -> Iterator[Member]:
    section, open_member, number = "", None, 0
    while number < len(lines):
        line = lines[number]
        head = _head(lines, number)
        new_section = _section(line, section)
        if head is not None or new_section != section or _ends_list(line):
            if open_member is not None:
                yield open_member
            open_member = None
        section = new_section
        if head is not None:
            open_member, used = head
            open_member.subject = _subject(open_member.subject, section)
            number += used
            continue
        if open_member is not None and CELL not in line:
            open_member.text.append(line)
        number += 1
    if open_member is not None:
        yield open_member


def _ends_list(line: str) -> bool:
    """Whether something else than a description begins."""
    return line.startswith(("curl ", "{", "```")) or bool(re.fullmatch(r"[1-5]\d\d - \S+", line))


def _head(lines: Sequence[str], number: int) -> tuple[Member, int] | None:
    """A member that begins at this line, and how many lines its head takes."""
    line = without_bullet(lines[number])
    following = lines[number + 1] if number + 1 < len(lines) else ""
    if _NAME.fullmatch(line) and _TYPE.fullmatch(following):
        member = Member(line, following)
        used = 2
        while number + used < len(lines) and _attribute(member, lines[number + used]):
            used += 1
        return member, used
    match = _HEAD.fullmatch(line)
    if match is None or CELL in line or not _is_head_of_one_line(match):
        return None
    member = Member(match[1], match[2])
    for word in re.split(r"[ ,;|]+(?=required|optional|header|query|body|path|default)", match[3]):
        _attribute(member, word.strip(" ,;|"))
    if match[4].strip(" :-)"):
        member.text.append(match[4].strip(" :-)"))
    return member, 1


def _is_head_of_one_line(match: re.Match[str]) -> bool:
    """Whether it is a head and no sentence that begins like one: it says more than name and type, or nothing else."""
    rest = match[4].strip()
    return bool(match[3]) or not rest or rest[0] in "-:)"


def _attribute(member: Member, line: str) -> bool:
    if line in ("required", "optional"):
        member.required = _WORDS[line]
    elif line in _PLACES:
        member.subject = _PLACES[line] + member.subject
    elif line.startswith("default:") and (match := re.fullmatch(r"default: ?(.+)", line)):
        member.default = match[1]
    else:
        return line == "body"
    return True


def _subject(name: str, section: str) -> str:
    if name[0] in "@?{":
        return name
    if name in _HEADERS or section == "@":
        return "@" + name
    pointer = "/" + name.replace("[]", "/*").replace(".", "/")
    return ANSWER + pointer if section == ANSWER else "?" + name if section == "?" else pointer


# Rows


def _rows(lines: Sequence[str]) -> Iterator[Member]:
    section = ""
    for line in lines:
        section = _section(line, section)
        cells = [cell.strip() for cell in line.split(CELL)]
        if len(cells) >= 3 and _NAME.fullmatch(cells[0]) and _TYPE.fullmatch(cells[1]):  # noqa: PLR2004 - name, type, more
            yield _row(cells[0], cells[1], cells[2:], section)
        elif (match := _GLUED.fullmatch(line)) is not None:
            yield _row(match[1], match[2], [match[3], match[4]], section)


def _row(name: str, kind: str, rest: Sequence[str], section: str) -> Member:
    member = Member(_subject(name, section), kind)
    for cell in rest:
        if cell.lower() in _WORDS:
            member.required = _WORDS[cell.lower()]
        else:
            match = _DEFAULT.search(cell)
            member.default = match[1] if match is not None else member.default
            member.text.append(cell)
    return member


def _models(lines: Sequence[str]) -> Iterator[Statement]:
    """The models of a table that lists some."""
    listing, found = False, []
    for line in lines:
        if re.fullmatch(r"Models?(?: ID)?(?:\x1f.*|[A-Z].*)", line):
            listing = True
        elif listing and line:
            match = _MODEL_ROW.match(line)
            listing = match is not None
            if match is not None:
                found.append(match[1])
    if found:
        yield Statement("/model", "enum", sorted(found))
