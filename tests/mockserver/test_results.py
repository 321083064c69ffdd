"""Result URLs: a video from the moment its task is done, whole or in ranges, as RFC 9110 has it."""

from __future__ import annotations

import json
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.messages import Answer
from mockserver.rendering import MEDIA_PREFIX
from mockserver.results import read_result
from properties.promised import KINDS, Desk, Kind, fresh_key, lasting_fake
from specs.pointers import resolve

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def submitted(kind: Kind, prompt: str = "a cat", key: str = "") -> tuple[Desk, str]:
    """A task of a new account."""
    desk = Desk(lasting_fake(kind.pack.name), kind.pack.name, key or fresh_key())
    return desk, kind.task_id(json.loads(desk.submit(kind, kind.with_prompt(prompt)).body))


def path_of(kind: Kind, task_id: str) -> str:
    """Where its video is, or will be."""
    return f"{MEDIA_PREFIX}/{kind.pack.name}/{task_id}/{kind.pack.behaviour.result.name}"


@lru_cache
def finished(kind: Kind = KINDS[0]) -> str:
    """The path of a video that exists: in every process the same one."""
    desk, task_id = submitted(kind, key="the-one-that-is-finished")
    desk.fake.advance(600, desk.key)
    url = resolve(json.loads(desk.poll(kind, task_id).body), kind.spot("$result.url") or "")
    assert url == "http://fake" + path_of(kind, task_id)
    return path_of(kind, task_id)


def get(path: str = "", method: str = "GET", **headers: str) -> tuple[Answer, dict[str, str]]:
    """The answer, and its headers; of a video that exists, unless another path is given."""
    sent = {name.replace("_", "-").encode(): value.encode() for name, value in headers.items()}
    path = path or finished()
    answer = read_result(lasting_fake(path.split("/")[2]), method, path, sent)
    return answer, {name.decode(): value.decode() for name, value in answer.headers}


CLIP = get()[0].body
SIZE = len(CLIP)


@every_kind
def test_video_exists_once_its_task_is_done_and_only_then(kind: Kind) -> None:
    """404 while it is made and when it failed, with the vendor's word; then an MP4 with its length."""
    desk, task_id = submitted(kind)
    failed_desk, failed_id = submitted(kind, "[[fail]]")
    before, _ = get(path_of(kind, task_id))
    desk.fake.advance(600, desk.key)
    failed_desk.fake.advance(600, failed_desk.key)
    after, headers = get(path_of(kind, task_id))

    assert before.status == 404
    assert kind.words["queued"] in json.loads(before.body)["detail"]
    assert (after.status, after.body[4:8]) == (200, b"ftyp")
    assert headers["content-type"] == "video/mp4"
    assert headers["content-length"] == str(len(after.body))
    assert get(path_of(kind, failed_id))[0].status == 404


def test_other_paths_are_not_found() -> None:
    """No vendor, no task, no such file: a problem, whatever the path."""
    path = finished()
    folder, _, name = path.rpartition("/")
    beside = [
        folder,
        folder + "/",
        path + "x",
        path + "/",
        f"{folder}/../{name}",
        f"{folder}//{name}",
        path.replace("/", "//"),
    ]
    for odd in [
        *beside,
        MEDIA_PREFIX,
        *(MEDIA_PREFIX + each for each in ("/", "/x", "/x/y", f"/x/y/{name}", f"/%00/{name}")),
    ]:
        answer = read_result(lasting_fake(KINDS[0].pack.name), "GET", odd, {})
        assert answer.status == 404, odd
        assert json.loads(answer.body)["status"] == 404


RANGES = {
    "bytes=0-0": (0, 1),
    "bytes=0-": (0, SIZE),
    "bytes=10-19": (10, 20),
    f"bytes={SIZE - 1}-": (SIZE - 1, SIZE),
    f"bytes=5-{SIZE * 2}": (5, SIZE),
    "bytes=-1": (SIZE - 1, SIZE),
    f"bytes=-{SIZE}": (0, SIZE),
    f"bytes=-{SIZE * 2}": (0, SIZE),
    " bytes=1-2 ": (1, 3),
}


