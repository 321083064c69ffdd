"""The event loop that leaps: its clocks tell of pauses that nobody waited for; for others than itself it does wait."""

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import pytest

from leaping import leaping, wall_seconds

AN_HOUR, A_MOMENT = 3600.0, 0.15


class Took(NamedTuple):
    """Seconds of the machine, of the loop, of the wall."""

    machine: float
    loop: float
    wall: float


async def timed(wait: Callable[[], Coroutine[Any, Any, object]]) -> Took:
    """What it took."""
    clocks = time.monotonic, asyncio.get_running_loop().time, wall_seconds
    before = [clock() for clock in clocks]
    await wait()
    return Took(*(clock() - then for clock, then in zip(clocks, before, strict=True)))


def test_an_hour_is_over_at_once() -> None:
    """On the loop's clock and on the wall it has passed; afterwards the wall's clock is the machine's again."""
    with leaping():
        took = asyncio.run(timed(lambda: asyncio.sleep(AN_HOUR)))

    assert took.machine < 10
    assert took.loop == pytest.approx(AN_HOUR, abs=10)
    assert took.wall == pytest.approx(AN_HOUR, abs=10)
    assert wall_seconds() == pytest.approx(time.time(), abs=10)


def test_timers_go_off_in_their_order() -> None:
    """The nearest first, whoever was set first."""
    heard = []

    async def wait(seconds: float) -> None:
        await asyncio.sleep(seconds)
        heard.append(seconds)

    async def wait_for_all() -> None:
        await asyncio.gather(*map(wait, (30, 10, 20)))

    with leaping():
        asyncio.run(wait_for_all())

    assert heard == [10, 20, 30]


async def for_a_socket() -> None:
    """Nothing comes in at it."""
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)  # noqa: FBT003 - the socket's own manner
        reading = asyncio.ensure_future(asyncio.get_running_loop().sock_recv(near, 1))
        await asyncio.wait({reading}, timeout=A_MOMENT)
        reading.cancel()
        await asyncio.wait({reading})


async def for_a_thread() -> None:
    """It takes as long as nothing else does."""
    await asyncio.wait_for(asyncio.to_thread(time.sleep, A_MOMENT), AN_HOUR)  # noqa: TID251 - a thread waits


@pytest.mark.parametrize("wait", [for_a_socket, for_a_thread])
def test_others_are_waited_for(wait: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """In real time, without an end that comes too early."""
    with leaping():
        took = asyncio.run(timed(wait))

    assert took.machine >= A_MOMENT * 0.9
    assert took.loop < AN_HOUR / 2
