"""Addresses of names, asked for in threads of their own: a name server that never answers holds nobody up."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

# Look-ups at the same time. One that was given up holds its place until the system gives up too.
_LOOKUPS_MAX = 16
_places = threading.BoundedSemaphore(_LOOKUPS_MAX)
_HOST_SHOWN_MAX = 80


class LookupFailedError(Exception):
    """A name without an address; the message says why."""


async def addresses_of(host: str, port: int) -> list[str]:
    """The IP addresses of a host, in the order of the system's preference."""
    loop = asyncio.get_running_loop()
    if not _places.acquire(blocking=False):
        message = f"{_LOOKUPS_MAX} names are being looked up already"
        raise LookupFailedError(message)
    found: asyncio.Future[list[str]] = loop.create_future()
    thread = threading.Thread(target=_look_up, args=(host, port, found, loop), name="lookup", daemon=True)
    thread.start()
    return await found


def _look_up(host: str, port: int, found: asyncio.Future[list[str]], loop: asyncio.AbstractEventLoop) -> None:
    addresses: list[str] = []
    problem: Exception | None = None
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(row[4][0]) for row in rows))
    except (OSError, UnicodeError) as trouble:
        reason = trouble.strerror if isinstance(trouble, OSError) else trouble
        problem = LookupFailedError(f"{host[:_HOST_SHOWN_MAX]} has no address ({reason})")
    finally:
        _places.release()
    # The loop may have ended meanwhile.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(_tell, found, addresses, problem)


def _tell(found: asyncio.Future[list[str]], addresses: list[str], problem: Exception | None) -> None:
    if found.done():
        return
    if problem is not None:
        found.set_exception(problem)
    else:
        found.set_result(addresses)
