"""How a snapshot is put back into a store, whole or one account of it, and one account copied to another.

Time goes on from the instant at which a snapshot was taken: of all, the clock is set to it; of one account, the
account's own clock is moved to where it was.
"""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlsplit

from mockserver.clock import Clock, start_clock
from mockserver.snapshot_reading import Snapshot, refuse
from mockserver.store import Store
from mockserver.store.saved import Saved, SavedAccount
from mockserver.store.sealing import digest_of


class UnknownAccountError(Exception):
    """Nothing is remembered of the account that was to be copied."""


class Loading(NamedTuple):
    """How a snapshot is put back.

    `account` puts one account back, under this key. `base` is where result URLs that pointed to a server on loopback
    lead from now on. `mode` is a clock mode that goes before the snapshot's. With `replace` off, what is remembered
    already is not forgotten for it. `as_whole` sets the clock of all by a snapshot of one account too.
    """

    account: str | None = None
    base: str | None = None
    mode: str | None = None
    replace: bool = True
    as_whole: bool = False


PLAINLY = Loading()


def put_back(store: Store, snapshot: Snapshot, wall_ms: int, how: Loading) -> Saved:
    """Puts the snapshot's accounts back, all or nothing; what was put back."""
    if how.account is None and (snapshot.of_all or how.as_whole):
        saved = snapshot.saved._replace(clock=_clock(snapshot, how.mode or snapshot.mode, wall_ms))
    else:
        saved = _choose(snapshot, how.account)
        saved = _moved(saved, snapshot, store.clock(), wall_ms)
    saved = saved._replace(accounts=tuple(_rebased(each, how.base) for each in saved.accounts))
    store.load(saved, replace=how.replace)
    return saved


def _clock(snapshot: Snapshot, mode: str, wall_ms: int) -> Clock:
    """The clock that tells the snapshot's instant now, and still knows when it began."""
    began_ms = snapshot.began_ms
    return start_clock(mode, wall_ms)._replace(began_ms=began_ms, offset_ms=snapshot.now_ms - began_ms)


def copy(store: Store, source: str, target: str) -> Saved:
    """Makes the account `target` what `source` is; HeldError when it has made calls of its own."""
    saved = store.dump(source)
    if not saved.accounts:
        raise UnknownAccountError
    copied = saved.of_one(saved.accounts[0], target)
    store.load(copied, replace=False)
    return copied


def _choose(snapshot: Snapshot, account: str | None) -> Saved:
    """The account that is meant: the one with this key; else the only one, under this key."""
    accounts = snapshot.saved.accounts
    if account is None:
        return snapshot.saved._replace(accounts=accounts[:1])
    meant = next((each for each in accounts if digest_of(each.account) == digest_of(account)), None)
    if meant is None and len(accounts) != 1:
        problem = f"none of the {len(accounts)} accounts has the key that was given"
        refuse("/accounts", problem, "leave the key out to put all back, or give the key of one of them")
    return snapshot.saved.of_one(meant or accounts[0], account)


def _moved(saved: Saved, snapshot: Snapshot, clock: Clock, wall_ms: int) -> Saved:
    """The account with its instant where it was, whatever the clock of all says now."""
    (account,) = saved.accounts
    mode = account.mode or snapshot.mode
    # Whether polls move tasks belongs to the account's own mode; how fast time runs is up to the clock of all.
    own = mode if (mode == "polls") != clock.by_polls else account.mode
    return saved.moved(snapshot.now_ms + account.offset_ms - clock.now_ms(wall_ms), own)


def _rebased(account: SavedAccount, base: str | None) -> SavedAccount:
    if base is None:
        return account
    tasks = tuple((place, replace(task, base=_base(task.base, base))) for place, task in account.tasks)
    return account._replace(tasks=tasks)


def _base(promised: str, here: str) -> str:
    """Where a result is from now on: a port on loopback was that of a server which need not be there any more."""
    try:
        old, new = urlsplit(promised), urlsplit(here)
        gone = _is_loopback(old.hostname or "") and old.port != new.port
    except ValueError:
        return promised
    return here if gone else promised


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
