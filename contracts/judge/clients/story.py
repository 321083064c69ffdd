"""What happened in a run, told as a story: each call with what came of it, repetitions drawn together, and the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise

from contracts.judge.clients.outcomes import how, last_words
from contracts.judge.clients.record import POLL, ClientRecord, Heard
from contracts.judge.clients.ruling import seconds

_LINES_MAX = 24
# A pause that is shorter than this goes without saying.
_PAUSE_SECONDS = 0.01


def story(record: ClientRecord) -> tuple[str, ...]:
    """The run in lines, such as `poll 2 (0.10 s later): 429, Retry-After 2`."""
    lines = [*_calls(record), *_end(record)]
    if len(lines) <= _LINES_MAX:
        return tuple(lines)
    half = _LINES_MAX // 2
    return (*lines[:half], f"({len(lines) - _LINES_MAX} more lines)", *lines[-half:])


def _calls(record: ClientRecord) -> Iterator[str]:
    polls, last = 0, None
    for _, group in groupby(record.heard, key=_alike):
        calls = list(group)
        name = _name(calls, polls)
        polls += len(calls) if calls[0].role == POLL else 0
        yield f"{name}{_pause(last, calls)}: {calls[0].served.words or _came(calls[0])}"
        last = calls[-1]


def _alike(heard: Heard) -> tuple[str, str, str]:
    """Equal for calls that are told together."""
    return heard.role, heard.served.words, heard.exchange.path if heard.role != POLL else ""


def _name(calls: list[Heard], polls: int) -> str:
    first = calls[0]
    if first.role == POLL:
        numbers = f"s {polls + 1} to {polls + len(calls)}" if len(calls) > 1 else f" {polls + 1}"
        return f"poll{numbers}"
    return first.role or f"{first.exchange.method} {first.exchange.path}"


def _pause(last: Heard | None, calls: list[Heard]) -> str:
    """How long after the call before it the first one came, and the others after each other."""
    told = [f"x {len(calls)}"] if len(calls) > 1 and calls[0].role != POLL else []
    if last is not None and (pause := _between(last, calls[0])) >= _PAUSE_SECONDS:
        told.append(f"{seconds(pause)} later")
    if len(calls) > 1:
        apart = sorted(_between(*two) for two in pairwise(calls))
        told.append(f"{seconds(apart[0])} apart" if _is_about(apart[0], apart[-1]) else _from_to(apart))
    return f" ({', '.join(told)})" if told else ""


def _between(one: Heard, other: Heard) -> float:
    return max(0.0, other.exchange.sent_seconds - one.exchange.answered_seconds)


def _is_about(shortest: float, longest: float) -> bool:
    return longest - shortest < max(_PAUSE_SECONDS, shortest / 2)


def _from_to(apart: list[float]) -> str:
    return f"{seconds(apart[0])} to {seconds(apart[-1])} apart"


def _came(heard: Heard) -> str:
    status = heard.exchange.status
    return heard.exchange.trouble or "no answer" if status is None else str(status)


def _end(record: ClientRecord) -> Iterator[str]:
    ending = record.ending
    if ending is None:
        return
    if ending.flood:
        yield f"the client was stopped: {ending.flood}"
    elif ending.status is None:
        yield f"the client was killed after {seconds(ending.seconds)}"
    elif ending.status == 0:
        yield f'the client ended with 0 after {seconds(ending.seconds)}; its last line: "{ending.last_line[:200]}"'
    else:
        yield f"the client {how(ending)} after {seconds(ending.seconds)}{last_words(record, ending)}"
