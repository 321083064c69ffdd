"""A receiver of webhooks on the loopback address: writes down what arrives and answers what it is told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple, TypeAlias

Json = Any
OK = b"HTTP/1.1 204 No Content\r\n\r\n"
# What is done with a request once it has been read; the answer itself, or something that takes its time.
Reply: TypeAlias = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


def status(code: int, *headers: str) -> bytes:
    """An answer without a body."""
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 {code} Whatever\r\nContent-Length: 0\r\n{lines}\r\n".encode()


async def hang(writer: asyncio.StreamWriter) -> None:
    """Never answers, and sees when the other side has had enough."""
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(60):
            await writer.wait_closed()


class Arrived(NamedTuple):
    """A request; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def said(self) -> Json:
        """The body."""
        return json.loads(self.body)


class Receiver:
    """Answers these replies, one for each request, then 204; `by_path` are for requests to these paths instead."""

    def __init__(self, *replies: Reply) -> None:
        self.arrived: list[Arrived] = []
        self.replies: list[Reply] = list(replies)
        self.by_path: dict[str, Reply] = {}
        self.url = ""
        self.port = 0
        self._news = asyncio.Event()
        self._open: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            writer.close()
            del self._open[task]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(": ") for line in lines if line)
        headers = {name.lower(): value for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, target, _ = head.split(" ")
        self.arrived.append(Arrived(method, target, headers, body))
        self._news.set()
        await self._answer(writer, target)

    async def close(self) -> None:
        """Hangs up on everybody."""
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, writer: asyncio.StreamWriter, target: str) -> None:
        reply = self.by_path.get(target) or (self.replies.pop(0) if self.replies else OK)
        if isinstance(reply, bytes):
            writer.write(reply)
            await writer.drain()
        else:
            await reply(writer)

    async def wait_for(self, count: int, seconds: float = 20) -> None:
        """Until so many have arrived; TimeoutError when they don't."""
        async with asyncio.timeout(seconds):
            while len(self.arrived) < count:
                self._news.clear()
                await self._news.wait()


@asynccontextmanager
async def receiving(*replies: Reply, host: str = "127.0.0.1") -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver(*replies)
    server = await asyncio.start_server(receiver, host, 0)
    receiver.port = server.sockets[0].getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    receiver.url = f"http://{shown}:{receiver.port}"
    try:
        yield receiver
    finally:
        server.close()
        await receiver.close()
