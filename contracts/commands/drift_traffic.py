"""`understudy drift traffic VENDOR FILE`: recorded exchanges with a vendor against its pack."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import specs
from contracts.commands.drift_outlets import add_outlets, prepare, publish
from contracts.drift.drift import Drift
from contracts.drift.recordings import RecordingError, read_recording
from contracts.drift.traffic import Traffic, TrafficVerdict
from contracts.report.drifts import DriftReport
from contracts.report.plain import counted
from specs.pointers import Json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A vendor, and what was recorded."""
    parser.add_argument("vendor", metavar="VENDOR", help="a vendor, or the folder of a pack")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="HAR 1.2, JSON lines of {request, response}, a VCR cassette, or a fake's journal",
    )
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="HOST",
        help="a further host that is the vendor's; several times if need be",
    )
    add_outlets(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 nothing has drifted, 1 something has, 3 nothing could be judged."""
    waivers = prepare(arguments)
    traffic = Traffic(specs.load(arguments.vendor), map(_host, arguments.host))
    problem = ""
    try:
        traffic.judge_all(read_recording(arguments.file))
    except RecordingError as trouble:
        problem = str(trouble)
    verdict = traffic.verdict
    if not verdict.judged and not problem:
        problem = f"none of {verdict.read} exchanges is with {arguments.vendor}: name its host with --host"
    report = DriftReport(
        run=("drift", "traffic", arguments.vendor),
        drifts=list(verdict.drifts.values()),
        problem=problem,
        proof=_proof(verdict),
        file=str(arguments.file),
    )
    published = publish(arguments, report, waivers, is_complete=not problem)
    for line in _lines(verdict, published.left, problem):
        sys.stdout.write(line + "\n")
    return published.status(problem)


def _host(given: str) -> str:
    """The host, where a whole URL was given too."""
    return urlsplit(given if "//" in given else f"//{given}").netloc


def _proof(verdict: TrafficVerdict) -> dict[str, Json]:
    return {
        "vendor": verdict.vendor,
        "checked": {
            "read": verdict.read,
            "judged": verdict.judged,
            "tasks": len(verdict.tasks),
            "without_body": verdict.without_body,
            "other_hosts": dict(verdict.hosts),
        },
        "seen": dict(verdict.counts),
    }


def _lines(verdict: TrafficVerdict, left: Sequence[Drift], problem: str) -> Iterator[str]:
    for number, drift in enumerate(left, 1):
        yield f"{number}. {drift.kind} {drift.message}"
        if drift.fingerprint in verdict.counts:
            yield f"   seen {verdict.counts[drift.fingerprint]} times, fingerprint {drift.fingerprint}"
    yield f"read {verdict.read} exchanges, judged {verdict.judged} with {len(verdict.tasks)} tasks"
    for host, count in verdict.hosts.items():
        yield f"not judged: {count} with {host}, which is none of the vendor's hosts (--host makes it one)"
    if verdict.without_body:
        yield f"not judged: {verdict.without_body} answers whose bodies were not recorded"
    if problem:
        yield f"could not check: {problem}"
    yield f"{counted(len(left), 'drift')} found"
