"""Faults of webhooks: one comes twice, one after the next, one late, one with a wrong signature, one never."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.accounts import Limits
from mockserver.fault_rules import read_rule
from mockserver.signing import is_signed, signing_key
from mockserver.store import Attempt
from webhook_desk import SECRET, START_MS, Desk, statuses

Json = Any
LONG = 100_000
SIGNED = {"key": Limits(webhook_secret=SECRET)}


def spoilt(fault: Json, times: Json = 1, **settings: Any) -> Desk:
    """A desk whose next webhooks meet the fault."""
    desk = Desk(**settings)
    desk.fake.add_fault({"fault": fault, "times": times})
    return desk


def faults(desk: Desk) -> list[str | None]:
    """What the log says went wrong with each attempt."""
    return [attempt.fault for attempt in desk.fake.deliveries()]


def test_duplicate() -> None:
    """The same message once more, though it was taken; then all goes on."""
    desk = spoilt({"webhook": "duplicate"})
    desk.submit()
    desk.fake.advance(LONG)

    assert desk.told == [("submitted", 1), ("submitted", 2), ("processing", 1), ("succeed", 1)]
    first, second = desk.received[:2]
    assert (first.id, first.body, first.at_ms) == (second.id, second.body, second.at_ms)
    assert faults(desk) == ["duplicate", "duplicate", None, None]


def test_second_copy_is_sent_once() -> None:
    """Whatever becomes of it."""
    desk = spoilt({"webhook": "duplicate"}, answers=[200, 500])
    desk.submit()
    desk.fake.advance(LONG)

    assert desk.told == [("submitted", 1), ("submitted", 2), ("processing", 1), ("succeed", 1)]


def test_reorder() -> None:
    """It comes right behind the next one, and still tells of its own instant."""
    desk = spoilt({"webhook": "reorder"})
    task = desk.submit()
    desk.fake.advance(LONG)

    assert desk.events == ["processing", "submitted", "succeed"]
    assert [each.at_ms for each in desk.received] == [task.running_ms, task.running_ms, task.end_ms]
    assert faults(desk) == [None, "reorder", None]


def test_reorder_by_polls() -> None:
    """With the clock `polls` it waits for the poll that brings the next one."""
    desk = spoilt({"webhook": "reorder"}, clock="polls")
    task = desk.submit()
    desk.fake.settle()
    assert desk.events == []

    desk.poll(task)
    assert desk.events == ["processing", "submitted"]
    desk.poll(task)
    assert desk.events == ["processing", "submitted", "succeed"]


def test_reorder_waits_for_a_webhook_that_has_a_next_one() -> None:
    """The last one of a task cannot change places: the rule waits for another task's."""
    desk = Desk()
    desk.submit()
    desk.fake.advance(20)
    desk.fake.add_fault({"fault": {"webhook": "reorder"}})
    desk.fake.advance(LONG)
    assert desk.events == ["submitted", "processing", "succeed"]

    desk.submit()
    desk.fake.advance(LONG)
    assert desk.events[3:] == ["processing", "submitted", "succeed"]


@pytest.mark.parametrize(("said", "seconds"), [({}, 60), ({"late_seconds": 7}, 7)])
def test_late(said: Json, seconds: int) -> None:
    """So many seconds of the clock later, with what was true then; what comes behind it waits."""
    desk = spoilt({"webhook": "late", **said})
    task = desk.submit()
    desk.fake.advance(seconds - 0.1)
    assert desk.received == []

    desk.fake.advance(LONG)

    assert desk.events == ["submitted", "processing", "succeed"]
    assert desk.received[0].at_ms == START_MS + seconds * 1000
    assert desk.received[1].at_ms == max(task.running_ms, START_MS + seconds * 1000)
    assert f'"updated_at":{task.created_ms}'.encode() in desk.received[0].body
    assert faults(desk) == ["late", None, None]


def test_forged() -> None:
    """The first attempt has a wrong signature; a receiver that refuses it gets the true one."""
    desk = spoilt({"webhook": "forged"}, answers=[401], limits=SIGNED)
    desk.submit()
    desk.fake.advance(LONG)

    assert desk.told == [("submitted", 1), ("submitted", 2), ("processing", 1), ("succeed", 1)]
    assert [each.signature_valid for each in desk.fake.deliveries()] == [False, True, True, True]
    assert faults(desk) == ["forged", None, None, None]
    for webhook in desk.received:
        name, seconds = webhook.headers["webhook-id"], int(webhook.headers["webhook-timestamp"])
        header = webhook.headers["webhook-signature"]
        assert header.startswith("v1,")
        assert len(header) == len("v1,") + 44
        assert is_signed(signing_key(SECRET), name, seconds, webhook.body, header) is webhook.signature_valid


