"""The admin API: time, state and journal as documented, errors as problem+json, and no key in clear anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from properties.promised import KINDS, VENDORS, Kind, fresh_key
from targets import make_fake

import specs
from mockserver.app import create_app
from mockserver.fake import Fake, Settings
from specs.validation import compile_schema

Json = Any
PREFIX = "/__understudy"
START = "2026-01-01T00:00:00.000Z"
PROBLEM = "application/problem+json"
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


class Admin:
    """A client of the admin API that compares every answer with the API's own document."""

    def __init__(self, client: httpx.AsyncClient, document: Json, key: str) -> None:
        self.client = client
        self.document = document
        self.key = key

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One call, whose answer is documented for it."""
        answer = await self.client.request(method, PREFIX + path, **more)
        self.judge(method, path.partition("?")[0], answer)
        return answer

    def judge(self, method: str, path: str, answer: httpx.Response) -> None:
        """A documented status, its media type and its schema; off the document, a problem."""
        operation = self._operation(path).get(method.lower())
        if operation is None:
            assert answer.status_code in (404, 405), answer.text
            media_type, schema = PROBLEM, {"$ref": "#/components/schemas/Problem"}
        else:
            content = operation["responses"][str(answer.status_code)].get("content", {})
            if not content:
                assert answer.content == b""
                return
            media_type, schema = next((name, each["schema"]) for name, each in content.items())
        assert answer.headers["content-type"].partition(";")[0] == media_type
        validator = compile_schema({**schema, "components": self.document["components"]})
        assert [error.message for error in validator.iter_errors(answer.json())] == []
        if media_type == PROBLEM:
            assert answer.json()["status"] == answer.status_code

    def _operation(self, path: str) -> Json:
        paths = self.document["paths"]
        return paths.get(path) or (paths["/tasks/{id}"] if re.fullmatch("/tasks/[^/]+", path) else {})

    async def mine(self, method: str, path: str, **more: Any) -> Json:
        """A call about this account alone, that must succeed."""
        answer = await self.ask(method, path, params={"key": self.key, **more.pop("params", {})}, **more)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def vendor_call(self, kind: Kind, body: Json, key: str | None = None) -> httpx.Response:
        """A call to a vendor by this account, or another."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return await self.client.post(f"/{kind.pack.name}{kind.submit.path}", json=body, headers=headers)

    async def submit(self, kind: Kind, prompt: str = "a cat") -> str:
        """A job of this account; its id."""
        answer = await self.vendor_call(kind, kind.with_prompt(prompt))
        assert answer.is_success, answer.text
        return kind.task_id(answer.json())

    async def poll(self, kind: Kind, task_id: str) -> httpx.Response:
        """What the vendor says of the task."""
        path = f"/{kind.pack.name}{kind.poll_path(task_id)}"
        return await self.client.get(path, headers={"Authorization": f"Bearer {self.key}"})


@asynccontextmanager
async def administered(fake: Fake | str, **more: Any) -> AsyncIterator[Admin]:
    """The admin API of a fake, or of the server at a URL."""
    transport = None if isinstance(fake, str) else httpx.ASGITransport(create_app(fake, **more))
    base = fake if isinstance(fake, str) else "http://fake"
    async with httpx.AsyncClient(base_url=base, transport=transport, timeout=30) as client:
        document = (await client.get(f"{PREFIX}/openapi.json")).json()
        yield Admin(client, document, fresh_key())


@pytest.fixture(params=["in-process", "socket"])
async def admin(request: pytest.FixtureRequest) -> AsyncIterator[Admin]:
    """The admin API on both edges; others use the same fake, so tests keep to their own account."""
    name = "server_url" if request.param == "socket" else "shared_fake"
    async with administered(request.getfixturevalue(name)) as admin:
        yield admin


# --- health and the document ---------------------------------------------------------------------


async def test_health_names_the_vendors(admin: Admin) -> None:
    """Alive, with a version, and the vendors that are played."""
    health = (await admin.ask("GET", "/health")).json()

    assert health["status"] == "ok"
    assert health["vendors"] == VENDORS
    assert re.match(r"\d", health["version"])


async def test_document_is_valid_openapi(admin: Admin) -> None:
    """The API describes itself by a valid document."""
    validate(admin.document)
    assert admin.document["openapi"].startswith("3.1")


UNKNOWN = [
    ("GET", "/"),
    ("GET", "/nowhere"),
    ("GET", "/tasks/a/b"),
    ("POST", "/health"),
    ("DELETE", "/clock"),
    ("PUT", "/requests"),
]


