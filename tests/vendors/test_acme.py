"""A sixth vendor, invented for this and made of data alone, goes through everything that the real ones go through."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

import specs
from contracts.cli import main
from fact_tables import EDGES, played, use_key
from mockserver import Fake, Settings
from mockserver.store import Bounds
from signed_tokens import claims, token
from targets import Json, Target, in_process, serving

ACME = Path(__file__).parent / "acme"
FILMS, ORDERS = "/studio/films", "/studio/orders"
JOB: dict[str, Json] = {"engine": "reel-1", "story": {"text": "A lighthouse in a storm"}}
LAYERS: dict[str, Json] = {"engine": "reel-1", "layers": [{"text": "[[fail:picture]]", "percent": 100}]}
START = 1_767_225_600

ACCOUNTS = "thrifty: {balance: 1}\nalone: {concurrency: 1}\nhasty: {rate: 1}\nsealed: {secret: s3cret}\n"


@pytest.fixture(scope="module", params=EDGES)
def acme(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The vendor on its own server; a test takes a key of its own with `use_key`."""
    file = tmp_path_factory.mktemp("accounts") / "accounts.yaml"
    file.write_text(ACCOUNTS, encoding="utf-8")
    with played(request.param, ACME, accounts=file) as target:
        yield target


def order(target: Target, job: Json) -> str:
    """The ticket of an accepted order."""
    answer = target.client.post(FILMS, json=job)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["order"]["ticket"])


def state(target: Target, ticket: str) -> dict[str, Json]:
    """The order as its poll shows it."""
    answer = target.client.get(f"{FILMS}/{ticket}/state")
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["order"])


def assert_trouble(answer: httpx.Response, status: int, kind: str) -> dict[str, Json]:
    """The vendor's no: its envelope, this status, this kind."""
    body = answer.json()
    assert (answer.status_code, body["trouble"]["kind"]) == (status, kind), body
    assert body.keys() == {"ok", "trace", "trouble"}
    assert body["ok"] is False
    return dict(body["trouble"])


