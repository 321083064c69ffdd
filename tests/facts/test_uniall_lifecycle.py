"""A UniAll task from its submission to its end: words, progress, result, failure, directives and clocks."""

import pytest

from fact_tables import EDGES, Connect, Job, assert_playable, by_host, changed, follow, played, steps, switched
from targets import Json, Target
from uniall_protocol import FRAMES, IMAGE, SUBMIT, TASK_ID, TEXT, is_over, poll, submitted

every_mode = pytest.mark.parametrize(
    "job", [pytest.param(TEXT, id="text"), pytest.param(IMAGE, id="image"), pytest.param(FRAMES, id="frames")]
)

START_2026 = 1_767_225_600
"""2026-01-01T00:00:00Z, where the manual clock begins."""


def walk(target: Target, job: Job) -> list[Json]:
    """Everything that a client sees of the job, second by second."""
    task_id = submitted(target, job)
    return list(follow(lambda: poll(target, task_id), target, until=is_over))


def words(seen: list[Json]) -> list[str]:
    """The statuses in their order."""
    return steps([each["status"] for each in seen])


def with_words(directive: str) -> Job:
    """A job whose prompt holds a directive."""
    return {**TEXT, "prompt": f"a cat {directive} in the rain"}


@every_mode
def test_submission(connect: Connect, job: Job) -> None:
    """D.4, 4-17, 4-19, 4-21: 200 with the object of the query, queued and without progress."""
    target = connect("uniall")

    answer = target.client.post(SUBMIT, json=job)

    assert answer.status_code == 200
    body = answer.json()
    assert TASK_ID.fullmatch(body["id"])
    assert body["task_id"] == body["id"]
    assert (body["object"], body["status"], body["progress"]) == ("video.generation.job", "queued", 0)
    assert body["model"] == job["model"]
    assert body["created_at"] == START_2026
    assert not body.get("video_url")
    assert not body.get("error")


@every_mode
def test_statuses(connect: Connect, job: Job) -> None:
    """D.3: queued, in_progress, completed; never another, never back."""
    assert words(walk(connect("uniall"), job)) == ["queued", "in_progress", "completed"]


@every_mode
def test_members_of_each_state(connect: Connect, job: Job) -> None:
    """Seed 004, D.3, 4-17 to 4-20: the same task throughout; a URL only at the end; no error."""
    seen = walk(connect("uniall"), job)
    for each in seen:
        assert each["id"] == each["task_id"] == seen[0]["id"]
        assert each["object"] == "video.generation.job"
        assert each["model"] == job["model"]
        assert type(each["created_at"]) is int
        assert each["created_at"] == seen[0]["created_at"]
        assert each["error"] is None
        assert bool(each.get("video_url")) == (each["status"] == "completed")


def test_progress(connect: Connect) -> None:
    """Seed 004, 4-18: an integer from 0 to 100 that never falls; 100 with the end and not before."""
    seen = walk(connect("uniall"), with_words("[[slow:30]]"))
    values = [each["progress"] for each in seen]

    assert all(type(value) is int for value in values)
    assert values == sorted(values)
    assert values[0] == 0
    assert [value == 100 for value in values] == [each["status"] == "completed" for each in seen]
    assert len(set(values)) > 5


@every_mode
def test_result(connect: Connect, job: Job) -> None:
    """Seed 004, 4-20: video_url, the same in result; it is there to be fetched."""
    target = connect("uniall")

    last = walk(target, job)[-1]

    assert last["result"] == {"outputs": [last["video_url"]], "video_url": last["video_url"]}
    assert last["video_url"].endswith(".mp4")
    assert_playable(target, last["video_url"])


def test_end_is_the_end(connect: Connect) -> None:
    """Section 7: a terminal answer never changes, whether completed or failed."""
    target = connect("uniall")
    for job in (TEXT, with_words("[[fail]]")):
        last = walk(target, job)[-1]
        target.advance(3600)
        assert poll(target, last["id"]) == last


def test_tasks_share_nothing(connect: Connect) -> None:
    """Decision 12: ids and result URLs belong to one task each."""
    target = connect("uniall")
    ids = [submitted(target, TEXT) for _ in range(5)]
    target.advance(600)
    assert len(set(ids)) == len({poll(target, task_id)["video_url"] for task_id in ids}) == 5


