"""`understudy verify gateway` as people type it: what it says before and after, its reports, its exit status."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from broken_packs import OPENAPI, Workshop, open_workshop
from contracts import cli
from services import Forwarding, Listening, answering, nobody_there, on_socket, quick_fake

WORDS = ("verify", "gateway")
FEW = ("--max-examples", "0")


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A small sound pack."""
    return open_workshop(tmp_path)


@pytest.fixture
def loose(tmp_path: Path) -> Workshop:
    """The same with a limit that is one too high."""
    (tmp_path / "loose").mkdir()
    return open_workshop(tmp_path / "loose").change(OPENAPI, "maximum: 15", "maximum: 16")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither keys nor CI of whoever runs the tests."""
    for name in ("UNDERSTUDY_KEY", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)


def verify(*words: str | Path, url: str) -> int:
    """The status of the command."""
    return cli.main([*WORDS, *map(str, words), "--url", url])


def test_nothing_found(workshop: Workshop, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0; two lines beforehand that come true, the verdict on stdout, reports, and a key in none of them."""
    service = Listening(quick_fake(workshop.folder))
    with on_socket(service) as running:
        reports = ("--json", "v.json", "--junit", "v.xml", "--html", "v.html")
        status = verify(workshop.folder, *FEW, *reports, "--key", "sesame-4711", url=running.url)

    said = capsys.readouterr()
    assert status == 0
    first, second, *_ = said.err.splitlines()
    requests = re.fullmatch(rf"understudy: about (\d+) requests to {running.url}", first)
    submissions = re.fullmatch(r"understudy: (\d+) submissions among them, each of which may be billed", second)
    assert requests is not None
    assert submissions is not None
    assert 0.7 * int(requests[1]) <= len(service.heard) <= 1.3 * int(requests[1])
    told = json.loads((here / "v.json").read_text(encoding="utf-8"))
    assert (told["vendor"], told["target"], told["seed"], told["findings"]) == ("mine", running.url, 0, [])
    assert told["summary"]["requests"] == len(service.heard)
    assert ET.parse(here / "v.xml").getroot().get("failures") in ("0", None)  # noqa: S314 - our own file
    assert (here / "v.html").read_text(encoding="utf-8").startswith("<!")
    assert "KEPT: nothing found" in said.out
    assert not any("sesame" in path.read_text(encoding="utf-8") for path in here.iterdir())