def lint(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The status of `understudy lint`, and what it says."""
    status = main(["lint", str(folder)])
    told = capsys.readouterr()
    return status, told.out + told.err


# --- the pack ----------------------------------------------------------------------------------


def test_pack_loads_from_its_folder() -> None:
    """A folder is enough: nothing is registered, nothing is named in code."""
    pack = specs.load(ACME)

    assert (pack.name, pack.title) == ("acme", "Acme Filmworks")
    assert {name: operation.role for name, operation in pack.operations.items()} == {
        "orderFilm": "submit",
        "readFilm": "poll",
        "listOrders": "list",
    }
    assert "acme" not in specs.names()


def test_pack_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    """Lint finds nothing in it."""
    status, told = lint(ACME, capsys)

    assert status == 0, told


@pytest.mark.parametrize(
    ("file", "was", "is_now", "named"),
    [
        pytest.param("openapi.yaml", "maxLength: 120", "maxLenght: 120", "maxLenght", id="keyword-nobody-enforces"),
        pytest.param(
            "openapi.yaml",
            "value: {engine: reel-1, story",
            "value: {engine: reel-9, story",
            "minimal",
            id="example-breaks-schema",
        ),
        pytest.param("openapi.yaml", "percent: 40}", "percent: 41}", "layers", id="example-breaks-rule"),
        pytest.param(
            "behaviour.yaml", 'price: "$$${result.seconds}"', "price: free", "price", id="answer-breaks-schema"
        ),
        pytest.param(
            "behaviour.yaml",
            "{status: 404, body: {ok: false, trace: $call.id, trouble: {kind: engine",
            "{status: 404, body: {ok: 0, trace: $call.id, trouble: {kind: engine",
            "model_unknown",
            id="refusal-breaks-schema",
        ),
        pytest.param("sources.yaml", "    /narrator: handbook\n", "", "/narrator", id="constraint-without-source"),
        pytest.param("openapi.yaml", "enum: [Ada, Bo]", "enum: [Ada, no]", "no", id="yaml-trap"),
    ],
)
def test_lint_finds_what_is_wrong(  # noqa: PLR0913 - columns of the table
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, file: str, was: str, is_now: str, named: str
) -> None:
    """Each flaw is told with its file, and exit status 1."""
    folder = copied(tmp_path)
    edit(folder / file, was, is_now)

    status, told = lint(folder, capsys)

    assert status == 1, told
    assert named in told


def copied(tmp_path: Path) -> Path:
    """A copy of the pack that may be changed."""
    return Path(shutil.copytree(ACME, tmp_path / "acme"))


def edit(file: Path, was: str, is_now: str) -> None:
    """Puts one text in the place of another, which is there once."""
    text = file.read_text(encoding="utf-8")
    assert text.count(was) == 1, text.count(was)
    file.write_text(text.replace(was, is_now), encoding="utf-8")


# --- where it answers --------------------------------------------------------------------------


def test_addresses_of_a_vendor_that_is_alone() -> None:
    """Under its name, at the root, and by its documented host."""
    with serving(str(ACME), "--clock", "manual") as url:
        headers = {"Authorization": "Bearer somebody"}
        for path in (f"/acme{FILMS}", FILMS):
            assert httpx.post(f"{url}{path}", json=JOB, headers=headers).status_code == 201
        by_host = httpx.post(f"{url}{FILMS}", json=JOB, headers={**headers, "Host": "films.acme.example"})
        assert by_host.status_code == 201
        assert httpx.get(f"{url}/__understudy/health").json()["vendors"] == ["acme"]


def test_addresses_beside_another_vendor() -> None:
    """With company the root is nobody's, the documented host still is its own."""
    other = next(name for name in specs.names())
    with serving(str(ACME), other, "--clock", "manual") as url:
        headers = {"Authorization": "Bearer somebody"}
        assert httpx.post(f"{url}/acme{FILMS}", json=JOB, headers=headers).status_code == 201
        assert httpx.post(f"{url}{FILMS}", json=JOB, headers=headers).status_code == 404
        by_host = httpx.post(f"{url}{FILMS}", json=JOB, headers={**headers, "Host": "FILMS.acme.example:443"})
        assert by_host.status_code == 201


# --- a task's life -----------------------------------------------------------------------------


def test_submit(acme: Target) -> None:
    """Its own status, envelope, id and header; instants in seconds."""
    target = use_key(acme, "submit")

    answer = target.client.post(FILMS, json=JOB)

    assert answer.status_code == 201
    body = answer.json()
    shown = body["order"]
    assert re.fullmatch(r"AC-[0-9]{9}", shown["ticket"])
    assert shown == {"ticket": shown["ticket"], "stage": "waiting", "placed": START, "moved": START, "percent": 0}
    assert (body["ok"], answer.headers["Location"]) == (True, f"{FILMS}/{shown['ticket']}/state")


def test_life(acme: Target) -> None:
    """Its own words, at the instants that its durations give: 5 s, then 30 s and one for each second of film."""
    target = use_key(acme, "life")
    ticket = order(target, {**JOB, "cut": {"length": 6}})
    placed = state(target, ticket)["placed"]
    seen: dict[int, dict[str, Json]] = {}
    for moment in (0, 4, 5, 23, 40, 41, 600):
        target.advance(moment - max(seen, default=0))
        seen[moment] = state(target, ticket)

    assert {moment: shown["stage"] for moment, shown in seen.items()} == {
        **dict.fromkeys((0, 4), "waiting"),
        **dict.fromkeys((5, 23, 40), "filming"),
        **dict.fromkeys((41, 600), "screened"),
    }
    assert [shown["moved"] - placed for shown in seen.values()] == [0, 0, 5, 5, 5, 41, 41]
    percents = [shown["percent"] for shown in seen.values()]
    assert percents == sorted(percents)
    assert (percents[:2], percents[3], percents[-2:]) == ([0, 0], 50, [100, 100])
    assert max(percents[:-2]) < 100
    assert [moment for moment, shown in seen.items() if "reel" in shown] == [41, 600]
    reel = seen[41]["reel"]
    assert (reel["seconds"], reel["price"]) == (6, "$6")
    assert target.account(None).get(reel["href"]).content[4:8] == b"ftyp"
    target.advance(41)
    gone = target.account(None).get(reel["href"])
    assert (gone.status_code, gone.text) == (410, "burnt")


@pytest.mark.parametrize(
    ("job", "why"),
    [
        pytest.param({**JOB, "story": {"text": "[[fail]]"}}, "jam", id="story"),
        pytest.param({**JOB, "story": {"text": "[[fail:moderation]]"}}, "censor", id="moderation"),
        pytest.param(LAYERS, "still", id="layer"),
        pytest.param({**JOB, "still": "https://gone.invalid/a.png"}, "still", id="lost-still"),
        pytest.param({**JOB, "still": "http://10.0.0.1/a.png"}, "still", id="private-still"),
    ],
)
def test_failure(acme: Target, job: Json, why: str) -> None:
    """Directives in its own prompts, unfetchable media in its own members; told in its own words."""
    target = use_key(acme, "failure")
    ticket = order(target, job)
    target.advance(60)

    shown = state(target, ticket)

    assert (shown["stage"], shown["scrapped"]["why"]) == ("scrapped", why)
    assert "reel" not in shown


def test_other_directives(acme: Target) -> None:
    """[[stuck]], [[slow:N]] and [[reject]] know no vendor either."""
    target = use_key(acme, "directives")
    stuck, slow = (order(target, {**JOB, "story": {"text": text}}) for text in ("[[stuck]]", "[[slow:1000]]"))
    assert_trouble(target.client.post(FILMS, json={**JOB, "story": {"text": "[[reject]]"}}), 451, "censor")

    target.advance(1004)
    assert [state(target, ticket)["stage"] for ticket in (stuck, slow)] == ["filming", "filming"]
    target.advance(1)
    assert [state(target, ticket)["stage"] for ticket in (stuck, slow)] == ["filming", "screened"]


@pytest.mark.parametrize("edge", EDGES)
def test_steps_by_polls(edge: str) -> None:
    """With the clock `polls` each poll is a step."""
    with played(edge, ACME, clock="polls") as target:
        ticket = order(target, JOB)

        assert [state(target, ticket)["stage"] for _ in range(3)] == ["filming", "screened", "screened"]


def test_list(acme: Target) -> None:
    """Its own parameters with their own ranges, its own refusal for them; newest first."""
    target = use_key(acme, "list")
    tickets = [order(target, JOB) for _ in range(6)][::-1]

    def sheet(query: str) -> list[str]:
        return [shown["ticket"] for shown in target.client.get(f"{ORDERS}{query}").json()["orders"]]

    assert sheet("") == tickets[:4]
    assert sheet("?sheet=2") == tickets[4:]
    assert sheet("?rows=10") == tickets
    assert sheet("?sheet=20&rows=10") == []
    for query in ("?sheet=21", "?sheet=0", "?rows=11", "?rows=0", "?rows=x"):
        assert assert_trouble(target.client.get(f"{ORDERS}{query}"), 416, "sheet")["at"] == f"/{query[1:6].rstrip('=')}"


def test_clients_own_id(acme: Target) -> None:
    """A reference, nested in the body: echoed, found by it, unique in the account."""
    target = use_key(acme, "reference")
    job = {**JOB, "labels": {"reference": "mine/1"}}
    ticket = order(target, job)

    shown = state(target, quote("mine/1", safe=""))

    assert (shown["ticket"], shown["reference"]) == (ticket, "mine/1")
    assert assert_trouble(target.client.post(FILMS, json=job), 422, "order")["at"] == "/labels/reference"


# --- who may what ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "status", "kind"),
    [
        (None, 401, "no-pass"),
        ("Bearer", 401, "odd-pass"),
        ("Bearer  two", 401, "odd-pass"),
        ("Bearer mock-invalid", 401, "bad-pass"),
        ("mock-invalid-raw", 401, "bad-pass"),
        ("Bearer mock-expired", 419, "late"),
        ("Bearer mock-forbidden", 403, "closed"),
        ("Bearer mock-broke", 402, "purse"),
        ("Bearer mock-throttled", 429, "haste"),
        (f"Bearer {token({'iss': 'a', 'exp': 4_000_000_000})}", 401, "bad-pass"),
        (f"Bearer {token({'sub': 'a', 'exp': 1_000_000_000})}", 419, "late"),
        (f"Bearer {token({'sub': 'a', 'exp': 4_000_000_000, 'nbf': 3_999_999_999})}", 425, "early"),
        (f"Bearer {token({'sub': 'sealed', 'exp': 4_000_000_000}, secret='wrong')}", 401, "bad-pass"),
    ],
)
def test_account_in_trouble(acme: Target, header: str | None, status: int, kind: str) -> None:
    """Its own mixture: tokens by `sub`, raw keys, one blank; each refusal in its own status and words."""
    answer = acme.account(None).post(FILMS, json=JOB, headers={"Authorization": header} if header else {})

    assert_trouble(answer, status, kind)
    assert ("WWW-Authenticate" in answer.headers) is (kind == "no-pass")
    assert ("Retry-After" in answer.headers) is (kind == "haste")


