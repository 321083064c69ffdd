"""Which rule says whether a request's status is right: one for each request, so that one fault is one finding."""

from __future__ import annotations

from contracts.exchange import Exchange
from contracts.judge.expected import MALFORMED, Expected
from contracts.judge.routes import Route

ACCEPTED, REFUSED, METHOD, DOCUMENTED = "status.accepted", "status.refused", "status.method", "status.documented"
KEY, SCHEME, ISOLATION = "account.key", "account.scheme", "account.isolation"
MALFORMED_BODY, SURVIVES, ALIVE = "robustness.malformed", "robustness.survives", "robustness.alive"
# A purpose that names one of these is believed.
_NAMED = frozenset({KEY, SCHEME, ISOLATION, MALFORMED_BODY, SURVIVES, ALIVE})


def owner(exchange: Exchange, expected: Expected, route: Route, *, is_others: bool) -> str:
    """The rule's id. `is_others`: the call asks for another account's task."""
    law = exchange.purpose.law if exchange.purpose is not None else ""
    is_routed = route.operation is not None
    if law in _NAMED and (is_routed or not route.methods):
        return law
    if not is_routed:
        return METHOD
    if expected.verdict == "refused":
        rule = _of_refused(expected)
        return ISOLATION if is_others and rule == REFUSED else rule
    if expected.verdict == "accepted":
        return SCHEME if _says_bearer_oddly(exchange) else ACCEPTED
    return DOCUMENTED


def _of_refused(expected: Expected) -> str:
    first = expected.situations[0] if expected.situations else ""
    if first.startswith("key_"):
        return KEY
    return MALFORMED_BODY if first in MALFORMED else REFUSED


def _says_bearer_oddly(exchange: Exchange) -> bool:
    scheme = (exchange.request_header("authorization") or "").partition(" ")[0]
    return scheme != "Bearer" and scheme.lower() == "bearer"
