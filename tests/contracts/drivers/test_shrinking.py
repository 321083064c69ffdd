"""Proofs are made smaller by asking again, and each question is one of its own."""

from __future__ import annotations

import asyncio

import orjson

import specs
from contracts.cases.case import Case
from contracts.cases.stamping import Stamp
from contracts.drivers.shrinking import Confirmer, Shrinker, with_smallest_first
from contracts.exchange import Exchange, Purpose
from contracts.finding import Finding
from specs.catalogue import catalogue

PACK = specs.load("kling")
OPERATION = PACK.operations["createTextToVideo"]
OWN_ID = "understudy-0123456789abcdef"
BODY = {"prompt": "A lighthouse", "external_task_id": OWN_ID, "mode": "pro", "sound": "on", "cfg_scale": 2}


def test_smaller_bodies_have_ids_of_their_own() -> None:
    """An id that an account has used up would be refused for that; the least that shows it is left."""
    broken = next(
        each.id
        for each in catalogue(PACK)
        if (each.operation, each.pointer, each.keyword) == (OPERATION.id, "/cfg_scale", "maximum")
    )
    shown = Exchange(
        number=1,
        operation=OPERATION.id,
        method="POST",
        base="http://fake",
        path=OPERATION.path,
        request_body=orjson.dumps(BODY),
        status=200,
        purpose=Purpose(expects="refused", words="cfg_scale is 2", constraint=broken),
    )
    asked: list[Case] = []

    async def ask(case: Case) -> Exchange:
        """A service that ignores the limit, and insists on the client's own id."""
        asked.append(case)
        status = 200 if "external_task_id" in case.body else 400
        return Exchange(number=len(asked) + 1, operation=OPERATION.id, method="POST", base="", path="", status=status)

    finding = Finding(
        rule="status.refused",
        level="error",
        operation=OPERATION.id,
        pointer="/cfg_scale",
        message="taken",
        constraint=broken,
        exchanges=(1,),
    )
    asyncio.run(Shrinker(Confirmer(PACK), Stamp(PACK, "smaller"), ask).shrink([finding], {1: shown}))

    named = [case.body for case in asked if "external_task_id" in case.body]
    ids = {OWN_ID, *(body["external_task_id"] for body in named)}
    assert len(ids) == len(named) + 1 > 2
    assert set(named[-1]) == {"prompt", "external_task_id", "cfg_scale"}


def test_finding_is_told_by_a_request_of_its_own() -> None:
    """One cause may have spoilt a smaller request that was about something else: the words would not fit it."""
    own, other = "createTextToVideo:/mode:enum", "createTextToVideo:/sound:enum"
    shown = {
        number: Exchange(
            number=number,
            operation=OPERATION.id,
            method="POST",
            base="http://fake",
            path=OPERATION.path,
            request_body=b"x" * length,
            purpose=Purpose(expects="accepted", words="", constraint=constraint),
        )
        for number, length, constraint in ((1, 90, own), (2, 20, other), (3, 50, own))
    }
    finding = Finding(
        rule="status.accepted",
        level="error",
        operation=OPERATION.id,
        pointer="/mode",
        message="refused",
        constraint=own,
        exchanges=(1, 2, 3),
    )

    assert with_smallest_first(finding, shown).exchanges == (3, 1, 2)
