"""Services to be judged: fakes as applications, ones that remember what they heard, and either on a socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

import specs
from leaping import wall_ms
from mockserver import Fake, Settings
from mockserver.app import create_app
from specs.pack import Pack

Json = Any
# A task of the fakes takes between twenty and sixty seconds of their time.
QUICK = "x150"


def quick_fake(*packs: Pack | str | Path, clock: str = QUICK, **settings: Any) -> Any:
    """A fake of these vendors whose tasks take about half a second, as an application at the vendors' own paths."""
    loaded = [each if isinstance(each, Pack) else specs.load(each) for each in packs]
    return create_app(Fake(loaded, Settings(clock=clock, **settings), wall_ms))


@dataclass
class Heard:
    """One request as an application heard it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Listening:
    """An application that remembers what it was asked."""

    app: Any
    heard: list[Heard] = field(default_factory=list)

    async def __call__(self, scope: Json, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path, query = scope["raw_path"].decode(), scope["query_string"].decode()
        self.heard.append(Heard(scope["method"], path, query, headers, body))
        parts = [{"type": "http.request", "body": body}]

        async def replay() -> Json:
            return parts.pop() if parts else {"type": "http.disconnect"}

        await self.app(scope, replay, send)


@dataclass
class Forwarding:
    """An application that tells somebody else too of every job, in its own words."""

    app: Any
    url: str
    body: bytes

    async def __call__(self, scope: Json, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            headers = {"Authorization": "Bearer upstream-key", "Content-Type": "application/json"}
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.post(self.url, content=self.body, headers=headers)
        await self.app(scope, receive, send)


def answering(status: int, body: bytes = b"{}", **headers: str) -> Any:
    """An application with one answer to everything."""

    async def app(scope: Json, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await receive()
            lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": status, "headers": lines})
            await send({"type": "http.response.body", "body": body})

    return app


@dataclass
class Running:
    """A server in a thread of this process."""

    url: str
    stop: Callable[[], None]


@contextmanager
def on_socket(app: Any) -> Iterator[Running]:
    """The application on a free port of the loopback address; `stop` makes it go away at once."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
        thread.start()

        def stop() -> None:
            server.should_exit = server.force_exit = True

        try:
            yield Running(f"http://127.0.0.1:{opened.getsockname()[1]}", stop)
        finally:
            server.should_exit = True
            thread.join(10)


def nobody_there() -> str:
    """A URL at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as opened:
        return f"http://127.0.0.1:{opened.getsockname()[1]}"
