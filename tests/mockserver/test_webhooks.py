"""Webhooks: each change of a task's state is told once, at its instant, in the vendor's words."""

from __future__ import annotations

from typing import Any

import pytest

import specs
from mockserver import Fake, Settings
from mockserver.accounts import Limits
from mockserver.letters import Webhook
from mockserver.signing import is_signed, signing_key
from specs.pointers import removed, resolve
from specs.validation import compile_schema
from webhook_desk import CALLING, SECRET, START_MS, URL, WALL_MS, Desk, expected_states, said, statuses

Json = Any
LONG = 100_000
FATES = {"done": "a cat", "failed": "a cat [[fail]]", "moderated": "a cat [[fail:moderation]]"}
every_caller = pytest.mark.parametrize("vendor", sorted(CALLING))


def test_vendors_that_call_back_are_those_whose_documents_say_so() -> None:
    """Two by their pages, one when its sister platform's webhook is switched on."""
    plain = {name for name in specs.names() if specs.load(name).behaviour.callbacks is not None}

    assert plain == {"kling", "powertokens"}
    assert set(CALLING) == {"kling", "powertokens", "myrouter"}


@every_caller
@pytest.mark.parametrize("fate", FATES)
def test_changes_are_told_at_their_instants(vendor: str, fate: str) -> None:
    """Those that the vendor tells of, first state included, in order, each at the instant of the plan."""
    desk = Desk(vendor)
    task = desk.submit(prompt=FATES[fate])
    desk.fake.advance(LONG)

    states = expected_states(vendor, "done" if fate == "done" else "failed")
    plan = {"queued": task.created_ms, "running": task.running_ms, "done": task.end_ms, "failed": task.end_ms}
    callbacks = CALLING[vendor].behaviour.callbacks
    assert callbacks is not None
    fixed = callbacks["event"] if not callbacks["event"].startswith("$") else None
    assert [(each.event, each.attempt, each.at_ms) for each in desk.received] == [
        (fixed or desk.word(state), 1, plan[state]) for state in states
    ]
    assert {each.url for each in desk.received} == {URL}
    assert statuses(desk) == [200] * len(states)


def callback_schema(vendor: str) -> Json:
    """What the vendor's document promises of a callback's body."""
    operation = next(each for each in CALLING[vendor].operations.values() if each.role == "submit")
    entry = CALLING[vendor].openapi["paths"][operation.path]["post"]["callbacks"]
    (callback,) = entry.values()
    (item,) = callback.values()
    return item["post"]["requestBody"]["content"]["application/json"]["schema"]


@every_caller
@pytest.mark.parametrize("fate", FATES)
def test_body_keeps_the_documented_schema(vendor: str, fate: str) -> None:
    """In each state, and for each reason to fail; and something that is no such body does not."""
    desk = Desk(vendor)
    desk.submit(prompt=FATES[fate])
    desk.fake.advance(LONG)
    validator = compile_schema(callback_schema(vendor))

    assert desk.received
    for webhook in desk.received:
        assert [error.message for error in validator.iter_errors(said(webhook))] == []
        assert webhook.headers["content-type"] == "application/json"
    assert not validator.is_valid({})


@every_caller
@pytest.mark.parametrize("prompt", FATES.values())
def test_body_is_the_task_as_a_poll_tells_it_at_that_instant(vendor: str, prompt: str) -> None:
    """Though it is sent later: at the instant of each change a poll said the same."""
    callbacks = CALLING[vendor].behaviour.callbacks
    assert callbacks is not None
    watched, desk = Desk(vendor), Desk(vendor)
    task, same = watched.submit(prompt=prompt), desk.submit(prompt=prompt)
    assert task.id == same.id
    polled = []
    for instant in (task.created_ms, task.running_ms, task.end_ms):
        watched.fake.advance((instant or 0) / 1000 - watched.fake.now_ms() / 1000)
        polled.append(watched.poll(task))

    desk.fake.advance(LONG)

    # A vendor that tells only of the end tells of the last one.
    for webhook, answer in zip(desk.received, polled[-len(desk.received) :], strict=True):
        body = said(webhook)
        if "payload" in body:
            assert body["payload"]["task"] == answer["task"]
            assert body["payload"]["videos"] == answer["videos"]
            continue
        told = resolve(answer, callbacks["body"]["at"])
        for pointer in callbacks["body"]["omit"]:
            told = removed(told, pointer)
        assert body == told


