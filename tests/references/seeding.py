"""Bugs that are switched on one at a time: what each is called, which kind of law it breaks, what is wrong in words.

A reference service is correct without bugs. Each bug is one condition, `"its-name" in bugs`, beside the code that it
spoils; a test holds these conditions against the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

Bugs: TypeAlias = frozenset[str]
NONE: Bugs = frozenset()

KINDS = (
    *("constraint", "conditional", "cross-field", "image", "auth", "account", "status", "envelope", "attribution"),
    *("shape", "timestamps", "ids", "lifecycle", "progress", "result", "failure", "robustness", "echo", "method"),
    "concurrency",
)


@dataclass(frozen=True, slots=True)
class Bug:
    """One bug."""

    id: str
    kind: str
    words: str


def table(kinds: Mapping[str, Mapping[str, str]]) -> Mapping[str, Bug]:
    """Bugs by their names, out of words by names by kinds."""
    bugs = {name: Bug(name, kind, words) for kind, entries in kinds.items() for name, words in entries.items()}
    unknown = kinds.keys() - set(KINDS)
    assert not unknown, f"no such kind: {unknown}"
    return MappingProxyType(bugs)
