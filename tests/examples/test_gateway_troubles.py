"""The sample gateway when its provider is troubled, late or strange: documented answers, no job lost or moved back."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from examples.gateways.jobs import JOBS_MAX, Job, Jobs
from gateway_calls import JOB, QUERY, SUBMIT, Answers, Json, calling, followed, promised, submitted


def answering(status: int, body: Json = None, **headers: str) -> Answers:
    return lambda _: httpx.Response(status, json=body, headers=headers)


def dead(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("gone", request=request)  # noqa: EM101 - what a broken connection says


BODIES: list[Json] = [[], {"task_info": 5}, {"task_info": {"id": 5}}]
TROUBLES = [
    pytest.param(dead, 503, id="no-answer"),
    pytest.param(lambda _: httpx.Response(200, content=b"<html>"), 503, id="no-json"),
    *(pytest.param(answering(status, {}), 503, id=str(status)) for status in (401, 402, 403, 500, 502, 503)),
    *(pytest.param(answering(200, body), 503, id=f"body-{body}") for body in BODIES),
    pytest.param(answering(429, {}, **{"Retry-After": "7"}), 429, id="busy"),
]


@pytest.mark.parametrize(("spoil", "status"), TROUBLES)
async def test_trouble_behind_the_gateway_is_told_as_documented(spoil: Answers, status: int) -> None:
    """503, or 429 with the time to wait; never a status that the page does not know."""
    async with calling(spoil=spoil) as client:
        answer = await client.post(SUBMIT, json=JOB)

    assert answer.status_code == status
    assert promised(answer, "createVideo")["error"]["message"]
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)


async def test_order_that_the_provider_refuses_is_a_failed_job() -> None:
    """The caller kept UniAll's contract; what the provider has against it is in the error."""
    task = {"status": "failed", "error": {"code": 2001, "title": "Invalid Request", "detail": "no storms today"}}
    async with calling(spoil=answering(400, {"task_info": task})) as client:
        seen = await followed(client, await submitted(client, JOB))

    assert seen[-1]["error"] == {"code": "task_failed", "message": "no storms today"}


@pytest.mark.parametrize(("spoil", "status"), TROUBLES[:8])
async def test_trouble_does_not_end_a_job(spoil: Answers, status: int) -> None:
    """The poll fails, the job does not: it goes on where it was."""
    async with calling() as client:
        job_id = await submitted(client, JOB)
        client.provider.spoil = spoil
        answer = await client.get(f"{QUERY}/{job_id}")
        client.provider.spoil = None
        seen = await followed(client, job_id)

    assert answer.status_code == status
    assert seen[-1]["status"] == "completed"


STRANGE = [{"task_info": {"status": "paused"}}, {"task_info": {"status": None}}, {"task_info": []}, {}, []]


@pytest.mark.parametrize("body", STRANGE)
async def test_word_that_nobody_knows_changes_nothing(body: Json) -> None:
    """Unknown is not the end."""
    async with calling() as client:
        job_id = await submitted(client, JOB)
        client.provider.spoil = answering(200, body)
        answer = await client.get(f"{QUERY}/{job_id}")

    assert promised(answer, "getVideo")["status"] == "queued"


async def test_provider_may_not_know_a_task_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a minute it is queued; then it is lost."""
    async with calling() as client:
        job_id = await submitted(client, JOB)
        client.provider.spoil = answering(404, {})
        soon = await client.get(f"{QUERY}/{job_id}")
        late = time.time() + 61
        monkeypatch.setattr(time, "time", lambda: late)
        later = await client.get(f"{QUERY}/{job_id}")

    assert [promised(answer, "getVideo")["status"] for answer in (soon, later)] == ["queued", "failed"]


async def test_answers_that_overtake_one_another_move_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A late `processing` after `completed` is old news, and so is a late `failed`."""
    told: list[Json] = [
        {"task_info": {"status": "processing"}},
        {"task_info": {"status": "failed"}},
        {"task_info": {"status": "completed"}, "videos": ["https://cdn.example.com/a.mp4"]},
    ]
    tasks = iter(told)
    is_last = asyncio.Event()

    async def slow(_: httpx.Request) -> httpx.Response:
        task = next(tasks)
        if "videos" in task:
            is_last.set()
        else:
            await is_last.wait()
            await asyncio.sleep(0.01)
        return httpx.Response(200, json=task)

    async with calling() as client:
        job_id = await submitted(client, JOB)
        monkeypatch.setattr(client.provider, "handle_async_request", slow)
        seen = await asyncio.gather(*(client.get(f"{QUERY}/{job_id}") for _ in range(3)))
        # What is over is not asked about again: there is no fourth task to tell.
        seen.append(await client.get(f"{QUERY}/{job_id}"))

    assert [answer.json()["status"] for answer in seen] == ["completed"] * 4
    assert len({answer.text for answer in seen}) == 1


def test_table_of_jobs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest is forgotten first."""
    monkeypatch.setattr("examples.gateways.jobs.JOBS_MAX", 2)
    jobs = Jobs()
    made = [Job(account="a", model="m", aspect_ratio=None, created_at=0, updated_at=0) for _ in range(3)]
    for job in made:
        jobs.add(job)

    assert JOBS_MAX > 2
    assert [jobs.find("a", job.id) for job in made] == [None, *made[1:]]
