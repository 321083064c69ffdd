"""Where each constraint comes from: sources.yaml, read when somebody asks for it, never in order to serve."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from specs.constraint import Constraint
from specs.documents import SOURCES, read_yaml
from specs.errors import PackError
from specs.pointers import Json

STANDINGS = ("documented", "elsewhere", "decided", "family")
EVERY_OPERATION = "*"


@dataclass(frozen=True, slots=True)
class Document:
    """A page, a client, a record: what was read, and when."""

    key: str
    title: str
    url: str
    read: str
    standing: str


@dataclass(frozen=True, slots=True)
class Source:
    """What a constraint stands on: a document, a decision, or a decision about a document."""

    document: Document | None
    standing: str
    decision: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """A contradiction or a gap, and how it was settled."""

    question: str
    decision: str
    standing: str
    basis: tuple[str, ...]
    lenient: str


@dataclass(frozen=True, slots=True)
class Sources:
    """One pack's sources.yaml."""

    documents: Mapping[str, Document]
    entries: Mapping[str, Mapping[str, Source]]
    """By operation (`*` for all of them), then by pointer, or pointer and keyword."""
    decisions: Mapping[str, Decision]

    def source_of(self, constraint: Constraint) -> Source | None:
        """The most specific entry about the constraint; None when nobody said where it comes from."""
        for operation in (constraint.operation, EVERY_OPERATION):
            entries = self.entries.get(operation, {})
            found = entries.get(f"{constraint.place} {constraint.keyword}") or entries.get(constraint.place)
            if found is not None:
                return found
        return None


def read_sources(value: Mapping[str, Json]) -> Sources:
    """The sources that a well-formed sources.yaml holds; a document that is not listed is none."""
    documents = {
        key: Document(key, entry["title"], entry.get("url", ""), entry["read"], entry["standing"])
        for key, entry in value["documents"].items()
    }
    entries = {
        operation: MappingProxyType({key: _source(entry, documents) for key, entry in listed.items()})
        for operation, listed in value["constraints"].items()
    }
    decisions = {key: _decision(entry) for key, entry in value["decisions"].items()}
    return Sources(MappingProxyType(documents), MappingProxyType(entries), MappingProxyType(decisions))


def _source(entry: Json, documents: Mapping[str, Document]) -> Source:
    says = {"document": entry} if isinstance(entry, str) else entry
    document = documents.get(says.get("document", ""))
    standing = says.get("standing") or (document.standing if document is not None else "")
    return Source(document, standing, says.get("decision"))


def _decision(entry: Mapping[str, Json]) -> Decision:
    return Decision(
        entry["question"],
        entry["decision"],
        entry["standing"],
        tuple(entry["basis"]),
        entry.get("lenient", ""),
    )


def load_sources(folder: Path) -> Sources:
    """The sources of the pack in this folder; PackError when they can't be read.

    YAML takes its time: a file that has not changed since is not read again.
    """
    path = folder / SOURCES
    try:
        state = path.stat()
    except OSError:
        return _loaded(path)
    return _loaded(path, (state.st_mtime_ns, state.st_size, state.st_ino))


@lru_cache(maxsize=32)
def _loaded(path: Path, _state: tuple[int, int, int] | None = None) -> Sources:
    value = read_yaml(path)
    try:
        return read_sources(value)
    except (KeyError, TypeError, AttributeError) as problem:
        raise PackError(path, "", f"can't be read ({problem})", "`understudy lint` says more") from None
