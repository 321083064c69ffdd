"""Every way in which MyRouter says no, reached by a request: status, reason, envelope, and what comes before what."""

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
from myrouter_protocol import JOB, RESULT, SUBMIT, error, is_over, poll, submitted
from targets import in_process as in_process_target
from targets import make_fake

BODY = b'{"prompt": "a cat"}'
NOBODY_S_TASK = {"task_id": "5f1b2a4e-7c11-4d0e-9b25-0a8b6f2f5b11"}


def retry_after(answer: httpx.Response) -> int:
    """Whole seconds, at least one."""
    assert re.fullmatch(r"[1-9]\d*", answer.headers["retry-after"])
    return int(answer.headers["retry-after"])


@pytest.mark.parametrize("body", MALFORMED_JSON)
def test_body_that_is_no_json(connect: Connect, body: bytes) -> None:
    """C.5: 400 INVALID_REQUEST_BODY."""
    target = connect("myrouter")
    error(send(target.client, SUBMIT, body), 400, "INVALID_REQUEST_BODY")
    assert broken(target) == {"": {"json"}}


@pytest.mark.parametrize("body", NO_OBJECTS)
def test_json_that_is_no_object(connect: Connect, body: bytes) -> None:
    """Seed 003: the body is an object."""
    target = connect("myrouter")
    error(send(target.client, SUBMIT, body), 400, "INVALID_REQUEST_BODY")
    assert broken(target) == {"": {"type"}}


@pytest.mark.parametrize("media_type", [None, *ODD_MEDIA_TYPES])
def test_body_of_another_media_type(connect: Connect, media_type: str | None) -> None:
    """Seed 003, 3-12: the header is required, and it is application/json."""
    target = connect("myrouter")
    error(send(target.client, SUBMIT, BODY, media_type), 400, "INVALID_REQUEST_BODY")
    assert broken(target) == {"": {"contentType"}}


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_json_by_any_of_its_names(connect: Connect, media_type: str) -> None:
    """HTTP: parameters and letters' case do not make another type."""
    assert send(connect("myrouter").client, SUBMIT, BODY, media_type).status_code == 200


def test_no_key(connect: Connect) -> None:
    """C.5, 3-20: 401 FAILED_TO_AUTH, on both operations, as seen live."""
    with connect("myrouter").account() as nobody:
        for answer in (nobody.post(SUBMIT, json=JOB), nobody.get(RESULT, params=NOBODY_S_TASK)):
            error(answer, 401, "FAILED_TO_AUTH")
            assert answer.json()["metadata"] == {}


@pytest.mark.parametrize("credential", BAD_CREDENTIALS)
def test_malformed_key(connect: Connect, credential: str) -> None:
    """C.5, 3-20: 401 FAILED_TO_AUTH."""
    answer = connect("myrouter").client.post(SUBMIT, json=JOB, headers={"Authorization": credential})
    error(answer, 401, "FAILED_TO_AUTH")


def test_raw_key(connect: Connect) -> None:
    """Decision 1: a key without Bearer is taken, as the same account, and no violation."""
    target = connect("myrouter")
    answer = target.client.post(SUBMIT, json=JOB, headers={"Authorization": target.key})
    assert answer.status_code == 200
    assert broken(target) == {}
    assert poll(target, answer.json()["task_id"])["task"]["status"] == "TASK_STATUS_QUEUED"


@pytest.mark.parametrize("prefix", ["", "bearer "])
def test_troubled_key_in_other_writing(connect: Connect, prefix: str) -> None:
    """Decisions 1 and 24: raw or in lower case, the key means what it means."""
    headers = {"Authorization": f"{prefix}mock-invalid"}
    error(connect("myrouter").client.post(SUBMIT, json=JOB, headers=headers), 401, "FAILED_TO_AUTH")


@pytest.mark.parametrize("key", TROUBLED_KEYS)
def test_key_that_is_no_good(connect: Connect, key: str) -> None:
    """C.5, 3-20, interface 1: 401 with the message seen live, on every call."""
    client = use_key(connect("myrouter"), key).client
    for answer in (client.post(SUBMIT, json=JOB), client.get(RESULT, params=NOBODY_S_TASK)):
        message = error(answer, 401, "FAILED_TO_AUTH")
        assert message == "failed to authenticate API key"


