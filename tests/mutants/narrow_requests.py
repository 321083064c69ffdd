"""Narrow spoils of requests: a limit that is forgotten in one kind of job, on one side, or beside one default."""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Callable
from typing import Any, TypeAlias

from mutants.meddling import CRASH, Told, Turn
from pictures import encoded, png
from references.callers import KEYS

Json: TypeAlias = Any

_HIGH, _DEFAULT, _UNITS_MAX, _TEXT_MAX = 99, 5, 512, 2500
_PICTURES = ("image", "image_tail", "first_frame", "last_frame")
_LAST_PICTURES = ("image_tail", "last_frame")
_GOOD = encoded(png(400, 400))
_PNG, _JPEG = b"\x89PNG", b"\xff\xd8"


async def _job(turn: Turn, change: Callable[[dict[str, Json]], Json]) -> Told:
    """The job, changed, in place of the one that was sent."""
    job = turn.asked.job if turn.is_submit else {}
    changed = change(job) if job else job
    return await turn.go(turn.asked.with_job(changed) if changed != job else None)


def _wrong(job: dict[str, Json]) -> Json:
    """A job that is refused, whatever it was."""
    return {**job, "prompt": 5, "duration": _HIGH, "multi_prompt": 5, "mode": 5}


# Shots and their whole


def _seconds(job: dict[str, Json]) -> list[int]:
    """The lengths of a job's shots, where all of them are right."""
    shots = job.get("multi_prompt")
    told = [each.get("duration") if isinstance(each, dict) else None for each in shots or ()] if shots else []
    whole = [int(each) for each in told if isinstance(each, int | str) and str(each).isdecimal()]
    return whole if len(whole) == len(told) and job.get("shot_type") == "customize" else []


def _like(job: dict[str, Json], seconds: int) -> Json:
    """As a job writes its length: as text where its shots do."""
    return str(seconds) if isinstance(job["multi_prompt"][0]["duration"], str) else seconds


async def whole_unchecked_by_default(turn: Turn) -> Told:
    """Shots may add up to anything where no duration is given."""

    def change(job: dict[str, Json]) -> Json:
        parts = _seconds(job)
        return {**job, "duration": _like(job, sum(parts))} if parts and "duration" not in job else job

    return await _job(turn, change)


async def whole_is_ten_by_default(turn: Turn) -> Told:
    """Shots have to add up to 10 where no duration is given."""

    def change(job: dict[str, Json]) -> Json:
        return {**job, "duration": _like(job, 2 * _DEFAULT)} if _seconds(job) and "duration" not in job else job

    return await _job(turn, change)


async def shots_may_be_shorter(turn: Turn) -> Told:
    """Shots may add up to less than the whole."""

    def change(job: dict[str, Json]) -> Json:
        parts, whole = _seconds(job), str(job.get("duration", _DEFAULT))
        is_less = parts and whole.isdecimal() and 2 < sum(parts) < int(whole) <= 15
        return {**job, "duration": _like(job, sum(parts))} if is_less else job

    return await _job(turn, change)


async def shots_may_be_a_second_off(turn: Turn) -> Told:
    """Shots may add up to a second more than the whole."""

    def change(job: dict[str, Json]) -> Json:
        parts, whole = _seconds(job), str(job.get("duration", _DEFAULT))
        is_near = parts and whole.isdecimal() and sum(parts) - int(whole) == 1
        return {**job, "duration": _like(job, sum(parts))} if is_near else job

    return await _job(turn, change)


async def intelligence_needs_no_prompt(turn: Turn) -> Told:
    """Where the shots are chosen for it a job needs no prompt."""
    return await _job(
        turn,
        lambda job: (
            {**job, "prompt": "A lamp"}
            if job.get("shot_type") == "intelligence" and job.get("multi_shot") is True and not job.get("prompt")
            else job
        ),
    )


async def shots_are_counted_in_units(turn: Turn) -> Told:
    """A shot's prompt has 512 units of UTF-16 at most."""

    def change(job: dict[str, Json]) -> Json:
        texts = [each.get("prompt") for each in job.get("multi_prompt") or () if isinstance(each, dict)]
        is_long = any(
            isinstance(each, str) and len(each.encode("utf-16-le", "replace")) > 2 * _UNITS_MAX for each in texts
        )
        return _wrong(job) if is_long else job

    return await _job(turn, change)


