"""A Kling task from its submit to its end: words, ids, instants, results, failures, and each way to drive it."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from fact_tables import EDGES, Connect, played
from kling_protocol import PROMPT, data_of, finished, follow, poll, shot, submitted
from targets import Json, Target

TEXT, IMAGE = "/v1/videos/text2video", "/v1/videos/image2video"
JOBS: dict[str, dict[str, Json]] = {
    TEXT: {"prompt": PROMPT},
    IMAGE: {"prompt": PROMPT, "image": "https://example.com/first.png"},
}
START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z, where a manual clock begins."""

both_operations = pytest.mark.parametrize("path", [pytest.param(TEXT, id="text"), pytest.param(IMAGE, id="image")])


@both_operations
def test_submit(connect: Connect, path: str) -> None:
    """200, the envelope, and a task that was just made: its id 18 digits, its instants milliseconds."""
    target = connect("kling")

    answer = target.client.post(path, json=JOBS[path])

    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    body = answer.json()
    assert body.keys() == {"code", "message", "request_id", "data"}
    assert (body["code"], body["message"]) == (0, "SUCCEED")
    data = body["data"]
    assert data.keys() == {"task_id", "task_status", "task_info", "created_at", "updated_at"}
    assert re.fullmatch(r"[1-9][0-9]{17}", data["task_id"])
    assert data["task_status"] == "submitted"
    assert data["task_info"] == {}
    assert data["created_at"] == data["updated_at"] == START_MS


@both_operations
def test_external_task_id_is_given_back(connect: Connect, path: str) -> None:
    """`task_info` holds it as sent, in the submit's answer, in every poll and in the list."""
    target = connect("kling")

    data = data_of(target.client.post(path, json={**JOBS[path], "external_task_id": "Ä-1"}))

    expected = {"external_task_id": "Ä-1"}
    assert data["task_info"] == expected
    assert all(task["task_info"] == expected for task in follow(target, path, data["task_id"]))
    assert data_of(target.client.get(path))[0]["task_info"] == expected


@both_operations
def test_task_to_its_end(connect: Connect, path: str) -> None:
    """Submitted, processing, succeed, never back; updated_at moves with each of them and only then."""
    target = connect("kling")
    task_id = submitted(target, path, JOBS[path])

    seen = list(follow(target, path, task_id))

    words = [task["task_status"] for task in seen]
    assert list(dict.fromkeys(words)) == ["submitted", "processing", "succeed"]
    assert words == sorted(words, key=["submitted", "processing", "succeed"].index)
    assert {task["created_at"] for task in seen} == {START_MS}
    changes = {task["task_status"]: task["updated_at"] for task in seen}
    assert len({(task["task_status"], task["updated_at"]) for task in seen}) == 3
    assert changes["submitted"] == START_MS < changes["processing"] < changes["succeed"]
    for word, instant in changes.items():
        first_seen = START_MS + 1000 * words.index(word)
        assert first_seen - 1000 < instant <= first_seen


@both_operations
def test_unfinished_task(connect: Connect, path: str) -> None:
    """Neither a result nor a failure nor a cost before the end."""
    target = connect("kling")
    task_id = submitted(target, path, JOBS[path])

    for task in list(follow(target, path, task_id))[:-1]:
        assert task["task_status_msg"] == ""
        assert "task_result" not in task
        assert "final_unit_deduction" not in task


@both_operations
def test_result(connect: Connect, path: str) -> None:
    """One video with an id, a URL, a length in seconds such as 5.042, and the cost as a string."""
    target = connect("kling")
    task_id = submitted(target, path, {**JOBS[path], "duration": "7"})

    task = finished(target, path, task_id)

    assert task["task_status_msg"] == ""
    assert isinstance(task["final_unit_deduction"], str)
    (video,) = task["task_result"]["videos"]
    assert video.keys() == {"id", "url", "watermark_url", "duration"}
    assert isinstance(video["id"], str)
    assert video["id"]
    assert re.fullmatch(r"7\.[0-9]{3}", video["duration"])
    fetched = target.account(None).get(video["url"])
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "video/mp4")
    assert fetched.content[4:8] == b"ftyp"


