"""Programs that are hardly clients: each gets a finding that says what it did; old manners of HTTP get none."""

from __future__ import annotations

import asyncio
import sys
import textwrap

import pytest

import specs
from contracts.drivers.clients.command import CommandClient
from contracts.drivers.clients.performing import Stage
from contracts.drivers.clients.play import CALLS_MAX
from contracts.judge import Promise
from contracts.judge.clients import judge_client
from contracts.scenarios import Dress, Scenario

PROMISE = Promise(specs.load("uniall"))
JOB = {"model": "kling-v3-std-silent", "prompt": "a"}
OFF = "import os, sys, time, signal\n"
# A job is submitted, and polled once, by as little as it takes.
CALLS = """
import json, os, socket, sys, time
from urllib.parse import quote, urlsplit
base, key = urlsplit(os.environ["UNDERSTUDY_BASE_URL"]), os.environ["UNDERSTUDY_API_KEY"]
job = json.dumps(json.load(open(os.environ["UNDERSTUDY_REQUEST"], encoding="utf-8"))["body"])

def call(method, path, body=""):
    with socket.create_connection((base.hostname, base.port)) as sock:
        head = f"{method} {base.path}{path} HTTP/VERSION\\r\\nHost: {base.netloc}\\r\\nEXTRA"
        head += f"Authorization: Bearer {key}\\r\\n"
        head += (f"Content-Type: application/json\\r\\nContent-Length: {len(body)}\\r\\n" if body else "")
        sock.sendall((head + "\\r\\n" + body).encode())
        got = b""
        while part := sock.recv(65536):
            got += part
    head, _, body = got.partition(b"\\r\\n\\r\\n")
    if b"chunked" in head.lower():
        body = b"".join(body.split(b"\\r\\n")[1::2])
    return json.loads(body)

def submit():
    return "/v1/videos/" + quote(call("POST", "/v1/video/generations", job)["id"], safe="")

def wait(path):
    while True:
        task = call("GET", path)
        if task["status"] == "completed":
            return task["video_url"]
        time.sleep(0.05)
"""


def calls(version: str = "1.0", extra: str = "") -> str:
    """These calls in this version of HTTP."""
    return CALLS.replace("VERSION", version).replace("EXTRA", extra)


async def findings(code: str, seconds: float = 20, dress: Dress | None = None) -> dict[str, str]:
    """What is said of a program, by rule."""
    scenario = Scenario(name="", operation="createVideo", body=JOB, dress=dress or Dress())
    client = CommandClient([sys.executable, "-S", "-E", "-c", textwrap.dedent(code)])
    run = await Stage(PROMISE, client, 0, seconds).perform(scenario)
    return {rule: step.message for rule, steps in judge_client(run, PROMISE).items() for step in steps if step}


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "the client sent nothing; it ended with status 0 after"),
        ("sys.exit('there are no settings')", "its last words: there are no settings"),
        ("sys.stdout.buffer.write(bytes(range(256)) * 9)", "the client sent nothing; it ended with status 0 after"),
        ("print('http://localhost/video.mp4')", "its last words: http://localhost/video.mp4"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "the client sent nothing; it was ended by the signal SIGSEGV after"),
        ("os.abort()", "the client sent nothing; it was ended by the signal SIGABRT after"),
        ("1 / 0", "its last words: ZeroDivisionError: division by zero"),
    ],
)
async def test_program_that_sends_nothing(code: str, says: str) -> None:
    """Whatever it prints, and however it ends, at once."""
    told = await findings(OFF + code)

    assert told.keys() == {"run.starts"}
    assert says in told["run.starts"]


async def test_program_that_sends_nothing_and_hangs() -> None:
    """It is killed; what it did not do comes first."""
    told = await findings(OFF + "time.sleep(60)", seconds=0.6)

    assert told.keys() == {"run.starts"}
    assert "the client sent nothing; it had to be killed after" in told["run.starts"]


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        ("wait(submit()); sys.stdout.buffer.write(bytes(range(256)) * 9)", "the last line of stdout is"),
        ("wait(submit())", 'the last line of stdout is "", not the URL of the result'),
        ("submit(); print('done')", "the client ended with 0 before any answer had told a result"),
    ],
)
async def test_program_that_prints_garbage_and_ends_well(ends: str, says: str) -> None:
    """Its status says that there is a video, and its words don't."""
    told = await findings(calls() + ends)

    assert told.keys() == {"outcome.url"}
    assert says in told["outcome.url"]


async def test_program_that_leaves_children_behind() -> None:
    """The job is done, and yet it is told; nobody waits for them."""
    ends = """
print(wait(submit()), flush=True)
if os.fork() == 0 or os.fork() == 0:
    time.sleep(60)
"""

    told = await findings(calls() + ends)

    assert told == {
        "run.children": "the client ended with status 0 and left 2 processes behind, which had to be killed"
    }


async def test_program_that_does_not_end() -> None:
    """It is killed, whether it wants to hear of it or not."""
    ends = "submit(); time.sleep(60)"
    ignores = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"

    # Side by side: each is waited for in real time.
    told = await asyncio.gather(*(findings(calls() + first + ends, seconds=4) for first in ("", ignores)))

    says = "the client did not end within 4 s (polls: 0, the last answer being: ok)"
    assert told == [{"run.ends": says}, {"run.ends": f"{says}; it ignored SIGTERM"}]


async def test_program_that_floods() -> None:
    """It is stopped at a bound, and the run ends."""
    ends = "path = submit()\nwhile True: call('GET', path)"

    told = await findings(calls() + ends, seconds=60)

    assert f"the client had to be stopped: it sent more than {CALLS_MAX} calls" == told["run.flood"]
    assert told.keys() <= {"run.flood", "pace.busy", "pace.after-end"}


async def test_program_that_prints_without_end() -> None:
    """The same."""
    told = await findings(calls() + "submit()\nwhile True: print('y' * 65536)", seconds=60)

    assert told == {"run.flood": "the client had to be stopped: it printed more than 16 MB"}


@pytest.mark.parametrize(
    ("version", "extra"),
    [("1.0", ""), ("1.0", "Connection: keep-alive\\r\\nConnection: close\\r\\n"), ("1.1", "Connection: close\\r\\n")],
)
@pytest.mark.parametrize("framing", ["", "chunked", "closing"])
async def test_old_manners_of_http_are_no_fault(version: str, extra: str, framing: str) -> None:
    """HTTP/1.0, and a connection for each call: whatever the framing of the answers."""
    told = await findings(calls(version, extra) + "print(wait(submit()))", dress=Dress(framing=framing))

    assert told == {}


async def test_what_is_no_http_is_told() -> None:
    """As what it is."""
    code = calls().replace("HTTP/1.0", "QUIC/9") + "submit()"

    told = await findings(code)

    assert told["request.documented"].startswith("what arrives is no HTTP: ")
