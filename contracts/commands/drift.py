"""`understudy drift docs|traffic|spec`: whether a vendor is still what its pack says, by three kinds of evidence."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

# Each is imported when it is called for, for start-up: pages need no judge, and traffic needs no pages.
KINDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "docs": ("contracts.commands.drift_docs", "saved pages of the vendor's documentation against the contract"),
        "spec": ("contracts.commands.drift_spec", "two OpenAPI documents or packs, and what the differences mean"),
    }
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One subcommand for each kind of evidence."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="|".join(KINDS))
    for name, (module, text) in KINDS.items():
        importlib.import_module(module).add_arguments(kinds.add_parser(name, help=text, description=text))


def run(arguments: argparse.Namespace) -> int:
    """0 nothing, 1 findings, 3 could not check."""
    return cast("int", importlib.import_module(KINDS[arguments.kind][0]).run(arguments))
