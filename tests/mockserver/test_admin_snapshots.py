"""Snapshots and forks by the admin API: out, in, and refused; each answer is documented in the API's own document."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from properties.administration import Admin, administered
from properties.promised import KINDS, fresh_key
from targets import make_fake

Json = Any
KIND = KINDS[0]


@pytest.fixture
async def own() -> AsyncIterator[Admin]:
    """The admin API of a fake that nobody else uses."""
    async with administered(make_fake(body_max=100_000)) as admin:
        yield admin


async def test_snapshot_goes_out_and_comes_back(own: Admin) -> None:
    """By 200 with what was put back; what was done since is forgotten."""
    task_id = await own.submit(KIND)
    taken = await own.ask("GET", "/snapshot")
    await own.submit(KIND)
    put = await own.ask("PUT", "/snapshot", content=taken.content)

    assert (put.status_code, put.json()) == (200, {"accounts": 1, "tasks": 1, "requests": 1})
    tasks = await own.mine("GET", "/tasks")
    assert [task["id"] for task in tasks["tasks"]] == [task_id]
    assert (await own.ask("GET", "/snapshot")).content == taken.content


async def test_snapshot_is_laid_out_for_people(own: Admin) -> None:
    """One member a line, so that two of them can be compared; requests as they are, no key."""
    await own.submit(KIND, "a kite above a beach")
    text = (await own.ask("GET", "/snapshot")).text

    assert text.endswith("\n}\n")
    assert "a kite above a beach" in text.split('"request": {')[1].partition("}")[0]
    assert own.key not in text


async def test_key_narrows_the_snapshot(admin: Admin) -> None:
    """To one account out, and to that account back in, on both edges."""
    task_id = await admin.submit(KIND)
    taken = await admin.mine("GET", "/snapshot")
    await admin.submit(KIND)
    counts = await admin.mine("PUT", "/snapshot", json=taken)

    assert taken["scope"] == "account"
    assert counts == {"accounts": 1, "tasks": 1, "requests": 1}
    assert [task["id"] for task in (await admin.mine("GET", "/tasks"))["tasks"]] == [task_id]
    assert (await admin.poll(KIND, task_id)).status_code == 200


async def test_snapshot_of_a_stranger_is_an_account_with_nothing(admin: Admin) -> None:
    """Put back, it is forgotten again."""
    taken = await admin.mine("GET", "/snapshot")
    await admin.submit(KIND)
    counts = await admin.mine("PUT", "/snapshot", json=taken)

    assert counts == {"accounts": 1, "tasks": 0, "requests": 0}
    assert (await admin.mine("GET", "/tasks"))["tasks"] == []
    assert (await admin.mine("GET", "/requests"))["requests"] == []


async def test_bad_snapshot_changes_nothing(own: Admin) -> None:
    """Not JSON, another version, a slip within, too long, too much: each is a problem, and all is as before."""
    await own.submit(KIND)
    before = await own.ask("GET", "/snapshot")
    good = before.json()
    slip = json.loads(before.content)
    slip["accounts"][0]["tasks"][0]["created_at"] = "soon"
    cases: list[tuple[Json, int, str]] = [
        (b"{", 400, "the body is not JSON"),
        (b"[]", 400, "the body must be a JSON object"),
        (json.dumps({**good, "version": 9}), 400, "/version: the snapshot is of version 9, and this understudy reads"),
        (json.dumps(slip), 400, "/accounts/0/tasks/0/created_at: must be a valid date-time"),
        (b" " * 200_000, 413, "at most 100000 bytes"),
    ]
    for content, status, said in cases:
        answer = await own.ask("PUT", "/snapshot", content=content)
        assert answer.status_code == status
        assert said in answer.json()["detail"]

    assert (await own.ask("GET", "/snapshot")).content == before.content


async def test_fork_copies_an_account(admin: Admin) -> None:
    """201 with what was copied; the copy's task is found by the same id under the other key."""
    task_id, other = await admin.submit(KIND), fresh_key()
    answer = await admin.ask("POST", "/fork", json={"from": admin.key, "to": other})

    assert (answer.status_code, answer.json()) == (201, {"accounts": 1, "tasks": 1, "requests": 1})
    tasks = (await admin.ask("GET", f"/tasks?key={other}")).json()["tasks"]
    assert [task["id"] for task in tasks] == [task_id]


async def test_task_of_two_accounts_is_ended_in_one(admin: Admin) -> None:
    """Which one must be said."""
    task_id, other = await admin.submit(KIND), fresh_key()
    await admin.ask("POST", "/fork", json={"from": admin.key, "to": other})
    unclear = await admin.ask("POST", f"/tasks/{task_id}", json={"outcome": "complete"})
    ended = await admin.ask("POST", f"/tasks/{task_id}?key={other}", json={"outcome": "complete"})

    assert unclear.status_code == 409
    assert unclear.json()["detail"] == f"2 accounts have a task '{task_id}'; say which is meant by ?key="
    assert ended.json()["status"] == KIND.words["done"]
    assert (await admin.mine("GET", "/tasks"))["tasks"][0]["status"] == KIND.words["queued"]


FORKS = (
    ({"from": "a"}, 400, "to must be the key of an account"),
    ({"from": "", "to": "b"}, 400, "from must be the key of an account"),
    ({"from": 5, "to": "b"}, 400, "from must be the key of an account"),
    ({"from": "a", "to": "a"}, 400, "from and to are the same key"),
    ({"from": "a", "to": "b", "too": "c"}, 400, "there is no member 'too' here"),
    ({"from": "nobody-here", "to": "b"}, 404, "nothing is remembered of the account in from"),
)


@pytest.mark.parametrize(("body", "status", "said"), FORKS, ids=lambda value: str(value)[:40])
async def test_fork_that_is_none_is_refused(admin: Admin, body: Json, status: int, said: str) -> None:
    """With a problem that says which member, and why."""
    answer = await admin.ask("POST", "/fork", json=body)

    assert answer.status_code == status
    assert said in answer.json()["detail"]


async def test_fork_to_a_key_in_use_loses_nothing(admin: Admin) -> None:
    """409 with the way out."""
    other = fresh_key()
    await admin.submit(KIND)
    await admin.vendor_call(KIND, KIND.with_prompt("a cat"), other)
    answer = await admin.ask("POST", "/fork", json={"from": admin.key, "to": other})

    assert answer.status_code == 409
    assert "has made calls already; copy to a key that is new, or forget its tasks by" in answer.json()["detail"]
    assert len((await admin.ask("GET", f"/tasks?key={other}")).json()["tasks"]) == 1
