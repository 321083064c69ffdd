"""A live run: silent about a vendor that is as it was, each drift as what it is, never a submission too many."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from live_service import KEY, NO_BODIES, Service, replayed
from properties.promised import VENDORS, pack

pytestmark = pytest.mark.usefixtures("pauses_leap")
Json = Any
WORDS, SCHEMAS = "$.behaviour.lifecycle.words", "$.openapi.components.schemas."
REFUSALS, ANSWER = "$.behaviour.refusals.", "$.behaviour.answers."


def put(target: str, **members: Json) -> Json:
    """Members of an object are others."""
    return {"target": target, "update": members}


def drop(target: str) -> Json:
    """Something is gone."""
    return {"target": target, "remove": True}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendor_that_is_as_it_was_is_silent(tmp_path: Path, vendor: str) -> None:
    """Every free call, a job to its end, and the fake answers the recording as the vendor did."""
    service = Service(tmp_path, vendor)
    checked = service.check(1)
    assert checked.drifts == []
    assert replayed(checked, folder=tmp_path) == []
    assert (checked.run.spent, checked.run.ended, checked.run.problem) == (1, 1, "")
    assert service.tasks == 1
    assert len(checked.run.exchanges) > len(checked.session.probes.safe) + len(checked.session.probes.doubt)
    assert KEY not in str(checked.recording)


# What has drifted, what may be spent, which jobs that have to be refused are sent, and what is found.
DRIFTS: list[tuple[str, Json, int, str, set[tuple[str, str]]]] = [
    ("uniall", put(ANSWER + "job.body", eta=5), 1, NO_BODIES, {("field-added", "/eta")}),
    ("uniall", drop(ANSWER + "job.body.progress"), 1, NO_BODIES, {("field-removed", "/progress")}),
    ("uniall", put(ANSWER + "job.body", created_at="soon"), 1, NO_BODIES, {("type-changed", "/created_at")}),
    ("uniall", put("$.behaviour", times="rfc3339-ms"), 1, NO_BODIES, {("type-changed", "/created_at")}),
    ("uniall", put(WORDS, queued="waiting"), 1, NO_BODIES, {("status-added", "/status")}),
    ("uniall", put(WORDS, running="working"), 1, NO_BODIES, {("status-added", "/status")}),
    ("uniall", put(WORDS, done="finished"), 1, NO_BODIES, {("status-added", "/status")}),
    ("uniall", put(ANSWER + "job", status=201), 1, NO_BODIES, {("status-added", "")}),
    ("uniall", put(REFUSALS + "key_missing", status=418), 0, NO_BODIES, {("status-added", "")}),
    ("uniall", put(REFUSALS + "key_invalid", status=403), 0, NO_BODIES, {("status-added", "@authorization")}),
    ("uniall", put(REFUSALS + "key_invalid.body.error", hint="x"), 0, NO_BODIES, {("field-added", "/error/hint")}),
    ("uniall", put(REFUSALS + "key_missing", body={"problem": 1}), 0, NO_BODIES, {("field-added", "/problem")}),
    (
        "uniall",
        put(SCHEMAS + "VideoRequest.properties.duration", maximum=20),
        1,
        "maximum",
        {("limit-changed", "/duration")},
    ),
    (
        "uniall",
        put(SCHEMAS + "VideoRequest.properties.duration", minimum=1),
        1,
        "minimum",
        {("limit-changed", "/duration")},
    ),
    (
        "uniall",
        put(SCHEMAS + "VideoRequest.properties.duration", minimum=4),
        1,
        NO_BODIES,
        {("limit-changed", "/duration")},
    ),
    (
        "uniall",
        put(SCHEMAS + "VideoRequest.properties.duration", type="number"),
        1,
        "/duration:type",
        {("type-changed", "/duration")},
    ),
    ("uniall", put(SCHEMAS + "VideoRequest", required=["quality"]), 1, NO_BODIES, {("required-changed", "/quality")}),
    ("myrouter", put(WORDS, running="TASK_STATUS_RUNNING"), 1, NO_BODIES, {("status-added", "/task/status")}),
    (
        "myrouter",
        put(SCHEMAS + "TextToVideoRequest.properties.prompt", maxLength=3000),
        1,
        "maxLength",
        {("limit-changed", "/prompt")},
    ),
    (
        "myrouter",
        put(SCHEMAS + "TextToVideoRequest.properties.duration", maximum=20),
        1,
        "maximum",
        {("limit-changed", "/duration")},
    ),
    (
        "myrouter",
        drop(SCHEMAS + "TextToVideoRequest.properties.aspect_ratio.enum"),
        1,
        "enum",
        {("enum-changed", "/aspect_ratio")},
    ),
    ("myrouter", put(REFUSALS + "key_missing", status=403), 0, NO_BODIES, {("status-added", "@authorization")}),
    ("myrouter", drop(ANSWER + "submitted.body.task_id"), 1, NO_BODIES, {("field-removed", "/task_id")}),
    (
        "powertokens",
        put(SCHEMAS + "TextToVideoRequest.properties.prompt", maxLength=3000),
        1,
        "maxLength",
        {("limit-changed", "/prompt")},
    ),
    ("powertokens", put(REFUSALS + "task_unknown", status=404), 0, NO_BODIES, {("status-added", "{task_id}")}),
    ("powertokens", put(WORDS, queued="queued"), 1, NO_BODIES, {("status-added", "/data/task_status")}),
    ("powertokens", put(WORDS, running="working"), 1, NO_BODIES, {("status-added", "/data/task_status")}),
    ("kling", put(WORDS, done="succeeded"), 1, NO_BODIES, {("status-added", "/data/task_status")}),
    ("kling", put(WORDS, queued="waiting"), 1, NO_BODIES, {("status-added", "/data/task_status")}),
    ("kling", put(REFUSALS + "key_missing", status=403), 0, NO_BODIES, {("status-added", "@authorization")}),
    ("kling", put(REFUSALS + "key_invalid.body", code=1009), 0, NO_BODIES, {("enum-changed", "/code")}),
    ("kling", put(REFUSALS + "request_invalid.body", code=1299), 1, "/mode:enum", {("enum-changed", "/code")}),
    (
        "kling",
        put("$.behaviour", times="rfc3339-ms"),
        1,
        NO_BODIES,
        {("type-changed", "/data/created_at"), ("type-changed", "/data/updated_at")},
    ),
    ("mulerouter", put(WORDS, queued="queued"), 1, NO_BODIES, {("status-added", "/task_info/status")}),
    ("mulerouter", put(WORDS, done="succeeded"), 1, NO_BODIES, {("status-added", "/task_info/status")}),
    ("mulerouter", put(REFUSALS + "key_missing", status=403), 0, NO_BODIES, {("status-added", "@authorization")}),
    ("mulerouter", put(REFUSALS + "task_unknown", status=410), 0, NO_BODIES, {("status-added", "")}),
    ("mulerouter", put(REFUSALS + "request_invalid", status=422), 1, "/mode:enum", {("status-added", "")}),
    ("mulerouter", put(SCHEMAS + "Prompt", maxLength=3000), 1, "/prompt:maxLength", {("limit-changed", "/prompt")}),
    ("mulerouter", put(SCHEMAS + "Duration", maximum=20), 1, "/duration:maximum", {("limit-changed", "/duration")}),
    ("mulerouter", drop(SCHEMAS + "Mode.enum"), 1, "/mode:enum", {("enum-changed", "/mode")}),
    (
        "mulerouter",
        put("$.behaviour.task_id", format="digits", length=18),
        1,
        NO_BODIES,
        {("format-changed", "/task_info/id")},
    ),
]


@pytest.mark.parametrize("drift", DRIFTS, ids=range(len(DRIFTS)))
def test_a_drift_is_found_as_what_it_is(tmp_path: Path, drift: Any) -> None:
    """Its kind and its place, and nothing beside it; no more jobs than may be billed."""
    vendor, action, spend, about, found = drift
    service = Service(tmp_path, vendor, action)
    checked = service.check(spend, about=about, deadline=2.0)
    assert checked.found == found
    assert service.tasks <= spend


def test_an_operation_that_is_gone_is_one_finding(tmp_path: Path) -> None:
    """Whatever was asked there."""
    paths = "$.openapi.paths['/v1/videos/{task_id}']"
    service = Service(tmp_path, "uniall", {"target": paths, "remove": True}, drop("$.behaviour.operations.getVideo"))
    assert service.check(0, about=NO_BODIES).found == {("endpoint-changed", "")}


def test_an_operation_that_is_gone_is_told_from_a_task_that_is_unknown(tmp_path: Path) -> None:
    """Where both are a 404, strangers tell: they should have been refused as such."""
    path = next(each.path for each in pack("myrouter").operations.values() if each.role == "poll")
    service = Service(tmp_path, "myrouter", drop(f"$.openapi.paths['{path}']"))
    assert service.check(0, about=NO_BODIES).found == {("endpoint-changed", "")}


@pytest.mark.parametrize(
    ("vendor", "at", "code"),
    [
        ("mulerouter", "body", {"error_code": 402}),
        ("myrouter", "body", {"reason": "ANOTHER_CODE"}),
        ("uniall", "body.error", {"type": "another_error"}),
        ("powertokens", "body.error", {"code": "denied"}),
    ],
)
def test_another_code_is_found_also_where_it_is_a_word(tmp_path: Path, vendor: str, at: str, code: Json) -> None:
    """Clients tell refusals apart by it."""
    service = Service(tmp_path, vendor, put(f"{REFUSALS}key_missing.{at}", **code))
    assert {kind for kind, _ in service.check(0, about=NO_BODIES).found} == {"enum-changed"}


def test_no_submission_is_sent_that_may_not_be_billed(tmp_path: Path) -> None:
    """By run and by day, also when jobs are taken that should be refused."""
    service = Service(tmp_path, "uniall")
    assert (service.check(0, about=NO_BODIES).run.spent, service.tasks) == (0, 0)
    assert (service.check(2, about=NO_BODIES).run.spent, service.tasks) == (2, 2)
    assert (service.check(2, a_day=3, about=NO_BODIES).run.spent, service.tasks) == (1, 3)
    again = service.check(2, a_day=3, about=NO_BODIES)
    assert (again.run.spent, service.tasks) == (0, 3)
    assert "--spend-a-day 3" in again.run.skipped[0]
    assert "no job was sent" in again.run.problem


def test_what_might_be_taken_is_never_sent_for_nothing(tmp_path: Path) -> None:
    """A vendor that takes anything gets no job out of a free run; with money, the first that it takes is the job."""
    names = ("duration", "prompt", "aspect_ratio", "model")
    service = Service(tmp_path, "uniall", *(drop(SCHEMAS + f"VideoRequest.properties.{name}") for name in names))
    free = service.check(0)
    assert (free.run.spent, service.tasks) == (0, 0)
    assert "jobs that have to be refused, and might not be: --spend 0" in free.run.skipped[0]
    assert (service.check(1).run.spent, service.tasks) == (1, 1)


def test_a_task_is_watched_on_by_the_next_run(tmp_path: Path) -> None:
    """What one run has begun, the next sees to its end."""
    service = Service(tmp_path, "uniall")
    first = service.check(1, about=NO_BODIES, deadline=0.001)
    assert (first.run.ended, first.run.waiting) == (0, 1)
    second = service.check(0, about=NO_BODIES)
    assert (second.run.spent, second.run.ended, second.run.waiting, service.tasks) == (0, 1, 0, 1)


def test_a_key_that_nobody_knows_is_no_finding(tmp_path: Path) -> None:
    """Then nothing could be checked that needs an account."""
    service = Service(tmp_path, "uniall")
    session = service.session(1)
    session._settings = type(session._settings)(key="mock-invalid-other", bad_key="mock-invalid-key", spend=1)
    run = asyncio.run(session.go())
    assert "the key is refused" in run.problem
    assert run.spent == 0


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        (put(REFUSALS + "key_invalid", status=403), "status-added"),
        (put(REFUSALS + "key_missing.body.error", hint="x"), "field-removed"),
        (put(ANSWER + "job.body", eta=5), "field-removed"),
        (drop(ANSWER + "job.body.progress"), "field-added"),
    ],
)
def test_a_fake_that_answers_otherwise_than_the_recording_is_told(tmp_path: Path, action: Json, kind: str) -> None:
    """Status, members, types: the vendor is right, and the fake is wrong."""
    checked = Service(tmp_path, "uniall").check(1, about=NO_BODIES)
    assert {each.kind for each in replayed(checked, action, folder=tmp_path)} == {kind}
