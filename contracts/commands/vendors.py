"""`understudy vendors`: which vendors there are, and from which documents, read when."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import specs
from contracts.commands.tables import columns, counted, write_json, write_lines
from specs.sources import Sources, load_sources


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only the form of the output."""
    parser.add_argument("--json", action="store_true", help="for programs")


def run(arguments: argparse.Namespace) -> int:
    """Prints the vendors; 0."""
    found = [(pack, load_sources(pack.folder)) for pack in map(specs.load, specs.names())]
    if arguments.json:
        write_json({"vendors": [_as_json(pack, sources) for pack, sources in found]})
    else:
        write_lines(_lines(found))
    return 0


def _as_json(pack: specs.Pack, sources: Sources) -> dict[str, Any]:
    documents = [
        {
            "id": each.key,
            "title": each.title,
            "url": each.url or None,
            "read": each.read,
            "standing": each.standing,
        }
        for each in sources.documents.values()
    ]
    return {
        "name": pack.name,
        "title": pack.title,
        "hosts": list(pack.behaviour.hosts),
        "operations": list(pack.operations),
        "documents": documents,
    }


def _lines(found: list[tuple[specs.Pack, Sources]]) -> Iterator[str]:
    heads = [(pack.name, pack.title, counted(len(pack.operations), "operation")) for pack, _ in found]
    for head, (_, sources) in zip(columns(heads), found, strict=True):
        yield head
        rows = [(each.read, each.standing, each.title) for each in sources.documents.values()]
        yield from columns(rows, "    ", flexible=2)
