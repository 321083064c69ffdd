"""The table of constraints, what has one cause, and what a run was asked to judge."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

import specs
from contracts.exchange import Conversation
from contracts.finding import ConstraintRow
from contracts.judge import RULES, Promise, constraint_rows, judge
from judged_talk import conversation
from specs.catalogue import catalogue
from specs.sources import Source, Sources

MAXIMUM = "createTextToVideo:/duration:maximum"
MINIMUM = "createTextToVideo:/duration:minimum"
JOB = {"op": "createTextToVideo", "send": {"prompt": "a cat", "duration": 15}}
LONG = {"op": "createTextToVideo", "send": {"prompt": "a cat", "duration": 16}}
NO = {"refused": "request_invalid", "says": "no"}
TAKEN = {**JOB, "task": "A", "expects": "accepted", "constraint": MAXIMUM}
REFUSED = {**LONG, **NO, "expects": "refused", "constraint": MAXIMUM}


@cache
def promise() -> Promise:
    """What the vendor promises, read once."""
    return Promise(specs.load("mulerouter"))


def row(lines: list[Any], name: str = MAXIMUM, untested: Mapping[tuple[str, str], str] | None = None) -> ConstraintRow:
    """The row of one constraint after these exchanges."""
    rows = constraint_rows(conversation(promise().pack, lines), promise(), untested or {})
    return next(each for each in rows if each.id == name)


def test_every_constraint_has_its_row() -> None:
    """In the catalogue's order, with limit, source and standing."""
    rows = constraint_rows(Conversation(()), promise(), {})

    assert [each.id for each in rows] == [each.id for each in catalogue(promise().pack)]
    found = next(each for each in rows if each.id == MAXIMUM)
    assert (found.operation, found.pointer, found.rule, found.limit) == (
        "createTextToVideo",
        "/duration",
        "maximum",
        "15",
    )
    assert found.standing == "documented"
    assert found.source.startswith("MuleRouter, Kling v3, text to video (documented")
    assert (found.accepts, found.rejects) == ("untested", "untested")
    assert found.note == "accepts: nothing was sent for it; rejects: nothing was sent for it"


@pytest.mark.parametrize(
    ("lines", "accepts", "rejects"),
    [
        ([TAKEN, REFUSED], "ok", "ok"),
        ([{**TAKEN, **NO}, {**JOB, "task": "B"}], "fails", "untested"),
        ([TAKEN, {**TAKEN, **NO, "send": {"prompt": "a", "duration": 15, "mode": "pro"}}], "ok", "untested"),
        ([{**REFUSED, "refused": "task_unknown"}], "untested", "ok"),
        ([REFUSED, {**LONG, "task": "B", "expects": "refused", "constraint": MAXIMUM}], "untested", "fails"),
        ([{**REFUSED, "status": 500}], "untested", "fails"),
        ([{**TAKEN, "trouble": "timeout"}, {**REFUSED, "trouble": "timeout"}], "untested", "untested"),
    ],
)
def test_side_is_what_its_requests_met(lines: list[Any], accepts: str, rejects: str) -> None:
    """One that fails outweighs those that do not; a refusal counts as one whatever its 4xx."""
    found = row(lines)

    assert (found.accepts, found.rejects) == (accepts, rejects)


def test_accepted_request_counts_for_all_that_it_keeps() -> None:
    """Being refused does not."""
    also = {**TAKEN, "also": [MINIMUM]}

    assert row([also], MINIMUM).accepts == "ok"
    assert row([{**also, **NO}, {**JOB, "task": "B"}], MINIMUM).accepts == "untested"


def test_what_is_untested_says_why() -> None:
    """The case book's reason, or what the service said."""
    reasons = {(MAXIMUM, "rejects"): "it can't be broken alone"}
    late = {**TAKEN, "refused": "rate_exceeded"}

    assert row([TAKEN], untested=reasons).note == "rejects: it can't be broken alone"
    assert row([late, REFUSED]).note == "accepts: the service asked to come back later (429)"
    silent = {**TAKEN, "trouble": "timeout"}
    assert row([silent, REFUSED]).note == "accepts: no answer (timeout)"


