"""A Redis (or Valkey) server for tests: its own process, on a free port of this machine, nothing kept on disk."""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

_NUMBERS = itertools.count(1)
_TRIES, _PATIENCE_SECONDS = 5, 20
_PROGRAM = next(filter(None, map(shutil.which, ("redis-server", "valkey-server"))), None)


class RedisServer:
    """The server; it can be stopped and started again, at the same port and with nothing in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        for _ in range(_TRIES):
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = free.getsockname()[1]
            if self.start():
                return
        pytest.fail("no redis-server could be started")

    def start(self) -> bool:
        """Whether it answers now; not, if somebody else has taken the port."""
        assert _PROGRAM is not None
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [_PROGRAM, *words, "--dir", str(self._folder), "--loglevel", "warning"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                    probe.sendall(b"PING\r\n")
                    if probe.recv(5) == b"+PONG":
                        return True
            except OSError:
                continue
        return False

    def stop(self) -> None:
        """At once, as if the power had gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def store(self, kind: str = "redis") -> str:
        """A `--store` value for a store that is not there yet."""
        return f"{kind}://127.0.0.1:{self.port}/0?namespace=test-{next(_NUMBERS)}"


def need_redis() -> None:
    """Skips the test where there is no server to start, or no package to ask it with."""
    if _PROGRAM is None:
        pytest.skip("needs redis-server or valkey-server, as by `apt-get install redis-server`")
    pytest.importorskip("redis", reason="needs the package redis, as by `pip install understudy[redis]`")
