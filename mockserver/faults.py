"""Faults: what can go wrong with a call on demand, read and checked.

A fault is one JSON object, such as `{"status": 503}` or `{"status": 429, "retry_after": 2}`; its first member is its
name. How each is played is told in `playing.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from specs.pointers import Json

_STATUS_MIN, _STATUS_MAX = 400, 599
_SECONDS_MAX = 3600
_BYTES_MAX = 1_000_000_000
_POLLS_MAX = 1_000_000
_TEXT_MAX = 200
# How much later than others a late webhook comes, unless the fault says so itself.
_LATE_SECONDS = 60.0
ROLES = ("submit", "poll", "list")
WEBHOOK_FAULTS = ("duplicate", "reorder", "late", "forged", "lost")


class FaultError(ValueError):
    """Something that is no fault; `place` is the JSON Pointer of what is wrong with it."""

    def __init__(self, message: str, place: str, member: str = "") -> None:
        self.place = f"{place}/{member}" if member else place
        super().__init__(message)


class Fault(NamedTuple):
    """A fault, read. `said` is the object as it came."""

    said: Mapping[str, Json]
    status: int | None = None
    retry_after: str | None = None
    delay_seconds: float = 0.0
    jitter_seconds: float = 0.0
    """At most so much is added to the delay, as luck has it."""
    close: Literal["close", "reset"] | None = None
    """The connection ends before anything happened."""
    lose_answer: bool = False
    cut_bytes: int | None = None
    drip_seconds: float = 0.0
    garble: bool = False
    html: bool = False
    not_found_polls: int = 0
    regress: bool = False
    fail: str | None = None
    stuck: bool = False
    slow_seconds: float | None = None
    webhook: str | None = None
    """It is no call that goes wrong but a webhook; such a fault has nothing else in it but `late_seconds`."""
    late_seconds: float = _LATE_SECONDS
    """How much later a late webhook comes, on the clock."""

    @property
    def name(self) -> str:
        """What the answer's header and the journal call it."""
        return next(iter(self.said))

    @property
    def only_marks(self) -> bool:
        """Whether it shows in later polls of a task alone."""
        return set(self.said) <= {"not_found_polls", "regress"}

    @property
    def roles(self) -> tuple[str, ...]:
        """The kinds of call to which all of it can happen; a webhook belongs to the call that submitted its task."""
        if self.webhook is not None or self.fail or self.stuck or self.slow_seconds is not None:
            return ROLES[:1]
        return ROLES[:2] if self.not_found_polls or self.regress else ROLES

    @property
    def replaces(self) -> bool:
        """Whether it stands in for the call: nothing of what was asked happens."""
        return self.status is not None or self.html or self.close is not None


Members = dict[str, object]
Reader = Callable[[Json], Members]


def is_number(value: Json) -> bool:
    """Whether it is a finite number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _seconds(member: str) -> Reader:
    def read(value: Json) -> Members:
        if not is_number(value) or not 0 <= value <= _SECONDS_MAX:
            message = f"must be a number of seconds from 0 to {_SECONDS_MAX}"
            raise ValueError(message)
        return {member: float(value)}

    return read


def _count(member: str, least: int, most: int) -> Reader:
    def read(value: Json) -> Members:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            message = f"must be a whole number from {least} to {most}"
            raise ValueError(message)
        return {member: value}

    return read


def _flag(member: str, meaning: object = True) -> Reader:  # noqa: FBT002 - the value that the member gets
    def read(value: Json) -> Members:
        if value is not True:
            message = "can only be true; leave it out otherwise"
            raise ValueError(message)
        return {member: meaning}

    return read


def _retry_after(value: Json) -> Members:
    """Seconds, or a date as HTTP writes it."""
    if isinstance(value, str) and value.isascii() and value.isprintable() and 0 < len(value) <= _TEXT_MAX:
        return {"retry_after": value}
    if is_number(value) and 0 <= value <= _SECONDS_MAX:
        return {"retry_after": str(math.ceil(value))}
    message = f"must be seconds from 0 to {_SECONDS_MAX}, or a date in a string"
    raise ValueError(message)


def _fail(value: Json) -> Members:
    if value is True:
        return {"fail": "default"}
    if isinstance(value, str) and 0 < len(value) <= _TEXT_MAX:
        return {"fail": value}
    message = f"must be true, or a reason of 1 to {_TEXT_MAX} characters"
    raise ValueError(message)


def _webhook(value: Json) -> Members:
    if value not in WEBHOOK_FAULTS:
        message = "must be one of " + ", ".join(WEBHOOK_FAULTS)
        raise ValueError(message)
    return {"webhook": value}


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "status": _count("status", _STATUS_MIN, _STATUS_MAX),
        "retry_after": _retry_after,
        "delay_seconds": _seconds("delay_seconds"),
        "jitter_seconds": _seconds("jitter_seconds"),
        "close": _flag("close", "close"),
        "reset": _flag("close", "reset"),
        "lose_answer": _flag("lose_answer"),
        "truncate": _count("cut_bytes", 0, _BYTES_MAX),
        "drip_seconds": _seconds("drip_seconds"),
        "garble": _flag("garble"),
        "html": _flag("html"),
        "not_found_polls": _count("not_found_polls", 1, _POLLS_MAX),
        "regress": _flag("regress"),
        "fail": _fail,
        "stuck": _flag("stuck"),
        "slow_seconds": _seconds("slow_seconds"),
        "webhook": _webhook,
        "late_seconds": _seconds("late_seconds"),
    }
)


def read_fault(value: Json, place: str = "") -> Fault:
    """The fault that an object describes; FaultError names the member that is wrong, and what there is."""
    if not isinstance(value, Mapping) or not value:
        message = "a fault is an object with at least one of " + ", ".join(READERS)
        raise FaultError(message, place)
    members: Members = {}
    for name, given in value.items():
        members |= _read_member(str(name), given, place)
    _check_webhook(value, place)
    if "retry_after" in members and "status" not in members:
        members["status"] = 429
    return Fault(said=MappingProxyType(dict(value)), **members)  # type: ignore[arg-type]  # the readers' keys are its fields


def _check_webhook(value: Mapping[str, Json], place: str) -> None:
    """A fault is about calls or about webhooks, not about both."""
    known = {"webhook", "late_seconds"} if value.get("webhook") == "late" else {"webhook"}
    wrong = next((name for name in value if name not in known), None)
    if "webhook" in value and wrong is not None:
        message = f"{wrong} does not go with webhook: a fault is about calls or about webhooks; write two"
        if wrong == "late_seconds":
            message = 'late_seconds goes with {"webhook": "late"} only'
        raise FaultError(message, place, wrong)
    if "late_seconds" in value and "webhook" not in value:
        message = 'late_seconds goes with {"webhook": "late"} only'
        raise FaultError(message, place, "late_seconds")


def _read_member(name: str, given: Json, place: str) -> Members:
    reader = READERS.get(name)
    if reader is None:
        message = f"there is no fault {name[:40]!r}; there are " + ", ".join(READERS)
        raise FaultError(message, place, name)
    try:
        return reader(given)
    except ValueError as problem:
        shown = repr(given) if len(repr(given)) <= 40 else repr(given)[:40] + "..."  # noqa: PLR2004 - fits a line
        message = f"{name} {problem}, not {shown}"
        raise FaultError(message, place, name) from None
