"""What the admin API tells of calls and tasks, how it ends and forgets them, and that no key is told in clear."""

from __future__ import annotations

import json
from typing import Any

import pytest

from properties.administration import START, Admin, administered
from properties.promised import KINDS, VENDORS, Kind
from targets import make_fake

Json = Any
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@every_kind
async def test_journal_tells_every_call_of_the_vendor_and_none_of_the_admin(admin: Admin, kind: Kind) -> None:
    """Who, when, what, which status, which task; every violation, not only the first."""
    task_id = await admin.submit(kind)
    await admin.mine("GET", "/clock")
    broken, places = kind.broken_twice()
    await admin.vendor_call(kind, broken)
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
    assert {violation["pointer"] for violation in entries[1]["violations"]} >= places
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


NARROWED = [
    ("GET", "/clock", {"key"}),
    ("POST", "/clock", {"key"}),
    ("POST", "/reset", {"key"}),
    ("GET", "/requests", {"key", "vendor", "limit"}),
    ("GET", "/tasks", {"key", "vendor"}),
    ("POST", "/tasks/nobody", {"key"}),
]


@pytest.mark.parametrize(("method", "path", "known"), NARROWED)
async def test_parameter_that_a_call_does_not_have_is_refused(
    admin: Admin, method: str, path: str, known: set[str]
) -> None:
    """A slip in a name is a 400 that says which one it was, and which there are."""
    for slip in ("kye", "Key", "keys", "limits", "x[]"):
        answer = await admin.ask(method, f"{path}?key={admin.key}&{slip}=1", json={"advance_seconds": 0})
        assert answer.status_code == 400, slip
        assert f"'{slip}'" in answer.json()["detail"]
        assert {name for name in ("key", "vendor", "limit") if f"?{name}=" in answer.json()["detail"]} == known


@pytest.mark.parametrize("query", ["kye={key}", "key=", "key={key}&key=other", "=", "key"])
async def test_slip_in_the_key_is_not_a_call_about_all(query: str) -> None:
    """Nothing is forgotten and no clock moves when it is not clear whose."""
    async with administered(make_fake()) as admin:
        await admin.submit(KINDS[0])
        for path in ("/reset", "/clock"):
            answer = await admin.ask("POST", f"{path}?{query.format(key=admin.key)}", json={"advance_seconds": 5})
            assert answer.status_code == 400
            assert "key" in answer.json()["detail"]
        assert len((await admin.ask("GET", "/tasks")).json()["tasks"]) == 1
        assert (await admin.ask("GET", "/clock")).json()["now"] == START


async def test_unknown_account_has_nothing(admin: Admin) -> None:
    """Asking about a key that never called is no error, and makes no account."""
    odd = ("never-called", "é\U0001f600", "%00", "a" * 5000)
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
            for path in (
                "/requests",
                "/tasks",
                "/clock",
                "/health",
                f"/requests?vendor={VENDORS[0]}",
                "/requests?limit=1",
            )
        }
        shown = {entry["key"] for entry in json.loads(told["/requests"])["requests"] if entry["key"]}

    for path, text in told.items():
        assert key not in text, path
        assert key.encode().decode("latin-1") not in text, path
    assert key.count(".") == 2 or len(shown) == 2


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
    b'{"outcome": "fail", "reson": "moderation"}',
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
