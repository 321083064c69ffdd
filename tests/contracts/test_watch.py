"""`understudy watch`: any command runs against a fake; its output and its status are its own, its calls are judged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from contracts import cli
from contracts.drivers.clients.conduct import CONDUCT
from contracts.judge.clients import CLIENT_RULES

TESTS = Path(__file__).parents[1]
JOB = {"operation": "createTextToVideo", "body": {"prompt": "a"}}


@pytest.fixture(autouse=True)
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the client is to do: the fake knows nothing of it."""
    file = tmp_path / "job.json"
    file.write_text(json.dumps(JOB), encoding="utf-8")
    monkeypatch.setenv("UNDERSTUDY_REQUEST", str(file))


def watch(*words: str, flaw: str = "correct") -> int:
    """The exit status."""
    client = [sys.executable, str(TESTS / "flawed_client.py"), flaw]
    return cli.main(["watch", "mulerouter", "--clock", "polls", *words, "--", *client])


def python(code: str) -> Sequence[str]:
    """A program."""
    return ["--", sys.executable, "-S", "-E", "-c", code]


def test_nothing_is_found_at_a_correct_client(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Its output is alone on stdout, the verdict on stderr; the report has the laws that traffic can keep or break."""
    report = tmp_path / "report.json"

    assert watch("--json", str(report)) == 0

    told = capfd.readouterr()
    assert told.out.startswith("http://127.0.0.1:")
    assert told.out.count("\n") == 1
    assert "KEPT: nothing found" in told.err
    laws = json.loads(report.read_text(encoding="utf-8"))["laws"]
    assert [law["rule"] for law in laws] == list(CONDUCT)


@pytest.mark.parametrize(
    ("flaw", "rule"),
    [
        ("drops_base_path", ""),
        ("slash_too_many", "request.documented"),
        ("polls_wrong_kind", "request.task"),
        ("key_in_url", "credentials.url"),
        ("no_key_on_polls", "credentials.sent"),
    ],
)
def test_what_is_wrong_with_traffic_is_found(flaw: str, rule: str, tmp_path: Path) -> None:
    """By the rules that need no scenario; the fake answers at the root too, so that a path may be dropped."""
    report = tmp_path / "report.json"

    status = watch("--json", str(report), flaw=flaw)

    found = json.loads(report.read_text(encoding="utf-8"))["findings"]
    assert [each["rule"] for each in found] == ([rule] if rule else [])
    assert status == (1 if rule else 0)


def test_warning_alone_fails_whoever_asks_for_it() -> None:
    """A poll too many, say."""
    assert watch(flaw="polls_after_end") == 0
    assert watch("--fail-on", "warning", flaw="polls_after_end") == 1
    assert watch("--fail-on", "warning", "--skip", "pace", flaw="polls_after_end") == 0


def test_status_of_the_command_is_passed_on() -> None:
    """When nothing was found; one that was killed ends as a shell would tell it."""
    assert cli.main(["watch", "kling", *python("raise SystemExit(5)")]) == 5
    assert cli.main(["watch", "kling", *python("import os; os.kill(os.getpid(), 9)")]) == 137


def test_command_finds_the_fake_and_a_key(capfd: pytest.CaptureFixture[str]) -> None:
    """In its environment."""
    names = '"UNDERSTUDY_BASE_URL", "UNDERSTUDY_API_KEY"'

    cli.main(["watch", "kling", *python(f"import os; print(*[os.environ[name] for name in ({names})])")])

    url, key = capfd.readouterr().out.split()
    assert url.startswith("http://127.0.0.1:")
    assert url.endswith("/kling")
    assert key == "sk-understudy-watch"


def test_lost_answer_of_a_fault_is_seen_as_the_client_saw_it(tmp_path: Path) -> None:
    """Asked for by the admin API; a submit that is repeated after it is found."""
    report = tmp_path / "report.json"
    code = """
import http.client, json, os, urllib.parse
parts = urllib.parse.urlsplit(os.environ["UNDERSTUDY_BASE_URL"])
def post(path, body):
    connection = http.client.HTTPConnection(parts.netloc, timeout=20)
    headers = {"Authorization": "Bearer k", "Content-Type": "application/json"}
    try:
        connection.request("POST", path, json.dumps(body), headers)
        return connection.getresponse().status
    except OSError:
        return None
fault = {"vendor": "kling", "operation": "submit", "fault": {"lose_answer": True}, "times": 1}
assert post("/__understudy/faults", fault) == 201
assert [post(parts.path + "/v1/videos/text2video", {"prompt": "a"}) for _ in range(2)] == [None, 200]
"""

    assert cli.main(["watch", "kling", "--json", str(report), *python(code)]) == 1

    (found,) = json.loads(report.read_text(encoding="utf-8"))["findings"]
    assert found["rule"] == "submit.unknown-outcome"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "there is nothing to run: give the command behind --, such as -- pytest tests"),
        (["--", "no-such-command"], "the command 'no-such-command' is not there, or can't be run"),
        (["--clock", "fast", "--", "true"], "'fast' is no clock; clocks are real, xN"),
        (["--skip", "paces", "--", "true"], "--skip 'paces' is no rule for clients"),
    ],
)
def test_what_can_not_be_meant_is_one_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, with the way out; status 2."""
    assert cli.main(["watch", "kling", *words]) == 2

    told = capsys.readouterr().err
    assert told.startswith(f"understudy watch: {says}")
    assert told.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="the test sends a signal to a process group")
def test_command_ends_in_its_own_way_when_it_is_interrupted(tmp_path: Path) -> None:
    """It has what time it needs for that; what was heard until then is judged, and the status is the shell's 130."""
    report = tmp_path / "report.json"
    code = """
import os, time, urllib.request
try:
    urllib.request.urlopen(os.environ["UNDERSTUDY_BASE_URL"] + "/v1/videos/text2video")
except OSError:
    pass
try:
    print("asked", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(0.7)
    print("cleaned up", flush=True)
"""
    words = ["-m", "contracts.cli", "watch", "kling", "--json", str(report), *python(code)]
    with subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "asked\n"
        os.killpg(process.pid, signal.SIGINT)
        out, told = process.communicate(timeout=30)

    assert out == "cleaned up\n"
    assert process.returncode == 130
    assert "the run ended early: interrupted" in told
    found = json.loads(report.read_text(encoding="utf-8"))["findings"]
    assert "credentials.sent" in {each["rule"] for each in found}


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGTERM to mind")
def test_command_is_told_to_end_too(tmp_path: Path) -> None:
    """Whoever stops a container or a job of CI tells `watch` alone: it must not leave the command behind."""
    report = tmp_path / "report.json"
    code = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    words = ["-m", "contracts.cli", "watch", "kling", "--json", str(report), *python(code)]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        command = int(process.stdout.readline())
        process.terminate()
        _, told = process.communicate(timeout=30)

    assert process.returncode == 130
    assert b"interrupted" in told
    assert report.is_file()
    with pytest.raises(ProcessLookupError):
        os.kill(command, 0)


def test_every_rule_of_traffic_is_a_rule() -> None:
    """And keeps its order."""
    assert [name for name in CLIENT_RULES if name in CONDUCT] == list(CONDUCT)