@pytest.mark.parametrize(("method", "path"), UNKNOWN)
async def test_what_is_not_in_the_api_is_a_problem(admin: Admin, method: str, path: str) -> None:
    """An unknown path or method is answered as a problem that says where the document is."""
    answer = await admin.ask(method, path)

    assert answer.status_code in (404, 405)
    assert f"{PREFIX}/openapi.json" in answer.json()["detail"]


# --- clock ---------------------------------------------------------------------------------------


async def test_clock_of_one_account_moves_alone(admin: Admin) -> None:
    """`?key=` moves and shows that account's time; everybody else's stands."""
    before = (await admin.ask("GET", "/clock")).json()
    moved = await admin.mine("POST", "/clock", json={"advance_seconds": 30.5})

    assert moved == {"mode": "manual", "now": "2026-01-01T00:00:30.500Z"}
    assert await admin.mine("GET", "/clock") == moved
    assert (await admin.ask("GET", "/clock")).json() == before == {"mode": "manual", "now": START}


BAD_MOVES = (
    *(
        b"",
        b"{",
        b"[]",
        b"null",
        b"5",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"advance_seconds": null}',
        b'{"advance_seconds": "5"}',
    ),
    *(
        b'{"advance_seconds": -1}',
        b'{"advance_seconds": -0.001}',
        b'{"advance_seconds": true}',
        b'{"advance_seconds": NaN}',
    ),
    *(b'{"advance_seconds": 1e400}', b'{"advance_seconds": 1e12}', b'{"advance_seconds": [1]}', b'{"advance": 5}'),
)


@pytest.mark.parametrize("content", BAD_MOVES, ids=lambda content: repr(content[:30]))
async def test_move_that_is_none_is_refused(admin: Admin, content: bytes) -> None:
    """Time moves forward, by a number of seconds; anything else is a 400, and nothing moved."""
    answer = await admin.ask("POST", f"/clock?key={admin.key}", content=content)

    assert answer.status_code == 400
    assert (await admin.mine("GET", "/clock"))["now"] == START


async def test_clock_does_not_leave_the_calendar(admin: Admin) -> None:
    """Jumps add up; beyond what can be written as a date they are refused."""
    answers = [
        await admin.ask("POST", f"/clock?key={admin.key}", json={"advance_seconds": 3_000_000_000}) for _ in range(100)
    ]

    assert answers[0].status_code == 200
    assert answers[-1].status_code == 400
    assert (await admin.mine("GET", "/clock"))["now"] > "6"


@pytest.mark.parametrize(("mode", "runs"), [("real", 1), ("x10", 10), ("x0.5", 0.5), ("manual", 0), ("polls", 0)])
async def test_every_clock_tells_its_mode_runs_at_its_rate_and_jumps(mode: str, runs: float) -> None:
    """The running ones begin now and run; the standing ones begin at a fixed instant; all jump when told, for all accounts."""
    wall = [1_800_000_000_000]
    fake = Fake([specs.load(VENDORS[0])], Settings(clock=mode), wall_ms=lambda: wall[0])
    async with administered(fake) as admin:
        begun = (await admin.ask("GET", "/clock")).json()
        wall[0] += 20_000
        later = (await admin.ask("GET", "/clock")).json()
        jumped = (await admin.ask("POST", "/clock", json={"advance_seconds": 86400})).json()
        other = (await admin.ask("GET", "/clock?key=anybody")).json()

    assert begun["mode"] == later["mode"] == mode
    assert begun["now"] == ("2027-01-15T08:00:00.000Z" if runs else START)
    assert seconds(later["now"]) - seconds(begun["now"]) == 20 * runs
    assert seconds(jumped["now"]) - seconds(later["now"]) == 86400
    assert other == jumped


def seconds(instant: str) -> float:
    """An instant of January as seconds."""
    found = re.fullmatch(r"\d{4}-01-(\d\d)T(\d\d):(\d\d):(\d\d\.\d{3})Z", instant)
    assert found is not None
    return int(found[1]) * 86400 + int(found[2]) * 3600 + int(found[3]) * 60 + float(found[4])


@every_kind
async def test_advance_runs_what_falls_due(admin: Admin, kind: Kind) -> None:
    """After a jump over its plan a task is done at once."""
    task_id = await admin.submit(kind)
    await admin.mine("POST", "/clock", json={"advance_seconds": 1000})

    assert kind.state((await admin.poll(kind, task_id)).json()) == "done"


# --- journal -------------------------------------------------------------------------------------


