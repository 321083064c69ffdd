"""Bodies over the limit: refused before they have come, in the words of whom they were for, and so that it is read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, cast

import pytest

from mockserver import direct
from properties.promised import KINDS, VENDORS, Kind, fresh_key, kinds
from properties.wire import Line, Reply, head, whole
from properties.wired_calls import assert_alive, chunked, path_of, promised, says, task_count, valid
from targets import serving

Json = Any
BODY_MAX = 2000
HUGE = 10**12
# More than the buffers between two processes hold: who sends it all first must be read from meanwhile.
LARGE = 30_000_000
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


@pytest.fixture(scope="module")
def narrow_url() -> Iterator[str]:
    """A server that takes small bodies only."""
    with serving("--clock", "manual", "--max-body", str(BODY_MAX)) as url:
        yield url


def announcing(size: int, key: str, **more: str) -> Mapping[str, str]:
    """The headers of a call with so large a body."""
    return says(key, **{"Content-Length": str(size)}, **more)


def refused(kind: Kind, reply: Reply | None) -> None:
    """413 in the vendor's envelope, the last answer on its connection."""
    assert reply is not None, "hung up without an answer"
    assert promised(kind, reply).status in kind.refused("body_too_large")
    assert reply.headers["connection"] == "close"


def refused_by_admin(reply: Reply | None) -> None:
    """413 as a problem that names the limit."""
    assert reply is not None, "hung up without an answer"
    assert reply.status == json.loads(reply.body)["status"] == 413
    assert reply.headers["content-type"] == "application/problem+json"
    assert str(BODY_MAX) in json.loads(reply.body)["detail"]


@every_kind
def test_announced_size_is_enough_to_be_refused(narrow_url: str, kind: Kind) -> None:
    """Before a byte of the body is there; what follows is the body, whatever it looks like."""
    for size in (BODY_MAX + 1, HUGE):
        with Line(narrow_url) as line:
            line.send(head("POST", path_of(kind), announcing(size, fresh_key())))
            refused(kind, line.read())
            line.send(whole("POST", path_of(kind), valid(kind), says("later")))
            assert line.is_over()
    assert task_count(narrow_url, "later") == 0


@every_vendor
def test_expected_continue_is_refused_instead(narrow_url: str, vendor: str) -> None:
    """Who asks before sending is told no, and not to go on; up to the limit it is told to."""
    kind = kinds(vendor)[0]
    with Line(narrow_url) as line:
        line.send(head("POST", path_of(kind), announcing(HUGE, fresh_key(), Expect="100-continue")))
        refused(kind, line.read())
        assert line.is_over()
    body = valid(kind) + b" " * (BODY_MAX - len(valid(kind)))
    with Line(narrow_url) as line:
        line.send(head("POST", path_of(kind), announcing(BODY_MAX, fresh_key(), Expect="100-continue")))
        first = line.read()
        assert first is not None
        assert first.status == 100
        line.send(body)
        assert promised(kind, line.read()).status < 300


@every_vendor
def test_client_that_sends_all_before_it_reads_sees_the_answer(narrow_url: str, vendor: str) -> None:
    """Nobody hangs up on it meanwhile, with a length, in chunks, and with an upgrade offered."""
    kind, body = kinds(vendor)[0], b"x" * LARGE
    in_chunks = head("POST", path_of(kind), says(fresh_key(), **{"Transfer-Encoding": "chunked"})) + chunked(body)
    offered = announcing(LARGE, fresh_key(), Connection="Upgrade", Upgrade="h2c")
    for request in (
        head("POST", path_of(kind), announcing(LARGE, fresh_key())) + body,
        in_chunks,
        head("POST", path_of(kind), offered) + body,
    ):
        with Line(narrow_url) as line:
            line.send_to_the_end(request)
            refused(kind, line.read())
            assert line.is_over()
    assert_alive(narrow_url, kind)


