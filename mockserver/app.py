"""The ASGI edge: HTTP in, core, HTTP out. Vendors' paths go straight to the core, admin and pages load on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote

import orjson

from mockserver.calllog import CallLog
from mockserver.fake import Fake
from mockserver.handover import Handover
from mockserver.holdups import pause_seconds, pieces
from mockserver.letters import Webhook
from mockserver.mail import Outcome
from mockserver.messages import Answer, Call, Delivery, Headers
from mockserver.postman import Carry, Postman
from mockserver.rendering import MEDIA_PREFIX
from mockserver.results import read_result
from mockserver.targets import POLICIES

Message: TypeAlias = MutableMapping[str, Any]
Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

# Everything under it is ours, no vendor's.
OWN_PREFIX = "/__"
ADMIN_PREFIX = "/__understudy"
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class Asked(NamedTuple):
    """A request as a server has read it; the path is percent-encoded, header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Headers
    scheme: str


class App:
    """The fake as an ASGI application."""

    def __init__(
        self, fake: Fake, *, admin_token: str | None = None, log: CallLog | None = None, callbacks: str = "loopback"
    ) -> None:
        if admin_token == "":
            message = "an empty admin_token protects nothing; None is for an admin API that is open"
            raise ValueError(message)
        if callbacks not in POLICIES:
            message = f"callbacks must be one of {', '.join(POLICIES)}, not {callbacks!r}"
            raise ValueError(message)
        self.fake = fake
        self._admin_token = admin_token
        self._log = log
        self._callbacks = callbacks
        self.postman = Postman(fake.mail, self._make_carry)
        self._admin: ASGIApp | None = None
        self.body_max = fake.settings.body_max
        self.draining = False
        """Set by a server that is about to end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's request, or the server's start and end."""
        if scope["type"] != "http":
            await self._lifespan(scope, receive, send)
            return
        path: str = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else quote(scope["path"])
        if path.startswith(OWN_PREFIX):
            await self._own_path(path, scope, receive, send)
            return
        body: bytes | None = b""
        if scope["method"] not in _BODILESS:
            message = await receive()
            body = message.get("body", b"")
            if message.get("more_body") or len(message.get("body", b"")) > self.body_max:
                body, complete = await self._read_rest(body, message, receive)
                if not complete:
                    return
        query = scope["query_string"].decode("latin-1")
        asked = Asked(scope["method"], path, query, dict(scope["headers"]), scope["scheme"])
        await _respond(self.answer(asked, body), send)

    def answer(self, asked: Asked, body: bytes | None) -> Answer:
        """What is answered to a request outside of our own paths; a body that was too large comes as None."""
        method, path, query, headers, scheme = asked
        host = headers.get(b"host", b"").decode("latin-1")
        found = self.fake.find_vendor(path, host)
        if found is None:
            return self._no_vendor(path)
        answer, entry = self.fake.handle(found[0], Call(method, found[1], query, headers, body, f"{scheme}://{host}"))
        if self._log is not None:
            self._log.add(entry)
        return answer

    async def _read_rest(self, body: Any, message: Message, receive: Receive) -> tuple[bytes | None, bool]:
        """The whole body, None in its place when it is too large; and whether the client sent it to the end."""
        parts, size = [body], len(body)
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                return None, False
            part = message.get("body", b"")
            size += len(part)
            if size <= self.body_max:
                parts.append(part)
            else:
                # The rest is read and thrown away: a client that is still sending would not see the answer.
                parts.clear()
        return (b"".join(parts) if size <= self.body_max else None), True

    async def _own_path(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if path.startswith(MEDIA_PREFIX + "/"):
            await _respond(read_result(self.fake, scope["method"], path, dict(scope["headers"])), send)
            return
        if self._admin is None:
            # Imported here for start-up: Starlette costs as much as the server, and most runs never ask.
            from mockserver.admin import create_admin

            self._admin = create_admin(self.fake, self._admin_token, ADMIN_PREFIX, self.postman, lambda: self.draining)
        await self._admin(scope, receive, send)

    def _make_carry(self) -> Carry:
        if self.fake.handover is not None:
            return _in_thread(self.fake.handover)
        # Imported here for start-up: most runs have no webhooks.
        from mockserver.courier import Courier

        return Courier(self._callbacks).carry

    async def _lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        while scope["type"] == "lifespan":
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.postman.start()
            else:
                await self.postman.close()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return

    def _no_vendor(self, path: str) -> Answer:
        served = ", ".join(f"/{name}" for name in self.fake.vendors)
        detail = f"{path} belongs to no vendor; served here: {served}; the admin API is at {ADMIN_PREFIX}/openapi.json"
        return problem_answer(HTTPStatus.NOT_FOUND, detail)


def problem_answer(status: HTTPStatus, detail: str) -> Answer:
    """A problem (RFC 9457) of ours, made without Starlette, which most runs never load."""
    body = orjson.dumps({"type": "about:blank", "title": status.phrase, "status": status, "detail": detail})
    return Answer(
        status, [(b"content-type", b"application/problem+json"), (b"content-length", b"%d" % len(body))], body
    )


async def _respond(answer: Answer, send: Send) -> None:
    if answer.delivery is not None:
        await _respond_faultily(answer, answer.delivery, send)
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _respond_faultily(answer: Answer, delivery: Delivery, send: Send) -> None:
    """As a fault has it, as far as ASGI can say it: there a connection only closes behind a head."""
    await asyncio.sleep(delivery.delay_seconds)
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    cut = len(answer.body) if delivery.cut_bytes is None else delivery.cut_bytes
    sent = b"" if delivery.ends else answer.body[:cut]
    pause = pause_seconds(delivery, sent)
    for number, piece in enumerate(pieces(sent) if delivery.drip_seconds else (sent,)):
        await asyncio.sleep(pause if number else 0)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    if len(sent) < len(answer.body):
        message = f"{len(answer.body) - len(sent)} bytes are not sent: a fault breaks the connection"
        raise ConnectionResetError(message)
    await send({"type": "http.response.body", "body": b""})


def _in_thread(handover: Handover) -> Carry:
    """A receiver of this process may take its time, and ask this server something meanwhile."""

    async def carry(webhook: Webhook) -> Outcome:
        return await asyncio.to_thread(handover.receive, webhook)

    return carry


def create_app(
    fake: Fake, *, admin_token: str | None = None, log: CallLog | None = None, callbacks: str = "loopback"
) -> App:
    """The ASGI application of a fake, which sends webhooks as far as `callbacks` says: off, loopback or any.

    ValueError when the admin token is empty, or `callbacks` another word.
    """
    return App(fake, admin_token=admin_token, log=log, callbacks=callbacks)
