"""Headers that a page asks for outside of its lists: how a key is sent, and of which media type a body is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from contracts.drift.readers.facts import PRESENT, Statement
from contracts.drift.readers.lines import Line

_NAME = r"(?:Authorization|Content-Type|Accept|X-[\w-]+|[A-Z][\w-]*-(?:Key|Token|Id|ID))"
_SLOT = r"(?:<[^<>]+>|\{\{?[^{}]*\}?\}|\[[^\[\]]+\]|sk-\S+|\$\{?\w+\}?|(?:YOUR|your)[_-]\w+)"
_ALONE = re.compile(rf"^({_NAME}): (\S.*)$")
_IN_PROSE = re.compile(rf"\b(Authorization|X-[\w-]+|[A-Z]\w*-(?:Key|Token)): ?((?:[A-Z]\w+ )?{_SLOT})")
_SCHEME = re.compile(rf"\b([A-Z][a-zA-Z]+) {_SLOT}")
_MEDIA = re.compile(r"^(?:application|multipart|text)/[\w.+-]+$")
# The media type stands right below the body's title, or a sentence below.
_BELOW_BODY_MAX = 4
_BODY = re.compile(r"(?:request )?body(?: parameters)?", re.IGNORECASE)


def scheme(text: str) -> str | None:
    """The word before the key, in `Bearer <token>` and the like."""
    match = _SCHEME.search(text)
    return match[1] if match is not None else None


def headers(lines: Sequence[Line]) -> Iterator[Statement]:
    """Headers as lines of their own or in a sentence, and the media type below the heading of the body."""
    below_body = 0
    for line in filter(lambda each: each.text, lines):
        below_body = _BELOW_BODY_MAX if _BODY.fullmatch(line.text.rstrip(":")) else below_body - 1
        if below_body > 0 and _MEDIA.fullmatch(line.text):
            yield Statement("@Content-Type", "media", line.text, line.number)
        alone = _ALONE.fullmatch(line.text)
        if alone is not None:
            yield from _header(alone[1], alone[2], line.number)
        elif line.kind != "code":
            for match in _IN_PROSE.finditer(line.text):
                yield from _header(match[1], match[2], line.number)


def _header(name: str, value: str, number: int) -> Iterator[Statement]:
    yield Statement(f"@{name}", PRESENT, value=True, line=number)
    if _MEDIA.fullmatch(value):
        yield Statement(f"@{name}", "media", value, number)
    elif (word := scheme(value)) is not None:
        yield Statement(f"@{name}", "scheme", word, number)
