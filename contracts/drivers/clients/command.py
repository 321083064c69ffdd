"""A client that is a command: started once for each run, watched, and ended with all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from contracts.drivers.clients.assignment import Assignment
from contracts.errors import UsageError
from contracts.judge.clients.run import Ending

BASE_URL, API_KEY, REQUEST = "UNDERSTUDY_BASE_URL", "UNDERSTUDY_API_KEY", "UNDERSTUDY_REQUEST"
OUTPUT_BYTES_MAX = 16 * 1024 * 1024
_KEPT_BYTES = 64 * 1024
_LOOK_SECONDS = 0.02
# How long a client may take to end once it is told to, and its children once it has ended.
_GRACE_SECONDS, _CHILDREN_SECONDS = 1.0, 0.3
_IS_POSIX = os.name == "posix"


class CommandClient:
    """Runs a command once for each assignment, in a process group of its own."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)

    async def start(self) -> None:
        """Looks whether there is such a command."""
        problem = _problem(self._words[0])
        if problem:
            message = (
                f"the command {self._words[0]!r} {problem}; what stands behind -- is run as it is, without a shell"
            )
            raise UsageError(message)

    async def stop(self) -> None:
        """Nothing is left of a run."""

    async def run(self, assignment: Assignment) -> Ending:
        """Starts it, waits for it, ends it."""
        with tempfile.TemporaryDirectory(prefix="understudy-") as folder:
            request = Path(folder) / "request.json"
            job = {"operation": assignment.job.operation, "body": assignment.job.body}
            request.write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
            told = {BASE_URL: assignment.base_url, API_KEY: assignment.key, REQUEST: str(request)}
            with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
                process = await asyncio.create_subprocess_exec(
                    *self._words,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=errors,
                    env={**within_loopback(os.environ), **told},
                    start_new_session=_IS_POSIX,
                )
                return await _Watch(process, assignment, output, errors).ending()


def _problem(name: str) -> str:
    if shutil.which(name) is not None:
        return ""
    return "can't be run (is it executable?)" if Path(name).exists() else "is not there"


def within_loopback(given: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment; a proxy in it is not for this machine."""
    environment = {**given}
    if any(name.lower() in ("http_proxy", "all_proxy") for name in given):
        for name in ("no_proxy", "NO_PROXY"):
            environment[name] = ",".join(filter(None, (given.get(name), "127.0.0.1", "localhost")))
    return environment


class _Watch:
    """One process, until it has ended or was ended."""

    def __init__(
        self, process: asyncio.subprocess.Process, assignment: Assignment, output: BinaryIO, errors: BinaryIO
    ) -> None:
        self._process = process
        self._assignment = assignment
        self._streams = (output, errors)
        self._is_stubborn = False
        self._flood = ""

    async def ending(self) -> Ending:
        """Waits for the end, or brings it about; then for what it left behind."""
        try:
            status = await self._wait()
            seconds = self._assignment.clock.real()
            children = 0 if status is None else await self._children()
        finally:
            # Also when nobody waits any more: nothing stays behind.
            self._signal_all(_KILL)
            if self._process.returncode is None:
                await self._process.wait()
        output, errors = (_tail(stream) for stream in self._streams)
        return Ending(
            status=status,
            output=output,
            errors=errors,
            seconds=seconds,
            is_stubborn=self._is_stubborn,
            children=children,
            flood=self._flood,
        )

    async def _wait(self) -> int | None:
        """Its exit status; None when it had to be ended."""
        waiting = asyncio.ensure_future(self._process.wait())
        until = time.monotonic() + self._assignment.timeout_seconds
        while not self._flood and time.monotonic() < until:
            done, _ = await asyncio.wait({waiting}, timeout=_LOOK_SECONDS)
            if done:
                return waiting.result()
            self._flood = self._assignment.flood() or self._printed()
        self._signal_all(signal.SIGTERM)
        done, _ = await asyncio.wait({waiting}, timeout=_GRACE_SECONDS)
        self._is_stubborn = not done
        waiting.cancel()
        return None

    def _printed(self) -> str:
        sizes = (os.fstat(stream.fileno()).st_size for stream in self._streams)
        return f"it printed more than {OUTPUT_BYTES_MAX // 1024**2} MB" if sum(sizes) > OUTPUT_BYTES_MAX else ""

    async def _children(self) -> int:
        """How many processes of its group are still there after a moment."""
        until = time.monotonic() + _CHILDREN_SECONDS
        while (count := members_of(self._process.pid)) and time.monotonic() < until:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(_LOOK_SECONDS)
        return count

    def _signal_all(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if _IS_POSIX:
                os.killpg(self._process.pid, number)
            elif self._process.returncode is None:
                self._process.kill()


_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def members_of(group: int) -> int:
    """How many processes are in a group, as far as the system tells; one that has ended is none."""
    if not _IS_POSIX:
        return 0
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return 0
    return _listed(group)


def _listed(group: int) -> int:
    """Counted where the system has a list of processes; else one stands for however many there are."""
    stats = list(Path("/proc").glob("[0-9]*/stat"))
    return sum(_is_member(each, group) for each in stats) if stats else 1


def _is_member(stat: Path, group: int) -> bool:
    try:
        fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return False
    return fields[2] == str(group) and fields[0] not in ("Z", "X")


def _tail(stream: BinaryIO) -> str:
    size = os.fstat(stream.fileno()).st_size
    stream.seek(max(0, size - _KEPT_BYTES))
    return stream.read(_KEPT_BYTES).decode("utf-8", "replace")
