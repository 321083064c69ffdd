"""The log of calls: one line for each, plain or JSON, keys redacted; written in batches: no call waits for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TextIO

import orjson

from mockserver.clock import rfc3339
from mockserver.messages import Entry

STYLES = ("plain", "json", "off")
# How long a line may wait for company.
_FLUSH_SECONDS = 0.05


def plain_line(entry: Entry) -> str:
    """For people."""
    broken = f" {entry.violations[0].message}" if entry.violations else ""
    task = f" task={entry.task_id}" if entry.task_id else ""
    key = f" key={entry.key}" if entry.key else ""
    return f"{rfc3339(entry.at_ms)} {entry.vendor} {entry.method} {entry.path} {entry.status}{task}{key}{broken}\n"


def json_line(entry: Entry) -> str:
    """For machines."""
    line = {
        "at": rfc3339(entry.at_ms),
        "id": entry.id,
        "vendor": entry.vendor,
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "task_id": entry.task_id,
        "key": entry.key,
        "violations": [violation.as_json() for violation in entry.violations],
        "fault": entry.fault,
    }
    return orjson.dumps(line).decode() + "\n"


class CallLog:
    """Collects entries and writes them a moment later; `flush` writes what is left."""

    def __init__(self, stream: TextIO, style: str) -> None:
        self._stream = stream
        self._write_line = json_line if style == "json" else plain_line
        self._waiting: list[Entry] = []

    def add(self, entry: Entry) -> None:
        """One more call."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)
        self._waiting.append(entry)

    def say(self, message: str) -> None:
        """Something worth knowing that is no call."""
        with suppress(OSError, ValueError):
            self._stream.write(f"understudy: {message}\n")

    def flush(self) -> None:
        """Writes everything that waits; a closed pipe is nobody's loss."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            try:
                self._stream.write("".join(map(self._write_line, waiting)))
                self._stream.flush()
            except (OSError, ValueError):
                return
