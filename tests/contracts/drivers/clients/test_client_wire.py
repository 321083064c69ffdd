"""The server's side of HTTP: whatever a client speaks is read, whatever a reply says is done, and told as it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from contracts.drivers.clients.wire import Call, Listener, Reply, Request

GET = b"GET /a?b=c HTTP/1.1\r\nHost: here\r\n\r\n"
LAST_GET = b"GET /a HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n"
OK = Reply(headers=(("content-type", "application/json"),), body=b'{"a":1}')


@dataclass
class Server:
    """A listener with one reply to everything, and what it heard and told."""

    reply: Reply
    heard: list[Request] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    begun: int = 0
    port: int = 0

    def open_call(self, request: Request) -> Call:
        """Keeps it."""
        self.heard.append(request)
        return Call(request, lambda: self.reply, self._begin, lambda _, trouble: self.told.append(trouble))

    def _begin(self) -> None:
        self.begun += 1


@asynccontextmanager
async def listening(reply: Reply = OK) -> AsyncIterator[Server]:
    """The server, for as long as a `with` lasts."""
    server = Server(reply)
    listener = Listener(server.open_call)
    await listener.start()
    server.port = listener.port
    try:
        yield server
    finally:
        await listener.close()


async def said(server: Server, *parts: bytes) -> bytes:
    """Everything that comes back, until the server hangs up; the parts are sent one after the other."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


async def until(is_so: Callable[[], bool]) -> None:
    """Waits for it."""
    for _ in range(1000):
        if is_so():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


async def test_connection_is_kept_for_as_long_as_the_client_wants() -> None:
    """Two requests on one connection, in their order."""
    async with listening() as server:
        answer = await said(server, GET, LAST_GET)

    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.count(b'{"a":1}') == 2
    assert [each.target for each in server.heard] == ["/a?b=c", "/a"]
    assert server.told == ["", ""]


async def test_client_of_http_1_0_is_answered_and_hung_up_on() -> None:
    """Without a word about the connection."""
    async with listening() as server:
        answer = await said(server, b"GET / HTTP/1.0\r\n\r\n")

    assert answer.endswith(b'\r\n\r\n{"a":1}')
    assert server.told == [""]


async def test_head_has_no_body() -> None:
    """Only its length."""
    async with listening() as server:
        answer = await said(server, LAST_GET.replace(b"GET", b"HEAD"))

    assert b"content-length: 7" in answer.lower()
    assert answer.endswith(b"\r\n\r\n")


async def test_chunked_body_is_read_whole() -> None:
    """As curl and fetch send what they don't know the length of."""
    head = b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    async with listening() as server:
        await said(server, head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")

    assert server.heard[0].body == b"abcde"


async def test_client_that_waits_for_a_go_on_gets_one() -> None:
    """Curl does, before a large body."""
    head = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    async with listening() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(head)
        assert (await reader.readline()).startswith(b"HTTP/1.1 100")
        writer.write(b"abc")
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()

    assert b"200 OK" in answer
    assert server.heard[0].body == b"abc"


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64, b"hello\r\n\r\n"])
async def test_what_is_no_http_is_told_as_such(data: bytes) -> None:
    """TLS on a plain port is the likeliest."""
    async with listening(Reply(status=400, body=b"no")) as server:
        answer = await said(server, data)

    assert answer.startswith(b"HTTP/1.1 400 Bad Request")
    assert (server.heard[0].method, bool(server.heard[0].problem)) == ("", True)


async def test_body_ends_before_its_length() -> None:
    """The connection is closed in order: what was sent can be read."""
    async with listening(Reply(body=b"0123456789", bytes_kept_back=4)) as server:
        answer = await said(server, GET)

    assert answer.endswith(b"012345")
    assert b"content-length: 10" in answer.lower()
    assert server.told == ["4 bytes of the body were announced and not sent"]


async def test_chunked_answer_comes_in_chunks() -> None:
    """More than one, where there is enough."""
    async with listening(Reply(body=b"0123456789", framing="chunked")) as server:
        answer = await said(server, LAST_GET)

    assert b"transfer-encoding: chunked" in answer.lower()
    assert answer.endswith(b"5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n")


async def test_closing_answer_says_so_and_closes() -> None:
    """Though the client would have kept the connection."""
    async with listening(Reply(body=b"a", framing="closing")) as server:
        answer = await said(server, GET)

    assert b"connection: close" in answer.lower()
    assert server.told == [""]


async def test_connection_ends_without_a_byte() -> None:
    """Closed."""
    async with listening(Reply(end="close")) as server:
        assert await said(server, GET) == b""

    assert server.told == ["the connection was closed"]


async def test_connection_is_reset() -> None:
    """The client's system tells it so."""
    async with listening(Reply(end="reset")) as server:
        with pytest.raises(ConnectionResetError):
            await said(server, GET)

    assert server.told == ["the connection was reset"]


async def test_client_that_hangs_up_on_a_slow_answer_is_noticed() -> None:
    """It is not waited for, and the call is told as unanswered."""
    async with listening(Reply(end="hang")) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(GET)
        await until(lambda: server.begun > 0)
        writer.close()
        await until(lambda: bool(server.told))

    assert server.told == ["the client hung up before it was answered"]


async def test_answer_takes_its_time() -> None:
    """And arrives."""
    clock = asyncio.get_running_loop().time
    async with listening(Reply(body=b"late", seconds=0.2)) as server:
        began = clock()
        answer = await said(server, LAST_GET)

    assert answer.endswith(b"late")
    assert clock() - began >= 0.2


async def test_call_that_is_open_when_the_listener_closes_is_told() -> None:
    """Nobody waits for it."""
    async with listening(Reply(end="hang")) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(GET)
        await until(lambda: server.begun > 0)
    writer.close()

    assert server.told == ["the run was over before it was answered"]
