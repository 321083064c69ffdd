"""The sample gateway: each job that UniAll documents goes through MuleRouter and ends as it must."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

import specs
from examples.gateways.orders import IMAGE, TEXT
from gateway_calls import JOB, PACK, PICTURE, QUERY, SHOTS, SUBMIT, Json, calling, followed, promised, submitted
from targets import serving

ROOT = Path(__file__).resolve().parents[2]
PROVIDER = specs.load("mulerouter")
EXAMPLES = PACK.operations["createVideo"].examples


@pytest.mark.parametrize("name", EXAMPLES)
async def test_each_documented_example_ends_in_a_video(name: str) -> None:
    """Submitted, at work, completed; the result is the provider's URL; what was sent there keeps its contract."""
    async with calling() as client:
        job_id = await submitted(client, EXAMPLES[name])
        seen = await followed(client, job_id)
        again = await client.get(f"{QUERY}/{job_id}")
        order = client.provider.orders()[0]
        path = client.provider.asked[0].url.path.removeprefix("/mulerouter")

    operation = next(each for each in PROVIDER.operations.values() if (each.method, each.path) == ("POST", path))
    assert operation.body is not None
    assert operation.body.judge(order)[1] == []
    assert [job["status"] for job in seen] == ["in_progress", "completed"]
    assert seen[-1]["video_url"].startswith("http://fake/__media/mulerouter/")
    assert again.json() == seen[-1]
    assert {job["id"] for job in seen} == {job_id}
    assert len({job["created_at"] for job in seen}) == 1


def with_extras(**extras: Json) -> Json:
    return {"model": "kling-v3-pro-audio", "image": PICTURE, "duration": 7, "extra_body": extras}


CUT_BY_MODEL = {"multi_shot": True, "shot_type": "intelligence"}
ORDERS = [
    pytest.param(JOB, TEXT, {"prompt": JOB["prompt"], "mode": "std", "sound": "off", "duration": 5}, [], id="text"),
    pytest.param(
        {**JOB, "model": "kling-v3-pro-audio", "aspect_ratio": "1:1", "duration": 15.0, "image": "", "last_image": ""},
        TEXT,
        {"prompt": JOB["prompt"], "mode": "pro", "sound": "on", "duration": 15, "aspect_ratio": "1:1"},
        [],
        id="ratio",
    ),
    pytest.param(
        {
            **JOB,
            "image": PICTURE,
            "last_image": PICTURE,
            "aspect_ratio": "1:1",
            "extra_body": {"negative_prompt": "fog"},
        },
        IMAGE,
        {
            "prompt": JOB["prompt"],
            "mode": "std",
            "sound": "off",
            "duration": 5,
            "first_frame": PICTURE,
            "last_frame": PICTURE,
            "negative_prompt": "fog",
        },
        ["aspect_ratio"],
        id="frames",
    ),
    pytest.param(
        {
            **JOB,
            "extra_body": {"cfg_scale": 0, "element_list": [{}], "multi_prompt": SHOTS, "shot_type": "intelligent"},
        },
        TEXT,
        {"prompt": JOB["prompt"], "mode": "std", "sound": "off", "duration": 5, **CUT_BY_MODEL},
        ["extra_body.cfg_scale", "extra_body.element_list", "extra_body.multi_prompt"],
        id="unused",
    ),
    pytest.param(
        with_extras(multi_prompt=SHOTS),
        IMAGE,
        {"multi_shot": True, "shot_type": "customize", "multi_prompt": SHOTS},
        [],
        id="shots",
    ),
    pytest.param(
        {**with_extras(multi_prompt=SHOTS), "duration": 9},
        IMAGE,
        {"multi_prompt": [{**SHOTS[0], "duration": 5}, {**SHOTS[1], "duration": 4}]},
        [],
        id="shots-of-another-sum",
    ),
    pytest.param(
        with_extras(multi_prompt=["a", {"prompt": "b", "duration": "3"}, {"prompt": "c", "duration": 9}]),
        IMAGE,
        {"multi_prompt": [{"prompt": text, "duration": part} for text, part in zip("abc", (3, 2, 2), strict=True)]},
        [],
        id="shots-spread",
    ),
    pytest.param(
        with_extras(multi_prompt=SHOTS, shot_type="intelligent"),
        IMAGE,
        {"prompt": "The door opens\nThe keeper steps out", **CUT_BY_MODEL},
        [],
        id="shots-intelligent",
    ),
    pytest.param(
        with_extras(multi_prompt=list("abcdefg")),
        IMAGE,
        {"prompt": "a\nb\nc\nd\ne\nf\ng", **CUT_BY_MODEL},
        [],
        id="seven",
    ),
    pytest.param(
        {**with_extras(multi_prompt=list("abcd")), "duration": 3},
        IMAGE,
        {"prompt": "a\nb\nc\nd"},
        [],
        id="more-than-seconds",
    ),
    pytest.param(with_extras(multi_prompt=["p" * 513]), IMAGE, {"prompt": "p" * 513}, [], id="long-shot"),
]


