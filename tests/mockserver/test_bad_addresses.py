"""Odd ids, queries, keys, methods and paths, over both edges: a documented answer, never a 5xx."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, TypeAlias

import pytest

from properties.manners import assert_alive, judged
from properties.promised import (
    KINDS,
    OPERATIONS,
    VENDORS,
    Kind,
    kinds,
    pack,
)
from targets import Target

Json = Any
Connect: TypeAlias = Callable[[str], Target]
DEEP = 10**5
JSON_TYPE = MappingProxyType({"Content-Type": "application/json"})
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
every_vendor = pytest.mark.parametrize("vendor", VENDORS)
every_operation = pytest.mark.parametrize(("vendor", "operation"), OPERATIONS)


IDS = (
    *(
        "%2e%2e",
        "%2F",
        "%2f..%2f",
        "..%2F..%2Fetc%2Fpasswd",
        "%00",
        "%",
        "%zz",
        "%C3%28",
        "%ff",
        "%20",
        "+",
        "a b",
        "~",
    ),
    *(
        "null",
        "undefined",
        "0",
        "-1",
        "1e9",
        "{task_id}",
        "*",
        "$task.id",
        "a" * 10_000,
        "é",
        "任务",
        "\U0001f600",
        "%F0%9F%98%80",
    ),
    *("a;b", "a,b", "a:b", "a@b", "a%3Fb", "a%23b", "'", '"', "<script>", "..;/", "a%0d%0aX-Injected:%201"),
)


@every_kind
def test_odd_ids_are_unknown(connect: Connect, kind: Kind) -> None:
    """An id that nobody was given is unknown, however it is written; nothing of it gets into the headers."""
    target = connect(kind.pack.name)
    for odd in IDS:
        answer = target.client.get(kind.poll_path("ID").replace("ID", odd))
        assert judged(kind.pack.name, None, answer, odd[:40]) in kind.unknown, odd[:40]
        assert "x-injected" not in answer.headers
    assert_alive(target, kind)


QUERIES = (
    *(
        "=",
        "&&&",
        "a",
        "%",
        "%ff=%ff",
        "%00=%00",
        "a=b=c",
        "\U0001f600=1",
        "a" * 20_000,
        "&".join(f"a{n}={n}" for n in range(500)),
    ),
    *("__proto__=1", ";", "?", "a[]=1&a[]=2", "+"),
)


@every_kind
def test_odd_queries_change_nothing(connect: Connect, kind: Kind) -> None:
    """Parameters that no page names are passed over."""
    target = connect(kind.pack.name)
    body = kind.with_prompt("a cat")
    for query in QUERIES:
        answer = target.client.post(f"{kind.submit.path}?{query}", json=body)
        assert judged(kind.pack.name, kind.submit.id, answer, query[:40]) < 300, query[:40]


ODD_NUMBERS = ("", "0", "-1", "abc", "1.5", "1e3", "\uff19", "1" * 400, "%00", "null", "true", " 1", "1 ", "0x1", "[1]")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.listing], ids=lambda kind: kind.name)
def test_odd_page_numbers_are_refused(connect: Connect, kind: Kind) -> None:
    """Pages are whole numbers within their range; anything else is refused and named."""
    target = connect(kind.pack.name)
    assert kind.listing is not None
    assert kind.listing.page is not None
    refused = kind.listing.refusals["request_invalid"].status
    for name in kind.listing.page:
        for number in ODD_NUMBERS:
            answer = target.client.get(f"{kind.listing.path}?{name}={number}")
            assert judged(kind.pack.name, kind.listing.id, answer, f"{name}={number[:20]}") == refused, number
            assert target.journal()[-1]["violations"][0]["pointer"] == f"/{name}"
    assert target.client.get(kind.listing.path).status_code == 200


NO_KEYS = (b"", b"Bearer", b"Basic a2V5OmtleQ==", b"Digest x=y", b"Bearer a b c", b"\xff\xfe key")
KEYS = (
    b"Bearer " + b"k" * 60_000,
    "Bearer clé-é".encode(),
    b"Bearer \xff\xfe\xfd",
    b"bearer lower-case",
    b"BEARER upper-case",
    b"Bearer .",
    b"Bearer a.b",
)


@every_vendor
def test_odd_authorization_headers_are_judged(connect: Connect, vendor: str) -> None:
    """No key: refused in the envelope, before anything else is looked at. An odd key: an account; always an answer."""
    target = connect(vendor)
    kind = kinds(vendor)[0]
    stranger = target.account(None)
    for header in NO_KEYS:
        for content in (json.dumps(kind.with_prompt("a")).encode(), b"{"):
            answer = stranger.post(
                kind.submit.path,
                content=content,
                headers=[(b"Authorization", header), (b"Content-Type", b"application/json")],
            )
            assert judged(vendor, kind.submit.id, answer, repr(header)) in kind.refused(
                "key_missing", "key_malformed"
            ), header
    for header in KEYS:
        answer = stranger.post(kind.submit.path, json=kind.with_prompt("a"), headers=[(b"Authorization", header)])
        assert judged(vendor, kind.submit.id, answer, repr(header[:40])) < 300, header[:40]
    doubled = stranger.post(
        kind.submit.path,
        json=kind.with_prompt("a"),
        headers=[("Authorization", "Bearer one"), ("Authorization", "Bearer two")],
    )
    judged(vendor, kind.submit.id, doubled, "two headers")
    assert_alive(target, kind)


@every_operation
def test_other_methods_are_refused(connect: Connect, vendor: str, operation: str) -> None:
    """A method that the path does not have is a 404 or 405 of the vendor's; a 405 tells the ones that it has."""
    target = connect(vendor)
    path = pack(vendor).operations[operation].path.replace("{", "").replace("}", "")
    exist = {
        each.method for each in pack(vendor).operations.values() if each.path == pack(vendor).operations[operation].path
    }
    for method in {"HEAD", "OPTIONS", "DELETE", "PATCH", "PUT", "TRACE", "GET", "POST"} - exist:
        answer = target.client.request(method, path)
        assert judged(vendor, None, answer, method) == pack(vendor).behaviour.refusals["method_unknown"].status, method
        if answer.status_code == 405:
            assert set(answer.headers["allow"].split(", ")) == exist
    assert target.tasks() == []


@every_vendor
def test_paths_of_nobody_are_refused_in_the_envelope(connect: Connect, vendor: str) -> None:
    """What is under a vendor's prefix is answered by the vendor."""
    target = connect(vendor)
    for path in ("/", "", "//", "/v1", "/nowhere", "/%00", "/" + "a" * 10_000, "/é", "/..%2f..%2f", "/.well-known/x"):
        answer = target.client.get(path)
        assert judged(vendor, None, answer, path[:40]) == pack(vendor).behaviour.refusals["route_unknown"].status
