"""The far side of a gateway: every call that arrives there is judged by the upstream's own contract."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

import specs
from broken_packs import BEHAVIOUR, open_workshop
from contracts.drivers.upstream import RULE, Front, Upstream
from contracts.errors import UsageError
from contracts.exchange import Exchange, Purpose
from contracts.finding import Verdict
from services import nobody_there

NOTHING = Verdict(
    vendor="front",
    title="Front",
    target="http://front",
    seed=0,
    constraints=(),
    laws=(),
    findings=(),
    exchanges=(),
    submissions=0,
    seconds=0,
)


def judged(folder: Path, *calls: tuple[str, str, Any], before: Verdict = NOTHING) -> Verdict:
    """What is said of a gateway that sends these calls on."""
    port = int(nobody_there().rpartition(":")[2])
    pack = specs.load(open_workshop(folder).folder)
    with Upstream(pack, port, Front(pack, ("a-key",))) as upstream:
        with httpx.Client(base_url=upstream.url, headers={"Authorization": "Bearer k"}, trust_env=False) as client:
            for method, path, body in calls:
                client.request(method, path, json=body)
        return upstream.judged(before)


def test_calls_that_keep_the_contract(tmp_path: Path) -> None:
    """Nothing is found, and the law was asked."""
    verdict = judged(tmp_path, ("POST", "/v1/videos", {"prompt": "a cat"}), ("GET", "/v1/videos/unknown", None))

    assert verdict.findings == ()
    assert next((law.rule, law.outcome, law.checked) for law in verdict.laws) == (RULE, "ok", 2)
    assert {law.outcome for law in verdict.laws} <= {"ok", "untested"}


def test_calls_that_break_it(tmp_path: Path) -> None:
    """One finding for each thing that is wrong, with the calls that show it."""
    wrong = ("POST", "/v1/videos", {"prompt": "a cat", "duration": 99})

    verdict = judged(tmp_path, wrong, ("POST", "/v1/videos", {"prompt": "a cat"}), wrong, ("POST", "/v2/videos", {}))

    first, second = verdict.findings
    assert (first.rule, first.operation, first.pointer) == (RULE, "createVideo", "/duration")
    assert first.message == "sent to newvendor: duration must be at most 15, not 99 (2 times)"
    assert first.source == second.source == "newvendor, API reference (documented)"
    assert second.message == "sent to newvendor: POST /v2/videos is not offered there"
    shown = {each.number: each for each in verdict.exchanges}
    assert [shown[number].request_body for number in first.exchanges] == [b'{"prompt":"a cat","duration":99}'] * 2
    assert [law.rule for law in verdict.laws if law.outcome == "fails"] == [RULE]


def test_what_a_caller_got_wrong_may_be_sent_on(tmp_path: Path) -> None:
    """Its refusal is told, and it was meant to be refused."""
    body = {"prompt": "a cat", "duration": 99}
    asked = Exchange(
        number=1,
        operation="createVideo",
        method="POST",
        base="http://front",
        path="/v1/videos",
        request_body=json.dumps(body).encode(),
        answered_seconds=float("inf"),
        status=400,
        purpose=Purpose(expects="refused", words="duration is 99"),
    )
    verdict = judged(tmp_path, ("POST", "/v1/videos", body), before=replace(NOTHING, exchanges=(asked,)))

    assert verdict.findings == ()


def test_what_is_refused_for_its_content_has_the_vendors_status(tmp_path: Path) -> None:
    """The one that its contract has for that."""
    workshop = open_workshop(tmp_path).change(
        BEHAVIOUR, "content_rejected: {status: 400", "content_rejected: {status: 451"
    )
    pack = specs.load(workshop.folder)
    with Upstream(pack, int(nobody_there().rpartition(":")[2]), Front(pack, ("a-key",))) as upstream:
        assert upstream.rejection == 451


def test_nothing_arrives(tmp_path: Path) -> None:
    """The law is untested, and what may be wrong is said."""
    laws = judged(tmp_path).laws

    assert {law.outcome for law in laws} == {"untested"}
    assert "nothing arrived upstream" in laws[0].note


def test_port_that_is_taken(tmp_path: Path) -> None:
    """Said in one line, before anything is sent."""
    pack = specs.load(open_workshop(tmp_path).folder)
    port = int(nobody_there().rpartition(":")[2])
    front = Front(pack, ("a-key",))
    with Upstream(pack, port, front), pytest.raises(UsageError, match="--upstream-port"):
        Upstream(pack, port, front)
