"""Who calls: API keys as they are, and JSON Web Tokens signed with HS256, each refusal with its own code."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import specs
from fact_tables import EDGES, Connect, played, use_key
from kling_protocol import PROMPT, data_of, submitted
from mockserver import Fake, Settings
from signed_tokens import FAR_FUTURE, HS256, claims, part, part_of, token
from targets import Json, Target, in_process, over_socket

TEXT = "/v1/videos/text2video"
JOB = {"prompt": PROMPT}


def assert_refused(answer: httpx.Response, code: int) -> None:
    """401 in Kling's envelope, with this code."""
    body = answer.json()
    assert (answer.status_code, body["code"]) == (401, code), body
    assert body.keys() == {"code", "message", "request_id"}
    assert body["message"]


CALLS = [
    pytest.param("POST", TEXT, id="submit"),
    pytest.param("GET", f"{TEXT}/867283741759111202", id="poll"),
    pytest.param("GET", TEXT, id="list"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    ("header", "code"),
    [
        pytest.param(None, 1001, id="none"),
        pytest.param("", 1001, id="empty"),
        pytest.param("Bearer", 1002, id="no-key"),
        pytest.param("Bearer  a-key", 1002, id="two-blanks"),
        pytest.param("Bearer a key", 1002, id="blank-in-key"),
        pytest.param("Basic YTpi", 1002, id="basic"),
        pytest.param("a-key", 1002, id="raw-key"),
        pytest.param("Bearer mock-invalid-1", 1002, id="invalid"),
        pytest.param("Bearer mock-expired-1", 1004, id="expired"),
        pytest.param("Bearer a.b.c", 1002, id="three-parts"),
    ],
)
def test_authorization_that_is_no_good(connect: Connect, method: str, path: str, header: str | None, code: int) -> None:
    """None is 1001, a malformed or invalid one 1002, an expired one 1004; before the body is looked at."""
    target = connect("kling")
    headers = {} if header is None else {"Authorization": header}

    assert_refused(target.account(None).request(method, path, headers=headers, content=b"{not json"), code)


def test_account_that_may_not(connect: Connect) -> None:
    """403/1103 where the account has no right to the resource."""
    answer = connect("kling").account("mock-forbidden-1").post(TEXT, json=JOB)

    assert (answer.status_code, answer.json()["code"]) == (403, 1103)
    assert answer.json().keys() == {"code", "message", "request_id"}


@pytest.mark.parametrize("word", ["Bearer", "bearer", "BEARER"])
def test_plain_key(connect: Connect, word: str) -> None:
    """A key is sent verbatim; the scheme's case does not matter."""
    target = connect("kling")

    answer = target.account(None).post(TEXT, json=JOB, headers={"Authorization": f"{word} {target.key}"})

    assert [task["id"] for task in target.tasks()] == [data_of(answer)["task_id"]]


@pytest.mark.parametrize("key", ["sk-a.b", "a.b.c.d", "ключ".encode().hex(), "k" * 500, "!#$%&'*+-^_`|~/="])
def test_plain_key_of_any_form(connect: Connect, key: str) -> None:
    """Every token is an account; only three dotted parts are a JWT."""
    target = connect("kling")

    data_of(target.account(f"{target.key}-{key}").post(TEXT, json=JOB))


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="documented"),
        pytest.param({"nbf": 0}, id="nbf-zero"),
        pytest.param({"exp": FAR_FUTURE + 0.5, "nbf": 1_000_000_000.5}, id="fractions"),
        pytest.param({"iat": FAR_FUTURE, "aud": "kling", "jti": "1"}, id="more-claims"),
    ],
)
def test_token(connect: Connect, more: Json) -> None:
    """`iss` is the account; without a configured secret the signature can't be judged."""
    target = connect("kling")

    answer = target.account(token(claims(target.key, **more), secret="whatever")).post(TEXT, json=JOB)

    assert [task["id"] for task in target.tasks()] == [data_of(answer)["task_id"]]


def test_token_without_nbf(connect: Connect) -> None:
    """What is not said to begin later is valid now."""
    target = connect("kling")

    data_of(target.account(token({"iss": target.key, "exp": FAR_FUTURE})).post(TEXT, json=JOB))


