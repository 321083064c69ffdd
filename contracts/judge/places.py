"""Where the values of a template stand: the inverse of rendering, found by rendering with marks in place of values.

It knows nothing of how placeholders are written: whatever a template makes of a value, it makes of the mark too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson

from specs.pointers import Finder, Json, finder, join
from specs.templates import Getter, compile_template, placeholders

_MARK = re.compile("\x02([^\x03]*)\x03")


def _mark(name: str) -> str:
    return f"\x02{name}\x03"


@dataclass(frozen=True, slots=True)
class Place:
    """One value of a template. `names` are what may stand there, the preferred one first.

    `pointer` has `*` for the items of an array that the template shows one item of. `pattern` is for a value that is
    written into a longer text: its first group is the value; None when the value stands alone.
    """

    pointer: str
    names: tuple[str, ...]
    pattern: re.Pattern[str] | None
    find: Finder

    def values(self, body: Json) -> Iterator[tuple[str, Json]]:
        """Each value there, with its pointer; text that does not look as it should has none."""
        for at, value in self.find(body):
            if self.pattern is None:
                yield at, value
            elif isinstance(value, str) and (match := self.pattern.fullmatch(value)):
                yield at, match[1]


def places(template: Json) -> list[Place]:
    """Every value of the template, in its order."""
    names = list(dict.fromkeys(placeholders(template)))
    others = {name: dict(_texts(_rendered(template, {name}))) for name in names}
    found = []
    for pointer, text in _texts(_rendered(template, set(names))):
        for match in _MARK.finditer(text):
            more = [name for name in names if name != match[1] and _mark(name) in others[name].get(pointer, "")]
            more = [] if len(_MARK.findall(text)) > 1 else more
            found.append(Place(pointer, (match[1], *more), _pattern(text, match), finder(pointer)))
    return found


def _pattern(text: str, value: re.Match[str]) -> re.Pattern[str] | None:
    if value[0] == text:
        return None
    before, after = (_MARK.split(part) for part in (text[: value.start()], text[value.end() :]))
    # Every second piece is the name of another value.
    around = (".*".join(map(re.escape, pieces[::2])) for pieces in (before, after))
    return re.compile("(.*)".join(around), re.DOTALL)


def _rendered(template: Json, present: set[str]) -> Json:
    def bind(name: str) -> Getter:
        value = _mark(name) if name in present else None
        return lambda _: value

    return orjson.loads(compile_template(template, bind)(None))


def sample(template: Json, value_of: Callable[[str], Json]) -> Json:
    """The template rendered with a value for each name."""

    def bind(name: str) -> Getter:
        value = value_of(name)
        return lambda _: value

    return orjson.loads(compile_template(template, bind)(None))


def _texts(value: Json, at: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Every string in the value, with its pointer."""
    if isinstance(value, str):
        yield join([*at]), value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, (*at, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, (*at, "*" if len(value) == 1 else str(index)))
