"""Rules about what must be there: a blank string counts as missing; exactly one of several numbers is not zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from specs.pointers import Json, field, getter, replaced, resolve
from specs.rules.rule import Defaults, Facts, Law
from specs.violations import Violation

# Nothing to who cuts fractions off; exact in binary, so that everybody writes it alike.
_FRACTION = 0.5


@dataclass(frozen=True, slots=True)
class NotBlank:
    """A string of nothing but white space counts as missing (an empty one is `minLength`'s business)."""

    kind: ClassVar[str] = "not-blank"
    parameters: ClassVar[frozenset[str]] = frozenset({"pointer"})
    implies: ClassVar[frozenset[str]] = frozenset()
    pointer: str
    get: Callable[[Json], Json]

    @classmethod
    def read(cls, entry: Mapping[str, Any], defaults: Defaults) -> Self:
        """`{pointer}`."""
        del defaults
        return cls(entry["pointer"], getter(entry["pointer"]))

    def laws(self) -> list[Law]:
        """One: the member says something."""
        return [Law(self.pointer, self.kind, limit=True)]

    def check(self, body: Json, facts: Facts) -> list[Violation]:
        """Broken by a string that is neither empty nor says anything."""
        del facts
        value = self.get(body)
        if not isinstance(value, str) or not value.isspace():
            return []
        return [Violation(self.pointer, self.kind, f"{field(self.pointer)} is required (it is blank)")]

    def satisfy(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """One visible character, between spaces and alone."""
        del keyword
        yield replaced(body, self.pointer, " a\n")
        yield replaced(body, self.pointer, "a")

    def break_(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """Space, tab, line break and a wide space."""
        del keyword
        for blank in (" ", "\t\n", "   ", "\u3000"):
            yield replaced(body, self.pointer, blank)

    def repair(self, body: Json) -> Iterator[Json]:
        """Something said."""
        yield replaced(body, self.pointer, "a")


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@dataclass(frozen=True, slots=True)
class ExactlyOneNonzero:
    """Of the named members of an object exactly one is present and not zero."""

    kind: ClassVar[str] = "exactly-one-nonzero"
    parameters: ClassVar[frozenset[str]] = frozenset({"pointer", "members"})
    implies: ClassVar[frozenset[str]] = frozenset()
    pointer: str
    members: tuple[str, ...]

    @classmethod
    def read(cls, entry: Mapping[str, Any], defaults: Defaults) -> Self:
        """`{pointer, members}`."""
        del defaults
        return cls(entry["pointer"], tuple(entry["members"]))

    def laws(self) -> list[Law]:
        """One: the count."""
        return [Law(self.pointer, self.kind, list(self.members))]

    def check(self, body: Json, facts: Facts) -> list[Violation]:
        """Broken by an object in which none or several are not zero."""
        del facts
        value = resolve(body, self.pointer)
        if not isinstance(value, Mapping):
            return []
        present = [value[name] for name in self.members if name in value]
        if not all(map(_is_number, present)):
            return []
        count = sum(1 for number in present if number != 0)
        if count == 1:
            return []
        names = ", ".join(self.members)
        return [
            Violation(
                self.pointer,
                self.kind,
                f"{field(self.pointer)} needs exactly one of {names} that is not 0, not {count}",
            )
        ]

    def satisfy(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """Each member in turn as the one; alone, and among zeros, where fractions are allowed as a small one."""
        del keyword
        for name in self.members:
            yield replaced(body, self.pointer, {name: 1})
            for number in (-_FRACTION, -1):
                yield replaced(body, self.pointer, {**dict.fromkeys(self.members, 0), name: number})

    def break_(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """None at all, all zero, two (the second so small that who cuts fractions off counts one), all, two alike."""
        del keyword
        yield replaced(body, self.pointer, {})
        yield replaced(body, self.pointer, dict.fromkeys(self.members, 0))
        yield replaced(body, self.pointer, {self.members[0]: 1, self.members[-1]: _FRACTION})
        yield replaced(body, self.pointer, dict.fromkeys(self.members, 1))
        yield replaced(body, self.pointer, dict.fromkeys(self.members[:2], 1))

    def repair(self, body: Json) -> Iterator[Json]:
        """Each member that is not zero as the only one; then the first."""
        value = resolve(body, self.pointer)
        present = value if isinstance(value, Mapping) else {}
        chosen = [name for name in self.members if present.get(name)] or list(self.members[:1])
        for name in chosen:
            others = {other: 0 for other in self.members if other in present and other != name}
            yield replaced(body, self.pointer, {**present, **others, name: present.get(name) or 1})
