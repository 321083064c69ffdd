"""Where a promise comes from, in the words of a finding: the document and its standing."""

from __future__ import annotations

from specs.constraint import Constraint
from specs.sources import EVERY_OPERATION, Document, Source, Sources

FAMILY = "family"


class Words:
    """One pack's sources as people read them."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def source(self, constraint: Constraint) -> str:
        """`The page of text to video (documented)`; empty when nobody said."""
        found = self._sources.source_of(constraint)
        return "" if found is None else _said(found)

    def standing(self, constraint: Constraint) -> str:
        """`documented`, `elsewhere`, `decided`, `family`; empty when nobody said."""
        found = self._sources.source_of(constraint)
        return "" if found is None else found.standing

    def document(self, operation: str | None) -> str:
        """The document that most of the operation's constraints come from, in words; empty when there is none."""
        entries = self._sources.entries.get(operation or "", {}) or self._sources.entries.get(EVERY_OPERATION, {})
        documents = [each.document for each in entries.values() if each.document is not None]
        if not documents:
            return ""
        first: Document = max(documents, key=documents.count)
        return f"{first.title} ({first.standing})"


def _said(source: Source) -> str:
    decision = f"decision {source.decision}" if source.decision else ""
    title = source.document.title if source.document is not None else decision
    more = f", {decision}" if source.document is not None and decision else ""
    return f"{title} ({source.standing}{more})"
