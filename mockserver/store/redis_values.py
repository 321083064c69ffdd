"""Tasks and entries as a Redis server holds them, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from mockserver.clock import Clock
from mockserver.messages import Entry
from mockserver.store.protocol import StoreError
from mockserver.store.sealing import digest_of
from mockserver.tasks import Task
from specs.violations import Violation

# What a task's members come as: about, plan, polls, request.
Members = Sequence[bytes | None]


def dumps(value: Any) -> bytes:
    """JSON; StoreError for a text or a number that it has no room for."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as problem:
        message = f"the store can't do it now: {problem}"
        raise StoreError(message) from None


def digest_text(account: str) -> str:
    """How the server knows an account."""
    return digest_of(account).hex()


def place_of(vendor: str, task_id: str) -> bytes:
    """Vendor and id as one text that nothing else is written as."""
    return dumps([vendor, task_id])


def place_start(vendor: str) -> bytes:
    """What all places of a vendor begin with."""
    return dumps([vendor])[:-1] + b","


def external_of(vendor: str, external: str | None) -> bytes:
    """A vendor and the client's id; empty without one."""
    return place_of(vendor, external) if external is not None else b""


def member_of(task: Task) -> bytes:
    """The task in the lists of its account."""
    kind = task.kind.encode()
    return b"%d:%b%b" % (len(kind), kind, place_of(task.vendor, task.id))


def plan_of(task: Task) -> bytes:
    """What may change later."""
    return dumps([task.running_ms, task.end_ms, task.failure])


def task_words(task: Task) -> tuple[bytes | int, ...]:
    """Member, external, about, plan, polls, request: what the scripts take for a task."""
    about = dumps([task.operation, task.kind, task.created_ms, task.base, task.external, task.ordinal])
    external = external_of(task.vendor, task.external)
    return member_of(task), external, about, plan_of(task), task.polls, task.request


def read_task(account: str, place: bytes, members: Members) -> Task | None:
    """The task at this place; None where there is none."""
    about, plan, polls, request = members
    if about is None or plan is None or request is None:
        return None
    vendor, task_id = orjson.loads(place)
    operation, kind, created_ms, base, external, ordinal = orjson.loads(about)
    running_ms, end_ms, failure = orjson.loads(plan)
    what = (task_id, account, vendor, operation, kind, request)
    return Task(*what, created_ms, running_ms, end_ms, failure, base, external, ordinal, int(polls or 0))


def entry_words(entry: Entry) -> tuple[str | bytes, ...]:
    """Vendor, entry, body, answer: what the scripts take for an entry; the key stays out."""
    token, at_ms, _, vendor, *call, violations, fault, body, answer = entry
    listed = [(each.pointer, each.rule, each.message) for each in violations]
    return vendor, dumps([token.hex(), at_ms, *call, listed, fault]), body, answer


def read_entry(label: bytes, fields: Sequence[bytes]) -> Entry:
    """The entry in the fields of the journal: d, v, e, b, a, each with its value behind it."""
    vendor, kept, body, answer = fields[3::2]
    token, at_ms, *call, listed, fault = orjson.loads(kept)
    violations = tuple(Violation(*each) for each in listed)
    who = (bytes.fromhex(token), at_ms, label.decode(), vendor.decode())
    return Entry._make((*who, *call, violations, fault, body, answer))


class ToldClock(Clock):
    """A clock whose instant was told by the server, whatever the wall says here: several machines share it."""

    told_ms: int

    def now_ms(self, wall_ms: int) -> int:
        """As it was told."""
        del wall_ms
        return self.told_ms


def read_clock(reply: Sequence[bytes]) -> ToldClock:
    """Mode, rate, server_ms, began_ms, offset_ms, and the server's time now."""
    mode, rate, since_ms, began_ms, offset_ms, now_ms = reply
    clock = ToldClock(mode.decode(), float(rate), int(since_ms), int(began_ms), int(offset_ms))
    passed_ms = int((int(now_ms) - int(since_ms)) * clock.rate)
    clock.told_ms = clock.began_ms + clock.offset_ms + passed_ms
    return clock


class Account(NamedTuple):
    """An account as the server tells it to a call."""

    born: bytes
    ordinal: int
    offset_ms: int
    mode: str | None
    submissions: int


def read_account(reply: Sequence[Any]) -> Account:
    """Of the members born, ordinal, offset_ms, mode, submissions."""
    born, ordinal, offset_ms, mode, submissions = reply[:5]
    own = mode.decode() if mode is not None else None
    return Account(born or b"", int(ordinal or 0), int(offset_ms or 0), own, int(submissions or 0))
