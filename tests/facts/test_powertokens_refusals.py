"""Every way in which PowerTokens says no: two envelopes, its own statuses, Kling's envelope as an option."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import specs
from fact_tables import EDGES, Connect, broken, played, use_key
from kling_protocol import PROMPT, data_of, finished, poll, submitted
from mockserver import Fake, Settings
from mockserver.store import Bounds
from targets import Json, Target, in_process

PATH = "/kling/v1/videos/text2video"
JOB: dict[str, Json] = {"model_name": "kling-v3", "prompt": PROMPT}
JSON = {"Content-Type": "application/json"}


def assert_task_error(answer: httpx.Response, status: int, code: str) -> None:
    """The task API's shape: `{code, message, data: null}`, the code a word."""
    body = answer.json()
    assert (answer.status_code, body.get("code")) == (status, code), body
    assert body.keys() == {"code", "message", "data"}
    assert body["data"] is None
    assert isinstance(body["message"], str)
    assert body["message"]


def assert_error_object(answer: httpx.Response, status: int) -> dict[str, Json]:
    """The other shape: `{error: {message, type, …}}`."""
    body = answer.json()
    assert answer.status_code == status, body
    assert body.keys() == {"error"}
    assert body["error"].keys() <= {"message", "type", "code", "param"}
    assert body["error"]["message"]
    assert body["error"]["type"]
    return dict(body["error"])


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", f"{PATH}/task_0")])
@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer a key", "Basic YTpi", "raw-key", "Bearer mock-invalid-1", "Bearer mock-expired-1"],
)
def test_authorization_that_is_no_good(connect: Connect, method: str, path: str, header: str | None) -> None:
    """1-20: 401 with an error object that says Invalid token, before the body is looked at."""
    headers = {} if header is None else {"Authorization": header}

    answer = connect("powertokens").account(None).request(method, path, headers=headers, content=b"{not json")

    error = assert_error_object(answer, 401)
    assert (error["message"], error["type"]) == ("Invalid token", "api_error")


@pytest.mark.parametrize("header", ["Bearer {key}", "bearer {key}", "Bearer  {key}"])
def test_key(connect: Connect, header: str) -> None:
    """Any key is an account; only Kling itself insists on one blank."""
    target = connect("powertokens")

    data_of(target.account(None).post(PATH, json=JOB, headers={"Authorization": header.format(key=target.key)}))

    assert len(target.tasks()) == 1


def test_three_dotted_parts_are_a_key_like_any_other(connect: Connect) -> None:
    """Tokens are Kling's; the gateway documents keys only."""
    target = connect("powertokens")

    data_of(target.account(f"{target.key}.b.c").post(PATH, json=JOB))


def test_account_that_may_not(connect: Connect) -> None:
    """403 where the token is not allowed."""
    assert_error_object(connect("powertokens").account("mock-forbidden-1").post(PATH, json=JOB), 403)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("GET", f"{PATH}?pageNum=1&pageSize=30"),
        ("POST", "/kling/v1/videos/image2video"),
        ("POST", "/v1/videos/text2video"),
        ("GET", "/kling/v1/videos/text2video/a/b"),
        ("DELETE", f"{PATH}/task_0"),
        ("GET", "/"),
    ],
)
def test_call_that_is_not_offered(connect: Connect, method: str, path: str) -> None:
    """1-18: no list is documented, so it is 404, as every other path and method that this page does not have."""
    assert_error_object(connect("powertokens").client.request(method, path), 404)


@pytest.mark.parametrize(
    "task_id", ["task_315wt4t0YE3Y4WwN6ygeeGgxbAIBnyfP", "867283741759111202", "%00", "nobody", "0" * 5000]
)
def test_unknown_task(connect: Connect, task_id: str) -> None:
    """1-21: 400, not 404."""
    assert_task_error(connect("powertokens").client.get(f"{PATH}/{task_id}"), 400, "task_not_exist")