def test_findings(
    workshop: Workshop, loose: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 1; the finding with a line for the shell that has no key in it; the key came out of the environment."""
    monkeypatch.setenv("UNDERSTUDY_KEY", "sesame-4711")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    service = Listening(quick_fake(loose.folder))
    with on_socket(service) as running:
        words = ("--only", "maximum", "--header", "X-Team: video", "--json", "v.json")
        status = verify(workshop.folder, *FEW, *words, url=running.url)

    said = capsys.readouterr().out
    assert status == 1
    replay = json.loads(Path("v.json").read_text(encoding="utf-8"))["run"]["replay"]
    assert replay == (
        f"understudy verify gateway {workshop.folder} --url {running.url} --seed 0 --max-examples 0 --only maximum"
        ' --key "$UNDERSTUDY_KEY" --header "X-Team: $UNDERSTUDY_X_TEAM"'
    )
    assert "status.refused" in said
    assert "curl " in said
    assert "::error " in said
    assert "sesame" not in said
    assert {each.headers["authorization"] for each in service.heard} == {"Bearer sesame-4711"}
    assert {each.headers["x-team"] for each in service.heard} == {"video"}


def test_nothing_judged(workshop: Workshop, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 3: what accounts see of each other can't be told with one of them, and nothing else was asked for."""
    with on_socket(quick_fake(workshop.folder)) as running:
        words = ("--only", "account.isolation", "--json", "v.json")
        status = verify(workshop.folder, *FEW, *words, url=running.url)

    assert status == 3
    assert "NOTHING JUDGED" in capsys.readouterr().out
    assert json.loads((here / "v.json").read_text(encoding="utf-8"))["run"]["standing"] == "undecided"


def test_dry_run(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """Says what would be sent, sends nothing, needs nobody there."""
    status = verify(workshop.folder, *FEW, "--dry-run", url=nobody_there())

    lines = capsys.readouterr().out.splitlines()
    assert status == 0
    assert lines[0].split() == ["operation", "what", "requests", "submissions"]
    assert any(line.startswith("createVideo  jobs to follow") for line in lines)
    assert any(line.startswith("createVideo  cases to be refused") for line in lines)
    requests = sum(int(line.split()[-2]) for line in lines[1:-2])
    submissions = sum(int(line.split()[-1]) for line in lines[1:-2])
    assert lines[-2] == f"in all about {requests} requests, {submissions} submissions among them"
    assert lines[-1] == "nothing was sent (--dry-run)"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["nobody"], "is neither a vendor nor a folder"),
        (["{pack}", "--url", "localhost:1"], "is no URL of a service"),
        (["{pack}", "--key", "two words"], "--key is no key"),
        (["{pack}", "--key", ""], "--key is no key"),
        (["{pack}", "--bad-key", ""], "--bad-key is no key"),
        (["{pack}", "--only", "maximun"], "did you mean maximum"),
        (["{pack}", "--skip", "lifecicle"], "did you mean lifecycle"),
        (["{pack}", "--only", "status", "--skip", "status"], "--only status and --skip status contradict each other"),
        (["{pack}", "--only", "lifecycle.order", "--skip", "lifecycle"], "leave nothing that could be judged"),
        (["{pack}", "--only", "upstream"], "it needs --upstream and --upstream-port"),
        (["{pack}", "--only", "upstream.keys", "--only", "upstream"], "it needs --upstream and --upstream-port"),
        (["{pack}", "--max-examples", "1000000000"], "is not between 0 and 10000"),
        (["{pack}", "--rate", "0"], "--rate 0"),
        (["{pack}", "--rate", "fast"], "--rate"),
        (["{pack}", "--header", "X-Team"], "has no colon"),
        (["{pack}", "--json", "missing/v.json"], "there is no folder missing"),
        (["{pack}", "--fail-on", "never"], "--fail-on"),
        (["{pack}", "--seed", "x"], "--seed"),
        (["{pack}", "--upstream", "{pack}"], "belong together"),
        (["{pack}", "--upstream-port", "8787"], "belong together"),
        (["{pack}", "--upstream", "nobody", "--upstream-port", "8787"], "is neither a vendor nor a folder"),
        (["{pack}", "--upstream", "{pack}", "--upstream-port", "70000"], "choose another with --upstream-port"),
        ([], "VENDOR"),
    ],
)
def test_words_that_are_off(workshop: Workshop, words: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2, one line, and nothing is sent."""
    service = Listening(answering(200))
    with on_socket(service) as running:
        given = [word.replace("{pack}", str(workshop.folder)) for word in words]
        status = cli.main([*WORDS, "--url", running.url, *FEW, *given])

    said = capsys.readouterr()
    assert status == 2
    assert why in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert service.heard == []


@pytest.mark.parametrize("words", [["verify"], ["verify", "everything"], ["verify", "gateway", "mine"]])
def test_half_a_call(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What is missing is named."""
    assert cli.main(words) == 2
    assert capsys.readouterr().err.startswith("understudy verify")


def test_nobody_there(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 3 and the reason; the reports say so too."""
    url = nobody_there()

    status = verify(workshop.folder, *FEW, "--json", "v.json", url=url)

    assert status == 3
    assert "can't be reached" in capsys.readouterr().out
    assert json.loads(Path("v.json").read_text(encoding="utf-8"))["summary"]["requests"] == 0


def test_key_that_is_refused(workshop: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 3: nothing can be said of the service."""
    with on_socket(quick_fake(workshop.folder)) as running:
        status = verify(workshop.folder, *FEW, "--key", "mock-invalid-key", url=running.url)

    assert status == 3
    assert "refuses the key" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("part", ["judge", "make_cases"])
def test_judge_that_fails(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], part: str
) -> None:
    """Status 3 and one line, while it plans too: never taken for a service that is broken, or whole."""

    def stumble(*_: Any, **__: Any) -> None:
        message = "over\nits feet"
        raise RuntimeError(message)

    monkeypatch.setattr(f"contracts.drivers.verifying.{part}", stumble)
    with on_socket(quick_fake(workshop.folder)) as running:
        status = verify(workshop.folder, *FEW, "--only", "maximum", url=running.url)

    assert status == 3
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "understudy verify: the judge itself failed (RuntimeError: over its feet); please report it"


def test_interrupted(workshop: Workshop, here: Path) -> None:
    """Ctrl-C ends the run, not the reports: what was found so far is told, and the status is the usual one."""
    with on_socket(quick_fake(workshop.folder)) as running:
        words = [*WORDS, str(workshop.folder), "--url", running.url, "--json", "v.json", "--rate", "60", *FEW]
        command = [sys.executable, "-m", "contracts.cli", *words]
        root = Path(cli.__file__).parents[1]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        ) as process:
            assert process.stderr is not None
            assert next(line for line in process.stderr if "25 %" in line)
            process.send_signal(signal.SIGINT)
            said, complaints = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in complaints
    assert json.loads((here / "v.json").read_text(encoding="utf-8"))["summary"]["requests"] > 20


def test_sandwich(workshop: Workshop, loose: Workshop, capsys: pytest.CaptureFixture[str]) -> None:
    """What a gateway sends on is judged beside what it answers: here it forwards what its upstream does not take."""
    port = nobody_there().rpartition(":")[2]
    gateway = Forwarding(quick_fake(workshop.folder), f"http://127.0.0.1:{port}/v1/videos", b'{"prompt": ""}')
    upstream = ("--upstream", str(loose.folder), "--upstream-port", port, "--json", "v.json")
    with on_socket(gateway) as running:
        status = verify(workshop.folder, *FEW, "--only", "maximum", *upstream, url=running.url)

    assert status == 1
    assert f"listens at http://127.0.0.1:{port}; that is where to forward" in capsys.readouterr().err
    (finding,) = json.loads(Path("v.json").read_text(encoding="utf-8"))["findings"]
    assert (finding["rule"], finding["operation"], finding["pointer"]) == ("upstream.request", "createVideo", "/prompt")
    assert finding["request"]["url"] == f"http://127.0.0.1:{port}/v1/videos"


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    """Every option is explained, and the exit status."""
    assert cli.main([*WORDS, "--help"]) == 0
    said = capsys.readouterr().out
    options = "--url --key --bad-key --other-key --header --rate --dry-run --poll-interval --deadline --max-examples"
    for option in [
        *options.split(),
        "--upstream",
        "--upstream-port",
        "--seed",
        "--only",
        "--skip",
        "--json",
        "--junit",
        "--html",
        "--fail-on",
    ]:
        assert option in said
    assert "Exit status" in said
