"""`understudy verify client` as people type it: a command or a callable, one scenario or all, reports, exit status."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import contracts
from contracts import cli
from contracts.drivers.clients.settings import ClientSettings
from contracts.errors import UsageError
from contracts.finding import Verdict
from contracts.scenarios.written import VERSION
from specs.validation import compile_schema

TESTS = Path(__file__).parents[1]
SCHEMA = Path(contracts.__file__).parent / "report" / "verdict.schema.json"
JOB = {"operation": "createTextToVideo", "body": {"prompt": "a"}}
PLAIN: dict[str, Any] = {"scenario": VERSION, "vendor": "mulerouter", "job": JOB, "polls": [{"state": "done"}]}
BAD_GATEWAY = {**PLAIN, "polls": [{"does": "break", "status": 502, "how": "html"}, {"state": "done"}]}
# On a busy machine the pause before the poll is long enough to be told.
STORY = re.compile(r"poll 1(?: \([\d.]+ s later\))?: 502 with an HTML page")
WAIT = Event()
SILENT = [sys.executable, "-S", "-E", "-c", "import sys; sys.exit('no settings')"]


def command(flaw: str) -> list[str]:
    """A client with this flaw, as a command."""
    return [sys.executable, str(TESTS / "flawed_client.py"), flaw]


def verify(*words: str) -> int:
    """The exit status."""
    return cli.main(["verify", "client", "mulerouter", *words])


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """A file with a scenario that breaks some clients."""
    file = tmp_path / "scenario.json"
    file.write_text(json.dumps(BAD_GATEWAY), encoding="utf-8")
    return str(file)


def test_correct_client_is_told_so(scenario: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0; what was judged, and by which laws."""
    assert verify("--scenario", scenario, "--", *command("correct")) == 0

    told = capsys.readouterr().out.splitlines()
    assert told[0] == "MuleRouter (mulerouter)"
    assert "outcome.completed: what must be survived is survived (1 time)" in "\n".join(told)
    assert told[-1] == "KEPT: nothing found"


