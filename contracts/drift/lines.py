"""A saved page as lines of text, whatever it was saved as: marks are lost, the cells of tables are kept."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

CELL = "\x1f"
"""Stands between the cells of a table's row."""

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "button", "dd", "div", "dl", "dt", "fieldset", "figure"}
    | {"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre"}
    | {"section", "table", "tbody", "thead", "title", "tr", "ul"}
)
_INLINE = frozenset({"b", "code", "em", "label", "span", "strong"})
_HIDDEN = frozenset({"script", "style", "template", "svg", "noscript", "head"})
_MARKED = re.compile(r"<(?:!doctype|html|body|div|p|table|h[1-6]|section)\b", re.IGNORECASE)
_RULE_ROW = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
_HEADING = re.compile(r"^#{1,6}\s+")
_BULLET = re.compile(r"^(?:[-*+•]|\d+[.)])\s+")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(\*\*|__|`+)(.+?)\1")
_QUOTES = str.maketrans(
    {"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'", "\u00a0": " ", "\u2013": "-", "\u2014": "-"}
    | {"\u2212": "-", "\u2264": "<="}
)


class _Text(HTMLParser):
    """What a browser would show, block by block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._hidden = 0
        self._kept = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line, a cell a cell."""
        del attrs
        self._hidden += tag in _HIDDEN
        self._kept += tag == "pre"
        if tag in _BLOCKS:
            self.lines.append("")
        elif tag in ("td", "th") and self.lines[-1]:
            self.lines[-1] += CELL
        elif tag in _INLINE and not self._kept and self.lines[-1][-1:].isalnum():
            # What style sheets keep apart would otherwise grow together.
            self.lines[-1] += " "

    def handle_endtag(self, tag: str) -> None:
        """A block ends a line."""
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        self._kept -= tag == "pre" and self._kept > 0
        if tag in _BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        """Text; line breaks count inside of `pre` alone."""
        if self._hidden:
            return
        first, *rest = data.split("\n") if self._kept else [re.sub(r"\s+", " ", data)]
        self.lines[-1] += first
        self.lines += rest


def _from_markdown(line: str) -> str:
    stripped = line.strip()
    if stripped.startswith("|") and stripped.endswith("|") and len(stripped) > 1:
        cells = [each.strip() for each in re.split(r"(?<!\\)\|", stripped[1:-1])]
        stripped = CELL.join(cells)
    stripped = _LINK.sub(r"\1", _HEADING.sub("", stripped, count=1))
    for _ in range(2):
        stripped = _EMPHASIS.sub(r"\2", stripped)
    return stripped.replace("\\_", "_").replace("\\|", "|")


def _is_markdown(text: str) -> bool:
    return bool(re.search(r"^(?:#{1,6} |\|.*\|\s*$|```)|\*\*\S", text, re.MULTILINE))


def read_lines(text: str) -> list[str]:
    """The page's lines without blanks around them; empty ones stay, they tell paragraphs apart."""
    if _MARKED.search(text):
        reader = _Text()
        reader.feed(text)
        lines = [line for line in reader.lines if line.strip()]
    else:
        lines = html.unescape(text).splitlines()
        if _is_markdown(text):
            lines = [_from_markdown(line) for line in lines if not _RULE_ROW.fullmatch(line.strip() or "x")]
            lines = [line for line in lines if not line.startswith("```")]
    return [re.sub(r"[ \t]+", " ", line.translate(_QUOTES)).strip() for line in lines]


def without_bullet(line: str) -> str:
    """The line without what makes it an item of a list."""
    return _BULLET.sub("", line, count=1)
