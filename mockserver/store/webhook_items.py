"""Webhooks to come and deliveries as JSON, the same for each kind of shelf: what snapshots hold of them.

Instants are RFC 3339, an account is `{"label", "digest"}`: people read it, and it holds no key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.backlog import Backlog, Notice
from mockserver.clock import instant_ms, rfc3339
from mockserver.store.sealing import account_item, account_of
from mockserver.store.webhook_shelf import Attempt
from specs.pointers import Json

_STATES = ("queued", "running", "done", "failed")


def backlog_item(backlog: Backlog) -> dict[str, Json]:
    """`{"account", "vendor", "task_id", "due_at", "waiting": [{"state", "at", "mishap"}], "told", "attempt"}`.

    `due_at` is on the clock of all. An attempt that is under way is told as not begun: whoever loads this makes it
    again.
    """
    begun = 1 if backlog.claimed_until_ms else 0
    waiting = [{"state": each.state, "at": rfc3339(each.at_ms), "mishap": each.mishap} for each in backlog.waiting]
    return {
        "account": account_item(backlog.account),
        "vendor": backlog.vendor,
        "task_id": backlog.task_id,
        "due_at": rfc3339(backlog.due_ms) if backlog.due_ms is not None else None,
        "waiting": waiting,
        "told": backlog.told,
        "attempt": max(0, backlog.attempt - begun),
    }


def delivery_item(delivery: Attempt) -> dict[str, Json]:
    """All members of the delivery, its instant as `at`."""
    told = delivery._asdict()
    return {**told, "account": account_item(delivery.account), "at": rfc3339(told.pop("at_ms"))}


def moved_item(item: Mapping[str, Json], account: str, milliseconds: int) -> dict[str, Json]:
    """An item for another account, whose clock is so much further ahead of the clock of all."""
    moved = {**item, "account": account_item(account)}
    if moved.get("due_at") is not None:
        moved["due_at"] = rfc3339(instant_ms(moved["due_at"]) - milliseconds)
    return moved


def read_item(item: Mapping[str, Json]) -> Backlog | Attempt:
    """What an item stands for; ValueError for one that stands for nothing."""
    account = account_of(_member(item, "account", dict))
    read = _read_backlog if "waiting" in item else _read_attempt
    return read(account, item)


def _read_backlog(account: str, item: Mapping[str, Json]) -> Backlog:
    notices = tuple(map(_read_notice, _member(item, "waiting", list)))
    due_at = item.get("due_at")
    due_ms = instant_ms(due_at) if due_at is not None else None
    what = (_member(item, "vendor", str), _member(item, "task_id", str))
    return Backlog(account, *what, due_ms, notices, _member(item, "told", int), _member(item, "attempt", int))


def _read_notice(item: Json) -> Notice:
    if not isinstance(item, Mapping) or item.get("state") not in _STATES:
        message = f"what waits has a state, one of {', '.join(_STATES)}"
        raise ValueError(message)
    return Notice(item["state"], instant_ms(_member(item, "at", str)), _member(item, "mishap", str, None))


def _read_attempt(account: str, item: Mapping[str, Json]) -> Attempt:
    return Attempt(
        account=account,
        vendor=_member(item, "vendor", str),
        task_id=_member(item, "task_id", str),
        id=_member(item, "id", str),
        url=_member(item, "url", str),
        event=_member(item, "event", str),
        attempt=_member(item, "attempt", int),
        at_ms=instant_ms(_member(item, "at", str)),
        status=_member(item, "status", int, None),
        signature_valid=_member(item, "signature_valid", bool, None),
        error=_member(item, "error", str, None),
        fault=_member(item, "fault", str, None),
    )


def _member(item: Mapping[str, Json], name: str, kind: type, *otherwise: None) -> Any:
    """A member of this kind; with something to stand in for it, it may be null or not there."""
    value = item.get(name)
    if value is None and otherwise:
        return None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        message = f"{name} is missing, or is not what it should be"
        raise ValueError(message)
    return value
