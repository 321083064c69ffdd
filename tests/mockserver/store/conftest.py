"""Stores to put through the tests, and tasks and entries to put into them."""

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest

from mockserver.accounts import redact
from mockserver.clock import start_clock
from mockserver.messages import Entry
from mockserver.store import Bounds, Store
from mockserver.store.opening import open_store
from mockserver.tasks import Task
from redis_server import RedisServer
from specs.violations import Violation

WALL_MS = 1_700_000_000_000

VIOLATIONS = (Violation("/a/0", "maximum", "a[0] must be at most 5, not 6"), Violation("", "json", "„öäü\0”"))


class Opener(Protocol):
    """Opens a store of the kind that the test is about."""

    def __call__(
        self, clock: str = "manual", bounds: Bounds | None = None, say: Callable[[str], None] | None = None
    ) -> Store: ...


class Opened:
    """Opens stores by their `--store` value, and closes them all."""

    def __init__(self) -> None:
        self._open: list[Store] = []

    def __call__(
        self,
        text: str,
        clock: str = "manual",
        bounds: Bounds | None = None,
        say: Callable[[str], None] | None = None,
    ) -> Store:
        self._open.append(open_store(text, start_clock(clock, WALL_MS), bounds, say))
        return self._open[-1]

    def close(self) -> None:
        """Closes what was opened, once more where the test has."""
        for store in self._open:
            store.close()


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens any store."""
    opener = Opened()
    yield opener
    opener.close()


KINDS = ("memory", "sqlite", "redis")


def opener(request: pytest.FixtureRequest, name: str) -> Opener:
    """Opens a store of the kind that the request asks for; by the same name, the same store."""
    opened: Opened = request.getfixturevalue("opened")
    if request.param == "redis":
        return partial(opened, request.getfixturevalue("redis_server").store())
    path: Path = request.getfixturevalue("tmp_path") / f"{name}.db"
    return partial(opened, "memory" if request.param == "memory" else f"sqlite:{path}")


@pytest.fixture(params=KINDS)
def open_one(request: pytest.FixtureRequest) -> Opener:
    """Opens a store of each kind in turn: what is written once holds for all of them."""
    return opener(request, "store")


@pytest.fixture(params=KINDS)
def open_other(request: pytest.FixtureRequest) -> Opener:
    """Opens another store, of each kind in turn."""
    return opener(request, "other")


@pytest.fixture
def store(open_one: Opener) -> Store:
    """An empty store of each kind in turn."""
    return open_one()


@pytest.fixture
def sqlite_name(tmp_path: Path) -> str:
    """A `--store` value for a file that isn't there yet."""
    return f"sqlite:{tmp_path / 'store.db'}"


@pytest.fixture(params=["sqlite", "redis"])
def shared_name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A `--store` value for a store that isn't there yet, of each kind that processes share."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'store.db'}"
    server: RedisServer = request.getfixturevalue("redis_server")
    return server.store()


@pytest.fixture
def make_task() -> Callable[..., Task]:
    """Makes tasks with ids of their own, each of which runs from its 1,000th to its 2,000th millisecond."""
    numbers = itertools.count(1)

    def make(account: str = "key-one", **members: Any) -> Task:
        number = next(numbers)
        given: dict[str, Any] = {
            "id": f"task-{number}",
            "vendor": "vendor",
            "operation": "createThing",
            "kind": "thing",
            "request": b'{"prompt": "a cat"}',
            "created_ms": 0,
            "running_ms": 1000,
            "end_ms": 2000,
            "failure": None,
            "base": "http://127.0.0.1:8787",
            "external": None,
            "ordinal": number,
        }
        return Task(account=account, **{**given, **members})

    return make


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    """Makes entries of the journal with tokens of their own."""
    numbers = itertools.count(1)

    def make(account: str = "key-one", **members: Any) -> Entry:
        given: dict[str, Any] = {
            "token": next(numbers).to_bytes(16, "big"),
            "at_ms": 1_767_225_600_000,
            "key": redact(account),
            "vendor": "vendor",
            "operation": "createThing",
            "method": "POST",
            "path": "/v1/things%2F",
            "status": 200,
            "task_id": "task-1",
            "violations": VIOLATIONS,
            "fault": None,
            "body": b"\x00\xff",
            "answer": b"{}",
        }
        return Entry(**{**given, **members})

    return make


@pytest.fixture
def call(make_entry: Callable[..., Entry]) -> Callable[..., Entry]:
    """Makes one whole call of an account, which adds these tasks."""

    def make(store: Store, account: str = "key-one", *tasks: Task, **members: Any) -> Entry:
        store.open_call(account)
        for task in tasks:
            store.add_task(task, lambda _: False)
        entry = make_entry(account, **members)
        store.close_call(account, entry)
        return entry

    return make
