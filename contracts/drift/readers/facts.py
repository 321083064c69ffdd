"""Facts of a page: what it states about each subject, kept apart by name, without the page's words.

A subject is the empty text (the page's operation itself), the pointer of a request's member (`/prompt`,
`/multi_prompt/*/duration`), `?name` or `@name` for a query parameter or header, or `> /pointer` for an answer's member.
A page may state a fact in two places: then it has two values, and both count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import orjson

from specs.pointers import Json

ANSWER = "> "
PRESENT = "present"
UNSURE = "unsure"
"""Stated about a subject of which something may be said that was not understood."""
CALLED = "called"
"""An endpoint as an example calls it, with an id where its path has a parameter."""
WORDS = "words"
"""What a description is made of, as far as facts are: numbers and names. It is looked at, and never kept."""
PASSING = frozenset({UNSURE, CALLED, WORDS})
"""Names of what is no fact of its own."""

# What kind of drift it is when a fact of this name changes.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "endpoint": "endpoint-changed",
        "host": "endpoint-changed",
        "status": "status-added",
        "word": "status-added",
        "media": "format-changed",
        "scheme": "format-changed",
        "format": "format-changed",
        "const": "enum-changed",
        "type": "type-changed",
        "required": "required-changed",
        "required_when": "required-changed",
        "at_least_one": "required-changed",
        "default": "default-changed",
        "enum": "enum-changed",
        "minLength": "limit-changed",
        "maxLength": "limit-changed",
        "minimum": "limit-changed",
        "maximum": "limit-changed",
        "minItems": "limit-changed",
        "maxItems": "limit-changed",
        "sum": "limit-changed",
        "at_most_sum": "limit-changed",
        "at_most_total": "limit-changed",
        "image_bytes": "limit-changed",
        "image_side": "limit-changed",
        "image_side_max": "limit-changed",
        "image_ratio": "limit-changed",
        "image_formats": "format-changed",
        "prefix": "format-changed",
        "exclusive": "shape-changed",
    }
)

_TEXT, _NUMBER, _LIST = frozenset({"string"}), frozenset({"integer", "number"}), frozenset({"array"})
# What can be said of some types only; of a text's picture, say, which has no number of items.
SUITS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"minLength": _TEXT, "maxLength": _TEXT, "prefix": _TEXT}
    | {"image_bytes": _TEXT, "image_side": _TEXT, "image_side_max": _TEXT, "image_ratio": _TEXT, "image_formats": _TEXT}
    | {"minimum": _NUMBER, "maximum": _NUMBER}
    | {"minItems": _LIST, "maxItems": _LIST}
    | {"enum": _TEXT | _NUMBER}
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a page says, and the line where it does (0 where that is not known)."""

    subject: str
    name: str
    value: Json
    line: int = 0


def _key(value: Json) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


@dataclass(slots=True)
class Facts:
    """All statements of a page: by subject and name, every value once."""

    by_subject: dict[str, dict[str, list[Json]]] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    """The line where each subject is first spoken of."""

    @classmethod
    def of(cls, statements: Iterable[Statement]) -> Facts:
        """Collected."""
        facts = cls()
        for each in statements:
            values = facts.by_subject.setdefault(each.subject, {}).setdefault(each.name, [])
            if _key(each.value) not in map(_key, values):
                values.append(each.value)
            if each.line:
                facts.places.setdefault(each.subject, each.line)
        return facts

    def values(self, subject: str, name: str) -> list[Json]:
        """What is stated, nothing if nothing is."""
        return self.by_subject.get(subject, {}).get(name, [])

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every subject and name that a fact is stated of."""
        for subject, names in self.by_subject.items():
            for name in names:
                if name not in PASSING:
                    yield subject, name

    def place(self, subject: str) -> int:
        """The line where the subject, or what it is a part of, is spoken of; 0 when it is not known."""
        while subject and subject not in self.places:
            subject = subject.rpartition("/")[0]
        return self.places.get(subject, 0)

    def words(self, subject: str) -> frozenset[str]:
        """Numbers and names in the description of the subject, or of what it is a part of."""
        while subject and not self.values(subject, WORDS):
            subject = subject.rpartition("/")[0]
        return frozenset(word for words in self.values(subject, WORDS) for word in words)

    def fitted(self, types: Callable[[str], frozenset[str]]) -> Facts:
        """Without what can't be said of members of these types; its values are only words then."""
        kept: dict[str, dict[str, list[Json]]] = {}
        for subject, names in self.by_subject.items():
            # A member of an item is spoken of by its name: no need to ask whether it is meant.
            of = types(subject) if SUITS.keys() & names.keys() and "/*/" not in subject else frozenset()
            unfit = [name for name in names if of and name in SUITS and not SUITS[name] & of]
            kept[subject] = {name: values for name, values in names.items() if name not in unfit}
            if unfit:
                kept[subject][WORDS] = [
                    *self.values(subject, WORDS),
                    [str(each) for name in unfit for each in names[name]],
                ]
        return Facts(kept, self.places)

    def __len__(self) -> int:
        """How many facts there are."""
        return sum(1 for _ in self.pairs())


def lacking(wanted: list[Json], had: list[Json]) -> list[Json]:
    """Values that the one list has and the other has not."""
    known = set(map(_key, had))
    return [value for value in wanted if _key(value) not in known]
