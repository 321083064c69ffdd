"""A service that sends webhooks, in this process and without a socket of its own: what it is asked, what it sent."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from mockserver import Fake, Settings
from mockserver.accounts import Limits
from mockserver.app import App, create_app
from mockserver.store import Store
from receivers import Receiver
from webhook_desk import CALLING, SECRET

Json = Any
SUBMIT = "/kling/v1/videos/text2video"
ADMIN = "/__understudy"


def wall_ms() -> int:
    """Wall time."""
    return time.time_ns() // 1_000_000


class Service:
    """An application with a fake in it, and a client."""

    def __init__(
        self, clock: str = "manual", store: Store | None = None, callbacks: str = "loopback", **more: Any
    ) -> None:
        settings = Settings(clock=clock, limits={"key": Limits(webhook_secret=SECRET)}, **more)
        self.fake = Fake([CALLING["kling"], CALLING["powertokens"]], settings, wall_ms, store)
        self.app: App = create_app(self.fake, callbacks=callbacks)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://fake", timeout=60)

    async def submit(self, url: str, key: str = "key", prompt: str = "a cat") -> str:
        """A task's id."""
        body = {"model_name": "kling-v3", "prompt": prompt, "callback_url": url}
        answer = await self.client.post(SUBMIT, json=body, headers={"Authorization": f"Bearer {key}"})
        return str(answer.json()["data"]["task_id"])

    async def poll(self, task_id: str, key: str = "key") -> None:
        """One poll."""
        await self.client.get(f"{SUBMIT}/{task_id}", headers={"Authorization": f"Bearer {key}"})

    async def advance(self, seconds: float, key: str | None = None) -> Json:
        """Moves the clock; the answer."""
        params = {"key": key} if key else {}
        answer = await self.client.post(f"{ADMIN}/clock", json={"advance_seconds": seconds}, params=params)
        assert answer.is_success
        return answer.json()

    async def deliveries(self, key: str | None = None) -> list[Json]:
        """The log."""
        params = {"key": key} if key else {}
        return list((await self.client.get(f"{ADMIN}/webhooks", params=params)).json()["deliveries"])


@asynccontextmanager
async def served(**more: Any) -> AsyncIterator[Service]:
    """A service for as long as a test lasts."""
    service = Service(**more)
    yield service
    await service.app.postman.close()
    await service.client.aclose()


def told(receiver: Receiver) -> list[str]:
    """The states that have arrived."""
    return [arrived.said["task_status"] for arrived in receiver.arrived]
