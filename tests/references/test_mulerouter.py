"""The MuleRouter reference is right without bugs, by the vendor's own contract, and wrong in some way with each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import httpx
import pytest

import specs
from references.mulerouter.bodies import IMAGE, TEXT
from references.mulerouter.bugs import BUGS
from references.mulerouter.probe import ALL_REFUSED, ALL_TAKEN, JOBS, LARGEST, PARTS, TOO_LARGE, show_sizes
from references.mulerouter.service import PATHS, create_reference
from references.talk import Part, Transcript, first_difference, talking, transcripts
from specs.validation import compile_schema

Json: TypeAlias = Any
PACK = specs.load("mulerouter")
OPERATIONS = {TEXT: "createTextToVideo", IMAGE: "createImageToVideo"}
POLLS = {TEXT: "getTextToVideo", IMAGE: "getImageToVideo"}


def promised(answer: httpx.Response, operation: str, status: int) -> Json:
    """The body, of this status and in the shape that the contract gives to it."""
    assert answer.status_code == status, answer.text
    schema = PACK.operations[operation].response_schema(status)
    assert schema is not None
    compile_schema(schema).validate(answer.json())
    return answer.json()


def judged(kind: str, changes: Mapping[str, Json]) -> list[str]:
    """What the contract has against the job, as pointers."""
    body = PACK.operations[OPERATIONS[kind]].body
    assert body is not None
    return [violation.pointer for violation in body.judge({**JOBS[kind], **changes})[1]]


@pytest.mark.parametrize(("kind", "changes"), ALL_TAKEN)
async def test_job_within_the_contract_is_taken(kind: str, changes: Mapping[str, Json]) -> None:
    """202, and the contract agrees."""
    assert judged(kind, changes) == []
    async with talking(create_reference) as talk:
        answer = await talk.submit("job", PATHS[kind], {**JOBS[kind], **changes})

    assert promised(answer, OPERATIONS[kind], 202)["task_info"]["status"] == "pending"


@pytest.mark.parametrize(("kind", "changes", "member"), ALL_REFUSED)
async def test_job_outside_of_the_contract_is_refused(kind: str, changes: Mapping[str, Json], member: str) -> None:
    """400 with the member's name, and the contract agrees."""
    assert judged(kind, changes)
    async with talking(create_reference) as talk:
        answer = await talk.submit("job", PATHS[kind], {**JOBS[kind], **changes})

    assert promised(answer, OPERATIONS[kind], 400)["task_info"]["error"]["detail"].startswith(member + ":")


@pytest.mark.parametrize("kind", PATHS)
async def test_task_lives_and_ends(kind: str) -> None:
    """Pending, processing, completed with a URL; with a directive failed with a reason."""
    words: dict[str, list[str]] = {}
    async with talking(create_reference) as talk:
        for prompt in ("A lamp", "[[fail]]"):
            submit = await talk.submit("job", PATHS[kind], {**JOBS[kind], "prompt": prompt})
            path = f"{PATHS[kind]}/{submit.json()['task_info']['id']}"
            words[prompt] = []
            for seconds in (0, 0.5, 0.5, 9):
                talk.pass_time(seconds)
                told = promised(await talk.ask("poll", "GET", path), POLLS[kind], 200)
                words[prompt].append(told["task_info"]["status"])

    assert words["A lamp"] == ["pending", "processing", "completed", "completed"]
    assert words["[[fail]]"] == ["pending", "processing", "failed", "failed"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", f"{PATHS[TEXT]}/5a3c1f0e-7d0b-4d3a-9a56-0d7c8f1e2b34", {}, 404),
        ("GET", f"{PATHS[TEXT]}/nobody", {}, 404),
        ("GET", PATHS[TEXT], {}, 405),
        ("GET", "/nowhere", {}, 404),
        ("GET", f"{PATHS[TEXT]}/nobody", {"authorization": None}, 401),
        ("GET", f"{PATHS[TEXT]}/nobody", {"authorization": "Bearer nobody"}, 401),
        ("POST", PATHS[TEXT], {"authorization": "Basic reference-key"}, 401),
    ],
)
async def test_other_calls_are_refused(method: str, path: str, headers: dict[str, Any], status: int) -> None:
    """In the envelope for problems."""
    async with talking(create_reference) as talk:
        answer = await talk.ask("odd", method, path, headers=headers)

    assert promised(answer, "getTextToVideo", status)["error_code"] == status


async def test_size_of_a_file_is_limited() -> None:
    """10 MB, however they are counted, and not a byte more than the larger count."""
    async with talking(create_reference) as talk:
        await show_sizes(talk)

    assert [judged(TEXT, changes) for changes in (LARGEST, TOO_LARGE)] == [[], ["/last_frame"]]
    assert [line[1] for line in talk.transcript] == [202, 400]


@pytest.fixture(scope="module")
async def correct() -> dict[Part, Transcript]:
    """What the service says when nothing is wrong with it."""
    return await transcripts(create_reference, PARTS)


async def test_talk_leaves_nothing_to_chance(correct: dict[Part, Transcript]) -> None:
    """Asked twice, a correct service says the same twice, and never breaks down."""
    assert correct == await transcripts(create_reference, PARTS)
    assert [line for heard in correct.values() for line in heard if line[1] >= 500] == []


@pytest.mark.parametrize("bug", BUGS)
async def test_bug_can_be_seen(bug: str, correct: dict[Part, Transcript]) -> None:
    """With each bug some answer is another: none of them is one in name only."""
    assert await first_difference(create_reference, BUGS[bug], correct)
