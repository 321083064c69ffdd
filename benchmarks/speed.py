"""What a call costs: CPU per request as a ratio to a bare ASGI app on the same uvicorn, measured in the same run.

    python3 run.py python benchmarks/speed.py            the whole table, some minutes
    python3 run.py python benchmarks/speed.py --quick    a tenth of the requests and tasks

Wall time says more about the machine than about us, so CPU is counted: user and system time of the server's process
for the requests over a socket, also those that fill its store, of this process for calls without one. Each figure is
a median over rounds in which the two sides take turns; a target that is missed is marked.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx

import specs
from load import drive, http
from mockserver import Fake, Settings
from mockserver.transport import FakeTransport

VENDOR = "mulerouter"
ROUNDS = 7
TASK_BYTES_MAX = 700
# Submits that fill the journal, so that only tasks grow after them; and the fewest that are timed together.
_WARM, _BATCH_MIN = 12_000, 1500
_BARE = """
import sys, uvicorn
BODY = b'{"task_info":{"id":"8e1e315e-b50d-4334-a231-be7d19a372f4","status":"pending"}}'
HEAD = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BODY))]
async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": HEAD})
    await send({"type": "http.response.body", "body": BODY})
class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print("listening on http://127.0.0.1:%d" % self.servers[0].sockets[0].getsockname()[1], flush=True)
options = {"access_log": False, "server_header": False, "proxy_headers": False, "lifespan": "off"}
config = uvicorn.Config(app, port=0, log_config=None, **options)
Server(config).run()
"""
_SERVE = [sys.executable, "-m", "contracts.cli", "serve", "--port", "0"]


class Job(NamedTuple):
    """The calls that are measured: a submit path, a valid body, one that breaks a limit."""

    path: str
    poll_path: str
    valid: bytes
    broken: bytes


def make_job() -> Job:
    """A job of ordinary size at the vendor, out of its own examples; `broken` has a length nobody offers."""
    pack = specs.load(VENDOR)
    submit = next(each for each in pack.operations.values() if each.role == "submit")
    poll = next(each for each in pack.operations.values() if each.role == "poll")
    body = {
        **submit.examples["minimal"],
        "prompt": "A lighthouse in a storm at dusk, slow pullback, natural motion. " * 6,
    }
    length = pack.behaviour.lifecycle.video_seconds[1:]
    valid, broken = ({**body, length: seconds} for seconds in (10, 99))
    return Job(submit.path, poll.path.partition("{")[0], json.dumps(valid).encode(), json.dumps(broken).encode())


def cpu_seconds(pid: int) -> float:
    """User and system time that a process has taken so far, all its threads together."""
    if sys.platform.startswith("linux"):
        # The clock of another process, as clock_getcpuclockid(3) names it: /proc counts in hundredths of a second.
        return time.clock_gettime((~pid << 3) | 2)
    clock = subprocess.run(["ps", "-o", "cputime=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    parts = [float(part) for part in re.split("[:-]", clock.strip())]
    return sum(part * 60**power for power, part in enumerate(reversed(parts)))


class Running(NamedTuple):
    """A server that answers."""

    pid: int
    port: int


@contextmanager
def running(command: list[str]) -> Iterator[Running]:
    """A server process for as long as it is needed."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        found = re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())
        if found is None:
            sys.exit(f"{command[0]} did not start")
        try:
            yield Running(process.pid, int(found[1]))
        finally:
            process.terminate()


def per_request(server: Running, request: bytes, count: int) -> float:
    """Microseconds of the server's CPU for one of so many requests."""
    before = cpu_seconds(server.pid)
    drive(server.port, lambda _: request, count)
    return (cpu_seconds(server.pid) - before) / count * 1e6


