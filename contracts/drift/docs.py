"""Saved pages of a vendor against its pack: which page each one is, how much of it was understood, what has drifted."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from contracts.drift.comparing import Compared, Comparison, alike, at_home, recovered
from contracts.drift.drift import Drift
from contracts.drift.pages import Page, fingerprint, read_pages
from contracts.drift.readers.facts import Facts
from specs.pack import Pack

# Of a page's known facts so many have to be found again, or it was not understood; and so many have to say what they
# said, or it is a page about something else of the kind. One that is about a known address needs fewer.
_FOUND_MIN = 0.6
_ALIKE_MIN = 0.75
_ALIKE_AT_HOME_MIN = 0.4
_BYTES_MAX = 20_000_000
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Checked:
    """One file that was read: the page that it is, and how many of its known facts were found again."""

    file: str
    page: str | None
    recovered: int
    known: int
    problem: str = ""
    """Why it could not be checked."""
    is_same: bool = False
    """It has the same words as when it was recorded, whatever they were laid out as."""


@dataclass(frozen=True, slots=True)
class DocsVerdict:
    """All that was found out about a vendor's pages."""

    vendor: str
    drifts: tuple[Drift, ...]
    checked: tuple[Checked, ...]
    unread: tuple[str, ...]
    """Pages of the pack that no file was given for."""
    notes: tuple[str, ...] = ()


def check_docs(pack: Pack, files: Sequence[Path], missing: Sequence[Checked] = ()) -> DocsVerdict:
    """Compares every file with the page that it is; PackError when no page of the pack is recorded.

    `missing` are pages that could not even be had.
    """
    pages, comparison = read_pages(pack), Comparison(pack)
    drifts: dict[str, Drift] = {}
    checked, notes = [], []
    for file in files:
        found, compared = _check(file, pages, comparison)
        checked.append(found)
        for drift in compared.drifts:
            drifts.setdefault(drift.fingerprint, drift)
        notes += [_reworded(found, *each) for each in compared.reworded]
    seen = {each.page for each in checked if not each.problem}
    unread = tuple(page.key for page in pages if page.key not in seen)
    notes += [f"{page.key}: {page.note}" for page in pages if page.note and page.key in seen]
    return DocsVerdict(pack.name, tuple(drifts.values()), (*checked, *missing), unread, tuple(notes))


def _reworded(found: Checked, subject: str, name: str) -> str:
    what = name.replace("_", " ")
    return f"{found.page}: {subject} {what} is told in other words, which may mean the same; look there"


def _check(file: Path, pages: Sequence[Page], comparison: Comparison) -> tuple[Checked, Compared]:
    nothing = Compared((), ())
    try:
        text = _text(file.read_bytes())
    except OSError as problem:
        return Checked(str(file), None, 0, 0, f"it can't be read ({problem.strerror})"), nothing
    if text is None:
        return Checked(str(file), None, 0, 0, "it is no page: too large, or not a text"), nothing
    read = ((page, page.read(text)) for page in pages)
    page, now = max(read, key=lambda each: (alike(*each), recovered(*each)))
    found, known = recovered(page, now), len(page.facts)
    doubt = _doubt(page, now)
    if doubt:
        return Checked(str(file), None, found, known, doubt), nothing
    is_same = fingerprint(text) == page.fingerprint
    return Checked(str(file), page.key, found, known, is_same=is_same), comparison.compare(page, now)


def _doubt(page: Page, now: Facts) -> str:
    """Why what was read can't be this page; empty when it can."""
    found, same, known = recovered(page, now), alike(page, now), len(page.facts)
    of = f"of {known} known facts of {page.key}, the page that it resembles most, were"
    if found < _FOUND_MIN * known:
        return f"only {found} {of} found"
    if same < (_ALIKE_AT_HOME_MIN if at_home(page, now) else _ALIKE_MIN) * known:
        return f"only {same} {of} found as they had been read"
    return ""


def _text(data: bytes) -> str | None:
    """The file as text; None when it is none."""
    if len(data) > _BYTES_MAX:
        return None
    if data.startswith(_UTF_16):
        return data.decode("utf-16", "replace")
    return None if b"\0" in data else data.decode("utf-8", "replace")
