"""`understudy drift docs VENDOR FILE ...`: saved pages against what they said when the contract was made from them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import specs
from contracts.commands.drift_outlets import NOT_CHECKED, add_outlets, prepare, publish
from contracts.drift.docs import Checked, DocsVerdict, check_docs
from contracts.drift.drift import Drift
from contracts.drift.fetching import fetch
from contracts.drift.pages import read_pages, record
from contracts.errors import UsageError
from contracts.report.drifts import DriftReport
from contracts.report.plain import counted
from specs.errors import PackError
from specs.pack import Pack
from specs.pointers import Json
from specs.sources import load_sources


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A vendor, its saved pages, where reports go."""
    parser.add_argument("vendor", metavar="VENDOR", help="a vendor, or the folder of a pack")
    files = parser.add_argument(
        "files", nargs="+", type=Path, default=[], metavar="FILE", help="pages, saved as text, Markdown or HTML"
    )
    # Not `*`: that would be satisfied by none as soon as an option stands before the files.
    files.required = False
    parser.add_argument(
        "--fetch", action="store_true", help="get the vendor's pages from the addresses in sources.yaml"
    )
    parser.add_argument(
        "--record", metavar="PAGE", help="keep this one page's facts in the pack's pages.yaml, under this name"
    )
    parser.add_argument("--operation", metavar="ID", help="with --record: the operation that the page is about")
    add_outlets(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 nothing has drifted, 1 something has, whatever else happened, 3 a page could not be checked."""
    pack = specs.load(arguments.vendor)
    if not arguments.files and not arguments.fetch:
        message = (
            "no page was given; save the vendor's pages (text, Markdown or HTML) and name the files, or --fetch them"
        )
        raise UsageError(message)
    if arguments.record:
        return _record(arguments)
    waivers = prepare(arguments)
    try:
        fetched, missing = _fetched(pack) if arguments.fetch else ([], [])
        verdict = check_docs(pack, [*arguments.files, *fetched], missing)
    except PackError as trouble:
        _say(f"could not check: {trouble}")
        return NOT_CHECKED
    problem = "; ".join(f"{each.file}: {each.problem}" for each in verdict.checked if each.problem)
    report = DriftReport(
        run=("drift", "docs", arguments.vendor),
        drifts=verdict.drifts,
        problem=problem,
        proof=_proof(verdict),
        files={each.page: each.file for each in verdict.checked if each.page is not None},
    )
    published = publish(arguments, report, waivers, is_complete=not problem and not verdict.unread)
    _tell(verdict, published.left)
    return published.status(problem)


def _fetched(pack: Pack) -> tuple[list[Path], list[Checked]]:
    """The pack's pages as they are today, and those that could not be had."""
    documents = load_sources(pack.folder).documents
    addresses = {page.key: documents[page.key].url if page.key in documents else "" for page in read_pages(pack)}
    missing = [
        Checked(key, None, 0, 0, "sources.yaml has no address for it") for key, url in addresses.items() if not url
    ]
    pages = fetch(url for url in addresses.values() if url)
    missing += [Checked(each.url, None, 0, 0, each.problem) for each in pages if each.file is None]
    return [each.file for each in pages if each.file is not None], missing


def _record(arguments: argparse.Namespace) -> int:
    if len(arguments.files) != 1:
        message = "--record keeps one page: name one FILE"
        raise UsageError(message)
    pack = specs.load(arguments.vendor)
    if arguments.operation is not None and arguments.operation not in pack.operations:
        message = f"there is no operation {arguments.operation!r}; there are {', '.join(pack.operations)}"
        raise UsageError(message)
    text = arguments.files[0].read_text(encoding="utf-8", errors="replace")
    page = record(pack.folder, arguments.record, text, pack, arguments.operation)
    _say(f"{page.key}: {len(page.facts)} facts kept in {pack.folder / 'pages.yaml'}")
    return 0


def _proof(verdict: DocsVerdict) -> dict[str, Json]:
    """What was looked at, so that silence can be believed."""
    return {
        "vendor": verdict.vendor,
        "checked": {
            "pages": [
                {
                    "file": each.file,
                    "page": each.page,
                    "recovered": each.recovered,
                    "known": each.known,
                    "unchanged": each.is_same,
                    "problem": each.problem or None,
                }
                for each in verdict.checked
            ],
            "not_read": list(verdict.unread),
        },
        "notes": list(verdict.notes),
    }


def _tell(verdict: DocsVerdict, left: Sequence[Drift]) -> None:
    for number, drift in enumerate(left, 1):
        _say(_finding(number, drift))
    for each in verdict.checked:
        _say(_line(each))
    for key in verdict.unread:
        _say(f"not read: {key}, a page of this vendor that no file was given for")
    for note in verdict.notes:
        _say(f"note: {note}")
    _say(f"{counted(len(left), 'drift')} found")


def _finding(number: int, drift: Drift) -> str:
    place = " ".join(part for part in (drift.kind, drift.operation, drift.pointer) if part)
    lines = [f"{number}. {place}", f"   {drift.message}"]
    if drift.page is None:
        return "\n".join(lines)
    where = f", line {drift.line}" if drift.line else ""
    lines.append(f"   page {drift.page}{where}, confidence {drift.confidence}, fingerprint {drift.fingerprint}")
    return "\n".join(lines)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _line(each: Checked) -> str:
    if each.problem:
        return f"could not check {each.file}: {each.problem}"
    same = ", word for word as it was" if each.is_same else ""
    return f"read {each.file}: {each.page}, {each.recovered} of {each.known} known facts found{same}"
