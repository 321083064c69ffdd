"""A MyRouter task from its submission to its end: words, progress and eta, result, failure, directives and clocks."""

import pytest

from fact_tables import EDGES, Connect, Job, assert_playable, by_host, follow, played, steps
from myrouter_protocol import JOB, SHOTS, SUBMIT, is_over, poll, submitted
from targets import Json, Target

QUEUED, PROCESSING = "TASK_STATUS_QUEUED", "TASK_STATUS_PROCESSING"
SUCCEED, FAILED = "TASK_STATUS_SUCCEED", "TASK_STATUS_FAILED"


def walk(target: Target, job: Job) -> list[Json]:
    """Everything that a client sees of the job, second by second."""
    task_id = submitted(target, job)
    return list(follow(lambda: poll(target, task_id), target, until=is_over))


def words(seen: list[Json]) -> list[str]:
    """The statuses in their order."""
    return steps([each["task"]["status"] for each in seen])


def with_words(directive: str) -> Job:
    """A job whose prompt holds a directive."""
    return {"prompt": f"a cat {directive} in the rain"}


@pytest.mark.parametrize("job", [pytest.param(JOB, id="prompt"), pytest.param({"multi_prompt": SHOTS}, id="shots")])
def test_statuses(connect: Connect, job: Job) -> None:
    """C.3, 3-18: QUEUED, PROCESSING, SUCCEED; never another, never back."""
    assert words(walk(connect("myrouter"), job)) == [QUEUED, PROCESSING, SUCCEED]


def test_members_of_each_state(connect: Connect) -> None:
    """C.3: the same members throughout; images and audios stay empty, videos until the end, reason always."""
    target = connect("myrouter")
    task_id = submitted(target, JOB)
    for seen in follow(lambda: poll(target, task_id), target, until=is_over):
        assert seen.keys() == {"extra", "task", "images", "videos", "audios"}
        assert {"task_id", "status", "reason", "task_type", "eta", "progress_percent"} <= seen["task"].keys()
        assert seen["task"]["task_id"] == task_id
        assert isinstance(seen["task"]["task_type"], str)
        assert seen["task"]["reason"] == ""
        assert seen["images"] == seen["audios"] == []
        assert len(seen["videos"]) == (seen["task"]["status"] == SUCCEED)


def test_debug_info(connect: Connect) -> None:
    """C.3, 3-17: seed and instants as strings; an instant is 0 until it happens, and they follow each other."""
    instants = []
    for seen in walk(connect("myrouter"), JOB):
        debug = seen["extra"]["debug_info"]
        assert isinstance(seen["extra"]["seed"], str)
        assert debug.keys() == {"request_info", "submit_time_ms", "execute_time_ms", "complete_time_ms"}
        assert all(isinstance(value, str) for value in debug.values())
        status = seen["task"]["status"]
        submit, execute, complete = (int(debug[f"{name}_time_ms"]) for name in ("submit", "execute", "complete"))
        assert (execute > 0, complete > 0) == (status != QUEUED, status == SUCCEED)
        instants.append((submit, execute, complete))
    assert len({submit for submit, _, _ in instants}) == 1
    assert 0 < instants[-1][0] < instants[-1][1] < instants[-1][2]


def test_progress(connect: Connect) -> None:
    """C.3: integers; progress never falls and is 100 only with success, eta never grows and is 0 then."""
    seen = [each["task"] for each in walk(connect("myrouter"), with_words("[[slow:30]]"))]
    progress, eta = ([each[name] for each in seen] for name in ("progress_percent", "eta"))

    assert all(type(value) is int for value in (*progress, *eta))
    assert progress == sorted(progress)
    assert [value == 100 for value in progress] == [each["status"] == SUCCEED for each in seen]
    assert progress[0] == 0
    assert len(set(progress)) > 5
    assert eta == sorted(eta, reverse=True)
    assert [value == 0 for value in eta] == [each["status"] == SUCCEED for each in seen]


def test_eta_is_right(connect: Connect) -> None:
    """C.3: eta is in seconds: after as many the task is done, and not much sooner."""
    target = connect("myrouter")
    task_id = submitted(target, with_words("[[slow:60]]"))
    eta = poll(target, task_id)["task"]["eta"]

    target.advance(eta - 2)
    assert not is_over(poll(target, task_id))
    target.advance(3)
    assert is_over(poll(target, task_id))


def test_result(connect: Connect) -> None:
    """C.3, 3-17: one video {video_url, video_url_ttl in digits, video_type}; the URL is there to be fetched."""
    target = connect("myrouter")

    video = walk(target, JOB)[-1]["videos"][0]

    assert video.keys() == {"video_url", "video_url_ttl", "video_type"}
    assert video["video_type"] == "mp4"
    assert isinstance(video["video_url_ttl"], str)
    assert int(video["video_url_ttl"]) > 0
    assert_playable(target, video["video_url"])


