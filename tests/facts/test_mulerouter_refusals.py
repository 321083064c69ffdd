"""Every way in which MuleRouter says no, reached by a request: status, envelope, and what comes before what."""

import re
from pathlib import Path

import httpx
import pytest

from fact_tables import (
    BAD_CREDENTIALS,
    EDGES,
    MALFORMED_JSON,
    MEDIA_TYPES,
    NO_OBJECTS,
    ODD_MEDIA_TYPES,
    TROUBLED_KEYS,
    Connect,
    broken,
    follow,
    limited,
    played,
    send,
    use_key,
)
from mockserver.store import Bounds
from mulerouter_protocol import IMAGE, INSTANT, JOBS, TEXT, UUID, both_operations, is_over, poll, submitted
from targets import Json, make_fake, pretty
from targets import in_process as in_process_target

NOBODY_S_TASK = "8e1e315e-b50d-4334-a231-be7d19a372f4"


def problem(answer: httpx.Response, status: int) -> Json:
    """0-21: outside of body validation the error is `{error_code, title, detail}`, and the code is the status."""
    body = answer.json()
    assert answer.status_code == status, pretty(body)
    assert answer.headers["content-type"].partition(";")[0] in (
        "application/json",
        "application/problem+json",
    )
    assert body.keys() == {"error_code", "title", "detail"}
    assert body["error_code"] == status
    assert all(isinstance(body[member], str) and body[member] for member in ("title", "detail"))
    return body


def rejected_task(answer: httpx.Response) -> Json:
    """0-21: a body that can't be used is answered with a failed task."""
    body = answer.json()
    assert answer.status_code == 400, pretty(body)
    assert body.keys() == {"task_info"}
    info = body["task_info"]
    assert info.keys() == {"id", "status", "created_at", "updated_at", "error"}
    assert UUID.fullmatch(info["id"])
    assert info["status"] == "failed"
    assert INSTANT.fullmatch(info["created_at"])
    assert info["updated_at"] == info["created_at"]
    assert info["error"].keys() == {"code", "title", "detail"}
    assert (info["error"]["code"], info["error"]["title"]) == (2001, "Invalid Request")
    assert isinstance(info["error"]["detail"], str)
    return info


def retry_after(answer: httpx.Response) -> int:
    """Whole seconds, at least one."""
    assert re.fullmatch(r"[1-9]\d*", answer.headers["retry-after"])
    return int(answer.headers["retry-after"])


@both_operations
def test_rejected_job_is_no_task(connect: Connect, path: str) -> None:
    """0-21: the id of a refused job can't be polled, and each refusal has its own."""
    target = connect("mulerouter")

    first, second = (rejected_task(target.client.post(path, json={"duration": 2})) for _ in range(2))

    assert first["id"] != second["id"]
    problem(target.client.get(f"{path}/{first['id']}"), 404)
    assert target.tasks() == []


@both_operations
@pytest.mark.parametrize("body", MALFORMED_JSON)
def test_body_that_is_no_json(connect: Connect, path: str, body: bytes) -> None:
    """A.6, 0-21: invalid parameters, 400."""
    target = connect("mulerouter")
    rejected_task(send(target.client, path, body))
    assert broken(target) == {"": {"json"}}


@both_operations
@pytest.mark.parametrize("body", NO_OBJECTS)
def test_json_that_is_no_object(connect: Connect, path: str, body: bytes) -> None:
    """Seeds: the body is an object."""
    target = connect("mulerouter")
    rejected_task(send(target.client, path, body))
    assert broken(target) == {"": {"type"}}


@both_operations
@pytest.mark.parametrize("media_type", ODD_MEDIA_TYPES)
def test_body_of_another_media_type(connect: Connect, path: str, media_type: str) -> None:
    """Seeds: application/json."""
    target = connect("mulerouter")
    rejected_task(send(target.client, path, b'{"prompt": "a", "first_frame": "https://a.example/b"}', media_type))
    assert broken(target) == {"": {"contentType"}}


@both_operations
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_json_by_any_of_its_names(connect: Connect, path: str, media_type: str) -> None:
    """HTTP: parameters and letters' case do not make another type."""
    target = connect("mulerouter")
    answer = send(target.client, path, b'{"prompt": "a", "first_frame": "https://a.example/b"}', media_type)
    assert answer.status_code == 202


