"""Answers that a fault holds up, drips, cuts or drops: they leave a connection one after the other, in their order.

The law: what was asked later is answered later, also behind an answer that takes its time; nothing else waits for it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mockserver.messages import Delivery

_PIECES_MAX = 20
# Closing with it throws away what was not sent and tells the other side so: a reset.
_LINGER_NOT = struct.pack("ii", 1, 0)


class HeldUp(NamedTuple):
    """An answer ready to be written; `sent` is called when all of it was."""

    head: bytes
    body: bytes
    delivery: Delivery | None
    sent: Callable[[], None]


def pieces(body: bytes) -> Iterator[bytes]:
    """The body in a few pieces of about equal length."""
    size = max(1, -(-len(body) // _PIECES_MAX))
    for begin in range(0, len(body), size):
        yield body[begin : begin + size]


def pause_seconds(delivery: Delivery, body: bytes) -> float:
    """How long a dripping body pauses before each piece but the first."""
    return delivery.drip_seconds / max(1, len(list(pieces(body))) - 1)


def reset(transport: asyncio.Transport) -> None:
    """Ends the connection as a crashed server does: with RST in place of FIN."""
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()


class Holdups:
    """The answers of one connection that are on their way behind a held-up one."""

    def __init__(self, transport: asyncio.Transport, done: Callable[[], None]) -> None:
        self._transport = transport
        self._done = done
        self._waiting: deque[HeldUp] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, answer: HeldUp) -> None:
        """One more."""
        self._waiting.append(answer)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._send_all())

    def stop(self) -> None:
        """The connection is gone."""
        if self._task is not None:
            self._task.cancel()

    async def _send_all(self) -> None:
        while self._waiting and not self._transport.is_closing():
            await self._send(self._waiting.popleft())
        self._done()

    async def _send(self, answer: HeldUp) -> None:
        head, body, delivery, sent = answer
        if delivery is None:
            self._transport.write(head + body)
            sent()
            return
        await asyncio.sleep(delivery.delay_seconds)
        if delivery.ends == "reset":
            reset(self._transport)
        elif delivery.ends == "close":
            self._transport.close()
        elif delivery.cut_bytes is not None and delivery.cut_bytes < len(body):
            self._transport.write(head + body[: delivery.cut_bytes])
            self._transport.close()
        else:
            await self._drip(head, body, delivery)
            sent()

    async def _drip(self, head: bytes, body: bytes, delivery: Delivery) -> None:
        if not delivery.drip_seconds:
            self._transport.write(head + body)
            return
        pause = pause_seconds(delivery, body)
        self._transport.write(head)
        for number, piece in enumerate(pieces(body)):
            if number:
                await asyncio.sleep(pause)
            self._transport.write(piece)
