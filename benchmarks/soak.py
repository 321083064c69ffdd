"""What several workers over one store lose when they are killed: nothing that a client was told.

    python3 run.py python benchmarks/soak.py             a file, and a Redis server where there is one; a minute each
    python3 run.py python benchmarks/soak.py --quick     ten seconds each
    python3 run.py python benchmarks/soak.py --store redis://127.0.0.1:6379/0

Two hundred clients submit jobs and poll them, each with a client's id of its own for every job, while a worker is
killed (`kill -9`) every few seconds. A submit whose connection broke has an unknown outcome: it is sent again, and must
either be taken or be refused because its id is taken already. In the end every job that was ever acknowledged must be
there, once, and no client may have seen a state go back.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import specs
from load import http

VENDOR = "kling"
CLIENTS, WORKERS = 200, 2
# So many clients use one key.
SHARING = 4
CLOCK = "x30"
_PACK = specs.load(VENDOR)
_SUBMIT = next(each for each in _PACK.operations.values() if each.role == "submit")
_RANKS = {_PACK.behaviour.lifecycle.words[state]: rank for rank, state in enumerate(("queued", "running", "done"))}
_PATIENCE_SECONDS = 60


@dataclass
class Seen:
    """What the clients were told."""

    tasks: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By id: whose, and the client's id."""
    ranks: dict[str, int] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    broken: int = 0
    unknown: int = 0
    had_happened: int = 0
    done: int = 0
    wrong: list[str] = field(default_factory=list)
    slowest_seconds: float = 0.0


class Line:
    """One client's connection, made anew when it breaks."""

    def __init__(self, port: int, seen: Seen) -> None:
        self._port, self._seen = port, seen
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: bytes) -> tuple[int, Any]:
        """Status and body; (0, None) when the connection broke before the answer was whole."""
        began = time.monotonic()
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(request)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE_SECONDS)
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            self.close()
            self._seen.broken += 1
            await asyncio.sleep(0.02)
            return 0, None
        status = int(head[9:12])
        self._seen.statuses[status] += 1
        self._seen.slowest_seconds = max(self._seen.slowest_seconds, time.monotonic() - began)
        return status, json.loads(body)

    def close(self) -> None:
        """Hangs up."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


class Client:
    """Submits a job, polls it to its end, begins anew, until it is time to stop."""

    def __init__(self, number: int, port: int, seen: Seen) -> None:
        self._key = f"soak-{number // SHARING}"
        self._number = number
        self._line, self._seen = Line(port, seen), seen

    async def run(self, until: float) -> None:
        """Ends with a job that is over, or acknowledged at least."""
        job = 0
        while time.monotonic() < until:
            task_id = await self._submit(f"{self._number}-{job}")
            over = False
            while not over and time.monotonic() < until:
                over = await self.poll(task_id)
            job += 1
        self._line.close()

    async def _submit(self, external: str) -> str:
        body = json.dumps({**_SUBMIT.examples["minimal"], "external_task_id": external}).encode()
        first = True
        while True:
            status, said = await self._line.ask(http("POST", self._path(), body, self._key))
            if status == HTTP_OK:
                return self._take(said["data"]["task_id"], external)
            if status == HTTP_BAD and not first:
                self._seen.had_happened += 1
                return await self._find(external)
            if status not in (0, *UNAVAILABLE):
                self._seen.wrong.append(f"submit {external}: {status} {said}")
            self._seen.unknown += first
            first = False

    async def _find(self, external: str) -> str:
        """A job that was taken without our hearing of it."""
        while True:
            status, said = await self._line.ask(http("GET", self._path(external), key=self._key))
            if status == HTTP_OK:
                return self._take(said["data"]["task_id"], external)
            if status not in (0, *UNAVAILABLE):
                self._seen.wrong.append(f"taken and not found: {external}: {status}")
                return ""

    def _take(self, task_id: str, external: str) -> str:
        if task_id in self._seen.tasks:
            self._seen.wrong.append(f"one id for two jobs: {task_id}")
        self._seen.tasks[task_id] = (self._key, external)
        return task_id

    async def poll(self, task_id: str) -> bool:
        """Whether it is over; notes a job that is gone, or whose state went back."""
        status, said = await self._line.ask(http("GET", self._path(task_id), key=self._key))
        if status != HTTP_OK:
            if status not in (0, *UNAVAILABLE):
                self._seen.wrong.append(f"lost: {task_id}: {status}")
            return False
        rank = _RANKS[said["data"]["task_status"]]
        if rank < self._seen.ranks.get(task_id, 0):
            self._seen.wrong.append(f"went back: {task_id}, to {said['data']['task_status']}")
        self._seen.ranks[task_id] = rank
        self._seen.done += rank == max(_RANKS.values())
        return rank == max(_RANKS.values())

    @staticmethod
    def _path(task_id: str = "") -> str:
        return f"/{VENDOR}{_SUBMIT.path}" + (f"/{task_id}" if task_id else "")


KINDS_OF_WRONG = ("lost", "twice", "went back", "one id for two jobs", "there and told to nobody", "mixed up")
HTTP_OK, HTTP_BAD = 200, 400
UNAVAILABLE = range(500, 600)


def workers_of(pid: int) -> list[int]:
    """The processes that answer."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [int(each) for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


