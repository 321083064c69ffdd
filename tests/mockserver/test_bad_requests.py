"""Requests that no HTTP library would send: an answer or a hang-up in time, and the next client is served."""

from __future__ import annotations

import pytest

from properties.promised import KINDS, VENDORS, assert_promised, fresh_key, kinds
from properties.wire import Line, head
from properties.wired_calls import assert_alive, path_of, promised, says, task_count, valid

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


@every_vendor
def test_methods_that_do_not_exist_are_refused(server_url: str, vendor: str) -> None:
    """A word that is no method of HTTP is refused by the server itself; one of HTTP's own by the vendor."""
    kind = kinds(vendor)[0]
    known = kind.refused("route_unknown", "method_unknown")
    for method in ("FROB", "get", "POSTX", "\x00", "G ET", ""):
        with Line(server_url) as line:
            reply = line.ask(method, path_of(kind), says(fresh_key()))
            assert reply is None or reply.status in {400} | known, method
    for method in ("TRACE", "PROPFIND", "PURGE", "REPORT", "LINK", "MKCOL"):
        with Line(server_url) as line:
            assert promised(kind, line.ask(method, path_of(kind), says(fresh_key()))).status in known, method
    with Line(server_url) as line:
        reply = line.ask("HEAD", path_of(kind), says(fresh_key()))
        assert reply is not None
        assert reply.status in known
        assert promised(kind, line.ask("POST", path_of(kind), says(fresh_key()), valid(kind))).status < 300
    assert_alive(server_url, kind)


GARBAGE = (
    *(
        b"\r\n\r\n",
        b"\x00" * 100,
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"{}\r\n\r\n",
    ),
    *(
        b"GET / HTTP/1.1\r\nHost fake\r\n\r\n",
        b"GET / HTTP/1.1\r\n: empty\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\x00c\r\n\r\n",
    ),
    *(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", b"A" * 200_000),
    *(
        b"CONNECT fake:443 HTTP/1.1\r\nHost: fake\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"h" * 500_000 + b"\r\n\r\n",
    ),
)


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda garbage: repr(garbage[:24]))
def test_what_is_no_http_is_refused_or_hung_up_on(server_url: str, garbage: bytes) -> None:
    """Nothing that opens a connection keeps it hanging, or takes the server along."""
    with Line(server_url) as line:
        line.send(garbage)
        line.stop_sending()
        reply = line.read()
    assert reply is None or 400 <= reply.status < 500
    assert_alive(server_url, KINDS[0])


LENGTHS: tuple[dict[str, str], ...] = (
    {"Content-Length": "-1"},
    {"Content-Length": "abc"},
    {"Content-Length": "1e3"},
    {"Content-Length": "99999999999999999999999"},
    {"Content-Length": "5, 5"},
    {"Content-Length": "5", "Transfer-Encoding": "chunked"},
    {"Transfer-Encoding": "gzip, chunked"},
    {"Transfer-Encoding": "nonsense"},
    {"Content-Length": "0"},
    {},
)


@every_vendor
def test_lengths_that_make_no_sense_are_refused(server_url: str, vendor: str) -> None:
    """A length that is none, two lengths, an unknown coding, no body at all: a refusal or a hang-up, and no task."""
    kind, key = kinds(vendor)[0], fresh_key()
    for length in LENGTHS:
        with Line(server_url) as line:
            line.send(head("POST", path_of(kind), says(key, **length)) + b"0\r\n\r\n")
            line.stop_sending()
            reply = line.read()
        assert reply is None or 400 <= reply.status < 500, length
    assert_alive(server_url, kind)
    assert task_count(server_url, key) == 0


@every_vendor
def test_dots_and_odd_bytes_in_a_path_are_unknown(server_url: str, vendor: str) -> None:
    """Paths as they were sent, not as a library would have tidied them, lead nowhere but to a refusal."""
    kind = kinds(vendor)[0]
    for odd in (
        "..",
        ".",
        "../..",
        "%2e%2e",
        "\xe9",
        "a\tb",
        "[",
        "|",
        "\\",
        "`",
        '"',
        "a" * 60_000,
        "//",
        "?" * 50,
        "%",
    ):
        with Line(server_url) as line:
            reply = line.ask("GET", f"/{vendor}" + kind.poll_path("ID").replace("ID", odd), says(fresh_key()))
        assert reply is None or 400 <= reply.status < 500, odd[:20]
        if reply is not None and reply.headers.get("content-type") == "application/json":
            assert_promised(vendor, None, reply.status, reply.body)
    for absolute in (f"http://fake/{vendor}{kind.submit.path}", f"http://elsewhere.example/{vendor}{kind.submit.path}"):
        with Line(server_url) as line:
            reply = line.ask("POST", absolute, says(fresh_key()), valid(kind))
        assert reply is not None
        assert reply.status < 500
    assert_alive(server_url, kind)


@every_vendor
def test_odd_headers_are_survived(server_url: str, vendor: str) -> None:
    """Blank keys, folded and doubled headers, hundreds of them, no host, HTTP/1.0: an answer each time."""
    kind, body = kinds(vendor)[0], valid(kinds(vendor)[0])
    cases = [
        says(fresh_key(), Authorization=" "),
        says(fresh_key(), Authorization="Bearer   "),
        says(fresh_key(), Authorization="\xff\xfe"),
        says(fresh_key(), **{"Content-Type": "  application/json  "}),
        says(fresh_key(), **{f"X-{number}": "v" for number in range(300)}),
        says(fresh_key(), Expect="100-continue"),
        says(fresh_key(), Expect="200-ok"),
        says(fresh_key(), Connection="close"),
        says(fresh_key(), **{"Accept-Encoding": "gzip;q=nonsense", "Accept": "text/plain", "Range": "bytes=0-1"}),
        says(fresh_key(), **{"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "gopher"}),
    ]
    for headers in cases:
        with Line(server_url) as line:
            reply = line.ask("POST", path_of(kind), headers, body)
            while reply is not None and reply.status == 100:
                reply = line.read()
        assert reply is None or reply.status < 500, headers
    old = (
        b"POST %s HTTP/1.0\r\nContent-Length: %d\r\nAuthorization: Bearer old\r\nContent-Type: application/json\r\n\r\n"
    )
    with Line(server_url) as line:
        line.send(old % (path_of(kind).encode(), len(body)) + body)
        assert promised(kind, line.read()).status < 300
    assert_alive(server_url, kind)


@every_vendor
def test_upgrades_are_not_followed(server_url: str, vendor: str) -> None:
    """A websocket is declined; the server goes on."""
    kind = kinds(vendor)[0]
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    with Line(server_url) as line:
        line.send(head("GET", path_of(kind), upgrade))
        reply = line.read()
    assert reply is None or 400 <= reply.status < 500
    assert_alive(server_url, kind)
