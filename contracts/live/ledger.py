"""The ledger: what was spent, on which day, for which task; each line is on the disk before anything is sent.

Law: a submission counts from the moment that it is about to be sent, whatever becomes of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from contracts.errors import UsageError
from specs.pointers import Json

_SENT, _REFUSED, _TAKEN, _OVER, _CHECKED = "sent", "refused", "taken", "over", "checked"

_COUNTS = {_SENT: 1, _REFUSED: -1}

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        """Waits until nobody else has it; closing the file lets the next one in."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        """Waits until nobody else has it; closing the file lets the next one in."""
        fcntl.flock(descriptor, fcntl.LOCK_EX)


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that an earlier run has begun, and not seen the end of."""

    poll: str
    task: str


@dataclass(slots=True)
class Ledger:
    """One file for one vendor and one account; `run` tells this run from all others."""

    path: Path
    run: str
    _lines: list[Mapping[str, Json]] = field(default_factory=list)

    def read(self) -> None:
        """What earlier runs have written; a line that broke off with its run is left out."""
        try:
            text = self.path.read_bytes() if self.path.exists() else b""
        except OSError as problem:
            raise UsageError(_unusable(self.path, problem)) from None
        if any(line and not line.startswith(b"{") for line in text.splitlines()):
            message = f"{self.path} is no ledger: nothing is written into it; name another with --ledger"
            raise UsageError(message)
        self._lines = list(_entries(text))

    def spent(self, day: str | None = None) -> int:
        """Submissions of this run, or of all runs of a day (`2026-11-26`)."""
        counts = ((_COUNTS.get(str(each.get("what")), 0), each) for each in self._lines)
        if day is None:
            return sum(count for count, each in counts if each.get("run") == self.run)
        return sum(count for count, each in counts if str(each.get("at", "")).startswith(day))

    def open_tasks(self) -> list[OpenTask]:
        """Tasks that are not known to be over, the oldest first."""
        found: dict[str, OpenTask] = {}
        for each in self._lines:
            task = str(each.get("task"))
            if each.get("what") == _TAKEN:
                found[task] = OpenTask(str(each.get("poll")), task)
            elif each.get("what") == _OVER:
                found.pop(task, None)
        return list(found.values())

    def known(self) -> list[frozenset[str]]:
        """The fingerprints of what each earlier run has found, the oldest first."""
        checked = (each for each in self._lines if each.get("what") == _CHECKED)
        return [frozenset(map(str, each.get("found", []))) for each in checked]

    def pay(self, at: str, operation: str, a_run: int, a_day: int) -> bool:
        """Whether one more may go out, and if so, it is counted; several runs may ask at the same time.

        `at` begins with its day (`2026-11-26`).
        """
        with self._alone():
            self.read()
            if self.spent() >= a_run or self.spent(at[:10]) >= a_day:
                return False
            self.send(at, operation)
            return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """While no other run has the lock beside the ledger; it is let go when its holder dies."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = self.path.with_name(self.path.name + ".lock").open("ab")
        except OSError as problem:
            raise UsageError(_unusable(self.path, problem)) from None
        with lock:
            _lock(lock.fileno())
            yield

    def send(self, at: str, operation: str) -> None:
        """A submission is about to go out."""
        self._add(at, _SENT, operation=operation)

    def refuse(self, at: str, operation: str) -> None:
        """One that was in doubt was refused, and costs nothing."""
        self._add(at, _REFUSED, operation=operation)

    def take(self, at: str, poll: str, task: str) -> None:
        """It has become this task."""
        self._add(at, _TAKEN, poll=poll, task=task)

    def end(self, at: str, task: str) -> None:
        """The task is over, or nobody knows it any more."""
        self._add(at, _OVER, task=task)

    def check(self, at: str, found: list[str]) -> None:
        """The run is done, and this is what it found."""
        self._add(at, _CHECKED, found=found)

    def _add(self, at: str, what: str, **members: Json) -> None:
        entry = {"at": at, "run": self.run, "what": what, **members}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as stream:
                # A run that was killed in the middle of a line left no end to it.
                stream.write(b"\n" * _breaks_off(self.path) + orjson.dumps(entry) + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as problem:
            raise UsageError(_unusable(self.path, problem)) from None
        self._lines.append(entry)


def _breaks_off(path: Path) -> bool:
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - 1))
        return size > 0 and stream.read(1) != b"\n"


def _entries(text: bytes) -> Iterator[Mapping[str, Json]]:
    for line in text.splitlines():
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(entry, dict):
            yield entry


def _unusable(path: Path, problem: OSError) -> str:
    return (
        f"the ledger {path} can't be used ({problem.strerror or problem}): "
        "without it nothing may be spent; name another with --ledger"
    )
