"""How `understudy serve` ends, and what it does when what it says can't be written: in time, in order, in one line."""

from __future__ import annotations

import errno
import io
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO, cast

import httpx
import orjson
import pytest

from mockserver import serve
from mockserver.calllog import CallLog
from properties.processes import COMMAND, PATIENCE_SECONDS, Running, environment, running
from properties.promised import KINDS
from properties.wire import Line, head, whole
from properties.wired_calls import path_of, says, valid

FULL = Path("/dev/full")
on_a_full_device = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def ended(server: Running, number: signal.Signals = signal.SIGTERM) -> int:
    """The status after a signal, which is soon: sooner than an impatient supervisor would kill."""
    begun = time.monotonic()
    server.process.send_signal(number)
    status = server.process.wait(PATIENCE_SECONDS)
    assert time.monotonic() - begun < 3
    return status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("busy", [False, True], ids=["idle", "open connections"])
def test_signal_ends_it_cleanly_and_soon(*, number: signal.Signals, busy: bool) -> None:
    """Status 0 and not a word on stderr, also while clients keep connections or are in the middle of a request."""
    with running("--log", "off") as server:
        if busy:
            with Line(server.url) as kept, Line(server.url) as halfway:
                assert kept.ask("GET", "/__understudy/health") is not None
                halfway.send(head("POST", "/x", {"Content-Length": "100"}) + b"half")
                assert ended(server, number) == 0
        else:
            assert ended(server, number) == 0
        assert server.errors() == ""


HALVES = {
    "admin call": head("POST", "/__understudy/clock", {"Content-Length": "100"}) + b"half",
    "admin call in chunks": head("POST", "/__understudy/clock", {"Transfer-Encoding": "chunked"}) + b"4\r\nhalf\r\n",
    "expecting vendor's call": head("POST", "/x", {"Content-Length": "100", "Expect": "100-continue"}),
    "refused call": head("POST", "/x", {"Content-Length": str(10**12)}) + b"half",
    "head": b"POST /x HTTP/1.1\r\nHost: ",
    "offer of an upgrade": head("POST", "/x", {"Connection": "Upgrade", "Upgrade": "h2c", "Content-Length": "9"})
    + b"h",
}


@pytest.mark.parametrize("half", HALVES)
def test_half_a_call_does_not_hold_up_the_end(half: str) -> None:
    """A client that never sends the rest is not waited for, and nothing is said about it."""
    with running("--log", "off") as server:
        with Line(server.url) as line:
            line.send(HALVES[half])
            reached(server)
            assert ended(server) == 0
        assert server.errors() == ""


def reached(server: Running) -> None:
    """What was sent to it before this has been read: it reads in turn."""
    for _ in range(3):
        assert httpx.get(f"{server.url}/__understudy/health", timeout=PATIENCE_SECONDS).status_code == 200


@pytest.mark.parametrize("path", ["/nowhere", "/__understudy/openapi.json", "/__media/x"])
def test_client_that_does_not_read_does_not_hold_up_the_end(path: str) -> None:
    """Answers that nobody takes are dropped, and nothing is said about it."""
    with running("--log", "off") as server:
        with Line(server.url) as line:
            line.send_until_nobody_reads(head("GET", path) * 100)
            assert ended(server) == 0
        assert server.errors() == ""


@pytest.mark.parametrize("half", HALVES)
def test_client_that_leaves_halfway_is_nobody_s_failure(half: str) -> None:
    """No traceback: a call that breaks off is the client's own business."""
    with running("--log", "off") as server:
        for _ in range(3):
            with Line(server.url) as line:
                line.send(HALVES[half])
        reached(server)
        assert ended(server) == 0
        assert server.errors() == ""


def test_calls_that_run_are_answered_before_the_end() -> None:
    """What was asked before the signal is answered, and the connection then ends."""
    kind = KINDS[0]
    with running("--log", "off") as server:
        with Line(server.url) as line:
            line.send(whole("POST", path_of(kind), valid(kind), says("key")) * 3)
            assert line.read() is not None
            assert ended(server) == 0
            for _ in range(2):
                reply = line.read()
                assert reply is not None
                assert reply.status < 300
        assert server.errors() == ""


@pytest.mark.parametrize(("delay_seconds", "is_answered"), [(0.4, True), (60, False)])
def test_late_answer_is_awaited_for_a_moment(*, delay_seconds: float, is_answered: bool) -> None:
    """One that a fault holds up comes if it comes soon; the end does not wait for more."""
    kind = KINDS[0]
    rule = orjson.dumps({"fault": {"delay_seconds": delay_seconds}})
    with running("--log", "off") as server:
        with Line(server.url) as line, Line(server.url) as other:
            assert other.ask("POST", "/__understudy/faults", {}, rule) is not None
            line.send(whole("POST", path_of(kind), valid(kind), says("key")))
            # By then the call before has been read, and its answer is still held up.
            for _ in range(3):
                assert other.ask("GET", "/__understudy/health") is not None
            assert ended(server) == 0
            reply = line.read()
            assert (reply is not None) == is_answered
        assert server.errors() == ""


def test_what_was_logged_last_is_not_lost() -> None:
    """The end writes what still waits to be written."""
    kind = KINDS[0]
    with running("--log", "json") as server:
        with Line(server.url) as line:
            assert line.ask("POST", path_of(kind), says("key"), valid(kind)) is not None
        server.stop()
        assert len(server.errors().splitlines()) == 1


# --- when what it says can't be written ----------------------------------------------------------


def said_without_stdout(redirection: str) -> subprocess.CompletedProcess[str]:
    """What a server says and how it ends whose stdout is of no use."""
    return subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {redirection}', "sh", *COMMAND, "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_SECONDS,
        env=environment(),
        check=False,
    )


@pytest.mark.parametrize("redirection", [">&-", pytest.param(">/dev/full", marks=on_a_full_device)])
def test_address_that_nobody_can_be_told_is_one_line(redirection: str) -> None:
    """A server that can't say where it listens ends, and says why: one line on stderr, status 3."""
    said = said_without_stdout(redirection)

    assert said.returncode == 3
    assert said.stderr.count("\n") == 1
    assert said.stderr.startswith("understudy serve: ")


class Full(io.StringIO):
    """A stream whose device has no room."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def flush(self) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_log_that_can_t_be_written_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said amid a call (that a task was forgotten, say) is lost without a room for it; the call goes on."""
    monkeypatch.setattr(sys, "stderr", Full())
    log = CallLog(cast("TextIO", serve._Stderr()), "plain")

    log.say("more tasks than fit")
    log.flush()


@on_a_full_device
def test_words_that_make_no_sense_keep_their_status_when_nobody_can_be_told() -> None:
    """Status 2 is for programs, also where no line can be written for people."""
    with FULL.open("w") as full:
        said = subprocess.run(
            [*COMMAND, "--clock", "fast"],
            stdout=subprocess.PIPE,
            stderr=full,
            timeout=PATIENCE_SECONDS,
            env=environment(),
            check=False,
        )
    assert said.returncode == 2
    assert said.stdout == b""
