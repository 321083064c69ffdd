"""Faults and their rules as they are written: what is understood, and how the rest is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator, meta

import specs
from mockserver import Fake, Settings, scenario_file
from mockserver.fault_rules import FaultRule, read_kept, read_rule
from mockserver.faults import READERS, WEBHOOK_FAULTS, FaultError, read_fault
from properties.promised import VENDORS, Desk, kinds
from targets import make_fake

Json = Any
PACKS = [specs.load(name) for name in VENDORS]

WRONG: list[tuple[Json, str]] = [
    ({}, ""),
    ([], ""),
    ("close", ""),
    ({"stat": 503}, "/stat"),
    ({"status": 200}, "/status"),
    ({"status": 600}, "/status"),
    ({"status": "503"}, "/status"),
    ({"status": True}, "/status"),
    ({"status": 429, "retry_after": -1}, "/retry_after"),
    ({"retry_after": ""}, "/retry_after"),
    ({"retry_after": "x\r\ny: z"}, "/retry_after"),
    ({"delay_seconds": -1}, "/delay_seconds"),
    ({"delay_seconds": 3601}, "/delay_seconds"),
    ({"delay_seconds": float("nan")}, "/delay_seconds"),
    ({"close": False}, "/close"),
    ({"close": 1}, "/close"),
    ({"lose_answer": None}, "/lose_answer"),
    ({"truncate": -1}, "/truncate"),
    ({"truncate": 1.5}, "/truncate"),
    ({"not_found_polls": 0}, "/not_found_polls"),
    ({"fail": ""}, "/fail"),
    ({"fail": "x" * 201}, "/fail"),
    ({"webhook": "eaten"}, "/webhook"),
    ({"webhook": "late", "status": 503}, "/status"),
    ({"status": 503, "webhook": "late"}, "/status"),
    ({"webhook": "lost", "late_seconds": 5}, "/late_seconds"),
    ({"webhook": "late", "late_seconds": -1}, "/late_seconds"),
    ({"late_seconds": 5}, "/late_seconds"),
]


@pytest.mark.parametrize(("said", "place"), WRONG, ids=str)
def test_what_is_no_fault_is_refused_with_its_place(said: Json, place: str) -> None:
    """The member is named, and what there is."""
    with pytest.raises(FaultError) as caught:
        read_fault(said)

    assert caught.value.place == place
    assert str(caught.value)


def test_every_fault_has_a_name_and_keeps_its_words() -> None:
    """The first member is the name; none of the members is forgotten by these tests."""
    examples: dict[str, Json] = dict.fromkeys(READERS, True) | dict.fromkeys(
        ("status", "retry_after", "delay_seconds", "jitter_seconds", "truncate", "drip_seconds", "not_found_polls"), 503
    )
    examples |= {"slow_seconds": 0}
    webhooks = [examples.pop(name) for name in ("webhook", "late_seconds")]
    assert len(examples) == len(READERS) - len(webhooks)
    for name, value in examples.items():
        fault = read_fault({name: value, **({} if name == "delay_seconds" else {"delay_seconds": 2})})
        assert (fault.name, fault.said[name]) == (name, value)
    for kind in WEBHOOK_FAULTS:
        assert (read_fault({"webhook": kind}).name, read_fault({"webhook": kind}).webhook) == ("webhook", kind)
    assert read_fault({"webhook": "late", "late_seconds": 3}).late_seconds == 3


WRONG_RULES: list[tuple[Json, str, str]] = [
    ([], "", "object"),
    ({}, "/fault", "missing"),
    ({"fault": {"status": 1}}, "/fault/status", "400"),
    ({"fault": {"close": True}, "vendor": "nobody"}, "/vendor", ", ".join(VENDORS)),
    ({"fault": {"close": True}, "operation": "nothing"}, "/operation", "submit, poll, list"),
    ({"fault": {"close": True}, "operations": "poll"}, "/operations", "operation"),
    ({"fault": {"close": True}, "times": 0}, "/times", "always"),
    ({"fault": {"webhook": "lost"}, "operation": "poll"}, "/operation", "submit"),
    ({"fault": {"webhook": "lost"}, "operation": "getTextToVideo"}, "/operation", "submit"),
    (
        {"fault": {"stuck": True}, "operation": "poll"},
        "/operation",
        "stuck can't happen to a call of poll: name a submit",
    ),
    ({"fault": {"regress": True}, "operation": "list"}, "/operation", "name a submit or a poll"),
    ({"fault": {"not_found_polls": 1}, "operation": "listTextToVideo"}, "/operation", "name a submit or a poll"),
    ({"fault": {"close": True}, "times": "twice"}, "/times", "always"),
    ({"fault": {"close": True}, "after": -1}, "/after", "0"),
    ({"fault": {"close": True}, "probability": 1.1}, "/probability", "0 to 1"),
    ({"fault": {"close": True}, "from_seconds": "soon"}, "/from_seconds", "seconds"),
    ({"fault": {"close": True}, "from_seconds": 20, "until_seconds": 20}, "/until_seconds", "later than 20"),
    ({"fault": {"close": True}, "until_seconds": 0}, "/until_seconds", "later than 0"),
    ({"fault": {"close": True}, "key": ""}, "/key", "key"),
]


@pytest.mark.parametrize(("said", "place", "told"), WRONG_RULES, ids=str)
def test_what_is_no_rule_is_refused_with_its_place(said: Json, place: str, told: str) -> None:
    """The member is named, and what there is; an operation of another vendor is none of this one's."""
    with pytest.raises(FaultError, match=told) as caught:
        read_rule(said, PACKS)

    assert caught.value.place == place


