"""What must become of a request: read off the request alone, in the order in which a service looks at it.

Route, then who calls, then media type and JSON, then the model, then schema and rules: the first step that fails
decides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

import orjson

from contracts.exchange import NOBODY, Exchange, Expects
from contracts.judge.routes import Route
from specs.pack import Behaviour, ModelStep, Operation, Pack, Parameter
from specs.pointers import Json, resolve
from specs.rules import Facts
from specs.validation import BodyContract
from specs.violations import Violation

MALFORMED: Final = frozenset({"content_type", "json_malformed", "body_too_large"})
KEY_MISSING, KEY_MALFORMED, KEY_INVALID = "key_missing", "key_malformed", "key_invalid"
_EXPIRED, _NOT_YET, _NEAR, _TASK_UNKNOWN = "key_expired", "key_not_yet_valid", "key_near", "task_unknown"
# What a service may take a bad key for: it can't know more than the key shows.
_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        KEY_MISSING: (KEY_MISSING, KEY_MALFORMED),
        KEY_MALFORMED: (KEY_MALFORMED, KEY_MISSING, KEY_INVALID),
        KEY_INVALID: (KEY_INVALID, KEY_MALFORMED, _EXPIRED, _NOT_YET),
        # Nearly the account's key: nobody's, or another account's, which has no such task.
        _NEAR: (KEY_INVALID, KEY_MALFORMED, _TASK_UNKNOWN),
        _EXPIRED: (_EXPIRED, KEY_INVALID),
        _NOT_YET: (_NOT_YET, KEY_INVALID),
    }
)
_ABSENT = object()
_SAFE = frozenset({"HEAD", "OPTIONS", "TRACE"})
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must happen. `either`: taken, or refused in one of these situations (none named: in any)."""

    verdict: Expects
    situations: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()
    is_loose: bool = False
    """Whether any refusal will do (a 4xx): the documents don't say how such input is refused."""


ACCEPTED, EITHER = Expected(verdict="accepted"), Expected(verdict="either")


def refused(*situations: str, violations: list[Violation] | None = None, is_loose: bool = False) -> Expected:
    """Refused in one of these situations."""
    return Expected(verdict="refused", situations=situations, violations=tuple(violations or ()), is_loose=is_loose)


class Reader:
    """Reads requests of one pack."""

    def __init__(self, pack: Pack) -> None:
        self._behaviour: Behaviour = pack.behaviour
        self._queries = {name: _query_contract(each) for name, each in pack.operations.items()}

    def read(self, exchange: Exchange, route: Route, facts: Facts) -> Expected:
        """What must become of the request. Of a poll it is only known that it is well formed."""
        operation = route.operation
        if operation is None:
            return _unrouted(exchange, route)
        if exchange.account == NOBODY:
            return refused(*key_situations(_key_situation(exchange), exchange))
        wrong = self._query(exchange, operation) or self._body(exchange, operation, facts)
        if wrong is not None:
            return wrong
        return Expected(verdict="either", situations=(_TASK_UNKNOWN,)) if operation.role == "poll" else ACCEPTED

    def _query(self, exchange: Exchange, operation: Operation) -> Expected | None:
        contract = self._queries[operation.id]
        if contract is None:
            return None
        members = contract.schema["properties"]
        sent = {
            name: _typed(text, members[name])
            for name, text in parse_qsl(exchange.query, keep_blank_values=True)
            if name in members
        }
        broken = contract.judge(sent)[1]
        return refused("request_invalid", violations=broken) if broken else None

    def _body(self, exchange: Exchange, operation: Operation, facts: Facts) -> Expected | None:
        if operation.body is None:
            return None
        if not self._is_json_said(exchange):
            return refused("content_type", is_loose=True)
        try:
            body = orjson.loads(exchange.request_body)
        except orjson.JSONDecodeError:
            return _unreadable(exchange.request_body)
        canonical, broken = operation.body.judge(body, facts)
        if not broken:
            # What is merely tolerated may be refused as well.
            return None if canonical is body else EITHER
        if not isinstance(body, dict):
            return refused("request_invalid", violations=broken, is_loose=True)
        return self._in_body(body, broken)

    def _is_json_said(self, exchange: Exchange) -> bool:
        sent = exchange.request_header("content-type")
        taken = self._behaviour.content_type
        if taken == "any" or (sent is None and taken == "optional"):
            return True
        return (sent or "").partition(";")[0].strip().lower() == _JSON

    def _in_body(self, body: Json, broken: list[Violation]) -> Expected:
        model = self._behaviour.model
        first = [each for each in broken if model is not None and each.pointer == model.pointer]
        situations = _model_situations(model, body) if model is not None and first else ()
        if situations:
            return refused(*situations, violations=first)
        return refused("request_invalid", violations=broken)


def key_situations(situation: str, exchange: Exchange) -> tuple[str, ...]:
    """The situations that a service may take one of a bad key for; where there is no header at all nobody can err."""
    if situation == KEY_MISSING and exchange.request_header("authorization") is None:
        return (KEY_MISSING,)
    return _KEYS.get(situation, (situation,))


def _unrouted(exchange: Exchange, route: Route) -> Expected:
    if exchange.method in _SAFE or not route.methods:
        return EITHER
    return refused("method_unknown", is_loose=True)


def _key_situation(exchange: Exchange) -> str:
    header = exchange.request_header("authorization")
    if header is None or not header.strip():
        return KEY_MISSING
    scheme, _, key = header.partition(" ")
    return KEY_INVALID if scheme.lower() == "bearer" and key.strip() else KEY_MALFORMED


def _model_situations(model: ModelStep, body: Json) -> tuple[str, ...]:
    """None: that of an invalid request. A name that is empty or no text is each to somebody; no page says which."""
    sent = resolve(body, model.pointer, _ABSENT)
    if sent is _ABSENT:
        return (model.missing,) if model.missing is not None else ()
    if isinstance(sent, str) and sent.strip():
        return (model.unknown,)
    return tuple(filter(None, (model.missing, model.unknown, "request_invalid")))


def _unreadable(body: bytes) -> Expected:
    """Text that one reader of JSON takes and another does not may go either way."""
    try:
        # The standard library takes lone surrogates, more depth and, as text, more digits; NaN is JSON to neither.
        json.loads(body.decode(), parse_constant=_no_number, parse_int=str)
    except RecursionError:
        return EITHER
    except ValueError:
        return refused("json_malformed", is_loose=True)
    return EITHER


def _no_number(name: str) -> Json:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _typed(text: str, schema: Json) -> Json:
    """A query's text as the value that its schema speaks about; other text stays text, and breaks the schema."""
    if schema.get("type") not in ("integer", "number", "boolean"):
        return text
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return value if isinstance(value, (int, float)) else text


def _query_contract(operation: Operation) -> BodyContract | None:
    parameters: list[Parameter] = [each for each in operation.parameters if each.location == "query"]
    if not parameters:
        return None
    required = [each.name for each in parameters if each.required]
    members = {each.name: each.schema for each in parameters}
    return BodyContract({"type": "object", "properties": members, "required": required})
