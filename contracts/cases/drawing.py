"""What Schemathesis draws from an operation's contract under a seed: bodies that keep the schema, and others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import schemathesis
from schemathesis import GenerationMode

from contracts.cases.seeded import drawn
from specs.keywords import NOTES
from specs.pack import Operation
from specs.pointers import Json

_JSON = "application/json"


def drawn_bodies(operation: Operation, number: int, count: int, *, valid: bool) -> list[Json]:
    """At most so many JSON bodies; the same number gives the same ones.

    Valid ones keep the schema alone: rules, and what is tolerated or has no effect, are for the caller to look at.
    """
    schema = schemathesis.openapi.from_dict(_document(operation))
    mode = GenerationMode.POSITIVE if valid else GenerationMode.NEGATIVE
    strategy: Any = schema.find_operation_by_id(operation.id).as_strategy(generation_mode=mode)
    return [case.body for case in drawn(strategy, number, count) if _is_json(case)]


def _is_json(case: Any) -> bool:
    return case.media_type == _JSON and isinstance(case.body, (dict, list, str, int, float, type(None)))


def _document(operation: Operation) -> Json:
    """The operation's body alone, with no members but the documented ones: others take time and are drawn elsewhere."""
    assert operation.body is not None  # noqa: S101 - bodies are drawn for operations that take one
    content = {_JSON: {"schema": _closed(operation.body.schema)}}
    method = {
        "operationId": operation.id,
        "requestBody": {"required": True, "content": content},
        "responses": {"200": {"description": "taken"}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": operation.id, "version": "1"},
        "paths": {"/": {"post": method}},
    }


def _closed(schema: Json) -> Json:
    """The schema without notes and extensions; its objects take no other members. Branches and conditions stay open."""
    if not isinstance(schema, Mapping):
        return schema
    closed = {name: value for name, value in schema.items() if not name.startswith("x-") and name not in NOTES}
    for keyword in ("properties", "patternProperties"):
        if keyword in closed:
            closed[keyword] = {name: _closed(each) for name, each in closed[keyword].items()}
    if "items" in closed:
        closed["items"] = _closed(closed["items"])
    if "properties" in closed and closed.get("type") == "object":
        closed["additionalProperties"] = False
    return closed
