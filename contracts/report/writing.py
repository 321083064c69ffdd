"""The reports that are files, written from one digest of the verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contracts.finding import Verdict
from contracts.report.digest import Digest, digest
from contracts.report.files import write_files
from contracts.report.json_report import json_report
from contracts.report.junit import junit_report
from contracts.report.page import html_report


def write_reports(
    verdict: Verdict,
    *,
    json: str | Path | None = None,
    junit: str | Path | None = None,
    html: str | Path | None = None,
) -> None:
    """Writes the reports that were asked for, each whole or not at all; ReportError names every path that failed."""
    wanted: list[tuple[str | Path | None, Callable[[Digest], bytes]]] = [
        (json, json_report),
        (junit, junit_report),
        (html, html_report),
    ]
    told = digest(verdict)
    write_files([(Path(path), report(told)) for path, report in wanted if path is not None])
