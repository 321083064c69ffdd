"""What a browser would show of an HTML page, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["text", "heading", "code"]

_BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "button",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
    }
    | {"figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p"}
    | {"pre", "section", "summary", "table", "tbody", "thead", "title", "tr", "ul"}
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELLS = frozenset({"td", "th"})
# Style sheets keep apart what would otherwise grow together.
_INLINE = frozenset({"b", "code", "em", "i", "kbd", "label", "mark", "small", "span", "strong", "u"})
_HIDDEN = frozenset({"script", "style", "template", "svg", "noscript", "head"})


class _Shown(HTMLParser):
    """Collects lines as they are shown."""

    def __init__(self, cell: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[str, int, Kind]] = []
        self._cell = cell
        self._text, self._number = "", 1
        self._hidden = self._kept = self._titled = self._cells = 0
        self._in_row = False

    def end_line(self) -> None:
        """What was collected becomes a line."""
        if self._text.strip("• \t\n"):
            kind: Kind = "code" if self._kept else "heading" if self._titled else "text"
            self.lines.append((self._text, self._number, kind))
        self._text = ""

    def _write(self, text: str) -> None:
        if not self._text.strip("• "):
            self._number = self.getpos()[0]
        self._text += text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a line, a cell a cell; in a cell a block is only a blank."""
        del attrs
        if tag == "tr":
            self.end_line()
            self._in_row, self._cells = True, 0
        elif tag in _CELLS and self._in_row:
            self._text += self._cell if self._cells else ""
            self._cells += 1
        elif tag in _BLOCKS:
            self._break()
            self._text += "• " if tag == "li" and not self._in_row else ""
        elif tag in _INLINE and not self._kept and self._text[-1:].isalnum():
            self._text += " "
        self._hidden += tag in _HIDDEN
        self._kept += tag == "pre"
        self._titled += tag in _HEADINGS

    def handle_endtag(self, tag: str) -> None:
        """A block ends a line."""
        if tag == "tr":
            self.end_line()
            self._in_row = False
        elif tag in _BLOCKS:
            self._break()
        self._hidden -= tag in _HIDDEN and self._hidden > 0
        self._titled -= tag in _HEADINGS and self._titled > 0
        if tag == "pre" and self._kept:
            self._kept -= 1
            # Two examples in a row stay two.
            self.lines.append(("", self.getpos()[0], "text"))

    def _break(self) -> None:
        if self._in_row:
            self._text += " "
        elif self._text != "• ":
            # An item whose text is a block of its own stays an item.
            self.end_line()

    def handle_data(self, data: str) -> None:
        """Text; line breaks count inside of `pre` alone."""
        if self._hidden:
            return
        first, *rest = data.split("\n") if self._kept and not self._in_row else [re.sub(r"\s+", " ", data)]
        self._write(first)
        for each in rest:
            self.end_line()
            self._write(each)


def hypertext(text: str, cell: str) -> Iterator[tuple[str, int, Kind]]:
    """Lines with their numbers in the file; `cell` stands between the cells of a row."""
    shown = _Shown(cell)
    shown.feed(text)
    shown.close()
    shown.end_line()
    yield from shown.lines
