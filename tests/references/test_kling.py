"""The Kling reference is right without bugs, by the vendor's own contract, and wrong in some way with each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import httpx
import pytest

import specs
from references.callers import KEY
from references.kling.bodies import IMAGE, TEXT
from references.kling.bugs import BUGS
from references.kling.probe import (
    ALL_REFUSED,
    ALL_TAKEN,
    JOBS,
    LARGEST,
    MODELS_REFUSED,
    PARTS,
    TOO_LARGE,
    show_lists,
    show_sizes,
)
from references.kling.service import PATHS, create_reference
from references.kling.tokens import SECRETS
from references.talk import START_SECONDS, Part, Transcript, first_difference, talking, transcripts
from signed_tokens import token
from specs.validation import compile_schema

Json: TypeAlias = Any
PACK = specs.load("kling")
OPERATIONS = {TEXT: "createTextToVideo", IMAGE: "createImageToVideo"}


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


async def submitted(kind: str, changes: Mapping[str, Json]) -> httpx.Response:
    """What a fresh service says to the job."""
    async with talking(create_reference) as talk:
        return await talk.submit("job", PATHS[kind], {**JOBS[kind], **changes})


@pytest.mark.parametrize(("kind", "changes"), ALL_TAKEN)
async def test_job_within_the_contract_is_taken(kind: str, changes: Mapping[str, Json]) -> None:
    """200 with a submitted task, and the contract agrees."""
    assert judged(kind, changes) == []
    answer = await submitted(kind, changes)

    assert promised(answer, OPERATIONS[kind], 200)["data"]["task_status"] == "submitted"


@pytest.mark.parametrize(("kind", "changes", "member"), ALL_REFUSED)
async def test_job_outside_of_the_contract_is_refused(kind: str, changes: Mapping[str, Json], member: str) -> None:
    """400 with the member's name, and the contract agrees."""
    assert judged(kind, changes)
    answer = await submitted(kind, changes)

    assert promised(answer, OPERATIONS[kind], 400)["message"].startswith(member + " ")


@pytest.mark.parametrize(("kind", "name"), MODELS_REFUSED)
async def test_job_of_an_unknown_model_is_refused(kind: str, name: str) -> None:
    """404, before anything else in the body is looked at."""
    answer = await submitted(kind, {"model_name": name, "duration": "99"})

    assert promised(answer, OPERATIONS[kind], 404)["code"] == 1203


async def test_size_of_a_file_is_limited() -> None:
    """10 MB, however they are counted, and not a byte more than the larger count."""
    async with talking(create_reference) as talk:
        await show_sizes(talk)

    assert [judged(IMAGE, changes) for changes in (LARGEST, TOO_LARGE)] == [[], ["/image_tail"]]
    assert [line[1] for line in talk.transcript] == [200, 400]


@pytest.mark.parametrize(("prompt", "end"), [("A lamp", "succeed"), ("[[fail]]", "failed")])
@pytest.mark.parametrize("kind", PATHS)
async def test_task_lives_and_ends(kind: str, prompt: str, end: str) -> None:
    """At work from the first poll, then over; read by either id, and in the list."""
    seen = []
    async with talking(create_reference) as talk:
        job = {**JOBS[kind], "prompt": prompt, "external_task_id": "order-1"}
        task_id = (await talk.submit("job", PATHS[kind], job)).json()["data"]["task_id"]
        for seconds, name in ((0, task_id), (0.5, "order-1"), (0.6, task_id), (9, "order-1")):
            talk.pass_time(seconds)
            answer = await talk.ask("poll", "GET", f"{PATHS[kind]}/{name}")
            seen.append(promised(answer, "getTextToVideo", 200)["data"])
        listed = promised(await talk.ask("list", "GET", PATHS[kind]), "listTextToVideo", 200)["data"]

    assert [task["task_status"] for task in seen] == ["processing", "processing", end, end]
    assert {task["task_id"] for task in seen} == {task_id}
    assert {task["task_info"]["external_task_id"] for task in seen} == {"order-1"}
    assert listed == seen[-1:]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("GET", f"{PATHS[TEXT]}/nobody", {}, 404, 1203),
        ("DELETE", PATHS[TEXT], {}, 404, 1202),
        ("GET", "/nowhere", {}, 404, 1203),
        ("GET", PATHS[TEXT], {"authorization": None}, 401, 1001),
        ("GET", PATHS[TEXT], {"authorization": "Bearer nobody"}, 401, 1002),
        ("GET", PATHS[TEXT], {"authorization": f"Bearer  {KEY}"}, 401, 1002),
        ("POST", PATHS[TEXT], {"authorization": f"Basic {KEY}"}, 401, 1002),
        ("GET", f"{PATHS[TEXT]}?pageNum=0", {}, 400, 1201),
    ],
)
async def test_other_calls_are_refused(method: str, path: str, headers: dict[str, Any], status: int, code: int) -> None:
    """With the documented status and code."""
    async with talking(create_reference) as talk:
        answer = await talk.ask("odd", method, path, headers=headers)

    assert promised(answer, "listTextToVideo", status)["code"] == code


@pytest.mark.parametrize(
    ("claims", "secret", "status", "code"),
    [
        ({}, SECRETS[KEY], 200, 0),
        ({}, "another secret", 401, 1002),
        ({"iss": "nobody"}, SECRETS[KEY], 401, 1002),
        ({"nbf": START_SECONDS + 60}, SECRETS[KEY], 401, 1003),
        ({"exp": START_SECONDS - 60}, SECRETS[KEY], 401, 1004),
        ({"exp": "soon"}, SECRETS[KEY], 401, 1002),
    ],
)
async def test_token_stands_for_an_account(claims: dict[str, Json], secret: str, status: int, code: int) -> None:
    """Signed with its secret, and within its time."""
    whole = {"iss": KEY, "exp": START_SECONDS + 1800, "nbf": START_SECONDS - 5, **claims}
    async with talking(create_reference) as talk:
        headers = {"authorization": f"Bearer {token(whole, secret=secret)}"}
        answer = await talk.ask("list", "GET", PATHS[TEXT], headers=headers)

    assert promised(answer, "listTextToVideo", status)["code"] == code


async def test_lists_are_as_promised() -> None:
    """Each page of them has the promised shape, or is refused."""
    async with talking(create_reference) as talk:
        await show_lists(talk)

    assert {line[1] for line in talk.transcript} == {200, 400, 401}


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
