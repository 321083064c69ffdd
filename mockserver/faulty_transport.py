"""What httpx raises, or hands over slowly, when a fault breaks an answer that never went through a socket."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator

import anyio
import httpx

from mockserver.holdups import pause_seconds, pieces
from mockserver.messages import Answer, Delivery


def _read_timeout(request: httpx.Request) -> float | None:
    timeout = request.extensions.get("timeout", {}).get("read")
    return float(timeout) if timeout is not None else None


def _timed_out(request: httpx.Request) -> httpx.ReadTimeout:
    return httpx.ReadTimeout("The read operation timed out", request=request)


def _broken(delivery: Delivery, request: httpx.Request) -> httpx.TransportError | None:
    """The error in place of an answer, in the words that httpx has for it."""
    if delivery.ends == "close":
        return httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)
    if delivery.ends == "reset":
        return httpx.ReadError("Connection reset by peer", request=request)
    return None


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that drips, and may break off."""

    def __init__(self, answer: Answer, delivery: Delivery, request: httpx.Request) -> None:
        cut = delivery.cut_bytes
        self._sent = answer.body if cut is None else answer.body[:cut]
        self._size = len(answer.body)
        self._pieces = list(pieces(self._sent)) if delivery.drip_seconds else [self._sent]
        self._pause = pause_seconds(delivery, self._sent)
        self._request = request

    def _wait_seconds(self) -> float:
        """How long to wait for a piece: not longer than the client does."""
        patience = _read_timeout(self._request)
        return self._pause if patience is None else min(self._pause, patience)

    def _check_patience(self, waited: float) -> None:
        if waited < self._pause:
            raise _timed_out(self._request)

    def _check_end(self) -> None:
        if len(self._sent) < self._size:
            message = (
                "peer closed connection without sending complete message body "
                f"(received {len(self._sent)} bytes, expected {self._size})"
            )
            raise httpx.RemoteProtocolError(message, request=self._request)

    def __iter__(self) -> Iterator[bytes]:
        """The pieces; waits before each but the first."""
        for number, piece in enumerate(self._pieces):
            if number:
                waited = self._wait_seconds()
                _wait(waited)
                self._check_patience(waited)
            yield piece
        self._check_end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The same."""
        for number, piece in enumerate(self._pieces):
            if number:
                waited = self._wait_seconds()
                await anyio.sleep(waited)
                self._check_patience(waited)
            yield piece
        self._check_end()


def _wait(seconds: float) -> None:
    """Wall time passes: that is what the fault is for."""
    threading.Event().wait(seconds)


def _respond(answer: Answer, delivery: Delivery, request: httpx.Request, waited: float) -> httpx.Response:
    """What is left to do after the wait."""
    if waited < delivery.delay_seconds:
        raise _timed_out(request)
    broken = _broken(delivery, request)
    if broken is not None:
        raise broken
    return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer, delivery, request))


def _patience(delivery: Delivery, request: httpx.Request) -> float:
    patience = _read_timeout(request)
    return delivery.delay_seconds if patience is None else min(delivery.delay_seconds, patience)


def respond_faultily(answer: Answer, delivery: Delivery, request: httpx.Request) -> httpx.Response:
    """The answer, late, cut or dripping; or the error that httpx raises over a socket.

    A client that waits less than the fault does gets a ReadTimeout after its own time.
    """
    waited = _patience(delivery, request)
    _wait(waited)
    return _respond(answer, delivery, request, waited)


async def respond_faultily_async(answer: Answer, delivery: Delivery, request: httpx.Request) -> httpx.Response:
    """The same without blocking."""
    waited = _patience(delivery, request)
    await anyio.sleep(waited)
    return _respond(answer, delivery, request, waited)
