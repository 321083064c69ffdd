"""Receivers in the same process, and what the fake remembers of webhooks: no more than is owed, no password."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver import Fake, Settings
from mockserver.accounts import Limits
from mockserver.clock import start_clock
from mockserver.letters import Webhook
from mockserver.store import Store
from mockserver.store.opening import open_store
from webhook_desk import SECRET, WALL_MS, Desk

LONG = 100_000


def test_reset_forgets_webhooks_and_log() -> None:
    """Of one account, or of all; the same ids begin anew."""
    desk = Desk()
    for key in ("mine", "theirs"):
        desk.submit(key=key)
    desk.fake.advance(1)
    desk.fake.reset("mine")
    assert desk.fake.deliveries("mine") == []
    assert len(desk.fake.deliveries("theirs")) == 1

    before = [each.id for each in desk.received if each.account == "mine"]
    desk.submit(key="mine")
    desk.fake.reset()
    desk.fake.advance(LONG)
    assert len(desk.received) == 2
    assert desk.fake.deliveries() == []

    desk.submit(key="mine")
    desk.fake.advance(0)
    assert [desk.received[-1].id] == before


def test_reset_while_a_webhook_is_on_its_way() -> None:
    """What comes of it is forgotten too, and the next task under the same id tells its own from the beginning."""
    desk = Desk()

    def forget(webhook: Webhook) -> None:
        received.append(webhook)
        if len(received) == 1:
            desk.fake.reset()
            desk.submit()

    received: list[Webhook] = []
    desk.fake = Fake([desk.pack], Settings(clock="manual", deliver=forget), lambda: WALL_MS)
    first = desk.submit()
    desk.fake.advance(0)
    (second,) = [view.task for view in desk.fake.tasks()]
    desk.fake.advance(LONG)

    assert second.id == first.id
    assert [each.event for each in received] == ["submitted", "submitted", "processing", "succeed"]
    assert len(desk.fake.deliveries()) == 3


def test_log_hides_the_password_of_a_url() -> None:
    """The receiver's is sent, not shown; and a URL is shown no longer than one reads."""
    desk = Desk()
    desk.submit("http://user:pass@receiver.example/?a=:pass@b")
    desk.submit("http://receiver.example/" + "x" * 5000)
    desk.submit("http://[half")
    desk.fake.advance(0)

    shown = {each.url for each in desk.fake.deliveries()}
    assert "http://user:***@receiver.example/?a=:pass@b" in shown
    assert "http://[half" in shown
    assert max(map(len, shown)) == 2048
    assert desk.received[0].url.startswith("http://user:pass@") or desk.received[1].url.startswith("http://user:pass@")


def test_what_a_submit_causes_comes_after_its_answer() -> None:
    """A client must know a task before it is told about it: the next use of the fake hands it over."""
    desk = Desk()
    task = desk.submit()
    assert desk.events == []

    desk.poll(task)
    assert desk.events == ["submitted"]


def test_receiver_may_ask_the_fake() -> None:
    """It finds the task in the state that it is told of, or further on; what it causes comes when it is done."""
    seen: list[tuple[str, str]] = []
    desk = Desk()

    def ask(webhook: Webhook) -> None:
        (view,) = [each for each in desk.fake.tasks() if each.task.id == webhook.task_id]
        seen.append((webhook.event, desk.poll(view.task)["data"]["task_status"]))
        if len(seen) == 1:
            desk.fake.advance(LONG)
            assert len(seen) == 1

    desk.fake = Fake([desk.pack], Settings(clock="manual", deliver=ask), lambda: WALL_MS)
    desk.submit()
    desk.fake.advance(0)

    assert seen == [("submitted", "submitted"), ("processing", "succeed"), ("succeed", "succeed")]


def test_what_a_receiver_raises_is_logged_and_raised() -> None:
    """An assertion in a receiver fails the test that made the webhook fall due; the webhook is tried again."""
    desk = Desk()

    def fail(webhook: Webhook) -> None:
        desk.received.append(webhook)
        if len(desk.received) == 1:
            message = "not this one"
            raise LookupError(message)

    desk.fake = Fake([desk.pack], Settings(clock="manual", deliver=fail), lambda: WALL_MS)
    desk.submit()
    with pytest.raises(LookupError):
        desk.fake.advance(LONG)
    (logged,) = desk.fake.deliveries()
    assert (logged.status, logged.error) == (None, "the receiver raised LookupError: not this one")

    desk.fake.settle()
    assert desk.told == [("submitted", 1), ("submitted", 2), ("processing", 1), ("succeed", 1)]


def test_nothing_is_kept_once_all_is_told() -> None:
    """A task that has told its end costs nothing more."""
    desk = Desk()
    for _ in range(5):
        desk.submit()
    desk.fake.advance(LONG)

    kept = desk.fake.store.webhooks.dump(None)
    assert len(kept) == 15
    assert all("waiting" not in item for item in kept)


def test_task_that_is_forgotten_tells_nothing_more() -> None:
    """When a store makes room it takes finished tasks; whatever they still had to tell goes with them."""
    desk = Desk(answers=[500] * 20)
    desk.submit()
    desk.fake.advance(LONG)
    told = len(desk.received)
    for task in desk.fake.store.all_tasks(None):
        desk.fake.store._drop(desk.fake.store._accounts["key"], task)  # type: ignore[attr-defined]
    desk.fake.advance(LONG)

    assert len(desk.received) == told


def test_file_as_store_tells_the_same(tmp_path: Path) -> None:
    """Ids, instants, bodies, signatures, retries, an end by hand, polls: no difference to a receiver."""

    def played(clock: str, store: Store | None) -> list[tuple[object, ...]]:
        desk = Desk(clock=clock, store=store, answers=[500], limits={"key": Limits(webhook_secret=SECRET)})
        first, second = desk.submit(), desk.submit(key="other")
        desk.fake.advance(3, "other")
        desk.poll(first)
        desk.fake.add_fault({"fault": {"webhook": "duplicate"}}, "key")
        desk.fake.advance(20)
        desk.poll(first)
        desk.fake.end_task(desk.submit(), "no")
        desk.fake.end_task(desk.fake.find_task(second.id) or second, None)
        desk.fake.advance(LONG)
        desk.poll(first)
        assert len(desk.fake.deliveries("key")) + len(desk.fake.deliveries("other")) == len(desk.received)
        return [(each[2:8], each.headers, each.body, each.signature_valid, each.fault) for each in desk.received]

    for clock in ("manual", "polls"):
        file = open_store(f"sqlite:{tmp_path / clock}.db", start_clock(clock, WALL_MS))
        assert played(clock, file) == played(clock, None)
        file.close()
