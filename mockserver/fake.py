"""The fake as a whole: vendors, one store, one clock; calls go in, answers come out, and what happened can be asked."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from mockserver.accounts import NOBODY, Limits
from mockserver.clock import rfc3339, start_clock
from mockserver.fault_rules import FaultRule, read_rule
from mockserver.faults import FaultError
from mockserver.handover import Deliver, Handover
from mockserver.identity import seed_bytes
from mockserver.letters import Letters
from mockserver.mail import Mail
from mockserver.messages import Answer, Call, Entry
from mockserver.metrics import Label
from mockserver.pipeline import answer, answer_without_store
from mockserver.snapshot_reading import Snapshot, read_snapshot
from mockserver.snapshot_writing import write_snapshot
from mockserver.snapshots import PLAINLY, Loading, copy, put_back
from mockserver.spoiling import mishaps
from mockserver.store import Attempt, Bounds, MemoryStore, Store, StoreError
from mockserver.store.saved import Saved, SavedAccount
from mockserver.tasks import Task, ended, is_over, state_of, updated_ms
from mockserver.turn import World
from mockserver.vendor import Vendor
from specs.pack import Pack
from specs.pointers import Json

BODY_MAX = 64 * 1024 * 1024
_KNOWN_HOSTS_MAX = 1000
_LOG = logging.getLogger("understudy")
_RECEIVER_MS = 24 * 3600 * 1000
_NO_LIMITS: Mapping[str, Limits] = MappingProxyType({})


class TaskOverError(Exception):
    """The task is over; its end can't be chosen any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a fake is run; every value has the default of `understudy serve`.

    `deliver` is for a fake without a network: it gets each webhook, in place of the receiver that a request names.
    """

    clock: str = "x10"
    seed: int = 0
    limits: Mapping[str, Limits] = field(default_factory=lambda: _NO_LIMITS)
    directives: bool = True
    public_url: str | None = None
    body_max: int = BODY_MAX
    scenario: tuple[FaultRule, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)
    deliver: Deliver | None = None


class TaskView(NamedTuple):
    """A task as the admin API shows it."""

    task: Task
    status: str


class Fake:
    """Several vendors over one store. `wall_ms` tells the wall time; nothing else in here does."""

    def __init__(
        self,
        packs: Iterable[Pack],
        settings: Settings,
        wall_ms: Callable[[], int],
        store: Store | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.settings = settings
        self.wall_ms = wall_ms
        self.store: Store = store or MemoryStore(start_clock(settings.clock, wall_ms()), settings.bounds, say)
        seed = seed_bytes(settings.seed)
        self.vendors = {pack.name: Vendor(pack, settings.limits, seed) for pack in packs}
        # Without a socket, clients of several threads may share a fake: a call is one unit for them too.
        self._call = threading.Lock()
        self.mail = Mail(self.store, self.vendors, Letters(seed, settings.limits), wall_ms, self._call)
        self.mail.mishap_of = mishaps(self.store, seed, settings.scenario)
        self.handover: Handover | None = None
        if settings.deliver is not None:
            self.handover = Handover(self.mail, settings.deliver)
            # A receiver of this process may stand still in a debugger.
            self.mail.lease_ms = _RECEIVER_MS
        self._world = World(
            self.store,
            seed,
            settings.limits,
            settings.directives,
            settings.public_url,
            settings.body_max,
            self.mail,
            settings.scenario,
        )
        self._hosts = {host: vendor for vendor in self.vendors.values() for host in vendor.pack.behaviour.hosts}
        self._known_hosts: dict[str, Vendor | None] = {}
        self.answered: Counter[Label] = Counter()
        """How many calls this process has answered, of each kind."""
        self.started_ms = wall_ms()
        self._store_has_failed = False
        self._only = next(iter(self.vendors.values())) if len(self.vendors) == 1 else None

    def find_vendor(self, path: str, host: str) -> tuple[Vendor, str] | None:
        """The vendor that a path means, and the path within it: by documented host, by prefix, or as the only one.

        The host counts first: a vendor's own paths may begin with the name of another.
        """
        slash = path.find("/", 1)
        prefix = path[1:slash] if slash > 0 else path[1:]
        hosted = self._known_hosts[host] if host in self._known_hosts else self._find_host(host)
        vendor = self.vendors.get(prefix)
        if vendor is not None and (hosted is None or hosted is vendor):
            return vendor, path[slash:] if slash > 0 else "/"
        vendor = hosted or self._only
        return (vendor, path) if vendor is not None else None

    def _find_host(self, host: str) -> Vendor | None:
        """The vendor whose documented host this is, however it is written; remembered: clients repeat themselves."""
        if len(self._known_hosts) >= _KNOWN_HOSTS_MAX:
            self._known_hosts.clear()
        found = self._known_hosts[host] = self._hosts.get(host.partition(":")[0].lower())
        return found

    def handle(self, vendor: Vendor, call: Call) -> tuple[Answer, Entry]:
        """What the vendor answers; as a service that is down, while the store can't be reached."""
        with self._call:
            try:
                made = answer(vendor, call, self._world, self.wall_ms())
            except StoreError as problem:
                _LOG.warning("understudy: %s", problem)
                self._store_has_failed = True
                made = answer_without_store(vendor, call, self.wall_ms())
            entry = made[1]
            self.answered[entry.vendor, entry.operation, entry.status, entry.fault] += 1
            return made

    def check_store(self) -> None:
        """StoreError while the store can't be reached. After a call that failed there, one is begun and taken back."""
        with self._call:
            self.store.clock()
            if self._store_has_failed:
                self.store.open_call(NOBODY)
                self.store.abort_call()
                self._store_has_failed = False

    def settle(self) -> None:
        """Hands every webhook that is due to the function that was given for them; without one, nothing happens."""
        if self.handover is not None:
            self.handover.settle()

    # What the admin API asks

    def now_ms(self, account: str | None = None) -> int:
        """The instant, for all or for one account."""
        offset = self.store.account_clock(account).offset_ms if account is not None else 0
        return self.store.clock().now_ms(self.wall_ms()) + offset

    def clock_mode(self, account: str | None = None) -> str:
        """The clock's mode, for all or for one account."""
        mode = self.store.account_clock(account).mode if account is not None else None
        return mode or self.store.clock().mode

    def clock(self, account: str | None = None) -> dict[str, str]:
        """`{"mode", "now"}`."""
        return {"mode": self.clock_mode(account), "now": rfc3339(self.now_ms(account))}

    def advance(self, seconds: float, account: str | None = None) -> None:
        """A jump forward, for all or for one account; what falls due by it is handed over before this returns."""
        self.move(seconds, account)
        self.settle()

    def move(self, seconds: float, account: str | None = None) -> None:
        """The jump alone."""
        with self._call:
            if account is None:
                self.store.move_clock(seconds)
            else:
                self.store.move_account(account, round(seconds * 1000))
        self.mail.ring()

    def reset(self, account: str | None = None) -> None:
        """Forgets tasks, journal and webhooks, of all or of one account."""
        with self._call:
            self.store.reset(account)

    def entries(self, account: str | None = None, vendor: str | None = None, limit: int | None = None) -> list[Entry]:
        """The journal, newest last; `limit` keeps the newest."""
        with self._call:
            return self.store.entries(account, vendor, limit)

    def deliveries(self, account: str | None = None) -> list[Attempt]:
        """Every attempt to deliver a webhook, newest last."""
        with self._call:
            return self.store.webhooks.deliveries(account)

    def view(self, task: Task) -> TaskView:
        """The task with the vendor's word for its state now."""
        by_polls = self.clock_mode(task.account) == "polls"
        state = state_of(task, self.now_ms(task.account), by_polls=by_polls)
        return TaskView(task, self.vendors[task.vendor].voice.words[state] if task.vendor in self.vendors else state)

    def tasks(self, account: str | None = None) -> list[TaskView]:
        """Every task with the vendor's word for its state, oldest first."""
        with self._call:
            return [self.view(task) for task in self.store.all_tasks(account)]

    def snapshot(self, account: str | None = None) -> dict[str, Json]:
        """All that is remembered, or all of one account, as a document for `restore`; holds no key."""
        with self._call:
            saved, wall_ms = self.store.dump(account), self.wall_ms()
        if account is not None and not saved.accounts:
            saved = saved._replace(accounts=(SavedAccount(account=account),))
        return write_snapshot(saved, saved.clock or self.store.clock(), wall_ms, of_all=account is None)

    def restore(self, document: Json, how: Loading = PLAINLY) -> Saved:
        """Puts a snapshot in the place of what is remembered, all or nothing; SnapshotError says what is wrong."""
        return self.load(read_snapshot(document), how)

    def load(self, snapshot: Snapshot, how: Loading = PLAINLY) -> Saved:
        """The same with a snapshot that was read already."""
        with self._call:
            saved = put_back(self.store, snapshot, self.wall_ms(), how)
        self.mail.ring()
        return saved

    def fork(self, source: str, target: str) -> Saved:
        """Makes one account what another is; UnknownAccountError, or HeldError if it has made calls of its own."""
        with self._call:
            saved = copy(self.store, source, target)
        self.mail.ring()
        return saved

    def find_task(self, task_id: str) -> Task | None:
        """A task of whatever vendor and account."""
        return next(iter(self.find_tasks(task_id)), None)

    def find_tasks(self, task_id: str, account: str | None = None) -> list[Task]:
        """The tasks with this id, of whatever vendor, and of whatever account or this one."""
        if account is not None:
            found = (self.store.find_task(account, name, task_id) for name in self.vendors)
            return [task for task in found if task is not None]
        return [task for name in self.vendors for task in self.store.holders(name, task_id)]

    def find_result(self, vendor: str, task_id: str) -> Task | None:
        """The task that a result URL is about; of several accounts' with this id one that is done, if there is one."""
        holders = self.store.holders(vendor, task_id)
        return next((task for task in holders if self.is_done(task)), holders[0] if holders else None)

    def end_task(self, task: Task, failure: str | None) -> TaskView:
        """Ends a task now, with a failure or without, and tells so by webhook; TaskOverError when it is over."""
        view = self.end(task, failure)
        self.settle()
        return view

    def end(self, task: Task, failure: str | None) -> TaskView:
        """The end alone."""
        with self._call:
            return self._end(task, failure)

    def _end(self, task: Task, failure: str | None) -> TaskView:
        now_ms, by_polls = self.now_ms(task.account), self.clock_mode(task.account) == "polls"
        if is_over(task, now_ms, by_polls=by_polls):
            message = f"task {task.id} is over ({self.view(task).status})"
            raise TaskOverError(message)
        # By polls a task may have come further than the clock, which stands still: it does not end before that.
        last_ms = updated_ms(task, state_of(task, now_ms, by_polls=by_polls))
        end = ended(task, max(now_ms, last_ms), failure)
        self.store.replace_task(end)
        self.mail.ended(end, now_ms)
        return self.view(self.store.find_task(task.account, task.vendor, task.id) or task)

    def explain(self, call_id: str, account: str | None = None) -> dict[str, Json] | None:
        """What made the answer to a call in the journal, as the admin API tells it; None when there is no such call."""
        # Imported here for start-up: explaining reads sources and the catalogue of constraints.
        from mockserver.explaining import explain

        entry = next((each for each in self.entries(account) if each.id == call_id), None)
        if entry is None or entry.vendor not in self.vendors:
            return None
        task = self.find_task(entry.task_id) if entry.task_id is not None else None
        return explain(entry, self.vendors[entry.vendor], task, self.settings.seed)

    def add_fault(self, said: Json, account: str | None = None) -> str:
        """Remembers a fault rule, for one account or for all; FaultError says what is wrong with it. Its id."""
        rule = read_rule(said, [vendor.pack for vendor in self.vendors.values()])
        if account is not None and rule.account not in (None, account):
            message = "the call is about one account and the fault's key is another one; leave one of them out"
            raise FaultError(message, "", "key")
        with self._call:
            return self.store.faults.add(rule._replace(account=account) if account is not None else rule)

    def faults(self, account: str | None = None) -> list[FaultRule]:
        """The fault rules that wait, oldest first."""
        with self._call:
            return self.store.faults.rules(account)

    def drop_fault(self, rule_id: str, account: str | None = None) -> bool:
        """Forgets one, which the account's calls meet if one is named; whether there was one."""
        with self._call:
            shelf = self.store.faults
            is_met = account is None or any(rule.id == rule_id for rule in shelf.rules(account))
            return is_met and shelf.drop(rule_id)

    def drop_faults(self, account: str | None = None) -> None:
        """Forgets those of one account, or all."""
        with self._call:
            self.store.faults.drop_all(account)

    def is_done(self, task: Task) -> bool:
        """Whether the task has a result."""
        return state_of(task, self.now_ms(task.account), by_polls=self.clock_mode(task.account) == "polls") == "done"