def test_tokens_of_one_account_are_one_account(connect: Connect) -> None:
    """The account is `iss`, whichever token names it, and the key of that name is the same one."""
    target = connect("kling")
    task_id = data_of(target.account(token(claims(target.key))).post(TEXT, json=JOB))["task_id"]

    fresh = target.account(token(claims(target.key, exp=FAR_FUTURE + 1)))
    stranger = target.account(token(claims(target.key + "-stranger")))

    assert data_of(fresh.get(f"{TEXT}/{task_id}"))["task_id"] == task_id
    assert data_of(target.client.get(f"{TEXT}/{task_id}"))["task_id"] == task_id
    assert stranger.get(f"{TEXT}/{task_id}").status_code == 404


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        pytest.param(token(claims("a", exp=1_000_000_001)), 1004, id="expired"),
        pytest.param(token(claims("a", nbf=FAR_FUTURE - 1)), 1003, id="not-yet-valid"),
        pytest.param(token({"exp": FAR_FUTURE}), 1002, id="no-iss"),
        pytest.param(token({"iss": "a", "nbf": 0}), 1002, id="no-exp"),
        pytest.param(token(claims("")), 1002, id="empty-iss"),
        pytest.param(token(claims(7)), 1002, id="iss-number"),
        pytest.param(token(claims("a", exp="4000000000")), 1002, id="exp-text"),
        pytest.param(token(claims("a", exp=None)), 1002, id="exp-null"),
        pytest.param(token(claims("a", exp=True)), 1002, id="exp-true"),
        pytest.param(token(claims("a", nbf="0")), 1002, id="nbf-text"),
        pytest.param(token([1]), 1002, id="claims-list"),
        pytest.param(token(claims("a"), header={"alg": "HS384", "typ": "JWT"}, digest="sha384"), 1002, id="hs384"),
        pytest.param(token(claims("a"), header={"alg": "RS256", "typ": "JWT"}), 1002, id="rs256"),
        pytest.param(token(claims("a"), header={"alg": "none", "typ": "JWT"}), 1002, id="alg-none"),
        pytest.param(token(claims("a"), header={"alg": "none"}).rpartition(".")[0] + ".", 1002, id="unsigned"),
        pytest.param(token(claims("a"), header={"typ": "JWT"}), 1002, id="no-alg"),
        pytest.param(token(claims("a"), header=["HS256"]), 1002, id="header-list"),
        pytest.param("not.a.token", 1002, id="no-base64"),
        pytest.param("..", 1002, id="empty-parts"),
        pytest.param(f"{part(b'{')}.{part(b'{}')}.{part(b'x')}", 1002, id="header-cut"),
        pytest.param(f"{part_of(dict(HS256))}.{part(b'iss')}.{part(b'x')}", 1002, id="claims-cut"),
        pytest.param(token(claims("mock-invalid-1")), 1002, id="account-invalid"),
        pytest.param(token(claims("mock-expired-1")), 1004, id="account-expired"),
    ],
)
def test_token_that_is_no_good(connect: Connect, bad: str, code: int) -> None:
    """`exp` past is 1004, nbf ahead 1003, everything malformed or of another algorithm 1002; always 401."""
    target = connect("kling")

    assert_refused(target.account(bad).post(TEXT, json=JOB), code)


HEADER = "Authorization is not Bearer with one blank and a token"
TOKEN = "Authorization is not valid; a token needs HS256, iss, exp and the signature of its account"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        pytest.param("Basic YTpi", HEADER, id="basic"),
        pytest.param("Bearer  a-key", HEADER, id="two-blanks"),
        pytest.param("Bearer a.b.c", TOKEN, id="no-base64"),
        pytest.param(f"Bearer {token({'iss': 'a'})}", TOKEN, id="no-exp"),
        pytest.param(f"Bearer {token({'exp': FAR_FUTURE})}", TOKEN, id="no-iss"),
        pytest.param(f"Bearer {token(claims('a'), header={'alg': 'none'})}", TOKEN, id="alg-none"),
        pytest.param("Bearer mock-invalid", TOKEN, id="invalid"),
    ],
)
def test_refusal_says_what_is_wrong(connect: Connect, header: str, message: str) -> None:
    """The same code for both, and a truth for each: about the header around a key, or about the key in it."""
    answer = connect("kling").account(None).post(TEXT, json=JOB, headers={"Authorization": header})

    assert_refused(answer, 1002)
    assert answer.json()["message"] == message


