"""Sly spoils of requests: wrong in one kind of job, in the second item of a list, for one odd value alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from mutants.meddling import CRASH, Told, Turn

Json: TypeAlias = Any

_NOBODYS = "00000000-0000-4000-8000-000000000000"
_HIGH = 99


async def _job(turn: Turn, change: Callable[[dict[str, Json]], Json]) -> Told:
    """The job, changed, in place of the one that was sent."""
    job = turn.asked.job if turn.is_submit else {}
    return await turn.go(turn.asked.with_job(change(job)) if job else None)


async def _shots(turn: Turn, change: Callable[[int, dict[str, Json]], Json]) -> Told:
    """The job with each of its shots changed."""

    def changed(job: dict[str, Json]) -> Json:
        shots = job.get("multi_prompt")
        if not isinstance(shots, list):
            return job
        return {
            **job,
            "multi_prompt": [change(at, each) if isinstance(each, dict) else each for at, each in enumerate(shots)],
        }

    return await _job(turn, changed)


def _wrong(job: dict[str, Json]) -> Json:
    """A job that is refused, whatever it was."""
    return {**job, "prompt": 5, "duration": _HIGH, "multi_prompt": 5, "mode": 5}


# One member, one value


async def no_shots_is_null(turn: Turn) -> Told:
    """multi_prompt null counts as absent."""
    return await _job(
        turn, lambda job: {name: each for name, each in job.items() if name != "multi_prompt" or each is not None}
    )


async def no_seconds_is_nothing(turn: Turn) -> Told:
    """A duration that is nothing, whatever its type, counts as absent."""
    return await _job(turn, lambda job: {name: each for name, each in job.items() if name != "duration" or each})


async def false_is_absent(turn: Turn) -> Told:
    """aspect_ratio false counts as absent."""
    return await _job(
        turn, lambda job: {name: each for name, each in job.items() if name != "aspect_ratio" or each is not False}
    )


async def scale_of_false(turn: Turn) -> Told:
    """cfg_scale false is 0."""

    def change(job: dict[str, Json]) -> Json:
        extra = job.get("extra_body")
        changed = {name: 0 if name == "cfg_scale" and each is False else each for name, each in job.items()}
        return {**changed, "extra_body": change(extra)} if isinstance(extra, dict) else changed

    return await _job(turn, change)


async def numbers_for_flags(turn: Turn) -> Told:
    """multi_shot may be 0 or 1."""
    return await _job(
        turn,
        lambda job: {
            name: bool(each) if name == "multi_shot" and not isinstance(each, str | bool) and each in (0, 1) else each
            for name, each in job.items()
        },
    )


async def camera_in_whole_steps(turn: Turn) -> Told:
    """What the camera does is cut off to whole numbers before it is counted."""

    def whole(control: Json) -> Json:
        config = control.get("config") if isinstance(control, dict) else None
        if not isinstance(config, dict):
            return control
        return {**control, "config": {name: _cut(each) for name, each in config.items()}}

    return await _job(
        turn, lambda job: {name: whole(each) if name == "camera_control" else each for name, each in job.items()}
    )


def _cut(value: Json) -> Json:
    return int(value) if isinstance(value, float) else value


async def far_scale_500(turn: Turn) -> Told:
    """A scale of more than 64 bits crashes."""
    scale = turn.asked.job.get("cfg_scale") if turn.is_submit else None
    return CRASH if isinstance(scale, int) and scale >= 2**63 else await turn.go()


async def words_for_flags(turn: Turn) -> Told:
    """Sound may be on or off, as other vendors have it."""
    flags = {"on": True, "off": False}
    return await _job(
        turn,
        lambda job: {
            name: flags.get(each, each) if name == "sound" and isinstance(each, str) else each
            for name, each in job.items()
        },
    )


async def one_for_a_list(turn: Turn) -> Told:
    """A single shot needs no list around it."""
    return await _job(
        turn,
        lambda job: {
            name: [each] if name == "multi_prompt" and isinstance(each, dict) else each for name, each in job.items()
        },
    )


async def pictures_beyond_ascii(turn: Turn) -> Told:
    """A prompt with characters of four bytes is refused, as some databases do it."""

    def change(job: dict[str, Json]) -> Json:
        prompt = job.get("prompt")
        return _wrong(job) if isinstance(prompt, str) and any(ord(each) > 0xFFFF for each in prompt) else job

    return await _job(turn, change)


async def half_scale_refused(turn: Turn) -> Told:
    """cfg_scale knows no fractions beyond a tenth."""

    def change(job: dict[str, Json]) -> Json:
        scale = job.get("cfg_scale")
        return {**job, "cfg_scale": _HIGH} if isinstance(scale, float) and scale * 10 % 1 else job

    return await _job(turn, change)


async def plain_http_refused(turn: Turn) -> Told:
    """Pictures are fetched by https alone."""

    def change(job: dict[str, Json]) -> Json:
        urls = (job.get(name) for name in ("image", "image_tail", "first_frame", "last_frame", "last_image"))
        return _wrong(job) if any(isinstance(url, str) and url.startswith("http://") for url in urls) else job

    return await _job(turn, change)


async def true_is_a_second(turn: Turn) -> Told:
    """A shot's duration true counts as 1."""
    return await _shots(
        turn, lambda _, shot: {name: int(each) if isinstance(each, bool) else each for name, each in shot.items()}
    )


