"""Answers on their way out: those of one turn of the event loop are sent together, when all of its calls are answered.

Sending wakes a client, and a client that is woken for every single answer goes back to sleep in between: both then
pay more for waking than for the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple


class _Waiting(NamedTuple):
    transport: asyncio.Transport
    data: bytes
    sent: Callable[[], None]


class Outbox:
    """What waits to be sent. The order of one connection's answers is the order in which they were added."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    def add(self, transport: asyncio.Transport, data: bytes, sent: Callable[[], None]) -> None:
        """Sends it at the end of this turn, and calls `sent` then."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.send)
        self._waiting.append(_Waiting(transport, data, sent))

    def send(self) -> None:
        """Sends everything now: for who has something to say behind it."""
        waiting, self._waiting = self._waiting, []
        for transport, data, sent in waiting:
            # A client that has hung up gets nothing.
            if not transport.is_closing():
                transport.write(data)
                sent()
