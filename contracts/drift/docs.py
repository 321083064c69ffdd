"""Saved pages of a vendor against its pack: which page each one is, how much of it was understood, what has drifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.drift.comparing import Comparison, alike, recovered
from contracts.drift.drift import Drift
from contracts.drift.facts import Facts
from contracts.drift.pages import Page, read_pages
from specs.pack import Pack

# Of a page's known facts so many have to be found again, or it was not understood.
_SHARE_MIN = 0.6
_BYTES_MAX = 20_000_000


@dataclass(frozen=True, slots=True)
class Checked:
    """One file that was read: the page that it is, and how many of its known facts were found again."""

    file: str
    page: str | None
    recovered: int
    known: int
    problem: str = ""
    """Why it could not be checked."""


@dataclass(frozen=True, slots=True)
class DocsVerdict:
    """All that was found out about a vendor's pages."""

    vendor: str
    drifts: tuple[Drift, ...]
    checked: tuple[Checked, ...]
    unread: tuple[str, ...]
    """Pages of the pack that no file was given for."""
    notes: tuple[str, ...] = ()


def check_docs(pack: Pack, files: Sequence[Path]) -> DocsVerdict:
    """Compares every file with the page that it is; PackError when no page of the pack is recorded."""
    pages = read_pages(pack)
    comparison = Comparison(pack)
    drifts: dict[str, Drift] = {}
    checked = []
    for file in files:
        found, page, now = _check(file, pages)
        checked.append(found)
        if page is not None and now is not None and not found.problem:
            for drift in comparison.drifts(page, now):
                drifts.setdefault(drift.fingerprint, drift)
    seen = {each.page for each in checked if not each.problem}
    unread = tuple(page.key for page in pages if page.key not in seen)
    notes = tuple(f"{page.key}: {page.note}" for page in pages if page.note and page.key in seen)
    return DocsVerdict(pack.name, tuple(drifts.values()), tuple(checked), unread, notes)


def _check(file: Path, pages: Sequence[Page]) -> tuple[Checked, Page | None, Facts | None]:
    try:
        data = file.read_bytes()
    except OSError as problem:
        return Checked(str(file), None, 0, 0, f"it can't be read ({problem.strerror})"), None, None
    if len(data) > _BYTES_MAX or b"\0" in data:
        return Checked(str(file), None, 0, 0, "it is no page: too large, or not a text"), None, None
    text = data.decode("utf-8", "replace")
    page, now = max(((page, page.read(text)) for page in pages), key=lambda each: (alike(*each), recovered(*each)))
    found, known = recovered(page, now), len(page.facts)
    if found < _SHARE_MIN * known:
        why = f"only {found} of {known} known facts of {page.key}, the page that it resembles most, were found"
        return Checked(str(file), None, found, known, why), None, None
    return Checked(str(file), page.key, found, known), page, now
