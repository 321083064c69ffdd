"""Which of a page's endpoints became which: those that are gone beside those that have come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from contracts.drift.readers.endpoints import likeness, same_place

# Endpoints of one method that have less in common are two, of which one is new.
_LIKENESS_MIN = 0.4


class Move(NamedTuple):
    """An endpoint as it was read and as the page has it now; None where there is none."""

    old: str | None
    new: str | None


def moves(had: Sequence[str], shown: Sequence[str], called: Sequence[str]) -> Iterator[Move]:
    """What changed. `shown` are the endpoints that the page lists now, `called` those of its examples."""
    now = shown or called
    lost = [each for each in had if not _among(each, now)]
    for new in _come(had, now, called):
        old = _likest(new, lost) or _likest(new, [each for each in had if _method(each) == _method(new)], _LIKENESS_MIN)
        if old in lost:
            lost.remove(old)
        yield Move(old, new)
    for old in lost:
        if not _among(old, called):
            yield Move(old, None)


def _come(had: Sequence[str], now: Sequence[str], called: Sequence[str]) -> list[str]:
    come: list[str] = []
    for each in [*now, *called]:
        if not _among(each, [*had, *come]):
            come.append(each)
    return come


def _among(endpoint: str, others: Iterable[str]) -> bool:
    return any(same_place(endpoint, other) for other in others)


def _method(endpoint: str) -> str:
    return endpoint.partition(" ")[0]


def _likest(endpoint: str, others: Sequence[str], least: float = 0.0) -> str | None:
    best = max(others, key=lambda other: likeness(endpoint, other), default=None)
    return best if best is not None and likeness(endpoint, best) >= least else None
