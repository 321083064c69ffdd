"""What no HTTP library would send, byte by byte: an answer or a hang-up in time, and the next client is served."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.fake import Fake
from mockserver.transport import FakeTransport
from properties.promised import KINDS, VENDORS, Desk, Kind, assert_promised, fresh_key, kinds
from properties.wire import Line, Reply, head, whole
from targets import make_fake, serving

Json = Any
BODY_MAX = 2000
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


@pytest.fixture(scope="module")
def narrow_url() -> Iterator[str]:
    """A server that takes small bodies only."""
    with serving("--clock", "manual", "--max-body", str(BODY_MAX)) as url:
        yield url


@pytest.fixture(scope="module")
def narrow_fake() -> Fake:
    """The same without a socket."""
    return make_fake(body_max=BODY_MAX)


def says(key: str, **more: str) -> dict[str, str]:
    """The headers of an ordinary call."""
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json", **more}


def path_of(kind: Kind) -> str:
    """Where a job is submitted on a server of all vendors."""
    return f"/{kind.pack.name}{kind.submit.path}"


def valid(kind: Kind) -> bytes:
    """A body that is taken."""
    return json.dumps(kind.with_prompt("a cat")).encode()


def task_count(url: str, key: str) -> int:
    """How many tasks the account has."""
    answer = httpx.get(f"{url}/__understudy/tasks", params={"key": key}, timeout=20)
    return len(answer.json()["tasks"])


def assert_alive(url: str, kind: Kind) -> None:
    """A new client is served."""
    with Line(url) as line:
        reply = line.ask("POST", path_of(kind), says(fresh_key()), valid(kind))
    assert reply is not None
    assert reply.status < 300, reply


def promised(kind: Kind, reply: Reply | None) -> Reply:
    """An answer of the vendor's, compared with the contract."""
    assert reply is not None, "hung up without an answer"
    assert reply.status < 500, reply
    assert_promised(kind.pack.name, kind.submit.id, reply.status, reply.body)
    return reply


def chunked(*parts: bytes) -> bytes:
    """The parts as chunks, and the end."""
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@every_kind
def test_chunked_body_is_read(server_url: str, kind: Kind) -> None:
    """A body without a length, in pieces of any size, is a body like any other."""
    body = valid(kind)
    for parts in ([body], [bytes([each]) for each in body], [body[:7], body[7:]]):
        with Line(server_url) as line:
            line.send(
                head("POST", path_of(kind), says(fresh_key(), **{"Transfer-Encoding": "chunked"})) + chunked(*parts)
            )
            assert promised(kind, line.read()).status < 300
    with Line(server_url) as line:
        line.send(
            head("POST", path_of(kind), says(fresh_key(), **{"Transfer-Encoding": "chunked"})) + chunked(body[:-5])
        )
        assert promised(kind, line.read()).status >= 400


@every_kind
def test_body_that_breaks_off_makes_no_task(server_url: str, kind: Kind) -> None:
    """A client that hangs up before its body is complete has submitted nothing."""
    body, key = valid(kind), fresh_key()
    with Line(server_url) as line:
        line.send(head("POST", path_of(kind), says(key, **{"Content-Length": str(len(body) + 10)})) + body)
        line.stop_sending()
        reply = line.read()
    assert reply is None or reply.status == 400
    with Line(server_url) as line:
        line.send(
            head("POST", path_of(kind), says(key, **{"Transfer-Encoding": "chunked"}))
            + b"%x\r\n%s\r\n" % (len(body), body)
        )
    assert_alive(server_url, kind)
    assert task_count(server_url, key) == 0


@every_kind
def test_pipelined_requests_are_answered_in_order(server_url: str, kind: Kind) -> None:
    """Requests sent before the answers came get their answers one by one, in the order of the requests."""
    key = fresh_key()
    good = whole("POST", path_of(kind), valid(kind), says(key))
    bad = whole("POST", path_of(kind), b"{", says(key))
    unknown = head("GET", f"/{kind.pack.name}{kind.poll_path('nobody')}", says(key))
    with Line(server_url) as line:
        line.send(good + bad + unknown + good)
        replies = [line.read() for _ in range(4)]
    statuses = [reply.status if reply is not None else 0 for reply in replies]
    assert statuses[0] == statuses[3] < 300
    assert statuses[1] == 400
    assert statuses[2] in (400, 404)
    assert task_count(server_url, key) == 2


@every_kind
def test_pipelined_requests_of_all_sorts_keep_their_order(server_url: str, kind: Kind) -> None:
    """Calls to a vendor, to the admin API and for a video, sent in one go by a client that reads only afterwards."""
    key = fresh_key()
    submit = whole("POST", path_of(kind), valid(kind), says(key))
    mixed = [
        submit,
        head("GET", f"/__understudy/requests?key={key}"),
        submit,
        head("GET", "/__media/x"),
        head("GET", "/nowhere"),
    ]
    with Line(server_url) as line:
        line.send(b"".join(mixed * 40))
        replies = [line.read() for _ in range(200)]
    seen = [reply for reply in replies if reply is not None]
    assert [reply.status for reply in seen[:5]] == [seen[0].status, 200, seen[0].status, 404, 404]
    assert [reply.status for reply in seen] == [reply.status for reply in seen[:5]] * 40
    told = [len(json.loads(reply.body)["requests"]) for reply in seen[1::5]]
    assert told == [1 + 2 * number for number in range(40)], "each answer was made in its turn"
    ids = [kind.task_id(json.loads(reply.body)) for at in (0, 2) for reply in seen[at::5]]
    assert len(set(ids)) == 80 == task_count(server_url, key)