def test_end_is_the_end(connect: Connect) -> None:
    """Section 7: a terminal status never changes, nor does what came with it."""
    target = connect("myrouter")
    for job in (JOB, with_words("[[fail]]")):
        last = walk(target, job)[-1]
        target.advance(60)
        again = poll(target, last["task"]["task_id"])
        assert again["task"] == last["task"]
        assert again["extra"] == last["extra"]
        assert [each["video_url"] for each in again["videos"]] == [each["video_url"] for each in last["videos"]]


def test_tasks_share_nothing(connect: Connect) -> None:
    """Decision 12: ids and result URLs belong to one task each."""
    target = connect("myrouter")
    ids = [submitted(target, JOB) for _ in range(5)]
    target.advance(600)
    urls = {poll(target, task_id)["videos"][0]["video_url"] for task_id in ids}
    assert len(set(ids)) == len(urls) == 5


@pytest.mark.parametrize("directive", ["[[fail]]", "[[fail:moderation]]", "[[fail:something-unheard-of]]"])
def test_failure(connect: Connect, directive: str) -> None:
    """C.3: HTTP 200, FAILED, a reason, no video, and not a whole 100 percent."""
    seen = walk(connect("myrouter"), with_words(directive))

    assert words(seen) == [QUEUED, PROCESSING, FAILED]
    assert all(each["task"]["reason"] == "" for each in seen[:-1])
    assert isinstance(seen[-1]["task"]["reason"], str)
    assert seen[-1]["task"]["reason"]
    assert seen[-1]["videos"] == []
    assert 0 <= seen[-1]["task"]["progress_percent"] <= 100


def test_stuck(connect: Connect) -> None:
    """Interface 1: `[[stuck]]` never finishes, and never looks finished."""
    target = connect("myrouter")
    task_id = submitted(target, with_words("[[stuck]]"))

    target.advance(10**7)

    task = poll(target, task_id)["task"]
    assert task["status"] == PROCESSING
    assert task["progress_percent"] < 100
    assert type(task["eta"]) is int


def test_slow(connect: Connect) -> None:
    """Interface 1: `[[slow:120]]` works for that many seconds."""
    debug = walk(connect("myrouter"), with_words("[[slow:120]]"))[-1]["extra"]["debug_info"]
    assert int(debug["complete_time_ms"]) - int(debug["execute_time_ms"]) == 120_000


def test_directive_in_a_shot(connect: Connect) -> None:
    """Interface 1: where shots stand for the prompt, their prompts are looked into."""
    job = {"multi_prompt": [SHOTS[0], {"prompt": "a dog [[fail]]"}]}
    assert walk(connect("myrouter"), job)[-1]["task"]["status"] == FAILED


def test_webhook_is_off(connect: Connect) -> None:
    """3-11, decision 2: the family's webhook is an option that is off; the member is ignored, bad URL or not."""
    target = connect("myrouter")
    for url in ("https://example.com/hook", "no url", 5, None):
        answer = target.client.post(SUBMIT, json={**JOB, "extra": {"webhook": {"url": url}}})
        assert answer.status_code == 200
        assert answer.json().keys() == {"task_id"}


@pytest.mark.parametrize("edge", EDGES)
def test_clock_that_moves_by_polls(edge: str) -> None:
    """Decision 10: each poll moves that task one state on and no other; stuck stays, slow does not count."""
    with played(edge, "myrouter", clock="polls") as target:
        one, other, slow, stuck = (
            submitted(target, with_words(directive)) for directive in ("", "", "[[slow:999]]", "[[stuck]]")
        )
        assert words([poll(target, one) for _ in range(3)]) == [PROCESSING, SUCCEED]
        assert words([poll(target, other)]) == [PROCESSING]
        assert words([poll(target, slow) for _ in range(2)]) == [PROCESSING, SUCCEED]
        assert words([poll(target, stuck) for _ in range(5)]) == [PROCESSING]


@pytest.mark.parametrize("edge", EDGES)
def test_public_url(edge: str) -> None:
    """Interface 1: results are said to be there, wherever the client called."""
    with played(edge, "myrouter", public_url="https://videos.example") as target:
        assert walk(target, JOB)[-1]["videos"][0]["video_url"].startswith("https://videos.example/")


def test_documented_host(connect: Connect) -> None:
    """Interface 1: a call that names the vendor's own host reaches it at the root, as the same account."""
    target = connect("myrouter")
    assert by_host(target, "api.myrouter.ai", SUBMIT, JOB).status_code == 200
    assert len(target.tasks()) == 1