def test_what_is_not_signed_is_not_forged() -> None:
    """The rule waits for a webhook that has a signature."""
    desk = spoilt({"webhook": "forged"}, limits=SIGNED)
    desk.submit(key="unsigned")
    desk.fake.advance(LONG)
    assert faults(desk) == [None, None, None]

    desk.submit()
    desk.fake.advance(0)
    assert faults(desk)[3:] == ["forged"]


def test_lost() -> None:
    """Never sent, and not tried again; the log has it."""
    desk = spoilt({"webhook": "lost"})
    desk.submit()
    desk.fake.advance(LONG)

    assert desk.events == ["processing", "succeed"]
    (lost, *_) = desk.fake.deliveries()
    assert (lost.event, lost.attempt, lost.status, lost.fault) == ("submitted", 1, None, "lost")
    assert lost.error == "lost by a fault"


def test_all_are_lost() -> None:
    """`always` is every webhook of every task."""
    desk = spoilt({"webhook": "lost"}, times="always")
    for _ in range(2):
        desk.submit()
    desk.fake.advance(LONG)

    assert desk.received == []
    assert statuses(desk) == [None] * 6


def test_rules_are_counted_by_webhooks_not_by_calls() -> None:
    """Calls pass by such a rule, and their answers are not marked by it."""
    desk = spoilt({"webhook": "duplicate"}, times=2)
    answers = [desk.client().post(desk.operation.path, json=desk.body()) for _ in range(3)]
    assert all("x-understudy-fault" not in answer.headers for answer in answers)
    assert {entry.fault for entry in desk.fake.entries()} == {None}
    desk.fake.advance(LONG)

    assert faults(desk).count("duplicate") == 4


def test_rules_keep_to_their_account_operation_and_time() -> None:
    """As for calls: `?key=`, an operation that submits, `after`, and seconds of the clock."""
    desk = Desk()
    other = next(
        each.id for each in desk.pack.operations.values() if each.role == "submit" and each.id != desk.operation.id
    )
    desk.fake.add_fault({"fault": {"webhook": "lost"}}, "another key")
    desk.fake.add_fault({"fault": {"webhook": "lost"}, "operation": other})
    desk.fake.add_fault({"fault": {"webhook": "lost"}, "from_seconds": LONG * 10})
    desk.fake.add_fault({"fault": {"webhook": "late"}, "after": 1})
    desk.submit()
    desk.fake.advance(LONG)

    assert [(each.event, each.fault) for each in desk.fake.deliveries()] == [
        ("submitted", None),
        ("processing", "late"),
        ("succeed", None),
    ]


def test_scenario_is_for_every_account() -> None:
    """What a scenario file says, each account meets anew."""
    rule = read_rule({"fault": {"webhook": "lost"}}, ())
    desk = Desk(scenario=(rule,))
    for key in ("one", "two"):
        desk.submit(key=key)
    desk.fake.advance(LONG)

    def lost(attempts: list[Attempt]) -> list[str]:
        return [attempt.event for attempt in attempts if attempt.fault == "lost"]

    assert lost(desk.fake.deliveries("one")) == lost(desk.fake.deliveries("two")) == ["submitted"]


def test_probability_is_drawn_from_the_seed() -> None:
    """The same webhooks under the same seed, and about as many as were asked for."""

    def played(seed: int) -> list[str | None]:
        desk = Desk(seed=seed)
        desk.fake.add_fault({"fault": {"webhook": "lost"}, "probability": 0.5, "times": "always"})
        for _ in range(40):
            desk.submit()
        desk.fake.advance(LONG)
        return faults(desk)

    assert played(1) == played(1) != played(2)
    assert 40 <= played(1).count("lost") <= 80


def test_spoilt_webhook_is_asked_once() -> None:
    """A rule that is added while a webhook waits for its next attempt is for others."""
    desk = Desk(answers=[500])
    desk.submit()
    desk.fake.advance(1)
    desk.fake.add_fault({"fault": {"webhook": "lost"}})
    desk.fake.advance(LONG)

    assert [(each.event, each.fault) for each in desk.fake.deliveries()] == [
        ("submitted", None),
        ("submitted", None),
        ("processing", "lost"),
        ("succeed", None),
    ]
