"""The sample gateway as a test sees it: in process, in front of a fake provider that remembers what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import httpx

import specs
from examples.gateways.app import create_gateway
from mockserver import Fake
from mockserver.transport import AsyncFakeTransport
from specs.validation import compile_schema
from targets import make_fake

Json: TypeAlias = Any
Answers: TypeAlias = Callable[[httpx.Request], httpx.Response]

SUBMIT, QUERY = "/v1/video/generations", "/v1/videos"
PACK = specs.load("uniall")
JOB = {"model": "kling-v3-std-silent", "prompt": "A lighthouse in a storm"}
PICTURE = "https://example.com/first.png"
SHOTS = [{"prompt": "The door opens", "duration": 3}, {"prompt": "The keeper steps out", "duration": 4}]


class Recorder(httpx.AsyncBaseTransport):
    """The fake provider, and everything that it was asked."""

    def __init__(self, fake: Fake, spoil: Answers | None = None) -> None:
        self.fake = fake
        self.asked: list[httpx.Request] = []
        self.spoil = spoil
        self._inner = AsyncFakeTransport(fake)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """What the provider answers, or what stands in its place."""
        self.asked.append(request)
        return self.spoil(request) if self.spoil else await self._inner.handle_async_request(request)

    def orders(self) -> list[Json]:
        """The bodies of the submits."""
        return [json.loads(request.content) for request in self.asked if request.method == "POST"]


class Caller(httpx.AsyncClient):
    """A caller of a gateway that stands in front of the fake provider."""

    provider: Recorder


@asynccontextmanager
async def calling(
    clock: str = "polls", *, spoil: Answers | None = None, key: str | None = "sk-one"
) -> AsyncIterator[Caller]:
    recorder = Recorder(make_fake("mulerouter", clock=clock), spoil)
    app = create_gateway("http://fake/mulerouter/", "own-key", httpx.AsyncClient(transport=recorder))
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app=app)
    async with Caller(transport=transport, base_url="http://gateway", headers=headers) as client:
        client.provider = recorder
        yield client


def promised(answer: httpx.Response, operation: str) -> Json:
    """The body, after the contract's schema for this status was asked about it."""
    schema = PACK.operations[operation].response_schema(answer.status_code)
    assert schema is not None, answer.text
    validator = compile_schema(schema)
    validator.validate(answer.json())
    assert answer.headers["x-oneapi-request-id"]
    return answer.json()


async def submitted(client: Caller, job: Json) -> str:
    answer = await client.post(SUBMIT, json=job)
    assert answer.status_code == 200, answer.text
    return str(promised(answer, "createVideo")["id"])


async def followed(client: Caller, job_id: str) -> list[Json]:
    """The job at each poll, up to its end."""
    seen: list[Json] = []
    while not seen or seen[-1]["status"] in ("queued", "in_progress"):
        assert len(seen) < 20
        seen.append(promised(await client.get(f"{QUERY}/{job_id}"), "getVideo"))
    return seen