@every_vendor
def test_connection_ends_when_the_client_wants_it_to(server_url: str, vendor: str) -> None:
    """`Connection: close` and HTTP/1.0: the answer, then the end; otherwise the line stays open."""
    kind = kinds(vendor)[0]
    with Line(server_url) as line:
        closing = line.ask("POST", path_of(kind), says(fresh_key(), Connection="close"), valid(kind))
        assert promised(kind, closing).headers.get("connection") == "close"
        assert line.read() is None
    for header in ("", "Connection: keep-alive\r\n"):
        with Line(server_url) as line:
            line.send(f"GET {path_of(kind)} HTTP/1.0\r\n{header}\r\n".encode())
            assert line.read() is not None
            assert line.read() is None
    with Line(server_url) as line:
        for _ in range(20):
            promised(kind, line.ask("POST", path_of(kind), says("kept"), valid(kind)))


TARGETS = (
    "*",
    "/",
    "//",
    "///",
    "?",
    "?x=1",
    "/#fragment",
    "http:",
    "http://",
    "http://[::1",
    "//host/path",
    "/%",
    "/a b",
    "fake",
    "",
)


@pytest.mark.parametrize("target", TARGETS)
def test_odd_request_targets_are_refused(server_url: str, target: str) -> None:
    """What is no path, or one that belongs to nobody."""
    for method in ("GET", "POST", "OPTIONS", "HEAD"):
        with Line(server_url) as line:
            reply = line.ask(method, target, says(fresh_key()), b"{}")
        assert reply is None or 400 <= reply.status < 500, method
    assert_alive(server_url, KINDS[0])


@every_kind
def test_body_of_a_get_is_passed_over(server_url: str, kind: Kind) -> None:
    """A read that carries a body is a read, and the connection stays usable."""
    key = fresh_key()
    path = f"/{kind.pack.name}{kind.poll_path('nobody')}"
    with Line(server_url) as line:
        for _ in range(3):
            reply = line.ask("GET", path, says(key), valid(kind))
            assert reply is not None
            assert reply.status in (400, 404)
        assert promised(kind, line.ask("POST", path_of(kind), says(key), valid(kind))).status < 300


@every_kind
def test_body_over_the_limit_is_refused_in_the_envelope(narrow_url: str, kind: Kind) -> None:
    """413 in the vendor's words, with a length and without, whatever the body holds; one byte less is read."""
    huge, key = b"x" * (BODY_MAX + 1), fresh_key()
    for content in (huge, huge * 200):
        with Line(narrow_url) as line:
            refused = promised(kind, line.ask("POST", path_of(kind), says(key), content))
            assert refused.status == 413
            assert promised(kind, line.ask("POST", path_of(kind), says(key), valid(kind))).status < 300, (
                "the line is usable"
            )
        with Line(narrow_url) as line:
            pieces = [content[at : at + 1000] for at in range(0, len(content), 1000)]
            line.send(head("POST", path_of(kind), says(key, **{"Transfer-Encoding": "chunked"})) + chunked(*pieces))
            assert promised(kind, line.read()).status == 413
    body = valid(kind)
    with Line(narrow_url) as line:
        largest = body + b" " * (BODY_MAX - len(body))
        assert promised(kind, line.ask("POST", path_of(kind), says(key), largest)).status < 300
        line.send(head("POST", path_of(kind), says(key, **{"Transfer-Encoding": "chunked"})))
        line.send(chunked(largest[:10], largest[10:]))
        assert promised(kind, line.read()).status < 300
    assert task_count(narrow_url, key) == 4


@every_kind
def test_body_over_the_limit_is_refused_without_a_socket(narrow_fake: Fake, kind: Kind) -> None:
    """The transport has the same limit as the server."""
    key, body = fresh_key(), valid(kind)
    with httpx.Client(base_url="http://fake", transport=FakeTransport(narrow_fake)) as client:
        for size, refused in ((BODY_MAX, False), (BODY_MAX + 1, True)):
            answer = client.post(path_of(kind), content=body + b" " * (size - len(body)), headers=says(key))
            assert_promised(kind.pack.name, kind.submit.id, answer.status_code, answer.content)
            assert (answer.status_code == 413) == refused
    violation = narrow_fake.store.entries(key, None, None)[-1].violations[0]
    assert violation.rule == "maxBytes"
    assert Desk(narrow_fake, kind.pack.name, key).submit(kind, kind.with_prompt("a")).status < 300


@every_vendor
def test_methods_that_do_not_exist_are_refused(server_url: str, vendor: str) -> None:
    """A word that is no method of HTTP is refused by the server itself; one of HTTP's own by the vendor."""
    kind = kinds(vendor)[0]
    for method in ("FROB", "get", "POSTX", "\x00", "G ET", ""):
        with Line(server_url) as line:
            reply = line.ask(method, path_of(kind), says(fresh_key()))
            assert reply is None or reply.status in (400, 404, 405), method
    for method in ("TRACE", "PROPFIND", "PURGE", "REPORT", "LINK", "MKCOL"):
        with Line(server_url) as line:
            assert promised(kind, line.ask(method, path_of(kind), says(fresh_key()))).status in (404, 405), method
    with Line(server_url) as line:
        reply = line.ask("HEAD", path_of(kind), says(fresh_key()))
        assert reply is not None
        assert reply.status in (404, 405)
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