def test_times_of_a_token_at_their_boundary() -> None:
    """Valid from nbf on, and until just before exp, in wall time whatever the vendor's clock says."""
    wall = [1_800_000_000_000]
    fake = Fake([specs.load("kling")], Settings(clock="manual"), wall_ms=lambda: wall[0])
    with in_process(fake, "kling") as target:
        client = target.account(token({"iss": target.key, "nbf": 1_800_000_010, "exp": 1_800_000_020}))
        seen = {}
        for moment in (0, 9_999, 10_000, 19_999, 20_000, 25_000):
            wall[0] = 1_800_000_000_000 + moment
            seen[moment] = client.get(TEXT).json()["code"]

    assert seen == {0: 1003, 9_999: 1003, 10_000: 0, 19_999: 0, 20_000: 1004, 25_000: 1004}


def test_token_expires_while_it_is_in_use(server_url: str) -> None:
    """A token that was verified once is judged again: it is refused as soon as its time is over."""
    with over_socket(server_url, "kling") as target:
        short = target.account(token({"iss": target.key, "exp": time.time() + 0.5}))
        data_of(short.get(TEXT))
        data_of(short.get(TEXT))
        deadline = time.monotonic() + 10
        while (answer := short.get(TEXT)).status_code == 200:
            assert time.monotonic() < deadline

    assert_refused(answer, 1004)


def test_manual_clock_does_not_age_a_token(connect: Connect) -> None:
    """A jump of the vendor's clock leaves wall time alone, and so the token."""
    target = connect("kling")
    client = target.account(token(claims(target.key)))
    data_of(client.get(TEXT))

    target.advance(90 * 365 * 24 * 3600)

    data_of(client.get(TEXT))


@pytest.fixture(scope="module", params=EDGES)
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server that knows the secrets of two accounts."""
    file: Path = tmp_path_factory.mktemp("accounts") / "accounts.yaml"
    file.write_text(
        "access-key: {secret: s3cret-of-the-first}\nother-key: {secret: s3cret-of-the-other}\n", encoding="utf-8"
    )
    with played(request.param, "kling", accounts=file) as target:
        yield target


def test_signature_is_judged_where_the_secret_is_known(guarded: Target) -> None:
    """Signed with the account's own secret, nothing else."""
    right = token(claims("access-key"), secret="s3cret-of-the-first")

    task_id = data_of(guarded.account(right).post(TEXT, json=JOB))["task_id"]

    assert task_id in [task["id"] for task in use_key(guarded, "access-key", right).tasks()]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(token(claims("access-key"), secret="s3cret-of-the-other"), id="secret-of-another"),
        pytest.param(token(claims("access-key"), secret=""), id="empty-secret"),
        pytest.param(token(claims("access-key"), secret="s3cret-of-the-first")[:-4] + "AAAA", id="changed-signature"),
        pytest.param(token(claims("access-key")).rpartition(".")[0] + ".", id="no-signature"),
        pytest.param(token(claims("access-key"), secret="s3cret-of-the-first", header={"alg": "none"}), id="alg-none"),
        pytest.param(
            token(claims("access-key"), secret="s3cret-of-the-first", header={"alg": "HS384"}, digest="sha384"),
            id="hs384",
        ),
    ],
)
def test_wrong_signature(guarded: Target, bad: str) -> None:
    """1002, as everything invalid; also where its times are over. The message is about the token."""
    assert_refused(guarded.account(bad).get(TEXT), 1002)
    assert guarded.account(bad).get(TEXT).json()["message"] == TOKEN
    assert_refused(guarded.account(bad).post(TEXT, json=JOB), 1002)


@pytest.mark.parametrize(("more", "code"), [({"exp": 1_000_000_001}, 1004), ({"nbf": FAR_FUTURE - 1}, 1003)])
def test_right_signature_does_not_mend_the_times(guarded: Target, more: Json, code: int) -> None:
    """Signature and times are both judged."""
    bad = token(claims("access-key", **more), secret="s3cret-of-the-first")

    assert_refused(guarded.account(bad).get(TEXT), code)


def test_account_without_a_secret_beside_guarded_ones(guarded: Target) -> None:
    """Who is not listed is judged by form."""
    submitted(use_key(guarded, "nobody-special", token(claims("nobody-special"))), TEXT, JOB)
