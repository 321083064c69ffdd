"""A client that is a Python callable: called in processes of its own, in which sleeps move the clock of the run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, BinaryIO

import contracts.callee
from contracts.drivers.clients.assignment import Assignment
from contracts.drivers.clients.command import within_loopback
from contracts.errors import UsageError
from contracts.judge.clients.run import Ending

_WORKER = Path(contracts.callee.__file__).with_name("worker.py")
_START_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_LINE_BYTES_MAX = 16 * 1024 * 1024
_KEPT_BYTES = 64 * 1024
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
_IS_POSIX = os.name == "posix"


class CallableClient:
    """Calls `package.module:function`; a process that hangs is replaced by another."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()

    async def start(self) -> None:
        """Looks whether there is such a callable."""
        self._idle.append(await self._started())

    async def stop(self) -> None:
        """Ends the processes."""
        ended, self._all, self._idle = self._all, set(), []
        await asyncio.gather(*(worker.end() for worker in ended))

    async def _started(self) -> _Worker:
        worker = _Worker(self._name)
        self._all.add(worker)
        await worker.start()
        return worker

    async def run(self, assignment: Assignment) -> Ending:
        """One call."""
        worker = self._idle.pop() if self._idle else await self._started()
        ending = await worker.call(assignment)
        if worker.is_alive:
            self._idle.append(worker)
        else:
            await worker.end()
            self._all.discard(worker)
        return ending


class _Worker:
    """One process."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._errors: BinaryIO | None = None
        self._process: asyncio.subprocess.Process | None = None
        self.is_alive = False

    async def start(self) -> None:
        """Imports the callable; UsageError when there is none."""
        self._errors = errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the process
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(_WORKER),
            self._name,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            env=within_loopback(os.environ),
            start_new_session=_IS_POSIX,
            limit=_LINE_BYTES_MAX,
        )
        heard = await self._hear(_START_SECONDS)
        self.is_alive = heard is not None and heard.get("ready") is True
        if not self.is_alive:
            await self.end()
            problem = heard.get("problem", "it ended at once") if heard else "it could not be imported"
            message = f"--call {self._name} can't be called: {problem}"
            raise UsageError(message)

    async def call(self, assignment: Assignment) -> Ending:
        """One call, to its end or its limit."""
        began = self._printed_bytes()
        job = {"base_url": assignment.base_url, "api_key": assignment.key}
        self._say({**job, "operation": assignment.job.operation, "body": assignment.job.body})
        until = time.monotonic() + assignment.timeout_seconds
        flood, heard = "", None
        while time.monotonic() < until and not (flood := assignment.flood()):
            heard = await self._hear(min(_LOOK_SECONDS, max(0.001, until - time.monotonic())))
            if heard is not None and "slept" in heard:
                assignment.clock.skipped += heard["slept"]
                self._say({})
            elif heard is not None:
                break
        is_ended = heard is not None and "slept" not in heard
        if not is_ended or not heard:
            self.is_alive = False
            await self.kill()
        return self._ending(heard if is_ended else None, assignment, flood, began)

    def _ending(self, heard: dict[str, Any] | None, assignment: Assignment, flood: str, began: int) -> Ending:
        printed = self._printed(began)
        seconds = assignment.clock.real()
        if heard is None:
            return Ending(status=None, errors=printed, seconds=seconds, flood=flood)
        if not heard:
            code = self._process.returncode if self._process is not None else None
            return Ending(status=code or 1, errors=printed, seconds=seconds)
        if "raised" in heard:
            return Ending(status=1, errors=f"{printed}\n{heard['raised']}", seconds=seconds)
        return Ending(status=0, output=heard["returned"], errors=printed, seconds=seconds)

    async def end(self) -> None:
        """Ends it for good."""
        await self.kill()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    async def kill(self) -> None:
        """Ends it, with all that it started."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if _IS_POSIX:
                os.killpg(self._process.pid, _KILL)
            elif self._process.returncode is None:
                self._process.kill()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

    # Lines

    def _say(self, members: dict[str, Any]) -> None:
        if self._process is not None and self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.write(json.dumps(members).encode() + b"\n")

    async def _hear(self, seconds: float) -> dict[str, Any] | None:
        """A line; None when none came in time, an empty one when the process is gone."""
        if self._process is None or self._process.stdout is None:
            return {}
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), seconds)
        except TimeoutError:
            return None
        heard: dict[str, Any] = json.loads(line) if line else {}
        return heard

    def _printed_bytes(self) -> int:
        return os.fstat(self._errors.fileno()).st_size if self._errors is not None else 0

    def _printed(self, began: int) -> str:
        if self._errors is None:
            return ""
        size = self._printed_bytes()
        self._errors.seek(max(began, size - _KEPT_BYTES))
        return self._errors.read(_KEPT_BYTES).decode("utf-8", "replace")