def test_an_operation_must_be_one_of_the_vendors() -> None:
    """Named with a vendor it has to be of that vendor; without one, of any."""
    rule = {"operation": "createVideo", "fault": {"close": True}}

    assert read_rule(rule, PACKS).operation == "createVideo"
    with pytest.raises(FaultError, match="createTextToVideo"):
        read_rule({**rule, "vendor": "kling"}, PACKS)


RULES = [
    {"fault": {"status": 503}},
    {"vendor": "kling", "operation": "listTextToVideo", "fault": {"html": True}, "times": "always"},
    {"operation": "poll", "fault": {"regress": True}},
    {"fault": {"drip_seconds": 1}, "times": 7, "after": 3, "probability": 0.25, "from_seconds": 1, "until_seconds": 2},
]


@pytest.mark.parametrize("said", RULES, ids=str)
def test_a_kept_rule_is_the_rule(said: Json) -> None:
    """What a store writes down reads as what it was, also where its vendor is not served any more."""
    rule = read_rule(said, PACKS)

    assert read_kept(rule.as_json(), None) == rule
    assert isinstance(rule, FaultRule)


def test_a_rule_belongs_to_one_account() -> None:
    """Where the call names one and the fault another, neither is taken for the other."""
    fake = make_fake("mulerouter")
    said = {"fault": {"close": True}, "key": "one"}
    with pytest.raises(FaultError, match="another one"):
        fake.add_fault(said, "two")
    fake.add_fault(said, "one")

    assert (len(fake.faults("one")), fake.faults("two")) == (1, [])


SCHEMA = json.loads((Path(scenario_file.__file__).parent / "scenario.schema.json").read_text(encoding="utf-8"))
IS_SCENARIO = Draft202012Validator(SCHEMA)
# What only the vendors that are served can tell.
NOT_IN_SCHEMA = ("vendor", "operation", "until_seconds")


@pytest.mark.parametrize("said", [*RULES, *({"fault": {"status": 503}, "key": key} for key in ("k", None))], ids=str)
def test_the_schema_of_scenarios_takes_what_is_a_rule(said: Json) -> None:
    """As the reader does."""
    read_rule(said, PACKS)
    assert IS_SCENARIO.is_valid({"faults": [said]})


UNSCHEMED = [said for said, place, _ in WRONG_RULES if place[1:] not in NOT_IN_SCHEMA]
FAULTY = [{"fault": said} for said, _ in WRONG if str(said) != str({"delay_seconds": float("nan")})]


