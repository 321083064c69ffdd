"""Webhooks: each change of a task's state is told once, in order, at its instant, in the vendor's words."""

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
from webhook_desk import CALLING, SECRET, START_MS, URL, WALL_MS, Desk, said, statuses

Json = Any
LONG = 100_000
FATES = {"done": "a cat", "failed": "a cat [[fail]]", "moderated": "a cat [[fail:moderation]]"}
every_caller = pytest.mark.parametrize("vendor", sorted(CALLING))


def test_vendors_that_call_back_are_those_whose_documents_say_so() -> None:
    """Two by their pages, one when its sister platform's webhook is switched on."""
    plain = {name for name in specs.names() if specs.load(name).behaviour.callbacks is not None}

    assert plain == {"kling", "powertokens"}
    assert set(CALLING) == {"kling", "powertokens", "myrouter"}


def expected_states(vendor: str, end: str = "done") -> list[str]:
    """The states that this vendor tells of, for a task that goes its way."""
    callbacks = CALLING[vendor].behaviour.callbacks
    assert callbacks is not None
    return [state for state in ("queued", "running", end) if state in callbacks["on"]]


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


@every_caller
def test_polls_tell_what_they_bring_about(vendor: str) -> None:
    """With the clock `polls`: one change, one webhook, and none for polls that change nothing."""
    desk = Desk(vendor, clock="polls")
    task = desk.submit()
    desk.fake.settle()
    counts = [len(desk.received)]
    for _ in range(4):
        desk.poll(task)
        counts.append(len(desk.received))

    states = expected_states(vendor)
    steps = [sum(state in states for state in ("queued", "running", "done")[: number + 1]) for number in range(3)]
    assert counts == [*steps, steps[-1], steps[-1]]
    assert {each.at_ms for each in desk.received} == {START_MS}


def test_polls_of_one_task_tell_nothing_of_another() -> None:
    """A poll moves one task."""
    desk = Desk(clock="polls")
    first, second = desk.submit(), desk.submit()
    desk.poll(first)
    desk.poll(first)

    assert [(each.task_id, each.event) for each in desk.received] == [
        (first.id, "submitted"),
        (second.id, "submitted"),
        (first.id, "processing"),
        (first.id, "succeed"),
    ]


def test_next_webhook_waits_for_the_one_before() -> None:
    """It is tried again after 5 and 10 seconds; what falls due meanwhile comes behind it, at the instant it is free."""
    desk = Desk(answers=[500, 404])
    task = desk.submit()
    desk.fake.advance(LONG)

    assert desk.told == [("submitted", 1), ("submitted", 2), ("submitted", 3), ("processing", 1), ("succeed", 1)]
    assert [each.at_ms - START_MS for each in desk.received[:4]] == [0, 5000, 15_000, 15_000]
    assert task.running_ms < START_MS + 15_000 < (task.end_ms or 0)
    assert desk.received[4].at_ms == task.end_ms
    assert statuses(desk) == [500, 404, 200, 200, 200]


def test_what_nobody_takes_is_given_up() -> None:
    """After the pack's number of attempts; the next webhook of the task has as many of its own."""
    desk = Desk(answers=[500] * 4)
    desk.submit()
    desk.fake.advance(LONG)

    assert desk.told == [
        *[("submitted", number) for number in (1, 2, 3)],
        *[("processing", number) for number in (1, 2)],
        ("succeed", 1),
    ]


@pytest.mark.parametrize(("status", "is_taken"), [(200, True), (204, True), (299, True), (199, False)])
def test_any_2xx_is_taken(status: int, is_taken: bool) -> None:  # noqa: FBT001 - a column of the table
    """And nothing else: a redirect is not followed, it is tried again where it was."""
    desk = Desk(answers=[status])
    desk.submit()
    desk.fake.advance(0)
    desk.fake.advance(6)

    assert desk.told.count(("submitted", 2)) == (0 if is_taken else 1)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 410, 429])
def test_redirects_and_refusals_are_no_answer(status: int) -> None:
    """Each is tried again."""
    desk = Desk(answers=[status])
    desk.submit()
    desk.fake.advance(6)

    assert desk.told[:2] == [("submitted", 1), ("submitted", 2)]


def test_attempts_of_one_webhook_are_the_same_message() -> None:
    """Same id and same bytes; another webhook has another id."""
    desk = Desk(answers=[500, 500], limits={"key": Limits(webhook_secret=SECRET)})
    desk.submit()
    desk.fake.advance(LONG)

    first, second, third, *others = desk.received
    assert first.id == second.id == third.id == first.headers["webhook-id"]
    assert first.body == second.body == third.body
    assert len({first.id, *(each.id for each in others)}) == 1 + len(others)


