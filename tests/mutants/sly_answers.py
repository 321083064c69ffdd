"""Sly spoils of answers: wrong at the end alone, in one member, for whoever has no right to ask, in one list."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from mutants.meddling import Told, Turn
from references.callers import KEYS

Json: TypeAlias = Any


async def _seen(turn: Turn, change: Callable[[Told], Told]) -> Told:
    """The answer to a poll that tells of a task, changed."""
    told = await turn.go()
    is_task = turn.is_poll and told.status == 200 and told.at(turn.places.word) is not None
    return change(told) if is_task else told


async def _done(turn: Turn, change: Callable[[Told], Told]) -> Told:
    """The answer to a poll that tells of a task which is done, changed."""
    return await _seen(turn, lambda told: change(told) if told.at(turn.places.word) == turn.places.done else told)


# The end


async def another_id_at_the_end(turn: Turn) -> Told:
    """A task that is done has another id."""

    def change(told: Told) -> Told:
        task_id = str(told.at(turn.places.task_id))
        return told.with_value(turn.places.task_id, task_id[:-1] + ("0" if task_id[-1] != "0" else "1"))

    return await _done(turn, change)


async def own_id_lost_at_the_end(turn: Turn) -> Told:
    """A task that is done has lost the client's own id."""
    return await _done(turn, lambda told: told.with_value("/data/task_info", {}))


async def model_of_another_at_the_end(turn: Turn) -> Told:
    """A job that is completed tells another model."""
    return await _done(turn, lambda told: told.with_value("/model", "kling-v3-std-silent"))


async def path_alone(turn: Turn) -> Told:
    """The video's URL is a path."""
    return await _done(
        turn, lambda told: told.with_value(turn.places.url, "/" + str(told.at(turn.places.url)).split("/", 3)[-1])
    )


async def videos_behind_ftp(turn: Turn) -> Told:
    """The video's URL is one of FTP."""
    return await _done(
        turn,
        lambda told: told.with_value(turn.places.url, "ftp://" + str(told.at(turn.places.url)).partition("://")[2]),
    )


async def video_null_when_told_again(turn: Turn) -> Told:
    """From the second poll of a task that is done its video is null."""

    def change(told: Told) -> Told:
        seen = turn.memory.setdefault("seen", set())
        is_again = turn.asked.task_id in seen
        seen.add(turn.asked.task_id)
        return told.with_value(turn.places.url, None) if is_again else told

    return await _done(turn, change)


async def updated_at_each_look(turn: Turn) -> Told:
    """The end is told as an instant later at each poll."""

    def change(told: Told) -> Told:
        turn.memory["count"] = turn.memory.get("count", 0) + 1
        return told.with_value(turn.places.updated, _later(told.at(turn.places.updated), turn.memory["count"]))

    return await _done(turn, change)


def _later(instant: Json, number: int) -> Json:
    return instant + number if isinstance(instant, int) else str(instant).replace("Z", f"{number % 10}Z")


async def created_of_the_submit(turn: Turn) -> Told:
    """The submit tells another created_at than the polls, by a second."""
    told = await turn.go()
    created = told.at(turn.places.created) if turn.is_submit and told.status < 300 else None
    return told.with_value(turn.places.created, created - 1000) if isinstance(created, int) else told


async def progress_beyond(turn: Turn) -> Told:
    """Progress is 101 at the end."""
    return await _done(turn, lambda told: told.with_value(turn.places.progress, 101))


async def progress_below(turn: Turn) -> Told:
    """Progress begins below 0."""
    return await _seen(
        turn,
        lambda told: told.with_value(turn.places.progress, -1) if told.at(turn.places.progress) == 0 else told,
    )


async def failures_with_a_video(turn: Turn) -> Told:
    """A task that has failed has a video all the same."""

    def change(told: Told) -> Told:
        is_failed = told.at(turn.places.word) in ("failed", "TASK_STATUS_FAILED")
        return told.with_json({**told.json, "videos": turn.memory["videos"]}) if is_failed else _kept(told)

    def _kept(told: Told) -> Told:
        if told.at("/videos"):
            turn.memory["videos"] = told.at("/videos")
        return told

    turn.memory.setdefault("videos", ["https://example.com/a.mp4"])
    return await _seen(turn, change)


async def words_cut(turn: Turn) -> Told:
    """A word has a blank behind it."""
    return await _seen(turn, lambda told: told.with_value(turn.places.word, f"{told.at(turn.places.word)} "))


# Who asks


async def others_are_forbidden(turn: Turn) -> Told:
    """Another account's task is refused as forbidden: whoever asks learns that it is there."""
    told = await turn.go()
    owners = turn.memory.setdefault("owners", {})
    key = turn.asked.headers.get("authorization", "")
    if turn.is_submit and told.status < 300:
        owners[str(told.at(turn.places.new_id))] = key
    is_others = turn.is_poll and owners.get(turn.asked.task_id, key) != key and key.partition(" ")[2] in KEYS
    return replace(told, status=403) if is_others and told.status >= 400 else told


async def others_fail(turn: Turn) -> Told:
    """Another account's task crashes."""
    told = await others_are_forbidden(turn)
    return replace(told, status=500) if turn.is_poll and told.status == 403 else told


async def second_submit_needs_no_key(turn: Turn) -> Told:
    """Whoever has submitted once needs no key for what is no poll."""
    key = turn.asked.headers.get("authorization")
    told = await turn.go()
    if turn.is_submit and told.status < 300:
        turn.memory["key"] = key
    is_open = turn.is_submit and not key and "key" in turn.memory
    return await turn.go(turn.asked.with_header("authorization", turn.memory["key"])) if is_open else told


# Lists


def _is_list(turn: Turn) -> bool:
    return turn.asked.method == "GET" and turn.asked.path.rpartition("/")[2].endswith("2video")


async def _listed(turn: Turn, change: Callable[[list[Json]], list[Json]]) -> Told:
    told = await turn.go()
    items = told.at("/data") if _is_list(turn) else None
    return told.with_json({**told.json, "data": change(items)}) if isinstance(items, list) else told


async def failures_unlisted(turn: Turn) -> Told:
    """A list leaves out what has failed."""
    return await _listed(turn, lambda items: [each for each in items if each["task_status"] != "failed"])


async def results_unlisted(turn: Turn) -> Told:
    """A list tells no results."""
    return await _listed(
        turn, lambda items: [{name: each for name, each in item.items() if name != "task_result"} for item in items]
    )


async def own_ids_unlisted(turn: Turn) -> Told:
    """A list tells no ids of the client's own."""
    return await _listed(turn, lambda items: [{**item, "task_info": {}} for item in items])


async def newest_unlisted(turn: Turn) -> Told:
    """A list leaves out the newest task."""
    return await _listed(turn, lambda items: items[1:])


async def listed_twice(turn: Turn) -> Told:
    """A list has its first task twice."""
    return await _listed(turn, lambda items: [*items[:1], *items])


# Refusals


async def codes_as_text(turn: Turn) -> Told:
    """A refusal's code is a text."""
    told = await turn.go()
    text = json.dumps(told.json)
    return told.with_json(json.loads(text, parse_int=str)) if told.status >= 400 and told.json else told


async def unknown_tasks_without_words(turn: Turn) -> Told:
    """An unknown task is refused with an empty object."""
    told = await turn.go()
    return told.with_json({}) if turn.is_poll and told.status in (400, 404) else told


async def bare_null(turn: Turn) -> Told:
    """A submit that is refused is answered with null."""
    told = await turn.go()
    return told.with_json(None) if turn.is_submit and told.status == 400 else told