@every_kind
async def test_journal_tells_every_call_of_the_vendor_and_none_of_the_admin(admin: Admin, kind: Kind) -> None:
    """Who, when, what, which status, which task; every violation, not only the first."""
    task_id = await admin.submit(kind)
    await admin.mine("GET", "/clock")
    await admin.vendor_call(kind, {"prompt": 5, "duration": {}, "negative_prompt": []})
    await admin.poll(kind, task_id)
    await admin.client.get(f"/{kind.pack.name}/nowhere", headers={"Authorization": f"Bearer {admin.key}"})

    entries = (await admin.mine("GET", "/requests"))["requests"]

    assert [entry["operation"] for entry in entries] == [kind.submit.id, kind.submit.id, kind.poll.id, None]
    assert [entry["task_id"] for entry in entries] == [task_id, None, task_id, None]
    assert [entry["method"] for entry in entries] == ["POST", "POST", "GET", "GET"]
    assert {entry["at"] for entry in entries} == {START}
    assert {entry["vendor"] for entry in entries} == {kind.pack.name}
    assert len({entry["id"] for entry in entries}) == 4
    assert entries[0]["violations"] == entries[2]["violations"] == []
    assert {violation["pointer"] for violation in entries[1]["violations"]} >= {"/prompt", "/duration"}
    assert entries[0]["path"] == kind.submit.path


async def test_journal_is_narrowed_by_vendor_and_limit(admin: Admin) -> None:
    """`vendor` keeps one vendor's, `limit` the newest so many; newest last."""
    ids = [await admin.submit(kind) for kind in KINDS]
    for number in (0, 1, 3, 1_000_000):
        entries = (await admin.mine("GET", "/requests", params={"limit": number}))["requests"]
        assert [entry["task_id"] for entry in entries] == ids[max(0, len(ids) - number) :]
    for vendor in VENDORS:
        expected = [task_id for task_id, kind in zip(ids, KINDS, strict=True) if kind.pack.name == vendor]
        entries = (await admin.mine("GET", "/requests", params={"vendor": vendor}))["requests"]
        assert [entry["task_id"] for entry in entries] == expected
        tasks = (await admin.mine("GET", "/tasks", params={"vendor": vendor}))["tasks"]
        assert [task["id"] for task in tasks] == expected


@pytest.mark.parametrize(
    "query", ["limit=-1", "limit=x", "limit=1.5", "limit=", "limit=1000001", "limit=٣", "vendor=nobody", "vendor="]
)
async def test_odd_narrowing_is_refused(admin: Admin, query: str) -> None:
    """A limit that is no count, and a vendor that is not served, are 400s that say so."""
    answer = await admin.ask("GET", f"/requests?{query}")

    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["detail"]


async def test_unknown_account_has_nothing(admin: Admin) -> None:
    """Asking about a key that never called is no error, and makes no account."""
    odd = ("never-called", "é\U0001f600", "", "%00", "a" * 5000)
    for key in odd:
        assert (await admin.ask("GET", "/requests", params={"key": key})).json() == {"requests": []}
        assert (await admin.ask("GET", "/tasks", params={"key": key})).json() == {"tasks": []}
        assert (await admin.ask("POST", "/reset", params={"key": key})).status_code == 204


SECRET_KEYS = ("sk-live-0123456789abcdef", "tiny", "clé-secrète-très-longue", "eyJhbGciOiJIUzI1NiJ9.e30.c2ln")


@pytest.mark.parametrize("key", SECRET_KEYS)
async def test_no_key_is_told_in_clear(key: str) -> None:
    """Neither the journal nor any other admin answer contains a key; two keys can still be told apart."""
    async with administered(make_fake()) as admin:
        for kind in KINDS:
            for secret in (key, key + "-2"):
                header = f"Bearer {secret}".encode()
                path = f"/{kind.pack.name}{kind.submit.path}"
                for content in (json.dumps(kind.with_prompt("a cat")), "{"):
                    await admin.client.post(
                        path,
                        content=content,
                        headers=[(b"Authorization", header), (b"Content-Type", b"application/json")],
                    )
        told = {
            path: (await admin.ask("GET", path)).text
            for path in ("/requests", "/tasks", "/clock", "/health", f"/requests?vendor={VENDORS[0]}", "/tasks?limit=1")
        }
        shown = {entry["key"] for entry in json.loads(told["/requests"])["requests"] if entry["key"]}

    for path, text in told.items():
        assert key not in text, path
        assert key.encode().decode("latin-1") not in text, path
    assert key.count(".") == 2 or len(shown) == 2


