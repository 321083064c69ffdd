"""Where drift is reported besides the terminal: files, in the forms that machines and people read."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from contracts.drift.drift import Drift
from specs.pointers import Json


def add_outlets(parser: argparse.ArgumentParser) -> None:
    """The options for reports in files."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the findings and what was checked as JSON")


def write_drifts(arguments: argparse.Namespace, drifts: Sequence[Drift], proof: Mapping[str, Json]) -> None:
    """Writes whatever was asked for; `proof` says what was looked at."""
    if arguments.json is not None:
        document = {"findings": [each.as_json() for each in drifts], **proof}
        arguments.json.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")
