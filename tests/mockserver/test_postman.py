"""Webhooks beside a server: they leave by themselves, in order, and no receiver holds up anybody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

import mockserver.postman
from mockserver import Fake, Settings
from mockserver.accounts import Limits
from mockserver.app import App, create_app
from mockserver.clock import start_clock
from mockserver.letters import Webhook
from mockserver.signing import is_signed, signing_key
from mockserver.store import Store
from mockserver.store.opening import open_store
from receivers import Receiver, hang, receiving, status
from webhook_desk import CALLING, SECRET

Json = Any
LONG = 1000
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


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A postman with less patience than ours."""
    monkeypatch.setattr(mockserver.postman, "_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(mockserver.postman, "_SILENCE_MAX_SECONDS", 0.5)


async def test_clock_answers_when_all_is_delivered() -> None:
    """In order, retries that fall due within the jump included; the log tells each attempt."""
    async with receiving(status(500)) as receiver, served() as service:
        task_id = await service.submit(f"{receiver.url}/hook")
        answer = await service.advance(LONG)

        assert told(receiver) == ["submitted", "submitted", "processing", "succeed"]
        assert answer == {"mode": "manual", "now": "2026-01-01T00:16:40.000Z"}
        log = await service.deliveries()
        assert [(each["event"], each["attempt"], each["status"]) for each in log] == [
            ("submitted", 1, 500),
            ("submitted", 2, 204),
            ("processing", 1, 204),
            ("succeed", 1, 204),
        ]
        assert {(each["task_id"], each["url"]) for each in log} == {(task_id, f"{receiver.url}/hook")}
        assert log[1]["at"] == "2026-01-01T00:00:05.000Z"


async def test_webhooks_leave_signed() -> None:
    """By wall time, over the bytes that are sent."""
    async with receiving() as receiver, served() as service:
        await service.submit(receiver.url)
        await service.submit(receiver.url, key="other")
        await service.advance(0)

        by_key = {"webhook-id" in arrived.headers: arrived for arrived in receiver.arrived}
        signed = by_key[True]
        seconds = int(signed.headers["webhook-timestamp"])
        assert abs(seconds - time.time()) < 60
        assert is_signed(
            signing_key(SECRET), signed.headers["webhook-id"], seconds, signed.body, signed.headers["webhook-signature"]
        )
        assert [each["signature_valid"] for each in await service.deliveries("key")] == [True]
        assert [each["signature_valid"] for each in await service.deliveries("other")] == [None]


async def test_first_webhook_leaves_by_itself() -> None:
    """It is due at the submit; nobody has to move a clock for it."""
    async with receiving() as receiver, served() as service:
        await service.submit(receiver.url)
        await receiver.wait_for(1)

        assert told(receiver) == ["submitted"]


async def test_running_clock_sends_by_itself() -> None:
    """Each at its time."""
    async with receiving() as receiver, served(clock="x200") as service:
        await service.submit(receiver.url)
        await receiver.wait_for(3)

        assert told(receiver) == ["submitted", "processing", "succeed"]


async def test_poll_fires_its_webhook() -> None:
    """With the clock `polls`."""
    async with receiving() as receiver, served(clock="polls") as service:
        task_id = await service.submit(receiver.url)
        for count, state in enumerate(("processing", "succeed"), 2):
            await service.poll(task_id)
            await receiver.wait_for(count)
            assert told(receiver)[-1] == state


async def test_end_of_a_task_is_delivered_before_it_is_answered() -> None:
    """`POST /tasks/{id}` is a change of state too."""
    async with receiving() as receiver, served() as service:
        task_id = await service.submit(receiver.url)
        answer = await service.client.post(f"{ADMIN}/tasks/{task_id}", json={"outcome": "fail", "reason": "no"})

        assert answer.is_success
        assert told(receiver) == ["submitted", "failed"]


async def test_accounts_clock_waits_for_its_own_webhooks() -> None:
    """`?key=` moves one account."""
    async with receiving() as receiver, served() as service:
        mine, theirs = await service.submit(receiver.url), await service.submit(receiver.url, key="other")
        await service.advance(LONG, "key")
        assert len(await service.deliveries("key")) == 3
        await receiver.wait_for(4)

        states: dict[str, list[str]] = {task_id: [] for task_id in (mine, theirs)}
        for arrived in receiver.arrived:
            states[arrived.said["task_id"]].append(arrived.said["task_status"])
        assert states == {mine: ["submitted", "processing", "succeed"], theirs: ["submitted"]}


async def test_order_of_instants_over_all_receivers() -> None:
    """Whoever they are for, what falls due first is sent first."""
    async with receiving() as receiver, served() as service:
        for number in range(12):
            await service.submit(f"{receiver.url}/{number}", key=f"key-{number % 3}")
        await service.advance(LONG)

        instants = [arrived.said["updated_at"] for arrived in receiver.arrived]
        assert len(instants) == 36
        assert instants == sorted(instants)


@pytest.mark.usefixtures("impatient")
async def test_receiver_that_hangs_holds_up_nobody_else() -> None:
    """Others get theirs in their order, and calls are answered meanwhile."""
    async with receiving(*[hang] * 50) as stuck, receiving() as receiver, served() as service:
        for number in range(10):
            await service.submit(stuck.url if number % 2 else receiver.url, key=f"key-{number % 2}")
        async with asyncio.timeout(10):
            await service.advance(LONG, "key-0")
            assert (await service.client.get(f"{ADMIN}/health")).is_success

        assert len(receiver.arrived) == 15
        await stuck.wait_for(5)
        # Each of the others waits for its first webhook to be answered, all at the same time.
        assert told(stuck) == ["submitted"] * 5


@pytest.mark.usefixtures("impatient")
async def test_clock_does_not_wait_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    """A receiver that never answers costs the call so much time and no more."""
    async with receiving(*[hang] * 50) as stuck, served() as service:
        await service.submit(stuck.url)
        began = time.monotonic()
        await service.advance(LONG)

        assert 0.5 <= time.monotonic() - began < 8
        assert "waits no longer" in caplog.text
        assert (await service.deliveries()) == []


async def test_where_nothing_may_go_is_logged() -> None:
    """With the reason, once for each change, and at once."""
    async with receiving() as receiver, served(callbacks="off") as service:
        await service.submit(receiver.url)
        await service.submit("not a url")
        await service.advance(LONG)

        assert receiver.arrived == []
        log = await service.deliveries()
        assert [(each["attempt"], each["status"]) for each in log] == [(1, None)] * 6
        assert {each["error"] for each in log} == {"webhooks are off (--callbacks off)"}


def test_where_webhooks_may_go_is_one_of_three_words() -> None:
    """Anything else is refused before a server stands."""
    fake = Fake([CALLING["kling"]], Settings(), wall_ms)

    with pytest.raises(ValueError, match="off, loopback, any"):
        create_app(fake, callbacks="everywhere")


@pytest.fixture
def file_stores(tmp_path: Path) -> Iterator[list[Store]]:
    """Two openings of one file."""
    name = f"sqlite:{tmp_path / 'store.db'}"
    stores = [open_store(name, start_clock("manual", 0)) for _ in range(2)]
    yield stores
    for store in stores:
        store.close()


async def test_server_that_ends_gives_back_what_it_had_taken(file_stores: list[Store]) -> None:
    """The next one makes the same attempt; it finds what is owed when it starts."""
    async with receiving(hang) as receiver:
        async with served(store=file_stores[0]) as service:
            await service.submit(receiver.url)
            await receiver.wait_for(1)
        async with served(store=file_stores[1]) as service:
            service.app.postman.start()
            await receiver.wait_for(2)
            await service.advance(0)

            (line,) = await service.deliveries()
            assert (line["attempt"], line["status"]) == (1, 204)


async def test_two_servers_of_one_file_deliver_everything_once(file_stores: list[Store]) -> None:
    """Either one's clock waits for both."""
    async with receiving() as receiver, served(store=file_stores[0]) as one, served(store=file_stores[1]) as two:
        for service in (one, two):
            service.app.postman.start()
        for number in range(10):
            await (one, two)[number % 2].submit(f"{receiver.url}/{number}")
        await one.advance(LONG)

        sent = [(arrived.target, arrived.said["task_status"]) for arrived in receiver.arrived]
        assert len(sent) == len(set(sent)) == 30
        assert len(await two.deliveries()) == 30


async def test_receiver_in_the_same_process_may_ask_the_server() -> None:
    """It runs in a thread: what it asks is answered meanwhile, and the clock waits for it."""
    seen: list[tuple[str, str]] = []
    loop = asyncio.get_running_loop()

    def receive(webhook: Webhook) -> None:
        asked = asyncio.run_coroutine_threadsafe(service.client.get(f"{ADMIN}/health"), loop)
        seen.append((webhook.event, asked.result(20).json()["status"]))

    async with served(deliver=receive) as service:
        await service.submit("http://receiver.example/")
        await service.advance(LONG)

        assert seen == [(event, "ok") for event in ("submitted", "processing", "succeed")]


def test_another_event_loop_takes_over() -> None:
    """An application outlives a loop: what was owed in the first one leaves in the next."""
    service = Service()

    async def first() -> None:
        async with receiving() as receiver:
            await service.submit(receiver.url)
            await receiver.wait_for(1)

    async def second() -> list[str]:
        async with receiving() as receiver:
            await service.submit(receiver.url, key="second")
            await service.advance(LONG, "second")
            return told(receiver)

    asyncio.run(first())
    assert asyncio.run(second()) == ["submitted", "processing", "succeed"]


async def test_lifespan_begins_and_ends_it(file_stores: list[Store]) -> None:
    """Any server that tells its beginning and its end: what an earlier one has left is sent."""
    async with receiving(hang) as receiver:
        async with served(store=file_stores[0]) as service:
            await service.submit(receiver.url)
            await receiver.wait_for(1)
        later = Service(store=file_stores[1])
        messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        answered: list[str] = []

        async def receive() -> Json:
            if answered:
                await receiver.wait_for(2)
            return next(messages)

        async def send(message: Json) -> None:
            answered.append(message["type"])

        await later.app({"type": "lifespan"}, receive, send)

        assert answered == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        await later.client.aclose()


async def test_clock_does_not_outwait_the_server() -> None:
    """A call that waits for webhooks is answered when nobody carries them any more; nothing leaves afterwards."""
    async with receiving(hang) as receiver, served() as service:
        await service.submit(receiver.url)
        waiting = asyncio.create_task(service.advance(LONG))
        await receiver.wait_for(1)
        await service.app.postman.close()
        async with asyncio.timeout(5):
            await waiting

        await service.submit(receiver.url)
        await service.advance(LONG)
        assert len(receiver.arrived) == 1
