"""Rules about submitting: one task for one job, and nothing sent again when nobody knows what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts.judge.clients.record import ClientRecord, Heard
from contracts.judge.clients.ruling import KEPT, ClientCheck, Misstep, Steps, misstep, seconds
from specs.rules.uniqueness import UniqueInAccount


def check_unknown(record: ClientRecord) -> Steps:
    """A submit whose outcome is unknown is not sent again, unless the job carries the client's own id."""
    for first in record.submits:
        if not first.is_outcome_unknown:
            continue
        again = _repetition(record, first)
        yield KEPT if again is None else _repeated(first, again)


def _repetition(record: ClientRecord, first: Heard) -> Heard | None:
    """The first submit of the same job after this one that could make a second task."""
    later = (each for each in record.submits if each.exchange.number > first.exchange.number)
    return next(
        (each for each in later if _is_same_job(record, first, each) and not _is_safe(record, first, each)), None
    )


def _is_same_job(record: ClientRecord, first: Heard, second: Heard) -> bool:
    if record.job is not None:
        return True
    same_caller = first.exchange.request_header("authorization") == second.exchange.request_header("authorization")
    return same_caller and first.operation is second.operation and record.body(first) == record.body(second)


def _is_safe(record: ClientRecord, first: Heard, second: Heard) -> bool:
    """Whether the vendor makes no second task of it: it refuses an id of the client's own that it has seen."""
    own = record.own_id(first)
    return own is not None and own == record.own_id(second) and _is_unique(record)


def _is_unique(record: ClientRecord) -> bool:
    return any(each.keyword == UniqueInAccount.kind for each in record.promise.constraints.values())


def _repeated(first: Heard, again: Heard) -> Misstep:
    wait = seconds(max(0.0, again.exchange.sent_seconds - first.exchange.answered_seconds))
    came = _came(first)
    message = f"{came}, so that nobody knows whether there is a task; the job was submitted again {wait} later"
    return misstep(again, message, first, kind=_kind(first))


def _came(heard: Heard) -> str:
    status = heard.exchange.status
    if status is None:
        return "the submit got no answer"
    if heard.exchange.trouble or status < 500:  # noqa: PLR2004 - server errors
        return f"the submit's answer ({status}) could not be read"
    return f"the submit was answered {status}"


def _kind(heard: Heard) -> str:
    status = heard.exchange.status
    if status is None:
        return "no answer"
    return "unreadable" if heard.exchange.trouble or status < 500 else "server error"  # noqa: PLR2004 - as above


def check_once(record: ClientRecord) -> Steps:
    """One task for one job, whatever else went wrong."""
    if record.job is None or not record.makers:
        return
    explained = {
        again.exchange.number for first in record.submits if (again := _after_unknown(record, first)) is not None
    }
    more = [each for each in record.makers[1:] if each.exchange.number not in explained]
    yield _doubled(record, more[0]) if more else KEPT


def _after_unknown(record: ClientRecord, first: Heard) -> Heard | None:
    return _repetition(record, first) if first.is_outcome_unknown else None


def _doubled(record: ClientRecord, again: Heard) -> Misstep:
    before = [each for each in record.calls if each.exchange.number < again.exchange.number]
    last = before[-1]
    after = f"after {last.role or 'a call'} was answered: {last.served.words}" if last.served.words else "again"
    message = f"{len(record.makers)} tasks were made for one job; it was submitted once more {after}"
    return misstep(again, message, record.makers[0], kind="once more")


CHECKS: Mapping[str, ClientCheck] = MappingProxyType(
    {"submit.unknown-outcome": check_unknown, "submit.once": check_once}
)