def test_one_account_by_three_credentials(acme: Target) -> None:
    """Bearer key, raw key, token: the same account, and nobody else's."""
    target = use_key(acme, "sealed")
    ticket = order(target, JOB)
    credentials = ("Bearer sealed", "sealed", f"Bearer {token({**claims(''), 'sub': 'sealed'}, secret='s3cret')}")

    for header in credentials:
        answer = target.account(None).get(f"{FILMS}/{ticket}/state", headers={"Authorization": header})
        assert answer.status_code == 200, header
    assert_trouble(target.account("stranger").get(f"{FILMS}/{ticket}/state"), 410, "no-order")


def test_limits_of_accounts(acme: Target) -> None:
    """Balance, slots and rate, each with its own refusal."""
    order(use_key(acme, "thrifty"), JOB)
    assert_trouble(acme.client.post(FILMS, json=JOB), 402, "purse")

    ticket = order(use_key(acme, "alone"), JOB)
    full = acme.client.post(FILMS, json=JOB)
    assert_trouble(full, 409, "full")
    acme.advance(int(full.headers["Retry-After"]))
    assert state(acme, ticket)["stage"] == "screened"
    order(acme, JOB)

    order(use_key(acme, "hasty"), JOB)
    assert_trouble(acme.client.get(ORDERS), 429, "haste")