# --- reset and tasks -----------------------------------------------------------------------------


async def test_reset_forgets_one_account_and_keeps_the_clock() -> None:
    """Tasks, journal, ordinals of that account; its clock stays where it is."""
    async with administered(make_fake()) as admin:
        kind = KINDS[0]
        first = await admin.submit(kind)
        await admin.vendor_call(kind, kind.with_prompt("theirs"), key="other")
        await admin.mine("POST", "/clock", json={"advance_seconds": 5})
        await admin.mine("POST", "/reset")

        assert await admin.mine("GET", "/tasks") == {"tasks": []}
        assert await admin.mine("GET", "/requests") == {"requests": []}
        assert (await admin.mine("GET", "/clock"))["now"] == "2026-01-01T00:00:05.000Z"
        assert len((await admin.ask("GET", "/tasks")).json()["tasks"]) == 1
        assert await admin.submit(kind) == first


async def test_reset_of_all_forgets_everybody() -> None:
    """Without a key the reset is about all."""
    async with administered(make_fake()) as admin:
        for kind in KINDS:
            await admin.submit(kind)
            await admin.vendor_call(kind, kind.with_prompt("theirs"), key="other")
        assert (await admin.ask("POST", "/reset")).status_code == 204

        assert (await admin.ask("GET", "/tasks")).json() == {"tasks": []}
        assert (await admin.ask("GET", "/requests")).json() == {"requests": []}


@every_kind
async def test_tasks_are_listed_with_what_was_asked(admin: Admin, kind: Kind) -> None:
    """Oldest first, the vendor's word for each one's state now, and the request as it was sent."""
    body = kind.with_prompt("the first")
    first = kind.task_id((await admin.vendor_call(kind, body)).json())
    await admin.mine("POST", "/clock", json={"advance_seconds": 1000})
    second = await admin.submit(kind)

    tasks = (await admin.mine("GET", "/tasks"))["tasks"]

    assert [task["id"] for task in tasks] == [first, second]
    assert [task["status"] for task in tasks] == [kind.words["done"], kind.words["queued"]]
    assert [task["created_at"] for task in tasks] == [START, "2026-01-01T00:16:40.000Z"]
    assert tasks[0]["request"] == body
    assert tasks[0]["operation"] == kind.submit.id


@every_kind
async def test_task_can_be_ended_once(admin: Admin, kind: Kind) -> None:
    """Completed or failed now, as told, and never again: the second time is a 409 that names the state."""
    for outcome, state in (("complete", "done"), ("fail", "failed")):
        task_id = await admin.submit(kind, "[[stuck]]")
        ended = await admin.ask("POST", f"/tasks/{task_id}", json={"outcome": outcome})
        again = await admin.ask("POST", f"/tasks/{task_id}", json={"outcome": outcome})

        assert ended.status_code == 200
        assert (ended.json()["id"], ended.json()["status"]) == (task_id, kind.words[state])
        assert kind.state((await admin.poll(kind, task_id)).json()) == state
        assert again.status_code == 409
        assert kind.words[state] in again.json()["detail"]


@every_kind
async def test_reason_of_a_failure_is_told_by_the_vendor(admin: Admin, kind: Kind) -> None:
    """A reason is a failure of the pack by its name, or free words in the default one."""
    for reason in [*kind.pack.behaviour.failures.kinds, "the moon was full"]:
        task_id = await admin.submit(kind)
        await admin.ask("POST", f"/tasks/{task_id}", json={"outcome": "fail", "reason": reason})
        said = (await admin.poll(kind, task_id)).text
        known = kind.pack.behaviour.failures.kinds.get(reason)
        assert (str(known[kind.pack.behaviour.failures.text]) if known else reason) in said


BAD_ENDS = (
    b"",
    b"{",
    b"[]",
    b"{}",
    b'{"outcome": "done"}',
    b'{"outcome": null}',
    b'{"outcome": "fail", "reason": 5}',
    b'{"outcome": ["fail"]}',
)


@pytest.mark.parametrize("content", BAD_ENDS, ids=repr)
async def test_end_that_is_none_is_refused(admin: Admin, content: bytes) -> None:
    """An outcome is `complete` or `fail`; a refused call changes nothing."""
    kind = KINDS[0]
    task_id = await admin.submit(kind)
    answer = await admin.ask("POST", f"/tasks/{task_id}", content=content)

    assert answer.status_code == 400
    assert kind.state((await admin.poll(kind, task_id)).json()) == "queued"


