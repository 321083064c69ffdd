"""A service in front of a service that changes what passes: requests on their way in, answers on their way out."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from specs.pointers import replaced, resolve

Json: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Places:
    """Where one vendor's answers have what mutants spoil; empty where there is no such thing."""

    new_id: str
    """The task's id in the answer to a submit; the other pointers lead into the answers to polls."""
    task_id: str
    word: str
    done: str
    url: str
    created: str = ""
    updated: str = ""
    progress: str = ""


_KLING = Places(
    new_id="/data/task_id",
    task_id="/data/task_id",
    word="/data/task_status",
    done="succeed",
    url="/data/task_result/videos/0/url",
    created="/data/created_at",
    updated="/data/updated_at",
)
PLACES = {
    "kling": _KLING,
    "powertokens": _KLING,
    "mulerouter": Places(
        new_id="/task_info/id",
        task_id="/task_info/id",
        word="/task_info/status",
        done="completed",
        url="/videos/0",
        created="/task_info/created_at",
        updated="/task_info/updated_at",
    ),
    "myrouter": Places(
        new_id="/task_id",
        task_id="/task/task_id",
        word="/task/status",
        done="TASK_STATUS_SUCCEED",
        url="/videos/0/video_url",
        progress="/task/progress_percent",
    ),
    "uniall": Places(
        new_id="/id",
        task_id="/id",
        word="/status",
        done="completed",
        url="/video_url",
        created="/created_at",
        progress="/progress",
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def task_id(self) -> str:
        """The task that a poll asks for."""
        return parse_qs(self.query).get("task_id", [unquote(self.path.rpartition("/")[2])])[0]

    @property
    def job(self) -> dict[str, Json]:
        """What a submit asks for; nothing when that is no object."""
        try:
            job = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return job if isinstance(job, dict) else {}

    def with_job(self, job: Json) -> Asked:
        """The same request for another job."""
        return replace(self, body=json.dumps(job).encode())

    def with_header(self, name: str, value: str) -> Asked:
        """The same request with another header."""
        return replace(self, headers={**self.headers, name: value})

    def for_task(self, task_id: str) -> Asked:
        """A poll for another task."""
        return replace(
            self,
            path=self.path if "task_id=" in self.query else f"{self.path.rpartition('/')[0]}/{task_id}",
            query=self.query and f"task_id={task_id}",
        )


@dataclass(frozen=True, slots=True)
class Told:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """Its body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def at(self, pointer: str) -> Json:
        """What stands there in its body."""
        return resolve(self.json, pointer) if pointer else None

    def with_json(self, body: Json) -> Told:
        """The same answer with another body."""
        return replace(self, body=json.dumps(body).encode())

    def with_value(self, pointer: str, value: Json) -> Told:
        """The same answer with another value at this pointer, if there is one."""
        known = pointer and resolve(self.json, pointer, ...) is not ...
        return self.with_json(replaced(self.json, pointer, value)) if known else self


CRASH = Told(500, {"content-type": "text/plain"}, b"Internal Server Error")
Ask: TypeAlias = Callable[[Asked], Awaitable[Told]]


@dataclass(slots=True)
class Turn:
    """One call on its way through: the request, the service behind, and what is remembered between calls."""

    asked: Asked
    ask: Ask
    places: Places
    memory: dict[str, Json] = field(default_factory=dict)

    @property
    def is_submit(self) -> bool:
        """Whether a job comes in."""
        return self.asked.method == "POST"

    @property
    def is_poll(self) -> bool:
        """Whether it asks for one task."""
        return self.asked.method == "GET" and bool(self.asked.task_id) and "page" not in self.asked.query

    async def go(self, asked: Asked | None = None) -> Told:
        """What the service behind says to the request, or to another one."""
        return await self.ask(asked or self.asked)


Spoil: TypeAlias = Callable[[Turn], Awaitable[Told]]


class Meddler:
    """The ASGI application."""

    def __init__(self, app: ASGIApp, vendor: str, spoil: Spoil) -> None:
        self._app = app
        self._places = PLACES[vendor]
        self._spoil = spoil
        self._memory: dict[str, Json] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One call; whatever is none goes straight through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = await _read(scope, receive)

        async def ask(changed: Asked) -> Told:
            return await _call(self._app, scope, changed)

        told = await self._spoil(Turn(asked, ask, self._places, self._memory))
        headers = {**told.headers, "content-length": str(len(told.body))}
        lines = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": told.status, "headers": lines})
        await send({"type": "http.response.body", "body": b"" if asked.method == "HEAD" else told.body})


async def _read(scope: Scope, receive: Receive) -> Asked:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    path = scope.get("raw_path") or scope["path"].encode()
    return Asked(
        scope["method"], path.decode("latin-1"), scope["query_string"].decode("latin-1"), headers, b"".join(parts)
    )


async def _call(app: ASGIApp, scope: Scope, asked: Asked) -> Told:
    """What an application answers to the request, whole."""
    sent: list[Message] = []
    changed = {
        **scope,
        "method": asked.method,
        "path": unquote(asked.path),
        "raw_path": asked.path.encode("latin-1"),
        "query_string": asked.query.encode("latin-1"),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in asked.headers.items()],
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(changed, receive, send)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Told(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))
