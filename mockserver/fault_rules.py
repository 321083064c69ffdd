"""Fault rules: which calls a fault is for, how often, and when; from the admin API, a fixture or a scenario file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import orjson

from mockserver.faults import ROLES, Fault, FaultError, is_number, read_fault
from specs.pack import Pack
from specs.pointers import Json

EVERY_OPERATION = "*"
ALWAYS = "always"
_TIMES_MAX = 1_000_000_000
_SECONDS_MAX = 10_000_000_000
_KNOWN = (
    *("vendor", "operation", "key", "fault", "times"),
    *("after", "probability", "from_seconds", "until_seconds"),
)


class FaultRule(NamedTuple):
    """A fault, and the calls that it is for.

    `times` is how often it is played (None: always), `after` how many matching calls pass before. The instants are
    seconds of the account's clock since the server's began.
    """

    fault: Fault
    id: str = ""
    account: str | None = None
    vendor: str | None = None
    operation: str = EVERY_OPERATION
    times: int | None = 1
    after: int = 0
    probability: float = 1.0
    from_seconds: float | None = None
    until_seconds: float | None = None

    def is_for(self, vendor: str, operation: str, role: str) -> bool:
        """Whether a call of this operation is meant, and can show the fault."""
        is_meant = self.vendor in (None, vendor) and self.operation in (EVERY_OPERATION, operation, role)
        return is_meant and role in self.fault.roles

    def is_now(self, seconds: float) -> bool:
        """Whether this instant is meant."""
        return (self.from_seconds is None or seconds >= self.from_seconds) and (
            self.until_seconds is None or seconds < self.until_seconds
        )

    @property
    def words(self) -> str:
        """What it says, whoever's it is and whenever it was added."""
        said = self.as_json()
        del said["id"]
        return orjson.dumps(said).decode()

    def as_json(self) -> dict[str, Json]:
        """As it was said, without the account, which not everybody may read."""
        said: dict[str, Json] = {"id": self.id, "vendor": self.vendor, "operation": self.operation}
        said |= {"fault": dict(self.fault.said), "times": ALWAYS if self.times is None else self.times}
        plain = FaultRule(fault=self.fault)
        for name in ("after", "probability", "from_seconds", "until_seconds"):
            if getattr(self, name) != getattr(plain, name):
                said[name] = getattr(self, name)
        return said


def read_rule(value: Json, packs: Iterable[Pack], place: str = "") -> FaultRule:
    """The rule that an object describes; FaultError names the member that is wrong, and what there is."""
    if not isinstance(value, Mapping):
        message = "must be an object such as " + '{"vendor": "...", "operation": "poll", "fault": {"status": 503}}'
        raise FaultError(message, place)
    for name in value:
        if name not in _KNOWN:
            message = f"there is no member {str(name)[:40]!r}; there are " + ", ".join(_KNOWN)
            raise FaultError(message, place, str(name))
    if "fault" not in value:
        message = "fault is missing: the object that says what goes wrong"
        raise FaultError(message, place, "fault")
    served = {pack.name: pack for pack in packs}
    vendor = _vendor(value.get("vendor"), served, place)
    fault = read_fault(value["fault"], f"{place}/fault")
    operation = _operation(value.get("operation", EVERY_OPERATION), vendor, served, place)
    if not _can_show(operation, fault, served.values()):
        roles = " or a ".join(fault.roles)
        message = f"{fault.name} can't happen to a call of {operation}: name a {roles}, or leave it out"
        raise FaultError(message, place, "operation")
    from_seconds = _seconds(value.get("from_seconds"), place, "from_seconds")
    until_seconds = _seconds(value.get("until_seconds"), place, "until_seconds")
    if until_seconds is not None and until_seconds <= (from_seconds or 0):
        message = f"until_seconds must be later than {from_seconds or 0:g}, where it begins; or no call would be meant"
        raise FaultError(message, place, "until_seconds")
    return FaultRule(
        account=_key(value.get("key"), place),
        vendor=vendor,
        operation=operation,
        fault=fault,
        times=_times(value.get("times", 1), place),
        after=_whole(value.get("after", 0), place, "after", 0),
        probability=_probability(value.get("probability", 1), place),
        from_seconds=from_seconds,
        until_seconds=until_seconds,
    )


def read_kept(value: Mapping[str, Json], account: str | None) -> FaultRule:
    """A rule out of a store, as `as_json` wrote it: its vendor may not be served any more."""
    said = {name: each for name, each in value.items() if name not in ("id", "vendor", "operation")}
    rule = read_rule(said, ())
    names = {name: value[name] for name in ("id", "vendor", "operation")}
    return rule._replace(account=account, **names)


def _vendor(value: Json, served: Mapping[str, Pack], place: str) -> str | None:
    if value is None or value in served:
        return value  # type: ignore[no-any-return]  # a name out of the list
    message = f"no vendor {value!r} is served here; served: {', '.join(served)}"
    raise FaultError(message, place, "vendor")


def _operation(value: Json, vendor: str | None, served: Mapping[str, Pack], place: str) -> str:
    packs = [served[vendor]] if vendor is not None else served.values()
    known = dict.fromkeys([EVERY_OPERATION, *ROLES, *(name for pack in packs for name in pack.operations)])
    if value in known:
        return value  # type: ignore[no-any-return]  # a name out of the list
    whose = f" of {vendor}" if vendor is not None else ""
    message = f"there is no operation {value!r}{whose}; there are {', '.join(known)}"
    raise FaultError(message, place, "operation")


def _can_show(operation: str, fault: Fault, packs: Iterable[Pack]) -> bool:
    """Whether the fault can happen to some call that is meant."""
    if operation in (EVERY_OPERATION, *ROLES):
        return operation in (EVERY_OPERATION, *fault.roles)
    return any(operation in pack.operations and pack.operations[operation].role in fault.roles for pack in packs)


def _key(value: Json, place: str) -> str | None:
    if value is None or (isinstance(value, str) and value):
        return value
    message = "key must be the account's key; leave it out to mean all"
    raise FaultError(message, place, "key")


def _times(value: Json, place: str) -> int | None:
    return None if value is None or value == ALWAYS else _whole(value, place, "times", 1)


def _whole(value: Json, place: str, name: str, least: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= _TIMES_MAX:
        return value
    or_always = f", or {ALWAYS}" if name == "times" else ""
    message = f"{name} must be a whole number from {least} to {_TIMES_MAX}{or_always}, not {value!r}"
    raise FaultError(message, place, name)


def _probability(value: Json, place: str) -> float:
    if is_number(value) and 0 <= value <= 1:
        return float(value)
    message = f"probability must be a number from 0 to 1, not {value!r}"
    raise FaultError(message, place, "probability")


def _seconds(value: Json, place: str, name: str) -> float | None:
    if value is None:
        return None
    if is_number(value) and 0 <= value <= _SECONDS_MAX:
        return float(value)
    message = f"{name} must be a number of seconds from 0 on, not {value!r}"
    raise FaultError(message, place, name)
