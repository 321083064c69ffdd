"""`understudy drift spec OLD NEW`: two OpenAPI documents or packs, and what the differences mean for clients."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from datetime import UTC, datetime

from contracts.commands.drift_outlets import add_outlets, prepare, publish
from contracts.drift.drift import Drift
from contracts.drift.promises.classes import GRADES
from contracts.drift.promises.comparing import compare
from contracts.drift.promises.documents import read_document
from contracts.report.drifts import DriftReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The two sides, and what makes the status 1."""
    for name, text in (("old", "as it was"), ("new", "as it is")):
        parser.add_argument(
            name, metavar=name.upper(), help=f"{text}: an OpenAPI document, a pack's folder or a vendor"
        )
    parser.add_argument(
        "--fail-on",
        choices=GRADES,
        default="maybe",
        help="the least grave class that makes the status 1 (default: maybe)",
    )
    add_outlets(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 nothing that grave, 1 something."""
    waivers = prepare(arguments)
    drifts = compare(read_document(arguments.old), read_document(arguments.new), datetime.now(UTC).date())
    counts = Counter(each.grade for each in drifts)
    report = DriftReport(
        run=("drift", "spec", arguments.old, arguments.new),
        drifts=drifts,
        proof={
            "old": arguments.old,
            "new": arguments.new,
            "summary": {each: counts[each] for each in GRADES},
        },
        file=arguments.new,
    )
    published = publish(arguments, report, waivers, is_complete=True)
    for number, drift in enumerate(published.left, 1):
        sys.stdout.write(_finding(number, drift))
    sys.stdout.write(", ".join(f"{counts[each]} {each}" for each in GRADES) + "\n")
    # A waiver that has become stale has no class, and counts whatever was asked for.
    failing = (*GRADES[: GRADES.index(arguments.fail_on) + 1], None)
    return published.status("", [each for each in published.left if each.grade in failing])


def _finding(number: int, drift: Drift) -> str:
    kind = f"{drift.grade} {drift.kind}" if drift.grade is not None else drift.kind
    return f"{number}. {kind}: {drift.message}\n   fingerprint {drift.fingerprint}\n"
