"""Rules about parts and their whole: the parts add up to it, and none is larger than it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

from specs.pointers import Json, field, finder, join, removed, replaced, resolve, split
from specs.rules.rule import Defaults, Facts, Law
from specs.violations import Violation

# What fits in 64 bits; of thousands of digits Python makes no number at all.
_DIGITS_MAX = 18


def number(value: Json) -> int | float | None:
    """What a number or a numeric string counts for; nothing for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _DIGITS_MAX:
        return int(value)
    return None


def _like(example: Json, value: Json) -> Json:
    """The number written as the example is: a string stays a string; whole ones are never written as fractions."""
    plain = int(value) if isinstance(value, float) and value.is_integer() else value
    return str(plain) if isinstance(example, str) else plain


class _Parts(NamedTuple):
    """Items, and the member that they are parts of."""

    items: str
    total: str
    default: Json

    @property
    def container(self) -> str:
        """The array in which the items stand."""
        return self.items.partition("/*")[0]

    def whole(self, body: Json) -> int | float | None:
        """The effective total."""
        return number(resolve(body, self.total, self.default))

    def parts(self, body: Json) -> list[tuple[str, int | float]]:
        """Every item that counts, with its pointer; none when one of them does not."""
        found = [(at, number(value)) for at, value in finder(self.items)(body)]
        numbers = [(at, value) for at, value in found if value is not None]
        shots = resolve(body, self.container)
        complete = len(numbers) == len(found) == (len(shots) if isinstance(shots, list) else 0)
        return numbers if complete else []

    def spread(self, body: Json, lengths: list[int]) -> Json:
        """The body with as many items, of these sizes."""
        items = resolve(body, self.container)
        member = join(split(self.items.partition("/*")[2]))
        example = resolve(items[0], member)
        filled = [
            replaced(items[index % len(items)], member, _like(example, size)) for index, size in enumerate(lengths)
        ]
        return replaced(body, self.container, filled)

    def evened(self, body: Json) -> Iterator[Json]:
        """Items that add up to the total: one of them, or one more, makes up the rest; else the total follows."""
        whole, parts = self.whole(body), self.parts(body)
        if whole is None or not parts:
            return
        missing = whole - sum(value for _, value in parts)
        for at, value in (parts[-1], parts[0]):
            if value + missing > 0:
                yield replaced(body, at, _like(resolve(body, at), value + missing))
        if missing > 0:
            more = self.spread(body, [int(missing)])
            items = [*resolve(body, self.container), *resolve(more, self.container)]
            yield replaced(body, self.container, items)
        count = len(parts)
        if whole >= count:
            yield self.spread(body, [*[1] * (count - 1), int(whole) - count + 1])
        total = resolve(body, self.total, self.default)
        yield replaced(self.spread(body, [1] * count), self.total, _like(total, count))
        yield replaced(body, self.total, _like(total, whole - missing))


def _read(entry: Mapping[str, Any], defaults: Defaults) -> _Parts:
    return _Parts(entry["items"], entry["total"], defaults(entry["total"]))


@dataclass(frozen=True, slots=True)
class SumEquals:
    """The items add up to the total."""

    kind: ClassVar[str] = "sum-equals"
    parameters: ClassVar[frozenset[str]] = frozenset({"items", "total"})
    implies: ClassVar[frozenset[str]] = frozenset()
    of: _Parts

    @classmethod
    def read(cls, entry: Mapping[str, Any], defaults: Defaults) -> Self:
        """`{items, total}`."""
        return cls(_read(entry, defaults))

    def laws(self) -> list[Law]:
        """One: the sum."""
        return [Law(self.of.container, self.kind, self.of.total)]

    def check(self, body: Json, facts: Facts) -> list[Violation]:
        """Broken by items that all count but make another sum."""
        del facts
        whole, parts = self.of.whole(body), self.of.parts(body)
        found = sum(value for _, value in parts)
        if whole is None or not parts or found == whole:
            return []
        part = field(self.of.items.replace("/*", ""))
        message = (
            f"{field(self.of.container)}: the {part} values add up to {found}, not to {field(self.of.total)} ({whole})"
        )
        return [Violation(self.of.container, self.kind, message)]

    def satisfy(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """One item of the whole size; as many as fit, the last takes the rest; the same where the whole is not told."""
        del keyword
        whole = self.of.whole(body)
        if whole is None or not resolve(body, self.of.container):
            return
        yield self.of.spread(body, [int(whole)])
        yield self.of.spread(body, [1, int(whole) - 1])
        untold = removed(body, self.of.total)
        by_default = self.of.whole(untold)
        if by_default is not None and untold != body:
            yield self.of.spread(untold, [1, int(by_default) - 1])

    def break_(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """One too few, one too many."""
        del keyword
        whole = self.of.whole(body)
        if whole is None or not resolve(body, self.of.container):
            return
        yield self.of.spread(body, [int(whole) - 1])
        yield self.of.spread(body, [1, int(whole)])
        yield self.of.spread(body, [1, int(whole) - 2])

    def repair(self, body: Json) -> Iterator[Json]:
        """The other items, or the total, follow."""
        yield from self.of.evened(body)


@dataclass(frozen=True, slots=True)
class EachAtMost:
    """No item is larger than the total."""

    kind: ClassVar[str] = "each-at-most"
    parameters: ClassVar[frozenset[str]] = frozenset({"items", "total"})
    implies: ClassVar[frozenset[str]] = frozenset({SumEquals.kind})
    of: _Parts

    @classmethod
    def read(cls, entry: Mapping[str, Any], defaults: Defaults) -> Self:
        """`{items, total}`."""
        return cls(_read(entry, defaults))

    def laws(self) -> list[Law]:
        """One: the upper bound of each."""
        return [Law(self.of.items, self.kind, self.of.total)]

    def check(self, body: Json, facts: Facts) -> list[Violation]:
        """Broken by every item above the total."""
        del facts
        whole = self.of.whole(body)
        if whole is None:
            return []
        text = f"must be at most {field(self.of.total)} ({whole})"
        found = ((at, number(value)) for at, value in finder(self.of.items)(body))
        return [
            Violation(at, self.kind, f"{field(at)} {text}, not {value}")
            for at, value in found
            if value is not None and value > whole
        ]

    def satisfy(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """A single item of the whole size."""
        del keyword
        whole = self.of.whole(body)
        if whole is not None and resolve(body, self.of.container):
            yield self.of.spread(body, [int(whole)])

    def break_(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """A single item one above (which the sum can't allow either)."""
        del keyword
        whole = self.of.whole(body)
        if whole is not None and resolve(body, self.of.container):
            yield self.of.spread(body, [int(whole) + 1])

    def repair(self, body: Json) -> Iterator[Json]:
        """Items that add up to the total."""
        yield from self.of.evened(body)
