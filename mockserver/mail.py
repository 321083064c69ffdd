"""Webhooks from the change of a task's state to the log: which is due, whose turn it is, what its answer leads to.

Nothing here sends: whoever carries webhooks takes one, brings it to its receiver, and settles it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

import orjson

from mockserver.backlog import (
    Backlog,
    Mishap,
    Notice,
    abandoned,
    answered,
    ended,
    given_up,
    moved,
    planned,
    released,
    spoilt,
    unanswered,
)
from mockserver.faults import WEBHOOK_FAULTS
from mockserver.letters import Letters, Occasion, Webhook
from mockserver.store import Attempt, Claim, Store, StoreError
from mockserver.store.sealing import digest_of
from mockserver.tasks import Task, state_of
from mockserver.vendor import Vendor

# How much longer than an attempt may take it is the carrier's own: then others take it for lost with its carrier.
_SLACK_SECONDS = 2
_URL_SHOWN_MAX = 2048
_log = logging.getLogger("understudy")
_UNKNOWN = "the process that sent it ended before an answer came"


class Outcome(NamedTuple):
    """What came of an attempt: the receiver's status, or why there is none. `is_final`: it would come no other time."""

    status: int | None
    error: str | None = None
    is_final: bool = False


class Parcel(NamedTuple):
    """A webhook that was taken, with what is needed to settle it; `now_ms` is its instant on the clock of all."""

    webhook: Webhook
    backlog: Backlog
    attempts: int
    now_ms: int


class Met(NamedTuple):
    """A webhook before its first attempt: what it is about, at which second of the clock, and what can go wrong."""

    task: Task
    state: str
    seconds: float
    kinds: frozenset[str]


MishapOf: TypeAlias = Callable[[Met], Mishap | None]


