"""Every way in which Kling says no that is not about a member: status, code, envelope, and their order."""

from collections.abc import Iterator

import httpx
import pytest

import specs
from fact_tables import EDGES, Connect, broken, played, use_key
from kling_protocol import PROMPT, data_of, finished, poll, submitted
from mockserver import Fake, Settings
from mockserver.store import Bounds
from targets import Json, Target, in_process

TEXT, IMAGE = "/v1/videos/text2video", "/v1/videos/image2video"
JOB: dict[str, Json] = {"prompt": PROMPT}
JSON = {"Content-Type": "application/json"}

both_operations = pytest.mark.parametrize("path", [pytest.param(TEXT, id="text"), pytest.param(IMAGE, id="image")])


def assert_refused(answer: httpx.Response, status: int, *codes: int) -> None:
    """This status, one of these codes, Kling's envelope."""
    body = answer.json()
    assert answer.status_code == status, body
    assert body["code"] in codes
    assert body.keys() == {"code", "message", "request_id"}
    assert isinstance(body["message"], str)
    assert body["message"]
    assert isinstance(body["request_id"], str)
    assert body["request_id"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/v1",
        "/v1/videos",
        "/v1/videos/text2image",
        "/v1/videos/text2video/a/b",
        "/v1/videos/text2video/",
        "/V1/videos/text2video",
        "/v2/videos/text2video",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_path_that_does_not_exist(connect: Connect, method: str, path: str) -> None:
    """404/1203, the resource does not exist."""
    assert_refused(connect("kling").client.request(method, path, json=JOB), 404, 1203)


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, TEXT) for method in ("PUT", "PATCH", "DELETE")]
    + [(method, f"{IMAGE}/867283741759111202") for method in ("POST", "PUT", "DELETE")],
)
def test_method_that_is_not_offered(connect: Connect, method: str, path: str) -> None:
    """404/1202, not HTTP's 405."""
    assert_refused(connect("kling").client.request(method, path, json=JOB), 404, 1202)


@both_operations
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="cut"),
        pytest.param(b'{"prompt": "a"} trailing', id="trailing"),
        pytest.param(b"{'prompt': 'a'}", id="single-quotes"),
        pytest.param(b'{"prompt": "a", "cfg_scale": NaN}', id="nan"),
        pytest.param(b'{"prompt": "\xff"}', id="no-utf-8"),
        pytest.param(b"prompt=a", id="form"),
    ],
)
def test_body_that_is_not_json(connect: Connect, path: str, content: bytes) -> None:
    """400, invalid request parameters."""
    target = connect("kling")

    assert_refused(target.client.post(path, content=content, headers=JSON), 400, 1200, 1201)
    assert target.tasks() == []


@both_operations
@pytest.mark.parametrize("body", [[], [JOB], "a", 5, True, None])
def test_body_that_is_no_object(connect: Connect, path: str, body: Json) -> None:
    """400, and the violation is the body's own."""
    target = connect("kling")

    assert_refused(target.client.post(path, json=body), 400, 1200, 1201)
    assert set(broken(target)) == {""}


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "application/jsonp"],
)
def test_other_media_type(connect: Connect, media_type: str) -> None:
    """Another media type is a 4xx; here 400, invalid request parameters."""
    target = connect("kling")

    answer = target.client.post(TEXT, content=b'{"prompt": "a"}', headers={"Content-Type": media_type})

    assert_refused(answer, 400, 1200, 1201)


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON", None])
def test_media_type(connect: Connect, media_type: str | None) -> None:
    """JSON with whatever parameters; the page does not say that the header is needed."""
    headers = {"Content-Type": media_type} if media_type else {}

    data_of(connect("kling").client.post(TEXT, content=b'{"prompt": "a"}', headers=headers))


@pytest.mark.parametrize("edge", EDGES)
def test_body_that_is_too_large(edge: str) -> None:
    """413 in Kling's envelope; one byte less is read."""
    with played(edge, "kling", body_max=1000) as target:
        fits = b'{"prompt": "' + b"p" * 986 + b'"}'
        assert len(fits) == 1000
        data_of(target.client.post(TEXT, content=fits, headers=JSON))
        answer = target.client.post(TEXT, content=fits + b" ", headers=JSON)

        assert_refused(answer, 413, 1200, 1201)
        assert len(target.tasks()) == 1


def test_unknown_media_type_comes_before_the_model(connect: Connect) -> None:
    """Content type and JSON, then the model, then the schema."""
    target = connect("kling")
    wrong = b'{"model_name": "nobody", "duration": "99"}'

    assert_refused(target.client.post(TEXT, content=wrong, headers={"Content-Type": "text/plain"}), 400, 1200, 1201)
    assert_refused(target.client.post(TEXT, content=wrong, headers=JSON), 404, 1203)


def test_account_comes_before_the_body_and_behind_the_route(connect: Connect) -> None:
    """Route, then the account, then the rest."""
    nobody = connect("kling").account("mock-invalid")

    assert_refused(nobody.post(TEXT, content=b"{", headers=JSON), 401, 1002)
    assert_refused(nobody.post("/v1/nothing", content=b"{", headers=JSON), 404, 1203)


