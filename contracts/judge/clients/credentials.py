"""Rules about the key: sent with each call in the documented way, and told to nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import unquote_plus

from contracts.judge.clients.record import ClientRecord, Heard
from contracts.judge.clients.ruling import KEPT, ClientCheck, Misstep, Steps, misstep
from contracts.judge.clients.run import ELSEWHERE, OUTSIDE

_AUTHORIZATION = "authorization"
_SCHEME = "Bearer"
# What a shorter key has in common with words is chance.
_KEY_MIN = 6


def check_sent(record: ClientRecord) -> Steps:
    """Each call to the vendor says who calls."""
    for each in record.calls:
        if each.operation is None or each.served.where == OUTSIDE:
            continue
        problem = _problem(each, record)
        yield KEPT if not problem else misstep(each, problem, kind=problem)


def _problem(heard: Heard, record: ClientRecord) -> str:
    """What is wrong with the Authorization of a call; empty when nothing is."""
    header = heard.exchange.request_header(_AUTHORIZATION)
    if header is None or not header.strip():
        return "there is no Authorization header"
    scheme, space, key = header.partition(" ")
    says = record.promise.pack.behaviour.authentication
    if not space and says.raw_key and scheme.lower() != _SCHEME.lower():
        scheme, key = _SCHEME, scheme
    if scheme.lower() != _SCHEME.lower():
        return (
            f"the Authorization header has the scheme {scheme[:20]!r}, not Bearer" if space else "the key stands alone"
        )
    if key != key.strip() and says.strict_space:
        return "there is more than one blank between Bearer and the key"
    if not key.strip():
        return "there is no key behind Bearer"
    if record.run.key is not None and key.strip() != record.run.key:
        return "the key is another one than the client was given"
    return ""


def check_scheme(record: ClientRecord) -> Steps:
    """The scheme is written as everybody writes it."""
    for each in record.calls:
        header = each.exchange.request_header(_AUTHORIZATION) or ""
        scheme = header.partition(" ")[0]
        if scheme.lower() == _SCHEME.lower():
            said = f"the scheme is written {scheme!r}; HTTP allows it, and not every service takes it"
            yield KEPT if scheme == _SCHEME else misstep(each, said)


def check_url(record: ClientRecord) -> Steps:
    """The key never stands in a URL, where logs and proxies keep it."""
    keys = _keys(record)
    for each in record.heard if keys else ():
        place = each.exchange.path + "?" + each.exchange.query
        yield misstep(each, "the key stands in the URL") if any(_holds(place, key) for key in keys) else KEPT


def _keys(record: ClientRecord) -> set[str]:
    """The key that the client was given; where it may use any, those that it uses."""
    if record.run.key is not None:
        return {record.run.key}
    headers = (each.exchange.request_header(_AUTHORIZATION) or "" for each in record.heard)
    return {header.rpartition(" ")[2] for header in headers} - {""}


def check_elsewhere(record: ClientRecord) -> Steps:
    """The key never goes to another host: not with a redirect, not with the download of a result."""
    key = record.run.key
    for each in record.heard if key else ():
        exchange = each.exchange
        if each.served.where != ELSEWHERE and exchange.header("location") is not None:
            # It was shown the way; whether it took the key along is seen there.
            yield KEPT
        elif each.served.where == ELSEWHERE:
            said = [value for _, value in exchange.request_headers]
            said.append(exchange.request_body.decode("utf-8", "replace"))
            is_told = any(_holds(text, key or "") for text in said)
            yield _leaked(each) if is_told else KEPT


def _leaked(heard: Heard) -> Misstep:
    return misstep(heard, f"the key was sent to another host, with {heard.exchange.method} {heard.exchange.url}")


def check_printed(record: ClientRecord) -> Steps:
    """The key stands neither on stdout nor on stderr."""
    ending, key = record.ending, record.run.key
    if ending is None or not key:
        return
    places = [name for name, text in (("stdout", ending.output), ("stderr", ending.errors)) if _holds(text, key)]
    yield Misstep(message=f"the key is printed on {' and '.join(places)}") if places else KEPT


def _holds(text: str, key: str) -> bool:
    return len(key) >= _KEY_MIN and (key in text or key in unquote_plus(text))


CHECKS: Mapping[str, ClientCheck] = MappingProxyType(
    {
        "credentials.sent": check_sent,
        "credentials.scheme": check_scheme,
        "credentials.url": check_url,
        "credentials.elsewhere": check_elsewhere,
        "credentials.printed": check_printed,
    }
)
