"""A fake that remembers what it was asked and answered, with the real time: the journal, as the caller saw it."""

from __future__ import annotations

import time
from typing import NamedTuple

from contracts.exchange import Exchange, HeaderLines
from contracts.judge.sandwich import Course
from mockserver import Fake, Settings
from mockserver.messages import Answer, Call, Entry
from mockserver.serve import wall_ms
from mockserver.tasks import Task
from mockserver.vendor import Vendor
from specs.pack import Pack

# After these the caller has no answer that it could read, and the journal has what was meant for it.
_UNREAD = frozenset({"lose_answer", "truncate", "garble"})


class Heard(NamedTuple):
    """One call; seconds are of `time.monotonic`."""

    entry: Entry
    query: str
    headers: HeaderLines
    seconds: float


class HearingFake(Fake):
    """A fake of one vendor, whose clock runs so many times faster than the real one."""

    def __init__(self, pack: Pack, speed: float) -> None:
        self._began_seconds, began_ms = time.monotonic(), wall_ms()

        def steady_ms() -> int:
            # Steady: its instants are compared with those of the judge.
            return began_ms + int((time.monotonic() - self._began_seconds) * 1000)

        super().__init__([pack], Settings(clock=f"x{speed:g}"), steady_ms)
        self._began_ms = began_ms
        self._prefix = f"/{pack.name}/"
        self.heard: list[Heard] = []

    def handle(self, vendor: Vendor, call: Call) -> tuple[Answer, Entry]:
        """The same, and remembered."""
        seconds = time.monotonic()
        answer, entry = super().handle(vendor, call)
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers)
        self.heard.append(Heard(entry, call.query, headers, seconds))
        return answer, entry

    def course(self, task: Task, began_seconds: float) -> Course:
        """When the task changed, in real seconds since then."""
        over = None if task.end_ms is None else self._seconds(task.end_ms) - began_seconds
        return Course(
            running_seconds=self._seconds(task.running_ms) - began_seconds,
            over_seconds=over,
            is_failure=task.failure is not None,
        )

    def _seconds(self, instant_ms: int) -> float:
        clock = self.store.clock()
        wall = clock.began_wall_ms + (instant_ms - clock.began_ms) / clock.rate
        return self._began_seconds + (wall - self._began_ms) / 1000

    def exchange(self, heard: Heard, number: int, base: str, began_seconds: float) -> Exchange:
        """The call as whoever made it saw it: what a fault kept from it is not there."""
        entry, seconds = heard.entry, heard.seconds - began_seconds
        path = entry.path.partition("?")[0]
        is_unread = entry.fault in _UNREAD
        return Exchange(
            number=number,
            operation=entry.operation,
            method=entry.method,
            base=base,
            path=path.replace(self._prefix, "/", 1) if path.startswith(self._prefix) else path,
            query=heard.query,
            request_headers=(("Content-Type", "application/json"),) if entry.body else (),
            request_body=entry.body,
            sent_seconds=seconds,
            answered_seconds=seconds,
            # The journal has 0 where a connection was closed in place of an answer.
            status=entry.status or None,
            headers=heard.headers,
            body=b"" if is_unread else entry.answer,
            trouble="no answer that could be read" if is_unread or not entry.status else "",
            account=entry.key,
        )