def test_quota_comes_behind_the_contract(connect: Connect) -> None:
    """A job that breaks the contract is told so, even to an account without units."""
    broke = connect("kling").account("mock-broke-1")

    assert_refused(broke.post(TEXT, json={"prompt": ""}), 400, 1201)
    assert_refused(broke.post(TEXT, json=JOB), 429, 1102)
    assert_refused(broke.post(TEXT, json={"prompt": "[[reject]]"}), 429, 1102)


def test_account_without_units_may_still_read(connect: Connect) -> None:
    """Units are spent by creating."""
    broke = connect("kling").account("mock-broke-2")

    assert data_of(broke.get(TEXT)) == []
    assert_refused(broke.get(f"{TEXT}/0"), 404, 1203)


@pytest.mark.parametrize(("method", "path"), [("POST", TEXT), ("POST", IMAGE), ("GET", TEXT), ("GET", f"{TEXT}/0")])
def test_throttled_account(connect: Connect, method: str, path: str) -> None:
    """429/1302 with Retry-After in whole seconds."""
    throttled = connect("kling").account("mock-throttled-1")

    answer = throttled.request(
        method, path, json={**JOB, "image": "https://example.com/a.png"} if method == "POST" else None
    )

    assert_refused(answer, 429, 1302)
    assert int(answer.headers["Retry-After"]) >= 1


def test_service_unavailable() -> None:
    """503/5001, here because nothing more can be kept."""
    fake = Fake(
        [specs.load("kling")], Settings(clock="manual", bounds=Bounds(tasks=1)), wall_ms=lambda: 1_800_000_000_000
    )
    with in_process(fake, "kling") as target:
        submitted(target, TEXT, JOB)

        assert_refused(target.client.post(TEXT, json=JOB), 503, 5001)


ACCOUNTS = """
two-units: {balance: 2}
one-at-a-time: {concurrency: 1}
two-at-a-time: {concurrency: 2}
twice-a-second: {rate: 2}
access-key: {balance: 1, secret: s3cret}
"""


@pytest.fixture(scope="module", params=EDGES)
def limited(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server with accounts that may do only so much."""
    file = tmp_path_factory.mktemp("accounts") / "accounts.yaml"
    file.write_text(ACCOUNTS, encoding="utf-8")
    with played(request.param, "kling", accounts=file) as target:
        yield target


def test_balance(limited: Target) -> None:
    """So many submissions, then 429/1102; what was refused cost nothing."""
    target = use_key(limited, "two-units")
    assert_refused(target.client.post(TEXT, json={"prompt": ""}), 400, 1201)
    assert_refused(target.client.post(TEXT, json={"prompt": "[[reject]]"}), 400, 1301)
    for _ in range(2):
        task_id = submitted(target, TEXT, JOB)

    answer = target.client.post(TEXT, json=JOB)

    assert_refused(answer, 429, 1102)
    assert answer.json()["message"] == "Account balance not enough"
    assert "Retry-After" not in answer.headers
    assert poll(target, TEXT, task_id)["task_status"] == "submitted"
    finished(target, TEXT, task_id)
    assert_refused(target.client.post(TEXT, json=JOB), 429, 1102)


def test_slot_is_held_until_the_end(limited: Target) -> None:
    """From submitted to a terminal state, across both operations; over the limit is 429/1303."""
    target = use_key(limited, "one-at-a-time")
    image_job = {**JOB, "image": "https://example.com/a.png"}
    for prompt in (PROMPT, "[[fail]]"):
        task_id = submitted(target, TEXT, {"prompt": prompt})
        answer = target.client.post(IMAGE, json=image_job)
        assert_refused(answer, 429, 1303)
        assert answer.json()["message"] == "parallel task over resource pack limit"
        while poll(target, TEXT, task_id)["task_status"] == "submitted":
            target.advance(1)
        assert_refused(target.client.post(TEXT, json=JOB), 429, 1303)
        finished(target, TEXT, task_id)

    submitted(target, IMAGE, image_job)


def test_wait_for_a_slot_is_told(limited: Target) -> None:
    """The advised wait is at least a second; after it there is room."""
    target = use_key(limited, "two-at-a-time")
    submitted(target, TEXT, {"prompt": "[[stuck]]"})
    submitted(target, TEXT, {"prompt": "[[slow:20]]"})
    answer = target.client.post(TEXT, json=JOB)
    assert_refused(answer, 429, 1303)
    assert int(answer.headers["Retry-After"]) >= 1

    target.advance(int(answer.headers["Retry-After"]))

    submitted(target, TEXT, JOB)
    target.advance(24 * 3600)
    submitted(target, TEXT, {"prompt": "[[stuck]]"})
    assert_refused(target.client.post(TEXT, json=JOB), 429, 1303)


def test_rate(limited: Target) -> None:
    """So many calls a second, of every kind; then 429/1302 until the wait is over."""
    target = use_key(limited, "twice-a-second")
    task_id = submitted(target, TEXT, JOB)
    poll(target, TEXT, task_id)
    answer = target.client.get(TEXT)
    assert_refused(answer, 429, 1302)
    assert_refused(target.client.post(TEXT, json=JOB), 429, 1302)

    target.advance(int(answer.headers["Retry-After"]))

    assert len(data_of(target.client.get(TEXT))) == 1


def test_limits_bind_nobody_else(limited: Target) -> None:
    """What is not listed is an account without limits."""
    target = use_key(limited, "somebody-else")

    for _ in range(5):
        submitted(target, TEXT, JOB)
