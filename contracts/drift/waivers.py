"""Waivers: drift that is known and accepted, by its fingerprint, for a reason and until a day.

A waiver that has expired, or that nothing needs any more, is a finding itself: no list of excuses outlives its reasons.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from contracts.drift.drift import Drift
from contracts.errors import UsageError
from specs.pointers import Json

DEFAULT_FILE = Path("understudy.toml")
_MEMBERS = ("fingerprint", "run", "reason", "expires")
_EXAMPLE = (
    '[[waivers]] with fingerprint = "…", run = "drift docs VENDOR", reason = "why it is accepted", expires = 2027-01-31'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """`run` holds the first words of the commands that it is about; it counts through the whole day `expires`."""

    fingerprint: str
    run: tuple[str, ...]
    reason: str
    expires: date


class Waived(NamedTuple):
    """A drift, and why it is accepted."""

    drift: Drift
    waiver: Waiver


@dataclass(slots=True)
class Settled:
    """What is left to act on, and what is accepted."""

    open: list[Drift] = field(default_factory=list)
    waived: list[Waived] = field(default_factory=list)


def read_waivers(path: Path) -> list[Waiver]:
    """The waivers of a file; UsageError says which entry can't be meant, and how one is written."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as problem:
        reason = (problem.strerror or problem) if isinstance(problem, OSError) else "it is not UTF-8"
        message = f"{path} can't be read ({reason})"
        raise UsageError(message) from None
    except tomllib.TOMLDecodeError as problem:
        message = f"{path} is no TOML ({problem}); an entry is {_EXAMPLE}"
        raise UsageError(message) from None
    strange = sorted(set(document) - {"waivers"})
    if strange:
        message = f"{path}: {strange[0]!r} is nothing that is known here; an entry is {_EXAMPLE}"
        raise UsageError(message)
    entries = document.get("waivers", [])
    if not isinstance(entries, list):
        message = f"{path}: `waivers` is a list; an entry is {_EXAMPLE}"
        raise UsageError(message)
    return [_waiver(path, number, entry) for number, entry in enumerate(entries, 1)]


def _waiver(path: Path, number: int, entry: Json) -> Waiver:
    problem = _problem(entry)
    if problem:
        message = f"{path}, waiver {number}: {problem}; an entry is {_EXAMPLE}"
        raise UsageError(message)
    return Waiver(
        fingerprint=entry["fingerprint"],
        run=tuple(entry["run"].split()),
        reason=entry["reason"],
        expires=entry["expires"],
    )


def _problem(entry: Json) -> str:
    if not isinstance(entry, Mapping):
        return "is no table"
    for name in _MEMBERS:
        if name not in entry:
            return f"`{name}` is missing"
    strange = sorted(set(entry) - set(_MEMBERS))
    if strange:
        return f"{strange[0]!r} is nothing that a waiver has"
    for name in ("fingerprint", "run", "reason"):
        if not isinstance(entry[name], str) or not entry[name].strip():
            return f"`{name}` is a text that says something"
    if not isinstance(entry["expires"], date) or isinstance(entry["expires"], datetime):
        return "`expires` is a day, without quotes"
    return ""


def settle(
    drifts: Sequence[Drift], waivers: Sequence[Waiver], *, run: Sequence[str], today: date, is_complete: bool
) -> Settled:
    """Splits what was found; adds the waivers of this run that have expired, and those that excuse nothing.

    Where not everything could be looked at, a waiver that excuses nothing may still be needed: it is left in peace.
    """
    settled = Settled()
    ours = [each for each in waivers if tuple(run[: len(each.run)]) == each.run]
    valid = {each.fingerprint: each for each in ours if today <= each.expires}
    for drift in drifts:
        waiver = valid.get(drift.fingerprint)
        if waiver is None:
            settled.open.append(drift)
        else:
            settled.waived.append(Waived(drift, waiver))
    needed = {each.fingerprint for each in drifts}
    settled.open += [_expired(each) for each in ours if today > each.expires]
    if is_complete:
        settled.open += [_unused(each) for name, each in valid.items() if name not in needed]
    return settled


def _expired(waiver: Waiver) -> Drift:
    message = (
        f"the waiver of {waiver.fingerprint} ({waiver.reason}) ended on {waiver.expires}; "
        "mend what it excused, or give it another day"
    )
    return _stale("waiver-expired", waiver, message)


def _unused(waiver: Waiver) -> Drift:
    message = f"the waiver of {waiver.fingerprint} ({waiver.reason}) excuses nothing any more; take it out"
    return _stale("waiver-unused", waiver, message)


def _stale(kind: str, waiver: Waiver, message: str) -> Drift:
    return Drift(
        kind=kind,
        operation=None,
        pointer=None,
        documented=waiver.fingerprint,
        encoded=waiver.expires.isoformat(),
        message=message,
    )
