"""What passes through the core: a call (what a client asked), an answer, and the journal's entry about both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from mockserver.identity import uuid_text
from specs.violations import Violation

HeaderList: TypeAlias = list[tuple[bytes, bytes]]
Headers: TypeAlias = Mapping[bytes, bytes]


@dataclass(slots=True)
class Call:
    """What a client asked.

    `path` is percent-encoded, with the vendor's prefix; `headers` have lower-case names; `body` is None when it was
    larger than the limit; `base` is scheme and host as the caller used them, without a slash at the end.
    """

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes | None
    base: str


class Delivery(NamedTuple):
    """How an answer goes out when a fault has a say in it; without one it goes out whole and at once.

    The wait is wall time. `ends` is what comes in place of the answer: the connection is closed, or reset. With
    `cut_bytes` so much of the body is sent, under the length of the whole, and then the connection closed. With
    `drip_seconds` the body comes in pieces, over that long.
    """

    delay_seconds: float = 0.0
    ends: Literal["close", "reset"] | None = None
    cut_bytes: int | None = None
    drip_seconds: float = 0.0


@dataclass(slots=True)
class Answer:
    """What the caller gets."""

    status: int
    headers: HeaderList
    body: bytes
    delivery: Delivery | None = None


class Entry(NamedTuple):
    """One call in the journal; `key` is redacted, `body` and `answer` are cut at a limit."""

    token: bytes
    """Sixteen bytes of which the call's id is made."""
    at_ms: int
    key: str
    vendor: str
    operation: str | None
    method: str
    path: str
    status: int
    task_id: str | None
    violations: tuple[Violation, ...]
    fault: str | None
    body: bytes
    answer: bytes

    @property
    def id(self) -> str:
        """The call's id, as the vendor's answer may show it too."""
        return uuid_text(self.token)
