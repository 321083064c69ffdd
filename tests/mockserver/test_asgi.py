"""The fake as an ASGI application, spoken to in the messages of the protocol: what any server may send it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from mockserver.app import App, create_app
from properties.promised import KINDS, VENDORS, Kind, assert_promised, fresh_key, kinds, lasting_fake
from targets import make_fake

Json = Any
Message = dict[str, Any]
BODY_MAX = 2000
DISCONNECT: Message = {"type": "http.disconnect"}
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def scope_of(path: str, method: str = "POST", key: str = "key", **more: Any) -> Message:
    """A request's scope."""
    headers = [(b"host", b"fake"), (b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")]
    plain = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "http",
    }
    return {**plain, "headers": headers, **more}


def pieces(*parts: bytes) -> list[Message]:
    """A body as it comes in, piece by piece."""
    last = len(parts) - 1
    return [{"type": "http.request", "body": part, "more_body": at < last} for at, part in enumerate(parts)]


async def ask(app: App, scope: Message, messages: Iterable[Message]) -> tuple[int, bytes] | None:
    """Status and body; None when nothing was answered."""
    waiting, sent = list(messages), list[Message]()

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if not sent:
        return None
    start, *rest = sent
    assert start["type"] == "http.response.start"
    assert all(isinstance(part, bytes) for header in start["headers"] for part in header)
    return start["status"], b"".join(message["body"] for message in rest)


def valid(kind: Kind) -> bytes:
    """A body that is taken."""
    return json.dumps(kind.with_prompt("a cat")).encode()


@every_kind
async def test_body_in_pieces_is_a_body(kind: Kind) -> None:
    """In one piece, in two, byte by byte, with empty pieces and without members that may be left out."""
    app, body = create_app(lasting_fake(kind.pack.name)), valid(kind)
    path = f"/{kind.pack.name}{kind.submit.path}"
    ways: list[list[Message]] = [
        pieces(body),
        pieces(body[:9], body[9:]),
        pieces(*(bytes([each]) for each in body)),
        pieces(b"", body, b""),
        [{"type": "http.request", "body": body}],
        [{"type": "http.request", "more_body": True}, {"type": "http.request", "body": body}],
    ]
    for messages in ways:
        answer = await ask(app, scope_of(path), messages)
        assert answer is not None
        assert_promised(kind.pack.name, kind.submit.id, *answer)
        assert answer[0] < 300


@every_kind
async def test_body_over_the_limit_is_refused_however_it_comes(kind: Kind) -> None:
    """One byte too many, in one piece or in many, is 413; the limit itself is taken."""
    app, body = create_app(make_fake(kind.pack.name, body_max=BODY_MAX)), valid(kind)
    for size, taken in ((BODY_MAX, True), (BODY_MAX + 1, False), (BODY_MAX * 10, False)):
        whole = body + b" " * (size - len(body))
        for messages in (
            pieces(whole),
            pieces(whole[:7], whole[7:]),
            pieces(*(whole[at : at + 100] for at in range(0, size, 100))),
        ):
            answer = await ask(app, scope_of(kind.submit.path), messages)
            assert answer is not None
            assert_promised(kind.pack.name, kind.submit.id, *answer)
            assert (answer[0] in kind.refused("body_too_large")) == (not taken)
            assert answer[0] < 500


@every_kind
async def test_client_that_leaves_before_the_end_has_asked_nothing(kind: Kind) -> None:
    """No answer, no task, no entry: a body that may be incomplete is not acted on."""
    fake, key = lasting_fake(kind.pack.name), fresh_key()
    body = valid(kind)
    messages = [{"type": "http.request", "body": body, "more_body": True}, DISCONNECT]
    answer = await ask(create_app(fake), scope_of(kind.submit.path, key=key), messages)

    assert answer is None
    assert fake.tasks(key) == []
    assert fake.store.entries(key, None, None) == []


@pytest.mark.parametrize("vendor", VENDORS)
async def test_server_may_leave_out_what_is_optional(vendor: str) -> None:
    """No raw path, no host, no headers at all, another scheme: an answer."""
    kind = kinds(vendor)[0]
    app = create_app(lasting_fake(vendor))
    bare = scope_of(kind.submit.path)
    for change in ({"raw_path": None}, {"raw_path": b""}, {"headers": bare["headers"][1:]}, {"scheme": "https"}):
        answer = await ask(app, {**bare, **change}, pieces(valid(kind)))
        assert answer is not None
        assert answer[0] < 300, change
    answer = await ask(app, {**bare, "headers": []}, pieces(valid(kind)))
    assert answer is not None
    assert answer[0] in kind.refused("key_missing")


async def test_lifespan_and_websockets_are_answered() -> None:
    """Started and ended when told; a websocket is turned away; neither is an error."""
    app = create_app(lasting_fake(VENDORS[0]))
    for kind, messages, expected in (
        (
            "lifespan",
            ["lifespan.startup", "lifespan.shutdown"],
            ["lifespan.startup.complete", "lifespan.shutdown.complete"],
        ),
        ("websocket", [], ["websocket.close"]),
    ):
        waiting, sent = list(messages), list[str]()

        async def receive(waiting: list[str] = waiting) -> Message:
            return {"type": waiting.pop(0)}

        async def send(message: Any, sent: list[str] = sent) -> None:
            sent.append(message["type"])

        await app({"type": kind}, receive, send)
        assert sent == expected
