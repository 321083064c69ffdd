"""What a test gets of a fake: a vendor with an account of its own, its clock, calls, tasks, webhooks and faults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from pathlib import Path
from typing import Any

import httpx
import orjson

import specs
from mockserver.accounts import Limits
from mockserver.app import create_app
from mockserver.background import Background
from mockserver.clock import rfc3339
from mockserver.fake import Fake, Settings
from mockserver.handover import Deliver
from mockserver.letters import Webhook
from mockserver.messages import Entry
from mockserver.transport import AsyncFakeTransport, FakeTransport
from specs.pointers import Json
from specs.violations import Violation

_OK = 200


class Shown:
    """Something to look at: its members as attributes, or by their names as the admin API has them."""

    def __getitem__(self, name: str) -> Any:
        """The member of this name."""
        try:
            return getattr(self, name)
        except AttributeError:
            raise KeyError(name) from None


@dataclass(frozen=True)
class Request(Shown):
    """One call that reached the vendor; `body` and `answer` are JSON where they can be read as such, else bytes."""

    id: str
    at: str
    key: str
    vendor: str
    operation: str | None
    method: str
    path: str
    status: int
    task_id: str | None
    violations: tuple[Violation, ...]
    fault: str | None
    body: Json
    answer: Json


@dataclass(frozen=True)
class SubmittedTask(Shown):
    """One task as it stands now; `status` is the vendor's word."""

    id: str
    vendor: str
    operation: str
    status: str
    created_at: str
    request: Json


@dataclass(frozen=True)
class ReceivedWebhook(Shown):
    """One webhook that was handed over; `body` is JSON, `status` what the receiver has answered (None: it raised)."""

    id: str
    at: str
    url: str
    event: str
    attempt: int
    task_id: str
    status: int | None
    signature_valid: bool | None
    fault: str | None
    headers: Mapping[str, str]
    body: Json