def test_retry_does_not_happen_before_its_time() -> None:
    """On a clock that stands still nothing is tried again until the clock is moved so far."""
    desk = Desk(answers=[500, 500, 500])
    desk.submit()
    desk.fake.advance(4.9)
    assert desk.told == [("submitted", 1)]

    desk.fake.advance(0.1)
    assert desk.told == [("submitted", 1), ("submitted", 2)]


def test_with_polls_a_poll_is_the_time_for_another_attempt() -> None:
    """The clock stands still, so each poll of the task tries again, and what it brings about comes behind."""
    desk = Desk(clock="polls", answers=[500, 500])
    task = desk.submit()
    desk.poll(task)
    desk.poll(task)
    desk.poll(task)

    assert desk.told == [("submitted", 1), ("submitted", 2), ("submitted", 3), ("processing", 1), ("succeed", 1)]


def test_tasks_wait_for_their_own_webhooks_only() -> None:
    """One task's trouble is not another's, and all goes by the instants."""
    desk = Desk(answers=[500])
    first, second = desk.submit(URL + "/1"), desk.submit(URL + "/2")
    desk.fake.advance(LONG)

    instants = [each.at_ms for each in desk.received]
    assert instants == sorted(instants)
    for task in (first, second):
        mine = [each.event for each in desk.received if each.task_id == task.id]
        assert mine[-2:] == ["processing", "succeed"]
    assert {each.attempt for each in desk.received if each.task_id == second.id} == {1}


def test_accounts_clocks_have_their_own_webhooks() -> None:
    """`?key=` moves one account: only its webhooks fall due, at instants of its own clock."""
    desk = Desk()
    mine, theirs = desk.submit(key="mine"), desk.submit(key="theirs")
    desk.fake.advance(0)
    desk.fake.advance(LONG, "mine")

    assert [each.event for each in desk.received if each.account == "theirs"] == ["submitted"]
    assert [each.at_ms for each in desk.received if each.account == "mine"] == [
        mine.created_ms,
        mine.running_ms,
        mine.end_ms,
    ]

    desk.fake.advance((theirs.running_ms - theirs.created_ms) / 1000)
    later = desk.submit(key="mine")
    desk.fake.advance(0)

    assert [each.event for each in desk.received if each.account == "theirs"] == ["submitted", "processing"]
    assert desk.received[-1].task_id == later.id
    assert desk.received[-1].at_ms == START_MS + LONG * 1000 + theirs.running_ms - theirs.created_ms
    assert len(desk.fake.deliveries("mine")) == 4
    assert len(desk.fake.deliveries("theirs")) == 2


def test_all_accounts_go_by_the_instants_of_the_clock_of_all() -> None:
    """An account that is ahead tells first what it reaches first."""
    desk = Desk()
    ahead, behind = desk.submit(key="ahead"), desk.submit(key="behind")
    desk.fake.advance((ahead.end_ms or 0) / 1000 - START_MS / 1000 - 1, "ahead")
    desk.received.clear()

    desk.fake.advance(2)

    assert desk.events[0] == "succeed"
    assert {each.account for each in desk.received} <= {"ahead", "behind"}
    assert behind.running_ms > START_MS + 2000 or desk.events[1] == "processing"


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


class Wall:
    """Wall time that a test moves."""

    now_ms = WALL_MS

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def wall() -> Wall:
    """At its beginning."""
    return Wall()


def test_clock_that_runs(wall: Wall) -> None:
    """On a faster clock webhooks fall due faster; an attempt's instant is when it is made."""
    desk = Desk()
    desk.fake = Fake([desk.pack], Settings(clock="x10", deliver=desk._receive), wall)
    task = desk.submit()
    assert desk.fake.mail.wait_seconds() == 0
    desk.fake.settle()
    waits = (task.running_ms - task.created_ms) / 10_000
    assert desk.fake.mail.wait_seconds() == pytest.approx(waits, abs=0.01)

    wall.now_ms += round(waits * 1000) - 10
    desk.fake.settle()
    assert desk.events == ["submitted"]
    wall.now_ms += 1000
    desk.fake.settle()

    assert desk.events == ["submitted", "processing"]
    assert desk.received[-1].at_ms == desk.fake.now_ms() > task.running_ms
    assert said(desk.received[-1])["updated_at"] == task.running_ms


def test_pauses_are_on_the_clock(wall: Wall) -> None:
    """Five seconds are half a second on a clock ten times as fast."""
    desk = Desk(answers=[500])
    desk.fake = Fake([desk.pack], Settings(clock="x10", deliver=desk._receive), wall)
    desk.submit()
    desk.fake.settle()

    assert desk.fake.mail.wait_seconds() == pytest.approx(0.5)


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
