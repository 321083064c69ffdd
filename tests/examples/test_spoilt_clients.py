"""The client of `examples/clients` with one flaw, at vendors of each kind: the rule about it finds it, and no other."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import specs
from contracts.drivers.clients.callable import CallableClient
from contracts.drivers.clients.performing import Stage
from contracts.judge import Promise
from contracts.judge.clients import judge_client
from contracts.scenarios.plan import Plan
from spoilt_example import FLAWS

ROOT = Path(__file__).resolve().parents[2]


@cache
def plan(vendor: str) -> Plan:
    """Every kind of awkwardness."""
    return Plan(specs.load(vendor), 0, 0, 30)


@pytest.mark.parametrize("name", FLAWS)
async def test_flaw_is_found_by_its_rule(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its scenario, with its job."""
    flaw = FLAWS[name]
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'tests'}")
    made = plan(flaw.vendor)
    found = next(each for each in (*made.plain, *made.others) if each.name == flaw.scenario)
    body = {**made.jobs.plain(flaw.operation), **flaw.job}
    promise = Promise(specs.load(flaw.vendor))
    client = CallableClient(f"spoilt_example:named.{name}")

    await client.start()
    try:
        run = await Stage(promise, client, 0, 30).perform(replace(found, operation=flaw.operation, body=body))
    finally:
        await client.stop()

    broken = {rule for rule, steps in judge_client(run, promise).items() if any(steps)}
    assert broken == {flaw.rule}
