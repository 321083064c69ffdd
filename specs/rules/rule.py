"""What a rule kind is: a law that JSON Schema can't say, with three faces: check, satisfy, break.

Check says where a body breaks the law. Satisfy and break make bodies from a valid one: on the boundary of the law, and
just outside it. They may break other laws on the way; whoever sends them confirms first that exactly one is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, Self, TypeAlias

from specs.pointers import Json
from specs.violations import Violation

Defaults: TypeAlias = Callable[[str], Json]


class Facts(Protocol):
    """What a rule may ask about the world outside the body."""

    def taken(self, pointer: str, value: str) -> bool:
        """Whether another task of the account carries the value."""


class NoFacts:
    """A world in which nothing else exists: for judging a body alone."""

    def taken(self, pointer: str, value: str) -> bool:
        """Nothing is taken."""
        del pointer, value
        return False


@dataclass(frozen=True, slots=True)
class Law:
    """One atomic constraint that a rule stands for: what the catalogue lists."""

    pointer: str
    keyword: str
    limit: Json


class Rule(Protocol):
    """One law over one body."""

    kind: ClassVar[str]
    parameters: ClassVar[frozenset[str]]

    @classmethod
    def read(cls, entry: Mapping[str, Any], defaults: Defaults) -> Self:
        """The rule that an `x-rules` entry declares; `defaults` gives the schema's default at a pointer."""

    def laws(self) -> list[Law]:
        """The atomic constraints behind it."""

    def check(self, body: Json, facts: Facts) -> list[Violation]:
        """Where the body breaks the law; a body of other types breaks none."""

    def satisfy(self, body: Json) -> Iterator[Json]:
        """Bodies on the boundary that keep the law."""

    def break_(self, body: Json) -> Iterator[Json]:
        """Bodies just outside it."""