def _content(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """How a test wants its vendor; the names are those of `understudy serve`, where it has them.

    `balance`, `concurrency`, `rate`, `secret` and `webhook_secret` are about the test's own account; `accounts` has
    those of other keys. `deliver` takes webhooks in place of the receivers that requests name; it may answer a status.
    """

    clock: str = "polls"
    seed: int = 0
    leniency: str = "documented"
    directives: bool = True
    public_url: str | None = None
    balance: int | None = None
    concurrency: int | None = None
    rate: float | None = None
    secret: str | None = None
    webhook_secret: str | None = None
    accounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    allow_violations: bool = False
    deliver: Deliver | None = None

    @classmethod
    def names(cls) -> list[str]:
        """What can be wished for."""
        return [each.name for each in fields(cls)]


class DeskClock:
    """The vendor's clock. It is the test's own: all accounts of the desk go by it."""

    def __init__(self, fake: Fake) -> None:
        self._fake = fake

    @property
    def mode(self) -> str:
        """`real`, `xN`, `manual` or `polls`."""
        return self._fake.clock_mode()

    @property
    def now(self) -> str:
        """The instant, RFC 3339 in UTC."""
        return rfc3339(self._fake.now_ms())

    def advance(self, seconds: float) -> None:
        """Moves time forward; whatever falls due is done when this returns."""
        if seconds < 0:
            message = f"the clock can't be moved by {seconds} s: time only moves forward"
            raise ValueError(message)
        self._fake.advance(seconds)


class VendorDesk:
    """One vendor, and an account of the test's own there. Any other key is another account of the same vendor."""

    def __init__(self, name: str | Path, key: str, wishes: Wishes, wall_ms: Callable[[], int]) -> None:
        pack = specs.load(name, lenient=wishes.leniency == "lenient")
        limits = {other: Limits(**says) for other, says in wishes.accounts.items()}
        limits[key] = Limits(
            secret=wishes.secret,
            webhook_secret=wishes.webhook_secret,
            balance=wishes.balance,
            concurrency=wishes.concurrency,
            rate=wishes.rate,
        )
        settings = Settings(
            clock=wishes.clock,
            seed=wishes.seed,
            limits=limits,
            directives=wishes.directives,
            public_url=wishes.public_url,
            deliver=self._receive,
        )
        self._deliver = wishes.deliver
        self._received: list[ReceivedWebhook] = []
        self.fake = Fake([pack], settings, wall_ms)
        self.name = pack.name
        self.title = pack.title
        self.key = key
        self.allow_violations = wishes.allow_violations
        self.clock = DeskClock(self.fake)
        self._server: Background | None = None

    @property
    def url(self) -> str:
        """The base URL of a real server, started when it is first asked for; documented paths follow it."""
        if self._server is None:
            self._server = Background(create_app(self.fake))
            self._server.start()
        return self._server.url

    def transport(self) -> httpx.BaseTransport:
        """For `httpx.Client(transport=...)`: no socket; the base URL may be any, the documented one too."""
        return FakeTransport(self.fake)

    def async_transport(self) -> httpx.AsyncBaseTransport:
        """For `httpx.AsyncClient(transport=...)`."""
        return AsyncFakeTransport(self.fake)

    @property
    def requests(self) -> list[Request]:
        """Every call that reached the vendor, whatever its key, newest last."""
        return [_request(entry) for entry in self.fake.entries()]

    @property
    def tasks(self) -> list[SubmittedTask]:
        """Every task, whatever its key, oldest first."""
        return [
            SubmittedTask(
                view.task.id,
                view.task.vendor,
                view.task.operation,
                view.status,
                rfc3339(view.task.created_ms),
                _content(view.task.request),
            )
            for view in self.fake.tasks()
        ]

    def _receive(self, webhook: Webhook) -> int | None:
        status = None
        try:
            answered = self._deliver(webhook) if self._deliver is not None else None
            status = _OK if answered is None else answered
        finally:
            self._received.append(_received(webhook, status))
        return status

    @property
    def webhooks(self) -> list[ReceivedWebhook]:
        """Every webhook so far, each attempt, whatever its account's key, newest last. None leaves by a network."""
        self.fake.settle()
        return list(self._received)

    def fault(self, fault: Mapping[str, Json] | None = None, /, **said: Json) -> str:
        """Lets calls go wrong; the fault's id.

        The fault as one object or by name, and beside it `operation`, `times`, `after`, `probability` and so on:
        `fault({"status": 503}, operation="poll")`, `fault(close=True, times=2)`. FaultError says what is wrong with it.
        """
        rule = {name: said.pop(name) for name in _RULE_MEMBERS if name in said}
        return self.fake.add_fault({**rule, "vendor": self.name, "fault": {**(fault or {}), **said}})

    def end(self, task_id: str, reason: str | None = None) -> None:
        """Ends a task now: well, or with this reason badly. KeyError when there is no such task."""
        task = self.fake.find_task(task_id)
        if task is None:
            message = f"there is no task {task_id!r}; `tasks` lists them"
            raise KeyError(message)
        self.fake.end_task(task, reason)

    def reset(self) -> None:
        """Forgets tasks, calls, webhooks and faults."""
        self.fake.reset()
        self._received.clear()

    def end_server(self) -> Background | None:
        """Lets the server end, if there is one, by itself; whoever wants to wait for it can."""
        server, self._server = self._server, None
        if server is not None:
            server.end()
        return server

    def broken_promises(self) -> list[str]:
        """What the calls broke of the contract, in words; each constraint once."""
        if self.allow_violations:
            return []
        return list(dict.fromkeys(line for entry in self.fake.entries() for line in _broken(entry)))


_RULE_MEMBERS = ("operation", "times", "after", "probability", "from_seconds", "until_seconds", "key")


def _broken(entry: Entry) -> list[str]:
    where = f"{entry.operation or entry.method + ' ' + entry.path}"
    if entry.operation is None:
        return [f"{where}: the contract has no such call (answered {entry.status})"]
    return [
        f"{where} {each.pointer or '(body)'} {each.rule}: {each.message} (answered {entry.status})"
        for each in entry.violations
    ]


def _request(entry: Entry) -> Request:
    return Request(
        entry.id,
        rfc3339(entry.at_ms),
        entry.key,
        entry.vendor,
        entry.operation,
        entry.method,
        entry.path,
        entry.status,
        entry.task_id,
        entry.violations,
        entry.fault,
        _content(entry.body),
        _content(entry.answer),
    )


def _received(webhook: Webhook, status: int | None) -> ReceivedWebhook:
    return ReceivedWebhook(
        webhook.id,
        rfc3339(webhook.at_ms),
        webhook.url,
        webhook.event,
        webhook.attempt,
        webhook.task_id,
        status,
        webhook.signature_valid,
        webhook.fault,
        webhook.headers,
        _content(webhook.body),
    )


def key_of(place: str, number: int) -> str:
    """The key of the n-th vendor that a test asks for: the same in every run, another one for every test."""
    return f"test-{blake2b(place.encode(), digest_size=6).hexdigest()}-{number}"
