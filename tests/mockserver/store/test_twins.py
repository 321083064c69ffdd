"""Two kinds of store are told the same and must say the same: whatever one forgets, the other forgets."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeAlias, TypeVar

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from mockserver.accounts import redact
from mockserver.backlog import Backlog, Notice, answered, unanswered
from mockserver.clock import start_clock
from mockserver.messages import Entry
from mockserver.store import Attempt, Bounds, Claim, ExternalIdTakenError, Store, StoreError
from mockserver.store.opening import open_store
from mockserver.store.saved import Saved
from mockserver.tasks import Task
from redis_server import RedisServer
from specs.violations import Violation

Value = TypeVar("Value")
Step: TypeAlias = Callable[[Store], object]

# So small that every bound is met again and again. With one on an account's entries too the two would be free
# to forget different ones of all: that bound has tests of its own.
BOUNDS = Bounds(
    tasks=5, entries=7, entries_per_account=100, accounts=3, webhooks=4, deliveries=5, deliveries_per_account=3
)
KEYS = ("key-one", "key-two", "key-three", "key-four")

keys = strategies.sampled_from(KEYS)
instants = strategies.integers(0, 9)
ends = strategies.none() | instants


class Twins(RuleBasedStateMachine):
    """Submits, polls, moves, resets; every step is done to both, and every answer compared."""

    def __init__(self, name: Callable[[Path], str]) -> None:
        super().__init__()
        self.name = name

    @initialize()
    def begin(self) -> None:
        """Two empty stores."""
        self.folder = tempfile.TemporaryDirectory()
        self.said: tuple[list[str], list[str]] = ([], [])
        self.stores = [
            open_store(text, start_clock("manual", 0), BOUNDS, said.append)
            for text, said in zip(("memory", self.name(Path(self.folder.name))), self.said, strict=True)
        ]
        for store in self.stores:
            store.webhooks.serve(["vendor"])
        self.number = 0
        self.now_ms = 0

    def teardown(self) -> None:
        """Nothing is left behind."""
        if hasattr(self, "stores"):
            for store in self.stores:
                store.close()
            self.folder.cleanup()

    def both(self, ask: Callable[[Store], Value]) -> Value:
        """The answer of both."""
        first, second = (ask(store) for store in self.stores)
        assert first == second
        return first

    def is_over(self, task: Task) -> bool:
        """By a clock that only moves forward."""
        return task.end_ms is not None and self.now_ms >= task.end_ms

    def whole_call(self, key: str, *steps: Step) -> None:
        """One call of an account."""
        self.number += 1
        violations = (Violation("/a", "type", f"violation {self.number}"),) * (self.number % 2)
        entry = Entry(
            self.number.to_bytes(16, "big"), self.number, redact(key), "vendor", None, "GET", "/path", 200,
            None, violations, None, b"body", b"answer",
        )  # fmt: skip
        self.both(lambda store: store.open_call(key))
        for step in steps:
            self.both(step)
        self.both(lambda store: store.close_call(key, entry))

    @rule(key=keys, kind=strategies.sampled_from("ab"), external=strategies.sampled_from([None, "x"]), end=ends)
    def submit(self, key: str, kind: str, external: str | None, end: int | None) -> None:
        """A task, which the client's id or the bounds may stand against."""
        name = f"task-{self.number}"

        def add(store: Store) -> str:
            # Each store has a task of its own, as each changes it in its own way.
            task = Task(name, key, "vendor", "create", kind, b"{}", 0, 0, end, None, "", external, 1)
            try:
                store.add_task(task, self.is_over)
            except (ExternalIdTakenError, StoreError) as refusal:
                return f"{type(refusal).__name__} {refusal}"
            return "added"

        self.whole_call(key, add)

    @rule(key=keys, number=strategies.integers(0, 30), external=strategies.booleans())
    def poll(self, key: str, number: int, external: bool) -> None:  # noqa: FBT001 - drawn, not passed
        """By our id or by the client's."""

        def count(store: Store) -> Task | None:
            found = store.find_task(key, "vendor", f"task-{number}")
            if external:
                found = store.find_external(key, "vendor", "x")
            return replace(store.count_poll(found)) if found is not None else None

        self.whole_call(key, count)

    @rule(key=keys, kind=strategies.sampled_from(["a", "b", None]), skip=strategies.integers(0, 3))
    def look(self, key: str, kind: str | None, skip: int) -> None:
        """What admission and lists ask for."""
        self.whole_call(
            key,
            lambda store: store.list_tasks(key, "vendor", kind, skip, 2),
            lambda store: list(store.unfinished(key, self.is_over)),
            lambda store: store.submissions(key),
            lambda store: store.rate(key, self.now_ms * 300),
            lambda store: store.count_call(key, self.now_ms * 300),
        )

    @rule(number=strategies.integers(0, 30))
    def end_early(self, number: int) -> None:
        """As the admin API ends a task."""

        def end(store: Store) -> None:
            found = store.find_anywhere("vendor", f"task-{number}")
            if found is not None and not self.is_over(found):
                store.replace_task(replace(found, end_ms=self.now_ms, failure="reason"))

        self.both(end)

    @rule(key=keys, mode=strategies.sampled_from(["polls", None]), milliseconds=instants)
    def move(self, key: str, mode: str | None, milliseconds: int) -> None:
        """Of an account's clock, and of that of all."""
        self.now_ms += 1
        self.both(lambda store: store.move_account(key, milliseconds))
        self.both(lambda store: store.set_mode(key, mode))
        self.both(lambda store: store.move_clock(milliseconds / 8))

    @rule(key=keys, due=ends)
    def owe(self, key: str, due: int | None) -> None:
        """A task that has two webhooks to send."""
        notices = (Notice("queued", 0), Notice("done", 5))
        backlog = Backlog(key, "vendor", f"owing-{self.number}", due, notices, 2)
        self.whole_call(key, lambda store: store.webhooks.add(backlog))

    @rule(key=keys | strategies.none(), status=strategies.sampled_from([200, 500]), now_ms=instants)
    def deliver(self, key: str | None, status: int, now_ms: int) -> None:
        """Whatever is due first."""

        def carry(store: Store) -> str | None:
            backlog = store.webhooks.claim(Claim(now_ms, 0, 1000, key))
            if backlog is None:
                return None
            how = partial(answered, now_ms=now_ms, offset_ms=0)
            if status != 200:
                how = partial(unanswered, now_ms=now_ms, offset_ms=0, attempts=2)
            event = backlog.waiting[0].state
            line = (backlog.account, "vendor", backlog.task_id, "id", "url", event, backlog.attempt, now_ms)
            store.webhooks.settle(backlog, how, Attempt(*line, status, None, None, None))
            return backlog.task_id

        self.both(carry)

    @rule(key=keys | strategies.none())
    def reset(self, key: str | None) -> None:
        """Of one account, or all."""
        self.both(lambda store: store.reset(key))

    @rule(key=keys | strategies.none())
    def save_and_load(self, key: str | None) -> None:
        """Of one account, or all: as it was."""
        for store in self.stores:
            saved = store.dump(key)
            store.load(saved if key is None else Saved(None, saved.accounts))

    @rule(source=keys, to=keys)
    def fork(self, source: str, to: str) -> None:
        """Tasks of two accounts have one id from now on; a store that would be too full says so."""

        def copy(store: Store) -> str:
            copied = tuple(each.named(to) for each in store.dump(source).accounts)
            try:
                store.load(Saved(None, copied), replace=False)
            except StoreError as refusal:
                return f"{type(refusal).__name__} {refusal}"
            return "copied"

        self.both(copy)

    @invariant()
    def they_agree(self) -> None:
        """On everything that can be asked for from outside, and on what was said about forgetting."""
        tasks = self.both(lambda store: [replace(task, account="") for task in store.all_tasks(None)])
        entries = self.both(lambda store: store.entries(None, None, None))
        for key in KEYS:
            self.both(lambda store, key=key: store.all_tasks(key))  # type: ignore[misc]
            self.both(lambda store, key=key: store.entries(key, None, 3))  # type: ignore[misc]
            self.both(lambda store, key=key: store.account_clock(key))  # type: ignore[misc]
        self.both(lambda store: store.clock().now_ms(0))
        self.both(lambda store: store.webhooks.dump(None))
        self.both(lambda store: store.webhooks.next_due_ms())
        self.both(lambda store: [store.webhooks.has_due(5, key) for key in (None, *KEYS)])
        assert self.said[0] == self.said[1]
        assert len(tasks) <= BOUNDS.tasks
        assert len(entries) <= BOUNDS.entries


def compare(name: Callable[[Path], str], how: settings) -> None:
    """Puts the memory and stores of this name through it."""
    # A function that makes one does as well as its class: so says the library.
    run_state_machine_as_test(lambda: Twins(name), settings=how)  # type: ignore[arg-type]


def test_file_is_a_twin_of_the_memory() -> None:
    """Whatever is done to both."""
    compare(lambda folder: f"sqlite:{folder / 'store.db'}", settings(max_examples=30, stateful_step_count=40))


def test_server_is_a_twin_of_the_memory(redis_server: RedisServer) -> None:
    """Whatever is done to both."""
    compare(lambda _: redis_server.store(), settings(max_examples=20, stateful_step_count=30))
