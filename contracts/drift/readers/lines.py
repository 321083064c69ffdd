"""A saved page as lines, whatever it was saved as: marks are lost; headings, code and the cells of tables are known."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from contracts.drift.readers.code import code_lines
from contracts.drift.readers.hypertext import hypertext
from contracts.drift.readers.markdown import is_markdown, markdown

Kind: TypeAlias = Literal["text", "heading", "code"]

CELL = "\ue000"
"""Stands between the cells of a table's row: of the private characters, which no page prints."""

_MARKED = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|main|article|div|section|h1|p|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_INSIDE = re.compile(r"<(?:html|body)\b", re.IGNORECASE)
# Characters without width, and those that this module gives a meaning.
_UNSEEN = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD, 0xE000])
_PLAIN = str.maketrans(
    {"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " "}
    | {
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u2264": "<=",
        "\u2265": ">=",
    }
)
# A page that is all code was only saved so.
_CODE_SHARE_MAX = 0.85
# Between columns; blanks behind a sentence are none.
_NO_STOP = r"(?<![.!?:;,\s\\])"
_GAP = re.compile(_NO_STOP + r" {2,}(?=\S)")
_WIDE_GAP = re.compile(_NO_STOP + r" {3,}(?=\S)")
_COLUMNS_MIN = 3
_BULLET = re.compile(r"^(?:[-*+•·‣◦▪▸●○■]|\d+[.)])\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: its text without blanks around it, and where it stands in the file (from 1)."""

    text: str
    number: int = 0
    kind: Kind = "text"

    @property
    def item(self) -> str:
        """The text without what makes it an item of a list."""
        return _BULLET.sub("", self.text, count=1)

    @property
    def is_item(self) -> bool:
        """Whether it is an item of a list."""
        return _BULLET.match(self.text) is not None


def read_lines(text: str) -> list[Line]:
    """The page's lines; empty ones stay, they tell paragraphs apart."""
    clean = text.translate(_UNSEEN).replace("\r\n", "\n").replace("\r", "\n")
    if _MARKED.match(clean) or _INSIDE.search(clean):
        lines = [Line(*each) for each in hypertext(clean, CELL)]
    elif is_markdown(clean):
        lines = [Line(*each) for each in markdown(clean, CELL)]
    else:
        lines = [Line(_celled(line), number) for number, line in enumerate(html.unescape(clean).split("\n"), 1)]
    return [_tidy(line) for line in _coded(lines)]


def _celled(line: str) -> str:
    """A row as browsers copy it, with tabs between its cells, or laid out in columns."""
    text = line.strip()
    if _BULLET.match(text):
        return line
    cells = text.split("\t") if "\t" in text else _GAP.split(text)
    is_row = "\t" in text or len(cells) >= _COLUMNS_MIN or _WIDE_GAP.search(text) is not None
    return line[: line.index(text)] + CELL.join(cells) if is_row else line


def _coded(lines: list[Line]) -> list[Line]:
    """The lines, with what must be code where the page marks none, or everything."""
    marked = sum(line.kind == "code" for line in lines)
    if 0 < marked <= _CODE_SHARE_MAX * sum(bool(line.text.strip()) for line in lines):
        return lines
    plain = [line if line.kind == "heading" else replace(line, kind="text") for line in lines]
    coded = code_lines([line.text.strip() for line in plain])
    return [
        replace(line, kind="code", text=line.text.replace(CELL, "\t")) if at in coded else line
        for at, line in enumerate(plain)
    ]


def _tidy(line: Line) -> Line:
    text = line.text.translate(_PLAIN)
    if line.kind != "code":
        text = re.sub(r" (?=[,;](?: |$))", "", text.replace("`", ""))
    return replace(line, text=re.sub(r"[ \t]+", " ", text).strip())


def runs_of_code(lines: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    """Each example of code, with the last words before it."""
    label, run = "", []
    for line in [*lines, Line("")]:
        if line.kind == "code":
            run.append(line)
            continue
        if run:
            yield label, run
            label, run = "", []
        label = line.text or label