def test_task_of_another_account_does_not_exist(connect: Connect) -> None:
    """The key is the namespace."""
    target = connect("powertokens")
    task_id = submitted(target, PATH, JOB)

    assert_task_error(target.account(target.key + "-other").get(f"{PATH}/{task_id}"), 400, "task_not_exist")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"model_name": "kling-v3", "prompt": "a"} b',
        b'{"model_name": "kling-v3", "prompt": "\xff"}',
        b"prompt=a",
    ],
)
def test_body_that_is_not_json(connect: Connect, content: bytes) -> None:
    """1-20: 400 by the gateway."""
    assert_task_error(connect("powertokens").client.post(PATH, content=content, headers=JSON), 400, "invalid_request")


@pytest.mark.parametrize("body", [[], [JOB], "a", 5, None])
def test_body_that_is_no_object(connect: Connect, body: Json) -> None:
    """1-20: the same, and the violation is the body's own."""
    target = connect("powertokens")

    assert_task_error(target.client.post(PATH, json=body), 400, "invalid_request")
    assert set(broken(target)) == {""}


def test_media_type(connect: Connect) -> None:
    """This revision lists no Content-Type header; another media type than JSON is still refused."""
    target = connect("powertokens")
    content = b'{"model_name": "kling-v3", "prompt": "a"}'

    data_of(target.client.post(PATH, content=content))
    data_of(target.client.post(PATH, content=content, headers={"Content-Type": "application/json; charset=utf-8"}))
    assert_task_error(
        target.client.post(PATH, content=content, headers={"Content-Type": "text/plain"}), 400, "invalid_request"
    )


@pytest.mark.parametrize("edge", EDGES)
def test_body_that_is_too_large(edge: str) -> None:
    """413 read_request_body_failed; one byte less is read."""
    with played(edge, "powertokens", body_max=1000) as target:
        fits = b'{"model_name": "kling-v3", "prompt": "' + b"p" * 960 + b'"}'
        assert len(fits) == 1000
        data_of(target.client.post(PATH, content=fits, headers=JSON))

        assert_task_error(target.client.post(PATH, content=fits + b" ", headers=JSON), 413, "read_request_body_failed")


def test_rejected_by_kling(connect: Connect) -> None:
    """1-20: what Kling refuses comes as 400 task_failed with Kling's message, and becomes no task."""
    target = connect("powertokens")

    assert_task_error(target.client.post(PATH, json={**JOB, "prompt": "[[reject]]"}), 400, "task_failed")
    assert target.tasks() == []


def test_account_without_quota(connect: Connect) -> None:
    """429 insufficient_user_quota, behind the contract, and for submissions only."""
    broke = connect("powertokens").account("mock-broke-1")

    assert_task_error(broke.post(PATH, json={**JOB, "duration": "2"}), 400, "invalid_request")
    assert_task_error(broke.post(PATH, json=JOB), 429, "insufficient_user_quota")
    assert_task_error(broke.get(f"{PATH}/task_0"), 400, "task_not_exist")


@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", f"{PATH}/task_0")])
def test_throttled_account(connect: Connect, method: str, path: str) -> None:
    """429 is for the rate too; Retry-After in whole seconds."""
    answer = (
        connect("powertokens").account("mock-throttled-1").request(method, path, json=JOB if method == "POST" else None)
    )

    assert answer.status_code == 429
    assert answer.json().keys() in ({"error"}, {"code", "message", "data"})
    assert int(answer.headers["Retry-After"]) >= 1


def test_service_unavailable() -> None:
    """503, here because nothing more can be kept."""
    fake = Fake(
        [specs.load("powertokens")], Settings(clock="manual", bounds=Bounds(tasks=1)), wall_ms=lambda: 1_800_000_000_000
    )
    with in_process(fake, "powertokens") as target:
        submitted(target, PATH, JOB)

        assert_task_error(target.client.post(PATH, json=JOB), 503, "get_channel_failed")


def test_order_of_refusals(connect: Connect) -> None:
    """Route, account, content type and JSON, model, schema."""
    target = connect("powertokens")
    wrong = b'{"model_name": "nobody", "duration": "99"}'
    nobody = target.account("mock-invalid")

    assert nobody.post("/nothing", content=wrong, headers=JSON).status_code == 404
    assert nobody.post(PATH, content=wrong, headers={"Content-Type": "text/plain"}).status_code == 401
    assert target.client.post(PATH, content=wrong, headers={"Content-Type": "text/plain"}).status_code == 400
    assert target.client.post(PATH, content=wrong, headers=JSON).status_code == 503


