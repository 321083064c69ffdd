"""What a process has under way at the server: the open call, which holds its account, and the clock as it was told.

Who holds an account and dies, or is held up for too long, loses it, and with it the right to write: a call that has
lost its account fails and has not happened.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex

from mockserver.clock import Clock
from mockserver.messages import Entry
from mockserver.store import redis_scripts as scripts
from mockserver.store.protocol import Bounds, StoreError, UnusableStoreError
from mockserver.store.redis_link import RedisLink, Reply, Script, Word, unusable
from mockserver.store.redis_values import (
    Account,
    ToldClock,
    digest_text,
    entry_words,
    read_account,
    read_clock,
    task_words,
)
from mockserver.store.redis_webhooks import Owed
from mockserver.store.sealing import label_of
from mockserver.tasks import Task

LAYOUT = "1"
# How long a call may take before another one may have its account; how long another one waits for it.
_HOLD_MS, _PATIENCE_SECONDS = 5_000, 10.0
# The pauses of who waits, and after how many of them it asks whether the holder is still there.
_WAIT_SECONDS, _WAITS_BEFORE_ASKING = 0.002, 10
# Among how many of the oldest accounts one to forget is sought.
_OLDEST = 1000


@dataclass(slots=True)
class OpenCall:
    """Whose it is, by which token it holds the account, what it was told, and what it will have done."""

    digest: str
    token: bytes
    account: Account
    held_tasks: int
    clock: ToldClock
    has_faults: bool
    tasks: list[Task] = field(default_factory=list)
    polled: list[bytes] = field(default_factory=list)
    owed: Owed = field(default_factory=Owed)


class RedisSession:
    """The one call that this process has open, if any; other threads wait for its end."""

    def __init__(
        self, link: RedisLink, clock: Clock, bounds: Bounds, on_eviction: Callable[[str], None] | None
    ) -> None:
        self._link = link
        self._bounds = bounds
        self._on_eviction = on_eviction
        self.lock = threading.RLock()
        self.call: OpenCall | None = None
        # What locks are held by, told from those of every other worker.
        self._token, self._numbers = token_hex(6).encode(), count(1)
        self._brought, self._since_ms = clock, b""
        self._agree()

    def _agree(self) -> None:
        """Brings the clock to a new store, or one that has lost all; else takes the one that is there."""
        clock = self._brought
        asked = (clock.mode, clock.rate, clock.began_ms, clock.offset_ms, self._since_ms)
        layout, told = self._link.run(scripts.AGREE, LAYOUT, *asked)
        if layout != LAYOUT.encode():
            why = f"it has layout {layout.decode()!r}, and this version of understudy reads layout {LAYOUT}"
            raise unusable(self._link.name, why, "name another namespace by ?namespace=, or empty this one")
        found = read_clock(told)
        if found.rate != clock.rate or (not clock.rate and found.mode != clock.mode):
            message = (
                f"{self._link.name} runs on the clock {found.mode}, and {clock.mode} was asked for; ask for "
                f"{found.mode}, or name another namespace by ?namespace="
            )
            raise UnusableStoreError(message)
        self._keep(found)

    def _keep(self, clock: ToldClock) -> ToldClock:
        """The clock as it is now, to be brought again should the server lose all."""
        self._brought, self._since_ms = clock, b"%d" % clock.began_wall_ms
        return clock

    # The open call

    def open(self, account: str) -> OpenCall:
        """Takes the account; others wait for it from now on."""
        self.lock.acquire()
        try:
            self.call = self._take(account)
        except BaseException:
            self.lock.release()
            raise
        return self.call

    def _take(self, account: str) -> OpenCall:
        digest = digest_text(account)
        token = b"%b:%b:%d" % (self._link.client_id, self._token, next(self._numbers))
        words = (digest, label_of(account), token, _HOLD_MS, self._bounds.accounts)
        state, *reply = self._link.run(scripts.OPEN, *words)
        for waited in count(1):
            if state == b"ok":
                break
            self._prepare(state, reply, digest, waited)
            state, *reply = self._link.run(scripts.OPEN, *words)
        found, held, told, faults = reply
        return OpenCall(digest, token, read_account(found), int(held), self._keep(read_clock(told)), bool(faults))

    def _prepare(self, state: bytes, reply: list[bytes], digest: str, waited: int) -> None:
        """Does what stands against taking an account, or waits for it to go."""
        if state == b"new":
            self._agree()
        elif state == b"full":
            self.forget_account()
        elif waited * _WAIT_SECONDS > _PATIENCE_SECONDS:
            message = f"the store {self._link.name} can't do it now: another worker has the account, and keeps it"
            raise StoreError(message)
        else:
            self._link.wait(_WAIT_SECONDS)
            if waited % _WAITS_BEFORE_ASKING == 0 and not self._link.is_connected(reply[0].partition(b":")[0]):
                self._link.run(scripts.UNLOCK, digest, reply[0])

    def close(self, entry: Entry) -> list[bytes]:
        """Writes all of the open call, and lets go of the account; when it can't, `abort` must follow.

        Whose webhooks made room for those of the call.
        """
        call = self.call
        assert call is not None  # noqa: S101 - the store's protocol asks for an open call
        answer, *gone = self._write(call, entry)
        while answer == b"changed":
            for change in call.owed.changes:
                change.read_again(self._link.run)
            answer, *gone = self._write(call, entry)
        if answer != b"ok":
            message = f"the store {self._link.name} can't do it now: the call took too long, and another one came first"
            raise StoreError(message)
        self.call = None
        self.lock.release()
        return list(gone[0])

    def _write(self, call: OpenCall, entry: Entry) -> Reply:
        bounds = self._bounds
        whose = (call.digest, call.token, call.account.born, call.account.ordinal + 1)
        most = (bounds.entries_per_account, bounds.entries, bounds.webhooks)
        tasks = [len(call.tasks), *(word for task in call.tasks for word in task_words(task))]
        done = [*tasks, len(call.polled), *call.polled, *call.owed.words()]
        # Never again: it may have been done and not heard of.
        return self._link.run(scripts.CLOSE, *whose, *entry_words(entry), *most, *done, again=False)

    def abort(self) -> None:
        """Lets go of the account, of which nothing was written yet; does nothing unless this thread has a call open."""
        if not self.lock.acquire(blocking=False):
            return
        try:
            call, self.call = self.call, None
            if call is not None:
                self.lock.release()
                # Out of reach it runs out by itself.
                with suppress(StoreError):
                    self._link.run(scripts.UNLOCK, call.digest, call.token)
        finally:
            self.lock.release()

    def call_of(self, account: str) -> OpenCall | None:
        """The open call, if it is the account's."""
        call = self.call
        return call if call is not None and call.digest == digest_text(account) else None

    def pending(self, account: str) -> list[Task]:
        """The tasks that the account's open call adds."""
        call = self.call_of(account)
        return call.tasks if call is not None else []

    # Questions and changes

    def ask(self, script: Script, *words: Word) -> Reply:
        """A question, or a change that may as well be made twice."""
        with self.lock:
            return self._link.run(script, *words)

    def change(self, script: Script, *words: Word) -> Reply:
        """A change that must be made once: first the connection is tried, unless a call has just used it."""
        with self.lock:
            if self.call is None:
                self.clock()
            return self._link.run(script, *words, again=False)

    def change_account(self, script: Script, account: str, *words: Word) -> Reply:
        """A change of an account, which is made if need be, and room for it."""
        whose = (digest_text(account), label_of(account), self._bounds.accounts)
        while (reply := self.change(script, *whose, *words)) == b"full":
            self.forget_account()
        return reply

    def forget_account(self) -> None:
        """Makes room for a new account: among the oldest ones, the one with the fewest tasks."""
        self.say(self._bounds.say_account_forgotten())
        self._link.run(scripts.FORGET_ACCOUNT, _OLDEST)

    def say(self, message: str) -> None:
        """Tells the log what was forgotten."""
        if self._on_eviction is not None:
            self._on_eviction(message)

    def clock(self) -> ToldClock:
        """The clock of all; in a call, as it was when the call began."""
        with self.lock:
            if self.call is not None:
                return self.call.clock
            told = self._link.run(scripts.CLOCK)
            if told[0] is None:
                self._agree()
                told = self._link.run(scripts.CLOCK)
            return self._keep(read_clock(told))