def test_key_without_the_right(connect: Connect) -> None:
    """C.5, interface 1: 403 by one of the reasons that stand for a lack of permission."""
    client = use_key(connect("myrouter"), "mock-forbidden-my").client
    for answer in (client.post(SUBMIT, json=JOB), client.get(RESULT, params=NOBODY_S_TASK)):
        error(answer, 403, "ACCESS_DENY", "API_NOT_ALLOWED", "FEATURE_NOT_ALLOWED", "NEED_REAL_NAME_VERIFY")


def test_no_balance(connect: Connect) -> None:
    """C.5, 3-21: 403 NOT_ENOUGH_BALANCE with the message seen live, for submits alone."""
    client = use_key(connect("myrouter"), "mock-broke-my").client
    assert error(client.post(SUBMIT, json=JOB), 403, "NOT_ENOUGH_BALANCE").startswith("Insufficient balance")
    error(client.get(RESULT, params=NOBODY_S_TASK), 404, "TASK_NOT_FOUND")


def test_too_fast(connect: Connect) -> None:
    """C.5, interface 1: 429 RATE_LIMIT_EXCEEDED, with Retry-After."""
    answer = use_key(connect("myrouter"), "mock-throttled-my").client.post(SUBMIT, json=JOB)
    error(answer, 429, "RATE_LIMIT_EXCEEDED")
    retry_after(answer)


def test_content_policy(connect: Connect) -> None:
    """C.5, interface 1: 400 ILLEGAL_PROMPT."""
    target = connect("myrouter")
    error(target.client.post(SUBMIT, json={"prompt": "a cat [[reject]]"}), 400, "ILLEGAL_PROMPT")
    assert target.tasks() == []