def test_result_is_on_the_host_that_was_used(connect: Connect) -> None:
    """Fixed at submission, one for each task, and the same at every poll."""
    target = connect("kling")
    first, second = (submitted(target, TEXT, JOBS[TEXT]) for _ in range(2))
    urls = [finished(target, TEXT, task_id)["task_result"]["videos"][0]["url"] for task_id in (first, second)]

    assert urls[0] != urls[1]
    assert poll(target, TEXT, first)["task_result"]["videos"][0]["url"] == urls[0]
    assert all(urlsplit(url).netloc == urlsplit(str(target.client.base_url)).netloc for url in urls)


@pytest.mark.parametrize(("wanted", "length"), [(None, "5"), ("3", "3"), ("15", "15"), (9, "9")])
def test_length_of_the_video(connect: Connect, wanted: Json, length: str) -> None:
    """Five seconds unless asked otherwise, in either form."""
    target = connect("kling")
    job = {**JOBS[TEXT], **({} if wanted is None else {"duration": wanted})}

    task = finished(target, TEXT, submitted(target, TEXT, job))

    assert task["task_result"]["videos"][0]["duration"].startswith(f"{length}.")


@pytest.mark.parametrize("wish", [{"enabled": True}, {"enabled": False}])
def test_watermark_info_is_given_back(connect: Connect, wish: Json) -> None:
    """The task shows what was asked for."""
    target = connect("kling")

    assert (
        finished(target, TEXT, submitted(target, TEXT, {**JOBS[TEXT], "watermark_info": wish}))["watermark_info"]
        == wish
    )


