"""`understudy drift traffic VENDOR FILE`: recorded exchanges with a vendor against its pack."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import specs
from contracts.drift.outlet import add_outlets, write_drifts
from contracts.drift.recordings import RecordingError, read_recording
from contracts.drift.traffic import Traffic, TrafficVerdict
from specs.pointers import Json

FINDINGS, NOT_CHECKED = 1, 3


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
    traffic = Traffic(specs.load(arguments.vendor), arguments.host)
    problem = ""
    try:
        traffic.judge_all(read_recording(arguments.file))
    except RecordingError as trouble:
        problem = str(trouble)
    verdict = traffic.verdict
    if not verdict.judged and not problem:
        problem = f"none of {verdict.read} exchanges is with {arguments.vendor}: name its host with --host"
    write_drifts(arguments, list(verdict.drifts.values()), _proof(verdict, problem))
    for line in _lines(verdict, problem):
        sys.stdout.write(line + "\n")
    if verdict.drifts:
        return FINDINGS
    return NOT_CHECKED if problem else 0


def _proof(verdict: TrafficVerdict, problem: str) -> dict[str, Json]:
    return {
        "vendor": verdict.vendor,
        "checked": {
            "read": verdict.read,
            "judged": verdict.judged,
            "tasks": len(verdict.tasks),
            "without_body": verdict.without_body,
            "other_hosts": dict(verdict.hosts),
            "problem": problem or None,
        },
        "seen": dict(verdict.counts),
    }


def _lines(verdict: TrafficVerdict, problem: str) -> Iterator[str]:
    for number, drift in enumerate(verdict.drifts.values(), 1):
        yield f"{number}. {drift.kind} {drift.message}"
        yield f"   seen {verdict.counts[drift.fingerprint]} times, fingerprint {drift.fingerprint}"
    yield f"read {verdict.read} exchanges, judged {verdict.judged} with {len(verdict.tasks)} tasks"
    for host, count in verdict.hosts.items():
        yield f"not judged: {count} with {host}, which is none of the vendor's hosts (--host makes it one)"
    if verdict.without_body:
        yield f"not judged: {verdict.without_body} answers whose bodies were not recorded"
    if problem:
        yield f"could not check: {problem}"
    yield f"{len(verdict.drifts)} {'drift' if len(verdict.drifts) == 1 else 'drifts'} found"