def test_finding_has_its_story_and_the_line_that_shows_it_again(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1; copied from the terminal, the line plays the same scenario and finds the same."""
    words = command("gives_up_on_502")
    report = tmp_path / "report.json"

    assert verify("--scenario", scenario, "--json", str(report), "--", *words) == 1

    printed = capsys.readouterr().out
    assert "1. error outcome.completed createTextToVideo" in printed
    assert "   story   submit: ok" in printed
    assert STORY.search(printed)
    (line,) = (line.strip() for line in printed.splitlines() if line.strip().startswith("understudy verify client"))
    told = json.loads(report.read_text(encoding="utf-8"))
    compile_schema(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(told)
    (finding,) = told["findings"]
    assert finding["reproduce"] == line
    assert finding["scenario"]["job"] == JOB
    assert finding["story"][0] == "submit: ok"
    assert (told["target"], told["constraints"]) == (shlex.join(words), [])
    assert cli.main(shlex.split(line)[1:]) == 1


def test_scenario_of_a_report_can_be_played(scenario: str, tmp_path: Path) -> None:
    """As a file, by whoever reads the report."""
    report, again = tmp_path / "report.json", tmp_path / "again.json"
    verify("--scenario", scenario, "--json", str(report), "--", *command("gives_up_on_502"))
    found = json.loads(report.read_text(encoding="utf-8"))["findings"][0]["scenario"]
    again.write_text(json.dumps(found), encoding="utf-8")

    assert verify("--scenario", str(again), "--", *command("correct")) == 0


def test_scenarios_of_findings_are_saved(scenario: str, tmp_path: Path) -> None:
    """One file for each, where somebody wants them."""
    folder = tmp_path / "kept" / "here"

    verify("--scenario", scenario, "--save-scenarios", str(folder), "--", *command("gives_up_on_502"))

    (file,) = folder.iterdir()
    assert verify("--scenario", str(file), "--", *command("gives_up_on_502")) == 1


def test_every_report_tells_the_story(scenario: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JUnit, HTML; the key is in none of them."""
    monkeypatch.setenv("GITHUB_ACTIONS", "")
    files = {kind: tmp_path / f"report.{kind}" for kind in ("junit", "html")}
    options = [word for kind, file in files.items() for word in (f"--{kind}", str(file))]

    verify("--scenario", scenario, *options, "--", *command("gives_up_on_502"))

    for file in files.values():
        text = file.read_text(encoding="utf-8")
        assert STORY.search(text)
        assert "Bearer sk-" not in text


def test_client_that_sends_nothing_is_one_finding(capsys: pytest.CaptureFixture[str]) -> None:
    """Not a hundred: nothing else is tried, and that is said."""
    assert verify("--max-examples", "0", "--", *SILENT) == 1

    printed = capsys.readouterr().out
    assert printed.count("error run.starts") == 1
    assert "its last words: no settings" in " ".join(printed.split())
    assert "the client fails when nothing is unusual, so nothing else was tried" in " ".join(printed.split())


def test_warning_alone_fails_whoever_asks_for_it() -> None:
    """By default it does not."""
    words = ["--scenario", json.dumps(PLAIN), "--", *command("polls_after_end")]

    assert verify(*words) == 0
    assert verify("--fail-on", "warning", *words) == 1


def test_rules_can_be_left_out() -> None:
    """By name, or by subject."""
    words = ["--scenario", json.dumps(BAD_GATEWAY), "--", *command("gives_up_on_502")]

    assert verify("--skip", "outcome", *words) == 0
    assert verify("--only", "credentials", "--only", "outcome.url", *words) == 0


def test_callable_is_judged_in_place_of_a_command(monkeypatch: pytest.MonkeyPatch, scenario: str) -> None:
    """In the folder in which it is called."""
    monkeypatch.chdir(TESTS)

    assert verify("--scenario", scenario, "--call", "flawed_client:named.correct") == 0
    assert verify("--scenario", scenario, "--call", "flawed_client:named.gives_up_on_502") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            [],
            "there is no client: give its command behind --, such as -- python my_client.py, or --call MODULE:FUNCTION",
        ),
        (["--"], "there is no client: give its command behind --, such as -- python my_client.py"),
        (["--call", "a:b", "--", "c"], "--call and a command behind -- are two clients; give one of them"),
        (
            ["--", "no-such-command"],
            "the command 'no-such-command' is not there; what stands behind -- is run as it is",
        ),
        (["--call", "no_such_module:run"], "--call no_such_module:run can't be called: ModuleNotFoundError"),
        (["--scenario", "nowhere.json", "--", "true"], "--scenario nowhere.json: can't be read (No such file"),
        (["--scenario", '{"scenario": 7}', "--", "true"], 'the scenario can\'t be played: "scenario" must be 1'),
        (["--timeout", "0", "--", "true"], "--timeout 0 is not a number of seconds greater than 0"),
        (["--jobs", "0", "--", "true"], "--jobs 0 is less than 1"),
        (["--max-examples", "-1", "--", "true"], "--max-examples -1 is less than 0"),
        (["--only", "outcomes", "--", "true"], "--only 'outcomes' is no rule for clients; subjects are request, job"),
        (["--json", "no/such/folder.json", "--", "true"], "no/such/folder.json: there is no folder no/such"),
    ],
)
def test_what_can_not_be_meant_is_one_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr, with the way out; status 2."""
    assert verify(*words) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"understudy verify: {says}")
    assert told.err.count("\n") == 1


def test_options_of_the_client_are_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever stands behind the dashes is not ours, dashes included."""
    code = "import sys; sys.exit(' '.join(sys.argv[1:]))"

    verify("--max-examples", "0", "--", *SILENT[:-1], code, "--seed", "x", "--", "--help")

    assert "its last words: --seed x -- --help" in " ".join(capsys.readouterr().out.split())


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGTERM to mind")
def test_clients_end_with_the_judge(scenario: str, tmp_path: Path) -> None:
    """Told to end by SIGTERM, it leaves none of them behind, and tells what it knows."""
    started, report = tmp_path / "started", tmp_path / "report.json"
    code = f"import os, pathlib, time; pathlib.Path({str(started)!r}).write_text(str(os.getpid())); time.sleep(60)"
    words = ["verify", "client", "mulerouter", "--scenario", scenario, "--json", str(report)]
    command = [sys.executable, "-m", "contracts.cli", *words, "--", sys.executable, "-S", "-E", "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not started.exists() or not started.read_text(encoding="utf-8"):
            assert process.poll() is None
            WAIT.wait(0.05)
        process.terminate()
        told, _ = process.communicate(timeout=30)

    assert process.returncode == 130
    assert b"interrupted" in told
    assert report.is_file()
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text(encoding="utf-8")), 0)


def test_verifying_from_python() -> None:
    """A command as words, or a callable by name; a verdict comes back."""
    verdict: Verdict = contracts.verify_client("mulerouter", command("correct"), scenario=BAD_GATEWAY)

    assert (verdict.findings, verdict.aborted) == ((), "")
    assert verdict.target.endswith("flawed_client.py correct")
    with pytest.raises(UsageError, match="less than 1"):
        contracts.verify_client("mulerouter", command("correct"), jobs=0)
    assert ClientSettings().timeout_seconds == 30
