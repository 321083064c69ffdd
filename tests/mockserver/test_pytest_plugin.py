"""The pytest plugin as other people's tests meet it: their vendors, their clock, and what fails them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import httpcore
import httpx
import pytest

import mockserver.desks

# The tests within the tests forget what they were the first to import: a library that is read twice is two libraries.
PRELOADED = (mockserver.desks, httpcore, httpx)
pytest_plugins = ["pytester"]

CLIENT = '''
import asyncio
import threading
import time
from time import sleep

import httpcore
import httpx
import pytest

PATH = "/vendors/klingai/v1/kling-v3/text-to-video/generation"


class Client:
    """A client that polls every ten seconds, for five minutes at most."""

    def __init__(self, base_url, api_key, transport=None):
        headers = {"Authorization": f"Bearer {api_key}"}
        self.http = httpx.Client(base_url=base_url, headers=headers, transport=transport)

    def __del__(self):
        self.http.close()

    def submit(self, **body):
        return self.http.post(PATH, json=body)

    def generate(self, **body):
        task_id = self.submit(**body).json()["task_info"]["id"]
        end = time.monotonic() + 300
        while time.monotonic() < end:
            told = self.http.get(f"{PATH}/{task_id}").json()
            if told["task_info"]["status"] == "completed":
                return told["videos"][0]
            sleep(10)
        raise TimeoutError
'''


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Somebody's project."""
    # Where understudy is installed it would be loaded twice: once by its entry point, once by its name here.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = "-p mockserver.pytest_plugin -p anyio.pytest_plugin"
    pytester.makeini(f"[pytest]\naddopts = {plugins} --strict-markers -p no:cacheprovider\nanyio_mode = auto")
    return pytester


def outcome(project: pytest.Pytester, tests: str) -> pytest.RunResult:
    """The end of a run of these tests."""
    project.makepyfile(CLIENT + tests)
    return project.runpytest_inprocess("-q")


def test_a_client_gets_its_video_over_a_socket_and_without(project: pytest.Pytester) -> None:
    """By the vendor's URL or by a transport, in tests of both kinds; its tasks and calls can be looked at."""
    ran = outcome(
        project,
        """
def test_socket(understudy, instant_sleep):
    vendor = understudy("mulerouter", clock="polls")
    url = Client(vendor.url, vendor.key).generate(prompt="a cat")
    assert httpx.get(url).headers["content-type"] == "video/mp4"
    assert (vendor.tasks[0].status, vendor.tasks[0]["request"]) == ("completed", {"prompt": "a cat"})
    assert [(call.status, call["operation"]) for call in vendor.requests][0] == (202, "createTextToVideo")
    assert vendor.requests[0].body == {"prompt": "a cat"}


def test_without(understudy, instant_sleep):
    vendor = understudy("mulerouter")
    Client("https://api.mulerouter.ai", vendor.key, vendor.transport()).generate(prompt="a cat")


async def test_asynchronous(understudy):
    vendor = understudy("kling", clock="manual")
    async with httpx.AsyncClient(transport=vendor.async_transport(), base_url="http://kling") as client:
        headers = {"Authorization": f"Bearer {vendor.key}"}
        answer = await client.post("/v1/videos/text2video", headers=headers, json={"prompt": "a cat"})
    vendor.clock.advance(600)
    assert answer.json()["code"] == 0
    assert vendor.tasks[0].status == "succeed"
""",
    )
    ran.assert_outcomes(passed=3)


