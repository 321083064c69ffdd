"""What a rule kind is: a law that JSON Schema can't say, with four faces: check, satisfy, break, repair.

Check says where a body breaks the law. Satisfy and break make bodies from a valid one: on the boundary of the law, and
just outside it. Repair makes bodies that keep it from one that does not, changing as little as it can: so that a body
which is to break another law breaks that one alone. All of them may break other laws on the way; whoever sends what
they make confirms first what is broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, Protocol, Self, TypeAlias

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


class Law(NamedTuple):
    """One atomic constraint that a rule stands for: what the catalogue lists."""

    pointer: str
    keyword: str
    limit: Json


class Rule(Protocol):
    """One law over one body."""

    kind: ClassVar[str]
    parameters: ClassVar[frozenset[str]]
    implies: ClassVar[frozenset[str]]
    """Kinds whose law can't be kept by a body that breaks this one."""

    @classmethod
    def read(cls, entry: Mapping[str, Any], defaults: Defaults) -> Self:
        """The rule that an `x-rules` entry declares; `defaults` gives the schema's default at a pointer."""

    def laws(self) -> list[Law]:
        """The atomic constraints behind it."""

    def check(self, body: Json, facts: Facts) -> list[Violation]:
        """Where the body breaks the law; a body of other types breaks none."""

    def satisfy(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """Bodies on the boundary that keep the law; of several laws the one with this keyword, else all."""

    def break_(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """Bodies just outside it, of one law or of all."""

    def repair(self, body: Json) -> Iterator[Json]:
        """Bodies that keep it, near one that breaks it."""
