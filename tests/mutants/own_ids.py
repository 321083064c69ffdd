"""Services that are wrong about the ids that clients give their jobs: when one is free, and which are alike."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from mutants.meddling import Told, Turn

Json: TypeAlias = Any


def _own(turn: Turn) -> str:
    own = turn.asked.job.get("external_task_id") if turn.is_submit else None
    return own if isinstance(own, str) else ""


def _whose(turn: Turn) -> str:
    return turn.asked.headers.get("authorization", "").partition(" ")[2]


async def own_ids_burn(turn: Turn) -> Told:
    """A job that is refused uses up its own id."""
    own, burnt = _own(turn), turn.memory.setdefault("burnt", set())
    if own and (_whose(turn), own) in burnt:
        return await turn.go(turn.asked.with_job({**turn.asked.job, "duration": "99"}))
    told = await turn.go()
    if own and told.status == 400:
        burnt.add((_whose(turn), own))
    return told


async def own_ids_of_each_kind(turn: Turn) -> Told:
    """A client's own id can be used once for each kind of job."""
    own, used = _own(turn), turn.memory.setdefault("used", {})
    key = _whose(turn), own
    again = bool(own) and used.get(key, turn.asked.path) != turn.asked.path
    told = await turn.go(turn.asked.with_job({**turn.asked.job, "external_task_id": f"{own}~2"}) if again else None)
    if own and told.status < 300:
        used.setdefault(key, turn.asked.path)
    return told.with_json(_renamed(told.json)) if b'~2"' in told.body else told


async def own_ids_are_free_later(turn: Turn) -> Told:
    """A client's own id is free again when its job is over."""
    own, used, over = _own(turn), turn.memory.setdefault("used", set()), turn.memory.setdefault("over", set())
    again = bool(own) and own in over
    told = await turn.go(turn.asked.with_job({**turn.asked.job, "external_task_id": f"{own}~2"}) if again else None)
    if own and told.status < 300:
        used.add(own)
    if turn.is_poll and told.at(turn.places.word) in (turn.places.done, "failed"):
        over.update(each for each in used if f'"{each}"'.encode() in told.body)
    return told.with_json(_renamed(told.json)) if b'~2"' in told.body else told


async def own_ids_in_the_same_moment(turn: Turn) -> Told:
    """Who looks for an id first and remembers it later takes two jobs of one moment."""
    own, looking = _own(turn), turn.memory.setdefault("looking", set())
    again = bool(own) and own in looking
    looking.add(own)
    await asyncio.sleep(0.01)
    told = await turn.go(turn.asked.with_job({**turn.asked.job, "external_task_id": f"{own}~2"}) if again else None)
    looking.discard(own)
    return told.with_json(_renamed(told.json)) if b'~2"' in told.body else told


async def own_ids_without_capitals(turn: Turn) -> Told:
    """Ids that differ in capitals alone are one id."""
    own, first = _own(turn), turn.memory.setdefault("first", {})
    known = first.setdefault((_whose(turn), own.lower()), own)
    return await turn.go(turn.asked.with_job({**turn.asked.job, "external_task_id": known}) if known != own else None)


def _renamed(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _renamed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_renamed(each) for each in value]
    return value.removesuffix("~2") if isinstance(value, str) else value
