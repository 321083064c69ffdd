"""One run of a client as the judge sees it: what it sent, what came of that, how it ended, and how it had to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from contracts.exchange import Exchange
from specs.pointers import Json

Where: TypeAlias = Literal["vendor", "outside", "elsewhere"]
VENDOR: Final = "vendor"
OUTSIDE: Final = "outside"
ELSEWHERE: Final = "elsewhere"
Demand: TypeAlias = Literal["completed", "not completed", "either"]
COMPLETED: Final = "completed"
NOT_COMPLETED: Final = "not completed"
EITHER: Final = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One call of the client, and what the server did with it."""

    exchange: Exchange
    where: Where = "vendor"
    """Below the base URL; on the same host outside of it; or on another host."""
    made: str | None = None
    """The id of the task that this call made, whether or not the client was told."""
    is_scripted: bool = False
    """Whether the answer was the scenario's choice, and not what such a call calls for."""
    words: str = ""
    """What the server did, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How the client ended; texts are cut at their beginning where they are long."""

    status: int | None
    """Its exit status, negative for a signal; None when it did not end by itself."""
    output: str = ""
    """What it printed on stdout; of a callable what it returned, as text."""
    errors: str = ""
    """What it printed on stderr."""
    seconds: float = 0.0
    is_stubborn: bool = False
    """Whether it had to be killed because it ignored SIGTERM."""
    children: int = 0
    """How many of its processes were still there when it had ended."""
    flood: str = ""
    """What there was too much of, in words; empty when there was not."""

    @property
    def last_line(self) -> str:
        """The last line of stdout that holds anything."""
        return next((line.strip() for line in reversed(self.output.splitlines()) if line.strip()), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What the client was asked to do."""

    operation: str
    body: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run. Without a job nothing is known of what the client was to do, and several jobs may be submitted."""

    served: tuple[Served, ...]
    key: str | None = None
    """The key that it was given; None when it may use any."""
    job: Job | None = None
    demand: Demand = "either"
    ending: Ending | None = None
    timeout_seconds: float = 0.0
