"""Every way in which UniAll says no, reached by a request: status, one of its two envelopes, and what comes first."""

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
from targets import in_process as in_process_target
from targets import make_fake
from uniall_protocol import IMAGE, QUERY, SUBMIT, TEXT, is_over, plain_error, poll, submitted, task_error

NOBODY_S_TASK = "task_0123456789abcdefghijABCDEFGHIJ01"
JOB = b'{"model": "kling-v3-std-silent", "prompt": "a cat"}'


def retry_after(answer: httpx.Response) -> int:
    """Whole seconds, at least one."""
    assert re.fullmatch(r"[1-9]\d*", answer.headers["retry-after"])
    return int(answer.headers["retry-after"])


@pytest.mark.parametrize("body", MALFORMED_JSON)
def test_body_that_is_no_json(connect: Connect, body: bytes) -> None:
    """D.6: 400 invalid_request."""
    target = connect("uniall")
    task_error(send(target.client, SUBMIT, body), 400, "invalid_request")
    assert broken(target) == {"": {"json"}}


@pytest.mark.parametrize("body", NO_OBJECTS)
def test_json_that_is_no_object(connect: Connect, body: bytes) -> None:
    """Seed 004: the body is an object."""
    target = connect("uniall")
    task_error(send(target.client, SUBMIT, body), 400, "invalid_request")
    assert broken(target) == {"": {"type"}}


@pytest.mark.parametrize("media_type", ODD_MEDIA_TYPES)
def test_body_of_another_media_type(connect: Connect, media_type: str) -> None:
    """Seed 004: Content-Type: application/json."""
    target = connect("uniall")
    task_error(send(target.client, SUBMIT, JOB, media_type), 400, "invalid_request")
    assert broken(target) == {"": {"contentType"}}


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_json_by_any_of_its_names(connect: Connect, media_type: str) -> None:
    """HTTP: parameters and letters' case do not make another type."""
    assert send(connect("uniall").client, SUBMIT, JOB, media_type).status_code == 200


def test_no_key(connect: Connect) -> None:
    """D.6: 401 in the `error` shape, on both operations."""
    with connect("uniall").account() as nobody:
        for answer in (nobody.post(SUBMIT, json=TEXT), nobody.get(f"{QUERY}/{NOBODY_S_TASK}")):
            assert plain_error(answer, 401).keys() == {"message", "type", "code"}


@pytest.mark.parametrize("credential", [*BAD_CREDENTIALS, pytest.param("sk-raw", id="raw-key")])
def test_malformed_key(connect: Connect, credential: str) -> None:
    """D.6: 401, the message quotes the id of the request; decision 1: no raw key here."""
    target = connect("uniall")
    answer = target.client.post(SUBMIT, json=TEXT, headers={"Authorization": credential})
    error = plain_error(answer, 401)
    assert (error["type"], error["code"]) == ("new_api_error", "")
    assert answer.headers["x-oneapi-request-id"] in error["message"]


def test_scheme_in_lower_case(connect: Connect) -> None:
    """Decision 24: HTTP's schemes are case-insensitive."""
    target = connect("uniall")
    headers = {"Authorization": f"bearer {target.key}"}
    assert target.client.post(SUBMIT, json=TEXT, headers=headers).status_code == 200
    assert len(target.tasks()) == 1


@pytest.mark.parametrize("key", TROUBLED_KEYS)
def test_key_that_is_no_good(connect: Connect, key: str) -> None:
    """D.6, interface 1: 401 on every call."""
    client = use_key(connect("uniall"), key).client
    for answer in (client.post(SUBMIT, json=TEXT), client.get(f"{QUERY}/{NOBODY_S_TASK}")):
        error = plain_error(answer, 401)
        assert answer.headers["x-oneapi-request-id"] in error["message"]
        assert error["message"].startswith("Invalid token (request id: ") or "expired" in key
        assert (error["type"], error["code"]) == ("new_api_error", "")


def test_key_without_the_right(connect: Connect) -> None:
    """D.6, interface 1: 403 in the `error` shape."""
    client = use_key(connect("uniall"), "mock-forbidden-uni").client
    plain_error(client.post(SUBMIT, json=TEXT), 403)
    plain_error(client.get(f"{QUERY}/{NOBODY_S_TASK}"), 403)


def test_no_balance(connect: Connect) -> None:
    """D.6: 403 insufficient_user_quota, for submits alone."""
    client = use_key(connect("uniall"), "mock-broke-uni").client
    task_error(client.post(SUBMIT, json=TEXT), 403, "insufficient_user_quota")
    task_error(client.get(f"{QUERY}/{NOBODY_S_TASK}"), 400, "task_not_exist")


def test_too_fast(connect: Connect) -> None:
    """D.6, interface 1: 429 in the `error` shape, with Retry-After."""
    answer = use_key(connect("uniall"), "mock-throttled-uni").client.post(SUBMIT, json=TEXT)
    plain_error(answer, 429)
    retry_after(answer)


