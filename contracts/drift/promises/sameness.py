"""Which parts of two documents say the same as they are written, so that only the others have to be compared.

Where both sides refer, what they refer to is looked at once, however often it is referred to; circles are no matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from contracts.drift.promises.documents import Document
from specs.pointers import Json

_WORDS = frozenset({"title", "description", "summary", "example", "examples", "externalDocs", "$comment", "tags"})
# Under these names stand members, whatever they are called; under those stand values, whatever is in them.
_NAMES = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
_VALUES = frozenset({"enum", "const", "default", "dependentRequired"})
# Their order says nothing.
_SETS = frozenset({"required", "type", "enum"})

_Pair = tuple[int, int]


class Sameness:
    """Tells of two schemas whether they are written alike, words and order aside."""

    def __init__(self, old: Document, new: Document) -> None:
        self._old = old
        self._new = new
        self._known: dict[_Pair, bool] = {}
        # By identity, so what is known has to stay.
        self._kept: list[tuple[Json, Json]] = []

    def of(self, old: Json, new: Json) -> bool:
        """Whether they are certainly the same; what is only written otherwise may be the same all the same."""
        start = (id(old), id(new))
        if start not in self._known:
            self._explore(old, new)
        return self._known[start]

    def _explore(self, old: Json, new: Json) -> None:
        """Settles the pair and all that can be reached from it."""
        parents: defaultdict[_Pair, list[_Pair]] = defaultdict(list)
        others, seen, waiting = list[_Pair](), set[_Pair](), [(old, new)]
        while waiting:
            pair = waiting.pop()
            key = (id(pair[0]), id(pair[1]))
            if key in seen:
                continue
            seen.add(key)
            self._kept.append(pair)
            alike, referred = self._compare(*pair)
            if not alike:
                others.append(key)
            for child in referred:
                below = (id(child[0]), id(child[1]))
                parents[below].append(key)
                if below in self._known:
                    others += [] if self._known[below] else [below]
                else:
                    waiting.append(child)
        self._known.update(dict.fromkeys(seen, True))
        while others:
            key = others.pop()
            self._known[key] = False
            others += [each for each in parents.pop(key, []) if self._known.get(each, True)]

    def _compare(self, old: Json, new: Json) -> tuple[bool, list[tuple[Json, Json]]]:
        """Whether they are alike as far as the next references, and the pairs behind those."""
        referred: list[tuple[Json, Json]] = []
        alike = all(self._steps(old, new, referred, "schema"))
        return alike, referred

    def _steps(self, old: Json, new: Json, referred: list[tuple[Json, Json]], what: str) -> Iterator[bool]:
        if what == "schema" and (_refers(old) or _refers(new)):
            referred.append((self._old.follow(old), self._new.follow(new)))
            yield _beside(old) == _beside(new)
        elif isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from self._members(old, new, referred, what)
        elif isinstance(old, list) and isinstance(new, list):
            yield len(old) == len(new)
            for one, other in zip_longest(old, new):
                yield from self._steps(one, other, referred, what)
        else:
            yield old == new and isinstance(old, bool) == isinstance(new, bool)

    def _members(
        self, old: Mapping[str, Json], new: Mapping[str, Json], referred: list[tuple[Json, Json]], what: str
    ) -> Iterator[bool]:
        words = _WORDS if what == "schema" else frozenset[str]()
        one, other = ({name for name in side if name not in words} for side in (old, new))
        yield one == other
        for name in one & other:
            if what == "schema" and name in _SETS and isinstance(old[name], list) and isinstance(new[name], list):
                yield sorted(map(repr, old[name])) == sorted(map(repr, new[name]))
                continue
            below = "schema" if what == "names" else "names" if name in _NAMES else "value" if name in _VALUES else what
            yield from self._steps(old[name], new[name], referred, below)


def _refers(value: Json) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("$ref"), str)


def _beside(value: Json) -> Json:
    """What is written beside a reference, words aside."""
    if not _refers(value):
        return {}
    return {name: each for name, each in value.items() if name != "$ref" and name not in _WORDS}