def measure_sockets(job: Job, count: int) -> Iterator[tuple[str, float, float, float]]:
    """(what, our µs, bare µs, ratio) for submit, poll and refusal."""
    with running([sys.executable, "-c", _BARE]) as bare, running(_SERVE) as ours:
        prefix = f"/{VENDOR}"
        _, answer = drive(ours.port, lambda _: http("POST", prefix + job.path, job.valid), 500)
        task_id = re.search(rb'"id":"([^"]+)"', answer)
        assert task_id is not None  # noqa: S101 - a submit answers with an id
        calls = {
            "submit": http("POST", prefix + job.path, job.valid),
            "poll": http("GET", prefix + job.poll_path + task_id[1].decode()),
            "refusal": http("POST", prefix + job.path, job.broken),
        }
        for server in (bare, ours):
            per_request(server, calls["submit"], count // 4)
        for name, request in calls.items():
            pairs = [(per_request(ours, request, count), per_request(bare, request, count)) for _ in range(ROUNDS)]
            ratio = statistics.median(mine / theirs for mine, theirs in pairs)
            yield (
                name,
                statistics.median(mine for mine, _ in pairs),
                statistics.median(theirs for _, theirs in pairs),
                ratio,
            )


def first_answer(command: list[str], request: bytes) -> float:
    """Milliseconds of CPU from start to the first answer."""
    with running(command) as server:
        drive(server.port, lambda _: request, 1)
        return cpu_seconds(server.pid) * 1000


def measure_start(job: Job) -> tuple[float, float, float]:
    """(our ms, bare ms, ratio)."""
    request = http("POST", f"/{VENDOR}{job.path}", job.valid)
    pairs = [
        (first_answer(_SERVE, request), first_answer([sys.executable, "-c", _BARE], request)) for _ in range(ROUNDS + 1)
    ][1:]
    ours, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    return ours, bare, statistics.median(mine / theirs for mine, theirs in pairs)


def microseconds(function: Callable[[], object], count: int) -> float:
    """CPU of this process for one of so many calls."""
    begin = time.process_time()
    for _ in range(count):
        function()
    return (time.process_time() - begin) / count * 1e6


class Constant(httpx.BaseTransport):
    """Answers without thinking."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The same for every request."""
        request.read()
        return httpx.Response(
            200, headers=[(b"content-type", b"application/json"), (b"content-length", b"2")], content=b"{}"
        )


def make_fake() -> Fake:
    """A fake of the vendor in this process."""
    return Fake([specs.load(VENDOR)], Settings(), lambda: time.time_ns() // 1_000_000)


def measure_transport(job: Job, count: int) -> float:
    """Ratio of a client over the fake to the same client over a constant."""
    headers = {"Authorization": "Bearer bench", "Content-Type": "application/json"}
    with (
        httpx.Client(transport=FakeTransport(make_fake()), headers=headers) as ours,
        httpx.Client(transport=Constant(), headers=headers) as bare,
    ):

        def submit(client: httpx.Client) -> Callable[[], object]:
            return lambda: client.post(f"http://fake/{VENDOR}{job.path}", content=job.valid)

        pairs = [(microseconds(submit(ours), count), microseconds(submit(bare), count)) for _ in range(ROUNDS + 1)][1:]
    return statistics.median(mine / theirs for mine, theirs in pairs)


def resident_bytes(pid: int) -> int:
    """Memory that a process holds now."""
    if sys.platform.startswith("linux"):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    kilobytes = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout
    return int(kilobytes) * 1024


def measure_store(job: Job, most: int) -> tuple[float, float]:
    """(bytes for each task beyond its request, ratio of a submit's cost at `most` tasks to that at a thousand).

    Each round at a thousand has a server of its own: one that has forgotten many tasks hands their memory out again,
    which is another cost than that of new memory, on which every task stands while a store grows.
    """
    submit = http("POST", f"/{VENDOR}{job.path}", job.valid)
    batch = max(_BATCH_MIN, most // 50 // ROUNDS)
    small = [_begun(submit, batch) for _ in range(ROUNDS)]
    with running(_SERVE) as server:
        # The journal is full from here on: what grows now is tasks.
        drive(server.port, lambda _: submit, _WARM)
        before = resident_bytes(server.pid)
        drive(server.port, lambda _: submit, most - _WARM)
        each = (resident_bytes(server.pid) - before) / (most - _WARM) - len(job.valid)
        large = [per_request(server, submit, batch) for _ in range(ROUNDS)]
    return each, statistics.median(large) / statistics.median(small)


def _begun(submit: bytes, batch: int) -> float:
    """Microseconds of a submit at a server that holds a thousand tasks."""
    with running(_SERVE) as server:
        drive(server.port, lambda _: submit, 1000)
        return per_request(server, submit, batch)


def say(what: str, value: str, *, reached: bool) -> None:
    """One row."""
    mark = "  ok" if reached else "  MISSED"
    print(f"{what:<44}{value:>32}{mark}", flush=True)


def main() -> int:
    """Prints the table; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the requests and tasks")
    scale = 10 if parser.parse_args().quick else 1
    job, missed = make_job(), False

    def target(what: str, value: float, most: float, text: str) -> None:
        nonlocal missed
        missed = missed or value > most
        say(what, text, reached=value <= most)

    print(f"{VENDOR}; CPU, medians of {ROUNDS} rounds; ratio to a bare app on the same uvicorn\n")
    for (name, ours, bare, ratio), most in zip(measure_sockets(job, 20_000 // scale), (2.0, 1.7, 2.4), strict=True):
        target(f"{name} (target <= {most})", ratio, most, f"{ours:.0f} / {bare:.0f} us = {ratio:.2f}")
    ours, bare, ratio = measure_start(job)
    target("first answer after start (<= 1.5)", ratio, 1.5, f"{ours:.0f} / {bare:.0f} ms = {ratio:.2f}")
    ratio = measure_transport(job, 3000 // scale)
    target("httpx transport against a constant (<= 1.3)", ratio, 1.3, f"{ratio:.2f}")
    most_tasks = 1_000_000 // scale
    each, growth = measure_store(job, most_tasks)
    target(f"bytes a task at {most_tasks:,} (<= {TASK_BYTES_MAX})", each, TASK_BYTES_MAX, f"{each:.0f}")
    target(f"submit at {most_tasks:,} against 1,000 (<= 1.15)", growth, 1.15, f"{growth:.2f}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
