"""What the judge says: findings, and the verdict that they are part of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from contracts.exchange import Exchange

Level: TypeAlias = Literal["error", "warning"]
Outcome: TypeAlias = Literal["ok", "fails", "untested"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken promise, with the exchanges that show it (their numbers, the telling one first)."""

    rule: str
    level: Level
    operation: str | None
    pointer: str | None
    """JSON Pointer of the member that it is about: in the request for a constraint, else in the answer."""
    message: str
    source: str = ""
    """The document that says so and its standing, in words."""
    constraint: str | None = None
    """The catalogue's id, when it is about a constraint of requests."""
    exchanges: tuple[int, ...] = ()
    scenario: str = ""
    """Of a client: the scenario in which it was seen, as JSON."""
    story: tuple[str, ...] = ()
    """Of a client: what happened in that scenario, in lines."""
    replay: str = ""
    """The command that shows it again, where sending one request again does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstraintRow:
    """One documented constraint: whether the service accepts what it must, and refuses what it must."""

    id: str
    operation: str
    pointer: str
    rule: str
    """The keyword or rule kind: what a violation's `rule` says."""
    limit: str
    condition: str
    source: str
    standing: str
    accepts: Outcome
    rejects: Outcome
    note: str = ""
    """Why something is untested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LawRow:
    """One law of the judge's table over the whole conversation."""

    rule: str
    level: Level
    title: str
    outcome: Outcome
    checked: int
    """How often it was asked."""
    note: str = ""
    """Why it is untested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All that one run has to say; every report is a view of it."""

    vendor: str
    title: str
    target: str
    seed: int
    constraints: tuple[ConstraintRow, ...]
    laws: tuple[LawRow, ...]
    findings: tuple[Finding, ...]
    exchanges: tuple[Exchange, ...]
    submissions: int
    seconds: float
    aborted: str = ""
    """Why the run ended before its end; empty when it did not."""
    began_at: str = ""
    """When it began, RFC 3339 in UTC (`2026-05-04T12:30:00Z`)."""
    began_seconds: float = 0.0
    """The same on the clock of `time.monotonic`: instants of exchanges count from it."""
    replay: str = ""
    """The command that repeats it, for a POSIX shell, with variables where keys belong; empty for the obvious one."""

    @property
    def has_judged(self) -> bool:
        """Whether anything could be tested: who has judged nothing has not found that nothing is wrong."""
        sides = (outcome for row in self.constraints for outcome in (row.accepts, row.rejects))
        return any(outcome != "untested" for outcome in (*sides, *(law.outcome for law in self.laws)))
