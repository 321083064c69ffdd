"""Proofs are made smaller by asking again, and each question is one of its own."""

from __future__ import annotations

import asyncio

import orjson

import specs
from contracts.cases.case import Case
from contracts.cases.stamping import Stamp
from contracts.drivers.shrinking import Confirmer, Shrinker, with_smallest_first
from contracts.exchange import Exchange, Expects, Purpose
from contracts.finding import Finding
from specs.catalogue import catalogue

PACK = specs.load("kling")
OPERATION = PACK.operations["createTextToVideo"]
OWN_ID = "understudy-0123456789abcdef"
BODY = {"prompt": "A lighthouse", "external_task_id": OWN_ID, "mode": "pro", "sound": "on", "cfg_scale": 2}


def exchange(number: int, constraint: str, body: bytes, *, expects: Expects = "refused", status: int = 200) -> Exchange:
    """A request that was sent to find out about a constraint."""
    return Exchange(
        number=number,
        operation=OPERATION.id,
        method="POST",
        base="http://fake",
        path=OPERATION.path,
        request_body=body,
        status=status,
        purpose=Purpose(expects=expects, words="a request", constraint=constraint),
    )


def found(rule: str, constraint: str, *numbers: int) -> Finding:
    """A finding about it, with these exchanges."""
    return Finding(
        rule=rule,
        level="error",
        operation=OPERATION.id,
        pointer=None,
        message="",
        constraint=constraint,
        exchanges=numbers,
    )


def test_smaller_bodies_have_ids_of_their_own() -> None:
    """An id that an account has used up would be refused for that; the least that shows it is left."""
    broken = next(
        each.id
        for each in catalogue(PACK)
        if (each.operation, each.pointer, each.keyword) == (OPERATION.id, "/cfg_scale", "maximum")
    )
    shown = exchange(1, broken, orjson.dumps(BODY))
    asked: list[Case] = []

    async def ask(case: Case) -> Exchange:
        """A service that ignores the limit, and insists on the client's own id."""
        asked.append(case)
        status = 200 if "external_task_id" in case.body else 400
        return Exchange(number=len(asked) + 1, operation=OPERATION.id, method="POST", base="", path="", status=status)

    asyncio.run(
        Shrinker(Confirmer(PACK), Stamp(PACK, "smaller"), ask).shrink([found("status.refused", broken, 1)], {1: shown})
    )

    named = [case.body for case in asked if "external_task_id" in case.body]
    ids = {OWN_ID, *(body["external_task_id"] for body in named)}
    assert len(ids) == len(named) + 1 > 2
    assert set(named[-1]) == {"prompt", "external_task_id", "cfg_scale"}


def test_finding_is_told_by_a_request_of_its_own() -> None:
    """One cause may have spoilt a smaller request that was about something else: the words would not fit it."""
    own, other = "createTextToVideo:/mode:enum", "createTextToVideo:/sound:enum"
    shown = {
        number: exchange(number, constraint, b"x" * length, expects="accepted", status=400)
        for number, length, constraint in ((1, 90, own), (2, 20, other), (3, 50, own))
    }

    assert with_smallest_first(found("status.accepted", own, 1, 2, 3), shown).exchanges == (3, 1, 2)
