"""Whether a call behind a gateway only relays a mistake of the caller's: the refusal that comes of it is deserved."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from contracts.exchange import Exchange
from contracts.judge.sandwich import Side

# Two clocks are read, and one of them runs in another thread.
_CLOCK_SECONDS = 0.05


def is_relayed(call: Exchange, front: Side, back: Side) -> bool:
    """Whether the call says what a request said that was to be refused at the front, and was, at that moment.

    A thin gateway lets its provider judge what its callers send; what they hear is what they would hear there. Where
    the front may do as it likes, it may also send on what it took, whenever it likes.
    """
    texts = frozenset(back.prompt(call)) if call in back.submits else frozenset[str]()
    odd = [each for each in front.exchanges if each.purpose is not None and each.purpose.expects == "either"]
    refused = [each for each in front.exchanges if _is_refused_rightly(each)]
    return any(_is_under_way(call, each) for each in _saying(front, texts, [*refused, *odd])) or (
        any(_saying(front, texts, odd))
        and not any(_saying(front, texts, (each for each in front.submits if _is_ordinary(each))))
    )


def _saying(front: Side, texts: frozenset[str], exchanges: Iterable[Exchange]) -> Iterable[Exchange]:
    return (each for each in exchanges if texts.issubset(front.prompt(each)))


def _is_under_way(call: Exchange, exchange: Exchange) -> bool:
    began, ended = exchange.sent_seconds - _CLOCK_SECONDS, exchange.answered_seconds + _CLOCK_SECONDS
    return began <= call.sent_seconds <= ended


def _is_ordinary(exchange: Exchange) -> bool:
    return exchange.purpose is None or exchange.purpose.expects == "accepted"


def _is_refused_rightly(exchange: Exchange) -> bool:
    status = exchange.status
    if _is_ordinary(exchange) or status is None:
        return False
    is_no = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return is_no and status != HTTPStatus.TOO_MANY_REQUESTS
