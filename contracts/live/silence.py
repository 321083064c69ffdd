"""Which answers tell nothing about the contract: none came, the service was out of order, or the account may not ask.

Such an answer is neither drift nor proof that there is none: it is told as what could not be checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Final

from contracts.exchange import KEY, Exchange
from contracts.judge import Promise
from specs.pack import Operation

_SHOWN_MAX: Final = 3
_ABOUT_ACCOUNTS: Final = ("key_missing", "key_malformed", "key_invalid", "key_forbidden", "balance_empty")
_ABOUT_REQUESTS: Final = (
    *("request_invalid", "model_unknown", "model_missing", "task_unknown", "content_rejected"),
    *("content_type", "json_malformed", "body_too_large", "route_unknown", "method_unknown"),
)


def why_silent(promise: Promise, exchange: Exchange) -> str:
    """Why an exchange tells nothing; empty when it does."""
    status = exchange.status
    operation = promise.pack.operations.get(exchange.operation or "")
    if status is None:
        return exchange.trouble or "no answer came"
    if operation is None or status in _due(promise, operation, exchange):
        return ""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "put off, 429"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"out of order, {status}"
    if exchange.account == KEY and status in _account_statuses(promise, operation):
        return f"the account may not, {status}"
    return ""


def unheard(promise: Promise, exchanges: Iterable[Exchange]) -> list[str]:
    """What was asked and not answered in the end, in words; what was put off and asked again is not among it."""
    found: Counter[str] = Counter()
    for each in exchanges:
        if each.purpose is not None and (why := why_silent(promise, each)):
            found[f"{each.operation}: {each.purpose.words}: {why}"] += 1
    words = list(found)
    return words if len(words) <= _SHOWN_MAX else [*words[:_SHOWN_MAX], f"and {len(words) - _SHOWN_MAX} more"]


def telling(promise: Promise, exchanges: Sequence[Exchange]) -> list[int]:
    """The indices of the exchanges that something can be learned from."""
    return [index for index, each in enumerate(exchanges) if not why_silent(promise, each)]


def _due(promise: Promise, operation: Operation, exchange: Exchange) -> frozenset[int]:
    """The statuses that the contract has for what was asked."""
    purpose = exchange.purpose
    if purpose is None or purpose.situation is None:
        return frozenset()
    return promise.refusal_statuses(operation, [purpose.situation])


def _account_statuses(promise: Promise, operation: Operation) -> frozenset[int]:
    """Those that speak of accounts alone."""
    ours = promise.refusal_statuses(operation, _ABOUT_ACCOUNTS)
    return ours - promise.refusal_statuses(operation, _ABOUT_REQUESTS)