@both_operations
def test_no_key(connect: Connect, path: str) -> None:
    """A.6: a missing key is 401, for submits and polls."""
    with connect("mulerouter").account() as nobody:
        problem(nobody.post(path, json=JOBS[path]), 401)
        problem(nobody.get(f"{path}/{NOBODY_S_TASK}"), 401)


@both_operations
@pytest.mark.parametrize("credential", BAD_CREDENTIALS)
def test_malformed_key(connect: Connect, path: str, credential: str) -> None:
    """A.6: 401; where there is a header at all, the detail seen live tells of its format."""
    target = connect("mulerouter")
    answer = target.client.post(path, json=JOBS[path], headers={"Authorization": credential})
    detail = problem(answer, 401)["detail"]
    assert not credential or detail == "Invalid Authorization header format"


def test_raw_key(connect: Connect) -> None:
    """Decision 1: only MyRouter is known to take a key without the word Bearer."""
    target = connect("mulerouter")
    problem(target.client.post(TEXT, json=JOBS[TEXT], headers={"Authorization": target.key}), 401)


def test_scheme_in_lower_case(connect: Connect) -> None:
    """Decision 24: HTTP's schemes are case-insensitive."""
    target = connect("mulerouter")
    answer = target.client.post(TEXT, json=JOBS[TEXT], headers={"Authorization": f"bearer {target.key}"})
    assert answer.status_code == 202
    assert len(target.tasks()) == 1


@both_operations
@pytest.mark.parametrize("key", TROUBLED_KEYS)
def test_key_that_is_no_good(connect: Connect, path: str, key: str) -> None:
    """A.6, interface 1: revoked or expired, 401 on every call."""
    client = use_key(connect("mulerouter"), key).client
    problem(client.post(path, json=JOBS[path]), 401)
    problem(client.get(f"{path}/{NOBODY_S_TASK}"), 401)


@both_operations
def test_key_without_the_right(connect: Connect, path: str) -> None:
    """A.6, interface 1: not permitted, 403."""
    client = use_key(connect("mulerouter"), "mock-forbidden-mule").client
    problem(client.post(path, json=JOBS[path]), 403)
    problem(client.get(f"{path}/{NOBODY_S_TASK}"), 403)


@both_operations
def test_no_balance(connect: Connect, path: str) -> None:
    """A.6, interface 1: 402 for a submit; an unknown task is still 404."""
    target = use_key(connect("mulerouter"), f"mock-broke-mule-{path.count('image')}")
    problem(target.client.post(path, json=JOBS[path]), 402)
    problem(target.client.get(f"{path}/{NOBODY_S_TASK}"), 404)


@both_operations
def test_too_fast(connect: Connect, path: str) -> None:
    """A.6, interface 1: 429 with Retry-After, which the vendor's own client honours."""
    answer = use_key(connect("mulerouter"), "mock-throttled-mule").client.post(path, json=JOBS[path])
    problem(answer, 429)
    retry_after(answer)


@both_operations
def test_content_policy(connect: Connect, path: str) -> None:
    """Interface 1: `[[reject]]` refuses the submit; A.6: legal or content, 451."""
    target = connect("mulerouter")
    problem(target.client.post(path, json={**JOBS[path], "prompt": "a cat [[reject]]"}), 451)
    assert target.tasks() == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/vendors/klingai/v1/kling-v3",
        "/vendors/klingai/v1/kling-v2.6/text-to-video/generation",
        f"{TEXT}s",
        f"{TEXT}/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_path(connect: Connect, method: str, path: str) -> None:
    """A.6: 404, before anything else is looked at."""
    problem(connect("mulerouter").account().request(method, path), 404)


@both_operations
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_method_that_submits_nothing(connect: Connect, path: str, method: str) -> None:
    """A.1, A.6: only POST submits; there is no list."""
    answer = connect("mulerouter").client.request(method, path)
    problem(answer, 405)
    assert answer.headers["allow"] == "POST"


@both_operations
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_task_can_only_be_read(connect: Connect, path: str, method: str) -> None:
    """A.1: no cancel for these models; the task lives on."""
    target = connect("mulerouter")
    task_id = submitted(target, path, JOBS[path])

    problem(target.client.request(method, f"{path}/{task_id}"), 405)

    assert poll(target, path, task_id)["task_info"]["status"] == "pending"


@both_operations
@pytest.mark.parametrize("task_id", [NOBODY_S_TASK, "1", "nothing", "%20", "a%2Fb", "%C3%A9", "x" * 500])
def test_unknown_task(connect: Connect, path: str, task_id: str) -> None:
    """A.6: 404."""
    problem(connect("mulerouter").client.get(f"{path}/{task_id}"), 404)


