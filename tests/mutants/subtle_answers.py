"""Subtler spoils of answers: what is wrong once, late, for one account, in one kind of refusal alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import UUID

from mutants.meddling import Told, Turn
from mutants.spoils import others_tasks

Json: TypeAlias = Any

_NOBODYS = "00000000-0000-4000-8000-000000000000"
_FAILED = ("failed", "TASK_STATUS_FAILED")


async def _seen(turn: Turn, change: Callable[[Told, list[Told]], Told]) -> Told:
    """The answer to a poll that tells of a task, changed; `change` gets all true ones up to it too."""
    told = await turn.go()
    if not turn.is_poll or told.status != 200 or told.at(turn.places.word) is None:
        return told
    polls: list[Told] = turn.memory.setdefault("polls " + turn.asked.task_id, [])
    polls.append(told)
    return change(told, polls)


def _over(turn: Turn, polls: list[Told]) -> int:
    """How many of the polls saw the task done."""
    return sum(1 for told in polls if told.at(turn.places.word) == turn.places.done)


# Late


async def result_comes_later(turn: Turn) -> Told:
    """The first poll of a task that is done has no result yet."""

    def change(told: Told, polls: list[Told]) -> Told:
        running = next((each for each in reversed(polls) if each.at(turn.places.word) != turn.places.done), None)
        if _over(turn, polls) != 1 or told.at(turn.places.word) != turn.places.done or running is None:
            return told
        return running.with_value(turn.places.word, turn.places.done)

    return await _seen(turn, change)


async def result_moves_later(turn: Turn) -> Told:
    """From the third poll of a task that is done its video is elsewhere."""

    def change(told: Told, polls: list[Told]) -> Told:
        moved = f"{told.at(turn.places.url)}?v=2"
        return told.with_value(turn.places.url, moved) if _over(turn, polls) > 2 else told

    return await _seen(turn, change)


async def failures_vanish(turn: Turn) -> Told:
    """A task that has failed is unknown once that was told."""
    told = await _seen(turn, lambda told, _: told)
    gone = turn.memory.setdefault("failed", set())
    if turn.is_poll and turn.asked.task_id in gone:
        return await turn.go(turn.asked.for_task(_NOBODYS))
    if turn.is_poll and told.at(turn.places.word) in _FAILED:
        gone.add(turn.asked.task_id)
    return told


async def failures_begin_anew(turn: Turn) -> Told:
    """A task that has failed is tried again when somebody looks."""

    def change(told: Told, polls: list[Told]) -> Told:
        failed = [each for each in polls if each.at(turn.places.word) in _FAILED]
        return polls[0] if told in failed and len(failed) == 2 else told

    return await _seen(turn, change)


async def created_when_done(turn: Turn) -> Told:
    """created_at is the time of the end, once there is one."""

    def change(told: Told, _: list[Told]) -> Told:
        is_done = told.at(turn.places.word) == turn.places.done
        return told.with_value(turn.places.created, told.at(turn.places.updated)) if is_done else told

    return await _seen(turn, change)


async def full_before_the_end(turn: Turn) -> Told:
    """Progress is 100 as soon as it is above 40."""

    def change(told: Told, _: list[Told]) -> Told:
        progress = told.at(turn.places.progress)
        return told.with_value(turn.places.progress, 100 if progress > 40 else progress)

    return await _seen(turn, change)


# Now and then


async def now_and_then_no_json(turn: Turn) -> Told:
    """Every fifteenth poll's answer is cut off."""
    turn.memory["count"] = turn.memory.get("count", 0) + (1 if turn.is_poll else 0)
    told = await turn.go()
    is_cut = turn.is_poll and turn.memory["count"] % 15 == 0
    return replace(told, body=told.body[: len(told.body) // 2]) if is_cut else told


async def words_in_capitals(turn: Turn) -> Told:
    """Each word is told in capitals."""
    told = await turn.go()
    word = told.at(turn.places.word) if told.status < 300 else None
    return told.with_value(turn.places.word, word.upper()) if isinstance(word, str) else told


# Ids


async def ids_of_an_account(turn: Turn) -> Told:
    """Each account's tasks are counted from 1: two accounts have the same ids."""
    account = turn.asked.headers.get("authorization", "")
    names: dict[str, str] = turn.memory.setdefault(f"names {account}", {})
    asked = turn.asked.for_task(names[turn.asked.task_id]) if turn.is_poll and turn.asked.task_id in names else None
    told = await turn.go(asked)
    real = told.at(turn.places.new_id)
    if turn.is_submit and told.status < 300 and isinstance(real, str):
        names[str(UUID(int=len(names) + 1, version=4))] = real
    for name, known in names.items():
        told = replace(told, body=told.body.replace(known.encode(), name.encode()))
    return told


async def ids_are_numbers(turn: Turn) -> Told:
    """Ids are numbers."""
    told = await turn.go()
    task_id = told.at(turn.places.new_id) if told.status < 300 else None
    return (
        told.with_value(turn.places.new_id, int(task_id)) if isinstance(task_id, str) and task_id.isdecimal() else told
    )


async def others_tasks_before_the_end(turn: Turn) -> Told:
    """Whoever knows a task's id can read it while it waits."""
    seen = await others_tasks(turn)
    waits = (
        "pending",
        "queued",
        "submitted",
        "TASK_STATUS_QUEUED",
        "processing",
        "in_progress",
        "TASK_STATUS_PROCESSING",
    )
    return seen if not turn.is_poll or seen.at(turn.places.word) in waits else await turn.go()


# Refusals


async def details_of_a_framework(turn: Turn) -> Told:
    """A body that is no JSON is refused as a web framework does it."""
    told = await turn.go()
    try:
        json.loads(turn.asked.body or b"null")
    except ValueError:
        return told.with_json({"detail": "There was an error parsing the body"}) if told.status == 400 else told
    return told


async def keys_refused_in_text(turn: Turn) -> Told:
    """Polls refuse a key in plain text."""
    told = await turn.go()
    text = Told(401, {"content-type": "text/plain"}, b"unauthorized")
    return text if turn.is_poll and told.status == 401 else told


async def refusals_untyped(turn: Turn) -> Told:
    """Refusals do not say that they are JSON."""
    told = await turn.go()
    return replace(told, headers={**told.headers, "content-type": "text/html"}) if told.status >= 400 else told


async def refusals_empty(turn: Turn) -> Told:
    """A submit that is refused is answered with a status and nothing else."""
    told = await turn.go()
    return replace(told, body=b"") if turn.is_submit and told.status == 400 else told


async def refusals_in_a_list(turn: Turn) -> Told:
    """What refuses a broken body stands in a list."""
    told = await turn.go()
    return told.with_json([told.json]) if turn.is_submit and told.status == 400 else told
