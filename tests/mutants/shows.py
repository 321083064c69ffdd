"""What is asked of a fake and of its mutant, so that the mutant shows: a talk made out of the vendor's own examples."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

import specs
from mutants.meddling import PLACES
from references.callers import KEY, OTHER_KEY
from references.talk import Talk, ask_as_strangers, ask_for_odd_things, ask_with_odd_bodies
from specs.pack import Operation
from specs.pointers import resolve

Json: TypeAlias = Any

_SHOT = {"index": 1, "prompt": "A lamp", "duration": 1}
# Members that mutants take for other ones; where one means nothing, nothing is shown by it.
CHANGES: list[dict[str, Json]] = [
    *({"duration": value} for value in (None, "5", 99, "99")),
    {"mode": "PRO"},
    *({"prompt": value} for value in ("\u00e9" * 2000, "p" * 2501, None)),
    {"unheard_of": 1},
    {"model": "other", "model_name": "other"},
    {"multi_shot": True, "shot_type": "intelligence", "duration": 99},
    {"mode": "pro", "aspect_ratio": "4:3"},
    {"multi_prompt": [_SHOT]},
    {"prompt": "", "multi_prompt": [_SHOT] * 7, "duration": 7},
    {"unheard_of": "x" * 100_000},
    {"unheard_of": [[[[[[[[[[[]]]]]]]]]]]},
]


def _operations(vendor: str) -> tuple[Operation, Operation]:
    """A submit and the poll that belongs to it."""
    operations = specs.load(vendor).operations.values()
    submit = next(each for each in operations if each.role == "submit")
    return submit, next(each for each in operations if each.role == "poll" and each.tasks in (submit.tasks, "*"))


def _poll_path(poll: Operation, task_id: str) -> str:
    return (
        f"{poll.path}?{poll.id_name}={task_id}"
        if poll.id_location == "query"
        else poll.path.partition("{")[0] + task_id
    )


async def show(talk: Talk, vendor: str) -> None:
    """Jobs, polls up to their ends and beyond, strangers, odd bodies and odd methods."""
    submit, poll = _operations(vendor)
    job = dict(submit.examples["minimal"])
    polls = await _live(talk, vendor, submit.path, job)
    for number, changes in enumerate(CHANGES):
        await talk.submit(f"changes {number}", submit.path, {**job, **changes})
    await ask_as_strangers(talk, submit.path, polls[0], job)
    await ask_with_odd_bodies(talk, submit.path, job)
    await talk.ask("strange id", "GET", _poll_path(poll, "nobody"))
    if poll.id_location == "path":
        await ask_for_odd_things(talk, submit.path, polls[0])
    for method in ("PUT", "PATCH", "HEAD", "DELETE"):
        await talk.ask(method, method, submit.path, json=job)
    for query in ("", f"?{poll.id_name}=%F0%9F%8C%8A"):
        await talk.ask("odd query", "GET", poll.path + query)
    for operation in specs.load(vendor).operations.values():
        if operation.role == "list":
            await talk.ask("list", "GET", operation.path)


async def _live(talk: Talk, vendor: str, path: str, job: dict[str, Json]) -> list[str]:
    """Three tasks until long after their ends, one of which fails; the addresses of their polls."""
    _, poll = _operations(vendor)
    jobs = [job, job, {**job, "prompt": "[[fail]] A lamp", "external_task_id": "order-1"}]
    answers = await asyncio.gather(*(talk.submit("at once", path, each) for each in jobs))
    ids = [resolve(answer.json(), PLACES[vendor].new_id) if answer.content else None for answer in answers]
    polls = [_poll_path(poll, str(task_id)) for task_id in ids]
    for seconds in (0, 10, 10, 10, 10, 10, 10, 30, 60, 60):
        talk.pass_time(seconds)
        for each in polls:
            for key in (KEY, OTHER_KEY):
                await talk.ask("poll", "GET", each, headers={"authorization": f"Bearer {key}"})
    return polls
