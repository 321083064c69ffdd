"""Webhooks to come and deliveries as JSON, the same for each kind of shelf: what snapshots hold of them.

An account is `{"label", "digest"}` there: a snapshot holds no key.
"""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.backlog import Backlog, Notice
from mockserver.store.sealing import SealedKey, digest_of, label_of
from mockserver.store.webhook_shelf import Attempt
from specs.pointers import Json


def _account_item(account: str) -> dict[str, str]:
    return {"label": label_of(account), "digest": digest_of(account).hex()}


def _account(item: Mapping[str, str]) -> SealedKey:
    return SealedKey(item["label"], bytes.fromhex(item["digest"]))


def backlog_item(backlog: Backlog) -> dict[str, Json]:
    """`{"account", "vendor", "task_id", "due_ms", "waiting": [[state, at_ms, mishap]], "told", "attempt"}`.

    An attempt that is under way is told as not begun: whoever loads this makes it again.
    """
    begun = 1 if backlog.claimed_until_ms else 0
    return {
        "account": _account_item(backlog.account),
        "vendor": backlog.vendor,
        "task_id": backlog.task_id,
        "due_ms": backlog.due_ms,
        "waiting": [list(notice) for notice in backlog.waiting],
        "told": backlog.told,
        "attempt": max(0, backlog.attempt - begun),
    }


def delivery_item(delivery: Attempt) -> dict[str, Json]:
    """All members of the delivery."""
    return {**delivery._asdict(), "account": _account_item(delivery.account)}


def read_item(item: Mapping[str, Json]) -> Backlog | Attempt:
    """What an item stands for; KeyError, TypeError or ValueError for one that stands for nothing."""
    account = _account(item["account"])
    if "waiting" not in item:
        return Attempt(**{**item, "account": account})
    waiting = tuple(Notice(*notice) for notice in item["waiting"])
    plan = (item["due_ms"], waiting, item["told"], item["attempt"])
    return Backlog(account, item["vendor"], item["task_id"], *plan)