@pytest.mark.parametrize(("job", "path", "order", "unused"), ORDERS)
async def test_job_becomes_an_order_that_the_provider_takes(
    job: Json, path: str, order: Json, unused: list[str]
) -> None:
    """The table of the README, row by row."""
    async with calling() as client:
        seen = await followed(client, await submitted(client, job))
        sent = client.provider.orders()[0]
        asked = client.provider.asked[0]

    assert asked.url.path == "/mulerouter" + path
    assert asked.headers["authorization"] == "Bearer own-key"
    assert {name: sent[name] for name in order} == order
    assert path == IMAGE or sent.keys() == order.keys()
    assert seen[-1]["status"] == "completed"
    assert seen[-1]["metadata"] == {"unused": unused}


DOOMED = [
    *(
        pytest.param({**JOB, "image": url}, "invalid_media_url", id=url)
        for url in (
            "http://localhost/a.png",
            "http://10.0.0.7/a.png",
            "ftp://example.com/a.png",
            "file:///a",
            "a",
            "http://[",
        )
    ),
    pytest.param({**JOB, "prompt": "p" * 2501}, "task_failed", id="long-prompt"),
    pytest.param({**JOB, "extra_body": {"negative_prompt": "p" * 2501}}, "task_failed", id="long-negative"),
    pytest.param(with_extras(multi_prompt=[*SHOTS, {"duration": 3}]), "task_failed", id="shot-without-prompt"),
]


@pytest.mark.parametrize(("job", "code"), DOOMED)
async def test_job_that_the_provider_can_not_do_fails_without_asking_it(job: Json, code: str) -> None:
    """UniAll promises to take it, MuleRouter would refuse it: accepted, then failed."""
    async with calling() as client:
        seen = await followed(client, await submitted(client, job))

    assert (seen[-1]["status"], seen[-1]["error"]["code"]) == ("failed", code)
    assert client.provider.asked == []


@pytest.mark.parametrize("prompt", ["p" * 2500, "\U0001f30a" * 2500])
async def test_length_is_counted_in_code_points(prompt: str) -> None:
    """Neither bytes nor halves of a pair."""
    async with calling() as client:
        seen = await followed(client, await submitted(client, {**JOB, "prompt": prompt}))

    assert seen[-1]["status"] == "completed"


FAILURES = [
    ("[[fail]] A lamp", None, "task_failed", "The provider could not finish this task."),
    ("[[fail:moderation]] A lamp", None, "content_moderation", "The provider's content policy stopped this task."),
    ("[[fail:no lamp]] A lamp", None, "task_failed", "no lamp"),
    ("A lamp", "https://pictures.invalid/a.png", "invalid_media_url", "An image of this task could not be fetched."),
]


@pytest.mark.parametrize(("prompt", "image", "code", "message"), FAILURES)
async def test_failure_of_the_provider_is_the_job_s(prompt: str, image: str | None, code: str, message: str) -> None:
    """In UniAll's words and the provider's reason."""
    job = {**JOB, "prompt": prompt, **({"image": image} if image else {})}
    async with calling() as client:
        seen = await followed(client, await submitted(client, job))

    assert (seen[-1]["status"], seen[-1]["error"]) == ("failed", {"code": code, "message": message})


async def test_content_that_the_provider_rejects_is_rejected() -> None:
    """No job comes of it."""
    async with calling() as client:
        answer = await client.post(SUBMIT, json={**JOB, "prompt": "[[reject]] A lamp"})

    assert promised(answer, "createVideo")["code"] == "task_failed"
    assert answer.status_code == 400


async def test_submits_at_the_same_time_are_different_jobs() -> None:
    """No id is given twice, here or there, and each job gets its own video."""
    async with calling() as client:
        ids = await asyncio.gather(*(submitted(client, JOB) for _ in range(25)))
        ends = await asyncio.gather(*(followed(client, job_id) for job_id in ids))

    assert len(set(ids)) == 25
    assert len({seen[-1]["video_url"] for seen in ends}) == 25


@contextmanager
def running(upstream: str) -> Iterator[str]:
    """The gateway as a process, and where it listens."""
    command = [sys.executable, "-m", "examples.gateways.app", "--upstream", upstream, "--key", "own", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"listening on (\S+)", line)
        assert found is not None, line
        try:
            yield found[1]
        finally:
            process.terminate()
            process.wait(10)


def test_gateway_over_sockets() -> None:
    """Two processes as its page starts them: a job goes through both and ends in a video that can be fetched."""
    with serving("mulerouter", "--clock", "polls") as provider, running(provider + "/mulerouter") as gateway:
        headers = {"Authorization": "Bearer sk-one"}
        with httpx.Client(base_url=gateway, headers=headers, timeout=30, trust_env=False) as client:
            job_id = client.post(SUBMIT, json=JOB).json()["id"]
            seen = [client.get(f"{QUERY}/{job_id}").json() for _ in range(3)]
            video = client.get(seen[-1]["video_url"])

    assert [job["status"] for job in seen] == ["in_progress", "completed", "completed"]
    assert video.headers["content-type"] == "video/mp4"
