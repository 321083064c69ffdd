"""A scenario: one job, and what the server does with each call about it; data that can be written down and replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from contracts.scenarios.act import Act
from specs.pointers import Json

# From this many seconds after the first call on, each poll gets the last act: what must be survived lasts ten.
LAST_ACT_SECONDS = 7.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dress:
    """How answers that say yes are written: all of it is up to the server, none of it changes what they mean."""

    members: bool = False
    """Members that nobody documents."""
    headers: bool = False
    """Headers that nobody documents."""
    optional: str = ""
    """Members that may be missing: as the pack writes them, `absent`, or `null`."""
    times: str = ""
    """Instants: as the pack writes them, or in another form of RFC 3339: `seconds`, `micros`, `offset`."""
    results: int = 1
    """Entries of the list of results."""
    odd_ids: bool = False
    """Ids that need percent-encoding in a URL."""
    writing: str = ""
    """The JSON: compact, `spaced`, or `escaped` (every character that may be)."""
    framing: str = ""
    """The HTTP: with a length, `chunked`, or `closing` (each connection ends with its answer)."""
    clock_days: int = 0
    """How far the server's clock is off."""


PLAIN = Dress()
DRESS_FIELDS: Mapping[str, Any] = {each.name: each.default for each in fields(Dress)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One run of a client: the job, the acts for its submits and its polls in order (the last one goes on for ever)."""

    name: str
    """What is awkward about it, in words."""
    operation: str
    body: Json
    submits: tuple[Act, ...] = (Act(),)
    polls: tuple[Act, ...] = field(default=(Act(state="queued"), Act(state="running"), Act(state="done")))
    dress: Dress = PLAIN

    @property
    def last(self) -> Act:
        """What a poll gets when all other acts are played."""
        return self.polls[-1]


def played(acts: tuple[Act, ...], number: int) -> Act:
    """The act for the call of this number (from 0): each as often as it says, then the last one for ever."""
    for act in acts:
        if number < act.times:
            return act
        number -= act.times
    return acts[-1]


def length(acts: tuple[Act, ...]) -> int:
    """How many calls the acts are for, the last one counted once."""
    return sum(act.times for act in acts[:-1]) + 1
