"""The steps that read a call: query, content type, JSON, and whether the body keeps the contract."""

from __future__ import annotations

import orjson

from mockserver.turn import Turn
from specs.pointers import resolve
from specs.violations import Violation

_JSON = b"application/json"


def read_query(turn: Turn) -> str | None:
    """Query parameters, for the operations that have any."""
    contract = turn.routed.query
    if contract is None:
        return None
    turn.query, turn.violations = contract.judge(turn.call.query)
    return "request_invalid" if turn.violations else None


def _broken(turn: Turn, rule: str, message: str, situation: str) -> str:
    turn.violations = [Violation("", rule, message)]
    return situation


def read_body(turn: Turn) -> str | None:
    """Content type and JSON, for the operations that take a body."""
    if turn.routed.operation.body is None:
        return None
    call = turn.call
    if call.body is None:
        turn.scene.limit_bytes = turn.world.body_max
        return _broken(turn, "maxBytes", f"body must be at most {turn.world.body_max} bytes", "body_too_large")
    situation = _read_content_type(turn)
    if situation is not None:
        return situation
    try:
        turn.body = orjson.loads(call.body)
    except orjson.JSONDecodeError as problem:
        return _broken(turn, "json", f"body is not valid JSON ({problem})", "json_malformed")
    return None


def _read_content_type(turn: Turn) -> str | None:
    sent = b""
    for name, value in turn.call.headers:
        if name == b"content-type":
            sent = value
            break
    if sent == _JSON:
        return None
    taken = turn.vendor.pack.behaviour.content_type
    media_type = sent.split(b";", 1)[0].strip().lower()
    if media_type == _JSON or taken == "any" or (not media_type and taken == "optional"):
        return None
    seen = media_type.decode("latin-1") or "missing"
    return _broken(turn, "contentType", f"Content-Type must be application/json, it is {seen}", "content_type")


def judge_body(turn: Turn) -> str | None:
    """Model, schema and rules; the journal gets every violation, the answer names the first."""
    contract = turn.routed.operation.body
    if contract is None:
        return None
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
    turn.violations = first + [violation for violation in turn.violations if violation not in first]
    sent = resolve(turn.body, model.pointer)
    if sent is None or (sent == "" and model.missing):
        return model.missing
    return model.unknown if isinstance(sent, str) else None
