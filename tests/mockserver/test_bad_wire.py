"""Bodies as no HTTP library would send them: chunked, broken off, too large, in one go with others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver.fake import Fake
from mockserver.transport import FakeTransport
from properties.promised import KINDS, VENDORS, Desk, Kind, assert_promised, fresh_key, kinds
from properties.wire import Line, head, whole
from properties.wired_calls import assert_alive, chunked, path_of, promised, says, task_count, valid
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
    assert statuses[1] in kind.refused("json_malformed")
    assert statuses[2] in kind.unknown
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
        assert line.is_over()
    for header in ("", "Connection: keep-alive\r\n"):
        with Line(server_url) as line:
            line.send(f"GET {path_of(kind)} HTTP/1.0\r\n{header}\r\n".encode())
            assert line.read() is not None
            assert line.is_over()
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
            assert reply.status in kind.unknown
        assert promised(kind, line.ask("POST", path_of(kind), says(key), valid(kind))).status < 300


@every_kind
def test_body_over_the_limit_is_refused_in_the_envelope(narrow_url: str, kind: Kind) -> None:
    """413 in the vendor's words, with a length and without, whatever the body holds; one byte less is read."""
    huge, key = b"x" * (BODY_MAX + 1), fresh_key()
    for content in (huge, huge * 200):
        with Line(narrow_url) as line:
            refused = promised(kind, line.ask("POST", path_of(kind), says(key), content))
            assert refused.status in kind.refused("body_too_large")
        with Line(narrow_url) as line:
            pieces = [content[at : at + 1000] for at in range(0, len(content), 1000)]
            line.send(head("POST", path_of(kind), says(key, **{"Transfer-Encoding": "chunked"})) + chunked(*pieces))
            assert promised(kind, line.read()).status in kind.refused("body_too_large")
    body = valid(kind)
    with Line(narrow_url) as line:
        largest = body + b" " * (BODY_MAX - len(body))
        assert promised(kind, line.ask("POST", path_of(kind), says(key), largest)).status < 300
        line.send(head("POST", path_of(kind), says(key, **{"Transfer-Encoding": "chunked"})))
        line.send(chunked(largest[:10], largest[10:]))
        assert promised(kind, line.read()).status < 300
    assert task_count(narrow_url, key) == 2


@every_kind
def test_body_over_the_limit_is_refused_without_a_socket(narrow_fake: Fake, kind: Kind) -> None:
    """The transport has the same limit as the server."""
    key, body = fresh_key(), valid(kind)
    with httpx.Client(base_url="http://fake", transport=FakeTransport(narrow_fake)) as client:
        for size, refused in ((BODY_MAX, False), (BODY_MAX + 1, True)):
            answer = client.post(path_of(kind), content=body + b" " * (size - len(body)), headers=says(key))
            assert_promised(kind.pack.name, kind.submit.id, answer.status_code, answer.content)
            assert (answer.status_code in kind.refused("body_too_large")) == refused
    violation = narrow_fake.store.entries(key, None, None)[-1].violations[0]
    assert violation.rule == "maxBytes"
    assert Desk(narrow_fake, kind.pack.name, key).submit(kind, kind.with_prompt("a")).status < 300
