"""The steps that read a call: query, content type, JSON, and whether the body keeps the contract."""

from __future__ import annotations

import orjson

from mockserver.turn import Turn
from specs.pointers import Json, resolve
from specs.violations import Violation

_JSON = b"application/json"
# Validators and writers of JSON give up at about 250 levels, parsers later: what is taken must be told again.
_DEPTH_MAX = 200


def read_query(turn: Turn) -> str | None:
    """Query parameters, for the operations that have any."""
    contract = turn.routed.query
    assert contract is not None  # noqa: S101 - a step of operations with a query
    turn.query, turn.violations = contract.judge(turn.call.query)
    return "request_invalid" if turn.violations else None


def _broken(turn: Turn, rule: str, message: str, situation: str) -> str:
    turn.violations = [Violation("", rule, message)]
    return situation


def read_body(turn: Turn) -> str | None:
    """Content type and JSON, for the operations that take a body."""
    call = turn.call
    if call.body is None:
        turn.limit_bytes = turn.world.body_max
        return _broken(turn, "maxBytes", f"body must be at most {turn.world.body_max} bytes", "body_too_large")
    if call.headers.get(b"content-type") != _JSON:
        situation = _read_content_type(turn)
        if situation is not None:
            return situation
    try:
        turn.body = orjson.loads(call.body)
    except orjson.JSONDecodeError as problem:
        return _broken(turn, "json", f"body is not valid JSON ({problem})", "json_malformed")
    # As deep as it is, it has at least as many brackets: counting them costs next to nothing.
    if call.body.count(b"[") + call.body.count(b"{") > _DEPTH_MAX and _is_deep(turn.body):
        return _broken(turn, "depth", f"body is nested deeper than {_DEPTH_MAX} levels", "json_malformed")
    return None


def _is_deep(value: Json) -> bool:
    """Whether anything stands deeper than the limit; level by level, so that depth costs no stack."""
    level = [value]
    for _ in range(_DEPTH_MAX):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _read_content_type(turn: Turn) -> str | None:
    sent = turn.call.headers.get(b"content-type", b"")
    taken = turn.vendor.pack.behaviour.content_type
    media_type = sent.split(b";", 1)[0].strip().lower()
    if media_type == _JSON or taken == "any" or (not media_type and taken == "optional"):
        return None
    seen = media_type.decode("latin-1") or "missing"
    return _broken(turn, "contentType", f"Content-Type must be application/json, it is {seen}", "content_type")


def judge_body(turn: Turn) -> str | None:
    """Model, schema and rules; the journal gets every violation, the answer names the first."""
    contract = turn.routed.operation.body
    assert contract is not None  # noqa: S101 - a step of operations with a body
    turn.body, violations = contract.judge(turn.body, turn)
    if not violations:
        return None
    turn.violations = violations
    return _judge_model(turn) or "request_invalid"


def _judge_model(turn: Turn) -> str | None:
    """The model comes before all else: which of its refusals applies, if any."""
    model = turn.vendor.pack.behaviour.model
    if model is None:
        return None
    first = [violation for violation in turn.violations if violation.pointer == model.pointer]
    if not first:
        return None
    turn.violations = [*first, *(violation for violation in turn.violations if violation not in first)]
    sent = resolve(turn.body, model.pointer)
    if sent is None or (sent == "" and model.missing):
        return model.missing
    return model.unknown if isinstance(sent, str) else None