async def test_end_of_an_unknown_task_is_not_found(admin: Admin) -> None:
    """Nobody's id is a 404; with `?key=`, so is another account's."""
    task_id = await admin.submit(KINDS[0])
    for path in ("/tasks/nobody", "/tasks/%00", "/tasks/é", f"/tasks/{task_id}?key=somebody-else"):
        assert (await admin.ask("POST", path, json={"outcome": "fail"})).status_code == 404
    assert (await admin.ask("POST", f"/tasks/{task_id}?key={admin.key}", json={"outcome": "fail"})).status_code == 200


# --- the token -----------------------------------------------------------------------------------

GUARDED = [
    ("GET", "/clock"),
    ("POST", "/clock"),
    ("POST", "/reset"),
    ("GET", "/requests"),
    ("GET", "/tasks"),
    ("POST", "/tasks/nobody"),
]
WRONG = (
    {},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Bearer "},
    {"Authorization": "open-sesame"},
    {"Authorization": "Basic open-sesame"},
)


@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_token_guards_every_admin_call(method: str, path: str) -> None:
    """With a token set, a call without it, or with another, is a 401 that says what is missing; with it, it is served."""
    async with administered(make_fake(), admin_token="open-sesame") as admin:
        for headers in WRONG:
            answer = await admin.ask(method, path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert "open-sesame" not in answer.text
        body = {"advance_seconds": 1, "outcome": "fail"} if method == "POST" else None
        served = await admin.ask(method, path, headers={"Authorization": "Bearer open-sesame"}, json=body)
        assert served.status_code == (404 if path.startswith("/tasks/") else 204 if path == "/reset" else 200)


async def test_health_and_documents_are_open_under_a_token() -> None:
    """Who only asks whether it lives, or what it promises, needs no token; vendors' calls know nothing of it."""
    async with administered(make_fake(), admin_token="open-sesame") as admin:
        for path in ("/health", "/openapi.json", "/docs", f"/docs/{VENDORS[0]}", f"/docs/{VENDORS[0]}/openapi.json"):
            assert (await admin.client.get(PREFIX + path)).status_code == 200, path
        assert (await admin.vendor_call(KINDS[0], KINDS[0].with_prompt("a"))).is_success
        for path in ("/health/../tasks", "/health%2f..%2ftasks", "/docs/../tasks", "//tasks"):
            assert (await admin.client.get(PREFIX + path)).status_code in (401, 404), path


# --- pages ---------------------------------------------------------------------------------------

FOREIGN = re.compile(r"""(?:https?:)?//[\w.-]+\.\w""")


@lru_cache
def linked() -> re.Pattern[str]:
    """What a page asks its browser to fetch."""
    return re.compile(r'(?:src|href|data-url)="([^"]*)"')


@pytest.mark.parametrize("vendor", VENDORS)
async def test_contract_page_is_whole_and_asks_no_other_host(admin: Admin, vendor: str) -> None:
    """Everything that the page links to is served from here, the contract among it, with this fake as its server."""
    page = await admin.client.get(f"{PREFIX}/docs/{vendor}")
    script = await admin.client.get(f"{PREFIX}/viewer/start.js")

    assert page.headers["content-type"].startswith("text/html")
    assert FOREIGN.findall(page.text) == FOREIGN.findall(script.text) == []
    for link in linked().findall(page.text):
        if link != "data:,":
            found = await admin.client.get(str(page.url.join(link)))
            assert found.status_code == 200, link
            assert found.content
    contract = (await admin.client.get(f"{PREFIX}/docs/{vendor}/openapi.json")).json()
    assert [server["url"] for server in contract["servers"]] == [str(page.url.join(f"/{vendor}"))]
    assert contract["paths"].keys() == specs.load(vendor).openapi["paths"].keys()
    validate(contract)


async def test_index_of_pages_links_to_every_vendor(admin: Admin) -> None:
    """One list, one link for each."""
    page = await admin.client.get(f"{PREFIX}/docs")

    for vendor in VENDORS:
        assert f'href="docs/{vendor}"' in page.text


@pytest.mark.parametrize(
    "path",
    ["/docs/nobody", "/docs/nobody/openapi.json", "/viewer/nothing.js", "/viewer/page.html", "/viewer/..%2fadmin.py"],
)
async def test_pages_that_do_not_exist_are_problems(admin: Admin, path: str) -> None:
    """Only what is meant to be shown is."""
    answer = await admin.client.get(PREFIX + path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == PROBLEM
