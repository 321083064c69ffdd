"""An exchange: one request as it was sent and what came back; every way to obtain one ends here.

Nothing that judges exchanges knows where they came from: a gateway under test, the fake, a live vendor or a recording.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Expects: TypeAlias = Literal["accepted", "refused", "either"]
HeaderLines: TypeAlias = tuple[tuple[str, str], ...]

KEY, OTHER, NOBODY = "key", "other", ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a request was sent to find out; a recorded request has none.

    `constraint` is a catalogue id, `situation` one of `specs.pack.SITUATIONS` that the sender has brought about and
    that can't be read off the request (a wrong key, an id that nobody was given). `either` means: taken or refused,
    both are fine, as long as it is no server error.
    """

    expects: Expects
    words: str
    law: str = ""
    """The id of the judge's rule that the request is about, when it is about one."""
    constraint: str | None = None
    situation: str | None = None
    also: tuple[str, ...] = ()
    """Further constraints that the request keeps: being accepted counts for them too, being refused does not."""
    is_drawn: bool = False
    """Whether chance made it: one that was made on purpose tells more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Request and answer.

    `number` is the order of sending; instants are seconds since the conversation began. `status` is None when no answer
    came, and `trouble` then says why. `path` is what follows the vendor's base, percent-encoded; `account` tells one
    caller from another (`key`, `other`, or empty for one that is nobody).
    """

    number: int
    operation: str | None
    """The operationId that method and path belong to; None when they belong to none."""
    method: str
    base: str
    path: str
    query: str = ""
    request_headers: HeaderLines = ()
    request_body: bytes = b""
    sent_seconds: float = 0.0
    answered_seconds: float = 0.0
    status: int | None = None
    headers: HeaderLines = ()
    body: bytes = b""
    trouble: str = ""
    account: str = KEY
    purpose: Purpose | None = None

    @property
    def url(self) -> str:
        """Where the request went."""
        return self.base + self.path + ("?" + self.query if self.query else "")

    def header(self, name: str) -> str | None:
        """The answer's header, by its name in lower case."""
        return next((value for known, value in self.headers if known.lower() == name), None)

    def request_header(self, name: str) -> str | None:
        """The request's header, by its name in lower case."""
        return next((value for known, value in self.request_headers if known.lower() == name), None)


@dataclass(frozen=True, slots=True)
class Conversation:
    """Exchanges with one service in the order of sending, and how long it may take to end a task."""

    exchanges: tuple[Exchange, ...]
    deadline_seconds: float = 60.0
    index: dict[int, Exchange] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Numbers lead to exchanges."""
        self.index.update((exchange.number, exchange) for exchange in self.exchanges)
