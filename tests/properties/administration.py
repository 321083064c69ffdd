"""A client of the admin API that compares every answer with what the API's own document says of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from mockserver.app import create_app
from mockserver.fake import Fake
from properties.promised import Kind, fresh_key
from specs.validation import compile_schema

Json = Any
PREFIX = "/__understudy"
START = "2026-01-01T00:00:00.000Z"
PROBLEM = "application/problem+json"


class Admin:
    """A client of the admin API that compares every answer with the API's own document."""

    def __init__(self, client: httpx.AsyncClient, document: Json, key: str) -> None:
        self.client = client
        self.document = document
        self.key = key

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One call, whose answer is documented for it."""
        answer = await self.client.request(method, PREFIX + path, **more)
        self.judge(method, path.partition("?")[0], answer)
        return answer

    def judge(self, method: str, path: str, answer: httpx.Response) -> None:
        """A documented status, its media type and its schema; off the document, a problem."""
        operation = self._operation(path).get(method.lower())
        if operation is None:
            assert answer.status_code in (404, 405), answer.text
            media_type, schema = PROBLEM, {"$ref": "#/components/schemas/Problem"}
        else:
            content = operation["responses"][str(answer.status_code)].get("content", {})
            if not content:
                assert answer.content == b""
                return
            media_type, schema = next((name, each["schema"]) for name, each in content.items())
        assert answer.headers["content-type"].partition(";")[0] == media_type
        validator = compile_schema({**schema, "components": self.document["components"]})
        assert [error.message for error in validator.iter_errors(answer.json())] == []
        if media_type == PROBLEM:
            assert answer.json()["status"] == answer.status_code

    def _operation(self, path: str) -> Json:
        paths = self.document["paths"]
        return paths.get(path) or (paths["/tasks/{id}"] if re.fullmatch("/tasks/[^/]+", path) else {})

    async def mine(self, method: str, path: str, **more: Any) -> Json:
        """A call about this account alone, that must succeed."""
        answer = await self.ask(method, path, params={"key": self.key, **more.pop("params", {})}, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def vendor_call(self, kind: Kind, body: Json, key: str | None = None) -> httpx.Response:
        """A call to a vendor by this account, or another."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return await self.client.post(f"/{kind.pack.name}{kind.submit.path}", json=body, headers=headers)

    async def submit(self, kind: Kind, prompt: str = "a cat") -> str:
        """A job of this account; its id."""
        answer = await self.vendor_call(kind, kind.with_prompt(prompt))
        assert answer.is_success, answer.text
        return kind.task_id(answer.json())

    async def poll(self, kind: Kind, task_id: str) -> httpx.Response:
        """What the vendor says of the task."""
        path = f"/{kind.pack.name}{kind.poll_path(task_id)}"
        return await self.client.get(path, headers={"Authorization": f"Bearer {self.key}"})


@asynccontextmanager
async def administered(fake: Fake | str, **more: Any) -> AsyncIterator[Admin]:
    """The admin API of a fake, or of the server at a URL."""
    transport = None if isinstance(fake, str) else httpx.ASGITransport(create_app(fake, **more))
    base = fake if isinstance(fake, str) else "http://fake"
    async with httpx.AsyncClient(base_url=base, transport=transport, timeout=30) as client:
        document = (await client.get(f"{PREFIX}/openapi.json")).json()
        yield Admin(client, document, fresh_key())
