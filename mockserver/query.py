"""Query parameters, judged by the same validator as bodies: the query is read as an object of typed members."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from specs.pack import Operation
from specs.pointers import Json
from specs.validation import BodyContract
from specs.violations import Violation

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)


def _typed(text: str, schema: Json) -> Json:
    """The text as the value that its schema speaks about; other text stays text, and breaks the schema."""
    wanted = schema.get("type")
    if wanted == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if wanted == "number" and _NUMBER.fullmatch(text):
        return float(text)
    if wanted == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


class QueryContract:
    """What an operation promises about its query."""

    def __init__(self, schemas: Mapping[str, Json], required: list[str]) -> None:
        self._schemas = schemas
        self._contract = BodyContract({"type": "object", "properties": dict(schemas), "required": required})

    @classmethod
    def of(cls, operation: Operation) -> QueryContract | None:
        """The contract of an operation that has query parameters."""
        parameters = [parameter for parameter in operation.parameters if parameter.location == "query"]
        if not parameters:
            return None
        return cls(
            {each.name: each.schema for each in parameters},
            [each.name for each in parameters if each.required],
        )

    def judge(self, query: str) -> tuple[dict[str, Json], list[Violation]]:
        """The parameters with their defaults, and what is wrong with them. Pointers are `/name`."""
        sent = {
            name: _typed(text, self._schemas[name])
            for name, text in parse_qsl(query, keep_blank_values=True)
            if name in self._schemas
        }
        defaults = {name: schema["default"] for name, schema in self._schemas.items() if "default" in schema}
        return {**defaults, **sent}, self._contract.judge(sent)[1]