# --- what it refuses ---------------------------------------------------------------------------


SUBMIT, POLL = f"POST {FILMS}", f"GET {FILMS}/AC-123456789/state"
CUT_JSON = {"content": b"{", "headers": {"Content-Type": "application/json"}}


@pytest.mark.parametrize(
    ("call", "more", "status", "kind"),
    [
        pytest.param("GET /nowhere", {}, 404, "nowhere", id="route"),
        pytest.param(POLL.removesuffix("/state"), {}, 404, "nowhere", id="route-cut"),
        pytest.param(f"DELETE {FILMS}", {}, 405, "verb", id="method"),
        pytest.param(POLL.replace("GET", "POST"), {"json": JOB}, 405, "verb", id="method-of-poll"),
        pytest.param(POLL, {}, 410, "no-order", id="task"),
        pytest.param(SUBMIT, {"content": b"{}"}, 415, "paper", id="no-media-type"),
        pytest.param(SUBMIT, CUT_JSON, 400, "scribble", id="json"),
        pytest.param(SUBMIT, {"json": {"story": {"text": ""}}}, 422, "no-engine", id="model-missing"),
        pytest.param(SUBMIT, {"json": {"engine": "", "x": 1}}, 422, "no-engine", id="model-empty"),
        pytest.param(SUBMIT, {"json": {"engine": "reel-3", "x": 1}}, 404, "engine", id="model-unknown"),
    ],
)
def test_refusal(acme: Target, call: str, more: Json, status: int, kind: str) -> None:
    """The catalogue, reached by calls."""
    method, _, path = call.partition(" ")

    answer = use_key(acme, "refused").client.request(method, path, **more)

    assert_trouble(answer, status, kind)
    assert ("Allow" in answer.headers) is (status == 405)


def test_refusals_of_a_small_server() -> None:
    """What needs a limit of the server: a body too large, and no room for another task."""
    fake = Fake([specs.load(ACME)], Settings(clock="manual", body_max=300, bounds=Bounds(tasks=1)), wall_ms=lambda: 1)
    with in_process(fake, "acme") as target:
        order(target, JOB)

        assert_trouble(target.client.post(FILMS, json=JOB), 503, "strike")
        assert_trouble(target.client.post(FILMS, json={**JOB, "story": {"text": "a" * 300}}), 413, "heavy")
