"""The short way through uvicorn: a vendor's call is answered where its last byte is parsed.

An ASGI request costs a task, a cycle object and four turns of the event loop; the core needs none of them, for it never
waits. So calls to vendors are answered in the parser's own callbacks, and everything else (our own paths, upgrades,
`Expect`, a request behind one that still runs) goes the ordinary way. Both ways end in `App.answer`.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mockserver.app import OWN_PREFIX, App, Asked
from mockserver.messages import Answer

_OURS = OWN_PREFIX.encode()
_FAILED = Answer(500, [(b"content-type", b"text/plain"), (b"content-length", b"21")], b"Internal Server Error")


class DirectProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a short cut; use `direct_protocol` to make one for an app."""

    fake_app: ClassVar[App]
    # What all answers begin with, kept until uvicorn renews it (it holds the date).
    _defaults: ClassVar[tuple[list[tuple[bytes, bytes]], bytes]] = ([], b"")

    _direct = False
    _size = 0

    def on_message_begin(self) -> None:
        """Only what the short way needs; the scope is made when the ordinary way is taken."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_headers_complete(self) -> None:
        """Chooses the way."""
        waiting = bool(self.cycle) and not self.cycle.response_complete
        self._direct = not (
            waiting
            or self.expect_100_continue
            or self.url.startswith(_OURS)
            or self.parser.should_upgrade()
            or self.parser.get_method() == b"CONNECT"
        )
        if self._direct:
            # What is no address ends here, in the answer that uvicorn has for it: 400.
            self._target = httptools.parse_url(self.url)
            self._parts: list[bytes] = []
            self._size = 0
            return
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Kept up to the limit; what is beyond it is read and thrown away."""
        if not self._direct:
            super().on_body(body)
            return
        self._size += len(body)
        if self._size <= self.fake_app.body_max:
            self._parts.append(body)
        else:
            self._parts.clear()

    def on_message_complete(self) -> None:
        """Answers."""
        if not self._direct:
            super().on_message_complete()
            return
        method = self.parser.get_method().decode("ascii")
        keep_alive = self.parser.should_keep_alive() and self.parser.get_http_version() != "1.0"
        try:
            answer = self._answer(method)
        except Exception:
            self.logger.exception("a call could not be answered")
            answer, keep_alive = _FAILED, False
        self._write(answer, with_body=method != "HEAD", keep_alive=keep_alive)
        self.server_state.total_requests += 1
        if not keep_alive:
            self.transport.close()
        elif not self.transport.is_closing():
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _answer(self, method: str) -> Answer:
        url = self._target
        body: bytes | None = None
        if self._size <= self.fake_app.body_max:
            parts = self._parts
            body = parts[0] if len(parts) == 1 else b"".join(parts)
        query = url.query.decode("latin-1") if url.query else ""
        path = url.path.decode("latin-1") if url.path else "/"
        return self.fake_app.answer(Asked(method, path, query, dict(self.headers), self.scheme or "http"), body)

    def _write(self, answer: Answer, *, with_body: bool, keep_alive: bool) -> None:
        defaults = self.server_state.default_headers
        known, written = DirectProtocol._defaults
        if known is not defaults:
            written = b"".join(b"%b: %b\r\n" % header for header in defaults)
            DirectProtocol._defaults = (defaults, written)
        parts = [STATUS_LINE[answer.status], written]
        for name, value in answer.headers:
            parts += (name, b": ", value, b"\r\n")
        parts.append(b"\r\n" if keep_alive else b"connection: close\r\n\r\n")
        if with_body:
            parts.append(answer.body)
        self.transport.write(b"".join(parts))
        if self.flow.write_paused:
            # A client that asks and does not read: nothing more is read from it until it does.
            self.flow.pause_reading()

    def resume_writing(self) -> None:
        """Reads on, too."""
        super().resume_writing()
        if self._direct:
            self.flow.resume_reading()


def direct_protocol(app: App) -> type[asyncio.Protocol]:
    """The protocol class for uvicorn's `http` setting that answers for this app."""
    members: dict[str, Any] = {"fake_app": app}
    return type("DirectProtocolOfApp", (DirectProtocol,), members)
