"""Whether an answer keeps its operation's contract: documented status, body and headers in shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import jsonschema_rs
import orjson

from specs.http_date import read_http_date
from specs.pack import Operation
from specs.pointers import Json
from specs.validation import compile_schema
from specs.violations import ErrorReader, Violation

_JSON = "application/json"
# RFC 9110 leaves it to whoever answers to say seconds or a date, and so does who documents one of the two.
_WAIT = "retry-after"


class Shape:
    """One schema, and the violations of a value against it."""

    def __init__(self, schema: Json) -> None:
        self._schema = schema

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        return compile_schema(self._schema)

    @cached_property
    def _reader(self) -> ErrorReader:
        return ErrorReader(self._schema)

    def judge(self, value: Json) -> list[Violation]:
        """What is wrong with the value, in the order of the schema."""
        if self._validator.is_valid(value):
            return []
        return list(dict.fromkeys(self._reader.read(error) for error in self._validator.iter_errors(value)))


@dataclass(frozen=True, slots=True)
class _Promise:
    """What is documented for one status: a body or none, and headers with whether they must be there."""

    body: Shape | None
    headers: Mapping[str, tuple[Shape, str, bool]]


class AnswerContract:
    """What an operation promises about its answers."""

    def __init__(self, operation: Operation) -> None:
        self._promises = {
            int(status): _promise(each) for status, each in operation.responses.items() if status.isdecimal()
        }

    def judge(self, status: int, headers: Mapping[str, str], body: bytes) -> Iterator[Violation]:
        """Every way in which the answer breaks the promise; header names are lower-case."""
        promise = self._promises.get(status)
        if promise is None:
            documented = ", ".join(map(str, sorted(self._promises)))
            yield Violation("", "status", f"status {status} is not documented (documented: {documented})")
            return
        yield from _judge_headers(promise, headers)
        yield from _judge_body(promise, body)


def _promise(response: Mapping[str, Json]) -> _Promise:
    content = response.get("content", {})
    body = Shape(content[_JSON].get("schema", True)) if _JSON in content else None
    headers = {
        name.lower(): (
            Shape(each.get("schema", True)),
            each.get("schema", {}).get("type", ""),
            each.get("required", False),
        )
        for name, each in response.get("headers", {}).items()
        if name.lower() != "content-type"
    }
    return _Promise(body, headers)


def _judge_headers(promise: _Promise, headers: Mapping[str, str]) -> Iterator[Violation]:
    for name, (shape, kind, required) in promise.headers.items():
        text = headers.get(name)
        if text is None:
            if required:
                yield Violation("", "header", f"the header {name} is missing")
            continue
        if name == _WAIT and read_http_date(text) is not None:
            continue
        for violation in shape.judge(_typed(text, kind)):
            yield Violation("", "header", f"the header {name}: {violation.message.replace('body ', '', 1)}")


def _typed(text: str, kind: str) -> Json:
    """A header's text as the value that its schema speaks about; what is no such value stays text."""
    if kind in ("integer", "number", "boolean"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text


def _judge_body(promise: _Promise, body: bytes) -> Iterator[Violation]:
    if promise.body is None:
        if body:
            yield Violation("", "body", "there is a body, and none is documented")
        return
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as problem:
        yield Violation("", "json", f"the body is not JSON ({problem})")
        return
    yield from promise.body.judge(value)
