"""Runs of a client written down line by line, for the judge: calls as `judged_talk` has them, and what came of them.

Beside what a line holds there: `where` (elsewhere, outside), `made` (the task's letter, where the client is not told of
it), `scripted` (the answer was the scenario's choice). A run holds `lines`, and of the client `job` (operation and
body; by default the first submit's own), `demand` and `ends` (an Ending's members).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from contracts.exchange import Exchange
from contracts.judge.clients import Ending, Job, Run, Served
from judged_talk import conversation, task_id
from specs.pack import Pack

KEY = "sk-1-of-the-client"
_OWN = ("where", "made", "scripted", "says_words")


def run_of(pack: Pack, case: Mapping[str, Any]) -> Run:
    """The run that a case stands for."""
    lines = [_plain(line) for line in case["lines"]]
    exchanges = conversation(pack, lines).exchanges
    served = tuple(_served(pack, line, each) for line, each in zip(case["lines"], exchanges, strict=True))
    ends = case.get("ends")
    return Run(
        served=served,
        key=case.get("key", KEY),
        job=None if case.get("job", "") is None else _job(case, served),
        demand=case.get("demand", "either"),
        ending=Ending(**ends) if ends is not None else None,
        timeout_seconds=30,
    )


def _plain(line: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in line.items() if name not in _OWN}
    return {"authorization": f"Bearer {KEY}", **told}


def _served(pack: Pack, line: Mapping[str, Any], exchange: Exchange) -> Served:
    where = line.get("where", "vendor")
    if where != "vendor":
        exchange = replace(exchange, operation=None, base=f"http://{where}.test")
    is_made = exchange.operation is not None and pack.operations[exchange.operation].role == "submit"
    is_made = is_made and exchange.status is not None and exchange.status < 300 and "made" not in line
    letter = line.get("task", "Z") if is_made else line.get("made")
    return Served(
        exchange=exchange,
        where=where,
        made=task_id(pack, letter) if letter else None,
        is_scripted=line.get("scripted", False),
        words=line.get("says_words", str(exchange.status)),
    )


def _job(case: Mapping[str, Any], served: tuple[Served, ...]) -> Job:
    if "job" in case:
        return Job(**case["job"])
    first = next((each.exchange for each in served if each.exchange.request_body), None)
    if first is None:
        return Job(operation="createTextToVideo", body={"prompt": "a cat"})
    return Job(operation=first.operation or "createTextToVideo", body=orjson.loads(first.request_body))
