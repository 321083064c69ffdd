"""Members, models and status words in tables, also in those whose cells have grown together in a saved text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from contracts.drift.readers.facts import Statement
from contracts.drift.readers.lines import CELL, Line
from contracts.drift.readers.members import NAME, TYPE, WORDS_FOR_REQUIRED, Member, section_of, subject_of
from contracts.drift.readers.phrases import default_in
from contracts.drift.readers.statuses import SOME_STATUS

_COLUMNS: Mapping[str, re.Pattern[str]] = {
    "name": re.compile(
        r"(?:parameter|field|property|name|param|attribute|member|key|argument)s?(?: name)?", re.IGNORECASE
    ),
    "type": re.compile(r"(?:data ?)?types?", re.IGNORECASE),
    "required": re.compile(r"required\??|mandatory|optional\??", re.IGNORECASE),
    "default": re.compile(r"defaults?(?: value)?", re.IGNORECASE),
}
_NOTHING = frozenset({"", "-", "none", "n/a"})
_GLUED_TYPE = r"(?:string|integer|number|boolean|object|array|float|int|bool)(?:<\w+>|\[\])?(?: ?\| ?null)?"
_GLUED = re.compile(rf"^([a-z_][\w.]*?(?:\[\])?)({_GLUED_TYPE})(Yes|No|Conditional|Required|Optional)(.*)$")
_GLUED_DEFAULT = re.compile(r"^(-|true|false|\"[^\"]*\"|\d[\d.:]*|[a-z][a-z0-9_-]*)(?=[A-Z]|$)")
_WORD = r"[a-z0-9][a-z0-9._-]*?[a-z0-9]"
# Behind it another cell, which begins with a capital, or is `4K` and the like.
_FIRST = re.compile(rf"^({_WORD}(?: \| {_WORD})*)(?:{CELL}|(?=(?:\d+K)?[A-Z]))")
_LISTS = (
    (re.compile(rf"(?:public )?models?(?: (?:id|name))?s?(?:{CELL}.*|(?-i:[A-Z]).*)", re.IGNORECASE), "/model", "enum"),
    (re.compile(rf"(?:task )?(?:status|state)(?:es|s)?(?:{CELL}.*|(?-i:[A-Z]).*)", re.IGNORECASE), SOME_STATUS, "word"),
)


def rows(lines: Sequence[Line]) -> Iterator[Member]:
    """The members of all tables."""
    section, columns, glued_default = "", None, False
    for line in lines:
        section = section_of(line, section)
        cells = [cell.strip() for cell in line.text.split(CELL)]
        header = _header(cells)
        if header is not None:
            columns = header
        elif len(cells) > 1:
            yield from _row(line, cells, columns or {"name": 0, "type": 1, "required": 2}, section)
        else:
            columns = columns if not line.text else None
            glued_default = glued_default if _GLUED.match(line.text) else "TypeRequiredDefault" in line.text
            yield from _grown(line, section, has_default=glued_default)


def _header(cells: Sequence[str]) -> Mapping[str, int] | None:
    """Which column is what, if this is the head of a table of members."""
    found = {name: at for name, pattern in _COLUMNS.items() for at, cell in enumerate(cells) if pattern.fullmatch(cell)}
    return found if len(found) > 1 and found.get("name") == 0 else None


def _row(line: Line, cells: Sequence[str], columns: Mapping[str, int], section: str) -> Iterator[Member]:
    said = {name: cells[at] for name, at in columns.items() if at < len(cells)}
    name, _, mark = said["name"].partition(" ")
    kind = said.get("type")
    if not NAME.fullmatch(name) or (kind is not None and not TYPE.fullmatch(kind)):
        return
    member = Member(subject_of(name, section), kind, line.number)
    word = said.get("required", mark.strip("()*")).lower()
    member.required = WORDS_FOR_REQUIRED.get(word, "no")
    if said.get("default", "").lower() not in _NOTHING:
        member.default = said["default"]
    used = set(columns.values()) if "required" not in said or word in WORDS_FOR_REQUIRED else {0, 1}
    member.text = [cell for at, cell in enumerate(cells) if at not in used]
    yield member


def _grown(line: Line, section: str, *, has_default: bool) -> Iterator[Member]:
    """A row whose cells have grown together."""
    match = _GLUED.fullmatch(line.text)
    if match is None or line.kind == "code":
        return
    member = Member(subject_of(match[1], section), match[2], line.number, WORDS_FOR_REQUIRED[match[3].lower()])
    text = match[4]
    default = _GLUED_DEFAULT.match(text) if has_default else None
    if default is not None:
        text = text[default.end() :]
        member.default = default[1] if default[1] not in _NOTHING else None
    member.default = member.default or default_in(text)
    member.text = [text]
    yield member


_TITLE = re.compile(r"(?:(?:public|supported|available) )?models?(?: (?:id|name))?s?", re.IGNORECASE)
_ID = re.compile(r"[a-z0-9][a-z0-9.]*(?:-[a-z0-9.]+)+")
# Other cells of a row that was saved as lines.
_OTHER_CELLS_MAX = 5


def models(lines: Sequence[Line]) -> Iterator[Statement]:
    """The models of a table whose cells were saved as lines, below its title."""
    found: list[str] = []
    others = _OTHER_CELLS_MAX
    for line in filter(lambda each: each.text, lines):
        others = 0 if _TITLE.fullmatch(line.text) else others + 1
        if _ID.fullmatch(line.text) and line.kind != "code" and others <= _OTHER_CELLS_MAX:
            found.append(line.text)
            others = 0
    if found:
        yield Statement("/model", "enum", sorted(set(found)))


def listed(lines: Sequence[Line]) -> Iterator[Statement]:
    """The models of a table that lists some, and the words of one that lists states."""
    open_list: tuple[re.Pattern[str], str, str] | None = None
    found: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for line in lines:
        is_member = _GLUED.match(line.text) is not None or any(map(TYPE.fullmatch, line.text.split(CELL)[1:2]))
        begun = next((each for each in _LISTS if each[0].fullmatch(line.text)), None)
        if begun is not None and not is_member:
            open_list = begun
        elif open_list is not None and line.text:
            match = _FIRST.match(line.text)
            if match is None or is_member:
                open_list = None
            else:
                found.setdefault((open_list[1], open_list[2]), []).append((match[1], line.number))
    for (subject, name), values in found.items():
        if name == "enum":
            yield Statement(subject, name, sorted(value for value, _ in values), values[0][1])
        else:
            yield from (Statement(subject, name, value, number) for value, number in values)