@pytest.mark.parametrize("wanted", RANGES)
def test_range_is_that_part(wanted: str) -> None:
    """206, which bytes of how many, and exactly these."""
    first, end = RANGES[wanted]
    answer, headers = get(range=wanted)

    assert (answer.status, answer.body) == (206, CLIP[first:end])
    assert headers["content-range"] == f"bytes {first}-{end - 1}/{SIZE}"
    assert headers["content-length"] == str(end - first)


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=999999999999-", "bytes=-0"])
def test_range_beyond_the_end_can_not_be_satisfied(wanted: str) -> None:
    """416, with the size."""
    answer, headers = get(range=wanted)

    assert (answer.status, answer.body) == (416, b"")
    assert headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "items=0-1",
        "bytes=0-1,3-4",
        "0-1",
        "bytes=+1-2",
        "bytes=5-2",
        "bytes=1" + "0" * 30 + "-",
    ],
)
def test_range_that_is_none_of_ours_is_passed_over(wanted: str) -> None:
    """The whole, as if nothing had been asked."""
    answer, headers = get(range=wanted)

    assert (answer.status, len(answer.body)) == (200, SIZE)
    assert "content-range" not in headers


@given(first=st.integers(0, SIZE - 1), length=st.integers(1, SIZE))
def test_parts_make_the_whole(first: int, length: int) -> None:
    """Any two neighbouring ranges join without a seam."""
    left, _ = get(range=f"bytes={first}-{first + length - 1}")
    rest, _ = get(range=f"bytes={first + length}-")

    assert left.body + rest.body == CLIP[first:]


def test_entity_tag_saves_the_second_fetch() -> None:
    """Unchanged: 304 without a body; a range of something else than was had: the whole."""
    tag = get()[1]["etag"]
    again, headers = get(if_none_match=tag)

    assert (again.status, again.body, headers["etag"]) == (304, b"", tag)
    for had in (f'"other", {tag}', f"W/{tag}", "*"):
        assert get(if_none_match=had)[0].status == 304, had
    for other in ('"other"', tag.strip('"'), f"{tag}x"):
        assert get(if_none_match=other)[0].status == 200, other
    assert get(range="bytes=0-4", if_range=tag)[0].status == 206
    assert get(range="bytes=0-4", if_range='"other"')[0].status == 200


def test_head_tells_the_same_without_the_video() -> None:
    """Status and headers of a GET, no body; other methods are refused."""
    for headers in ({}, {"range": "bytes=0-4"}, {"range": "bytes=999999999-"}):
        got, seen = get(**headers), get(method="HEAD", **headers)
        assert (seen[0].status, seen[1], seen[0].body) == (got[0].status, got[1], b"")
    for method in ("POST", "DELETE", "PUT"):
        answer, said = get(method=method)
        assert (answer.status, said["allow"]) == (405, "GET, HEAD")


@every_kind
def test_each_task_has_a_video_of_its_own(kind: Kind) -> None:
    """Two tasks, two videos; one task, always the same."""
    desk, first = submitted(kind)
    second = kind.task_id(json.loads(desk.submit(kind, kind.fresh(kind.with_prompt("a cat"))).body))
    desk.fake.advance(600, desk.key)
    (one, told), (other, _) = get(path_of(kind, first)), get(path_of(kind, second))

    assert one.body != other.body
    assert get(path_of(kind, first))[1]["etag"] == told["etag"]


@every_kind
def test_a_video_expires_when_the_vendor_says_so(kind: Kind) -> None:
    """It can be had up to the last second, by the clock; then its storage answers, with a body of its own."""
    result = kind.pack.behaviour.result
    desk, task_id = submitted(kind)
    task = desk.fake.find_task(task_id)
    assert task is not None
    assert task.end_ms is not None
    begun_ms = task.created_ms if result.expires_from == "created" else task.end_ms
    left_ms = begun_ms + result.expires_seconds * 1000 - desk.fake.now_ms(desk.key)
    desk.fake.advance(left_ms / 1000 - 1, desk.key)
    assert get(path_of(kind, task_id))[0].status == 200
    desk.fake.advance(1, desk.key)
    expired, headers = get(path_of(kind, task_id))

    assert (expired.status, expired.body.decode()) == (result.expired.status, result.expired.body)
    assert headers["content-type"] == result.expired.content_type
