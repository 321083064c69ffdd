"""A correct service is found nothing against, however it differs from the next one: the other half of every rule."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import specs
from broken_packs import SKELETON
from contracts.exchange import Conversation, Exchange
from contracts.judge import RULES, Promise, judge
from judged_fakes import record
from specs.pack import Pack
from specs.pointers import Json

ACME = Path(__file__).parents[2] / "vendors" / "acme"
PACKS = [*specs.names(), str(ACME), str(SKELETON)]
# What a vendor has none of, nobody can ask for.
NEEDED = ("status", "account", "robustness", "shape.body", "shape.result", "lifecycle.order", "lifecycle.visible")


@cache
def pack(name: str) -> Pack:
    """The pack, loaded once."""
    return specs.load(name)


@cache
def recorded(name: str, *, purposes: bool) -> Conversation:
    """The conversation, held once."""
    return record(pack(name), purposes=purposes)


every_pack = pytest.mark.parametrize("name", PACKS, ids=lambda name: Path(name).name)


@every_pack
@pytest.mark.parametrize("purposes", [True, False], ids=["with-purposes", "as-traffic"])
def test_fake_keeps_every_rule(name: str, *, purposes: bool) -> None:
    """Nothing is found, whether requests say what they are for or not, and most rules were asked."""
    judgement = judge(recorded(name, purposes=purposes), Promise(pack(name)))

    assert [(each.rule, each.message) for each in judgement.findings] == []
    asked = {law.rule for law in judgement.laws if law.checked}
    needed = {rule for rule in RULES if rule.startswith(NEEDED)}
    assert needed - asked <= {"status.documented", "status.answered", "account.scheme", "robustness.survives"} | (
        set() if purposes else {"robustness.alive"}
    )


# Other services that are as right

Variant = Callable[[Exchange, Json], Json]


def _more_members(_: Exchange, body: Json) -> Json:
    return {**body, "trace_id": "abc", "links": {"self": "/"}}


_TEXTS = {"detail", "message", "say", "title"}


def _other_texts(exchange: Exchange, body: Json) -> Json:
    if exchange.status is None or exchange.status < 400:
        return body
    return _mapped(body, lambda name, value: "Das geht so nicht." if name in _TEXTS else value)


_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z")


def _whole_seconds(_: Exchange, body: Json) -> Json:
    return _mapped(body, lambda _, value: _INSTANT.sub(r"\1+00:00", value) if isinstance(value, str) else value)


def _other_hosts(_: Exchange, body: Json) -> Json:
    def moved(_: str, value: Json) -> Json:
        is_url = isinstance(value, str) and value.startswith("http://fake")
        return value.replace("http://fake", "https://cdn.example.net:8443/eu") + "?sig=1" if is_url else value

    return _mapped(body, moved)


def _mapped(value: Json, change: Callable[[str, Json], Json], name: str = "") -> Json:
    """The value with every leaf changed."""
    if isinstance(value, dict):
        return {key: _mapped(inner, change, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_mapped(inner, change, name) for inner in value]
    return change(name, value)


VARIANTS: dict[str, Variant] = {
    "more-members": _more_members,
    "other-texts": _other_texts,
    "whole-seconds": _whole_seconds,
    "other-hosts": _other_hosts,
    "members-in-another-order": lambda _, body: dict(reversed(body.items())),
}


def changed(exchange: Exchange, variant: Variant) -> Exchange:
    """The exchange with another body."""
    try:
        body = json.loads(exchange.body)
    except ValueError:
        return exchange
    return replace(exchange, body=json.dumps(variant(exchange, body)).encode())


@every_pack
@pytest.mark.parametrize("variant", VARIANTS)
def test_service_with_other_bodies_is_as_right(name: str, variant: str) -> None:
    """Texts, further members, the fineness of instants, hosts and order are free."""
    if variant == "more-members" and name == str(ACME):
        pytest.skip("an order of this vendor has no members but its own")
    heard = recorded(name, purposes=True)
    other = Conversation(tuple(changed(each, VARIANTS[variant]) for each in heard.exchanges))

    found = judge(other, Promise(pack(name))).findings

    assert [(each.rule, each.message) for each in found] == []


@every_pack
def test_service_with_other_headers_is_as_right(name: str) -> None:
    """A charset, names in capitals, headers that nobody documents; a 405 without Allow, in plain text."""
    heard = recorded(name, purposes=True)
    exchanges = []
    for each in heard.exchanges:
        headers = [(key.upper(), value) for key, value in each.headers if key.lower() not in ("content-type", "allow")]
        headers += [("CONTENT-TYPE", "application/json; charset=UTF-8"), ("X-Served-By", "7"), ("Date", "now")]
        is_method = each.operation is None and each.status in (404, 405)
        status, body = (405, b"No") if is_method else (each.status, each.body)
        exchanges.append(replace(each, headers=tuple(headers), status=status, body=body))

    assert list(judge(Conversation(tuple(exchanges)), Promise(pack(name))).findings) == []


@pytest.mark.parametrize("name", [each for each in PACKS if each != "mulerouter"], ids=lambda name: Path(name).name)
def test_ids_of_another_form_are_as_right(name: str) -> None:
    """Where no format is promised, an id is any text."""
    heard, promise = recorded(name, purposes=True), Promise(pack(name))
    ids = {promise.task_id_of(each) for each in heard.exchanges} - {None}
    renamed = {str(old): f"Job.{number:x}_-~" for number, old in enumerate(sorted(map(str, ids)))}

    def rename(exchange: Exchange) -> Exchange:
        path, query, body = exchange.path, exchange.query, exchange.body.decode()
        for old, new in renamed.items():
            path, query, body = path.replace(old, new), query.replace(old, new), body.replace(old, new)
        return replace(exchange, path=path, query=query, body=body.encode())

    other = Conversation(tuple(map(rename, heard.exchanges)))

    assert len(renamed) > 1
    assert [(each.rule, each.message) for each in judge(other, promise).findings] == []


@every_pack
@pytest.mark.parametrize("seen", ["running", "done"])
def test_task_may_be_further_at_its_first_poll(name: str, seen: str) -> None:
    """A quick service has begun, or ended, before anybody looks."""
    promise = Promise(pack(name))
    word = pack(name).behaviour.lifecycle.words
    before = {"running": {word["queued"]}, "done": {word["queued"], word["running"]}}[seen]
    polls = {each.id for each in pack(name).operations.values() if each.role != "submit"}
    kept = []
    for each in recorded(name, purposes=True).exchanges:
        shown = promise.read(each)
        words = {item.word for item in shown.items} or {shown.word}
        if each.operation not in polls or words.isdisjoint(before):
            kept.append(each)

    assert [(each.rule, each.message) for each in judge(Conversation(tuple(kept)), promise).findings] == []