@both_operations
def test_task_of_another_account(connect: Connect, path: str) -> None:
    """Interface 1: it does not exist for others."""
    target = connect("mulerouter")
    task_id = submitted(target, path, JOBS[path])

    with target.account("somebody-else") as other:
        problem(other.get(f"{path}/{task_id}"), 404)

    assert poll(target, path, task_id)["task_info"]["id"] == task_id


def test_task_of_the_other_operation(connect: Connect) -> None:
    """A.1: a text task is unknown under the image path, and the other way round."""
    target = connect("mulerouter")
    text_id, image_id = (submitted(target, path, JOBS[path]) for path in (TEXT, IMAGE))

    problem(target.client.get(f"{IMAGE}/{text_id}"), 404)
    problem(target.client.get(f"{TEXT}/{image_id}"), 404)


@both_operations
def test_key_comes_before_body(connect: Connect, path: str) -> None:
    """Decision 6: who calls is asked before what is sent."""
    target = connect("mulerouter")
    with target.account() as nobody:
        problem(send(nobody, path, b"{", "text/plain"), 401)
    problem(send(use_key(target, "mock-forbidden").client, path, b"{"), 403)


@both_operations
@pytest.mark.parametrize("key", ["mock-broke-order", "mock-throttled-order"])
def test_body_comes_before_quota(connect: Connect, path: str, key: str) -> None:
    """Decision 6: a job that can't be used is refused as such."""
    rejected_task(use_key(connect("mulerouter"), key).client.post(path, json={"duration": 99}))


@pytest.mark.parametrize("edge", EDGES)
def test_balance_of_an_account(edge: str, tmp_path: Path) -> None:
    """Decision 14: so many submissions are left; a refused one costs nothing, a poll neither."""
    with limited(edge, "mulerouter", tmp_path, balance=2) as target:
        rejected_task(target.client.post(TEXT, json={}))
        task_id = submitted(target, TEXT, JOBS[TEXT])
        submitted(target, IMAGE, JOBS[IMAGE])

        problem(target.client.post(TEXT, json=JOBS[TEXT]), 402)

        assert poll(target, TEXT, task_id)["task_info"]["id"] == task_id
        assert len(target.tasks()) == 2


@pytest.mark.parametrize("edge", EDGES)
def test_rate_of_an_account(edge: str, tmp_path: Path) -> None:
    """Decision 14: so many calls a second; after Retry-After it goes on."""
    with limited(edge, "mulerouter", tmp_path, rate=2) as target:
        task_id = submitted(target, TEXT, JOBS[TEXT])
        poll(target, TEXT, task_id)

        answer = target.client.get(f"{TEXT}/{task_id}")

        problem(answer, 429)
        target.advance(retry_after(answer))
        poll(target, TEXT, task_id)


@pytest.mark.parametrize("edge", EDGES)
def test_concurrency_of_an_account(edge: str, tmp_path: Path) -> None:
    """Decision 14: so many unfinished tasks; the end of one makes room."""
    with limited(edge, "mulerouter", tmp_path, concurrency=1) as target:
        task_id = submitted(target, TEXT, JOBS[TEXT])

        answer = target.client.post(IMAGE, json=JOBS[IMAGE])
        problem(answer, 429)
        retry_after(answer)

        list(follow(lambda: poll(target, TEXT, task_id), target, until=is_over))
        submitted(target, IMAGE, JOBS[IMAGE])


@both_operations
@pytest.mark.parametrize("edge", EDGES)
def test_body_too_large(edge: str, path: str) -> None:
    """Decision 15: above the limit 413 in the vendor's envelope; at the limit it is read."""
    with played(edge, "mulerouter", body_max=1000) as target:
        job = b'{"prompt": "a", "first_frame": "https://a.example/b"}'
        assert send(target.client, path, job.ljust(1000)).status_code == 202
        problem(send(target.client, path, job.ljust(1001)), 413)
        assert len(target.tasks()) == 1


def test_full_store() -> None:
    """Decision 15, A.6: when no task is over that could make room, 503."""
    fake = make_fake("mulerouter", bounds=Bounds(tasks=1))
    with in_process_target(fake, "mulerouter") as target:
        task_id = submitted(target, TEXT, {"prompt": "a cat [[stuck]]"})

        problem(target.client.post(TEXT, json=JOBS[TEXT]), 503)

        assert poll(target, TEXT, task_id)["task_info"]["status"] == "pending"
