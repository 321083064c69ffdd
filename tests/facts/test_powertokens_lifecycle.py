"""A PowerTokens task from its submit to its end, and the gateway's public id in place of Kling's."""

import re
from urllib.parse import urlsplit

import pytest

from fact_tables import EDGES, Connect, played
from kling_protocol import PROMPT, data_of, finished, follow, poll, shot, submitted
from targets import Json

PATH = "/kling/v1/videos/text2video"
JOB: dict[str, Json] = {"model_name": "kling-v3", "prompt": PROMPT}
START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z, where a manual clock begins."""


def test_submit(connect: Connect) -> None:
    """200, Kling's envelope, a public id, and instants in milliseconds (1-24)."""
    target = connect("powertokens")

    body = target.client.post(PATH, json=JOB).json()

    assert (body["code"], body["message"]) == (0, "SUCCEED")
    assert isinstance(body["request_id"], str)
    data = body["data"]
    assert data.keys() == {"task_id", "task_status", "task_info", "created_at", "updated_at"}
    assert re.fullmatch(r"task_[A-Za-z0-9]{32}", data["task_id"])
    assert data["task_status"] == "submitted"
    assert data["created_at"] == data["updated_at"] == START_MS


@pytest.mark.parametrize("sent", [{}, {"external_task_id": ""}])
def test_public_id_is_injected(connect: Connect, sent: Json) -> None:
    """1-14: a client that gave no id of its own finds the public one in its place, at the submit and at each poll."""
    target = connect("powertokens")

    data = data_of(target.client.post(PATH, json={**JOB, **sent}))

    assert data["task_info"] == {"external_task_id": data["task_id"]}
    for seen in follow(target, PATH, data["task_id"]):
        assert seen["task_id"] == data["task_id"]
        assert seen["task_info"] == {"external_task_id": data["task_id"]}


def test_own_id_is_given_back(connect: Connect) -> None:
    """1-14: a client that gave one gets it back, and the task has its public id all the same."""
    target = connect("powertokens")

    data = data_of(target.client.post(PATH, json={**JOB, "external_task_id": "Ä-1"}))

    assert data["task_info"] == {"external_task_id": "Ä-1"}
    assert data["task_id"].startswith("task_")
    assert poll(target, PATH, data["task_id"])["task_info"] == {"external_task_id": "Ä-1"}


def test_task_is_not_found_by_the_clients_id(connect: Connect) -> None:
    """This revision knows the public id only; unknown is 400 (1-21)."""
    target = connect("powertokens")
    submitted(target, PATH, {**JOB, "external_task_id": "mine"})

    answer = target.client.get(f"{PATH}/mine")

    assert (answer.status_code, answer.json()["code"]) == (400, "task_not_exist")


def test_task_to_its_end(connect: Connect) -> None:
    """Submitted, processing, succeed, never back; updated_at moves with each of them and only then."""
    target = connect("powertokens")

    seen = list(follow(target, PATH, submitted(target, PATH, JOB)))

    words = [task["task_status"] for task in seen]
    assert list(dict.fromkeys(words)) == ["submitted", "processing", "succeed"]
    assert words == sorted(words, key=["submitted", "processing", "succeed"].index)
    assert {task["created_at"] for task in seen} == {START_MS}
    changes = {task["task_status"]: task["updated_at"] for task in seen}
    assert len({(task["task_status"], task["updated_at"]) for task in seen}) == 3
    assert changes["submitted"] == START_MS < changes["processing"] < changes["succeed"]
    for task in seen[:-1]:
        assert task["task_status_msg"] == ""
        assert "task_result" not in task


def test_result(connect: Connect) -> None:
    """One video with id, url, watermark_url and a length such as 5.042; the cost is a string."""
    target = connect("powertokens")

    task = finished(target, PATH, submitted(target, PATH, {**JOB, "duration": "11"}))

    assert task["task_status_msg"] == ""
    assert isinstance(task["final_unit_deduction"], str)
    (video,) = task["task_result"]["videos"]
    assert video.keys() == {"id", "url", "watermark_url", "duration"}
    assert re.fullmatch(r"11\.[0-9]{3}", video["duration"])
    assert urlsplit(video["url"]).netloc == urlsplit(str(target.client.base_url)).netloc
    fetched = target.account(None).get(video["url"])
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "video/mp4")
    assert fetched.content[4:8] == b"ftyp"


@pytest.mark.parametrize(("wanted", "length"), [(None, "5"), ("3", "3"), ("15", "15"), (9, "9")])
def test_length_of_the_video(connect: Connect, wanted: Json, length: str) -> None:
    """1-9: five seconds unless asked otherwise, in either form."""
    target = connect("powertokens")
    job = {**JOB, **({} if wanted is None else {"duration": wanted})}

    task = finished(target, PATH, submitted(target, PATH, job))

    assert task["task_result"]["videos"][0]["duration"].startswith(f"{length}.")


