"""The wire: what is written down is what goes out, byte for byte; what comes back, or does not, is told as it was."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from contracts.drivers.target import NotReachedError, read_target
from contracts.drivers.wire import ANSWER_BYTES_MAX, Incoming, Outgoing, Wire
from services import Listening, answering, nobody_there, on_socket

Json = Any


async def sent(target: Any, *outgoing: Outgoing, timeout_seconds: float = 10) -> list[Incoming]:
    """What came back to each, one after the other."""
    async with Wire(read_target(target), timeout_seconds) as wire:
        return [await wire.send(each) for each in outgoing]


@pytest.mark.parametrize(
    "address", ["/a/../b", "/a/%2E%2E/b", "/a/%2F%zz/..", "/a//b", "/a/%00", "/a?x=%zz&y", "/a/.", "/%E6%B5%B7"]
)
async def test_address_goes_out_as_it_is_written(address: str) -> None:
    """A library that tidies up addresses would hide what a service does with odd ones."""
    service = Listening(answering(200))
    path, _, query = address.partition("?")
    with on_socket(service) as running:
        await sent(running.url + "/under", Outgoing(method="GET", path=path, query=query))

    assert (service.heard[0].path, service.heard[0].query) == ("/under" + path, query)


async def test_body_goes_out_as_it_is() -> None:
    """Whatever its media type, or none; with its length, or in chunks."""
    service = Listening(answering(200))
    plain = Outgoing(method="POST", path="/", content=b'{"a": NaN} \xff')
    chunked = Outgoing(method="POST", path="/", content=b"123456789", chunked=True)
    empty = Outgoing(method="POST", path="/", content=b"", headers=(("Authorization", ""),))
    with on_socket(service) as running:
        await sent(running.url, plain, chunked, empty)

    first, second, third = service.heard
    assert (first.body, first.headers["content-length"]) == (b'{"a": NaN} \xff', "12")
    assert "content-type" not in first.headers
    assert (second.body, second.headers["transfer-encoding"]) == (b"123456789", "chunked")
    assert "content-length" not in second.headers
    assert (third.body, third.headers["content-length"], third.headers["authorization"]) == (b"", "0", "")


async def test_a_fresh_connection_is_nobody_elses() -> None:
    """Who asks for one gets one, each time; the others share theirs."""
    ports: list[int] = []

    async def app(scope: Json, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            ports.append(scope["client"][1])
        await answering(200)(scope, receive, send)

    outgoing = Outgoing(method="GET", path="/")
    with on_socket(app) as running:
        async with Wire(read_target(running.url), 10) as wire:
            for is_fresh in (False, True, False, True):
                await wire.send(outgoing, is_fresh=is_fresh)

    assert ports[0] == ports[2]
    assert len(set(ports)) == 3


async def test_redirect_is_an_answer() -> None:
    """The key goes nowhere else."""
    elsewhere = Listening(answering(200))
    with on_socket(elsewhere) as other, on_socket(answering(307, location=other.url + "/")) as running:
        (incoming,) = await sent(
            running.url, Outgoing(method="GET", path="/", headers=(("Authorization", "Bearer k"),))
        )

    assert incoming.status == 307
    assert elsewhere.heard == []


async def test_cookies_are_not_kept() -> None:
    """One account must not be taken for another by what it was handed."""
    service = Listening(answering(200, set_cookie="session=1"))
    ask = Outgoing(method="GET", path="/")
    with on_socket(service) as running:
        await sent(running.url, ask, ask)

    assert ["cookie" in each.headers for each in service.heard] == [False, False]


async def test_proxy_of_the_environment_is_not_asked_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy knows the way to this machine."""
    monkeypatch.setenv("HTTP_PROXY", nobody_there())
    monkeypatch.setenv("http_proxy", nobody_there())
    with on_socket(answering(204)) as running:
        (incoming,) = await sent(running.url, Outgoing(method="GET", path="/"))

    assert incoming.status == 204


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
async def test_nobody_there(host: str) -> None:
    """No connection is no answer, and the reason is told."""
    url = nobody_there().replace("127.0.0.1", host)
    with pytest.raises(NotReachedError, match=r"\w"):
        await sent(url, Outgoing(method="GET", path="/"))


async def test_service_that_speaks_no_tls() -> None:
    """An https URL of a plain server is said to be one."""
    with on_socket(answering(200)) as running, pytest.raises(NotReachedError, match=r"(?i)ssl"):
        await sent(running.url.replace("http:", "https:"), Outgoing(method="GET", path="/"))


async def _hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def _hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


async def _cut_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123")
    writer.close()


async def _no_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"hello\r\n\r\n")
    writer.close()


async def _bad_gzip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\n123")
    writer.close()


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.mark.parametrize(
    ("handler", "trouble", "was_cut"),
    [
        (_hang, "no answer within 0.3 s", False),
        (_hang_up, "no whole answer came", True),
        (_cut_off, "no whole answer came", True),
        (_no_http, "no whole answer came", True),
        (_bad_gzip, "Content-Encoding can't be undone", False),
    ],
)
async def test_no_answer_has_a_reason(handler: Handler, trouble: str, *, was_cut: bool) -> None:
    """Each way not to answer is told apart; what may have been an old connection's end is worth another try."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        (incoming,) = await sent(url, Outgoing(method="GET", path="/"), timeout_seconds=0.3)

    assert incoming.status is None
    assert trouble in incoming.trouble
    assert incoming.was_cut is was_cut


async def test_answer_without_end_is_cut() -> None:
    """A service can't fill our memory."""

    async def endless(scope: Json, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await receive()
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(ANSWER_BYTES_MAX // 2**20 + 8):
                await send({"type": "http.response.body", "body": b"x" * 2**20, "more_body": True})

    with on_socket(endless) as running:
        (incoming,) = await sent(running.url, Outgoing(method="GET", path="/"))

    assert incoming.status is None
    assert incoming.trouble == f"the answer has more than {ANSWER_BYTES_MAX} bytes"


async def test_application_in_this_process_has_a_life() -> None:
    """It is started, asked with the state that it made, and ended; one that fails answers 500."""
    seen = []

    async def app(scope: Json, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            seen.append((await receive())["type"])
            scope["state"]["greeting"] = "hello"
            await send({"type": "lifespan.startup.complete"})
            seen.append((await receive())["type"])
            await send({"type": "lifespan.shutdown.complete"})
            return
        seen.append(scope["state"]["greeting"])
        message = "boom"
        raise RuntimeError(message)

    (incoming,) = await sent(app, Outgoing(method="GET", path="/"))

    assert seen == ["lifespan.startup", "hello", "lifespan.shutdown"]
    assert incoming.status == 500


async def test_application_that_cannot_start_is_not_there() -> None:
    """Its own reason is told."""

    async def app(scope: Json, receive: Any, send: Any) -> None:
        assert scope["type"] == "lifespan"
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no database"})

    with pytest.raises(NotReachedError, match="no database"):
        await sent(app, Outgoing(method="GET", path="/"))


async def test_application_without_lifespan_is_asked_all_the_same() -> None:
    """To raise is how ASGI lets an application say that it knows no lifespan."""

    async def app(scope: Json, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        await answering(204)(scope, receive, send)

    (incoming,) = await sent(app, Outgoing(method="GET", path="/"))

    assert incoming.status == 204


async def test_application_that_says_nothing() -> None:
    """It ends without an answer: that is told, and no crash of ours."""

    async def app(scope: Json, receive: Any, send: Any) -> None:
        del scope, receive, send

    (incoming,) = await sent(app, Outgoing(method="GET", path="/"))

    assert incoming.trouble == "the application ended without a whole answer"
