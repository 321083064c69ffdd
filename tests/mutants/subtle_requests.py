"""Subtler spoils of requests: what a service gets wrong that counts otherwise, trims, guesses, or looks too late."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any, TypeAlias

from mutants.meddling import Told, Turn
from references.callers import KEYS

Json: TypeAlias = Any

_LIMIT, _TOO_LONG = 2500, "p" * 2501
_WORDS = ("mode", "sound", "shot_type", "aspect_ratio", "model_name", "model")


async def _job(turn: Turn, change: Callable[[dict[str, Json]], Json]) -> Told:
    """The job, changed, in place of the one that was sent."""
    job = turn.asked.job if turn.is_submit else {}
    return await turn.go(turn.asked.with_job(change(job)) if job else None)


async def _texts(turn: Turn, change: Callable[[str], str]) -> Told:
    """The job with other prompts."""
    names = ("prompt", "negative_prompt")
    return await _job(
        turn,
        lambda job: {
            name: change(value) if name in names and isinstance(value, str) else value for name, value in job.items()
        },
    )


# How lengths are counted


async def blanks_are_not_counted(turn: Turn) -> Told:
    """Blanks around a text are cut off before it is counted."""
    return await _texts(turn, lambda text: text.strip() or text)


async def letters_are_counted(turn: Turn) -> Told:
    """A letter and its mark count as one."""
    return await _texts(turn, lambda text: unicodedata.normalize("NFC", text)[:_LIMIT] + _rest(text))


def _rest(text: str) -> str:
    """What is too long however it is counted stays too long."""
    composed = unicodedata.normalize("NFC", text)
    return composed[_LIMIT:] if sum(1 for letter in composed if not unicodedata.combining(letter)) > _LIMIT else ""


async def units_are_counted(turn: Turn) -> Told:
    """A prompt's length is told in units of UTF-16."""
    return await _texts(turn, lambda text: _TOO_LONG if len(text.encode("utf-16-le", "replace")) > 2 * _LIMIT else text)


# What is taken for what


async def words_are_trimmed(turn: Turn) -> Told:
    """Blanks around a word are cut off."""
    return await _job(
        turn,
        lambda job: {
            name: value.strip() if name in _WORDS and isinstance(value, str) else value for name, value in job.items()
        },
    )


async def nought_is_absent(turn: Turn) -> Told:
    """A number that is 0 counts as absent."""
    return await _job(
        turn,
        lambda job: {name: value for name, value in job.items() if isinstance(value, bool) or value not in (0, "0")},
    )


async def nothing_is_absent(turn: Turn) -> Told:
    """A word that is empty counts as absent."""
    return await _job(
        turn,
        lambda job: {name: value for name, value in job.items() if not (name in (*_WORDS, "duration") and value == "")},
    )


async def yes_is_one(turn: Turn) -> Told:
    """`true` is taken for the number 1."""

    def change(job: dict[str, Json]) -> Json:
        extra = job.get("extra_body")
        changed = {name: 1 if name == "cfg_scale" and value is True else value for name, value in job.items()}
        return {**changed, "extra_body": change(extra)} if isinstance(extra, dict) else changed

    return await _job(turn, change)


async def blank_is_spaces(turn: Turn) -> Told:
    """A prompt of tabs and line breaks says something."""
    return await _job(
        turn,
        lambda job: {
            name: "a prompt"
            if name == "prompt" and isinstance(value, str) and value and not value.strip("\t\r\n")
            else value
            for name, value in job.items()
        },
    )


async def first_shot_is_like_all(turn: Turn) -> Told:
    """Only the first shot's prompt is looked at."""

    def change(job: dict[str, Json]) -> Json:
        shots = job.get("multi_prompt")
        if not isinstance(shots, list) or not all(isinstance(each, dict) for each in shots):
            return job
        first = {name: shots[0][name] for name in ("prompt",) if name in shots[0]} if shots else {}
        return {**job, "multi_prompt": [{**each, **first} for each in shots]}

    return await _job(turn, change)


# Who has used a name before


async def own_ids_are_everybodys(turn: Turn) -> Told:
    """A client's own id that any account has used is taken."""
    own = turn.asked.job.get("external_task_id") if turn.is_submit else None
    key = turn.asked.headers.get("authorization", "").partition(" ")[2]
    users = turn.memory.setdefault("users", {})
    if isinstance(own, str) and own and users.get(own, key) != key:
        return await turn.go(turn.asked.with_job({**turn.asked.job, "duration": "99"}))
    told = await turn.go()
    if isinstance(own, str) and own and told.status < 300:
        users[own] = key
    return told


async def no_own_id_is_one(turn: Turn) -> Told:
    """A client's own id that is empty can be used once, too."""
    if turn.is_submit and turn.asked.job.get("external_task_id") == "":
        if turn.memory.get("empty"):
            return await turn.go(turn.asked.with_job({**turn.asked.job, "duration": "99"}))
        turn.memory["empty"] = True
    return await turn.go()


# What is looked at first


def _is_known(turn: Turn) -> bool:
    return turn.asked.headers.get("authorization", "").partition(" ")[2] in KEYS


async def key_after_body(turn: Turn) -> Told:
    """A body that is wrong is refused before anybody asks for the key."""
    if not turn.is_submit or _is_known(turn):
        return await turn.go()
    told = await turn.go(turn.asked.with_header("authorization", f"Bearer {KEYS[0]}"))
    return told if told.status == 400 else await turn.go()


async def key_after_json(turn: Turn) -> Told:
    """A body that is no JSON is refused before anybody asks for the key."""
    if not turn.is_submit or _is_known(turn) or turn.asked.job or turn.asked.body in (b"{}", b"[]"):
        return await turn.go()
    return await turn.go(turn.asked.with_header("authorization", f"Bearer {KEYS[0]}"))


async def key_after_task(turn: Turn) -> Told:
    """An unknown task is refused before anybody asks for the key."""
    if not turn.is_poll or _is_known(turn):
        return await turn.go()
    told = await turn.go(turn.asked.with_header("authorization", f"Bearer {KEYS[0]}"))
    return told if told.status in (400, 404) else await turn.go()


async def charset_is_refused(turn: Turn) -> Told:
    """A media type with a charset is none that is known."""
    said = turn.asked.headers.get("content-type", "")
    return await turn.go(turn.asked.with_header("content-type", "text/plain") if ";" in said else None)


async def long_jobs_are_lost(turn: Turn) -> Told:
    """Jobs of more than 4 kB are taken, and never heard of again."""
    if turn.is_submit and len(turn.asked.body) > 4000:
        told = await turn.go()
        turn.memory.setdefault("lost", set()).add(str(told.at(turn.places.new_id)))
        return told
    is_lost = turn.is_poll and turn.asked.task_id in turn.memory.get("lost", ())
    return await turn.go(turn.asked.for_task("00000000-0000-4000-8000-000000000000") if is_lost else None)


async def any_scheme_on_polls(turn: Turn) -> Told:
    """A poll's key may stand behind any scheme."""
    _, blank, key = turn.asked.headers.get("authorization", "").partition(" ")
    is_odd = blank and turn.is_poll
    return await turn.go(turn.asked.with_header("authorization", f"Bearer {key}") if is_odd else None)