async def negative_is_counted_in_bytes(turn: Turn) -> Told:
    """negative_prompt has 2500 bytes at most."""

    def change(job: dict[str, Json]) -> Json:
        text = {**job, **(job.get("extra_body") or {})}.get("negative_prompt")
        return _wrong(job) if isinstance(text, str) and len(text.encode("utf-8", "replace")) > _TEXT_MAX else job

    return await _job(turn, change)


# One kind of job


async def texts_for_numbers_with_pictures(turn: Turn) -> Told:
    """Where there is a picture the duration may be a text."""

    def change(job: dict[str, Json]) -> Json:
        seconds, has_picture = job.get("duration"), any(job.get(name) for name in _PICTURES)
        return {**job, "duration": int(str(seconds))} if has_picture and str(seconds).isdecimal() else job

    return await _job(turn, change)


async def nulls_among_shots(turn: Turn) -> Told:
    """In a job in shots negative_prompt may be null."""
    return await _job(
        turn,
        lambda job: (
            {name: each for name, each in job.items() if name != "negative_prompt" or each is not None}
            if job.get("multi_prompt")
            else job
        ),
    )


async def prompt_beside_shots_with_last_picture(turn: Turn) -> Told:
    """With a last picture a job may have a prompt and shots."""

    def change(job: dict[str, Json]) -> Json:
        has_both = job.get("prompt") and (job.get("extra_body") or {}).get("multi_prompt")
        return (
            {name: each for name, each in job.items() if name != "prompt"}
            if has_both and job.get("last_image")
            else job
        )

    return await _job(turn, change)


async def pro_takes_any_length(turn: Turn) -> Told:
    """Jobs of mode pro may be 20 seconds long."""

    def change(job: dict[str, Json]) -> Json:
        seconds = job.get("duration")
        is_long = str(seconds).isdecimal() and 15 < int(str(seconds)) <= 20
        return (
            {**job, "duration": str(15) if isinstance(seconds, str) else 15}
            if is_long and job.get("mode") == "pro"
            else job
        )

    return await _job(turn, change)


# Cameras


