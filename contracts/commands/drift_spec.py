"""`understudy drift spec OLD NEW`: two OpenAPI documents or packs, and what the differences mean for clients."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from contracts.drift.drift import Drift
from contracts.drift.loading import read_promised
from contracts.drift.outlet import add_outlets, write_drifts
from contracts.drift.promises import compare

FINDINGS = 1
# From the gravest on.
GRADES = ("breaking", "maybe", "compatible")


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
    drifts = compare(read_promised(arguments.old), read_promised(arguments.new))
    drifts.sort(key=lambda each: GRADES.index(each.grade or "maybe"))
    counts = Counter(each.grade for each in drifts)
    write_drifts(
        arguments,
        drifts,
        {"old": arguments.old, "new": arguments.new, "summary": {each: counts[each] for each in GRADES}},
    )
    for number, drift in enumerate(drifts, 1):
        sys.stdout.write(_finding(number, drift))
    sys.stdout.write(", ".join(f"{counts[each]} {each}" for each in GRADES) + "\n")
    failing = GRADES[: GRADES.index(arguments.fail_on) + 1]
    return FINDINGS if any(each.grade in failing for each in drifts) else 0


def _finding(number: int, drift: Drift) -> str:
    return f"{number}. {drift.grade} {drift.kind}: {drift.message}\n   fingerprint {drift.fingerprint}\n"
