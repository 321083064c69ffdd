"""The server's side of HTTP, down to the byte: h11 reads what a client sends; what it gets may break off anywhere."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal, TypeAlias

import h11

from contracts.exchange import HeaderLines

BODY_BYTES_MAX = 32 * 1024 * 1024
_HEAD_BYTES_MAX = 256 * 1024
_READ_BYTES = 64 * 1024
# As servers do; long enough that no client meets a connection that has just been closed.
_IDLE_SECONDS = 120.0
# While an answer takes its time, the client is looked after so often.
_LOOK_SECONDS = 0.02
_RESET = struct.pack("ii", 1, 0)
End: TypeAlias = Literal["", "close", "reset", "hang"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client sent; `method` is empty when it was no HTTP, `problem` then says what was wrong."""

    method: str
    target: str
    headers: HeaderLines
    body: bytes
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a client gets. `end` in place of an answer: the connection is closed, reset, or kept without a word."""

    status: int = 200
    headers: HeaderLines = ()
    body: bytes = b""
    end: End = ""
    seconds: float = 0.0
    """How long it takes."""
    bytes_kept_back: int = 0
    """How many bytes of the body are announced and not sent."""
    framing: str = ""
    """With a length, `chunked`, or `closing`."""


@dataclass(slots=True)
class Call:
    """One request, and what became of the reply to it: told by the wire, for whoever keeps the record."""

    request: Request
    reply: Callable[[], Reply]
    begun: Callable[[], None]
    """Called when the first byte of the answer is about to be sent: from now on the client may know."""
    answered: Callable[[Reply, str], None]
    """Called once: with the reply, and why the client did not get all of it (empty: it did)."""


Open: TypeAlias = Callable[[Request], Call]


@dataclass(slots=True)
class Listener:
    """A port of the loopback address that hands each request to `open_call`, until it is closed."""

    open_call: Open
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    port: int = 0

    async def start(self) -> None:
        """Listens."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Hangs up on everybody."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - it is one
        self._tasks.add(task)
        try:
            await _Connection(reader, writer, self.open_call).serve()
        except (OSError, TimeoutError, asyncio.CancelledError):
            # The client is gone, or the run is over.
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()


class _GoneError(Exception):
    """The client has hung up."""


class _Connection:
    """One connection: requests one after the other, as long as both sides keep it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, open_call: Open) -> None:
        self._reader = reader
        self._writer = writer
        self._open = open_call
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEAD_BYTES_MAX)

    async def serve(self) -> None:
        """Until somebody ends it."""
        with contextlib.suppress(_GoneError):
            while True:
                request = await self._request()
                if request is None:
                    return
                await self._answer(request)
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    return
                self._http.start_next_cycle()

    # Reading

    async def _request(self) -> Request | None:
        """The next request; None when there is none."""
        head: h11.Request | None = None
        parts: list[bytes] = []
        size = 0
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as problem:
                return _no_http(str(problem))
            if event is h11.NEED_DATA:
                await self._feed()
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                size += len(event.data)
                # The rest of a body beyond all measure is read and thrown away.
                parts += [bytes(event.data)] if size <= BODY_BYTES_MAX else []
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                return _read(head, b"".join(parts))
            else:
                return None

    async def _feed(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            go_on = self._http.send(h11.InformationalResponse(status_code=100, headers=[]))
            await self._write(go_on or b"")
        data = await asyncio.wait_for(self._reader.read(_READ_BYTES), _IDLE_SECONDS)
        self._http.receive_data(data)

    # Answering

    async def _answer(self, request: Request) -> None:
        call = self._open(request)
        trouble = "the run was over before it was answered"
        reply = Reply(end="hang")
        try:
            reply = call.reply()
            if reply.seconds:
                await self._wait(reply.seconds)
            call.begun()
            trouble = await self._delivered(request, reply)
        except (_GoneError, OSError):
            trouble = "the client hung up before it was answered"
            raise
        finally:
            call.answered(reply, trouble)
        # What was sent was sent, however long it takes the client to hang up.
        if not reply.end and (reply.bytes_kept_back or not self._is_kept(request)):
            await self._finish()

    async def _delivered(self, request: Request, reply: Reply) -> str:
        """Sends the reply; why it did not arrive as a whole, where it was not to."""
        if reply.end == "hang":
            await self._wait(None)
        if reply.end:
            self._hang_up(reply.end)
            return "the connection was reset" if reply.end == "reset" else "the connection was closed"
        data, kept_back = self._written(request, reply), reply.bytes_kept_back
        await self._write(data[: len(data) - kept_back] if kept_back else data)
        return f"{kept_back} bytes of the body were announced and not sent" if kept_back else ""

    def _written(self, request: Request, reply: Reply) -> bytes:
        if not request.method:
            # h11 has given up on this connection.
            phrase = HTTPStatus(reply.status).phrase
            head = f"HTTP/1.1 {reply.status} {phrase}\r\ncontent-length: {len(reply.body)}\r\nconnection: close\r\n\r\n"
            return head.encode() + reply.body
        has_body = reply.status >= HTTPStatus.OK and reply.status != HTTPStatus.NO_CONTENT
        headers = [(name, value) for name, value in reply.headers if name.lower() != "content-length"]
        if has_body and reply.framing != "chunked":
            headers.append(("content-length", str(len(reply.body))))
        if reply.framing == "closing":
            headers.append(("connection", "close"))
        lines = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers]
        parts = [self._http.send(h11.Response(status_code=reply.status, headers=lines, reason=_reason(reply.status)))]
        if has_body and request.method != "HEAD":
            half = len(reply.body) // 2 if reply.framing == "chunked" else len(reply.body)
            parts += [self._http.send(h11.Data(data=part)) for part in (reply.body[:half], reply.body[half:]) if part]
        parts.append(self._http.send(h11.EndOfMessage()))
        return b"".join(part or b"" for part in parts)

    def _is_kept(self, request: Request) -> bool:
        return bool(request.method) and self._http.our_state is h11.DONE

    async def _wait(self, seconds: float | None) -> None:
        """Waits, for ever if need be; ends early when the client hangs up."""
        clock = asyncio.get_running_loop().time
        until = clock() + seconds if seconds is not None else math.inf
        while (left := until - clock()) > 0:
            if self._reader.at_eof() or self._writer.is_closing():
                raise _GoneError
            await asyncio.sleep(min(left, _LOOK_SECONDS))

    async def _write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def _finish(self) -> None:
        """Closes in order: what was sent can still be read."""
        with contextlib.suppress(OSError):
            self._writer.write_eof()
            await asyncio.wait_for(self._reader.read(_READ_BYTES), 1)

    def _hang_up(self, end: End) -> None:
        if end == "reset":
            opened = self._writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._writer.transport.abort()


def _reason(status: int) -> bytes:
    try:
        return HTTPStatus(status).phrase.encode()
    except ValueError:
        return b""


def _read(head: h11.Request, body: bytes) -> Request:
    lines = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items())
    return Request(method=head.method.decode("latin-1"), target=head.target.decode("latin-1"), headers=lines, body=body)


def _no_http(problem: str) -> Request:
    return Request(method="", target="", headers=(), body=b"", problem=problem)
