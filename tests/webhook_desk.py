"""A client of a vendor that calls back, and its receiver, in one process: what is told is written down."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import httpx

import specs
from mockserver import Fake, Settings
from mockserver.letters import Webhook
from mockserver.store import Store
from mockserver.tasks import Task
from mockserver.transport import FakeTransport
from specs import Operation, Pack
from specs.pointers import replaced

Json = Any
URL = "http://receiver.example/hook"
WALL_MS = 1_800_000_000_000
START_MS = 1_767_225_600_000
SECRET = "whsec_dGVzdHNlY3JldHRlc3RzZWNyZXR0ZXN0c2VjcmV0MTI="


def _calling_packs() -> Iterator[Pack]:
    for name in specs.names():
        plain = specs.load(name)
        variants = [plain, *(specs.load(name, options={option: True}) for option in plain.options)]
        yield from [pack for pack in variants if pack.behaviour.callbacks is not None][:1]


CALLING = {pack.name: pack for pack in _calling_packs()}
"""Every vendor that calls back, if need be with the option under which it does."""


def expected_states(vendor: str, end: str = "done") -> list[str]:
    """The states that this vendor tells of, for a task that goes its way."""
    callbacks = CALLING[vendor].behaviour.callbacks
    assert callbacks is not None
    return [state for state in ("queued", "running", end) if state in callbacks["on"]]


class Desk:
    """One account at one vendor. The receiver answers these statuses, one for each attempt, then 200."""

    def __init__(
        self,
        vendor: str = "kling",
        clock: str = "manual",
        answers: Iterable[int] = (),
        store: Store | None = None,
        **settings: Any,
    ) -> None:
        self.pack = CALLING[vendor]
        self.received: list[Webhook] = []
        self._answers = list(answers)
        given = {"clock": clock, "deliver": self._receive, **settings}
        self.fake = Fake([self.pack], Settings(**given), wall_ms=lambda: WALL_MS, store=store)
        self.clients: dict[str, httpx.Client] = {}

    def _receive(self, webhook: Webhook) -> int:
        self.received.append(webhook)
        return self._answers.pop(0) if self._answers else 200

    def client(self, key: str = "key") -> httpx.Client:
        """A client with this key."""
        if key not in self.clients:
            transport = FakeTransport(self.fake)
            headers = {"Authorization": f"Bearer {key}"}
            self.clients[key] = httpx.Client(transport=transport, base_url="http://fake", headers=headers)
        return self.clients[key]

    @property
    def operation(self) -> Operation:
        """The first by which a task is submitted."""
        return next(each for each in self.pack.operations.values() if each.role == "submit")

    def body(self, url: str | None = URL, prompt: str = "a cat") -> Json:
        """A request that wants to be called there."""
        body = replaced(next(iter(self.operation.examples.values())), self.pack.behaviour.prompts[0], prompt)
        for pointer in filter(None, [self.pack.behaviour.external_id]):
            body = replaced(body, pointer, "")
        assert self.pack.behaviour.callbacks is not None
        return replaced(body, self.pack.behaviour.callbacks["url"], url) if url is not None else body

    def submit(self, url: str | None = URL, prompt: str = "a cat", key: str = "key") -> Task:
        """A new task."""
        answer = self.client(key).post(self.operation.path, json=self.body(url, prompt))
        assert answer.is_success, answer.text
        return self.fake.tasks(key)[-1].task

    def poll(self, task: Task, key: str = "key") -> Json:
        """The task as the vendor tells it."""
        poll = next(each for each in self.pack.operations.values() if each.role == "poll")
        name = str(poll.id_name)
        in_query = poll.id_location == "query"
        path = poll.path if in_query else poll.path.replace(f"{{{name}}}", quote(task.id, safe=""))
        return self.client(key).get(path, params={name: task.id} if in_query else None).json()

    def word(self, state: str) -> str:
        """The vendor's word for it."""
        return self.pack.behaviour.lifecycle.words[state]

    @property
    def told(self) -> list[tuple[str, int]]:
        """Event and attempt of everything that was received."""
        return [(webhook.event, webhook.attempt) for webhook in self.received]

    @property
    def events(self) -> list[str]:
        """The events alone."""
        return [webhook.event for webhook in self.received]


def statuses(desk: Desk, account: str | None = None) -> list[int | None]:
    """What the log says of each attempt."""
    return [delivery.status for delivery in desk.fake.deliveries(account)]


def said(webhook: Webhook) -> Mapping[str, Json]:
    """The body."""
    return json.loads(webhook.body)  # type: ignore[no-any-return]
