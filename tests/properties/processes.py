"""`understudy serve` as a process whose every word is kept, for what a person at a terminal sees."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

COMMAND = (sys.executable, "-m", "contracts.cli", "serve")
PATIENCE_SECONDS = 20
_ROOT = Path(__file__).resolve().parents[2]


def environment() -> Mapping[str, str]:
    """Ours, and the place of the sources: a process may start in any folder."""
    return {**os.environ, "PYTHONPATH": str(_ROOT)}


def refused(*words: str | Path) -> str:
    """What a call that can't be carried out says: one line on stderr, nothing on stdout, status 2, soon."""
    said = subprocess.run(
        [*COMMAND, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=environment(),
        check=False,
    )
    assert said.returncode == 2, said
    assert said.stdout == ""
    assert said.stderr.endswith("\n")
    lines = said.stderr.splitlines()
    assert len(lines) == 1, said.stderr
    assert "Traceback" not in lines[0]
    return lines[0]


class Running:
    """A server that listens."""

    def __init__(self, process: subprocess.Popen[str], errors: IO[str], line: str) -> None:
        self.process = process
        self.line = line
        self._errors = errors

    @property
    def url(self) -> str:
        """Where it listens."""
        found = re.fullmatch(r"understudy: listening on (http://\S+)\n", self.line)
        assert found is not None, f"{self.line!r} {self.errors()}"
        return found[1]

    def errors(self) -> str:
        """All that it has written to stderr so far."""
        self._errors.seek(0)
        return self._errors.read()

    def stop(self) -> int:
        """Asks it to end; its status."""
        self.process.terminate()
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def running(*words: str | Path) -> Iterator[Running]:
    """A server with these words; it is stopped at the end, at the latest."""
    with TemporaryFile("w+") as errors:
        command = [*COMMAND, "--port", "0", *map(str, words)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment()) as process:
            assert process.stdout is not None
            try:
                yield Running(process, errors, process.stdout.readline())
            finally:
                process.kill()
