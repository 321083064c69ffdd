"""What the commands that look for drift have in common: accepted drift is set aside, and reports go into files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from contracts.drift.drift import Drift
from contracts.drift.waivers import DEFAULT_FILE, Waiver, read_waivers, settle
from contracts.errors import UsageError
from contracts.report.drifts import DriftReport, json_drifts, junit_drifts, markdown_drifts, sarif_drifts
from contracts.report.files import ReportError, check_destinations, write_files

FINDINGS, NOT_CHECKED = 1, 3
_OUTLETS = {
    "json": (json_drifts, "the findings and what was checked as JSON"),
    "sarif": (sarif_drifts, "the findings as SARIF 2.1.0, for code scanning"),
    "junit": (junit_drifts, "the findings as JUnit XML, for CI servers"),
    "markdown": (markdown_drifts, "the findings as Markdown, for an issue or a summary"),
}


@dataclass(frozen=True, slots=True)
class Published:
    """What is left to act on, and whether the reports are where they should be."""

    left: Sequence[Drift]
    is_written: bool

    def status(self, problem: str, failing: Sequence[Drift] | None = None) -> int:
        """0 nothing, 1 something, 3 could not check; `failing` are those that count, where not all do."""
        if not self.is_written:
            return NOT_CHECKED
        if self.left if failing is None else failing:
            return FINDINGS
        return NOT_CHECKED if problem else 0


def add_outlets(parser: argparse.ArgumentParser) -> None:
    """The options for reports and for waivers."""
    for name, (_, text) in _OUTLETS.items():
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write {text}")
    parser.add_argument(
        "--waivers",
        type=Path,
        metavar="FILE",
        help="the file of accepted drift (default: understudy.toml in this folder, if there is one)",
    )


def prepare(arguments: argparse.Namespace) -> list[Waiver]:
    """The waivers; raises UsageError for what would fail after the work is done."""
    try:
        check_destinations(*(getattr(arguments, name) for name in _OUTLETS))
    except ReportError as problem:
        raise UsageError(str(problem)) from None
    if arguments.waivers is not None:
        return read_waivers(arguments.waivers)
    return read_waivers(DEFAULT_FILE) if DEFAULT_FILE.is_file() else []


def publish(
    arguments: argparse.Namespace, report: DriftReport, waivers: Sequence[Waiver], *, is_complete: bool
) -> Published:
    """Writes the reports that were asked for and says what is waived; what is left is for the caller to tell."""
    today = datetime.now(UTC).date()
    settled = settle(report.drifts, waivers, run=report.run, today=today, is_complete=is_complete)
    for each in settled.waived:
        line = f"waived until {each.waiver.expires} ({each.waiver.reason}): {each.drift.kind} {each.drift.message}"
        sys.stdout.write(line + "\n")
    told = replace(report, drifts=settled.open, waived=settled.waived)
    wanted = ((getattr(arguments, name), write) for name, (write, _) in _OUTLETS.items())
    try:
        write_files([(path, write(told)) for path, write in wanted if path is not None])
    except ReportError as problem:
        sys.stderr.write(f"understudy {report.run[0]}: {problem}\n")
        return Published(settled.open, is_written=False)
    return Published(settled.open, is_written=True)
