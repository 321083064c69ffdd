"""Bodies in words: what a value is, and what was changed between two bodies."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping

from contracts.cases.bench import same_as
from specs.pointers import Json, field, join
from specs.rules.pictures import picture_size

_SAID_MAX = 40
_BEGINNING = 20
# Of a picture in Base64 the size stands here already.
_HEAD = 1024
_ABSENT = object()


def said(value: Json) -> str:
    """A value as a report shows it in a few words."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= _SAID_MAX else _long(value)
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, Mapping):
        return f"an object with {', '.join(value)}" if value else "an empty object"
    return str(value)


def _long(text: str) -> str:
    """A text in a few words: a picture by its format and size, all else by its length."""
    try:
        head = base64.b64decode(text[:_HEAD], validate=True)
    except (binascii.Error, ValueError):
        return f"a text of {len(text)} characters, {text[:_BEGINNING]}..."
    size = picture_size(head)
    if size is None:
        return f"a text of {len(text)} characters"
    name = "PNG" if head.startswith(b"\x89PNG") else "JPEG"
    return f"a {name} of {size[0]}x{size[1]} px in {len(text) * 3 // 4 - text[-2:].count('=')} bytes"


def told(before: Json, after: Json) -> str:
    """What has changed between two bodies."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return ", ".join(_changes(before, after, "")) or "unchanged"
    return f"the body is {said(after)}"


def _changes(before: Json, after: Json, at: str) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            yield from _changes(before.get(name, _ABSENT), after.get(name, _ABSENT), at + join([name]))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _changes(one, other, f"{at}/{index}")
    elif after is _ABSENT:
        yield f"without {field(at)}"
    elif before is _ABSENT or same_as(before) != same_as(after):
        yield f"{field(at)} is {said(after)}"
