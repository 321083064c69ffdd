"""Rules about the client as a program: it does something, it ends, it leaves nothing behind, it knows a measure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts.judge.clients.outcomes import how, last_words
from contracts.judge.clients.record import ClientRecord
from contracts.judge.clients.ruling import KEPT, ClientCheck, Misstep, Steps, seconds


def check_starts(record: ClientRecord) -> Steps:
    """A client that is given a job sends something."""
    ending = record.ending
    if ending is None or record.job is None or ending.flood:
        return
    message = f"the client sent nothing; it {how(ending)} after {seconds(ending.seconds)}{last_words(record, ending)}"
    yield KEPT if record.heard else Misstep(message=message, operation=record.job.operation)


def check_ends(record: ClientRecord) -> Steps:
    """A client ends in bounded time, whatever it is told."""
    ending = record.ending
    if ending is None or ending.flood or not record.heard:
        return
    if ending.status is not None:
        yield KEPT
        return
    polls = len(record.polls)
    last = next((each for each in reversed(record.calls) if each.served.words), None)
    came = f", the last answer being: {last.served.words}" if last is not None else ""
    stubborn = "; it ignored SIGTERM" if ending.is_stubborn else ""
    message = f"the client did not end within {record.run.timeout_seconds:g} s (polls: {polls}{came}){stubborn}"
    heard = tuple(reversed(record.calls[-2:]))
    operation = record.job.operation if record.job is not None else None
    yield Misstep(message=message, heard=heard, operation=operation, is_about_scenario=True)


def check_children(record: ClientRecord) -> Steps:
    """When a client has ended, so have the processes that it started."""
    ending = record.ending
    if ending is None or ending.status is None:
        return
    count = f"{ending.children} process{'es' if ending.children > 1 else ''}"
    message = f"the client {how(ending)} and left {count} behind, which had to be killed"
    yield Misstep(message=message) if ending.children else KEPT


def check_flood(record: ClientRecord) -> Steps:
    """A client sends and prints no more than anybody could need for one job."""
    ending = record.ending
    if ending is None:
        return
    message = f"the client had to be stopped: {ending.flood}"
    yield Misstep(message=message, heard=tuple(record.calls[-2:])) if ending.flood else KEPT


CHECKS: Mapping[str, ClientCheck] = MappingProxyType(
    {
        "run.starts": check_starts,
        "run.ends": check_ends,
        "run.children": check_children,
        "run.flood": check_flood,
    }
)