@both_operations
def test_copy_with_a_watermark(connect: Connect, path: str) -> None:
    """Made for a task that wishes for it: a file of its own, beside the one without; else the URL is empty."""
    target = connect("kling")
    videos = [
        finished(target, path, submitted(target, path, {**JOBS[path], **wish}))["task_result"]["videos"][0]
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


@both_operations
def test_end_is_the_end(connect: Connect, path: str) -> None:
    """A terminal state stays, and nothing in it changes."""
    target = connect("kling")
    task_id = submitted(target, path, JOBS[path])
    end = finished(target, path, task_id)

    target.advance(24 * 3600)

    assert poll(target, path, task_id) == end


def test_every_call_has_a_request_id_of_its_own(connect: Connect) -> None:
    """In answers and refusals alike."""
    target = connect("kling")
    task_id = submitted(target, TEXT, JOBS[TEXT])
    paths = [f"{TEXT}/{task_id}"] * 2 + [TEXT, f"{TEXT}/0", f"{TEXT}/0", "/nothing"]

    ids = [target.client.get(path).json()["request_id"] for path in paths]

    assert len(set(ids)) == len(paths)
    assert all(ids)


@both_operations
@pytest.mark.parametrize("directive", ["[[fail]]", "[[fail:moderation]]"])
def test_failure(connect: Connect, path: str, directive: str) -> None:
    """A failed task is HTTP 200 and code 0; it says why, and has no result."""
    target = connect("kling")
    task_id = submitted(target, path, {**JOBS[path], "prompt": f"{PROMPT} {directive}"})

    seen = list(follow(target, path, task_id))

    assert list(dict.fromkeys(task["task_status"] for task in seen)) == ["submitted", "processing", "failed"]
    assert seen[-1]["task_status_msg"]
    assert "task_result" not in seen[-1]
    assert seen[-1]["updated_at"] > seen[0]["updated_at"]


def test_reasons_differ(connect: Connect) -> None:
    """Content safety is told apart from other failures."""
    target = connect("kling")

    said = [
        finished(target, TEXT, submitted(target, TEXT, {"prompt": directive}))["task_status_msg"]
        for directive in ("[[fail]]", "[[fail:moderation]]")
    ]

    assert said[0] != said[1]


def test_directive_in_a_shot(connect: Connect) -> None:
    """Prompts choose what becomes of a task, those of shots too."""
    target = connect("kling")
    job = {"multi_shot": True, "shot_type": "customize", "multi_prompt": [shot("A door opens [[fail]]")]}

    assert finished(target, TEXT, submitted(target, TEXT, job))["task_status"] == "failed"


def test_directive_elsewhere_is_plain_text(connect: Connect) -> None:
    """Only prompts are looked at."""
    target = connect("kling")
    job = {**JOBS[TEXT], "negative_prompt": "[[fail]]", "external_task_id": "[[reject]]", "note": "[[stuck]]"}

    assert finished(target, TEXT, submitted(target, TEXT, job))["task_status"] == "succeed"


def test_stuck(connect: Connect) -> None:
    """[[stuck]] never finishes."""
    target = connect("kling")
    task_id = submitted(target, TEXT, {"prompt": "[[stuck]]"})

    target.advance(365 * 24 * 3600)

    assert poll(target, TEXT, task_id)["task_status"] == "processing"


def test_slow(connect: Connect) -> None:
    """[[slow:500]] is 500 seconds of work."""
    target = connect("kling")
    task_id = submitted(target, TEXT, {"prompt": "[[slow:500]]"})

    seen = list(follow(target, TEXT, task_id, most_seconds=700))

    changes = {task["task_status"]: task["updated_at"] for task in seen}
    assert changes["succeed"] - changes["processing"] == 500_000


@both_operations
def test_reject(connect: Connect, path: str) -> None:
    """A submit that content safety refuses is 400/1301, and becomes no task."""
    target = connect("kling")

    answer = target.client.post(path, json={**JOBS[path], "prompt": "[[reject]]"})

    assert (answer.status_code, answer.json()["code"]) == (400, 1301)
    assert answer.json().keys() == {"code", "message", "request_id"}
    assert target.tasks() == []


@pytest.fixture(scope="module", params=EDGES)
def by_polls(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A server whose tasks move when they are polled."""
    with played(request.param, "kling", clock="polls") as target:
        yield target


def words(target: Target, path: str, task_id: str, polls: int) -> list[str]:
    """What so many polls say."""
    return [poll(target, path, task_id)["task_status"] for _ in range(polls)]


@both_operations
def test_each_poll_is_a_step(by_polls: Target, path: str) -> None:
    """A poll moves its own task to the next state and no other."""
    first, second = (submitted(by_polls, path, JOBS[path]) for _ in range(2))

    assert words(by_polls, path, first, 4) == ["processing", "succeed", "succeed", "succeed"]
    assert words(by_polls, path, second, 2) == ["processing", "succeed"]


def test_polled_tasks_by_directive(by_polls: Target) -> None:
    """[[stuck]] stays, [[slow]] has no effect, [[fail]] fails."""
    ids = [submitted(by_polls, TEXT, {"prompt": text}) for text in ("[[stuck]]", "[[slow:9000]]", "[[fail]]")]

    assert [words(by_polls, TEXT, task_id, 5)[-1] for task_id in ids] == ["processing", "succeed", "failed"]


def test_instants_of_a_polled_task(by_polls: Target) -> None:
    """`updated_at` is created plus the plan's offset of that state."""
    task_id = submitted(by_polls, TEXT, JOBS[TEXT])

    seen = [poll(by_polls, TEXT, task_id) for _ in range(3)]

    assert {task["created_at"] for task in seen} == {START_MS}
    assert START_MS < seen[0]["updated_at"] < seen[1]["updated_at"] == seen[2]["updated_at"]


def test_list_moves_no_task(by_polls: Target) -> None:
    """Only a poll of the task itself does."""
    task_id = submitted(by_polls, TEXT, JOBS[TEXT])

    for _ in range(5):
        assert data_of(by_polls.client.get(TEXT))[0]["task_status"] == "submitted"

    assert words(by_polls, TEXT, task_id, 2) == ["processing", "succeed"]


def test_poll_by_external_task_id_is_a_step_too(by_polls: Target) -> None:
    """It is the same poll by another name."""
    submitted(by_polls, TEXT, {**JOBS[TEXT], "external_task_id": "stepwise"})

    assert words(by_polls, TEXT, "stepwise", 2) == ["processing", "succeed"]


def test_refused_poll_is_no_step(by_polls: Target) -> None:
    """A poll under another path or account did not reach the task."""
    task_id = submitted(by_polls, TEXT, JOBS[TEXT])
    assert by_polls.client.get(f"{IMAGE}/{task_id}").status_code == 404
    answer: httpx.Response = by_polls.account("another-key").get(f"{TEXT}/{task_id}")
    assert answer.status_code == 404

    assert words(by_polls, TEXT, task_id, 2) == ["processing", "succeed"]
