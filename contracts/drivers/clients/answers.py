"""What a vendor of a pack answers, by the fake's own core: to a job, about a task in a state, as a refusal."""

from __future__ import annotations

import time
from dataclasses import replace
from urllib.parse import quote

from contracts.exchange import HeaderLines
from contracts.judge.promise import Promise
from contracts.scenarios.repertoire import ODD
from mockserver import Fake, Settings
from mockserver.messages import Answer, Call, Headers
from mockserver.scene import Scene
from mockserver.tasks import Task
from mockserver.vendor import Vendor
from specs.pack import Operation, Pack

_HOUR_MS, _DAY_MS = 3_600_000, 86_400_000
_TOKEN = bytes(range(16))
_BASE = "http://127.0.0.1"
_NAMELESS = 503
_JSON: HeaderLines = (("content-type", "application/json"),)


class Vendors:
    """The fakes behind all runs: one with ids as the pack has them, one with ids that need percent-encoding."""

    def __init__(self, promise: Promise, seed: int) -> None:
        self.promise = promise
        self._seed = seed
        self._fakes: dict[bool, Fake] = {}

    def _fake(self, *, odd_ids: bool) -> Fake:
        if odd_ids not in self._fakes:
            pack = _with_odd_ids(self.promise.pack) if odd_ids else self.promise.pack
            settings = Settings(clock="real", seed=self._seed, directives=False)
            self._fakes[odd_ids] = Fake([pack], settings, wall_ms=lambda: time.time_ns() // 1_000_000)
        return self._fakes[odd_ids]

    def account(self, key: str, *, odd_ids: bool, clock_days: int) -> Account:
        """A new account of the vendor, under a key that no other run has."""
        return Account(self._fake(odd_ids=odd_ids), self.promise.pack, key, clock_days)


def _with_odd_ids(pack: Pack) -> Pack:
    task_id = pack.behaviour.task_id._replace(prefix=ODD + pack.behaviour.task_id.prefix)
    return pack._replace(behaviour=pack.behaviour._replace(task_id=task_id))


class Account:
    """One client's account: what it asks is answered as documented, and its tasks are where the scenario wants them."""

    def __init__(self, fake: Fake, pack: Pack, key: str, clock_days: int) -> None:
        self._fake = fake
        self._pack = pack
        self._key = key
        if clock_days:
            fake.store.move_account(key, clock_days * _DAY_MS)

    @property
    def _vendor(self) -> Vendor:
        return self._fake.vendors[self._pack.name]

    def ask(self, call: Call) -> tuple[Answer, str | None]:
        """What the vendor answers to the call, and the task that it is about."""
        answer, entry = self._fake.handle(self._vendor, call)
        return answer, entry.task_id

    def bring(self, task_id: str, state: str, failure: str | None) -> None:
        """From now on the task is in this state, for as long as nobody says otherwise."""
        task = self._fake.store.find_task(self._key, self._pack.name, task_id)
        if task is not None:
            self._fake.store.replace_task(_planned(task, self._fake.now_ms(self._key), state, failure))

    def owns(self, headers: Headers) -> bool:
        """Whether whoever sends these headers is this account, or nobody that the vendor would know."""
        caller = self._vendor.accounts.read(headers, time.time())
        return caller.situation is not None or caller.account == self._key

    def refusal(self, operation: Operation, situation: str) -> tuple[int, HeaderLines, bytes]:
        """How the vendor says no in this situation; without the header that tells when to come back."""
        known = self._vendor.endpoints[operation.id].refusals
        if situation not in known:
            # A pack may have no words for it; servers that stand before the vendor have.
            return _NAMELESS, _JSON, b'{"message":"the request could not be served"}'
        call = Call(operation.method, quote(operation.path, safe="/{}"), "", {}, b"", _BASE)
        scene = Scene(self._vendor.voice, call, _TOKEN, self._fake.now_ms(self._key), by_polls=False)
        answer = known[situation].write(scene)
        lines = tuple((name, value) for name, value in headers_of(answer) if name.lower() != "retry-after")
        return answer.status, lines, answer.body


def _planned(task: Task, now_ms: int, state: str, failure: str | None) -> Task:
    """The task with a plan by which it is in the state now; what has come to pass by an earlier plan stays."""
    if state == "queued":
        return replace(task, running_ms=now_ms + _HOUR_MS, end_ms=now_ms + 2 * _HOUR_MS)
    running_ms = min(task.running_ms, now_ms)
    if state == "running":
        return replace(task, running_ms=running_ms, end_ms=now_ms + _HOUR_MS)
    end_ms = now_ms if task.end_ms is None else min(task.end_ms, now_ms)
    return replace(task, running_ms=running_ms, end_ms=end_ms, failure=failure)


def headers_of(answer: Answer) -> HeaderLines:
    """The headers as texts, the length left to whoever sends it."""
    lines = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers)
    return tuple(line for line in lines if line[0].lower() != "content-length")


def lower_headers(lines: HeaderLines) -> Headers:
    """Headers of a request as the fake's core reads them."""
    return {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in lines}
