"""What meddling does to requests on their way in: each function makes the service take, or refuse, the wrong ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from mutants.meddling import CRASH, Told, Turn

Json: TypeAlias = Any

_TOO_LONG = "p" * 2501


async def _job(turn: Turn, change: Callable[[dict[str, Json]], Json]) -> Told:
    """The job, changed, in place of the one that was sent."""
    job = turn.asked.job if turn.is_submit else {}
    return await turn.go(turn.asked.with_job(change(job)) if job else None)


# Members


async def nulls_are_absent(turn: Turn) -> Told:
    """A member that is null counts as absent, wherever it may not be null."""

    def change(value: Json) -> Json:
        if isinstance(value, dict):
            return {name: change(member) for name, member in value.items() if member is not None}
        return [change(item) for item in value] if isinstance(value, list) else value

    return await _job(turn, change)


async def texts_become_numbers(turn: Turn) -> Told:
    """A text of digits is taken for the number."""

    def change(job: dict[str, Json]) -> Json:
        value = job.get("duration")
        is_digits = isinstance(value, str) and value.isdecimal()
        return {**job, "duration": int(str(value))} if is_digits else job

    return await _job(turn, change)


async def capitals_are_small(turn: Turn) -> Told:
    """Words may be written in capitals."""
    words = ("mode", "sound", "shot_type", "model")
    return await _job(
        turn,
        lambda job: {
            name: value.lower() if name in words and isinstance(value, str) else value for name, value in job.items()
        },
    )


async def bytes_are_counted(turn: Turn) -> Told:
    """A prompt's length is told in bytes."""

    def change(job: dict[str, Json]) -> Json:
        prompt = job.get("prompt")
        is_long = isinstance(prompt, str) and len(prompt.encode()) > 2500
        return {**job, "prompt": _TOO_LONG} if is_long else job

    return await _job(turn, change)


async def length_is_cut(turn: Turn) -> Told:
    """What is too long is cut off."""

    def change(job: dict[str, Json]) -> Json:
        return {name: value[:2500] if isinstance(value, str) else value for name, value in job.items()}

    return await _job(turn, change)


async def unknown_members_refused(turn: Turn) -> Told:
    """A member that nobody documents is refused."""
    known = {
        *("first_frame", "last_frame", "prompt", "negative_prompt", "multi_shot", "shot_type", "multi_prompt", "sound"),
        *("mode", "aspect_ratio", "duration", "elements", "dynamic_masks", "static_mask", "camera_control"),
    }
    return await _job(turn, lambda job: job if job.keys() <= known else {**job, "duration": 99})


async def seconds_unchecked_when_model_cuts(turn: Turn) -> Told:
    """Jobs that the model cuts may last as long as they like."""
    return await _job(
        turn,
        lambda job: {**job, "duration": 5} if job.get("shot_type") == "intelligence" and "duration" in job else job,
    )


async def ratio_unchecked_with_mode_pro(turn: Turn) -> Told:
    """Mode pro takes any ratio."""
    return await _job(
        turn, lambda job: {**job, "aspect_ratio": "1:1"} if job.get("mode") == "pro" and "aspect_ratio" in job else job
    )


async def prompt_and_shots(turn: Turn) -> Told:
    """Where prompt and shots exclude each other, the prompt goes unseen."""

    def change(job: dict[str, Json]) -> Json:
        has_shots = bool(job.get("multi_prompt"))
        return {name: value for name, value in job.items() if name != "prompt" or not has_shots}

    return await _job(turn, change)


async def last_shot_unseen(turn: Turn) -> Told:
    """Of seven shots the last goes unseen."""

    def change(job: dict[str, Json]) -> Json:
        shots = job.get("multi_prompt")
        return {**job, "multi_prompt": shots[:6]} if isinstance(shots, list) and len(shots) > 6 else job

    return await _job(turn, change)


# Bodies


async def trailing_text(turn: Turn) -> Told:
    """Of a body only the first JSON value is read."""
    try:
        _, end = json.JSONDecoder().raw_decode(turn.asked.body.decode())
    except ValueError:
        return await turn.go()
    return await turn.go(replace(turn.asked, body=turn.asked.body.decode()[:end].encode()) if turn.is_submit else None)


