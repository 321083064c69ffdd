"""Which refusal a broken constraint calls for: the model's own, or that of an invalid request."""

from __future__ import annotations

from specs.constraint import Constraint
from specs.pack import Pack
from specs.pointers import Json, resolve

INVALID = "request_invalid"


def situation_of(pack: Pack, constraint: Constraint, body: Json) -> str | None:
    """The situation of a body that breaks this constraint alone; None when several would be as right."""
    model = pack.behaviour.model
    if model is None or constraint.pointer != model.pointer:
        return INVALID
    sent = resolve(body, model.pointer)
    if constraint.keyword == "required":
        return model.missing or INVALID
    if not isinstance(sent, str) or not sent.strip():
        # An empty name is missing to one service and unknown to another.
        return None
    return model.unknown
