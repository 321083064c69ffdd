"""Rules about calls: each is documented, each keeps the contract, each poll asks for a task that there is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import unquote

from contracts.judge.clients.record import POLL, SERVER_ERRORS, ClientRecord, Heard
from contracts.judge.clients.ruling import KEPT, ClientCheck, Misstep, Steps, misstep
from contracts.judge.clients.run import ELSEWHERE, OUTSIDE
from contracts.judge.promise import Promise
from contracts.judge.ruling import shown

_HARMLESS = frozenset({"HEAD", "OPTIONS"})
_NO_HTTP = ""
_SITUATIONS: Mapping[str, str] = MappingProxyType(
    {
        "content_type": "the body is not said to be JSON (Content-Type)",
        "json_malformed": "the body is no JSON",
        "method_unknown": "the method is not offered there",
    }
)


def check_documented(record: ClientRecord) -> Steps:
    """Each call goes to a documented operation below the base URL."""
    for each in record.heard:
        if each.served.where != ELSEWHERE and each.exchange.method not in _HARMLESS:
            yield KEPT if each.operation is not None else _undocumented(each, record.promise)


def _undocumented(heard: Heard, promise: Promise) -> Misstep:
    exchange = heard.exchange
    if exchange.method == _NO_HTTP:
        return misstep(heard, f"what arrives is no HTTP: {exchange.trouble}", kind="http")
    place = f"{exchange.method} {exchange.path}"
    if heard.served.where == OUTSIDE:
        known = promise.route(exchange.method, exchange.path).operation
        why = "the path of the base URL was dropped" if known is not None else "it does not begin with the base URL"
        return misstep(heard, f"{place} is no address of the vendor: {why}", kind=OUTSIDE)
    if heard.methods:
        return misstep(heard, f"{place}: the path is asked with {' or '.join(heard.methods)}", kind="method")
    return misstep(heard, f"{place} is not documented{_near_miss(heard, promise)}", kind="path")


def _near_miss(heard: Heard, promise: Promise) -> str:
    """What may have gone wrong, where the path nearly is one that is documented."""
    path = heard.exchange.path
    if "//" in path and promise.route(heard.exchange.method, path.replace("//", "/")).operation is not None:
        return "; there is a slash too many in it"
    if path.endswith("/") and promise.route(heard.exchange.method, path.rstrip("/")).operation is not None:
        return "; there is a slash too many at its end"
    poll = next((each for each in promise.pack.operations.values() if each.role == POLL), None)
    if poll is not None and path.startswith(poll.path.partition("{")[0]):
        return "; what stands in a path must be percent-encoded, slashes too"
    return ""


def check_valid(record: ClientRecord) -> Steps:
    """Each call keeps every constraint of its operation."""
    for each in record.heard:
        if each.operation is None:
            continue
        if each.expected.verdict != "refused":
            yield KEPT
        elif each.expected.violations:
            yield from (
                misstep(each, violation.message, pointer=violation.pointer, kind=violation.rule)
                for violation in each.expected.violations
            )
        else:
            situation = next(iter(each.expected.situations), "")
            yield misstep(each, _SITUATIONS.get(situation, f"it must be refused ({situation})"), kind=situation)


def check_task(record: ClientRecord) -> Steps:
    """Each poll asks for a task that exists, in the way in which tasks of its kind are read."""
    for each in record.polls:
        maker = record.maker(each.asked)
        if _may_be_there(each, record):
            yield KEPT
        elif maker is None or maker.exchange.number > each.exchange.number:
            yield misstep(each, _strange(each, record), kind="id")
        elif not _is_of_kind(each, maker):
            made_by = maker.operation.id if maker.operation is not None else "another operation"
            yield misstep(each, f"the task was made by {made_by} and is not read there", maker, kind="kind")
        else:
            yield KEPT


def _may_be_there(poll: Heard, record: ClientRecord) -> bool:
    """Whether it asks what became of a submit whose answer was lost, by the id that the client gave it.

    After 503 with Retry-After there is no task; a client that takes all server errors for one may look all the same.
    """
    before = (each for each in record.submits if poll.follows(each) and _is_in_doubt(each))
    return any(record.own_id(each) == poll.asked and _is_of_kind(poll, each) for each in before)


def _is_in_doubt(submit: Heard) -> bool:
    return submit.is_outcome_unknown or (submit.exchange.status or 0) >= SERVER_ERRORS


def _is_of_kind(poll: Heard, maker: Heard) -> bool:
    kinds = [each.operation.tasks if each.operation is not None else "*" for each in (poll, maker)]
    return "*" in kinds or kinds[0] == kinds[1]


def _strange(heard: Heard, record: ClientRecord) -> str:
    asked = heard.asked or ""
    message = f"polls for task {shown(asked)}, which nobody was told of"
    known = [each.served.made for each in record.makers]
    if unquote(asked) in known:
        return message + "; the id of its task is encoded twice"
    if any(made is not None and made.startswith(asked) for made in known) and asked:
        return message + "; the id of its task is cut off"
    return message


CHECKS: Mapping[str, ClientCheck] = MappingProxyType(
    {"request.documented": check_documented, "request.valid": check_valid, "request.task": check_task}
)
