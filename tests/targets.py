"""A fake as a client sees it, once without a socket and once over one: the same facts are asked of both."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, Protocol

import httpx

import specs
from mockserver import Fake, Settings
from mockserver.admin import create_admin
from mockserver.transport import FakeTransport

Json = Any
_NUMBERS = itertools.count(1)


class Target(Protocol):
    """One vendor, and an account of its own there."""

    vendor: str
    key: str
    client: httpx.Client
    """Base URL: the vendor's prefix; carries the key; sends nothing else by itself."""

    def account(self, key: str | None = None) -> httpx.Client:
        """A client with another key (None: no Authorization at all)."""

    def advance(self, seconds: float) -> None:
        """Moves this account's clock."""

    def fault(self, fault: Json, **rule: Json) -> str:
        """Lets this account's calls go wrong; the rule's id."""

    def admin(self, method: str, path: str, **more: Any) -> Json:
        """Any other call of the admin API about this account, which must succeed."""

    def journal(self) -> list[Json]:
        """This account's calls, newest last, as the admin API shows them."""

    def tasks(self) -> list[Json]:
        """This account's tasks, oldest first."""


class _Target:
    def __init__(self, vendor: str, base: str, admin: httpx.Client, transport: httpx.BaseTransport | None) -> None:
        self.vendor = vendor
        self.key = f"key-{vendor}-{next(_NUMBERS)}"
        self._base = base
        self._admin = admin
        self._transport = transport
        self._clients: list[httpx.Client] = []
        self.client = self.account(self.key)

    def account(self, key: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key}"} if key is not None else {}
        client = httpx.Client(
            base_url=self._base, headers=headers, transport=self._transport, timeout=30, trust_env=False
        )
        self._clients.append(client)
        return client

    def _ask(self, method: str, path: str, **more: Any) -> Json:
        answer = self._admin.request(method, path, params={"key": self.key}, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def advance(self, seconds: float) -> None:
        self._ask("POST", "/clock", json={"advance_seconds": seconds})

    def fault(self, fault: Json, **rule: Json) -> str:
        return str(self._ask("POST", "/faults", json={"vendor": self.vendor, "fault": fault, **rule})["id"])

    def admin(self, method: str, path: str, **more: Any) -> Json:
        return self._ask(method, path, **more)

    def journal(self) -> list[Json]:
        return list(self._ask("GET", "/requests")["requests"])

    def tasks(self) -> list[Json]:
        return list(self._ask("GET", "/tasks")["tasks"])

    def close(self) -> None:
        for client in self._clients:
            client.close()


@lru_cache(maxsize=2)
def _admin(fake: Fake) -> Any:
    # Made for each of a thousand accounts of one fake, its thirty routes would take longer than what they are asked.
    return create_admin(fake, None, "/__understudy")


class _AdminTransport(httpx.BaseTransport):
    """The admin API of a fake without a socket, and without an event loop: it never waits for anything."""

    def __init__(self, fake: Fake) -> None:
        self._app = _admin(fake)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body, sent = request.read(), list[Any]()
        scope = {
            "type": "http",
            "method": request.method,
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "server": ("fake", 80),
            "client": ("test", 1),
        }

        async def receive() -> Json:
            return {"type": "http.request", "body": body}

        async def send(message: Json) -> None:
            sent.append(message)

        try:
            self._app(scope, receive, send).send(None)
        except StopIteration:
            content = b"".join(message.get("body", b"") for message in sent[1:])
            return httpx.Response(sent[0]["status"], headers=sent[0]["headers"], content=content)
        message = "the admin API waited for something"
        raise AssertionError(message)


class _Kept(httpx.HTTPTransport):
    """One pool of connections for all clients of a test process; a client's end is not its end."""

    def close(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


@cache
def _sockets() -> httpx.BaseTransport:
    # No certificates: reading them takes longer than most tests.
    return _Kept(verify=False, limits=httpx.Limits(max_keepalive_connections=50, keepalive_expiry=600))


@contextmanager
def in_process(fake: Fake, vendor: str) -> Iterator[Target]:
    """The vendor by way of the httpx transport."""
    with httpx.Client(base_url="http://fake/__understudy", transport=_AdminTransport(fake)) as admin:
        target = _Target(vendor, f"http://fake/{vendor}", admin, FakeTransport(fake))
        yield target
        target.close()


@contextmanager
def over_socket(url: str, vendor: str) -> Iterator[Target]:
    """The vendor on a running server."""
    with httpx.Client(base_url=f"{url}/__understudy", timeout=30, transport=_sockets()) as admin:
        target = _Target(vendor, f"{url}/{vendor}", admin, _sockets())
        yield target
        target.close()


def make_fake(*names: str, clock: str = "manual", **more: Any) -> Fake:
    """A fake of these vendors (all, when none is named) with a clock that stands still and a wall at zero."""
    packs = [specs.load(name) for name in names or specs.names()]
    return Fake(packs, Settings(clock=clock, **more), wall_ms=lambda: 1_800_000_000_000)


@contextmanager
def serving(*words: str) -> Iterator[str]:
    """`understudy serve` with these words on a free port, as a process; yields its URL."""
    command = [sys.executable, "-m", "contracts.cli", "serve", "--port", "0", "--log", "off", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"listening on (\S+)", line)
        assert found is not None, f"the server said {line!r}"
        try:
            yield found[1]
        finally:
            process.terminate()
            process.wait(10)


def pretty(body: Json) -> str:
    """JSON for messages of failing tests."""
    return json.dumps(body, indent=1, ensure_ascii=False)
