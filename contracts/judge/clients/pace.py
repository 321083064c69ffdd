"""Rules about how often a client asks: not before it may, not without a pause, not when all is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from contracts.exchange import Exchange
from contracts.judge.clients.record import POLL, SUBMIT, UNAVAILABLE, ClientRecord, Heard
from contracts.judge.clients.ruling import KEPT, ClientCheck, Misstep, Steps, misstep, seconds
from specs.http_date import read_http_date

POLLS_A_SECOND_MAX = 40
_THROTTLED = 429
# Clocks and timers round; dates are written in whole seconds, as is the one that they are compared with.
_EARLY_SECONDS, _DATE_SECONDS = 0.05, 1.0
_DIGITS_MAX = 9
# A second, but for what adding fractions of one brings with it.
_WINDOW_SECONDS = 1.0 - 1e-6


def check_retry_after(record: ClientRecord) -> Steps:
    """Who is told when to come back does not come sooner."""
    for each in record.heard:
        wait = _wait(each.exchange) if each.role in (SUBMIT, POLL) and each.is_whole else None
        following = _next(record, each) if wait is not None else None
        if wait is not None and following is not None:
            yield _judged(each, following, wait)


def _judged(told: Heard, following: Heard, wait: float) -> Misstep | None:
    waited = following.exchange.sent_seconds - told.exchange.answered_seconds
    if waited >= wait - _EARLY_SECONDS:
        return KEPT
    said = f"{told.exchange.status} with Retry-After {told.exchange.header('retry-after')}"
    message = f"a {told.role} was answered {said}; the client asked again after {seconds(max(0.0, waited))}"
    return misstep(following, message, told, kind=told.role)


def _wait(exchange: Exchange) -> float | None:
    """How many seconds the answer asks for at least; None when it asks for nothing, or can't be understood."""
    value = exchange.header("retry-after")
    if value is None or exchange.status not in (_THROTTLED, UNAVAILABLE):
        return None
    text = value.strip()
    if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MAX:
        return float(text)
    return _until(text, exchange.header("date"))


def _until(text: str, now: str | None) -> float | None:
    then, said = read_http_date(text), read_http_date(now or "")
    if then is None or said is None:
        return None
    return max(0.0, (then - said).total_seconds() - _DATE_SECONDS)


def _next(record: ClientRecord, told: Heard) -> Heard | None:
    """The next call of the same kind: another submit, or another poll of the task."""
    later = (each for each in record.heard if each.follows(told) and each.role == told.role)
    return next((each for each in later if each.asked == told.asked and _is_same_caller(each, told)), None)


def _is_same_caller(one: Heard, other: Heard) -> bool:
    header = "authorization"
    return one.exchange.request_header(header) == other.exchange.request_header(header)


def check_busy(record: ClientRecord) -> Steps:
    """Between polls of one task there is a pause: no more than forty in a second."""
    for asked, polls in record.polls_by_task.items():
        sent = [each.exchange.sent_seconds for each in polls]
        most, at = max(_windows(sent))
        if most <= POLLS_A_SECOND_MAX:
            yield KEPT
        else:
            message = f"task {asked} was polled {most} times within a second"
            yield misstep(polls[at], message, *polls[at + 1 : at + 3], kind="busy")


def _windows(sent: list[float]) -> Iterator[tuple[int, int]]:
    """For each poll how many there are in the second that it begins, and its number."""
    end = 0
    for start, first in enumerate(sent):
        end = max(end, start)
        while end < len(sent) and sent[end] < first + _WINDOW_SECONDS:
            end += 1
        yield end - start, start


def check_after_end(record: ClientRecord) -> Steps:
    """A task that is over is not polled again."""
    told = set[str]()
    for end in record.ends():
        is_useless = end.seen.state == "done" and not any(value for _, value in end.seen.results)
        if end.asked in told or is_useless:
            continue
        told.add(end.asked or "")
        later = [each for each in record.polls_by_task[end.asked or ""] if each.follows(end)]
        yield _late(end, later) if later else KEPT


def _late(end: Heard, later: list[Heard]) -> Misstep:
    times = "once more" if len(later) == 1 else f"{len(later)} times more"
    message = f"the task was {end.seen.state} ({end.seen.word}), and the client polled it {times}"
    return misstep(later[0], message, end, kind=str(end.seen.state))


CHECKS: Mapping[str, ClientCheck] = MappingProxyType(
    {"pace.retry-after": check_retry_after, "pace.busy": check_busy, "pace.after-end": check_after_end}
)
