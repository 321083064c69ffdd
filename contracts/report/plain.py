"""Texts of a service made harmless to look at: what can't be seen, or would steer a terminal, is spelt out."""

from __future__ import annotations


def visible(text: str, keep: str = "") -> str:
    r"""The text with every character that does not print in its escaped form (`\x1b`, `\u202e`), but for `keep`."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each in keep else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def counted(number: int, thing: str) -> str:
    """`1 finding`, `2 findings`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
