"""`GET /webhooks`: the log of deliveries, as the API's own document describes it."""

from __future__ import annotations

import pytest

from mockserver import Fake, Settings
from mockserver.accounts import Limits
from properties.administration import Admin, administered
from webhook_desk import SECRET, URL, WALL_MS, Desk

MEMBERS = {"task_id", "url", "event", "attempt", "at", "status", "signature_valid"}
MORE = {"id", "error", "fault"}


async def test_nothing_was_delivered(admin: Admin) -> None:
    """An account that wanted to be told nothing."""
    assert (await admin.mine("GET", "/webhooks")) == {"deliveries": []}


@pytest.mark.parametrize("query", ["kye=x", "vendor=kling", "key=", "key=a&key=b"])
async def test_unknown_query_is_refused(admin: Admin, query: str) -> None:
    """A call about all accounts must be meant."""
    assert (await admin.ask("GET", f"/webhooks?{query}")).status_code == 400


async def test_each_attempt_is_told() -> None:
    """One line for each, newest last, every member documented; of one account, or of all."""
    desk = Desk(answers=[500], limits={"key": Limits(webhook_secret=SECRET)})
    task = desk.submit()
    desk.submit(key="other")
    desk.fake.advance(6)
    async with administered(desk.fake) as admin:
        everything = (await admin.ask("GET", "/webhooks")).json()["deliveries"]
        mine = (await admin.ask("GET", "/webhooks?key=key")).json()["deliveries"]

    assert len(everything) == len(mine) + len(desk.fake.deliveries("other"))
    assert {frozenset(line) for line in everything} == {frozenset(MEMBERS | MORE)}
    first, second = mine[:2]
    assert {name: first[name] for name in MEMBERS} == {
        "task_id": task.id,
        "url": URL,
        "event": "submitted",
        "attempt": 1,
        "at": "2026-01-01T00:00:00.000Z",
        "status": 500,
        "signature_valid": True,
    }
    assert (second["attempt"], second["at"], second["status"]) == (2, "2026-01-01T00:00:05.000Z", 200)
    assert first["id"] == second["id"]


async def test_ended_task_is_told_before_the_answer() -> None:
    """And so is what falls due by the clock, for a receiver in the same process."""
    desk = Desk()
    task = desk.submit()
    async with administered(desk.fake) as admin:
        await admin.ask("POST", f"/tasks/{task.id}", json={"outcome": "fail", "reason": "no"})
        assert desk.events == ["submitted", "failed"]
        desk.submit()
        await admin.ask("POST", "/clock", json={"advance_seconds": 1000})

    assert desk.events == ["submitted", "failed", "submitted", "processing", "succeed"]


async def test_fake_that_nobody_carries_for_keeps_what_it_owes() -> None:
    """Without a receiver of its own and without a server nothing is sent, and nothing waits."""
    desk = Desk()
    desk.fake = Fake([desk.pack], Settings(clock="manual"), lambda: WALL_MS)
    desk.submit()
    desk.fake.advance(1000)

    assert desk.fake.deliveries() == []
    assert [len(item["waiting"]) for item in desk.fake.store.webhooks.dump(None)] == [3]
