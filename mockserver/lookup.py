"""Addresses of names, asked for in threads of their own: a name server that never answers holds nobody up."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

# Look-ups at the same time. One that nobody waits for any more holds its place until the system gives it up.
_LOOKUPS_MAX = 16
# How long an answer holds, and how many are kept.
_FRESH_SECONDS = 5.0
_KEPT_MAX = 1000
_HOST_SHOWN_MAX = 80


class LookupFailedError(Exception):
    """A name without an address; the message says why."""


class Lookup:
    """Looks names up, each once at a time and once in a while. Belongs to one event loop."""

    def __init__(self) -> None:
        self._asked: dict[str, asyncio.Task[list[str]]] = {}
        self._places = asyncio.Semaphore(_LOOKUPS_MAX)

    async def addresses(self, host: str) -> list[str]:
        """The IP addresses of a host, in the order of the system's preference; LookupFailedError when it has none."""
        task = self._asked.get(host)
        if task is None:
            if len(self._asked) >= _KEPT_MAX:
                self._asked.clear()
            task = self._asked[host] = asyncio.get_running_loop().create_task(self._ask(host))
            task.add_done_callback(lambda task: self._forget_later(host, task))
        # Whoever gives up waiting must not end it for the others.
        return await asyncio.shield(task)

    def _forget_later(self, host: str, task: asyncio.Task[list[str]]) -> None:
        if not task.cancelled():
            task.exception()
            asyncio.get_running_loop().call_later(_FRESH_SECONDS, self._asked.pop, host, None)

    async def _ask(self, host: str) -> list[str]:
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[str]] = loop.create_future()
        await self._places.acquire()
        found.add_done_callback(lambda _: self._places.release())
        threading.Thread(target=_look_up, args=(host, found, loop), name="lookup", daemon=True).start()
        return await asyncio.shield(found)


def _look_up(host: str, found: asyncio.Future[list[str]], loop: asyncio.AbstractEventLoop) -> None:
    addresses: list[str] = []
    problem: Exception | None = None
    try:
        rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(row[4][0]) for row in rows))
    except (OSError, UnicodeError) as trouble:
        reason = trouble.strerror if isinstance(trouble, OSError) else trouble
        problem = LookupFailedError(f"{host[:_HOST_SHOWN_MAX]} has no address ({reason})")
    # The loop may have ended meanwhile.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(_tell, found, addresses, problem)


def _tell(found: asyncio.Future[list[str]], addresses: list[str], problem: Exception | None) -> None:
    if problem is not None:
        found.set_exception(problem)
        # Nobody may be waiting for it any more.
        found.exception()
    else:
        found.set_result(addresses)
