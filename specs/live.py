"""What a live check may do with a vendor: which refusals cost nothing for sure, and the cheapest job of each kind.

It stands in sources.yaml, beside the documents that say so, and is read when somebody is about to call the vendor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from specs.constraint import Constraint
from specs.documents import SOURCES, read_yaml
from specs.errors import PackError
from specs.pointers import Json

# Facts of this standing shape answers and are never trusted with money.
_UNTRUSTED = "family"


@dataclass(frozen=True, slots=True)
class CheapJob:
    """A job that costs as little as any: `cost` orders the jobs of a pack, and `unit` says in words what it counts."""

    body: Json
    cost: float
    unit: str


@dataclass(frozen=True, slots=True)
class LiveFacts:
    """`free` has for each operation the breaches (`/prompt required`) that are refused before anything is billed."""

    free: Mapping[str, frozenset[str]]
    cheapest: Mapping[str, CheapJob]

    def is_free(self, constraint: Constraint) -> bool:
        """Whether a body that breaks this constraint can't become a job that is paid for."""
        return f"{constraint.place} {constraint.keyword}" in self.free.get(constraint.operation, frozenset())


NOTHING_KNOWN = LiveFacts(MappingProxyType({}), MappingProxyType({}))


def read_live(sources: Mapping[str, Json]) -> LiveFacts:
    """What a well-formed sources.yaml says under `live`; without it nothing is known to be free."""
    said = sources.get("live", {})
    free: dict[str, frozenset[str]] = {}
    for entry in said.get("refused_before_billing", ()):
        if entry.get("standing") != _UNTRUSTED:
            known = free.get(entry["operation"], frozenset())
            free[entry["operation"]] = known | frozenset(entry["breaches"])
    cheapest = {
        operation: CheapJob(entry["body"], entry["cost"], entry["unit"])
        for operation, entry in said.get("cheapest", {}).items()
    }
    return LiveFacts(MappingProxyType(free), MappingProxyType(cheapest))


def load_live(folder: Path) -> LiveFacts:
    """The facts of the pack in this folder; PackError when they can't be read."""
    path = folder / SOURCES
    value = read_yaml(path)
    try:
        return read_live(value)
    except (KeyError, TypeError, AttributeError) as problem:
        raise PackError(path, "/live", f"can't be read ({problem})", "`understudy lint` says more") from None
