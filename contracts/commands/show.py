"""`understudy show VENDOR`: what a vendor promises, does over time and refuses; or its every constraint."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import specs
from contracts.commands.tables import columns, counted, wrapped, write_json, write_lines
from specs.catalogue import Constraint, catalogue
from specs.pack import STATES, Operation, Pack
from specs.sources import Sources, load_sources


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which vendor, and how much of it."""
    parser.add_argument("vendor", metavar="VENDOR", help="a vendor by name, or the folder of a pack")
    parser.add_argument("--constraints", action="store_true", help="every atomic constraint, with its source")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(arguments: argparse.Namespace) -> int:
    """Prints the vendor; 0."""
    pack = specs.load(arguments.vendor)
    sources = load_sources(pack.folder)
    if arguments.constraints:
        found = catalogue(pack)
        if arguments.json:
            write_json(_constraints_json(pack, sources, found))
        else:
            write_lines(_constraint_lines(pack, sources, found))
    elif arguments.json:
        write_json(_pack_json(pack, sources))
    else:
        write_lines(_pack_lines(pack, sources))
    return 0


# Every constraint


def _constraints_json(pack: Pack, sources: Sources, found: list[Constraint]) -> dict[str, Any]:
    documents = {
        key: {"title": each.title, "url": each.url or None, "read": each.read}
        for key, each in sources.documents.items()
    }
    listed = [_constraint_json(each, sources) for each in found]
    return {"vendor": pack.name, "documents": documents, "constraints": listed}


def _constraint_json(each: Constraint, sources: Sources) -> dict[str, Any]:
    source = sources.source_of(each)
    return {
        "id": each.id,
        "operation": each.operation,
        "location": each.location,
        "pointer": each.pointer,
        "keyword": each.keyword,
        "limit": each.limit,
        "words": each.words or None,
        "condition": each.condition or None,
        "when": [{"pointer": one.pointer, "schema": one.schema} for one in each.conditions],
        "source": source.document.key if source is not None and source.document is not None else None,
        "standing": source.standing if source is not None else None,
        "decision": source.decision if source is not None else None,
    }


def _constraint_lines(pack: Pack, sources: Sources, found: list[Constraint]) -> Iterator[str]:
    for name, group in groupby(found, key=lambda each: each.operation):
        operation = pack.operations[name]
        listed = list(group)
        yield f"{name} ({counted(len(listed), 'constraint')})"
        yield f"  {operation.method} {operation.path}"
        header = ("pointer", "keyword", "limit", "source", "standing")
        table = list(columns([header, *(_constraint_row(each, sources) for each in listed)], "  ", flexible=2))
        yield table[0]
        for each, line in zip(listed, table[1:], strict=True):
            yield line
            if each.limit_words not in line:
                yield from wrapped(each.limit_words, "      ")
            yield from wrapped(each.condition, "      ")
        yield ""


def _constraint_row(each: Constraint, sources: Sources) -> tuple[str, ...]:
    source = sources.source_of(each)
    if source is None:
        return each.place, each.keyword, each.limit_words, "-", "-"
    document = source.document.key if source.document is not None else f"decision {source.decision}"
    return each.place, each.keyword, each.limit_words, document, source.standing


# The vendor as a whole


def _pack_json(pack: Pack, sources: Sources) -> dict[str, Any]:
    behaviour = pack.behaviour
    return {
        "name": pack.name,
        "title": pack.title,
        "folder": str(pack.folder),
        "hosts": list(behaviour.hosts),
        "operations": [_operation_json(each) for each in pack.operations.values()],
        "states": {state: behaviour.lifecycle.words[state] for state in STATES},
        "refusals": {
            situation: {"status": refusal.status, "headers": dict(refusal.headers), "body": refusal.body}
            for situation, refusal in behaviour.refusals.items()
        },
        "options": dict(pack.options),
        "decisions": {
            key: {
                "question": each.question,
                "decision": each.decision,
                "standing": each.standing,
                "basis": list(each.basis),
                "lenient": each.lenient or None,
            }
            for key, each in sources.decisions.items()
        },
    }


def _operation_json(operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "role": operation.role,
        "summary": operation.summary,
        "statuses": _statuses(operation),
        "examples": dict(operation.examples),
    }


def _statuses(operation: Operation) -> list[int]:
    return sorted(int(status) for status in operation.responses if status.isdecimal())


def _pack_lines(pack: Pack, sources: Sources) -> Iterator[str]:
    yield f"{pack.title} ({pack.name})"
    yield f"  hosts: {', '.join(pack.behaviour.hosts)}"
    yield f"  files: {pack.folder}"
    yield ""
    yield "operations"
    for operation in pack.operations.values():
        yield f"  {operation.id}: {operation.summary or operation.role}"
        yield f"    {operation.method} {operation.path}"
        yield f"    answers {', '.join(map(str, _statuses(operation)))}"
    yield from _lifecycle_lines(pack)
    yield from _refusal_lines(pack)
    yield from _decision_lines(pack, sources)


def _lifecycle_lines(pack: Pack) -> Iterator[str]:
    lifecycle = pack.behaviour.lifecycle
    more = lifecycle.per_video_second
    lasts = {
        "queued": _range(lifecycle.queued_seconds),
        "running": f"{_range(lifecycle.running_seconds)}, and {more:g} for each of video",
    }
    yield ""
    yield "states"
    yield from columns([(state, lifecycle.words[state], lasts.get(state, "")) for state in STATES], "  ")


def _range(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:g} to {seconds[1]:g} seconds"


def _refusal_lines(pack: Pack) -> Iterator[str]:
    yield ""
    yield "refusals"
    everywhere = pack.behaviour.refusals
    rows = [(situation, str(refusal.status), "") for situation, refusal in everywhere.items()]
    for operation in pack.operations.values():
        own = {name: each for name, each in operation.refusals.items() if each is not everywhere.get(name)}
        rows += [(situation, str(refusal.status), operation.id) for situation, refusal in own.items()]
    yield from columns(rows, "  ")


def _decision_lines(pack: Pack, sources: Sources) -> Iterator[str]:
    if pack.options:
        yield ""
        yield "options"
        yield from columns([(name, "on" if enabled else "off") for name, enabled in pack.options.items()], "  ")
    if sources.decisions:
        yield ""
        yield "decisions"
    for key, each in sources.decisions.items():
        yield from wrapped(f"{key} ({each.standing}) {each.question}", "  ")
        yield from wrapped(each.decision, "    ")
        if each.lenient:
            yield from wrapped(f"lenient: {each.lenient}", "    ")
