"""A MuleRouter task from its submission to its end: words, instants, result, failure, directives and clocks."""

import itertools
from datetime import datetime, timedelta

import pytest

from fact_tables import EDGES, Connect, Job, assert_playable, by_host, follow, played, steps, switched
from mulerouter_protocol import IMAGE, INSTANT, JOBS, TEXT, both_operations, is_over, poll, submitted
from targets import Json, Target


def walk(target: Target, path: str, job: Job) -> list[Json]:
    """Everything that a client sees of the job, second by second."""
    task_id = submitted(target, path, job)
    return list(follow(lambda: poll(target, path, task_id), target, until=is_over))


def words(seen: list[Json]) -> list[str]:
    """The statuses in their order."""
    return steps([each["task_info"]["status"] for each in seen])


def instant(text: str) -> datetime:
    """RFC 3339 with milliseconds and Z (0-18)."""
    assert INSTANT.fullmatch(text), text
    return datetime.fromisoformat(text)


def with_words(path: str, directive: str) -> Job:
    """A job whose prompt holds a directive."""
    return {**JOBS[path], "prompt": f"a cat {directive} in the rain"}


@both_operations
def test_statuses(connect: Connect, path: str) -> None:
    """A.5, 0-19: pending, processing, completed; never another, never back."""
    assert words(walk(connect("mulerouter"), path, JOBS[path])) == ["pending", "processing", "completed"]


@both_operations
def test_members_of_each_state(connect: Connect, path: str) -> None:
    """A.5: task_info alone until the end, then videos; an error never."""
    for seen in walk(connect("mulerouter"), path, JOBS[path]):
        done = seen["task_info"]["status"] == "completed"
        assert seen.keys() == ({"task_info", "videos"} if done else {"task_info"})
        assert seen["task_info"].keys() == {"id", "status", "created_at", "updated_at"}


@both_operations
def test_instants(connect: Connect, path: str) -> None:
    """0-17, 0-18: created_at stands; updated_at is the last change of status, just before its first poll."""
    seen = [each["task_info"] for each in walk(connect("mulerouter"), path, JOBS[path])]
    created = instant(seen[0]["created_at"])

    assert {each["created_at"] for each in seen} == {seen[0]["created_at"]}
    assert seen[0]["updated_at"] == seen[0]["created_at"]
    for second, (before, after) in enumerate(itertools.pairwise(seen)):
        if after["status"] == before["status"]:
            assert after["updated_at"] == before["updated_at"]
        else:
            moved = instant(after["updated_at"]) - created
            assert timedelta(seconds=second) <= moved <= timedelta(seconds=second + 1)


@both_operations
def test_result(connect: Connect, path: str) -> None:
    """A.5: videos are URL strings; the URL is there to be fetched."""
    target = connect("mulerouter")

    videos = walk(target, path, JOBS[path])[-1]["videos"]

    assert len(videos) == 1
    assert videos[0].endswith(".mp4")
    assert_playable(target, videos[0])


@both_operations
def test_end_is_the_end(connect: Connect, path: str) -> None:
    """Section 7: a terminal answer never changes."""
    target = connect("mulerouter")
    last = walk(target, path, JOBS[path])[-1]

    target.advance(3600)

    assert poll(target, path, last["task_info"]["id"]) == last


def test_tasks_share_nothing(connect: Connect) -> None:
    """A.5, decision 12: ids and result URLs belong to one task each."""
    target = connect("mulerouter")
    ids = [submitted(target, TEXT, JOBS[TEXT]) for _ in range(5)]
    target.advance(600)
    urls = [poll(target, TEXT, task_id)["videos"][0] for task_id in ids]

    assert len(set(ids)) == len(set(urls)) == 5


@both_operations
@pytest.mark.parametrize("directive", ["[[fail]]", "[[fail:moderation]]", "[[fail:something-unheard-of]]"])
def test_failure(connect: Connect, path: str, directive: str) -> None:
    """A.5, 0-20: HTTP 200, failed, task_info.error {code 3001 to 3005, title, detail} and no videos."""
    seen = walk(connect("mulerouter"), path, with_words(path, directive))

    assert words(seen) == ["pending", "processing", "failed"]
    assert all("error" not in each["task_info"] for each in seen[:-1])
    assert seen[-1].keys() == {"task_info"}
    error = seen[-1]["task_info"]["error"]
    assert error.keys() == {"code", "title", "detail"}
    assert isinstance(error["code"], int)
    assert 3001 <= error["code"] <= 3005
    assert all(isinstance(error[name], str) and error[name] for name in ("title", "detail"))