def test_body_speaks_of_the_instant_of_the_change() -> None:
    """However late it is sent: progress, what is left, and now are those of then."""
    desk = Desk(answers=[500, 500])
    callbacks = {
        **(desk.pack.behaviour.callbacks or {}),
        "body": {"now": "$call.now", "progress": "$task.progress", "left": "$task.eta_seconds"},
    }
    pack = desk.pack._replace(behaviour=desk.pack.behaviour._replace(callbacks=callbacks))
    desk.fake = Fake([pack], Settings(clock="manual", deliver=desk._receive), lambda: WALL_MS)
    task = desk.submit()
    desk.fake.advance(LONG)

    running, over = desk.received[-2:]
    assert (running.at_ms, running.attempt) == (START_MS + 15_000, 1)
    assert said(running) == {
        "now": task.running_ms,
        "progress": 1,
        "left": -(-((task.end_ms or 0) - task.running_ms) // 1000),
    }
    assert said(over) == {"now": task.end_ms, "progress": 100, "left": 0}


@every_caller
@pytest.mark.parametrize("url", [None, ""])
def test_who_names_no_receiver_is_not_called(vendor: str, url: str | None) -> None:
    """No URL, or the empty one: nothing is told, and nothing is kept for it."""
    desk = Desk(vendor)
    body = desk.body(url or "x")
    callbacks = CALLING[vendor].behaviour.callbacks
    assert callbacks is not None
    body = removed(body, callbacks["url"]) if url is None else desk.body(url)
    assert desk.client().post(desk.operation.path, json=body).is_success
    desk.fake.advance(LONG)

    assert desk.received == []
    assert desk.fake.store.webhooks.dump(None) == []


def test_vendor_whose_page_knows_no_webhook_sends_none() -> None:
    """MyRouter's request may name a receiver; without the option it is passed over."""
    taken: list[Webhook] = []
    pack = specs.load("myrouter")
    desk = Desk("myrouter")
    desk.fake = Fake([pack], Settings(clock="manual", deliver=taken.append), lambda: WALL_MS)
    desk.submit()
    desk.fake.advance(LONG)

    assert taken == []
    assert desk.fake.deliveries() == []


def test_task_that_is_ended_tells_so_at_once() -> None:
    """What it would have told on its way is not told."""
    desk = Desk()
    task = desk.submit()
    desk.fake.end_task(task, "the GPU melted")

    assert desk.events == ["submitted", "failed"]
    assert said(desk.received[-1])["task_status_msg"] == "the GPU melted"
    desk.fake.advance(LONG)
    assert desk.events == ["submitted", "failed"]


def test_task_that_is_ended_while_it_runs() -> None:
    """That it ran was told, and the end is the one that was chosen."""
    desk = Desk()
    task = desk.submit(prompt="a cat [[stuck]]")
    desk.fake.advance(LONG)
    assert desk.events == ["submitted", "processing"]

    desk.fake.end_task(task, None)

    assert desk.events == ["submitted", "processing", "succeed"]
    assert desk.received[-1].at_ms == START_MS + LONG * 1000


def test_end_stands_behind_what_nobody_has_taken_yet() -> None:
    """A webhook that waits for its next attempt goes before the end."""
    desk = Desk(answers=[500])
    task = desk.submit()
    desk.fake.advance(1)
    desk.fake.end_task(task, None)
    assert desk.told == [("submitted", 1)]

    desk.fake.advance(4)

    assert desk.told == [("submitted", 1), ("submitted", 2), ("succeed", 1)]


def test_end_by_polls() -> None:
    """With the clock `polls` too; polls after it tell nothing."""
    desk = Desk(clock="polls")
    task = desk.submit()
    desk.fake.end_task(task, "default")
    desk.poll(task)

    assert desk.events == ["submitted", "failed"]


def test_state_that_takes_no_time_is_not_told() -> None:
    """No poll can see a task running that works for no time."""
    desk = Desk()
    desk.submit(prompt="a cat [[slow:0]]")
    desk.fake.advance(LONG)

    assert desk.events == ["submitted", "succeed"]


def test_same_seed_same_webhooks() -> None:
    """Ids, instants and bodies, whatever another account does; another seed gives other ids."""

    def played(seed: int, *, with_others: bool) -> list[tuple[str, int, bytes]]:
        desk = Desk(seed=seed)
        for number in range(3):
            if with_others:
                desk.submit(key=f"other-{number}")
            desk.submit()
        desk.fake.advance(LONG)
        return [(each.id, each.at_ms, each.body) for each in desk.received if each.account == "key"]

    alone = played(7, with_others=False)
    assert played(7, with_others=True) == alone
    assert {each[0] for each in played(8, with_others=False)}.isdisjoint(each[0] for each in alone)
    assert len({each[0] for each in alone}) == len(alone) == 9


@every_caller
def test_signature(vendor: str) -> None:
    """By the account's secret, where the vendor signs at all; the timestamp is wall time, whatever the clock says."""
    desk = Desk(vendor, limits={"key": Limits(webhook_secret=SECRET)})
    desk.submit()
    desk.submit(key="without")
    desk.fake.advance(LONG)
    callbacks = CALLING[vendor].behaviour.callbacks
    assert callbacks is not None

    for webhook in desk.received:
        signs = callbacks["signature"] is not None and webhook.account == "key"
        assert webhook.signature_valid is (True if signs else None)
        assert ("webhook-signature" in webhook.headers) is ("webhook-id" in webhook.headers) is signs
        if signs:
            seconds = int(webhook.headers["webhook-timestamp"])
            assert seconds == WALL_MS // 1000
            header = webhook.headers["webhook-signature"]
            assert is_signed(signing_key(SECRET), webhook.headers["webhook-id"], seconds, webhook.body, header)
    assert [each.signature_valid for each in desk.fake.deliveries()] == [each.signature_valid for each in desk.received]


def test_secret_that_is_none_is_refused_at_the_start() -> None:
    """Not with the first webhook."""
    with pytest.raises(ValueError, match="Base64"):
        Desk(limits={"key": Limits(webhook_secret="whsec_not Base64")})