def test_sleeping_moves_the_clock(project: pytest.Pytester) -> None:
    """A job of minutes takes none: for each clock, for time.sleep by any name, for asyncio, and deadlines pass too."""
    ran = outcome(
        project,
        """
@pytest.mark.parametrize("clock", ["manual", "real", "x2"])
def test_slow(understudy, instant_sleep, clock):
    vendor = understudy("mulerouter", clock=clock)
    begun = time.time()
    Client(vendor.url, vendor.key).generate(prompt="a cat [[slow:250]]")
    assert time.time() - begun > 100


def test_stuck(understudy, instant_sleep):
    vendor = understudy("mulerouter", clock="real")
    with pytest.raises(TimeoutError):
        Client(vendor.url, vendor.key).generate(prompt="a cat [[stuck]]")


async def test_asynchronous(understudy, instant_sleep):
    vendor = understudy("mulerouter", clock="manual")
    before = vendor.clock.now
    await asyncio.gather(asyncio.sleep(40, "done"), asyncio.sleep(20))
    assert (before, vendor.clock.now) == ("2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z")


def test_real_again():
    begun = time.monotonic()
    sleep(0.01)
    assert 0.01 <= time.monotonic() - begun < 5
    assert time.sleep is sleep
""",
    )
    ran.assert_outcomes(passed=6)


def test_a_broken_promise_fails_the_test_that_swallowed_it(project: pytest.Pytester) -> None:
    """The constraint is named, unknown calls too; `allow_violations` and a marker let it pass."""
    ran = outcome(
        project,
        """
def test_swallowed(understudy):
    vendor = understudy("mulerouter")
    Client(vendor.url, vendor.key).submit(prompt="a cat", duration=99)


def test_nowhere(understudy):
    vendor = understudy("mulerouter")
    client = Client(vendor.url, vendor.key)
    client.http.get("/v1/nothing")


def test_allowed(understudy):
    vendor = understudy("mulerouter", allow_violations=True)
    Client(vendor.url, vendor.key).submit(prompt="a cat", duration=99)


@pytest.mark.understudy(allow_violations=True, clock="manual")
def test_marked(understudy):
    vendor = understudy("mulerouter")
    assert vendor.clock.mode == "manual"
    Client(vendor.url, vendor.key).submit()


def test_refused_for_other_reasons(understudy):
    vendor = understudy("mulerouter", balance=0)
    assert Client(vendor.url, vendor.key).submit(prompt="a cat").status_code == 402
    assert Client(vendor.url, "mock-invalid").submit(prompt="a cat").status_code == 401
""",
    )
    ran.assert_outcomes(passed=3, failed=2)
    ran.stdout.fnmatch_lines(
        [
            "*createTextToVideo /duration maximum: duration must be at most 15, not 99 (answered 400)*",
            "*allow_violations=True*",
            "*GET /v1/nothing: the contract has no such call (answered 404)*",
        ]
    )


def test_a_failing_test_tells_broken_promises_beside_its_own_failure(project: pytest.Pytester) -> None:
    """The failure stays what it was."""
    ran = outcome(
        project,
        """
def test_both(understudy):
    vendor = understudy("mulerouter")
    Client(vendor.url, vendor.key).submit(prompt="a cat", duration=99)
    assert vendor.tasks
""",
    )
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*assert []*", "*duration must be at most 15*"])


def test_calls_go_wrong_on_demand(project: pytest.Pytester) -> None:
    """As an object or by name, for the vendor's operations; a fault that is none says so."""
    ran = outcome(
        project,
        """
def test_faults(understudy):
    vendor = understudy("mulerouter")
    client = Client(vendor.url, vendor.key)
    vendor.fault({"status": 503}, operation="submit", times=2)
    vendor.fault(close=True)
    assert [client.submit(prompt="a cat").status_code for _ in range(2)] == [503, 503]
    with pytest.raises(httpx.RemoteProtocolError):
        client.submit(prompt="a cat")
    assert [call.fault for call in vendor.requests] == ["status", "status", "close"]
    with pytest.raises(ValueError, match="no fault 'stat'"):
        vendor.fault(stat=503)


def test_ends(understudy):
    vendor = understudy("mulerouter", clock="manual")
    client = Client(vendor.url, vendor.key)
    task_id = client.submit(prompt="a cat").json()["task_info"]["id"]
    vendor.end(task_id, "out of film")
    assert vendor.tasks[0].status == "failed"
    vendor.reset()
    assert (vendor.tasks, vendor.requests) == ([], [])
    with pytest.raises(KeyError, match="there is no task"):
        vendor.end(task_id)
""",
    )
    ran.assert_outcomes(passed=2)


