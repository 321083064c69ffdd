"""Lint of sources.yaml: each constraint has a source that may be enforced, each entry is about something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import jsonschema_rs
import orjson

from specs.constraint import Constraint
from specs.keywords import declares, walk
from specs.lint_schemas import Found
from specs.pack import Operation
from specs.pointers import Json, join, split
from specs.sources import EVERY_OPERATION, Sources
from specs.validation import compile_schema

# A fact which is no constraint but has a source like one: what an absent member counts as.
_DEFAULT = "default"


@lru_cache(maxsize=1)
def _schema() -> jsonschema_rs.Draft202012Validator:
    return compile_schema(orjson.loads((Path(__file__).parent / "sources.schema.json").read_bytes()))


def judge_shape(value: Json) -> Found:
    """Members and types; standings are words of the vocabulary."""
    for error in _schema().iter_errors(value):
        tokens = list(error.instance_path)
        kind = "standing" if tokens and tokens[-1] == "standing" else "source"
        yield kind, join(tokens), error.message.replace('"', "'"), "specs/README.md lists the members"


def judge_references(value: Mapping[str, Json]) -> Found:
    """Documents and decisions that are named exist."""
    documents, decisions = value["documents"], value["decisions"]
    for operation, entries in value["constraints"].items():
        for key, entry in entries.items():
            pointer = f"/constraints{join([operation, key])}"
            yield from _reference(
                entry if isinstance(entry, str) else entry.get("document"), documents, pointer, "document"
            )
            if isinstance(entry, str):
                continue
            yield from _reference(entry.get("decision"), decisions, pointer, "decision")
            if entry.get("standing") == "decided" and "decision" not in entry:
                yield (
                    "decision",
                    pointer,
                    f"{operation} {key} is decided, but by which decision?",
                    "Name it: decision: ID",
                )
    for name, decision in decisions.items():
        for basis in decision["basis"]:
            # A remark may follow: `page: what it says there`.
            yield from _reference(basis.partition(":")[0], documents, f"/decisions{join([name])}/basis", "document")


def _reference(name: str | None, known: Mapping[str, Json], pointer: str, what: str) -> Found:
    if name is not None and name not in known:
        yield (
            ("decision" if what == "decision" else "source"),
            pointer,
            f"there is no {what} {name!r}",
            f"Add it under {what}s",
        )


def judge_constraints(constraints: Iterable[Constraint], sources: Sources) -> Found:
    """Every constraint has a source, and one that may be enforced."""
    for each in constraints:
        place = f"{each.operation} {each.place} {each.keyword}"
        pointer = f"/constraints/{each.operation}"
        source = sources.source_of(each)
        if source is None:
            way_out = f'Add "{each.place} {each.keyword}" or "{each.place}" under constraints/{each.operation}'
            yield "source", pointer, f"{place} has no source", way_out
        elif source.standing == "family":
            yield (
                "standing",
                pointer,
                f"{place} stands on family alone and is enforced",
                "Take it out of the schema, or find who says so",
            )


def judge_entries(
    value: Mapping[str, Json], operations: Mapping[str, list[Operation]], found: list[Constraint]
) -> Found:
    """Every entry is about an operation, and there about a constraint, a default or a member."""
    for name, entries in value["constraints"].items():
        pointer = f"/constraints{join([name])}"
        if name not in operations and name != EVERY_OPERATION:
            yield "source", pointer, f"there is no operation {name}", f"Operations: {', '.join(operations)}"
            continue
        every = name == EVERY_OPERATION
        meant = [each for listed in operations.values() for each in listed] if every else operations[name]
        known = {
            key
            for each in found
            if every or each.operation == name
            for key in (each.place, f"{each.place} {each.keyword}")
        }
        known |= {key for operation in meant for key in _defaults(operation)}
        for key in entries:
            if key not in known and not any(_is_member(key, operation) for operation in meant):
                yield (
                    "source",
                    pointer + join([key]),
                    f"{name} {key} is no constraint",
                    "Mend the entry, or take it out",
                )


def _is_member(key: str, operation: Operation) -> bool:
    """A member without any limit: that it exists has a source too."""
    if any(key in (f"?{each.name}", f"{{{each.name}}}") for each in operation.parameters):
        return True
    return (
        operation.body is not None
        and key.startswith("/")
        and " " not in key
        and declares(operation.body.schema, split(key))
    )


def _defaults(operation: Operation) -> Iterator[str]:
    for parameter in operation.parameters:
        if _DEFAULT in parameter.schema:
            yield f"?{parameter.name} {_DEFAULT}"
    if operation.body is not None:
        for part, node in walk(operation.body.schema):
            if isinstance(node, Mapping) and _DEFAULT in node:
                yield f"{_member_pointer(part)} {_DEFAULT}"


def _member_pointer(part: str) -> str:
    """The pointer of the value that a keyword's place in the schema is about."""
    tokens, found = split(part), []
    while tokens:
        head = tokens.pop(0)
        if head == "properties" and tokens:
            found.append(tokens.pop(0))
        elif head == "items":
            found.append("*")
    return join(found) or "/"
