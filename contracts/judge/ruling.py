"""A rule of the judge, and a breach of it: a pure function over a record, with what people need to know about it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from contracts.finding import Level
from contracts.judge.record import Reading, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """One breach, as one rule saw it; `readings` are the exchanges that show it, the telling one first.

    Breaches of one rule and one operation have one cause when their pointer (with `*` for indices), constraint and kind
    are equal; where `group` is set, it alone decides.
    """

    message: str
    readings: tuple[Reading, ...]
    operation: str | None
    pointer: str | None = None
    constraint: str | None = None
    kind: str = ""
    group: str | None = None


Checks: TypeAlias = Iterator[Breach | None]
"""One item for each time the rule was asked: None where it is kept."""
Check: TypeAlias = Callable[[Record], Checks]
KEPT: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """One law, as people know it. `untested` says why it may not have been asked, `example` shows a breach."""

    id: str
    title: str
    explanation: str
    example: str
    untested: str
    level: Level = "error"

    @property
    def subject(self) -> str:
        """The first word of the id."""
        return self.id.partition(".")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Law):
    """One law about services."""

    check: Check | None = None
    """None: it is judged by whoever sees the other side too."""


def breach(reading: Reading, message: str, *more: Reading, pointer: str | None = None, kind: str = "") -> Breach:
    """A breach that this exchange shows, together with others."""
    return Breach(
        message=message,
        readings=(reading, *more),
        operation=reading.operation_id,
        pointer=pointer,
        constraint=None,
        kind=kind,
    )


def shown(value: object) -> str:
    """A value in a message: quoted, and short."""
    text = f'"{value}"' if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - what fits in a sentence
