"""The file of `--scenario`: what is read from it, and how a bad one is refused."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

import specs
from mockserver.scenario_file import ScenarioFileError, read_scenario
from properties.processes import PATIENCE_SECONDS, running
from properties.promised import kinds

KIND = kinds("mulerouter")[0]
PACKS = [specs.load("mulerouter"), specs.load("kling")]
GOOD = """
faults:
  - {vendor: kling, operation: submit, after: 2, fault: {status: 503}}
  - {operation: poll, probability: 0.1, times: always, fault: {status: 429, retry_after: 2}}
"""


def test_rules_are_read_in_their_order(tmp_path: Path) -> None:
    """Each has an id by its place; JSON is read as well."""
    file = tmp_path / "scenario.yaml"
    file.write_text(GOOD, encoding="utf-8")
    first, second = read_scenario(file, PACKS)

    assert (first.id, first.vendor, first.after, first.fault.status) == ("scenario-1", "kling", 2, 503)
    assert (second.times, second.probability, second.fault.retry_after) == (None, 0.1, "2")
    file.write_text('{"faults": [{"fault": {"close": true}}]}', encoding="utf-8")
    assert read_scenario(file, PACKS)[0].fault.close == "close"


BAD = [
    ("", "faults"),
    ("[]", "faults"),
    ("faults: {}", "faults"),
    ("faults: []\nseed: 1", "/seed"),
    ("faults:\n  - {fault: {status: 503}, oops: 1}", "/faults/0/oops"),
    ("faults:\n  - {fault: {close: true}}\n  - {vendor: uniall, fault: {close: true}}", "/faults/1/vendor"),
    ("faults:\n  - {fault: {status: 5}}", "/faults/0/fault/status"),
    ("faults: [", "line 1"),
    ("faults:\n" + "  - {fault: {close: true}}\n" * 1001, "1000"),
]


@pytest.mark.parametrize(("text", "told"), BAD, ids=[f"{number}-{told}" for number, (_, told) in enumerate(BAD)])
def test_a_bad_file_is_refused_with_file_and_place(tmp_path: Path, text: str, told: str) -> None:
    """One line that says where, what, and what there is."""
    file = tmp_path / "bad.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioFileError) as caught:
        read_scenario(file, PACKS)

    assert str(file) in str(caught.value)
    assert told in str(caught.value)


def test_a_file_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    """Absent, a folder, or no text."""
    (tmp_path / "latin.yaml").write_bytes(b"faults: \xff")
    for name in ("absent.yaml", ".", "latin.yaml"):
        with pytest.raises(ScenarioFileError, match="read"):
            read_scenario(tmp_path / name, PACKS)


PLAYED = """
faults:
  - {operation: submit, after: 1, fault: {status: 503}}
  - {vendor: mulerouter, operation: poll, key: one, fault: {html: true}}
  - {from_seconds: 60, fault: {garble: true}}
"""


def test_a_server_plays_it_to_every_account(tmp_path: Path) -> None:
    """Each has its own counters; a key names one account; instants are on the clock; a reset begins anew."""
    file = tmp_path / "scenario.yaml"
    file.write_text(PLAYED, encoding="utf-8")
    with (
        running("--log", "off", "--clock", "manual", "--scenario", str(file)) as server,
        httpx.Client(base_url=server.url, timeout=PATIENCE_SECONDS) as client,
    ):

        def faults(key: str) -> list[str | None]:
            headers = {"Authorization": f"Bearer {key}"}
            answers = [
                client.post(f"/mulerouter{KIND.submit.path}", json=KIND.with_prompt("a cat"), headers=headers)
                for _ in range(3)
            ]
            answers.append(client.get(f"/mulerouter{KIND.poll_path('x')}", headers=headers))
            return [answer.headers.get("x-understudy-fault") for answer in answers]

        assert faults("one") == [None, "status", None, "html"]
        assert faults("two") == [None, "status", None, None]
        client.post("/__understudy/reset?key=one")
        assert faults("one") == [None, "status", None, "html"]
        client.post("/__understudy/clock", json={"advance_seconds": 60})
        assert faults("two") == ["garble", None, None, None]
