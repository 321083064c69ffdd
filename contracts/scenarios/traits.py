"""What a job has that another may lack: by it jobs are put in an order in which each shows something new."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from random import Random
from typing import TypeAlias

from specs.pointers import Json, join

Trait: TypeAlias = tuple[str, object]
# A text that looks like this is a choice of several, not somebody's words.
_CHOICE = re.compile(r"[\w.:/-]{1,24}", re.ASCII)
_LONG = 500
REMARKABLE = frozenset(
    {"0", "0.0", "False", "None", "", "empty", "long", "scripts", "blanks around", "decomposed", "escapes"}
)
"""What clients stumble over: all of it has to come before what is one of many."""


def most_telling_first(bodies: list[Json], known: list[Json], random: Random) -> Iterator[Json]:
    """The bodies, each next one with the most that none before it has; `known` came before all of them."""
    seen = {trait for body in known for trait in traits(body)}
    left = [(body, set(traits(body))) for body in bodies]
    random.shuffle(left)
    while left:
        at = max(range(len(left)), key=lambda at: _gain(left[at][1] - seen))
        body, more = left.pop(at)
        seen |= more
        yield body


def _gain(more: set[Trait]) -> tuple[int, int]:
    return sum(kind in REMARKABLE for _, kind in more), len(more)


def traits(value: Json, at: str = "") -> Iterator[Trait]:
    """Each member with what is remarkable about its value."""
    if isinstance(value, Mapping):
        yield at, "empty" if not value else "object"
        for name, each in value.items():
            yield from traits(each, at + join([name]))
    elif isinstance(value, list):
        yield at, len(value)
        for each in value:
            yield from traits(each, at + "/*")
    else:
        yield from ((at, kind) for kind in _kinds(value))


def _kinds(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield from _text_kinds(value)
    elif isinstance(value, bool) or not value:
        yield str(value)
    else:
        yield "below 0" if value < 0 else "a fraction" if value % 1 else "a number"


def _text_kinds(value: str) -> Iterator[str]:
    is_choice = not value or (_CHOICE.fullmatch(value) and not value.isdecimal())
    yield value if is_choice else "words"
    if len(value) > _LONG:
        yield "long"
    if not value.isascii():
        yield "scripts"
    if value != value.strip():
        yield "blanks around"
    if unicodedata.normalize("NFC", value) != value:
        yield "decomposed"
    if any(letter in value for letter in '"\\\n\t'):
        yield "escapes"