async def bad_utf8(turn: Turn) -> Told:
    """Bytes that are no UTF-8 are replaced."""
    return await turn.go(replace(turn.asked, body=turn.asked.body.decode("utf-8", "replace").encode()))


async def not_a_number(turn: Turn) -> Told:
    """NaN is taken for 1."""
    return await turn.go(replace(turn.asked, body=turn.asked.body.replace(b"NaN", b"1")))


async def array_of_one(turn: Turn) -> Told:
    """An array stands for its first item."""
    try:
        value = json.loads(turn.asked.body)
    except ValueError:
        return await turn.go()
    return await turn.go(
        turn.asked.with_job(value[0]) if turn.is_submit and isinstance(value, list) and value else None
    )


async def any_content_type(turn: Turn) -> Told:
    """Every body is read as JSON."""
    return await turn.go(turn.asked.with_header("content-type", "application/json") if turn.is_submit else None)


async def malformed_500(turn: Turn) -> Told:
    """A body that is no JSON crashes."""
    try:
        json.loads(turn.asked.body or b"{}")
    except ValueError:
        return CRASH
    return await turn.go()


async def scalar_500(turn: Turn) -> Told:
    """A body that is no object crashes."""
    is_object = turn.asked.body.lstrip().startswith(b"{")
    return CRASH if turn.is_submit and not is_object else await turn.go()


async def large_500(turn: Turn) -> Told:
    """A body of more than 60 kB crashes, if it holds no picture."""
    is_large = len(turn.asked.body) > 60_000 and not {"image", "first_frame"} & turn.asked.job.keys()
    return CRASH if is_large else await turn.go()


async def deep_500(turn: Turn) -> Told:
    """A body of many levels crashes."""
    return CRASH if b"[[[[[[[[" in turn.asked.body.replace(b" ", b"") else await turn.go()


async def digits_500(turn: Turn) -> Told:
    """A number of thousands of digits crashes, as where Python reads it and only bad syntax is expected."""
    return CRASH if b"9" * 4301 in turn.asked.body else await turn.go()


async def nul_500(turn: Turn) -> Told:
    """A NUL in a text crashes, as it does in some databases."""
    return CRASH if b"\\u0000" in turn.asked.body else await turn.go()


async def odd_id_500(turn: Turn) -> Told:
    """An id with an escape in it crashes."""
    return CRASH if turn.is_poll and "%" in turn.asked.path + turn.asked.query else await turn.go()


async def untyped_500(turn: Turn) -> Told:
    """A body that does not say what it is crashes."""
    return CRASH if turn.is_submit and "content-type" not in turn.asked.headers else await turn.go()


# Methods


async def put_submits(turn: Turn) -> Told:
    """PUT is as good as POST."""
    return await turn.go(replace(turn.asked, method="POST") if turn.asked.method == "PUT" else None)


async def delete_forgets(turn: Turn) -> Told:
    """DELETE makes a task unknown."""
    if turn.asked.method == "DELETE":
        turn.memory.setdefault("gone", set()).add(turn.asked.task_id)
        return Told(204, {}, b"")
    is_gone = turn.is_poll and turn.asked.task_id in turn.memory.get("gone", ())
    return await turn.go(turn.asked.for_task("00000000-0000-4000-8000-000000000000") if is_gone else None)


async def patch_500(turn: Turn) -> Told:
    """PATCH crashes."""
    return CRASH if turn.asked.method == "PATCH" else await turn.go()


async def head_500(turn: Turn) -> Told:
    """HEAD crashes."""
    return CRASH if turn.asked.method == "HEAD" else await turn.go()


# Effects


async def submits_twice(turn: Turn) -> Told:
    """A submit makes two tasks, of which one is told."""
    told = await turn.go()
    job = {name: value for name, value in turn.asked.job.items() if name != "external_task_id"}
    if turn.is_submit and told.status < 300:
        await turn.go(turn.asked.with_job(job))
    return told


async def polls_submit(turn: Turn) -> Told:
    """A poll makes a task."""
    told = await turn.go()
    if turn.is_submit and told.status < 300:
        turn.memory["submit"] = turn.asked
    if turn.is_poll and "submit" in turn.memory and told.status == 200:
        submit = turn.memory["submit"]
        job = {name: value for name, value in submit.job.items() if name != "external_task_id"}
        await turn.go(submit.with_job(job))
    return told