def test_content_policy(connect: Connect) -> None:
    """D.6, interface 1: what upstream rejects is 400 task_failed."""
    target = connect("uniall")
    task_error(target.client.post(SUBMIT, json={**TEXT, "prompt": "a cat [[reject]]"}), 400, "task_failed")
    assert target.tasks() == []


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/videos/generations/task_1", "/v1/video/generation", f"{SUBMIT}/task_1", f"{SUBMIT}/"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_path(connect: Connect, method: str, path: str) -> None:
    """D.6, 4-10: the page's paths and no others; the message quotes method and path; no key is asked for."""
    error = plain_error(connect("uniall").account().request(method, path), 404)
    assert error == {
        "message": f"Invalid URL ({method} {path})",
        "type": "invalid_request_error",
        "param": "",
        "code": "",
    }


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_method_that_submits_nothing(connect: Connect, method: str) -> None:
    """Seed 004: POST alone; the router of the family knows no other URL (D.6), HTTP calls it 405."""
    answer = connect("uniall").client.request(method, SUBMIT)
    assert answer.status_code in (404, 405)
    plain_error(answer, answer.status_code)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_task_can_only_be_read(connect: Connect, method: str) -> None:
    """Seed 004: GET alone; the task lives on."""
    target = connect("uniall")
    task_id = submitted(target, TEXT)

    answer = target.client.request(method, f"{QUERY}/{task_id}")

    assert answer.status_code in (404, 405)
    plain_error(answer, answer.status_code)
    assert poll(target, task_id)["status"] == "queued"


@pytest.mark.parametrize("task_id", [NOBODY_S_TASK, "task_", "1", "%20", "a%2Fb", "%C3%A9", "x" * 500])
def test_unknown_task(connect: Connect, task_id: str) -> None:
    """D.6: 400 task_not_exist, in code and in words."""
    message = task_error(connect("uniall").client.get(f"{QUERY}/{task_id}"), 400, "task_not_exist")
    assert message == "task_not_exist"


def test_task_of_another_account(connect: Connect) -> None:
    """Interface 1: it does not exist for others."""
    target = connect("uniall")
    task_id = submitted(target, TEXT)

    with target.account("somebody-else") as other:
        task_error(other.get(f"{QUERY}/{task_id}"), 400, "task_not_exist")

    assert poll(target, task_id)["id"] == task_id


def test_key_comes_before_body(connect: Connect) -> None:
    """Decision 6: who calls is asked before what is sent."""
    target = connect("uniall")
    with target.account() as nobody:
        plain_error(send(nobody, SUBMIT, b"{", "text/plain"), 401)
    plain_error(send(use_key(target, "mock-forbidden").client, SUBMIT, b"{"), 403)


@pytest.mark.parametrize("key", ["mock-broke-order", "mock-throttled-order"])
def test_body_comes_before_quota(connect: Connect, key: str) -> None:
    """Decision 6: a job that can't be used is refused as such, an unknown model too."""
    client = use_key(connect("uniall"), key).client
    task_error(client.post(SUBMIT, json={**TEXT, "duration": 99}), 400, "invalid_request")
    plain_error(client.post(SUBMIT, json={**TEXT, "model": "other"}), 503)


@pytest.mark.parametrize("edge", EDGES)
def test_balance_of_an_account(edge: str, tmp_path: Path) -> None:
    """Decision 14: so many submissions are left; a refused one costs nothing, a poll neither."""
    with limited(edge, "uniall", tmp_path, balance=2) as target:
        task_error(target.client.post(SUBMIT, json={**TEXT, "duration": 2}), 400, "invalid_request")
        task_id = submitted(target, TEXT)
        submitted(target, IMAGE)

        task_error(target.client.post(SUBMIT, json=TEXT), 403, "insufficient_user_quota")

        assert poll(target, task_id)["id"] == task_id
        assert len(target.tasks()) == 2


@pytest.mark.parametrize("edge", EDGES)
def test_rate_of_an_account(edge: str, tmp_path: Path) -> None:
    """Decision 14: so many calls a second; after Retry-After it goes on."""
    with limited(edge, "uniall", tmp_path, rate=2) as target:
        task_id = submitted(target, TEXT)
        poll(target, task_id)

        answer = target.client.get(f"{QUERY}/{task_id}")

        plain_error(answer, 429)
        target.advance(retry_after(answer))
        poll(target, task_id)


@pytest.mark.parametrize("edge", EDGES)
def test_concurrency_of_an_account(edge: str, tmp_path: Path) -> None:
    """Decision 14: so many unfinished tasks; the end of one makes room."""
    with limited(edge, "uniall", tmp_path, concurrency=1) as target:
        task_id = submitted(target, TEXT)

        answer = target.client.post(SUBMIT, json=TEXT)
        plain_error(answer, 429)
        retry_after(answer)

        list(follow(lambda: poll(target, task_id), target, until=is_over))
        submitted(target, TEXT)


@pytest.mark.parametrize("edge", EDGES)
def test_body_too_large(edge: str) -> None:
    """Decision 15: above the limit 413 in one of the vendor's envelopes; at the limit it is read."""
    with played(edge, "uniall", body_max=1000) as target:
        assert send(target.client, SUBMIT, JOB.ljust(1000)).status_code == 200
        answer = send(target.client, SUBMIT, JOB.ljust(1001))
        assert answer.status_code == 413
        assert answer.json().keys() in ({"error"}, {"code", "message", "data"})
        assert len(target.tasks()) == 1


def test_full_store() -> None:
    """Decision 15: when no task is over that could make room, 503 in one of the vendor's envelopes."""
    fake = make_fake("uniall", bounds=Bounds(tasks=1))
    with in_process_target(fake, "uniall") as target:
        submitted(target, {**TEXT, "prompt": "a cat [[stuck]]"})

        answer = target.client.post(SUBMIT, json=TEXT)

        assert answer.status_code == 503
        assert answer.json().keys() in ({"error"}, {"code", "message", "data"})


def test_every_answer_has_an_id_of_its_own(connect: Connect) -> None:
    """D.6: the header X-Oneapi-Request-Id, also on a yes."""
    target = connect("uniall")
    answers = [target.client.post(SUBMIT, json=TEXT) for _ in range(3)]
    answers += [target.client.get(f"{QUERY}/{answer.json()['id']}") for answer in answers]
    assert len({answer.headers["x-oneapi-request-id"] for answer in answers}) == 6