def test_what_there_is_not_is_said(project: pytest.Pytester) -> None:
    """A vendor, an option or its value, an option of the marker, a marker with a bare word, a clock that moves back."""
    ran = outcome(
        project,
        """
def test_vendor(understudy):
    with pytest.raises(Exception, match="Vendors: kling, mulerouter"):
        understudy("nobody")


def test_option(understudy):
    with pytest.raises(TypeError, match="no option 'clok'.*clock"):
        understudy("kling", clok="manual")


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ({"leniency": "relaxed"}, "leniency must be documented or lenient, not 'relaxed'"),
        ({"balance": -1}, "balance: must be a whole number of submissions, 0 or more"),
        ({"rate": 0}, "rate: must be a number of calls a second, more than 0"),
        ({"accounts": {"k": {"balnce": 1}}}, "balnce.*: there is no such member; there are secret"),
    ],
)
def test_value(understudy, wish, says):
    with pytest.raises(TypeError, match=says):
        understudy("kling", **wish)


def test_back(understudy):
    with pytest.raises(ValueError, match="forward"):
        understudy("kling").clock.advance(-1)


@pytest.mark.understudy(clok="manual")
def test_marker(understudy):
    pass


@pytest.mark.understudy("kling")
def test_word(understudy):
    pass
""",
    )
    ran.assert_outcomes(passed=7, errors=2)
    ran.stdout.fnmatch_lines(["*no option 'clok'*", "*takes options by name*"])


def test_tests_never_meet_and_repeat_themselves(project: pytest.Pytester) -> None:
    """Each test has keys of its own, the same in every run; the same calls get the same ids; a session has its own."""
    tests = """
def ids(vendor):
    client = Client("http://x", vendor.key, vendor.transport())
    return [client.submit(prompt="a cat").json()["task_info"]["id"] for _ in range(2)]


def test_one(understudy):
    first, second = understudy("mulerouter"), understudy("mulerouter", seed=5)
    print(first.key, second.key, *ids(first), *ids(second))
    assert len(first.tasks) == 2


def test_other(understudy, understudy_session):
    shared = understudy_session("mulerouter")
    print(understudy("mulerouter").key, shared.key, *ids(shared))
"""
    project.makepyfile(CLIENT + tests)
    one, other = (project.runpytest_inprocess("-q", "-rP") for _ in range(2))
    one.assert_outcomes(passed=2)
    told = [[line for line in each.outlines if line.startswith("test-")] for each in (one, other)]

    assert told[0] == told[1]
    words = " ".join(told[0]).split()
    assert len(words) == len(set(words)) == 10


def test_a_session_that_broke_a_promise_ends_badly(project: pytest.Pytester) -> None:
    """It is told at the end, where the session's fixture ends."""
    ran = outcome(
        project,
        """
def test_quietly(understudy_session):
    vendor = understudy_session("mulerouter")
    Client(vendor.url, vendor.key).submit(prompt="a cat", duration=99)
""",
    )
    ran.assert_outcomes(passed=1, errors=1)


def test_examples_of_the_page_pass_as_printed(project: pytest.Pytester) -> None:
    """Each block of the chapter is a module of tests."""
    page = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    chapter = page[page.index("## In pytest") :].partition("\n## ")[0]
    (printed,) = re.findall(r"```python\n(.*?)```", chapter, re.DOTALL)
    project.makepyfile(printed)

    project.runpytest_inprocess("-q").assert_outcomes(passed=printed.count("def test_"))


def test_other_peoples_runs_load_next_to_nothing() -> None:
    """Where no test asks for a vendor, neither packs nor servers nor HTTP are imported."""
    code = (
        "import sys; import mockserver.pytest_plugin;"
        "print([name for name in ('specs', 'mockserver.desk', 'httpx', 'uvicorn') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert ran.stdout.strip() == "[]"