@pytest.mark.parametrize(
    "path",
    ["/", "/v3/async", "/v3/async/kling-v3.0-std-t2v", "/v3/async/kling-v3.0-pro-i2v", f"{SUBMIT}/", f"{RESULT}/1"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_path(connect: Connect, method: str, path: str) -> None:
    """C.1, C.5: 404 by the reason for an API or a model that is not there, before any key is asked for."""
    error(connect("myrouter").account().request(method, path), 404, "API_NOT_FOUND", "MODEL_NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        pytest.param(SUBMIT, ["GET", "PUT", "PATCH", "DELETE"], id="submit"),
        pytest.param(RESULT, ["POST", "PUT", "PATCH", "DELETE"], id="result"),
    ],
)
def test_method_that_is_not_there(connect: Connect, path: str, methods: list[str]) -> None:
    """C.1: one method for each path and no cancel; the vendor lists no 405, HTTP does."""
    client = connect("myrouter").client
    for method in methods:
        answer = client.request(method, path)
        assert answer.status_code in (404, 405)
        assert answer.json().keys() == {"code", "reason", "message", "metadata"}
        assert answer.json()["code"] == answer.status_code


@pytest.mark.parametrize("task_id", [NOBODY_S_TASK["task_id"], "1", " ", "a/b", "é", "x" * 500])
def test_unknown_task(connect: Connect, task_id: str) -> None:
    """C.5, 3-14: 404 TASK_NOT_FOUND."""
    error(connect("myrouter").client.get(RESULT, params={"task_id": task_id}), 404, "TASK_NOT_FOUND")


@pytest.mark.parametrize("query", ["", "?", "?id=1", "?TASK_ID=1"])
def test_no_task_id(connect: Connect, query: str) -> None:
    """3-15: 400 INVALID_REQUEST_BODY, naming the parameter."""
    target = connect("myrouter")
    message = error(target.client.get(RESULT + query), 400, "INVALID_REQUEST_BODY")
    assert "task_id" in message
    assert broken(target) == {"/task_id": {"required"}}


def test_empty_task_id(connect: Connect) -> None:
    """3-14, 3-15: nothing is named, so it is missing or unknown."""
    answer = connect("myrouter").client.get(RESULT, params={"task_id": ""})
    assert (answer.status_code, answer.json()["reason"]) in ((400, "INVALID_REQUEST_BODY"), (404, "TASK_NOT_FOUND"))


def test_unknown_query_parameter(connect: Connect) -> None:
    """C.1: only task_id is read."""
    target = connect("myrouter")
    task_id = submitted(target, JOB)
    assert target.client.get(RESULT, params={"verbose": "1", "task_id": task_id}).status_code == 200


def test_task_of_another_account(connect: Connect) -> None:
    """Interface 1: it does not exist for others."""
    target = connect("myrouter")
    task_id = submitted(target, JOB)

    with target.account("somebody-else") as other:
        error(other.get(RESULT, params={"task_id": task_id}), 404, "TASK_NOT_FOUND")

    assert poll(target, task_id)["task"]["task_id"] == task_id


def test_key_comes_before_body(connect: Connect) -> None:
    """Decision 6: who calls is asked before what is sent, and before what is asked for."""
    target = connect("myrouter")
    with target.account() as nobody:
        error(send(nobody, SUBMIT, b"{", "text/plain"), 401, "FAILED_TO_AUTH")
        error(nobody.get(RESULT), 401, "FAILED_TO_AUTH")
    assert send(use_key(target, "mock-forbidden").client, SUBMIT, b"{").status_code == 403


@pytest.mark.parametrize("key", ["mock-broke-order", "mock-throttled-order"])
def test_body_comes_before_quota(connect: Connect, key: str) -> None:
    """Decision 6: a job that can't be used is refused as such."""
    client = use_key(connect("myrouter"), key).client
    error(client.post(SUBMIT, json={**JOB, "duration": 99}), 400, "INVALID_REQUEST_BODY")


@pytest.mark.parametrize("edge", EDGES)
def test_balance_of_an_account(edge: str, tmp_path: Path) -> None:
    """Decision 14: so many submissions are left; a refused one costs nothing, a poll neither."""
    with limited(edge, "myrouter", tmp_path, balance=2) as target:
        error(target.client.post(SUBMIT, json={}), 400, "INVALID_REQUEST_BODY")
        task_id = submitted(target, JOB)
        submitted(target, JOB)

        error(target.client.post(SUBMIT, json=JOB), 403, "NOT_ENOUGH_BALANCE")

        assert poll(target, task_id)["task"]["task_id"] == task_id
        assert len(target.tasks()) == 2


@pytest.mark.parametrize("edge", EDGES)
def test_rate_of_an_account(edge: str, tmp_path: Path) -> None:
    """Decision 14: so many calls a second; after Retry-After it goes on."""
    with limited(edge, "myrouter", tmp_path, rate=2) as target:
        task_id = submitted(target, JOB)
        poll(target, task_id)

        answer = target.client.get(RESULT, params={"task_id": task_id})

        error(answer, 429, "RATE_LIMIT_EXCEEDED")
        target.advance(retry_after(answer))
        poll(target, task_id)


@pytest.mark.parametrize("edge", EDGES)
def test_concurrency_of_an_account(edge: str, tmp_path: Path) -> None:
    """Decision 14: so many unfinished tasks; the end of one makes room."""
    with limited(edge, "myrouter", tmp_path, concurrency=1) as target:
        task_id = submitted(target, JOB)

        answer = target.client.post(SUBMIT, json=JOB)
        error(answer, 429, "RATE_LIMIT_EXCEEDED")
        retry_after(answer)

        list(follow(lambda: poll(target, task_id), target, until=is_over))
        submitted(target, JOB)


@pytest.mark.parametrize("edge", EDGES)
def test_body_too_large(edge: str) -> None:
    """Decision 15: above the limit 413 in the vendor's envelope; at the limit it is read."""
    with played(edge, "myrouter", body_max=1000) as target:
        assert send(target.client, SUBMIT, BODY.ljust(1000)).status_code == 200
        answer = send(target.client, SUBMIT, BODY.ljust(1001))
        assert answer.status_code == answer.json()["code"] == 413
        assert answer.json().keys() == {"code", "reason", "message", "metadata"}
        assert len(target.tasks()) == 1


def test_full_store() -> None:
    """Decision 15, C.5: when no task is over that could make room, 503 SERVICE_NOT_AVAILABLE."""
    fake = make_fake("myrouter", bounds=Bounds(tasks=1))
    with in_process_target(fake, "myrouter") as target:
        submitted(target, {"prompt": "a cat [[stuck]]"})
        error(target.client.post(SUBMIT, json=JOB), 503, "SERVICE_NOT_AVAILABLE")
