"""Markdown without its marks; members that are written as tags (`ParamField`) become lines like those of others."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "heading", "code"]

_IS = re.compile(
    r"^(?:#{1,6} |\|.*\|\s*$|\s*```|\s*~~~|\s*<(?:Param|Response)Field\b)|\*\*[^\s*][^*\n]*\*\*", re.MULTILINE
)
_FENCE = re.compile(r"^\s*(```+|~~~+)")
_DASHES = r"\s*(?:-{2,}|:-+:?|-+:)\s*"
_RULE_ROW = re.compile(rf"\|?{_DASHES}(?:\|{_DASHES})*\|?|[=*_-]{{3,}}")
_BARE_RULE = re.compile(rf"{_DASHES}(?:\|{_DASHES})+")
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(\*\*|__|`+)(.+?)\1")
_SLANTED = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>|~])")
# While marks are taken away, signs that are none stand among the private characters.
_ASIDE = 0xE100
_BACK = {_ASIDE + code: chr(code) for code in range(128)}
_FIELD = re.compile(r"^<(?:Param|Response)Field\s+([^>]*(?:\"[^\"]*\"[^>]*)*)>?\s*$")
_ATTRIBUTE = re.compile(r"(\w+)(?:=(?:\"([^\"]*)\"|'([^']*)'|\{([^}]*)\}))?")
_TAG = re.compile(
    r"</?[A-Z]\w*(?:\s[^<>]*)?/?>|</?(?:br|div|p|span|b|i|em|strong|code|sub|sup|a|img|hr|details|summary|center)\b[^<>]*>"
)
_PLACES = ("body", "query", "path", "header", "name")


def is_markdown(text: str) -> bool:
    """Whether the text has headings, tables, fences or strong words in Markdown's marks."""
    return _IS.search(text) is not None or any(map(_BARE_RULE.fullmatch, text.split("\n")))


def markdown(text: str, cell: str) -> Iterator[tuple[str, int, Kind]]:
    """Lines with their numbers in the file; `cell` stands between the cells of a row."""
    fence = ""
    bare_rows = _bare_rows(text.split("\n"))
    for number, line in enumerate(text.split("\n"), 1):
        mark = _FENCE.match(line)
        if mark is not None and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
            # A fence tells two examples apart.
            yield "", number, "text"
        elif fence:
            yield line, number, "code"
        else:
            shown = f"|{line.strip()}|" if number in bare_rows else line
            for plain, kind in _plain(html.unescape(shown).strip(), cell):
                yield plain, number, kind


def _bare_rows(lines: Sequence[str]) -> frozenset[int]:
    """The numbers of rows without bars around them: a rule with bars, the row above it, and those below."""
    found: set[int] = set()
    for at, line in enumerate(lines):
        if _BARE_RULE.fullmatch(line):
            end = next((below for below in range(at + 1, len(lines)) if "|" not in lines[below]), len(lines))
            found.update(range(at, end + 1))
    return frozenset(found)


def _plain(line: str, cell: str) -> Iterator[tuple[str, Kind]]:
    if _RULE_ROW.fullmatch(line):
        return
    field = _FIELD.match(line)
    if field is not None:
        yield from ((each, "text") for each in _field(field[1]))
        return
    heading = _HEADING.match(line)
    yield _unmarked(heading[1] if heading is not None else line, cell), "heading" if heading is not None else "text"


def _field(attributes: str) -> Iterator[str]:
    """Name, type and what else is said, a line each."""
    said = {match[1]: match[2] or match[3] or match[4] or "" for match in _ATTRIBUTE.finditer(attributes)}
    place = next((each for each in _PLACES if each in said), "")
    yield said.get(place, "")
    yield said.get("type", "")
    if place in ("query", "path", "header"):
        yield place
    if "required" in said and said["required"] != "false":
        yield "required"
    if "default" in said:
        yield f"default:{said['default']}"


def _unmarked(line: str, cell: str) -> str:
    line = _ESCAPED.sub(lambda match: chr(_ASIDE + ord(match[1])), line.removeprefix("> "))
    if line.startswith("|") and line.endswith("|") and len(line) > 1:
        line = cell.join(each.strip() for each in line[1:-1].split("|"))
    line = _LINK.sub(r"\1", _TAG.sub(" ", line))
    for _ in range(2):
        line = _EMPHASIS.sub(r"\2", line)
    return _SLANTED.sub(r"\1", line).translate(_BACK)