@every_vendor
def test_answers_before_a_refusal_come_first(narrow_url: str, vendor: str) -> None:
    """A call that is too large behind others, in one go: each is answered, in order, and nothing after it."""
    kind, key = kinds(vendor)[0], fresh_key()
    good = whole("POST", path_of(kind), valid(kind), says(key))
    with Line(narrow_url) as line:
        line.send(good + good + whole("POST", path_of(kind), b" " * (BODY_MAX + 1), says(key)) + good)
        for _ in range(2):
            assert promised(kind, line.read()).status < 300
        refused(kind, line.read())
        assert line.is_over()
    assert task_count(narrow_url, key) == 2


@every_vendor
def test_refusal_keeps_the_vendor_s_order(narrow_url: str, vendor: str) -> None:
    """Nobody's call is refused as nobody's, at nobody's path as such, whatever its size; so it is without a size."""
    kind = kinds(vendor)[0]
    length = {"Content-Length": str(HUGE)}
    with Line(narrow_url) as line:
        line.send(head("POST", path_of(kind), length))
        assert promised(kind, line.read()).status in kind.refused("key_missing")
    with Line(narrow_url) as line:
        line.send(head("POST", "/nobody/at/all", length))
        reply = line.read()
        assert reply is not None
        assert reply.status == 404


ADMIN_CALLS = ("/clock", "/tasks/nobody", "/reset", "/nowhere")


@pytest.mark.parametrize("path", ADMIN_CALLS)
@pytest.mark.parametrize("expect", [{}, {"Expect": "100-continue"}], ids=["", "expect"])
def test_admin_calls_have_the_same_limit(narrow_url: str, path: str, expect: Mapping[str, str]) -> None:
    """413 at once, as a problem; the connection ends."""
    with Line(narrow_url) as line:
        line.send(head("POST", f"/__understudy{path}", {"Content-Length": str(HUGE), **expect}))
        refused_by_admin(line.read())
        assert line.is_over()


def test_admin_call_without_a_length_has_the_same_limit(narrow_url: str) -> None:
    """In chunks, too: 413 once it is too much, and nothing moves; the limit itself is taken."""
    path = f"/__understudy/clock?key={fresh_key()}"
    body = b'{"advance_seconds": 5}'
    chunks = {"Transfer-Encoding": "chunked"}
    with Line(narrow_url) as line:
        for spaces in (BODY_MAX - len(body) + 1, LARGE):
            line.send(head("POST", path, chunks) + chunked(body, b" " * spaces))
            refused_by_admin(line.read())
        line.send(head("POST", path, chunks) + chunked(body, b" " * (BODY_MAX - len(body))))
        reply = line.read()
        assert reply is not None
        assert json.loads(reply.body)["now"] == "2026-01-01T00:00:05.000Z"


class Refused:
    """A connection behind a refusal, as far as the reading on knows it."""

    def __init__(self) -> None:
        self.transport = self.loop = self
        self.now = 0.0
        self.is_open = self.sends = True
        self.is_waited_for = False

    def time(self) -> float:
        return self.now

    def wait_for_more(self) -> None:
        self.is_waited_for = True

    def is_closing(self) -> bool:
        return not self.is_open

    def write_eof(self) -> None:
        self.sends = False

    def close(self) -> None:
        self.is_open = False


@pytest.mark.parametrize(("pieces", "seconds"), [(10_000, 0.0), (10, 10.0)], ids=["too much", "too long"])
def test_reading_on_has_an_end(pieces: int, seconds: float) -> None:
    """A client that never stops sending is hung up on after so much, or so long; until then it is read from."""
    connection = Refused()
    reading_on = direct._Discard(cast("direct.DirectProtocol", connection))
    assert not connection.sends
    piece = bytes(2**20)
    taken = 0
    while connection.is_open:
        assert connection.is_waited_for, "silence has an end of its own"
        connection.is_waited_for = False
        reading_on.feed_data(piece)
        taken += 1
        connection.now += seconds
        assert taken < pieces
    assert taken > min(pieces // 10, 3)
