"""Facts of a page: what it states about each subject, kept apart by name, without the page's words.

A subject is the empty text (the page's operation itself), the pointer of a request's member (`/prompt`,
`/multi_prompt/*/duration`), `?name` or `@name` for a query parameter or header, or `> /pointer` for an answer's member.
A page may state a fact in two places: then it has two values, and both count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import orjson

from specs.pointers import Json

ANSWER = "> "
PRESENT = "present"
UNSURE = "unsure"
"""Stated about a subject of which something may be said that was not understood."""

# What kind of drift it is when a fact of this name changes.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "endpoint": "endpoint-changed",
        "host": "endpoint-changed",
        "status": "status-added",
        "word": "status-added",
        "media": "format-changed",
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
        "at_most_total": "limit-changed",
        "image_bytes": "limit-changed",
        "image_side": "limit-changed",
        "image_ratio": "limit-changed",
        "image_formats": "format-changed",
        "prefix": "format-changed",
        "exclusive": "shape-changed",
    }
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a page says."""

    subject: str
    name: str
    value: Json


def _key(value: Json) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


@dataclass(slots=True)
class Facts:
    """All statements of a page: by subject and name, every value once."""

    by_subject: dict[str, dict[str, list[Json]]] = field(default_factory=dict)

    @classmethod
    def of(cls, statements: Iterable[Statement]) -> Facts:
        """Collected."""
        facts = cls()
        for each in statements:
            values = facts.by_subject.setdefault(each.subject, {}).setdefault(each.name, [])
            if _key(each.value) not in map(_key, values):
                values.append(each.value)
        return facts

    def values(self, subject: str, name: str) -> list[Json]:
        """What is stated, nothing if nothing is."""
        return self.by_subject.get(subject, {}).get(name, [])

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Every subject and name that something is stated about."""
        for subject, names in self.by_subject.items():
            for name in names:
                yield subject, name

    def __len__(self) -> int:
        """How many facts there are."""
        return sum(1 for _ in self.pairs())


def lacking(wanted: list[Json], had: list[Json]) -> list[Json]:
    """Values that the one list has and the other has not."""
    known = set(map(_key, had))
    return [value for value in wanted if _key(value) not in known]
