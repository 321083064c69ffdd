"""An answer without a socket is an answer that httpx has read: nobody can tell that it never went through decoders."""

import asyncio
import pickle
import time

import httpx
import pytest

import specs
from mockserver import Fake, Settings
from mockserver.transport import AsyncFakeTransport, FakeTransport

URL = "https://api.mulerouter.ai/nowhere"


def wall_ms() -> int:
    """The time now."""
    return time.time_ns() // 1_000_000


FAKE = Fake([specs.load("mulerouter")], Settings(clock="manual"), wall_ms)


def as_httpx_makes_it(answer: httpx.Response) -> httpx.Response:
    """The same answer by the ordinary way."""
    return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def test_an_answer_is_read_to_its_end() -> None:
    """Closed, consumed, and its text at hand, exactly as with `content=`."""
    with httpx.Client(transport=FakeTransport(FAKE)) as client:
        answer = client.get(URL)

    usual = as_httpx_makes_it(answer)
    assert answer.json()["error_code"] == 404
    assert (answer.is_closed, answer.is_stream_consumed) == (usual.is_closed, usual.is_stream_consumed)
    assert answer.headers == usual.headers
    assert list(answer.iter_bytes(8)) == list(usual.iter_bytes(8))
    assert list(answer.iter_lines()) == list(usual.iter_lines())
    assert pickle.loads(pickle.dumps(answer)).content == answer.content  # noqa: S301 - our own


def test_a_streamed_answer_can_be_read_inside_and_not_twice_raw() -> None:
    """`client.stream` reads it; the raw stream is used up, as httpx has it."""
    with (
        httpx.Client(transport=FakeTransport(FAKE)) as client,
        client.stream("GET", URL) as answer,
    ):
        assert answer.read() == answer.content
        with pytest.raises(httpx.StreamConsumed):
            next(answer.iter_raw())


def test_an_async_answer_is_read_to_its_end() -> None:
    """The same for asynchronous clients."""

    async def ask() -> tuple[httpx.Response, list[bytes]]:
        async with httpx.AsyncClient(transport=AsyncFakeTransport(FAKE)) as client:
            answer = await client.get(URL)
            return answer, [part async for part in answer.aiter_bytes(8)]

    answer, parts = asyncio.run(ask())

    assert answer.is_closed
    assert b"".join(parts) == answer.content == answer.read()