class Mail:
    """The webhooks of one fake. `begin`, `moved` and `ended` belong to calls; the rest is said between them.

    `ring` is called when something may have fallen due, from whatever thread; `mishap_of` is asked what is to go wrong.
    What was taken must be settled or released within `lease_ms` of wall time.
    """

    def __init__(
        self,
        store: Store,
        vendors: Mapping[str, Vendor],
        letters: Letters,
        wall_ms: Callable[[], int],
        lock: AbstractContextManager[object],
    ) -> None:
        self._store = store
        self._shelf = store.webhooks
        self._shelf.serve(list(vendors))
        self._vendors = vendors
        self._letters = letters
        self._wall_ms = wall_ms
        self._lock = lock
        timeouts = [vendor.callbacks.timeout_seconds for vendor in vendors.values() if vendor.callbacks is not None]
        self.lease_ms = int((max(timeouts, default=0) + _SLACK_SECONDS) * 1000)
        self.ring: Callable[[], None] = _nobody
        self.mishap_of: MishapOf = lambda _: None

    @property
    def is_shared(self) -> bool:
        """Whether other processes may have webhooks for us to send."""
        return self._shelf.is_shared

    # Within a call

    def begin(self, task: Task, *, by_polls: bool) -> None:
        """A new task, whose request names a receiver."""
        callbacks = self._vendors[task.vendor].callbacks
        if callbacks is not None:
            offset_ms = self._store.account_clock(task.account).offset_ms
            self._shelf.add(planned(task, callbacks.states, offset_ms, by_polls=by_polls))
            self.ring()

    def moved(self, task: Task, now_ms: int) -> None:
        """A poll has moved the task; `now_ms` is on the account's clock."""
        self._tell(task, Notice(state_of(task, now_ms, by_polls=True), now_ms), moved)

    def ended(self, task: Task, now_ms: int) -> None:
        """The task has been ended ahead of its plan."""
        self._tell(task, Notice("done" if task.failure is None else "failed", now_ms), ended)

    def _tell(self, task: Task, notice: Notice, how: Callable[..., Backlog]) -> None:
        callbacks = self._vendors[task.vendor].callbacks
        if callbacks is None:
            return
        now_ms = notice.at_ms - self._store.account_clock(task.account).offset_ms
        change = partial(how, notice=notice, states=callbacks.states, now_ms=now_ms)
        if self._shelf.change(task.account, task.vendor, task.id, change):
            self.ring()

    # Between calls

    def now_ms(self) -> int:
        """The instant on the clock of all."""
        with self._lock:
            return self._store.clock().now_ms(self._wall_ms())

    def has_due(self, now_ms: int, account: str | None = None) -> bool:
        """Whether a webhook is due or under way at that instant on the clock of all."""
        with self._lock:
            return self._shelf.has_due(now_ms, account)

    def wait_seconds(self) -> float | None:
        """How long until the next falls due, by the wall; None when only a call can bring that about."""
        with self._lock:
            due_ms, clock = self._shelf.next_due_ms(), self._store.clock()
            if due_ms is None:
                return None
            ahead_ms = due_ms - clock.now_ms(self._wall_ms())
            if not clock.runs:
                return 0.0 if ahead_ms <= 0 else None
            return max(0.0, ahead_ms / 1000 / clock.rate)

    def take(self, account: str | None = None) -> Parcel | None:
        """The first webhook that is due, of all or of one account, for the caller to send and settle, or release."""
        with self._lock:
            wall_ms = self._wall_ms()
            claim = Claim(self._store.clock().now_ms(wall_ms), wall_ms, wall_ms + self.lease_ms, account)
            # Ends: what yields no parcel is not due afterwards.
            while (backlog := self._shelf.claim(claim)) is not None:
                parcel = self._prepared(backlog, claim)
                if parcel is not None:
                    return parcel
        return None

    def _prepared(self, backlog: Backlog, claim: Claim) -> Parcel | None:
        try:
            return self._prepare(backlog, claim)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - whatever a template can do wrong
            # A pack's template, most likely. The webhooks of other tasks must not stand behind it for ever.
            _log.exception("the webhooks of task %s can't be written and are given up", backlog.task_id)
            self._shelf.settle(backlog, abandoned, None)
            return None

    def settle(self, parcel: Parcel, outcome: Outcome) -> None:
        """Writes the log, and goes on to the next attempt or webhook of the task."""
        with self._lock:
            self._settle(parcel, outcome)

    def release(self, parcel: Parcel) -> None:
        """Gives back what was not sent."""
        with self._lock:
            self._shelf.settle(parcel.backlog, released, None)

    def _task(self, backlog: Backlog) -> Task | None:
        found = self._store.find_anywhere(backlog.vendor, backlog.task_id)
        if found is not None and digest_of(found.account) == digest_of(backlog.account):
            return found
        return self._store.find_task(backlog.account, backlog.vendor, backlog.task_id)

    def _prepare(self, backlog: Backlog, claim: Claim) -> Parcel | None:
        task, vendor = self._task(backlog), self._vendors.get(backlog.vendor)
        callbacks = vendor.callbacks if vendor is not None else None
        url = callbacks.url(orjson.loads(task.request)) if task is not None and callbacks is not None else None
        if task is None or vendor is None or callbacks is None or url is None or not backlog.waiting:
            self._shelf.settle(backlog, abandoned, None)
            return None
        mishap = self._mishap(backlog, task, signs=self._letters.signs(task.account, callbacks))
        if mishap is not None:
            self._shelf.settle(backlog, partial(spoilt, mishap=mishap), None)
            backlog = spoilt(backlog, mishap)
            if not backlog.claimed_until_ms:
                return None
        now_ms = claim.now_ms if self._store.clock().runs else backlog.due_ms or claim.now_ms
        occasion = self._occasion(task, backlog, now_ms, claim.wall_ms)
        parcel = Parcel(
            self._letters.write(vendor.voice, callbacks, url, occasion), backlog, callbacks.attempts, now_ms
        )
        return self._dispatched(parcel)

    def _occasion(self, task: Task, backlog: Backlog, now_ms: int, wall_ms: int) -> Occasion:
        clock = self._store.account_clock(task.account)
        by_polls = (clock.mode or self._store.clock().mode) == "polls"
        return Occasion(task, backlog.waiting[0], backlog.attempt, now_ms + clock.offset_ms, wall_ms, by_polls)

    def _dispatched(self, parcel: Parcel) -> Parcel | None:
        """The parcel, unless it goes nowhere."""
        if parcel.webhook.fault == "lost":
            self._settle(parcel, Outcome(None, "lost by a fault", is_final=True))
            return None
        if parcel.backlog.attempt > parcel.attempts:
            self._settle(parcel, Outcome(None, _UNKNOWN))
            return None
        return parcel

    def _mishap(self, backlog: Backlog, task: Task, *, signs: bool) -> Mishap | None:
        """What goes wrong: asked once for each webhook, and only for what can."""
        notice = backlog.waiting[0]
        if backlog.attempt != 1 or notice.mishap is not None:
            return None
        cannot = {kind for kind, can in (("forged", signs), ("reorder", backlog.has_another)) if not can}
        seconds = (notice.at_ms - self._store.clock().began_ms) / 1000
        return self.mishap_of(Met(task, notice.state, seconds, frozenset(WEBHOOK_FAULTS) - cannot))

    def _settle(self, parcel: Parcel, outcome: Outcome) -> None:
        clock, webhook = self._store.clock(), parcel.webhook
        now_ms = clock.now_ms(self._wall_ms()) if clock.runs else parcel.now_ms
        offset_ms = self._store.account_clock(webhook.account).offset_ms
        how: Callable[[Backlog], Backlog] = partial(given_up, now_ms=now_ms, offset_ms=offset_ms)
        if outcome.status is not None and outcome.status // 100 == 2:  # noqa: PLR2004 - 200 to 299
            how = partial(answered, now_ms=now_ms, offset_ms=offset_ms)
        elif not outcome.is_final:
            how = partial(unanswered, now_ms=now_ms, offset_ms=offset_ms, attempts=parcel.attempts)
        self._shelf.settle(parcel.backlog, how, _delivery(webhook, outcome))


def _nobody() -> None:
    """Where nobody carries webhooks."""


def shown_url(url: str) -> str:
    """A URL for the log: no password, and no longer than one reads."""
    try:
        parts = urlsplit(url)
        if parts.password is not None:
            url = url.replace(f":{parts.password}@", ":***@", 1)
    except ValueError:
        pass
    return url if len(url) <= _URL_SHOWN_MAX else url[: _URL_SHOWN_MAX - 1] + "…"


def _delivery(webhook: Webhook, outcome: Outcome) -> Attempt:
    return Attempt(
        account=webhook.account,
        vendor=webhook.vendor,
        task_id=webhook.task_id,
        id=webhook.id,
        url=shown_url(webhook.url),
        event=webhook.event,
        attempt=webhook.attempt,
        at_ms=webhook.at_ms,
        status=outcome.status,
        signature_valid=webhook.signature_valid,
        error=outcome.error,
        fault=webhook.fault,
    )
