"""Instants as vendors write them: text or number to microseconds since 1970, and how fine the writing is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType

from specs.pointers import Json

SECOND = 1_000_000
MILLISECOND = 1_000
_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:([Zz])|([+-])(\d{2}):(\d{2}))", re.ASCII
)
_LAST_SECOND = 59
_MICRO_DIGITS = 6
# From September 2001 to the year 2286: outside of it a number is in another unit.
_EPOCH_SECONDS = range(10**9, 10**10)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """Microseconds since 1970, rounded down to a multiple of `fineness` (microseconds too)."""

    micros: int
    fineness: int


def _number(unit: int) -> Callable[[Json], Instant | None]:
    def read(value: Json) -> Instant | None:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value % 1 != 0:
            return None
        micros = int(value) * unit
        return Instant(micros, unit) if micros // SECOND in _EPOCH_SECONDS else None

    return read


def _text(value: Json) -> Instant | None:
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    day, hour, minute, second, fraction, _, sign, hours, minutes = match.groups()
    zone = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        # Of a leap second there is no sixtieth here.
        text = f"{day}T{hour}:{minute}:{min(int(second), _LAST_SECOND):02}"
        whole = datetime.fromisoformat(text).replace(tzinfo=timezone(zone))
    except ValueError:
        return None
    digits = (fraction or "")[:_MICRO_DIGITS]
    micros = int(digits.ljust(_MICRO_DIGITS, "0"))
    return Instant((whole - _EPOCH) // timedelta(microseconds=1) + micros, 10 ** (_MICRO_DIGITS - len(digits)))


_READERS: Mapping[str, Callable[[Json], Instant | None]] = MappingProxyType(
    {"rfc3339-ms": _text, "epoch-ms": _number(MILLISECOND), "epoch-s": _number(SECOND)}
)
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "rfc3339-ms": "an instant as RFC 3339 writes it, with its offset",
        "epoch-ms": "milliseconds since 1970, as a whole number",
        "epoch-s": "seconds since 1970, as a whole number",
    }
)


def read_instant(value: Json, times: str) -> Instant | None:
    """The instant that a value in the pack's `times` format names; None when it names none.

    Any RFC 3339 text is taken, however fine; a number must be whole and lie in the years 2001 to 2286, which tells
    seconds from milliseconds.
    """
    return _READERS[times](value)


def same(first: Instant, second: Instant) -> bool:
    """Whether both may be one instant, written with another fineness."""
    unit = max(first.fineness, second.fineness)
    return first.micros // unit == second.micros // unit


def before(first: Instant, second: Instant) -> bool:
    """Whether the first is earlier, however the two were rounded."""
    unit = max(first.fineness, second.fineness)
    return first.micros // unit < second.micros // unit
