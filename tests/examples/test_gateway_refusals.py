"""The sample gateway says no as UniAll documents it: bodies, keys, other jobs, paths; the provider hears nothing."""

from __future__ import annotations

import json

import httpx
import pytest

from examples.gateways.app import create_gateway
from gateway_calls import JOB, PICTURE, QUERY, SHOTS, SUBMIT, Json, Recorder, calling, promised, submitted
from targets import make_fake, pretty


def wrong(name: str, values: list[Json]) -> list[tuple[Json, int, str | None]]:
    """Jobs that this member spoils."""
    return [({**JOB, name: value}, 400, name) for value in values]


def wrong_extra(name: str, values: list[Json]) -> list[tuple[Json, int, str | None]]:
    """The same within `extra_body`."""
    return [({**JOB, "extra_body": {name: value}}, 400, name) for value in values]


REFUSED: list[tuple[Json, int, str | None]] = [
    ({"prompt": "a"}, 400, None),
    ({**JOB, "model": ""}, 400, None),
    ({**JOB, "model": None}, 400, None),
    ({**JOB, "model": "kling-v2"}, 503, None),
    ({**JOB, "model": "kling-v2", "duration": 99}, 503, None),
    *wrong("model", [5, ["kling-v3-std-silent"]]),
    *wrong("prompt", [None, "", " \u3000", 5]),
    *wrong("image", [None, 5, ["a"]]),
    *wrong("last_image", [None, 5, ["a"]]),
    ({**JOB, "last_image": PICTURE}, 400, "image"),
    *wrong("duration", [2, 16, 5.5, "5", True, None, 10**30]),
    *wrong("aspect_ratio", ["4:3", None, 1]),
    *wrong("extra_body", [None, [], "a"]),
    *wrong("cfg_scale", [2]),
    *wrong_extra("cfg_scale", [-0.01, 1.01, "1", True, None]),
    *wrong_extra("shot_type", ["intelligence", None, 1]),
    *wrong_extra("negative_prompt", [None, 1]),
    *wrong_extra("multi_prompt", [None, {}, "a"]),
    *wrong_extra("element_list", [None, {}, ["a"], [{}] * 4]),
    ({**JOB, "image": PICTURE, "extra_body": {"multi_prompt": SHOTS}}, 400, "multi_prompt"),
    ({"model": JOB["model"], "image": PICTURE}, 400, "prompt"),
]


@pytest.mark.parametrize(("job", "status", "member"), REFUSED)
async def test_body_outside_of_the_contract_is_refused(job: Json, status: int, member: str | None) -> None:
    """With the documented status and envelope, the member named; the provider hears nothing of it."""
    async with calling() as client:
        answer = await client.post(SUBMIT, json=job)
        body = promised(answer, "createVideo")

    assert answer.status_code == status, pretty(body)
    assert client.provider.asked == []
    if member is None:
        assert body["error"]["message"]
    else:
        assert body["code"] == "invalid_request"
        assert member in body["message"]


RAW = [
    *(b"", b"{", b'{"model":', b"[]", b"null", b"5", b'"a"', json.dumps(JOB).encode() + b"x", b"\xff\xfe"),
    *(b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\\ud800"}', b'{"a": "\xed\xa0\x80"}', b"[" * 100_000),
]


@pytest.mark.parametrize("raw", RAW)
async def test_what_is_no_job_is_refused(raw: bytes) -> None:
    """Malformed in whatever way: 400 in the envelope, and the next call is served."""
    async with calling() as client:
        answer = await client.post(SUBMIT, content=raw, headers={"Content-Type": "application/json"})

        assert promised(answer, "createVideo")["code"] == "invalid_request"
        assert (await client.post(SUBMIT, json=JOB)).status_code == 200


KINDS = [
    ("text/plain", 400),
    ("application/x-www-form-urlencoded", 400),
    ("Application/JSON; charset=utf-8", 200),
    (None, 200),
]


@pytest.mark.parametrize(("kind", "status"), KINDS)
async def test_content_type_is_json(kind: str | None, status: int) -> None:
    """With parameters or none, or not said at all."""
    async with calling() as client:
        headers = {"Content-Type": kind} if kind else {}
        answer = await client.post(SUBMIT, content=json.dumps(JOB).encode(), headers=headers)

    assert answer.status_code == status
    promised(answer, "createVideo")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic sk-one", "sk-one", "Bearer nobody", "Bearer sk-one x"]
)
async def test_call_without_a_caller_s_key_is_refused(header: str | None) -> None:
    """On both operations, before anything else is looked at."""
    async with calling(key=None) as client:
        headers = {"Authorization": header} if header is not None else {}
        answers = {
            "createVideo": await client.post(SUBMIT, content=b"{", headers=headers),
            "getVideo": await client.get(f"{QUERY}/task_x", headers=headers),
        }

    for operation, answer in answers.items():
        assert answer.status_code == 401
        promised(answer, operation)


async def test_scheme_may_be_written_in_any_case() -> None:
    """As HTTP has it."""
    async with calling(key=None) as client:
        answer = await client.post(SUBMIT, json=JOB, headers={"Authorization": "bEARER  sk-one"})

    assert answer.status_code == 200


async def test_named_callers_are_the_only_ones() -> None:
    """Once some are named, the prefix is not enough."""
    client = httpx.AsyncClient(transport=Recorder(make_fake("mulerouter")))
    app = create_gateway("http://fake/mulerouter", "own-key", client, callers=["alice"])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://gateway") as caller:
        keys = {
            key: await caller.get(f"{QUERY}/x", headers={"Authorization": f"Bearer {key}"}) for key in ("alice", "sk-a")
        }

    assert {key: answer.status_code for key, answer in keys.items()} == {"alice": 400, "sk-a": 401}


async def test_job_is_its_caller_s_alone() -> None:
    """Of others' jobs nobody learns that they exist."""
    async with calling() as client:
        job_id = await submitted(client, JOB)
        other = {"Authorization": "Bearer sk-two"}
        answers = [
            await client.get(f"{QUERY}/{each}", headers=other) for each in (job_id, "task_nobody", "%20", "a" * 5000)
        ]

    assert [promised(answer, "getVideo")["code"] for answer in answers] == ["task_not_exist"] * 4
    assert len({answer.text for answer in answers}) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", SUBMIT), ("DELETE", QUERY + "/a"), ("POST", QUERY + "/a"), ("GET", QUERY + "/"), ("GET", "/")],
)
async def test_what_is_not_offered_is_not_found(method: str, path: str) -> None:
    """In the envelope of the front."""
    async with calling() as client:
        answer = await client.request(method, path)

    assert answer.status_code == 404
    assert promised(answer, "getVideo")["error"]["message"].startswith("Invalid URL")


async def test_body_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it: 413, once it was read."""
    monkeypatch.setattr("examples.gateways.app.BODY_BYTES_MAX", 100)
    async with calling() as client:
        answer = await client.post(SUBMIT, json={**JOB, "x": "x" * 100})

    assert (answer.status_code, promised(answer, "createVideo")["code"]) == (413, "read_request_body_failed")
