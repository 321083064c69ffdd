"""What happened in a run, told as a story: each call with what came of it, repetitions drawn together, and the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

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
    times = f" (x {len(calls)})" if len(calls) > 1 else ""
    return f"{first.role or f'{first.exchange.method} {first.exchange.path}'}{times}"


def _pause(last: Heard | None, calls: list[Heard]) -> str:
    if last is None:
        return ""
    pause = calls[0].exchange.sent_seconds - last.exchange.answered_seconds
    return f" ({seconds(pause)} later)" if pause >= _PAUSE_SECONDS else ""


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
