"""A small HTTP/1.1 load generator on plain asyncio: so many requests over so many kept-open connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

Request = Callable[[int], bytes]


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is complete."""

    def __init__(self, take: Callable[[], bytes | None], done: asyncio.Future[None], statuses: dict[int, int]) -> None:
        self._take = take
        self.done = done
        self._statuses = statuses
        self._buffer = b""
        self.last = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP is a stream
        self._transport = transport
        self._send()

    def _send(self) -> None:
        request = self._take()
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(body) < length:
            return
        status = int(head[9:12])
        self._statuses[status] = self._statuses.get(status, 0) + 1
        self.last = body
        self._buffer = b""
        self._send()

    def connection_lost(self, problem: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None) if problem is None else self.done.set_exception(problem)


def _itself(connection: _Connection) -> _Connection:
    return connection


async def _drive(port: int, request: Request, count: int, connections: int) -> tuple[dict[int, int], bytes]:
    loop = asyncio.get_running_loop()
    statuses: dict[int, int] = {}
    numbers = iter(range(count))

    def take() -> bytes | None:
        number = next(numbers, None)
        return None if number is None else request(number)

    ends, last = [], b""
    for _ in range(min(connections, count)):
        connection = _Connection(take, loop.create_future(), statuses)
        await loop.create_connection(partial(_itself, connection), "127.0.0.1", port)
        ends.append(connection)
    for connection in ends:
        await connection.done
        last = connection.last or last
    return statuses, last


def drive(port: int, request: Request, count: int, connections: int = 32) -> tuple[dict[int, int], bytes]:
    """How often each status came, and one of the last bodies."""
    return asyncio.run(_drive(port, request, count, connections))


def http(method: str, path: str, body: bytes = b"", key: str = "bench") -> bytes:
    """A request as an ordinary client writes it."""
    head = [
        f"{method} {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate",
        "Connection: keep-alive",
        "User-Agent: benchmark/1",
        f"Authorization: Bearer {key}",
    ]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*head, "", ""]).encode() + body
