"""What Schemathesis draws from an operation's contract under a seed: bodies that keep the schema, and others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, CONSTANTS_CACHE, HypothesisProvider
from hypothesis.internal.constants_ast import Constants
from schemathesis import GenerationMode

from specs.keywords import NOTES
from specs.pack import Operation
from specs.pointers import Json

_JSON = "application/json"


class _SeededProvider(HypothesisProvider):
    """Hypothesis draws constants of whatever modules are loaded; without them the seed alone says what is drawn."""

    @property
    def _local_constants(self) -> Constants:
        return Constants()


_BACKEND = "understudy"
# The way that Hypothesis documents for backends.
AVAILABLE_PROVIDERS[_BACKEND] = _SeededProvider


def drawn_bodies(operation: Operation, number: int, count: int, *, valid: bool) -> list[Json]:
    """At most so many JSON bodies; the same number gives the same ones.

    Valid ones keep the schema alone: rules, and what is tolerated or has no effect, are for the caller to look at.
    """
    found: list[Json] = []
    bounds = settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        backend=_BACKEND,
    )
    schema = schemathesis.openapi.from_dict(_document(operation))
    mode = GenerationMode.POSITIVE if valid else GenerationMode.NEGATIVE
    cases: Any = schema.find_operation_by_id(operation.id).as_strategy(generation_mode=mode)

    @seed(number)
    @bounds
    @given(case=cases)
    def collect(case: Any) -> None:
        if case.media_type == _JSON and isinstance(case.body, (dict, list, str, int, float, type(None))):
            found.append(case.body)

    # What is kept there was found with other constants.
    CONSTANTS_CACHE.cache.clear()
    collect()
    CONSTANTS_CACHE.cache.clear()
    return found


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
