"""A rule about clients, and a breach of it: a pure function over the record of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from contracts.judge.clients.record import ClientRecord, Heard
from contracts.judge.ruling import Law


@dataclass(frozen=True, slots=True, kw_only=True)
class Misstep:
    """One breach, as one rule saw it in one run; `heard` are the calls that show it, the telling one first.

    Missteps of one rule have one cause when operation, pointer and kind are equal; where `is_about_scenario` is set,
    it also takes the same kind of scenario.
    """

    message: str
    heard: tuple[Heard, ...] = ()
    operation: str | None = None
    pointer: str | None = None
    kind: str = ""
    is_about_scenario: bool = False


Steps: TypeAlias = Iterator[Misstep | None]
"""One item for each time the rule was asked: None where it is kept."""
ClientCheck: TypeAlias = Callable[[ClientRecord], Steps]
KEPT: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRule(Law):
    """One law for clients."""

    check: ClientCheck


def misstep(heard: Heard, message: str, *more: Heard, pointer: str | None = None, kind: str = "") -> Misstep:
    """A breach that this call shows, together with others."""
    operation = heard.operation.id if heard.operation is not None else None
    return Misstep(message=message, heard=(heard, *more), operation=operation, pointer=pointer, kind=kind)


def seconds(value: float) -> str:
    """A duration in words: `0.05 s`, `3.2 s`."""
    return f"{value:.2f} s" if value < 1 else f"{value:.1f} s"
