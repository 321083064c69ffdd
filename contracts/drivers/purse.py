"""Whether an account can still pay: what a service says when it can't is no fault of the service, and ends a run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import orjson

from contracts.exchange import Exchange
from specs.pack import Pack, Refusal
from specs.pointers import Json, join, resolve

_EMPTY = "balance_empty"
# Texts are free, and placeholders stand for anything.
_PROSE = re.compile(r"[\s$]")


class Purse:
    """What a pack's refusals for an empty balance look like."""

    def __init__(self, pack: Pack) -> None:
        self._refusals = {
            name: (operation.refusals[_EMPTY], _others(operation.refusals))
            for name, operation in pack.operations.items()
            if _EMPTY in operation.refusals
        }

    def is_empty(self, exchange: Exchange) -> bool:
        """Whether the answer says so, and could not be meant otherwise: by its status, or by the codes in its body."""
        refusal, others = self._refusals.get(exchange.operation or "", (None, frozenset[int]()))
        if refusal is None or exchange.status != refusal.status:
            return False
        codes = dict(codes_of(refusal.body))
        if not codes:
            return refusal.status not in others
        body = _body(exchange)
        return all(resolve(body, at) == code for at, code in codes.items())


def _others(refusals: Mapping[str, Refusal]) -> frozenset[int]:
    """The statuses of all other situations."""
    return frozenset(refusal.status for name, refusal in refusals.items() if name != _EMPTY)


def _body(exchange: Exchange) -> Json:
    try:
        return orjson.loads(exchange.body)
    except orjson.JSONDecodeError:
        return None


def codes_of(template: Json, at: tuple[str, ...] = ()) -> Iterator[tuple[str, Json]]:
    """The constants of a refusal's template that are no prose: numbers, and words without blanks."""
    if isinstance(template, dict):
        for name, inner in template.items():
            yield from codes_of(inner, (*at, name))
    elif isinstance(template, str):
        if template and not _PROSE.search(template):
            yield join([*at]), template
    elif isinstance(template, int) and not isinstance(template, bool):
        yield join([*at]), template
