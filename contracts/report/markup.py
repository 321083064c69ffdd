"""HTML in which everything is escaped unless it was made here."""

from __future__ import annotations

from html import escape
from typing import TypeAlias

from contracts.report.plain import visible

_EMPTY = frozenset({"input", "link", "meta"})
# Inside these, white space means nothing: a line for each child keeps the source readable.
_SPACED = frozenset(
    {
        *("article", "body", "div", "dl", "fieldset", "footer", "form", "head", "header", "html", "main", "nav"),
        *("section", "details", "svg", "table", "tbody", "thead", "tr", "ul"),
    }
)


class Markup(str):
    """A text that is HTML already."""

    __slots__ = ()


Attribute: TypeAlias = str | int | bool | None


def tag(name: str, /, *children: str | None, **attributes: Attribute) -> Markup:
    """An element; children that are no Markup are text, None is nothing.

    An attribute's underscores become hyphens (`data_state`, `class_`); True is an attribute without a value, False and
    None are none.
    """
    opening = "<" + " ".join([name, *_attributes(attributes)]) + ">"
    if name in _EMPTY:
        return Markup(opening)
    between = "\n" if name in _SPACED else ""
    parts = [opening, *(_child(child) for child in children if child is not None), f"</{name}>"]
    return Markup(between.join(parts))


def raw(name: str, content: str) -> Markup:
    """A `style` or `script` of our own: what stands in one is not escaped."""
    return Markup(f"<{name}>{content}</{name}>")


def _child(child: str) -> str:
    return child if isinstance(child, Markup) else escape(visible(child, keep="\n"), quote=False)


def _attributes(attributes: dict[str, Attribute]) -> list[str]:
    given = ((name.strip("_").replace("_", "-"), value) for name, value in attributes.items())
    shown = [(name, value) for name, value in given if value is not None and value is not False]
    return [name if value is True else f'{name}="{escape(visible(str(value)))}"' for name, value in shown]