def _camera(job: dict[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """The camera movement and its numbers; nothing where there are none."""
    camera = job.get("camera_control")
    config = camera.get("config") if isinstance(camera, dict) else None
    return (camera, config) if isinstance(camera, dict) and isinstance(config, dict) else ({}, {})


async def several_axes(turn: Turn) -> Told:
    """A camera may move along several axes at once."""

    def change(job: dict[str, Json]) -> Json:
        camera, config = _camera(job)
        moved = [name for name, each in config.items() if each]
        return {**job, "camera_control": {**camera, "config": {moved[0]: config[moved[0]]}}} if len(moved) > 1 else job

    return await _job(turn, change)


async def no_axis(turn: Turn) -> Told:
    """A camera may move along no axis at all."""

    def change(job: dict[str, Json]) -> Json:
        camera, config = _camera(job)
        is_still = config and all(each == 0 and each is not False for each in config.values())
        return {**job, "camera_control": {**camera, "config": {"pan": 1}}} if is_still else job

    return await _job(turn, change)


# Pictures


def _raw(value: Json) -> bytes:
    try:
        return base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (ValueError, binascii.Error):
        return b""


def _sides(value: Json) -> tuple[int, int] | None:
    """Width and height of a PNG."""
    raw = _raw(value)
    return struct.unpack(">II", raw[16:24]) if raw.startswith(_PNG) else None


def _pictured(job: dict[str, Json], is_meant: Callable[[str, Json], bool]) -> Json:
    """The job with a good picture in place of those that are meant."""
    return {name: _GOOD if name in _PICTURES and is_meant(name, each) else each for name, each in job.items()}


async def tall_pictures(turn: Turn) -> Told:
    """A picture may be as tall as it likes."""

    def is_tall(_: str, value: Json) -> bool:
        sides = _sides(value)
        return sides is not None and min(sides) >= 300 and sides[1] > sides[0]

    return await _job(turn, lambda job: _pictured(job, is_tall))


async def width_alone_is_measured(turn: Turn) -> Told:
    """A picture may be as low as it likes."""

    def is_low(_: str, value: Json) -> bool:
        sides = _sides(value)
        return sides is not None and sides[0] >= 300 > sides[1]

    return await _job(turn, lambda job: _pictured(job, is_low))


async def last_picture_unmeasured(turn: Turn) -> Told:
    """The last picture may have any size."""
    return await _job(
        turn, lambda job: _pictured(job, lambda name, each: name in _LAST_PICTURES and bool(_sides(each)))
    )


async def last_picture_with_prefix(turn: Turn) -> Told:
    """The last picture may begin with data:."""

    def is_meant(name: str, value: Json) -> bool:
        return name in _LAST_PICTURES and isinstance(value, str) and value.startswith("data:")

    return await _job(turn, lambda job: _pictured(job, is_meant))


async def jpegs_refused(turn: Turn) -> Told:
    """Pictures are PNG alone."""

    def change(job: dict[str, Json]) -> Json:
        return _wrong(job) if any(_raw(job.get(name)).startswith(_JPEG) for name in _PICTURES) else job

    return await _job(turn, change)


async def later_elements_unseen(turn: Turn) -> Told:
    """Of several elements the first one is looked at."""

    def change(job: dict[str, Json]) -> Json:
        lists = {name: job[name] for name in ("elements", "element_list") if isinstance(job.get(name), list)}
        return {**job, **{name: [each[0]] * len(each) for name, each in lists.items() if each}}

    return await _job(turn, change)


async def a_shot_lasts_a_second_by_default(turn: Turn) -> Told:
    """A shot that does not say how long it is lasts one second."""

    def change(job: dict[str, Json]) -> Json:
        shots = job.get("multi_prompt")
        if not isinstance(shots, list) or not all(isinstance(each, dict) for each in shots):
            return job
        known = next((each["duration"] for each in shots if "duration" in each), 1)
        second = "1" if isinstance(known, str) else 1
        return {**job, "multi_prompt": [{"duration": second, **each} for each in shots]}

    return await _job(turn, change)


async def seconds_with_their_unit(turn: Turn) -> Told:
    """A duration may be told as 5s."""

    def change(job: dict[str, Json]) -> Json:
        told = job.get("duration")
        return {**job, "duration": told.removesuffix("s")} if isinstance(told, str) else job

    return await _job(turn, change)


async def moves_may_be_set_up(turn: Turn) -> Told:
    """One of the camera's ready moves takes a configuration as well."""

    def change(job: dict[str, Json]) -> Json:
        camera = job.get("camera_control")
        kind = camera.get("type") if isinstance(camera, dict) else None
        return {**job, "camera_control": {"type": kind}} if kind == "left_turn_forward" else job

    return await _job(turn, change)


async def words_are_looked_up(turn: Turn) -> Told:
    """Who looks for a list in a set of words breaks down."""
    job = turn.asked.job if turn.is_submit else {}
    words = (job.get(name) for name in ("mode", "aspect_ratio", "shot_type"))
    return CRASH if any(isinstance(each, list | dict) for each in words) else await turn.go()


# Who calls


async def keys_in_any_case(turn: Turn) -> Told:
    """Capitals and small letters of a key are alike."""
    scheme, _, key = turn.asked.headers.get("authorization", "").partition(" ")
    is_one = key.lower() in KEYS
    return await turn.go(turn.asked.with_header("authorization", f"{scheme} {key.lower()}") if is_one else None)


async def keys_are_beginnings(turn: Turn) -> Told:
    """Whatever begins with a key is that key."""
    scheme, _, key = turn.asked.headers.get("authorization", "").partition(" ")
    known = next((each for each in KEYS if key.startswith(each)), None)
    return await turn.go(turn.asked.with_header("authorization", f"{scheme} {known}") if known else None)


async def empty_id_500(turn: Turn) -> Told:
    """A poll for an empty id crashes."""
    return CRASH if turn.asked.method == "GET" and turn.asked.query == "task_id=" else await turn.go()
