"""The rule about values that one account may use once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from specs.pointers import Json, field, replaced, resolve
from specs.rules.rule import Defaults, Facts, Law
from specs.violations import Violation


@dataclass(frozen=True, slots=True)
class UniqueInAccount:
    """No two tasks of an account carry the same value; an empty one is no value."""

    kind: ClassVar[str] = "unique-in-account"
    parameters: ClassVar[frozenset[str]] = frozenset({"pointer"})
    implies: ClassVar[frozenset[str]] = frozenset()
    pointer: str

    @classmethod
    def read(cls, entry: Mapping[str, Any], defaults: Defaults) -> Self:
        """`{pointer}`."""
        del defaults
        return cls(entry["pointer"])

    def laws(self) -> list[Law]:
        """One."""
        return [Law(self.pointer, self.kind, limit=True)]

    def violation(self) -> Violation:
        """What a repeated value is."""
        return Violation(
            self.pointer,
            self.kind,
            f"{field(self.pointer)} is already in use by another task of this account",
        )

    def check(self, body: Json, facts: Facts) -> list[Violation]:
        """Broken by a value that another task of the account carries."""
        value = resolve(body, self.pointer)
        if isinstance(value, str) and value and facts.taken(self.pointer, value):
            return [self.violation()]
        return []

    def satisfy(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """The empty value, which is none."""
        del keyword
        yield replaced(body, self.pointer, "")

    def break_(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """The body itself, when it carries a value: sending it twice breaks the law."""
        del keyword
        if resolve(body, self.pointer):
            yield body

    def repair(self, body: Json) -> Iterator[Json]:
        """The empty value, which is none."""
        yield from self.satisfy(body)
