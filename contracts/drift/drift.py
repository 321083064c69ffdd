"""A drift: one thing that is not any more as the contract has it, with a fingerprint by which it can be known again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Literal, TypeAlias

import orjson

from specs.pointers import Json

Confidence: TypeAlias = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One finding of a comparison.

    `documented` is what the vendor says or does now, `encoded` what the contract has; None where one says nothing.
    """

    kind: str
    operation: str | None
    pointer: str | None
    documented: Json
    encoded: Json
    message: str
    confidence: Confidence = "high"
    constraints: tuple[str, ...] = field(default=())
    """Ids of the constraints that lose their support."""
    page: str | None = None
    line: int = 0
    """Where the page speaks of it, in the file that was read; 0 where that is not known."""
    grade: str | None = None
    """`breaking`, `maybe` or `compatible`, where two specifications were compared."""
    change: str | None = None
    """What kind of change it is, more exactly than `kind`, where two specifications were compared."""
    direction: str | None = None
    """`request` or `response`: whether clients send what it is about, or get it."""

    verdict: str | None = None
    """Who is to blame, where the service itself was asked: `vendor changed`, `documents wrong`, `fake wrong`."""

    @property
    def fingerprint(self) -> str:
        """The same for the same drift, however it is told and in whatever order things were found."""
        what = [self.kind, self.operation, self.pointer, self.documented]
        if self.change is not None:
            what += [self.change, self.direction, self.encoded]
        return blake2b(orjson.dumps(what, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()

    def saying(self, message: str) -> Drift:
        """The same drift, told in other words."""
        return replace(self, message=message)

    def as_json(self) -> dict[str, Json]:
        """The members that reports promise, and what more is known."""
        graded = {"class": self.grade, "change": self.change, "direction": self.direction}
        return {
            **(graded if self.grade is not None else {}),
            **({"verdict": self.verdict} if self.verdict is not None else {}),
            "kind": self.kind,
            "operation": self.operation,
            "pointer": self.pointer,
            "documented": self.documented,
            "encoded": self.encoded,
            "message": self.message,
            "confidence": self.confidence,
            "constraints": list(self.constraints),
            "page": self.page,
            "line": self.line or None,
            "fingerprint": self.fingerprint,
        }
