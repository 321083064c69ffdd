"""From the exchanges of a live run to drifts: each exchange against the contract, and what it was sent to find out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from contracts.drift.drift import Drift
from contracts.drift.recordings import Recorded
from contracts.drift.traffic import Traffic, TrafficVerdict
from contracts.exchange import Conversation, Exchange
from contracts.finding import Finding
from contracts.judge import RULES, Promise, judge
from contracts.judge.promise import is_yes
from contracts.live.refusal_codes import other_codes
from contracts.live.silence import telling
from specs.pack import Operation, Pack

# What needs a run of its own to be told: ends in time, the effect of polls, other accounts, odd requests.
_NOT_ASKED = frozenset(
    {
        *("lifecycle.ends", "lifecycle.failure", "lifecycle.polls-inert", "lifecycle.updated-moves", "status.method"),
        *("account.isolation", "robustness.survives", "robustness.alive", "robustness.malformed", "upstream.request"),
    }
)
_ACCEPTED, _REQUEST_WRONG = "status.accepted", (400, 422)
_GONE = frozenset({404, 405, 410})
_BY_RULE: Mapping[str, str] = MappingProxyType(
    {
        "shape.id": "format-changed",
        "shape.timestamp": "format-changed",
        "shape.content-type": "format-changed",
        "shape.json": "format-changed",
    }
)
_BY_SUBJECT: Mapping[str, str] = MappingProxyType({"account": "required-changed", "status": "status-added"})


def find_drifts(
    pack: Pack, promise: Promise, exchanges: Sequence[Exchange], recording: Iterable[Recorded]
) -> list[Drift]:
    """What the exchanges show that is not as the contract has it; one finding for each cause.

    Exchanges that tell nothing are left out: `contracts.live.silence` says which.
    """
    kept, recording = telling(promise, exchanges), list(recording)
    exchanges, recording = [exchanges[index] for index in kept], [recording[index] for index in kept]
    gone = dict(_gone_operations(pack, promise, exchanges))
    reader = Traffic(pack)
    traffic = reader.judge_all(recording)
    odd = _oddly_refused(pack, promise, exchanges)
    drifts = [
        each
        for name, each in traffic.drifts.items()
        if each.operation not in gone and not _is_nowhere(each, gone) and not _is_beside(each, traffic.shown[name], odd)
    ]
    rules = [name for name in RULES if name not in _NOT_ASKED]
    conversation = Conversation(tuple(exchanges))
    findings = judge(conversation, promise, only=rules, is_apart=True).findings
    told, places = (
        _told(traffic, drifts, exchanges),
        {(each.operation, each.pointer) for each in drifts if each.pointer},
    )
    more = [
        _drift(pack, reader, each, [conversation.index[number] for number in each.exchanges])
        for each in findings
        if each.operation not in gone
        and not told & set(each.exchanges)
        and (each.operation, each.pointer) not in places
    ]
    found = [*gone.values(), *drifts, *{each.fingerprint: each for each in more}.values()]
    known = {(each.operation, each.pointer) for each in found}
    codes = {each.fingerprint: each for each in other_codes(promise, exchanges) if each.operation not in gone}
    return [*found, *(each for each in codes.values() if (each.operation, each.pointer) not in known)]


def _told(traffic: TrafficVerdict, drifts: Iterable[Drift], exchanges: Sequence[Exchange]) -> set[int]:
    """The numbers of exchanges of which something has been said already."""
    places = (place for drift in drifts for place in traffic.shown[drift.fingerprint])
    return {exchanges[place - 1].number for place in places}


def _gone_operations(pack: Pack, promise: Promise, exchanges: Sequence[Exchange]) -> Iterator[tuple[str, Drift]]:
    """Operations that nobody answers any more: whatever was asked, there is no such place."""
    for operation in pack.operations.values():
        asked = [each for each in exchanges if each.operation == operation.id and each.purpose is not None]
        statuses = {each.status for each in asked}
        # An id that nobody was given is not found there either: it says nothing.
        telling = [each for each in asked if each.purpose is not None and each.purpose.situation != "task_unknown"]
        known = [each for each in telling if each.status in _expected(promise, operation, each)]
        if len(statuses) == 1 and statuses <= _GONE and not known and len(telling) > 1:
            yield operation.id, _moved(operation, asked[0])


def _oddly_refused(pack: Pack, promise: Promise, exchanges: Sequence[Exchange]) -> set[int]:
    """The places of refusals with a status that is another situation's: their bodies are that situation's too."""
    return {
        place
        for place, each in enumerate(exchanges, 1)
        if each.purpose is not None
        and each.purpose.expects == "refused"
        and not is_yes(each.status)
        and (operation := pack.operations.get(each.operation or "")) is not None
        and each.status not in _expected(promise, operation, each)
    }


def _is_beside(drift: Drift, places: Iterable[int], odd: set[int]) -> bool:
    """Whether a drift is about nothing but bodies of such refusals."""
    return drift.kind != "status-added" and bool(odd) and set(places) <= odd


def _expected(promise: Promise, operation: Operation, exchange: Exchange) -> frozenset[int]:
    purpose = exchange.purpose
    if purpose is None or purpose.expects == "accepted":
        return frozenset({promise.success_status(operation)})
    return promise.refusal_statuses(operation, [purpose.situation or "request_invalid"])


def _moved(operation: Operation, exchange: Exchange) -> Drift:
    place = f"{operation.method} {operation.path}"
    message = f"{place} is answered {exchange.status} whatever is asked: it is not there any more"
    return Drift(
        kind="endpoint-changed",
        operation=operation.id,
        pointer="",
        documented=exchange.status,
        encoded=place,
        message=message,
    )


def _is_nowhere(drift: Drift, gone: Mapping[str, Drift]) -> bool:
    return bool(gone) and drift.operation is None


def _drift(pack: Pack, reader: Traffic, finding: Finding, shown: Sequence[Exchange]) -> Drift:
    operation = pack.operations.get(finding.operation or "")
    if finding.rule == _ACCEPTED and operation is not None and shown and shown[0].status in _REQUEST_WRONG:
        return reader.refused(shown[0], operation)
    subject = finding.rule.partition(".")[0]
    kind = _BY_RULE.get(finding.rule, _BY_SUBJECT.get(subject, "shape-changed"))
    if subject == "account" and not any(is_yes(each.status) for each in shown):
        # Refused all the same, in another way.
        kind = "status-added"
    return Drift(
        kind=kind,
        operation=finding.operation,
        pointer=finding.pointer or "",
        documented=finding.rule,
        encoded=None,
        message=f"{finding.operation} {finding.pointer or ''}: {finding.message}".replace("  ", " "),
        constraints=(finding.constraint,) if finding.constraint is not None else (),
    )
