"""An offer to speak another protocol on the connection is passed over: the request is answered, body and all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from properties.promised import KINDS, VENDORS, Kind, fresh_key, kinds
from properties.wire import Line, Reply, head, whole
from properties.wired_calls import assert_alive, chunked, path_of, promised, says, task_count, valid

Json = Any
CHUNKED = "chunked"
# What java.net.http sends unless told otherwise, what RFC 2817 has, what browsers send.
OFFERS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "h2c": {
            "Connection": "Upgrade, HTTP2-Settings",
            "Upgrade": "h2c",
            "HTTP2-Settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
        },
        "TLS": {"Connection": "Upgrade", "Upgrade": "TLS/1.2, HTTP/1.1"},
        "websocket": {
            "Connection": "keep-alive, upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    }
)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
every_offer = pytest.mark.parametrize("offer", OFFERS)


def offering(offer: str, key: str, **more: str) -> dict[str, str]:
    """The headers of an ordinary call that offers an upgrade."""
    return {**says(key, **more), **OFFERS[offer]}


def submitted(kind: Kind, reply: Reply | None) -> None:
    """The call was taken as any other is, its connection stays."""
    assert reply is not None, "hung up without an answer"
    assert promised(kind, reply).status < 300, reply
    assert "upgrade" not in reply.headers
    assert "connection" not in reply.headers


@every_offer
@every_kind
def test_call_that_offers_an_upgrade_keeps_its_body(server_url: str, kind: Kind, offer: str) -> None:
    """Taken as it would be without the offer, and so is the next one on the same connection, with an offer or not."""
    key = fresh_key()
    with Line(server_url) as line:
        submitted(kind, line.ask("POST", path_of(kind), offering(offer, key), valid(kind)))
        submitted(kind, line.ask("POST", path_of(kind), offering(offer, key), valid(kind)))
        submitted(kind, line.ask("POST", path_of(kind), says(key), valid(kind)))
    assert task_count(server_url, key) == 3


@every_offer
@pytest.mark.parametrize("vendor", VENDORS)
def test_body_comes_in_any_pieces(server_url: str, vendor: str, offer: str) -> None:
    """With a length or in chunks, in one segment or in hundreds: the whole of it is the body."""
    kind, key = kinds(vendor)[0], fresh_key()
    body = valid(kind)
    by_length = whole("POST", path_of(kind), body, offering(offer, key))
    by_chunks = head("POST", path_of(kind), offering(offer, key, **{"Transfer-Encoding": CHUNKED})) + chunked(
        body[:5], body[5:]
    )
    with Line(server_url) as line:
        for request in (by_length, by_chunks):
            line.send(request)
            submitted(kind, line.read())
            line.send_bytewise(request)
            submitted(kind, line.read())
    assert task_count(server_url, key) == 4


@every_offer
def test_calls_behind_an_offer_are_calls(server_url: str, offer: str) -> None:
    """Sent in one go: to a vendor, to the admin API, to nobody, with offers and without, and answered in order."""
    kind, key = KINDS[0], fresh_key()
    body = valid(kind)
    headers = offering(offer, key)
    mixed = [
        whole("POST", path_of(kind), body, headers),
        head("GET", f"/__understudy/tasks?key={key}", headers),
        head("POST", path_of(kind), {**headers, "Transfer-Encoding": CHUNKED}) + chunked(body),
        whole("POST", f"/__understudy/clock?key={key}", b'{"advance_seconds": 1}', headers),
        head("GET", "/nowhere", headers),
        whole("POST", path_of(kind), body, says(key)),
    ]
    with Line(server_url) as line:
        line.send(b"".join(mixed * 20))
        replies = [line.read() for _ in range(120)]
    seen = [reply for reply in replies if reply is not None]
    taken = seen[0].status
    assert taken < 300
    assert [reply.status for reply in seen] == [taken, 200, taken, 200, 404, taken] * 20
    assert [len(json.loads(reply.body)["tasks"]) for reply in seen[1::6]] == [1 + 3 * number for number in range(20)]
    assert json.loads(seen[-3].body)["now"] == "2026-01-01T00:00:20.000Z"


def test_very_many_offers_in_one_segment_are_passed_over(server_url: str) -> None:
    """As many as fit: each costs one answer, none the connection."""
    with Line(server_url) as line:
        line.send(head("GET", "/x", {"Connection": "Upgrade", "Upgrade": "a"}) * 3000)
        for _ in range(3000):
            reply = line.read()
            assert reply is not None
            assert reply.status == 404


@every_offer
@pytest.mark.parametrize("path", ["vendor", "admin"])
def test_expected_continue_is_sent_for_an_offer_too(server_url: str, path: str, offer: str) -> None:
    """Who waits for 100 before sending the body gets it, and then the answer."""
    kind, key = KINDS[0], fresh_key()
    where = path_of(kind) if path == "vendor" else f"/__understudy/clock?key={key}"
    body = valid(kind) if path == "vendor" else b'{"advance_seconds": 1}'
    with Line(server_url) as line:
        for _ in range(2):
            headers = {"Expect": "100-continue", "Content-Length": str(len(body))}
            line.send(head("POST", where, offering(offer, key, **headers)))
            first = line.read()
            assert first is not None
            assert first.status == 100
            line.send(body)
            reply = line.read()
            assert reply is not None
            assert reply.status < 300


@every_offer
def test_admin_call_that_offers_an_upgrade_keeps_its_body(server_url: str, offer: str) -> None:
    """The clock moves by what the body says, however it comes, and the connection stays."""
    key = fresh_key()
    path, body = f"/__understudy/clock?key={key}", b'{"advance_seconds": 1}'
    request = whole("POST", path, body, OFFERS[offer])
    in_chunks = head("POST", path, {**OFFERS[offer], "Transfer-Encoding": CHUNKED}) + chunked(body[:3], body[3:])
    with Line(server_url) as line:
        for seconds, (send, data) in enumerate(
            [
                (line.send, request),
                (line.send_bytewise, request),
                (line.send, in_chunks),
                (line.send_bytewise, in_chunks),
            ]
        ):
            send(data)
            reply = line.read()
            assert reply is not None
            assert json.loads(reply.body)["now"] == f"2026-01-01T00:00:0{seconds + 1}.000Z"


@every_offer
def test_offer_and_close_are_an_answer_and_the_end(server_url: str, offer: str) -> None:
    """`close` beside `upgrade`, and HTTP/1.0: the body is read all the same, and then the connection ends."""
    kind, key = KINDS[0], fresh_key()
    closing = {**offering(offer, key), "Connection": "close, Upgrade"}
    old = whole("POST", path_of(kind), valid(kind), offering(offer, key)).replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\n", 1)
    for request in (whole("POST", path_of(kind), valid(kind), closing), old):
        with Line(server_url) as line:
            line.send_bytewise(request)
            reply = line.read()
            assert promised(kind, reply).status < 300
            assert line.is_over()
    assert task_count(server_url, key) == 2


def test_tunnels_are_refused(server_url: str) -> None:
    """CONNECT is no offer: there is nothing behind it that could be answered."""
    for target in ("fake:443", "127.0.0.1:80", "/", "http://fake/"):
        with Line(server_url) as line:
            line.send(head("CONNECT", target, OFFERS["h2c"]))
            reply = line.read()
        assert reply is None or reply.status == 400
    assert_alive(server_url, KINDS[0])
