"""The start and the end of an ASGI application, as a server would call them: httpx calls neither."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from contracts.drivers.target import ASGIApp, Message, NotReachedError

_SECONDS_MAX = 30.0


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[ASGIApp]:
    """The application between its start and its end, with the state that it made; NotReachedError when it can't start.

    One that knows no lifespan (ASGI lets it raise) runs all the same.
    """
    state: dict[str, Any] = {}
    calls: asyncio.Queue[Message] = asyncio.Queue()
    answers: asyncio.Queue[Message] = asyncio.Queue()
    task = asyncio.create_task(_run(app, state, calls, answers))
    await calls.put({"type": "lifespan.startup"})
    try:
        await _wait_for_start(answers)
        yield _with_state(app, state)
    finally:
        await calls.put({"type": "lifespan.shutdown"})
        await asyncio.wait({task}, timeout=_SECONDS_MAX)
        task.cancel()


async def _wait_for_start(answers: asyncio.Queue[Message]) -> None:
    try:
        # Not `wait_for`: before Python 3.12 it may swallow a cancellation.
        async with asyncio.timeout(_SECONDS_MAX):
            started = await answers.get()
    except TimeoutError:
        message = f"the application does not start within {_SECONDS_MAX:g} s"
        raise NotReachedError(message) from None
    if started["type"] == "lifespan.startup.failed":
        message = f"the application can't start ({started.get('message') or 'it gives no reason'})"
        raise NotReachedError(message)


async def _run(
    app: ASGIApp, state: dict[str, Any], calls: asyncio.Queue[Message], answers: asyncio.Queue[Message]
) -> None:
    try:
        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": state}, calls.get, answers.put)
    except Exception:  # noqa: BLE001, S110 - raising is how an application says that it knows no lifespan
        pass
    finally:
        # Whoever waits for the start is not kept waiting by an application that never speaks.
        await answers.put({"type": "lifespan.unsupported"})


def _with_state(app: ASGIApp, state: dict[str, Any]) -> ASGIApp:
    """Each request gets the state, as servers give it."""
    if not state:
        return app

    async def stateful(scope: Message, receive: Any, send: Any) -> None:
        await app({**scope, "state": dict(state)}, receive, send)

    return stateful