@pytest.fixture(scope="module", params=EDGES)
def limited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server with accounts that may do only so much."""
    file = tmp_path_factory.mktemp("accounts") / "accounts.yaml"
    file.write_text(
        "two-units: {balance: 2}\none-at-a-time: {concurrency: 1}\ntwice-a-second: {rate: 2}\n", encoding="utf-8"
    )
    with played(request.param, "powertokens", accounts=file) as target:
        yield target


def test_balance(limited: Target) -> None:
    """So many submissions; what was refused cost nothing, and no wait helps."""
    target = use_key(limited, "two-units")
    assert target.client.post(PATH, json={**JOB, "prompt": ""}).status_code == 400
    for _ in range(2):
        submitted(target, PATH, JOB)

    answer = target.client.post(PATH, json=JOB)

    assert_task_error(answer, 429, "insufficient_user_quota")
    assert "Retry-After" not in answer.headers


def test_slot_is_held_until_the_end(limited: Target) -> None:
    """Kling counts tasks from submitted to a terminal state, and the gateway stands in front of Kling."""
    target = use_key(limited, "one-at-a-time")
    for prompt in (PROMPT, "[[fail]]"):
        task_id = submitted(target, PATH, {**JOB, "prompt": prompt})
        answer = target.client.post(PATH, json=JOB)
        assert answer.status_code == 429
        assert "parallel task over resource pack limit" in answer.text
        assert int(answer.headers["Retry-After"]) >= 1
        while poll(target, PATH, task_id)["task_status"] == "submitted":
            target.advance(1)
        assert target.client.post(PATH, json=JOB).status_code == 429
        finished(target, PATH, task_id)

    submitted(target, PATH, JOB)


def test_rate(limited: Target) -> None:
    """So many calls a second, of every kind; the wait that is told helps."""
    target = use_key(limited, "twice-a-second")
    task_id = submitted(target, PATH, JOB)
    poll(target, PATH, task_id)
    answer = target.client.get(f"{PATH}/{task_id}")
    assert answer.status_code == 429

    target.advance(int(answer.headers["Retry-After"]))

    poll(target, PATH, task_id)


@pytest.fixture(scope="module", params=EDGES)
def official(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The same vendor with the option `official_envelope` on: a copy of its folder with one word changed."""
    folder = tmp_path_factory.mktemp("packs") / "powertokens"
    shutil.copytree(specs.load("powertokens").folder, folder)
    switch_on(folder / "behaviour.yaml", "official_envelope")
    with played(request.param, folder) as target:
        yield target


def switch_on(file: Path, option: str) -> None:
    """Turns `enabled: false` into true behind the option's name."""
    before, name, after = file.read_text(encoding="utf-8").partition(f"  {option}:\n")
    assert name
    assert "enabled: false" in after
    file.write_text(before + name + after.replace("enabled: false", "enabled: true", 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("job", "code"),
    [
        pytest.param({**JOB, "duration": "2"}, 1201, id="violation"),
        pytest.param({**JOB, "prompt": ""}, 1201, id="missing"),
        pytest.param([], 1201, id="no-object"),
        pytest.param({**JOB, "prompt": "[[reject]]"}, 1301, id="content"),
    ],
)
def test_official_envelope(official: Target, job: Json, code: int) -> None:
    """1-20: with the option a refused submit comes in Kling's own envelope, the code a number."""
    answer = official.client.post(PATH, json=job)

    body = answer.json()
    assert (answer.status_code, body["code"]) == (400, code)
    assert body.keys() == {"code", "message", "request_id"}
    assert body["message"]


def test_official_envelope_changes_nothing_else(official: Target) -> None:
    """Authentication, unknown tasks and accepted jobs are the gateway's own."""
    assert_error_object(official.account("mock-invalid").post(PATH, json=JOB), 401)
    assert_task_error(official.client.get(f"{PATH}/task_0"), 400, "task_not_exist")
    assert finished(official, PATH, submitted(official, PATH, JOB))["task_status"] == "succeed"
