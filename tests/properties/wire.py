"""HTTP/1.1 as bytes on a socket, for what no client library would send, and for many connections at once."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import BinaryIO, Self
from urllib.parse import urlsplit

# Every wait in these tests ends by then: a hang is a failure, not a long night.
PATIENCE_SECONDS = 20
# Sooner than a server tires of a silent connection.
_AT_ONCE_SECONDS = 3
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def head(method: str, path: str, headers: Mapping[str, str] = _NO_HEADERS, host: str = "fake") -> bytes:
    """Request line and headers, ready to be sent; latin-1, as headers are."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def whole(method: str, path: str, body: bytes, headers: Mapping[str, str] = _NO_HEADERS) -> bytes:
    """A request with its body and the length of it."""
    return head(method, path, {**headers, "Content-Length": str(len(body))}) + body


class Line:
    """One connection to a server, spoken to in bytes."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._socket = socket.create_connection((parts.hostname, parts.port or 80), timeout=PATIENCE_SECONDS)
        self._file: BinaryIO = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        """Bytes as they are; a server that has hung up meanwhile is heard of by `read`."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def send_to_the_end(self, data: bytes) -> None:
        """The same, for a client that takes a hang-up amid its sending for the answer: ConnectionError."""
        self._socket.sendall(data)

    def send_bytewise(self, data: bytes) -> None:
        """The same in as many segments as there are bytes, as far as the network lets them be."""
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(data)):
            self.send(data[at : at + 1])

    def send_until_nobody_reads(self, data: bytes) -> None:
        """The same again and again, until the buffers on the way are full and stay so."""
        self._socket.settimeout(_AT_ONCE_SECONDS / 6)
        with suppress(TimeoutError):
            while True:
                self._socket.sendall(data)

    def stop_sending(self) -> None:
        """Says that nothing more will come; a server that has hung up already need not be told."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def read(self, method: str = "GET") -> Reply | None:
        """The next answer; None when the server hangs up without one. TimeoutError when it does neither."""
        try:
            first = self._file.readline()
        except ConnectionResetError:
            return None
        if not first:
            return None
        headers: dict[str, str] = {}
        while (line := self._file.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        return Reply(int(first.split()[1]), headers, self._body(method, headers))

    def _body(self, method: str, headers: Mapping[str, str]) -> bytes:
        if method == "HEAD":
            return b""
        if headers.get("transfer-encoding") != "chunked":
            return self._file.read(int(headers["content-length"])) if "content-length" in headers else b""
        body = b""
        while size := int(self._file.readline().split(b";")[0], 16):
            body += self._file.read(size)
            self._file.readline()
        self._file.readline()
        return body

    def ask(self, method: str, path: str, headers: Mapping[str, str] = _NO_HEADERS, body: bytes = b"") -> Reply | None:
        """One request and its answer."""
        self.send(whole(method, path, body, headers))
        return self.read(method)

    def is_over(self) -> bool:
        """Whether the server hangs up, and not only because nobody has said anything for long."""
        self._socket.settimeout(_AT_ONCE_SECONDS)
        return self.read() is None

    def close(self) -> None:
        """Hangs up."""
        self._file.close()
        self._socket.close()


async def ask_in_turn(url: str, requests: list[bytes]) -> list[Reply]:
    """Sends requests over one kept connection, each after the answer to the one before."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    replies = []
    for request in requests:
        writer.write(request)
        raw = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
        first, *lines = raw.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await asyncio.wait_for(reader.readexactly(int(headers["content-length"])), PATIENCE_SECONDS)
        replies.append(Reply(int(first.split()[1]), headers, body))
    writer.close()
    await writer.wait_closed()
    return replies