@pytest.mark.parametrize("directive", ["[[fail]]", "[[fail:moderation]]", "[[fail:something-unheard-of]]"])
def test_failure(connect: Connect, directive: str) -> None:
    """D.3: HTTP 200, failed, error {code, message} as strings, and no URL."""
    seen = walk(connect("uniall"), with_words(directive))

    assert words(seen) == ["queued", "in_progress", "failed"]
    assert all(each["error"] is None for each in seen[:-1])
    error = seen[-1]["error"]
    assert error.keys() == {"code", "message"}
    assert all(isinstance(value, str) and value for value in error.values())
    assert not seen[-1].get("video_url")
    assert not seen[-1].get("result")


@pytest.mark.parametrize("member", ["image", "last_image"])
@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/a.png",
        "http://127.0.0.1:8000/a.png",
        "http://[::1]/a.png",
        "http://10.1.2.3/a.png",
        "http://172.16.0.1/a.png",
        "https://192.168.0.7/a.png",
        "http://169.254.169.254/latest",
        "file:///etc/hostname",
        "https://pictures.invalid/a.png",
    ],
)
def test_private_media(connect: Connect, member: str, url: str) -> None:
    """Seed 004 lists it among the errors, 4-22: the task is taken and fails with invalid_media_url."""
    last = walk(connect("uniall"), {**IMAGE, member: url})[-1]
    assert (last["status"], last["error"]["code"]) == ("failed", "invalid_media_url")


@pytest.mark.parametrize(
    "url", ["https://example.com/a", "http://8.8.8.8/a.png", "https://localhost.example.com/a.jpg"]
)
def test_public_media(connect: Connect, url: str) -> None:
    """4-22: what merely looks similar is no private address."""
    assert walk(connect("uniall"), {**IMAGE, "image": url})[-1]["status"] == "completed"


def test_stuck(connect: Connect) -> None:
    """Interface 1: `[[stuck]]` never finishes, and never looks finished."""
    target = connect("uniall")
    task_id = submitted(target, with_words("[[stuck]]"))

    target.advance(10**7)

    seen = poll(target, task_id)
    assert seen["status"] == "in_progress"
    assert seen["progress"] < 100


def test_slow(connect: Connect) -> None:
    """Interface 1: `[[slow:120]]` works for that many seconds."""
    seen = [each["status"] for each in walk(connect("uniall"), with_words("[[slow:120]]"))]
    assert seen.count("in_progress") in (119, 120, 121)


def test_directive_in_a_shot(connect: Connect) -> None:
    """Interface 1: where shots stand for the prompt, their prompts are looked into."""
    shots = [{"prompt": "a cat", "duration": 2}, {"prompt": "a dog [[fail]]", "duration": 3}]
    job = changed(IMAGE, {"prompt": "", "extra_body": {"multi_prompt": shots}})
    assert walk(connect("uniall"), job)[-1]["status"] == "failed"


@pytest.mark.parametrize("edge", EDGES)
def test_clock_that_moves_by_polls(edge: str) -> None:
    """Decision 10: each poll moves that task one state on and no other; stuck stays, slow does not count."""
    with played(edge, "uniall", clock="polls") as target:
        one, other, slow, stuck = (
            submitted(target, with_words(directive)) for directive in ("", "", "[[slow:999]]", "[[stuck]]")
        )
        assert [poll(target, one)["status"] for _ in range(3)] == ["in_progress", "completed", "completed"]
        assert poll(target, other)["status"] == "in_progress"
        assert [poll(target, slow)["status"] for _ in range(2)] == ["in_progress", "completed"]
        assert {poll(target, stuck)["status"] for _ in range(5)} == {"in_progress"}


@pytest.mark.parametrize("edge", EDGES)
def test_public_url(edge: str) -> None:
    """Interface 1: results are said to be there, wherever the client called."""
    with played(edge, "uniall", public_url="https://videos.example") as target:
        assert walk(target, TEXT)[-1]["video_url"].startswith("https://videos.example/")


def test_documented_host(connect: Connect) -> None:
    """Interface 1: a call that names the vendor's own host reaches it at the root, as the same account."""
    target = connect("uniall")
    assert by_host(target, "api.uniall.ai", SUBMIT, TEXT).status_code == 200
    assert len(target.tasks()) == 1


def test_alias_route() -> None:
    """4-10, D.1: an option, off by default, also reads a task under the submit's path, in the family's own envelope."""
    with switched("uniall", "alias_route") as target:
        task_id = submitted(target, TEXT)
        target.advance(600)

        answer = target.client.get(f"{SUBMIT}/{task_id}")

        assert answer.status_code == 200
        assert answer.json()["code"] == "success"
        assert answer.json()["data"]["task_id"] == task_id
        assert answer.json()["data"]["status"] == "SUCCESS"
        assert poll(target, task_id)["status"] == "completed"