# The second of several


async def later_shots_may_be_long(turn: Turn) -> Told:
    """Of the second shot and those behind it what is too long is cut off."""
    return await _shots(
        turn,
        lambda at, shot: (
            {**shot, "prompt": shot["prompt"][:512]} if at and isinstance(shot.get("prompt"), str) else shot
        ),
    )


async def later_shots_need_no_prompt(turn: Turn) -> Told:
    """The second shot and those behind it may lack a prompt."""
    return await _shots(turn, lambda at, shot: {"prompt": "A lamp", **shot} if at else shot)


async def later_shots_of_null(turn: Turn) -> Told:
    """The prompt of the second shot and of those behind it may be null."""
    return await _shots(
        turn, lambda at, shot: {**shot, "prompt": "A lamp"} if at and shot.get("prompt", 0) is None else shot
    )


async def shots_round_down(turn: Turn) -> Told:
    """Half seconds of a shot are cut off."""

    def change(_: int, shot: dict[str, Json]) -> Json:
        seconds = shot.get("duration")
        return {**shot, "duration": int(seconds)} if isinstance(seconds, float) else shot

    return await _shots(turn, change)


async def indices_are_texts(turn: Turn) -> Told:
    """The index of the second shot and of those behind it may be a text."""
    return await _shots(
        turn,
        lambda at, shot: {**shot, "index": at + 1} if at and isinstance(shot.get("index"), str) else shot,
    )


# One kind of job


def _mended(job: dict[str, Json], names: tuple[str, ...]) -> Json:
    return {name: value for name, value in job.items() if name not in names}


async def last_frame_hides_the_rest(turn: Turn) -> Told:
    """Jobs with a last frame are not asked for mode and sound."""
    return await _job(turn, lambda job: _mended(job, ("mode", "sound")) if job.get("last_frame") else job)


async def sound_hides_the_scale(turn: Turn) -> Told:
    """Jobs with sound are not asked for cfg_scale."""
    return await _job(turn, lambda job: _mended(job, ("cfg_scale",)) if job.get("sound") in ("on", True) else job)


async def pro_hides_the_words(turn: Turn) -> Told:
    """Jobs of mode pro are not asked for negative_prompt."""
    return await _job(turn, lambda job: _mended(job, ("negative_prompt",)) if job.get("mode") == "pro" else job)


async def shots_hide_the_ratio(turn: Turn) -> Told:
    """Jobs in shots are not asked for aspect_ratio."""
    return await _job(turn, lambda job: _mended(job, ("aspect_ratio",)) if job.get("multi_prompt") else job)


# Beyond the body


async def tenth_job_is_lost(turn: Turn) -> Told:
    """Every tenth job is taken and never heard of again."""
    told = await turn.go()
    if turn.is_submit and told.status < 300:
        turn.memory["count"] = turn.memory.get("count", 0) + 1
        if turn.memory["count"] % 10 == 0:
            turn.memory.setdefault("lost", set()).add(str(told.at(turn.places.new_id)))
    is_lost = turn.is_poll and turn.asked.task_id in turn.memory.get("lost", ())
    return await turn.go(turn.asked.for_task(_NOBODYS)) if is_lost else told


async def busy_after_many(turn: Turn) -> Told:
    """Of each twenty-five jobs the last one crashes, once it is taken."""
    count = turn.memory.get("count", 0)
    told = await turn.go()
    turn.memory["count"] = count + (turn.is_submit and told.status < 300)
    is_hurt = turn.is_submit and told.status < 300 and count % 25 == 24
    return Told(500, {"content-type": "text/plain"}, b"Internal Server Error") if is_hurt else told


async def small_bodies_alone(turn: Turn) -> Told:
    """A body of more than 9 kB is refused as too large."""
    is_large = turn.is_submit and len(turn.asked.body) > 9_000
    return await turn.go(turn.asked.with_job([]) if is_large else None)


async def form_bodies_are_read(turn: Turn) -> Told:
    """What calls itself a form is read as JSON."""
    said = turn.asked.headers.get("content-type", "")
    is_form = said.startswith("application/x-www-form-urlencoded")
    return await turn.go(turn.asked.with_header("content-type", "application/json") if is_form else None)


async def get_with_a_body_submits(turn: Turn) -> Told:
    """PATCH is as good as POST."""
    return await turn.go(replace(turn.asked, method="POST") if turn.asked.method == "PATCH" else None)
