"""What became of one request, beside what had to: taken or refused, rightly or not, or nothing that can be judged."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus

from contracts.exchange import Exchange
from contracts.judge.expected import Expected
from contracts.judge.promise import Promise, is_yes
from specs.pack import Operation

_SERVER_ERRORS = 500
_REFUSALS = range(400, 500)
_LATER = ("rate_exceeded", "concurrency_exceeded", "service_unavailable")


class Outcome(StrEnum):
    """One word for each way in which promise and answer can meet."""

    UNANSWERED = "unanswered"
    PUT_OFF = "put off"
    """The service asked to come back later: nothing is said about the request."""
    BROKEN = "broken"
    """A 5xx that is not documented for the situation."""
    TAKEN = "taken"
    REFUSED = "refused"
    WRONGLY_TAKEN = "wrongly taken"
    WRONGLY_REFUSED = "wrongly refused"
    OTHER_YES = "other yes"
    """Taken, with another status than the documented one."""
    OTHER_NO = "other no"
    """Refused, with another status than the situation's."""
    UNDOCUMENTED = "undocumented"


YES = frozenset({Outcome.TAKEN, Outcome.OTHER_YES})


def weigh(exchange: Exchange, operation: Operation | None, expected: Expected, promise: Promise) -> Outcome:
    """The outcome of an exchange whose request belongs to this operation."""
    status = exchange.status
    if status is None:
        return Outcome.UNANSWERED
    allowed = promise.refusal_statuses(operation, expected.situations)
    if status not in allowed and _is_put_off(exchange, operation, expected, promise):
        return Outcome.PUT_OFF
    if status >= _SERVER_ERRORS and status not in allowed:
        return Outcome.BROKEN
    if operation is None:
        return _off_the_page(exchange, expected)
    if is_yes(status):
        return _yes(status, operation, expected, promise)
    return _no(status, operation, expected, allowed)


def _is_put_off(exchange: Exchange, operation: Operation | None, expected: Expected, promise: Promise) -> bool:
    asks_to_wait = exchange.header("retry-after") is not None
    if exchange.purpose is None or expected.verdict != "refused":
        later = promise.refusal_statuses(operation, _LATER)
        asks_to_wait = asks_to_wait and (exchange.status in later or exchange.status == HTTPStatus.SERVICE_UNAVAILABLE)
        return asks_to_wait or exchange.status == HTTPStatus.TOO_MANY_REQUESTS
    return asks_to_wait and exchange.status == HTTPStatus.TOO_MANY_REQUESTS


def _off_the_page(exchange: Exchange, expected: Expected) -> Outcome:
    """A method or a path that nobody documents: any answer will do that does not claim to have done something."""
    if not is_yes(exchange.status):
        return Outcome.REFUSED
    return Outcome.WRONGLY_TAKEN if expected.verdict == "refused" else Outcome.TAKEN


def _yes(status: int, operation: Operation, expected: Expected, promise: Promise) -> Outcome:
    if expected.verdict == "refused":
        return Outcome.WRONGLY_TAKEN
    return Outcome.TAKEN if status == promise.success_status(operation) else Outcome.OTHER_YES


def _no(status: int, operation: Operation, expected: Expected, allowed: frozenset[int]) -> Outcome:
    if expected.verdict == "accepted":
        return Outcome.WRONGLY_REFUSED
    if status in allowed or (expected.is_loose and status in _REFUSALS):
        return Outcome.REFUSED
    if expected.situations:
        return Outcome.OTHER_NO
    return Outcome.REFUSED if str(status) in operation.responses else Outcome.UNDOCUMENTED
