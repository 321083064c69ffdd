"""Webhooks as they are sent: address, event, body and signature, from a task and the change that is told."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple

import orjson

from mockserver.accounts import Limits
from mockserver.backlog import Notice
from mockserver.callbacks import Callbacks
from mockserver.identity import uuid_text
from mockserver.messages import Call
from mockserver.scene import Scene
from mockserver.signing import is_signed, sign, signing_key
from mockserver.store.sealing import digest_of
from mockserver.tasks import Task
from mockserver.voice import Voice

_TYPE = ("content-type", "application/json")
_AGENT = ("user-agent", "understudy")
# For those whose turn to go wrong is over.
_FAULTS = {"duplicated": "duplicate", "reordered": "reorder"}


class Webhook(NamedTuple):
    """One attempt to tell a receiver about a change of a task's state, ready to be sent by POST.

    `id` is the same at each attempt; `at_ms` is the instant of this one, on the account's clock. `signature_valid` is
    None for one that is not signed. `fault` says what goes wrong with it on purpose.
    """

    account: str
    vendor: str
    task_id: str
    id: str
    url: str
    event: str
    attempt: int
    at_ms: int
    headers: Mapping[str, str]
    body: bytes
    timeout_seconds: float
    signature_valid: bool | None
    fault: str | None


class Occasion(NamedTuple):
    """What an attempt is about: the task, its change, and when it is told, on the account's clock and by the wall."""

    task: Task
    notice: Notice
    attempt: int
    at_ms: int
    wall_ms: int
    by_polls: bool


def _fault(notice: Notice, attempt: int) -> str | None:
    """The word for what goes wrong with this attempt; a forged webhook is genuine from its second attempt on."""
    if notice.mishap == "forged" and attempt > 1:
        return None
    return _FAULTS.get(notice.mishap or "", notice.mishap or None)


class Letters:
    """Writes webhooks for all accounts; SecretError when an account's secret for them is none."""

    def __init__(self, seed: bytes, limits: Mapping[str, Limits]) -> None:
        self._seed = seed
        self._keys = {
            digest_of(account): signing_key(each.webhook_secret)
            for account, each in limits.items()
            if each.webhook_secret
        }

    def signs(self, account: str, callbacks: Callbacks) -> bool:
        """Whether webhooks of this account carry a signature."""
        return callbacks.is_signed and digest_of(account) in self._keys

    def write(self, voice: Voice, callbacks: Callbacks, url: str, occasion: Occasion) -> Webhook:
        """The webhook of this occasion."""
        task, notice = occasion.task, occasion.notice
        digest = self._digest(task, notice.state)
        scene = Scene(
            voice, Call("POST", "/", "", {}, b"", task.base), digest, notice.at_ms, by_polls=occasion.by_polls
        )
        scene.show(task, notice.state)
        body, message_id = callbacks.body(scene), uuid_text(digest)
        signature, valid = self._signature(callbacks, occasion, message_id, body)
        return Webhook(
            account=task.account,
            vendor=task.vendor,
            task_id=task.id,
            id=message_id,
            url=url,
            event=callbacks.event(scene),
            attempt=occasion.attempt,
            at_ms=occasion.at_ms,
            headers=MappingProxyType(dict((_TYPE, _AGENT, *signature))),
            body=body,
            timeout_seconds=callbacks.timeout_seconds,
            signature_valid=valid,
            fault=_fault(notice, occasion.attempt),
        )

    def _digest(self, task: Task, state: str) -> bytes:
        """Bytes that belong to this change of this task: the same under the same seed."""
        return blake2b(orjson.dumps([task.vendor, task.id, state]), key=self._seed, digest_size=16).digest()

    def _signature(
        self, callbacks: Callbacks, occasion: Occasion, message_id: str, body: bytes
    ) -> tuple[tuple[tuple[str, str], ...], bool | None]:
        """The headers that sign it, and whether they are right."""
        key = self._keys.get(digest_of(occasion.task.account)) if callbacks.is_signed else None
        if key is None:
            return (), None
        is_forged = _fault(occasion.notice, occasion.attempt) == "forged"
        seconds = occasion.wall_ms // 1000
        header = sign(blake2b(key).digest() if is_forged else key, message_id, seconds, body)
        headers = (("webhook-id", message_id), ("webhook-timestamp", str(seconds)), ("webhook-signature", header))
        return headers, is_signed(key, message_id, seconds, body, header)
