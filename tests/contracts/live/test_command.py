"""`understudy live` as people type it: key from the environment, status, reports, a recording without keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contracts.cli import main
from contracts.commands.live import key_variable
from contracts.drift.recordings import read_recording
from targets import serving

KEY = "sk-quite-secret"


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """A small pack of one's own: its cases are made at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert main(["new", "acme"]) == 0
    capsys.readouterr()
    monkeypatch.setenv(key_variable("acme"), KEY)
    return "./acme"


def test_the_key_comes_from_the_environment(
    acme: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without one nothing is checked, which is a status of its own; a dry run needs none."""
    assert key_variable("my-router.2") == "UNDERSTUDY_LIVE_MY_ROUTER_2_KEY"
    monkeypatch.delenv(key_variable("acme"))
    assert main(["live", acme]) == 3
    assert "UNDERSTUDY_LIVE_ACME_KEY is not set" in capsys.readouterr().out
    assert main(["live", acme, "--dry-run", "--spend", "3"]) == 0
    assert "submissions that may be billed" in capsys.readouterr().out


def test_a_whole_run_over_a_socket(acme: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing found, a job seen to its end, a recording that drift traffic reads and that holds no key."""
    words = ["--spend", "1", "--rate", "500", "--poll-interval", "0.05", "--json", "j", "--record", "r.jsonl"]
    with serving(acme, "--clock", "x1000") as url:
        assert main(["live", acme, "--url", url, *words]) == 0
    told = json.loads(Path("j").read_text(encoding="utf-8"))
    assert (told["findings"], told["checked"]["submissions"], told["checked"]["tasks_ended"]) == ([], 1, 1)
    assert told["checked"]["exchanges"] == len(list(read_recording(Path("r.jsonl"))))
    assert main(["drift", "traffic", acme, "r.jsonl"]) == 0
    assert KEY not in Path("r.jsonl").read_text(encoding="utf-8") + capsys.readouterr().out


def test_what_was_spent_outlives_the_cache(acme: str, tmp_path: Path) -> None:
    """Which anybody may empty at any time: a day must not cost twice for that."""
    with serving(acme, "--clock", "x1000") as url:
        assert main(["live", acme, "--url", url, "--spend", "1", "--rate", "500", "--poll-interval", "0.05"]) == 0
    (ledger,) = (tmp_path / "state" / "understudy" / "live").glob("*.jsonl")
    assert b'"what":"taken"' in ledger.read_bytes()
    assert not list((tmp_path / "cache").rglob("*.jsonl"))


def test_a_key_that_no_header_carries_is_named_by_its_variable(
    acme: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not by an option that the command has not."""
    monkeypatch.setenv(key_variable("acme"), "two words")
    assert main(["live", acme]) == 2
    assert capsys.readouterr().err.startswith("understudy live: UNDERSTUDY_LIVE_ACME_KEY holds no key: ")


def test_a_service_that_is_not_there_could_not_be_checked(acme: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Not a finding, and not silence."""
    assert main(["live", acme, "--url", "http://127.0.0.1:9"]) == 3
    assert "could not check: http://127.0.0.1:9 can't be reached" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [["--spend", "-1"], ["--url", "nowhere"], ["--rate", "0"], ["--record", "no/where"], ["--ledger", "."]],
)
def test_words_that_make_no_sense_are_one_line(acme: str, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """Before anything is sent."""
    assert main(["live", acme, *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1
