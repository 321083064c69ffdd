"""A client that is a command: how it ends, what it prints, what it leaves behind, and what is done about it."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Callable

import pytest

from contracts.drivers.clients.assignment import Assignment
from contracts.drivers.clients.command import CommandClient, members_of, within_loopback
from contracts.drivers.clients.runclock import RunClock
from contracts.errors import UsageError
from contracts.judge.clients import Ending, Job


async def ran(code: str, seconds: float = 20, flood: Callable[[], str] = lambda: "") -> Ending:
    """How a Python program ends."""
    assignment = Assignment(
        base_url="http://127.0.0.1:9/base",
        key="sk-1",
        job=Job(operation="createVideo", body={"prompt": "é \U0001f469"}),
        clock=RunClock(),
        timeout_seconds=seconds,
        flood=flood,
    )
    client = CommandClient([sys.executable, "-S", "-E", "-c", textwrap.dedent(code)])
    await client.start()
    return await client.run(assignment)


async def test_command_gets_what_it_needs() -> None:
    """The base URL, the key, the job; and no stdin."""
    ending = await ran(
        """
        import json, os, sys
        job = json.load(open(os.environ["UNDERSTUDY_REQUEST"], encoding="utf-8"))
        print(json.dumps([os.environ["UNDERSTUDY_BASE_URL"], os.environ["UNDERSTUDY_API_KEY"], job, sys.stdin.read()]))
        """
    )

    job = {"operation": "createVideo", "body": {"prompt": "é \U0001f469"}}
    assert (ending.status, json.loads(ending.output)) == (0, ["http://127.0.0.1:9/base", "sk-1", job, ""])


async def test_status_and_words_are_told() -> None:
    """Of both streams."""
    ending = await ran("import sys; print('out'); sys.exit('err')")

    assert (ending.status, ending.output, ending.errors, ending.last_line) == (1, "out\n", "err\n", "out")


async def test_crash_is_told_by_its_signal() -> None:
    """As a negative status."""
    ending = await ran("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")

    assert ending.status == -11


async def test_command_that_hangs_is_ended() -> None:
    """By SIGTERM, which it may use to say something."""
    ending = await ran("import time; print('here', flush=True); time.sleep(60)", seconds=0.5)

    assert (ending.status, ending.output, ending.is_stubborn) == (None, "here\n", False)


async def test_command_that_ignores_sigterm_is_killed() -> None:
    """A second later."""
    ending = await ran(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)", seconds=0.6
    )

    assert (ending.status, ending.is_stubborn) == (None, True)


async def test_processes_that_it_leaves_behind_are_counted_and_killed() -> None:
    """Also those that hold its output open."""
    ending = await ran(
        """
        import os, sys, time
        if os.fork() == 0:
            time.sleep(60)
        print(os.getpgid(0))
        """
    )

    assert (ending.status, ending.children) == (0, 1)
    assert members_of(int(ending.output)) == 0


async def test_process_that_ends_a_moment_later_is_not_left_behind() -> None:
    """A pipe's other end needs it."""
    ending = await ran("import os, time\nif os.fork() == 0:\n    time.sleep(0.05)")

    assert ending.children == 0


async def test_command_that_prints_without_end_is_stopped() -> None:
    """Of what it printed, the end is kept."""
    ending = await ran("import sys\nwhile True: sys.stdout.write('y' * 65536)")

    assert (ending.status, ending.flood) == (None, "it printed more than 16 MB")
    assert len(ending.output) == 64 * 1024


async def test_command_that_sends_without_end_is_stopped() -> None:
    """Whoever counts says when."""
    ending = await ran("import time; time.sleep(60)", flood=lambda: "it sent more than 3 calls")

    assert (ending.status, ending.flood) == (None, "it sent more than 3 calls")


@pytest.mark.parametrize(
    ("name", "what"), [("no-such-command", "is not there"), (__file__, "can't be run (is it executable?)")]
)
async def test_command_that_can_not_be_run_is_told_before(name: str, what: str) -> None:
    """In one line."""
    with pytest.raises(UsageError) as told:
        await CommandClient([name]).start()

    assert str(told.value) == f"the command {name!r} {what}; what stands behind -- is run as it is, without a shell"


def test_proxy_of_the_environment_is_not_for_this_machine() -> None:
    """What is excepted already stays so; without a proxy nothing is changed."""
    assert within_loopback({"A": "b"}) == {"A": "b"}
    told = within_loopback({"HTTP_PROXY": "http://proxy", "NO_PROXY": "a.test"})
    assert told["NO_PROXY"] == "a.test,127.0.0.1,localhost"
    assert told["no_proxy"] == "127.0.0.1,localhost"
