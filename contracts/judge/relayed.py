"""Whether a call behind a gateway only relays a mistake of the caller's: the refusal that comes of it is deserved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import TypeAlias

from contracts.exchange import Exchange, Expects
from contracts.judge.record import SUBMIT
from contracts.judge.sandwich import Side, read_body

# Two clocks are read, and one of them runs in another thread.
_CLOCK_SECONDS = 0.05
_Texts: TypeAlias = frozenset[str] | None
# Of a body that is no JSON, or so large that its record is cut: it may say anything.
_UNREAD: _Texts = frozenset({""})


def is_relayed(call: Exchange, front: Side, back: Side) -> bool:
    """Whether the call says what a request said that was to be refused at the front, and was, at that moment.

    A thin gateway lets its provider judge what its callers send; what they hear is what they would hear there. Where
    the front may do as it likes, it may also send on what it took, whenever it likes.
    """
    texts = _texts(back, call)
    odd = [each for each in front.exchanges if _expects(each) == "either"]
    refused = [each for each in front.exchanges if _is_refused(each)]
    under_way = (each for each in (*odd, *refused) if _is_under_way(call, each))
    ordinary = (each for each in front.submits if _expects(each) == "accepted")
    return any(_saying(front, texts, under_way)) or (
        bool(texts)
        and texts != _UNREAD
        and any(_saying(front, texts, odd))
        and not any(_saying(front, texts, ordinary))
    )


def _texts(side: Side, exchange: Exchange) -> _Texts:
    """Those of a job, which may have none; None for what asks for no job."""
    operation = side.promise.pack.operations.get(exchange.operation or "")
    if operation is None or operation.role != SUBMIT:
        return None
    return frozenset(side.prompt(exchange)) if read_body(exchange) is not None else _UNREAD


def _saying(front: Side, texts: _Texts, exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Those that say so: all of these texts, or as little as there is."""
    for each in exchanges:
        own = _texts(front, each)
        if own == texts or (own is not None and (texts == _UNREAD or (texts and texts <= own))):
            yield each


def _is_under_way(call: Exchange, exchange: Exchange) -> bool:
    began, ended = exchange.sent_seconds - _CLOCK_SECONDS, exchange.answered_seconds + _CLOCK_SECONDS
    return began <= call.sent_seconds <= ended


def _expects(exchange: Exchange) -> Expects:
    return exchange.purpose.expects if exchange.purpose is not None else "accepted"


def _is_refused(exchange: Exchange) -> bool:
    """Whether a mistake was, and was called, the caller's."""
    status = exchange.status
    if _expects(exchange) != "refused" or status is None:
        return False
    is_no = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return is_no and status != HTTPStatus.TOO_MANY_REQUESTS
