"""The short way through uvicorn: a vendor's call is answered where its last byte is parsed.

An ASGI request costs a task, a cycle object and four turns of the event loop; the core needs none of them, for it never
waits. So calls to vendors are answered in the parser's own callbacks, and everything else (our own paths, `Expect`, a
request behind one that still runs) goes the ordinary way. Both ways end in `App.answer`.

What is settled before the ways part: an offered upgrade is passed over, a target with a host in it counts for more than
the header, and a body that is too large is refused before it has come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar, cast

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mockserver.app import OWN_PREFIX, App, Asked, problem_answer
from mockserver.holdups import HeldUp, Holdups
from mockserver.messages import Answer, Headers
from mockserver.outbox import Outbox

# How long a connection may be idle. Clients give one up after 5 s (httpx), 15 (aiohttp), 90 (Go) or 300 (OkHttp);
# whoever hangs up at the same moment as the client makes it lose a call that it has just sent.
IDLE_SECONDS_MAX = 320
_OURS = OWN_PREFIX.encode()
_FAILED = Answer(500, [(b"content-type", b"text/plain"), (b"content-length", b"21")], b"Internal Server Error")
# How much is read, and for how long, from a client that was refused and goes on sending.
_LINGER_BYTES = 1024 * 1024 * 1024
_LINGER_SECONDS = 30


class _TooLargeError(Exception):
    """Ends the parsing: this call is refused now, and nothing behind it is a call."""


class DirectProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a short cut; use `direct_protocol` to make one for an app."""

    fake_app: ClassVar[App]
    # What all answers begin with, kept until uvicorn renews it (it holds the date).
    _defaults: ClassVar[tuple[list[tuple[bytes, bytes]], bytes]] = ([], b"")
    _outbox: ClassVar[Outbox]

    _direct = False
    _upgrade_offered = False
    _size = 0
    _idle_since: float | None = None
    _headers: Headers
    _running: RequestResponseCycle | None = None
    _holdups: Holdups | None = None
    _ends_soon = False

    def data_received(self, data: bytes) -> None:
        """Parses, and so answers; where the parser stops it goes on, refuses, or gives up."""
        self._idle_since = None
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as stop:
                data = self._without_upgrade() + data[stop.args[0] :]
                continue
            except httptools.HttpParserError as problem:
                self._give_up(problem)
            return

    def on_message_begin(self) -> None:
        """Only what the short way needs; the scope is made when the ordinary way is taken."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """Chooses the way."""
        # What is no address ends here, in the answer that uvicorn has for it: 400.
        self._target = target = httptools.parse_url(self.url)
        if target.host:
            self._take_host_of_target()
        self._headers = headers = dict(self.headers)
        cycle: Any = self.cycle
        waiting = cycle is not None and not cycle.response_complete
        if b"content-length" in headers and int(headers[b"content-length"]) > self.fake_app.body_max and not waiting:
            raise _TooLargeError
        if waiting or self.expect_100_continue or self.parser.should_upgrade() or self.url.startswith(_OURS):
            self._direct = False
            self._leave_the_short_way()
        else:
            self._direct = True
            self._parts: list[bytes] = []
            self._size = 0

    def on_body(self, body: bytes) -> None:
        """Kept, up to the limit."""
        if not self._direct:
            super().on_body(body)
            return
        self._size += len(body)
        if self._size > self.fake_app.body_max:
            raise _TooLargeError
        self._parts.append(body)

    def on_message_complete(self) -> None:
        """Answers."""
        if not self._direct:
            if not self._upgrade_offered:
                super().on_message_complete()
            return
        parser, parts = self.parser, self._parts
        method = parser.get_method().decode("ascii")
        answer = self._answer(method, parts[0] if len(parts) == 1 else b"".join(parts))
        keep_alive = parser.should_keep_alive() and parser.get_http_version() != "1.0" and answer is not _FAILED
        sent = self._after_answer if keep_alive else self.transport.close
        if answer.delivery is not None or self._holdups is not None:
            self._hold_up(answer, sent, with_body=method != "HEAD", keep_alive=keep_alive)
        else:
            self._send(answer, sent, with_body=method != "HEAD", keep_alive=keep_alive)

    def _answer(self, method: str, body: bytes | None) -> Answer:
        url = self._target
        query = url.query.decode("latin-1") if url.query else ""
        path = url.path.decode("latin-1") if url.path else "/"
        try:
            return self.fake_app.answer(Asked(method, path, query, self._headers, self.scheme or "http"), body)
        except Exception:
            self.logger.exception("a call could not be answered")
            return _FAILED

    def _send(self, answer: Answer, sent: Callable[[], None], *, with_body: bool, keep_alive: bool) -> None:
        head = self._head(answer, keep_alive=keep_alive)
        self._outbox.add(self.transport, head + answer.body if with_body else head, sent)
        self.server_state.total_requests += 1

    def _head(self, answer: Answer, *, keep_alive: bool) -> bytes:
        defaults = self.server_state.default_headers
        known, written = DirectProtocol._defaults
        if known is not defaults:
            written = b"".join(b"%b: %b\r\n" % header for header in defaults)
            DirectProtocol._defaults = (defaults, written)
        parts = [STATUS_LINE[answer.status], written]
        for name, value in answer.headers:
            parts += (name, b": ", value, b"\r\n")
        parts.append(b"\r\n" if keep_alive else b"connection: close\r\n\r\n")
        return b"".join(parts)

    def _after_answer(self) -> None:
        if self.flow.write_paused:
            # A client that asks and does not read: nothing more is read from it until it does.
            self.flow.pause_reading()
        self.wait_for_more()

    def wait_for_more(self) -> None:
        """From now on the client is idle. One timer watches a connection: one for each call would cost more than it."""
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def timeout_keep_alive_handler(self) -> None:
        """Hangs up on a client that has been idle for so long; otherwise looks again when it might have been."""
        self.timeout_keep_alive_task = None
        if self._idle_since is None:
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(left, self.timeout_keep_alive_handler)
        else:
            super().timeout_keep_alive_handler()

    def resume_writing(self) -> None:
        """Reads on, too."""
        super().resume_writing()
        if self._direct:
            self.flow.resume_reading()

    # What comes seldom

    def _hold_up(self, answer: Answer, sent: Callable[[], None], *, with_body: bool, keep_alive: bool) -> None:
        """An answer that a fault delivers in its own way, or one that waits behind such an answer."""
        self._outbox.send()
        if self._holdups is None:
            # Nothing more is read meanwhile: what the client sends waits with the client.
            self.flow.pause_reading()
            self._holdups = Holdups(self.transport, self._go_on)
        unsent = answer.delivery is not None and answer.delivery.ends is not None
        head = b"" if unsent else self._head(answer, keep_alive=keep_alive)
        self._holdups.add(HeldUp(head, answer.body if with_body else b"", answer.delivery, sent))
        self.server_state.total_requests += 1

    def _go_on(self) -> None:
        """The last held-up answer has left."""
        self._holdups = None
        self.flow.resume_reading()
        if self._ends_soon:
            self.transport.close()

    def _leave_the_short_way(self) -> None:
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                message = "there are no tunnels here"
                raise ValueError(message)
            # The parser stops behind this head without a look at the body: `_without_upgrade` lets it go on.
            self._upgrade_offered = True
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Keeps what runs now; uvicorn itself keeps what came last."""
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Begins the next call, and reads on when none is left: else who sends faster than we answer fills us up."""
        super().on_response_complete()
        self._idle_since = self.loop.time()
        if self.pipeline and not self.transport.is_closing():
            self.flow.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells what runs that nobody is there any more, or it would write to nobody and fail."""
        if self._running is not None:
            self._running.disconnected = True
        if self._holdups is not None:
            self._holdups.stop()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server ends: what is answered is sent before; what is held up may still come, if it comes soon."""
        self._outbox.send()
        if self._holdups is not None:
            self._ends_soon = True
        else:
            super().shutdown()

    def hang_up(self) -> None:
        """Ends the connection now, whatever is still to be sent or read."""
        if self._running is not None:
            self._running.disconnected = True
        self.transport.abort()

    def _take_host_of_target(self) -> None:
        """A target as proxies get it: its host stands in for the header's (RFC 9112, 3.2.2), the rest is the path."""
        target = self._target
        host = b"[%b]" % target.host if b":" in target.host else target.host
        host += b":%d" % target.port if target.port else b""
        self.headers = [(b"host", host), *(header for header in self.headers if header[0] != b"host")]
        self.url = (target.path or b"/") + (b"?" + target.query if target.query else b"")

    def _without_upgrade(self) -> bytes:
        """The head again as if nothing had been offered (RFC 9110, 7.8 lets a server do so), for a parser of its own.

        The old parser may hold the connection to be over, and would then read nothing of what comes.
        """
        version = self.parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b\r\n" % (self.parser.get_method(), self.url, version)]
        lines += [b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade"]
        self._upgrade_offered = False
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return b"".join([*lines, b"\r\n"])

    def _give_up(self, problem: httptools.HttpParserError) -> None:
        """The parser has stopped for good, by our own will or because this is no HTTP."""
        self._outbox.send()
        if isinstance(problem.__context__, _TooLargeError):
            self._refuse_unread()
            return
        message = "Invalid HTTP request received."
        self.logger.warning(message)
        self.send_400_response(message)

    def _refuse_unread(self) -> None:
        """Answers a call whose body is not awaited, then sees to it that the answer can be read."""
        method = self.parser.get_method().decode("ascii")
        if self.url.startswith(_OURS):
            answer = problem_answer(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body must be at most {self.fake_app.body_max} bytes"
            )
        else:
            answer = self._answer(method, None)
        self._direct = True
        self._send(answer, self._discard_rest, with_body=method != "HEAD", keep_alive=False)
        self._outbox.send()

    def _discard_rest(self) -> None:
        self.parser = cast("httptools.HttpRequestParser", _Discard(self))


class _Discard:
    """In the parser's place behind a refusal: reads on and keeps nothing, until the client hangs up or it is enough.

    Who closes while the client still sends makes the network take back the answer too (RFC 9112, 9.6).
    """

    def __init__(self, protocol: DirectProtocol) -> None:
        self._protocol = protocol
        self._bytes_left = _LINGER_BYTES
        self._until = protocol.loop.time() + _LINGER_SECONDS
        if not protocol.transport.is_closing():
            protocol.transport.write_eof()
            # As after any answer: who says nothing for so long is hung up on.
            protocol.wait_for_more()

    def feed_data(self, data: bytes) -> None:
        """Counts."""
        self._bytes_left -= len(data)
        if self._bytes_left < 0 or self._protocol.loop.time() > self._until:
            self._protocol.transport.close()
        else:
            self._protocol.wait_for_more()


def direct_protocol(app: App) -> type[asyncio.Protocol]:
    """The protocol class for uvicorn's `http` setting that answers for this app."""
    members: dict[str, Any] = {"fake_app": app, "_outbox": Outbox()}
    return type("DirectProtocolOfApp", (DirectProtocol,), members)
