"""The JSON is what the interface promises and what its schema says, and adds up."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

import contracts.report
from contracts.finding import Finding, Verdict
from contracts.report.digest import EXCHANGES_MAX, digest
from contracts.report.json_report import json_report
from verdict_samples import BROKEN, KEPT, POLL, SAMPLES

SCHEMA = json.loads((Path(contracts.report.__file__).parent / "verdict.schema.json").read_text(encoding="utf-8"))
PROMISED = {
    "summary": ["rules", "passed", "failed", "skipped", "requests", "seconds"],
    "constraints": ["operation", "pointer", "rule", "accepts", "rejects"],
    "findings": [
        *("rule", "level", "operation", "pointer", "message", "source"),
        *("request", "response", "reproduce"),
    ],
}


def document(verdict: Verdict) -> dict[str, Any]:
    """The report, read back."""
    value: dict[str, Any] = json.loads(json_report(digest(verdict)))
    return value


@pytest.mark.parametrize("verdict", SAMPLES.values(), ids=list(SAMPLES))
def test_document_keeps_its_schema(verdict: Verdict) -> None:
    """Members that are not in the schema are an error there, so that it stays complete."""
    validator = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)

    assert [error.message for error in validator.iter_errors(document(verdict))] == []


def test_promised_members_come_first_in_their_order() -> None:
    """What `interface` promises, under its names; further members follow."""
    told = document(BROKEN)

    assert list(told)[:6] == ["vendor", "target", "seed", "summary", "constraints", "findings"]
    assert list(told["summary"]) == PROMISED["summary"]
    for part in ("constraints", "findings"):
        assert list(told[part][0])[: len(PROMISED[part])] == PROMISED[part]


def test_summary_adds_up() -> None:
    """A rule is a side of a constraint or a law: passed, failed or skipped."""
    summary = document(BROKEN)["summary"]

    assert summary["rules"] == 2 * len(BROKEN.constraints) + len(BROKEN.laws)
    assert summary["rules"] == summary["passed"] + summary["failed"] + summary["skipped"]
    assert summary["requests"] == len(BROKEN.exchanges)


def test_request_and_response_are_objects() -> None:
    """Bodies parsed where they are JSON, texts where not, null where nothing came."""
    refused, mode, _, silent = document(BROKEN)["findings"]

    assert refused["request"]["method"] == "POST"
    assert refused["request"]["headers"]["Authorization"] == "Bearer …"
    assert refused["request"]["body"]["mode"] == "std"
    assert refused["response"] == {
        "status": 202,
        "headers": {"content-type": "application/json", "set-cookie": "…", "x-request-id": "r-1"},
        "body": {"id": "7f0a", "status": "pending"},
    }
    assert mode["response"]["body"] == "(not UTF-8) <html><script>alert('…')</script>\x1b[31m caf\\xe9"
    assert silent["response"] is None
    assert silent["exchanges"][0]["trouble"] == "no answer within 10 seconds"


def test_further_exchanges_are_bounded() -> None:
    """A finding that a thousand exchanges show tells some, and how many more there are."""
    exchanges = tuple(replace(POLL, number=number) for number in range(50))
    finding = Finding(rule="r", level="error", operation=None, pointer=None, message="m", exchanges=tuple(range(50)))

    (told,) = document(replace(KEPT, exchanges=exchanges, findings=(finding,)))["findings"]

    assert len(told["exchanges"]) == EXCHANGES_MAX
    assert told["exchanges_left_out"] == 50 - EXCHANGES_MAX


def test_a_finding_without_exchanges_is_told() -> None:
    """About the documents alone, or about an exchange that was not kept."""
    finding = Finding(rule="r", level="error", operation=None, pointer="", message="m", exchanges=(9999,))

    (told,) = document(replace(KEPT, findings=(finding,)))["findings"]

    assert (told["request"], told["response"], told["reproduce"], told["exchanges"]) == (None, None, None, [])


@pytest.mark.parametrize(
    ("account", "caller"),
    [
        ("key", "with the key"),
        ("other", "with the other key"),
        ("", "as nobody"),
        ("own-..1a2b3c", "with a key of its own"),
    ],
)
def test_who_called_is_told(account: str, caller: str) -> None:
    """A gateway has a key of its own for its provider."""
    finding = Finding(rule="r", level="error", operation=None, pointer="", message="m", exchanges=(POLL.number,))
    verdict = replace(KEPT, findings=(finding,), exchanges=(replace(POLL, account=account),))

    (told,) = document(verdict)["findings"]

    assert told["exchanges"][0]["caller"] == caller


def test_headers_of_one_name_are_joined() -> None:
    """An object has each name once."""
    lines = (("Via", "1.1 a"), ("Date", "today"), ("via", "1.1 b"))
    finding = replace(BROKEN.findings[2], exchanges=(1,))

    (told,) = document(replace(KEPT, exchanges=(replace(POLL, number=1, headers=lines),), findings=(finding,)))[
        "findings"
    ]

    assert told["response"]["headers"] == {"Date": "today", "Via": "1.1 a, 1.1 b"}


@pytest.mark.parametrize(
    ("verdict", "standing"),
    [
        (BROKEN, "broken"),
        (KEPT, "kept"),
        (replace(KEPT, findings=BROKEN.findings[3:]), "kept"),
        (replace(KEPT, aborted="the service is gone"), "unfinished"),
        (replace(BROKEN, aborted="the service is gone"), "broken"),
        (replace(BROKEN, findings=()), "broken"),
        (replace(KEPT, constraints=BROKEN.constraints[6:7], laws=()), "undecided"),
    ],
)
def test_standing_says_how_it_ended(verdict: Verdict, standing: str) -> None:
    """Broken as soon as one error is known; kept only when something was judged to the end."""
    assert document(verdict)["run"]["standing"] == standing


def test_replay_is_a_command_without_the_key() -> None:
    """The obvious one, unless the run knows better."""
    assert document(BROKEN)["run"]["replay"] == (
        'understudy verify gateway acme --url http://127.0.0.1:9000/gateway --seed 7 --key "$UNDERSTUDY_KEY"'
    )
    assert document(KEPT)["run"]["replay"] == KEPT.replay
