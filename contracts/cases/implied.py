"""Which constraints can't be kept once another is broken: a body that breaks both blames the one that is meant."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from specs.constraint import Constraint
from specs.pointers import split
from specs.rules.totals import EachAtMost, SumEquals

# What speaks about a value as a whole: one of another type is none of its options, and no branch takes it.
_ABOUT_A_VALUE = frozenset({"type", "enum", "const", "not", "anyOf", "oneOf", "pattern", "format"})

# At the same place: the keyword that is broken, and those that a value which breaks it may not be able to keep. Every
# keyword stands for itself too: a limit may be there twice, for every body and more tightly under a condition.
IMPLIED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "type": _ABOUT_A_VALUE,
        "enum": frozenset({"const", "pattern", "format", "minLength", "maxLength"}),
        "const": frozenset({"enum"}),
        "minLength": frozenset({"enum", "const", "pattern", "format", "anyOf"}),
        "maxLength": frozenset({"enum", "const", "pattern", "format"}),
        "pattern": frozenset({"enum", "const", "format"}),
        "required": frozenset({"anyOf", "oneOf"}),
    }
)


# Rules about parts of a whole.
OF_A_WHOLE = frozenset({SumEquals.kind, EachAtMost.kind})


def is_confined(broken: Mapping[str, list[str]], meant: Constraint, known: Mapping[str, Constraint]) -> bool:
    """Whether a body that breaks these (ids, and where) breaks the one that is meant, and only what that implies."""
    if meant.id not in broken:
        return False
    return all(
        name == meant.id or implies(meant, known[name], broken[meant.id], places) for name, places in broken.items()
    )


def implies(meant: Constraint, other: Constraint, at: list[str], there: list[str]) -> bool:
    """Whether a breach of one at some places can't but break the other at the others."""
    if meant.rule is not None and other.rule is not None and other.rule.rule.kind in meant.rule.rule.implies:
        return True
    related = other.keyword == meant.keyword or other.keyword in IMPLIED.get(meant.keyword, ())
    return related and _shape(meant) == _shape(other) and set(there) <= set(at)


def makes_no_sum(meant: Constraint, other: Constraint) -> bool:
    """Whether a part that is no whole number is all that is wrong, and the whole can't come out with it."""
    is_whole = (meant.keyword, meant.limit) == ("type", "integer")
    return is_whole and other.rule is not None and other.rule.rule.kind in OF_A_WHOLE


def _shape(constraint: Constraint) -> list[str]:
    return split(constraint.pointer)