def test_constraint_is_not_blamed_for_another_value() -> None:
    """A value that the service does not take spoils requests about others: their rows say so."""
    pro = {"op": "createTextToVideo", "expects": "accepted", **NO}
    lines = [
        {**JOB, "task": "A"},
        {**pro, "send": {"prompt": "a", "mode": "pro"}, "constraint": "createTextToVideo:/mode:enum"},
        {**pro, "send": {"prompt": "a", "mode": "pro", "duration": 3}, "constraint": MINIMUM},
        {**JOB, "task": "B", "send": {"prompt": "a", "duration": 3}},
    ]

    assert row(lines, "createTextToVideo:/mode:enum").accepts == "fails"
    assert row(lines, MINIMUM).accepts == "untested"
    assert row(lines, MINIMUM).note.startswith("accepts: its requests were refused for another reason")


def test_judgement_does_instead_of_the_conversation() -> None:
    """What was read once need not be read again."""
    heard = conversation(promise().pack, [TAKEN, REFUSED])
    again = constraint_rows(judge(heard, promise()), promise(), {})

    assert again == constraint_rows(heard, promise(), {})


def test_family_facts_are_not_judged() -> None:
    """What is only known of sibling systems shapes answers, and is held against nobody."""
    known = promise()
    entries = {"createTextToVideo": {"/duration": Source(None, "family", None)}}
    other = Promise(known.pack, Sources({}, entries, {}))
    heard = conversation(known.pack, [{**LONG, "task": "A", "expects": "refused", "constraint": MAXIMUM}])

    assert [each.rule for each in judge(heard, known).findings] == ["status.refused"]
    assert list(judge(heard, other).findings) == []
    found = next(each for each in constraint_rows(heard, other, {}) if each.id == MAXIMUM)
    assert (found.rejects, found.standing) == ("untested", "family")
    assert "rejects: known of sibling systems only, so it is not judged" in found.note


def test_service_that_ignores_most_constraints_is_one_finding() -> None:
    """Nobody reads forty findings that say the same."""
    promised = promise()
    ids = [name for name in promised.constraints if name.startswith("createTextToVideo:/")][:20]
    line = {"op": "createTextToVideo", "send": {}, "expects": "refused"}
    lines = [{**line, "task": f"T{number}", "constraint": name} for number, name in enumerate(ids)]

    found = judge(conversation(promised.pack, lines), promised).findings

    assert [(each.rule, each.constraint, len(each.exchanges)) for each in found] == [("status.refused", None, 20)]
    assert found[0].message.endswith("; so it goes for 19 other constraints of createTextToVideo")


def test_request_made_on_purpose_goes_before_a_drawn_one() -> None:
    """Even where chance found a smaller one."""
    meant = {**LONG, "task": "A", "expects": "refused", "constraint": MAXIMUM, "words": "duration 16"}
    drawn = {**meant, "send": {"prompt": "", "duration": 16}, "task": "B", "words": "a drawn body", "is_drawn": True}

    (found,) = judge(conversation(promise().pack, [drawn, meant]), promise()).findings

    assert (found.message.partition(":")[0], found.exchanges) == ("duration 16", (2, 1))


@pytest.mark.parametrize(
    ("chosen", "rules"),
    [
        ({}, [rule.id for rule in RULES.values() if rule.check is not None]),
        ({"only": ["echo"]}, ["echo.request"]),
        ({"only": ["account"], "skip": ["account.scheme"]}, ["account.key", "account.isolation"]),
        ({"skip": ["status", "shape", "lifecycle", "account", "robustness"]}, ["attribution.field", "echo.request"]),
    ],
)
def test_rules_are_chosen_by_name_or_subject(chosen: dict[str, Any], rules: list[str]) -> None:
    """What was not chosen has no row, and finds nothing."""
    judgement = judge(conversation(promise().pack, [{**LONG, "task": "A"}]), promise(), **chosen)

    assert [each.rule for each in judgement.laws] == rules
    assert {each.rule for each in judgement.findings} <= set(rules)
