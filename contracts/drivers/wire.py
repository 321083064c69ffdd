"""The HTTP edge of the drivers: a request goes out as it is written down, and what came back is kept as it was."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self

import httpx

from contracts.drivers.lifespan import running
from contracts.drivers.target import ASGIApp, NotReachedError, Target
from contracts.exchange import HeaderLines

CONNECTIONS_MAX = 16
ANSWER_BYTES_MAX = 16 * 1024 * 1024
_CONNECT_SECONDS_MAX = 10.0
# Shorter than the patience of the usual servers with an idle connection (2 to 5 s): a connection that is being closed
# while a request goes out would look like a service that hangs up.
_IDLE_SECONDS_MAX = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request as it goes out; `path` is percent-encoded, and `content` is sent as it is, also where it is no JSON."""

    method: str
    path: str
    query: str = ""
    headers: HeaderLines = ()
    content: bytes | None = None
    chunked: bool = False

    @property
    def address(self) -> str:
        """Path and query."""
        return self.path + ("?" + self.query if self.query else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """What came back; `status` is None when no answer did, and `trouble` says why."""

    status: int | None = None
    headers: HeaderLines = ()
    body: bytes = b""
    trouble: str = ""
    was_cut: bool = False
    """The connection ended before the answer did: it may have been an old one."""


class Wire:
    """Connections to one service, for the time of an `async with`."""

    def __init__(self, target: Target, timeout_seconds: float) -> None:
        self._target = target
        self._timeout_seconds = timeout_seconds
        self._stack = AsyncExitStack()
        # What the base itself says stands before every path, dot segments and all.
        self._prefix = httpx.URL(target.base).raw_path.rstrip(b"/")

    async def __aenter__(self) -> Self:
        app = self._target.app
        started = await self._stack.enter_async_context(running(app)) if app is not None else None
        self._clients = {
            is_fresh: await self._stack.enter_async_context(
                _client(started, self._timeout_seconds, is_near=self._target.is_near, is_fresh=is_fresh)
            )
            for is_fresh in (False, True)
        }
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, problem, trace)

    async def send(self, outgoing: Outgoing, *, is_fresh: bool = False) -> Incoming:
        """The answer; NotReachedError when there is no connection to be had.

        `is_fresh`: over a connection of its own. An old one may be closed at any moment, also with a request under way.
        """
        client = self._clients[is_fresh]
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await _answer(client, self._request(client, outgoing))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError, httpx.UnsupportedProtocol) as problem:
            raise NotReachedError(_reason(problem)) from problem
        except (TimeoutError, httpx.TimeoutException):
            return Incoming(trouble=f"no answer within {self._timeout_seconds:g} s")
        except httpx.DecodingError as problem:
            return Incoming(trouble=f"the answer's Content-Encoding can't be undone ({problem})")
        except httpx.TransportError as problem:
            return Incoming(trouble=f"no whole answer came ({str(problem) or type(problem).__name__})", was_cut=True)
        except AssertionError:
            # What httpx says of an application that returns without an answer.
            return Incoming(trouble="the application ended without a whole answer")

    def _request(self, client: httpx.AsyncClient, outgoing: Outgoing) -> httpx.Request:
        content = _chunks(outgoing.content or b"") if outgoing.chunked else outgoing.content
        return client.build_request(
            outgoing.method,
            self._target.base + outgoing.address,
            headers=list(outgoing.headers),
            content=content,
            # The address as it is written: httpx would tidy up what is odd in it.
            extensions={"target": self._prefix + outgoing.address.encode("ascii")},
        )


async def _answer(client: httpx.AsyncClient, request: httpx.Request) -> Incoming:
    answer = await client.send(request, stream=True)
    try:
        parts, size = list[bytes](), 0
        async for part in answer.aiter_bytes():
            parts.append(part)
            size += len(part)
            if size > ANSWER_BYTES_MAX:
                return Incoming(trouble=f"the answer has more than {ANSWER_BYTES_MAX} bytes")
    finally:
        await answer.aclose()
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw)
    return Incoming(status=answer.status_code, headers=headers, body=b"".join(parts))


def _client(app: ASGIApp | None, timeout_seconds: float, *, is_near: bool, is_fresh: bool) -> httpx.AsyncClient:
    """Follows no redirect: a redirect is an answer like any other, and the key is meant for this service alone."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False) if app is not None else None
    return httpx.AsyncClient(
        transport=transport,
        timeout=httpx.Timeout(timeout_seconds, connect=min(_CONNECT_SECONDS_MAX, timeout_seconds), pool=None),
        limits=httpx.Limits(
            max_connections=CONNECTIONS_MAX,
            max_keepalive_connections=0 if is_fresh else None,
            keepalive_expiry=_IDLE_SECONDS_MAX,
        ),
        follow_redirects=False,
        trust_env=not is_near,
        # A cookie would tie the accounts together that the keys keep apart.
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        headers={"User-Agent": "understudy"},
    )


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    """In two pieces, so that whoever reads only the first one is noticed."""
    middle = len(content) // 2
    yield content[:middle]
    yield content[middle:]


def _reason(problem: BaseException) -> str:
    """Why there is no connection, in the words of whoever knew it first."""
    found: BaseException | None = problem
    while found is not None:
        if isinstance(found, ssl.SSLError | socket.gaierror) and found.strerror:
            return found.strerror
        if isinstance(found, OSError) and found.errno:
            # Of a failed connection asyncio says no more than that it failed.
            return os.strerror(found.errno)
        found = _cause(found)
    return str(problem) or type(problem).__name__


def _cause(problem: BaseException) -> BaseException | None:
    if isinstance(problem, BaseExceptionGroup):
        return problem.exceptions[0]
    return problem.__cause__ or problem.__context__