async def kill_now_and_then(pid: int, every: float, until: float) -> int:
    """Kills one worker after the other; how many."""
    killed = 0
    while time.monotonic() + every < until:
        await asyncio.sleep(every)
        workers = workers_of(pid)
        if workers:
            with suppress(ProcessLookupError):
                os.kill(workers[killed % len(workers)], signal.SIGKILL)
                killed += 1
    return killed


async def soak(pid: int, port: int, seconds: float, every: float) -> tuple[Seen, int]:
    """What was seen, and how many workers were killed."""
    seen, until = Seen(), time.monotonic() + seconds
    clients = [Client(number, port, seen) for number in range(CLIENTS)]
    killing = asyncio.create_task(kill_now_and_then(pid, every, until))
    await asyncio.gather(*(client.run(until) for client in clients))
    return seen, await killing


def compare(seen: Seen, port: int) -> Iterator[str]:
    """What the server remembers and the clients were not told, or the other way round."""
    with urlopen(f"http://127.0.0.1:{port}/__understudy/tasks", timeout=_PATIENCE_SECONDS) as answer:
        tasks = json.load(answer)["tasks"]
    ids = Counter(task["id"] for task in tasks)
    externals = Counter(task["request"]["external_task_id"] for task in tasks)
    yield from (f"lost: {task_id}" for task_id in seen.tasks.keys() - ids.keys())
    yield from (f"there and told to nobody: {task_id}" for task_id in ids.keys() - seen.tasks.keys())
    yield from (f"twice: {name}" for name, times in (ids + externals).items() if times > 1)
    told = {task_id: external for task_id, (_, external) in seen.tasks.items()}
    kept = {task["id"]: task["request"]["external_task_id"] for task in tasks}
    yield from (f"mixed up: {task_id}" for task_id in told.keys() & kept.keys() if told[task_id] != kept[task_id])


def report(store: str, seen: Seen, killed: int, seconds: float, wrong: list[str]) -> None:
    """The evidence, for people."""
    calls = seen.statuses.total()
    kind = store.partition(":")[0]
    print(f"{kind}: {CLIENTS} clients, {WORKERS} workers, {seconds:.0f} s, {killed} workers killed")
    print(f"  calls answered           {calls} ({calls / seconds:.0f} a second), by status {dict(seen.statuses)}")
    print(f"  slowest answer           {seen.slowest_seconds:.2f} s")
    print(f"  connections broken       {seen.broken}")
    print(f"  jobs acknowledged        {len(seen.tasks)}, of them seen to their end {seen.done}")
    print(f"  submits, outcome unknown {seen.unknown}, of which had happened {seen.had_happened}")
    for name in KINDS_OF_WRONG:
        print(f"  {name:<24} {sum(each.startswith(name) for each in wrong)}")
    print(f"  whatever else            {sum(not each.startswith(KINDS_OF_WRONG) for each in wrong)}")
    for each in wrong[:20]:
        print(f"    {each}")


@contextmanager
def serving(store: str) -> Iterator[tuple[int, int]]:
    """Workers over the store: the parent's process id, and the port."""
    words = ["--port", "0", "--store", store, "--workers", str(WORKERS), "--clock", CLOCK, "--log", "off"]
    command = [sys.executable, "-m", "contracts.cli", "serve", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
        if found is None:
            sys.exit("the server did not start")
        try:
            yield process.pid, int(found[1])
        finally:
            process.terminate()
            if process.wait(_PATIENCE_SECONDS):
                sys.exit(f"the server ended with status {process.returncode}")


@contextmanager
def redis_server(program: str, folder: str) -> Iterator[str]:
    """A server of our own; the `--store` value for it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    with subprocess.Popen([program, *words], stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()


def try_out(store: str, seconds: float, every: float) -> bool:
    """Whether nothing was lost there."""
    with serving(store) as (pid, port):
        seen, killed = asyncio.run(soak(pid, port, seconds, every))
        wrong = list(dict.fromkeys([*seen.wrong, *compare(seen, port)]))
    report(store, seen, killed, seconds, wrong)
    return not wrong and killed > 0


def main() -> int:
    """0 when nothing was lost anywhere."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="ten seconds, a worker killed every two")
    parser.add_argument("--store", help="this one alone; it must remember nothing yet")
    given = parser.parse_args()
    seconds, every = (10.0, 2.0) if given.quick else (60.0, 10.0)
    if given.store:
        return 0 if try_out(given.store, seconds, every) else 1
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    with tempfile.TemporaryDirectory() as folder:
        good = try_out(f"sqlite:{folder}/store.db", seconds, every)
        if program is None:
            print("redis: not tried, there is no redis-server here")
        else:
            with redis_server(program, folder) as store:
                good = try_out(store, seconds, every) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
