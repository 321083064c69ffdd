"""Webhooks without a network: a function of the same process takes them, in the thread that makes them fall due."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeAlias

from mockserver.letters import Webhook
from mockserver.mail import Mail, Outcome, Parcel

# Gets a webhook and answers the status with which it was received; None counts as 200.
Deliver: TypeAlias = Callable[[Webhook], int | None]

_OK = 200
# How often is looked whether another thread has handed over what it took, and how long one look takes.
_LOOKS_MAX, _LOOK_SECONDS = 3000, 0.005


class Handover:
    """Hands over what is due, one after the other.

    A receiver may call the fake again. What falls due by that is handed over when it has returned, not inside of it.
    """

    def __init__(self, mail: Mail, deliver: Deliver) -> None:
        self._mail = mail
        self._deliver = deliver
        self._here = threading.local()
        self._never = threading.Event()

    def settle(self) -> None:
        """Returns when nothing is due any more; whatever the receiver raises is logged, and raised here."""
        if self._is_receiving():
            return
        while (parcel := self._mail.take()) is not None:
            self._hand_over(parcel)
        self._wait_for_others()

    def _is_receiving(self) -> bool:
        return getattr(self._here, "receiving", False)

    def receive(self, webhook: Webhook) -> Outcome:
        """What the receiver answers; what it raises is raised."""
        self._here.receiving = True
        try:
            status = self._deliver(webhook)
        finally:
            self._here.receiving = False
        return Outcome(_OK if status is None else status)

    def _hand_over(self, parcel: Parcel) -> None:
        outcome = Outcome(None, "the receiver was stopped")
        try:
            outcome = self.receive(parcel.webhook)
        except Exception as problem:
            outcome = Outcome(None, f"the receiver raised {type(problem).__name__}: {problem}")
            raise
        finally:
            self._mail.settle(parcel, outcome)

    def _wait_for_others(self) -> None:
        """A server of the same fake hands over too, in a thread of its own; an event loop is not held up for it."""
        now_ms = self._mail.now_ms()
        for _ in range(_LOOKS_MAX):
            if _runs_a_loop() or not self._mail.has_due(now_ms):
                return
            self._never.wait(_LOOK_SECONDS)


def _runs_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