def test_failure_stays(connect: Connect) -> None:
    """Section 7: failed is terminal as well."""
    target = connect("mulerouter")
    last = walk(target, TEXT, with_words(TEXT, "[[fail]]"))[-1]

    target.advance(3600)

    assert poll(target, TEXT, last["task_info"]["id"]) == last


def test_stuck(connect: Connect) -> None:
    """Interface 1: `[[stuck]]` never finishes."""
    target = connect("mulerouter")
    task_id = submitted(target, TEXT, with_words(TEXT, "[[stuck]]"))

    target.advance(10**7)

    assert poll(target, TEXT, task_id)["task_info"]["status"] == "processing"


def test_slow(connect: Connect) -> None:
    """Interface 1: `[[slow:120]]` works for that many seconds."""
    seen = [each["task_info"] for each in walk(connect("mulerouter"), TEXT, with_words(TEXT, "[[slow:120]]"))]
    started = next(each for each in seen if each["status"] == "processing")

    assert seen[-1]["status"] == "completed"
    assert instant(seen[-1]["updated_at"]) - instant(started["updated_at"]) == timedelta(seconds=120)


def test_directive_in_a_shot(connect: Connect) -> None:
    """Interface 1: in a customized job the shots' prompts are the prompt."""
    shots = [{"prompt": "a cat", "duration": 2}, {"prompt": "a dog [[fail]]", "duration": 3}]
    job = {"multi_shot": True, "shot_type": "customize", "multi_prompt": shots}
    assert words(walk(connect("mulerouter"), TEXT, job))[-1] == "failed"


@pytest.mark.parametrize("text", ["[[unknown]]", "[fail]", "[[ fail ]]", "[[slow:soon]]", "[[FAIL]"])
def test_other_brackets_are_words(connect: Connect, text: str) -> None:
    """Interface 1: only the listed directives choose something."""
    assert words(walk(connect("mulerouter"), TEXT, with_words(TEXT, text)))[-1] == "completed"


@pytest.mark.parametrize("edge", EDGES)
def test_clock_that_moves_by_polls(edge: str) -> None:
    """Decision 10: each poll moves that task one state on and no other; stuck stays, slow does not count."""
    with played(edge, "mulerouter", clock="polls") as target:
        one, other, slow, stuck = (
            submitted(target, TEXT, with_words(TEXT, directive)) for directive in ("", "", "[[slow:999]]", "[[stuck]]")
        )
        seen = [poll(target, TEXT, one) for _ in range(3)]
        updated = [instant(each["task_info"]["updated_at"]) for each in seen]

        assert [each["task_info"]["status"] for each in seen] == ["processing", "completed", "completed"]
        assert updated[0] < updated[1] == updated[2]
        assert updated[0] > instant(seen[0]["task_info"]["created_at"])
        assert poll(target, TEXT, other)["task_info"]["status"] == "processing"
        assert [poll(target, TEXT, slow)["task_info"]["status"] for _ in range(2)] == [
            "processing",
            "completed",
        ]
        assert {poll(target, TEXT, stuck)["task_info"]["status"] for _ in range(5)} == {"processing"}


@pytest.mark.parametrize("edge", EDGES)
def test_public_url(edge: str) -> None:
    """Interface 1: results are said to be there, wherever the client called."""
    with played(edge, "mulerouter", public_url="https://videos.example") as target:
        video = walk(target, IMAGE, JOBS[IMAGE])[-1]["videos"][0]
        assert video.startswith("https://videos.example/")


def test_documented_host(connect: Connect) -> None:
    """Interface 1: a call that names the vendor's own host reaches it at the root, as the same account."""
    target = connect("mulerouter")
    assert by_host(target, "api.mulerouter.ai", TEXT, JOBS[TEXT]).status_code == 202
    assert len(target.tasks()) == 1


def test_generic_words() -> None:
    """0-19: an option, off by default, speaks the words of the vendor's generic page on tasks."""
    with switched("mulerouter", "generic_words") as target:
        task_id = target.client.post(TEXT, json=JOBS[TEXT]).json()["task_info"]["id"]
        seen = follow(
            lambda: poll(target, TEXT, task_id), target, until=lambda each: each["task_info"]["status"] == "succeeded"
        )
        assert words(list(seen)) == ["queued", "running", "succeeded"]