@pytest.mark.parametrize("said", [*UNSCHEMED, *FAULTY], ids=str)
def test_the_schema_of_scenarios_refuses_what_is_none(said: Json) -> None:
    """An editor that reads it warns of nearly all that the reader refuses."""
    assert not IS_SCENARIO.is_valid({"faults": [said]})


def test_the_schema_of_scenarios_leaves_no_member_out() -> None:
    """It knows every member, and says of each what the admin API's document says."""
    rule, fault = SCHEMA["$defs"]["rule"], SCHEMA["$defs"]["fault"]
    document = json.loads((Path(scenario_file.__file__).parent / "admin.openapi.json").read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    told = dict(schemas["NewFault"]["properties"], fault=rule["properties"]["fault"])

    assert meta.is_valid(SCHEMA)
    assert list(fault["properties"]) == list(READERS)
    assert (fault, rule["properties"]) == (schemas["Fault"], told)


def statuses(fake: Fake, key: str, calls: int) -> list[int]:
    """What an account's submits are answered."""
    kind = kinds("mulerouter")[0]
    caller = Desk(fake, "mulerouter", key)
    return [caller.submit(kind, kind.with_prompt("a cat")).status for _ in range(calls)]


def test_chance_is_drawn_from_the_seed() -> None:
    """The same calls meet the same faults, whatever others do; another seed draws others."""
    said = {"operation": "submit", "fault": {"status": 503}, "probability": 0.5, "times": "always"}

    def played(seed: int, *, with_others: bool) -> list[int]:
        fake = make_fake("mulerouter", seed=seed)
        fake.add_fault(said)
        if with_others:
            statuses(fake, "somebody", 5)
        return statuses(fake, "me", 40)

    once = played(1, with_others=False)
    assert once == played(1, with_others=True)
    assert once != played(2, with_others=False)
    assert 8 < once.count(503) < 32


def test_luck_does_not_hang_on_what_others_have_added() -> None:
    """The same rule brings an account the same luck, whoever added rules before it, and again after a reset."""
    said = {"operation": "submit", "fault": {"status": 503}, "probability": 0.5, "times": "always"}
    alone, crowded = make_fake("mulerouter"), make_fake("mulerouter")
    crowded.add_fault(said, "somebody")
    crowded.add_fault({"fault": {"close": True}}, "somebody")
    for fake in (alone, crowded):
        fake.add_fault(said, "me")
    once = statuses(alone, "me", 20)
    assert statuses(crowded, "me", 20) == once

    crowded.reset("me")
    crowded.add_fault(said, "me")
    assert statuses(crowded, "me", 20) == once


def test_rules_that_say_the_same_have_luck_of_their_own() -> None:
    """Two of them at one half leave a quarter of the calls alone, not a half."""
    fake = make_fake("mulerouter")
    for _ in range(2):
        fake.add_fault({"operation": "submit", "fault": {"status": 503}, "probability": 0.5, "times": "always"})

    assert 8 < statuses(fake, "me", 60).count(202) < 23


def test_only_a_poll_of_a_marked_task_looks_through_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that waits, for whomever, must not make each poll as slow as the journal is long."""
    kind = kinds("mulerouter")[0]
    fake = make_fake("mulerouter")
    fake.add_fault({"operation": "submit", "fault": {"close": True}, "after": 1000})
    desk = Desk(fake, "mulerouter", "me")
    task_id = kind.task_id(json.loads(desk.submit(kind, kind.with_prompt("a cat")).body))

    def looked(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(fake.store, "entries", looked)
    assert desk.poll(kind, task_id).status == 200


def test_a_scenario_is_played_to_each_account_anew() -> None:
    """Its counters are the account's own, and a reset of the account begins it again."""
    said = {"operation": "submit", "after": 1, "fault": {"status": 503}}
    rule = read_rule(said, PACKS)
    settings = Settings(clock="manual", scenario=(rule,))
    fake = Fake([specs.load("mulerouter")], settings, wall_ms=lambda: 0)

    assert statuses(fake, "one", 3) == statuses(fake, "two", 3) == [202, 503, 202]
    fake.reset("one")
    assert statuses(fake, "one", 3) == [202, 503, 202]
    assert statuses(fake, "two", 1) == [202]
