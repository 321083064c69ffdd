"""Cases about query parameters: on each limit and just outside, as the text that a URL carries."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from contracts.cases.boundary import boundary
from contracts.cases.case import Case
from contracts.cases.outside import Limit, outside
from contracts.cases.situations import INVALID
from specs.constraint import QUERY, Constraint
from specs.pack import Operation
from specs.pointers import Json
from specs.validation import BodyContract

_NUMBERS = {"integer": re.compile(r"-?[0-9]{1,18}", re.ASCII), "number": re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)}
_REFUSED_MAX, _ACCEPTED_MAX = 3, 3
# What is no number, and no service should take for one.
_NO_NUMBERS = ("many", "1.5", "true")


def parameter_cases(operation: Operation, constraints: list[Constraint]) -> Iterator[Case]:
    """Accepted and refused calls for each constraint of a query parameter."""
    schemas = {f"?{each.name}": each.schema for each in operation.parameters if each.location == QUERY}
    for constraint in constraints:
        if constraint.location != QUERY or constraint.pointer not in schemas:
            continue
        if constraint.keyword == "required":
            yield from _without(operation, constraint)
        elif operation.id_location != QUERY or constraint.pointer != f"?{operation.id_name}":
            yield from _limited(operation, constraint, schemas[constraint.pointer])


def _without(operation: Operation, constraint: Constraint) -> Iterator[Case]:
    is_id = operation.id_location == QUERY and constraint.pointer == f"?{operation.id_name}"
    yield Case(
        operation=operation.id,
        expects="refused",
        words=f"without {constraint.pointer}",
        law="status.refused",
        constraint=constraint.id,
        situation=INVALID,
        content_type=None,
        without_task=is_id,
    )


def _limited(operation: Operation, constraint: Constraint, schema: Json) -> Iterator[Case]:
    name = constraint.pointer.removeprefix("?")
    limit = Limit(constraint.keyword, constraint.limit, schema.get("default", 1), _types(schema))
    broken = (text for text in _texts(outside(limit), limit) if _broken(text, name, schema) == [constraint.keyword])
    kept = (text for text in map(_text, boundary(limit)) if text is not None and not _broken(text, name, schema))
    for expects, texts, most in (("refused", broken, _REFUSED_MAX), ("accepted", kept, _ACCEPTED_MAX)):
        for text in list(dict.fromkeys(texts))[:most]:
            yield Case(
                operation=operation.id,
                expects="refused" if expects == "refused" else "accepted",
                words=f"{name}={text}",
                law=f"status.{expects}",
                constraint=constraint.id,
                situation=INVALID if expects == "refused" else None,
                content_type=None,
                query={name: text},
            )


def _types(schema: Json) -> list[str]:
    listed = schema.get("type", [])
    return listed if isinstance(listed, list) else [listed]


def _texts(values: Iterator[Json], limit: Limit) -> Iterator[str]:
    if limit.keyword == "type":
        yield from _NO_NUMBERS
        return
    yield from (text for text in map(_text, values) if text is not None)


def _text(value: Json) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float, str)) and value != "" else None


def _broken(text: str, name: str, schema: Json) -> list[str]:
    contract = BodyContract({"type": "object", "properties": {name: schema}})
    return [violation.rule for violation in contract.judge({name: _typed(text, schema)})[1]]


def _typed(text: str, schema: Mapping[str, Json]) -> Json:
    """The text as the value that its schema speaks about; other text stays text, and breaks the schema."""
    for kind in _types(schema):
        if kind in _NUMBERS and _NUMBERS[kind].fullmatch(text):
            return int(text) if kind == "integer" else float(text)
        if kind == "boolean" and text in ("true", "false"):
            return text == "true"
    return text
