"""A talk with a reference service: a clock that is moved by hand, and a transcript in which chance has no part.

Two services that differ in anything a caller could see give two transcripts: so every seeded bug is shown to be one.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import httpx
from starlette.types import ASGIApp

from references.callers import BAD_KEY, KEY, OTHER_KEY
from references.seeding import Bug

Json: TypeAlias = Any
Transcript: TypeAlias = list[tuple[str, int, str, str]]

Create: TypeAlias = Callable[..., ASGIApp]

START_SECONDS = 1_790_000_000.0
_OF_BODIES = ("constraint", "conditional", "cross-field", "image")
_CHANCE = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-zA-Z]{16,}")


class DifferentError(Exception):
    """The transcript is another than the one that was expected."""


class HandClock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now = START_SECONDS

    def __call__(self) -> float:
        """The instant."""
        return self.now


class Talk:
    """Requests to one service, each with the answer in the transcript; DifferentError once it is not as expected."""

    def __init__(self, client: httpx.AsyncClient, clock: HandClock, expected: Transcript | None) -> None:
        self.client = client
        self.clock = clock
        self.transcript: Transcript = []
        self._expected = expected
        self._seen: dict[str, str] = {}

    def _plain(self, text: str) -> str:
        """The text, with what is drawn by chance told by the order of its appearance."""
        return _CHANCE.sub(lambda found: self._seen.setdefault(found[0], f"<{len(self._seen)}>"), text)

    async def ask(self, name: str, method: str, path: str, **more: Any) -> httpx.Response:
        """One request as httpx takes it, by the first account unless `headers` say otherwise."""
        headers = {"authorization": f"Bearer {KEY}", **more.pop("headers", {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        answer = await self.client.request(method, path, headers=headers, **more)
        # Other headers than the type of the content are free.
        kind = answer.headers.get("content-type", "")
        self.transcript.append((name, answer.status_code, kind, self._plain(answer.text)))
        number = len(self.transcript) - 1
        if self._expected is not None and self._expected[number : number + 1] != self.transcript[number:]:
            raise DifferentError(name)
        return answer

    async def submit(self, name: str, path: str, body: Json, **more: Any) -> httpx.Response:
        """A job."""
        content = json.dumps(body).encode()
        headers = {"content-type": "application/json", **more.pop("headers", {})}
        return await self.ask(name, "POST", path, content=content, headers=headers, **more)

    def pass_time(self, seconds: float) -> None:
        """Later."""
        self.clock.now += seconds


Part: TypeAlias = Callable[[Talk], Awaitable[None]]


@asynccontextmanager
async def talking(
    create: Create, bugs: frozenset[str] = frozenset(), expected: Transcript | None = None
) -> AsyncIterator[Talk]:
    """A talk with a fresh service whose tasks take a second."""
    clock = HandClock()
    transport = httpx.ASGITransport(app=create(bugs, clock=clock, seconds=1.0))
    async with httpx.AsyncClient(transport=transport, base_url="http://reference") as client:
        yield Talk(client, clock, expected)


async def transcripts(create: Create, parts: Iterable[Part]) -> dict[Part, Transcript]:
    """What a correct service says in each part of a talk."""
    heard = {}
    for part in parts:
        async with talking(create) as talk:
            await part(talk)
            heard[part] = talk.transcript
    return heard


async def first_difference(create: Create, bug: Bug, correct: Mapping[Part, Transcript]) -> str | None:
    """The request by which a service with this bug can be told from a correct one."""
    # What is wrong with bodies shows in the first part, most else in the second: the likely one is asked first.
    bodies, others, *rest = correct
    for part in ((bodies, others) if bug.kind in _OF_BODIES else (others, bodies)) + tuple(rest):
        try:
            async with talking(create, frozenset({bug.id}), correct[part]) as talk:
                await part(talk)
        except DifferentError as found:
            return str(found)
    return None


async def ask_as_strangers(talk: Talk, submit: str, poll: str, job: Json) -> None:
    """Every way to say whose a call is, on both operations."""
    ways: Mapping[str, str | None] = {
        "none": None,
        "empty": "",
        "no-key": "Bearer ",
        "basic": f"Basic {KEY}",
        "unknown": f"Bearer {BAD_KEY}",
        "lower-case": f"bearer {KEY}",
        "other": f"Bearer {OTHER_KEY}",
    }
    for name, header in ways.items():
        headers = {"authorization": header}
        await talk.submit(f"submit with key {name}", submit, job, headers=headers)
        await talk.ask(f"poll with key {name}", "GET", poll, headers=headers)


_RAW: Mapping[str, bytes] = {
    "empty": b"",
    "cut": b'{"prompt": "a',
    "trailing": b"%s x",
    "array": b"[%s]",
    "scalar": b"5",
    "null": b"null",
    "nan": b'{"x": NaN, "rest": %s}',
    "nan-member": b'{"x": NaN, %s',
    "bad-utf8": b'{"x": "\xff", %s',
    "deep": b'{"x": ' + b"[" * 200 + b"]" * 200 + b", %s",
    "huge": b'{"x": ' + b"9" * 5000 + b", %s",
    "beyond": b'{"x": 1e400, %s',
    "nul": b'{"x": "\\u0000", %s',
    "twice": b'{"x": 1, "x": 2, %s',
    "half-pair": b'{"x": "\\ud800", %s',
}


async def ask_with_odd_bodies(talk: Talk, path: str, job: Json) -> None:
    """Bodies as no client library writes them, some of them jobs all the same; and other content types."""
    content = json.dumps(job).encode()
    for name, raw in _RAW.items():
        rest = content[1:] if raw.endswith(b", %s") else content
        await talk.ask(f"body {name}", "POST", path, content=raw.replace(b"%s", rest), headers=_JSON)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json;charset=UTF-8"):
        await talk.ask(f"body as {kind}", "POST", path, content=content, headers={"content-type": kind})
    await talk.ask("body without a type", "POST", path, content=content)

    async def parts() -> AsyncIterator[bytes]:
        yield content

    await talk.ask("body in chunks", "POST", path, content=parts(), headers=_JSON)


_JSON = {"content-type": "application/json"}


async def ask_for_odd_things(talk: Talk, submit: str, poll: str) -> None:
    """Methods and paths that nobody documents."""
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
        await talk.ask(f"{method} submit path", method, submit)
    for method in ("POST", "PUT", "HEAD", "DELETE"):
        await talk.ask(f"{method} task", method, poll)
    await talk.ask("task after odd methods", "GET", poll)
    await talk.ask("nowhere", "GET", "/nowhere")
    for task_id in ("00000000-0000-4000-8000-000000000000", "nobody", "a%20b", "%F0%9F%8C%8A", "x" * 300):
        await talk.ask(f"task {task_id[:10]}", "GET", f"{poll.rpartition('/')[0]}/{task_id}")
