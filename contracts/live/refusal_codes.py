"""The codes of refusals: clients tell one refusal from another by them, so another code is drift."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from contracts.drift.drift import Drift
from contracts.drivers.purse import codes_of
from contracts.exchange import Exchange
from contracts.judge import Promise
from contracts.judge.promise import UNREADABLE, body_of
from specs.pack import Operation, Refusal
from specs.pointers import Json, resolve

# What a service may take one kind of bad key for: it knows no more than the key shows.
_ALIKE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "key_malformed": ("key_malformed", "key_missing", "key_invalid"),
        "key_invalid": ("key_invalid", "key_malformed", "key_expired", "key_not_yet_valid"),
        "key_expired": ("key_expired", "key_invalid"),
        "key_not_yet_valid": ("key_not_yet_valid", "key_invalid"),
    }
)


def other_codes(promise: Promise, exchanges: Iterable[Exchange]) -> Iterator[Drift]:
    """Refusals that were due, with the status that they have in the pack and codes that they don't."""
    for exchange in exchanges:
        operation = promise.pack.operations.get(exchange.operation or "")
        if operation is not None and exchange.purpose is not None and exchange.purpose.expects == "refused":
            yield from _other_codes(operation, exchange, _due(operation, exchange))


def _due(operation: Operation, exchange: Exchange) -> list[Refusal]:
    situation = exchange.purpose.situation if exchange.purpose is not None else None
    names = _ALIKE.get(situation or "", (situation or "",))
    known = (operation.refusals[name] for name in names if name in operation.refusals)
    return [each for each in known if each.status == exchange.status]


def _other_codes(operation: Operation, exchange: Exchange, due: list[Refusal]) -> Iterator[Drift]:
    body = body_of(exchange)
    if not due or body is UNREADABLE:
        return
    allowed: dict[str, list[Json]] = {}
    for refusal in due:
        for at, code in codes_of(refusal.body):
            allowed.setdefault(at, []).append(code)
    for at, codes in allowed.items():
        seen = resolve(body, at)
        # Where one of the refusals has a text of its own, anything may stand.
        if len(codes) == len(due) and type(seen) is type(codes[0]) and seen not in codes:
            words = exchange.purpose.words if exchange.purpose is not None else ""
            yield Drift(
                kind="enum-changed",
                operation=operation.id,
                pointer=at,
                documented=seen,
                encoded=codes[0],
                message=f"{operation.id} {at}: {words} was refused with {seen!r}; the contract has {codes[0]!r}",
            )
