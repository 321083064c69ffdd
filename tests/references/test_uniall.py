"""The UniAll reference is right without bugs, by the vendor's own contract, and wrong in some way with each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import httpx
import pytest

import specs
from references.talk import Part, Transcript, first_difference, talking, transcripts
from references.uniall.bugs import BUGS
from references.uniall.probe import JOB, MODELS_REFUSED, PARTS, REFUSED, TAKEN
from references.uniall.service import POLL, SUBMIT, create_reference
from specs.validation import compile_schema

Json: TypeAlias = Any
PACK = specs.load("uniall")


def promised(answer: httpx.Response, operation: str, status: int) -> Json:
    """The body, of this status and in the shape that the contract gives to it."""
    assert answer.status_code == status, answer.text
    schema = PACK.operations[operation].response_schema(status)
    assert schema is not None
    compile_schema(schema).validate(answer.json())
    return answer.json()


def judged(changes: Mapping[str, Json]) -> list[str]:
    """What the contract has against the job, as pointers."""
    body = PACK.operations["createVideo"].body
    assert body is not None
    return [violation.pointer for violation in body.judge({**JOB, **changes})[1]]


async def submitted(changes: Mapping[str, Json]) -> httpx.Response:
    """What a fresh service says to the job."""
    async with talking(create_reference) as talk:
        return await talk.submit("job", SUBMIT, {**JOB, **changes})


@pytest.mark.parametrize("changes", TAKEN)
async def test_job_within_the_contract_is_taken(changes: Mapping[str, Json]) -> None:
    """200 with a queued job, and the contract agrees."""
    assert judged(changes) == []
    assert promised(await submitted(changes), "createVideo", 200)["status"] == "queued"


@pytest.mark.parametrize(("changes", "member"), REFUSED)
async def test_job_outside_of_the_contract_is_refused(changes: Mapping[str, Json], member: str) -> None:
    """400 with the member's name, and the contract agrees."""
    assert judged(changes)
    assert promised(await submitted(changes), "createVideo", 400)["message"].startswith(member + ":")


@pytest.mark.parametrize(("changes", "status"), MODELS_REFUSED)
async def test_job_without_a_known_model_is_refused(changes: Mapping[str, Json], status: int) -> None:
    """With an error object, before anything else in the body is looked at."""
    answer = await submitted({**changes, "duration": 99})

    assert promised(answer, "createVideo", status)["error"]["type"]


async def test_image_that_nobody_can_fetch_is_refused_at_once() -> None:
    """A service may notice it later; this one does not wait."""
    answer = await submitted({"image": "http://10.0.0.7/a.png"})

    assert promised(answer, "createVideo", 400)["message"].startswith("image:")


@pytest.mark.parametrize(("prompt", "end"), [("A lamp", "completed"), ("[[fail]]", "failed")])
async def test_job_lives_and_ends(prompt: str, end: str) -> None:
    """Queued, in progress in steps, and over; its model and ratio as they were asked for."""
    seen = []
    async with talking(create_reference) as talk:
        submit = await talk.submit("job", SUBMIT, {**JOB, "prompt": prompt, "aspect_ratio": "9:16"})
        for seconds in (0, 0.5, 0.2, 0.5, 9):
            talk.pass_time(seconds)
            seen.append(promised(await talk.ask("poll", "GET", f"{POLL}/{submit.json()['id']}"), "getVideo", 200))

    assert [job["status"] for job in seen] == ["queued", "in_progress", "in_progress", end, end]
    assert [job["progress"] for job in seen][:3] == [0, 40, 60]
    assert {(job["model"], job["aspect_ratio"]) for job in seen} == {(JOB["model"], "9:16")}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", f"{POLL}/nobody", {}, 400),
        ("GET", SUBMIT, {}, 405),
        ("GET", "/nowhere", {}, 404),
        ("GET", f"{POLL}/nobody", {"authorization": None}, 401),
        ("GET", f"{POLL}/nobody", {"authorization": "Bearer nobody"}, 401),
        ("POST", SUBMIT, {"authorization": "Basic reference-key"}, 401),
    ],
)
async def test_other_calls_are_refused(method: str, path: str, headers: dict[str, Any], status: int) -> None:
    """With the documented status, in the documented envelope."""
    async with talking(create_reference) as talk:
        answer = await talk.ask("odd", method, path, headers=headers)

    promised(answer, "getVideo", status)


@pytest.fixture(scope="module")
async def correct() -> dict[Part, Transcript]:
    """What the service says when nothing is wrong with it."""
    return await transcripts(create_reference, PARTS)


async def test_talk_leaves_nothing_to_chance(correct: dict[Part, Transcript]) -> None:
    """Asked twice, a correct service says the same twice, and never breaks down."""
    assert correct == await transcripts(create_reference, PARTS)
    assert {line[1] for heard in correct.values() for line in heard if line[1] >= 500} == {503}


@pytest.mark.parametrize("bug", BUGS)
async def test_bug_can_be_seen(bug: str, correct: dict[Part, Transcript]) -> None:
    """With each bug some answer is another: none of them is one in name only."""
    assert await first_difference(create_reference, BUGS[bug], correct)
