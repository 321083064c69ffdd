"""The admin API: health, its own document, the clock, and the token that guards it; errors as problem+json."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate

import specs
from mockserver.app import create_app
from mockserver.fake import Fake, Settings
from properties.administration import PREFIX, PROBLEM, START, Admin, administered
from properties.promised import KINDS, VENDORS, Kind, fresh_key
from targets import make_fake

Json = Any
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


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


async def test_address_alone_says_what_there_is(admin: Admin) -> None:
    """With a slash at its end or without: every call, every page, and the document, all of which can be asked for."""
    index = (await admin.ask("GET", "/")).json()
    bare = await admin.client.get(PREFIX)

    assert bare.status_code == 200
    assert bare.json() == index
    documented = admin.document["paths"]
    assert {(call["method"].lower(), call["path"].removeprefix(PREFIX)) for call in index["calls"]} == {
        (method, path) for path, methods in documented.items() for method in methods
    }
    assert (await admin.client.get(index["document"])).json() == admin.document
    assert sorted(index["docs"]) == sorted(VENDORS)
    for page in index["docs"].values():
        assert (await admin.client.get(page)).headers["content-type"].startswith("text/html")


UNKNOWN = [
    ("GET", "/nowhere"),
    ("GET", "/tasks/a/b"),
    ("POST", "/health"),
    ("DELETE", "/clock"),
    ("PUT", "/requests"),
]


@pytest.mark.parametrize(("method", "path"), UNKNOWN)
async def test_what_is_not_in_the_api_is_a_problem(admin: Admin, method: str, path: str) -> None:
    """An unknown path or method is answered as a problem that says where the document is, and which methods are."""
    answer = await admin.ask(method, path)

    assert answer.status_code == (404 if method == "GET" else 405)
    assert ("allow" in answer.headers) == (answer.status_code == 405)
    assert f"{PREFIX}/openapi.json" in answer.json()["detail"]


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
    b'{"advance_seconds": 5, "mode": "manual"}',
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
    """Running ones begin now and run; standing ones begin at a fixed instant; all jump when told, for all accounts."""
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


TOKEN = "open-sesame"
GUARDED = [
    ("GET", "/"),
    ("GET", "/clock"),
    ("POST", "/clock"),
    ("POST", "/reset"),
    ("GET", "/requests"),
    ("GET", "/tasks"),
    ("POST", "/tasks/nobody"),
]
WRONG: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Bearer "},
    {"Authorization": "Bearer"},
    {"Authorization": f"Bearer {TOKEN.upper()}"},
    {"Authorization": TOKEN},
    {"Authorization": f"Basic {TOKEN}"},
    {"Authorization": f"Bearer{TOKEN}"},
)


@asynccontextmanager
async def guarded() -> AsyncIterator[Admin]:
    """The admin API of a fake with a token; its document is read with it, nothing else is sent with it by itself."""
    transport = httpx.ASGITransport(create_app(make_fake(), admin_token=TOKEN))
    async with httpx.AsyncClient(base_url="http://fake", transport=transport) as client:
        answer = await client.get(f"{PREFIX}/openapi.json", headers={"Authorization": f"Bearer {TOKEN}"})
        yield Admin(client, answer.json(), fresh_key())


@pytest.mark.parametrize(("method", "path"), GUARDED)
async def test_token_guards_every_admin_call(method: str, path: str) -> None:
    """With a token set, a call without it, or with another, is a 401; with it, it is served."""
    async with guarded() as admin:
        for headers in WRONG:
            answer = await admin.ask(method, path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert TOKEN not in answer.text
        body = {"/clock": {"advance_seconds": 1}, "/tasks/nobody": {"outcome": "fail"}}.get(path)
        for scheme in ("Bearer", "bearer", "BEARER", "Bearer "):
            served = await admin.ask(method, path, headers={"Authorization": f"{scheme} {TOKEN}"}, json=body)
            assert served.status_code == (404 if path.startswith("/tasks/") else 204 if path == "/reset" else 200)


async def test_documents_and_pages_need_the_token_too() -> None:
    """Whoever may not call the API is not shown around in it; with the token everything is there."""
    async with guarded() as admin:
        pages = ("", "/openapi.json", "/docs", f"/docs/{VENDORS[0]}", f"/docs/{VENDORS[0]}/openapi.json")
        for path in (*pages, "/viewer/start.js", "/nowhere"):
            answer = await admin.client.get(PREFIX + path)
            assert answer.status_code == 401, path
            assert answer.headers["content-type"] == PROBLEM, path
        for path in (*pages, "/viewer/start.js"):
            served = await admin.client.get(PREFIX + path, headers={"Authorization": f"bearer {TOKEN}"})
            assert served.status_code == 200, path


async def test_health_alone_is_open_under_a_token() -> None:
    """Who only asks whether it lives needs no token; vendors' calls know nothing of it."""
    async with guarded() as admin:
        assert (await admin.ask("GET", "/health")).status_code == 200
        assert (await admin.vendor_call(KINDS[0], KINDS[0].with_prompt("a"))).is_success
        for path in ("/health/../tasks", "/health%2f..%2ftasks", "/docs/../tasks", "//tasks", "/healthy", "/health/"):
            assert (await admin.client.get(PREFIX + path)).status_code in (401, 404), path


async def test_empty_token_is_none_that_protects() -> None:
    """A token that says nothing is a mistake, not an open door."""
    with pytest.raises(ValueError, match="empty"):
        create_app(make_fake(), admin_token="")