@pytest.mark.parametrize("wish", [{"enabled": True}, {"enabled": False}])
def test_watermark_info_is_given_back(connect: Connect, wish: Json) -> None:
    """The task shows what was asked for."""
    target = connect("powertokens")

    assert finished(target, PATH, submitted(target, PATH, {**JOB, "watermark_info": wish}))["watermark_info"] == wish


def test_copy_with_a_watermark(connect: Connect) -> None:
    """Made for a task that wishes for it: a file of its own, beside the one without; else the URL is empty."""
    target = connect("powertokens")
    videos = [
        finished(target, PATH, submitted(target, PATH, {**JOB, **wish}))["task_result"]["videos"][0]
        for wish in ({}, {"watermark_info": {"enabled": False}}, {"watermark_info": {"enabled": True}})
    ]
    plain, marked = (target.account(None).get(videos[-1][name]) for name in ("url", "watermark_url"))

    assert [video["watermark_url"] for video in videos[:2]] == ["", ""]
    assert (marked.status_code, marked.headers["content-type"]) == (200, "video/mp4")
    assert marked.content != plain.content
    wished_for_none = videos[-1]["watermark_url"].replace(
        videos[-1]["url"].split("/")[-2], videos[0]["url"].split("/")[-2]
    )
    assert target.account(None).get(wished_for_none).status_code == 404


def test_end_is_the_end(connect: Connect) -> None:
    """A terminal state stays, and nothing in it changes: the query returns the persisted task."""
    target = connect("powertokens")
    task_id = submitted(target, PATH, JOB)
    end = finished(target, PATH, task_id)

    target.advance(24 * 3600)

    assert poll(target, PATH, task_id) == end


@pytest.mark.parametrize("directive", ["[[fail]]", "[[fail:moderation]]"])
def test_failure(connect: Connect, directive: str) -> None:
    """A failed task is HTTP 200 and code 0; it says why, and has no result."""
    target = connect("powertokens")

    seen = list(follow(target, PATH, submitted(target, PATH, {**JOB, "prompt": f"{PROMPT} {directive}"})))

    assert list(dict.fromkeys(task["task_status"] for task in seen)) == ["submitted", "processing", "failed"]
    assert seen[-1]["task_status_msg"]
    assert "task_result" not in seen[-1]


def test_directive_in_a_shot(connect: Connect) -> None:
    """Prompts of shots choose too, other members do not."""
    target = connect("powertokens")
    shots = {"model_name": "kling-v3", "multi_shot": True, "shot_type": "customize", "multi_prompt": [shot("[[fail]]")]}

    assert finished(target, PATH, submitted(target, PATH, shots))["task_status"] == "failed"
    assert (
        finished(target, PATH, submitted(target, PATH, {**JOB, "negative_prompt": "[[fail]]"}))["task_status"]
        == "succeed"
    )


def test_stuck(connect: Connect) -> None:
    """[[stuck]] never finishes."""
    target = connect("powertokens")
    task_id = submitted(target, PATH, {**JOB, "prompt": "[[stuck]]"})

    target.advance(365 * 24 * 3600)

    assert poll(target, PATH, task_id)["task_status"] == "processing"


def test_slow(connect: Connect) -> None:
    """[[slow:250.5]] is that much work."""
    target = connect("powertokens")
    task_id = submitted(target, PATH, {**JOB, "prompt": "[[slow:250.5]]"})

    changes = {task["task_status"]: task["updated_at"] for task in follow(target, PATH, task_id)}

    assert changes["succeed"] - changes["processing"] == 250_500


@pytest.mark.parametrize("edge", EDGES)
def test_each_poll_is_a_step(edge: str) -> None:
    """With the clock `polls` a poll moves its own task to the next state and no other."""
    with played(edge, "powertokens", clock="polls") as target:
        first, second = (submitted(target, PATH, JOB) for _ in range(2))
        steps = [poll(target, PATH, first) for _ in range(3)]

        assert [task["task_status"] for task in steps] == ["processing", "succeed", "succeed"]
        assert START_MS < steps[0]["updated_at"] < steps[1]["updated_at"] == steps[2]["updated_at"]
        assert poll(target, PATH, second)["task_status"] == "processing"
        stuck = submitted(target, PATH, {**JOB, "prompt": "[[stuck]]"})
        assert {poll(target, PATH, stuck)["task_status"] for _ in range(5)} == {"processing"}
