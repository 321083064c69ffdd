"""What meddling does to calls: each function is one bug of a service, whosever API that speaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from mutants.meddling import CRASH, Told, Turn
from references.callers import KEYS

Json: TypeAlias = Any

# Who calls


async def open_polls(turn: Turn) -> Told:
    """A poll without a key is let in by the key of the last job."""
    key = turn.asked.headers.get("authorization")
    told = await turn.go()
    if turn.is_submit and told.status < 300:
        turn.memory["key"] = key
    if turn.is_poll and not key and "key" in turn.memory:
        return await turn.go(turn.asked.with_header("authorization", turn.memory["key"]))
    return told


async def any_scheme(turn: Turn) -> Told:
    """Whatever the scheme is called, what follows it is the key."""
    _, blank, key = turn.asked.headers.get("authorization", "").partition(" ")
    return await turn.go(turn.asked.with_header("authorization", f"Bearer {key}") if blank else None)


async def case_sensitive_scheme(turn: Turn) -> Told:
    """`bearer` is no scheme."""
    if turn.asked.headers.get("authorization", "").startswith("bearer "):
        return await turn.go(turn.asked.with_header("authorization", "none"))
    return await turn.go()


async def any_key(turn: Turn) -> Told:
    """A key that must be refused is somebody's."""
    value = turn.asked.headers.get("authorization", "")
    return await turn.go(turn.asked.with_header("authorization", value.replace("mock-invalid", "somebody")))


async def others_tasks(turn: Turn) -> Told:
    """Whoever knows a task's id can read it."""
    told = await turn.go()
    if turn.is_submit and told.status < 300:
        turn.memory[str(told.at(turn.places.new_id))] = turn.asked.headers.get("authorization")
    key = turn.memory.get(turn.asked.task_id) if turn.is_poll else None
    is_called = bool(turn.asked.headers.get("authorization")) and told.status != 401
    return await turn.go(turn.asked.with_header("authorization", key)) if key and is_called else told


async def others_tasks_when_done(turn: Turn) -> Told:
    """Whoever knows a task's id can read it once it is done."""
    seen = await others_tasks(turn)
    is_done = seen.at(turn.places.word) == turn.places.done
    return seen if is_done or not turn.is_poll else await turn.go()


# Ids


async def one_task_for_two(turn: Turn) -> Told:
    """Submits at the same time get one task."""
    if not turn.is_submit:
        return await turn.go()
    waiting = turn.memory.get("waiting")
    if waiting is not None and not waiting.done():
        return Told(*await waiting)
    turn.memory["waiting"] = mine = asyncio.get_running_loop().create_future()
    await asyncio.sleep(0.005)
    told = await turn.go()
    mine.set_result((told.status, told.headers, told.body))
    return told


async def last_caller_is_all(turn: Turn) -> Told:
    """Who asks is kept in one place: of submits at the same time all belong to the last one."""
    key = turn.asked.headers.get("authorization", "")
    if not turn.is_submit or key.removeprefix("Bearer ") not in KEYS:
        return await turn.go()
    turn.memory["caller"] = key
    await asyncio.sleep(0.01)
    return await turn.go(turn.asked.with_header("authorization", turn.memory["caller"]))


async def one_task_for_the_same(turn: Turn) -> Told:
    """The same job of the same caller is answered as the first time."""
    name = f"{turn.asked.headers.get('authorization')} {turn.asked.path} {turn.asked.body!r}"
    if turn.is_submit and name in turn.memory:
        return Told(*turn.memory[name])
    told = await turn.go()
    if turn.is_submit and told.status < 300:
        turn.memory[name] = (told.status, told.headers, told.body)
    return told


# Lives


def _polls(turn: Turn) -> list[Told]:
    """The true answers to the polls of this task so far."""
    kept: list[Told] = turn.memory.setdefault("polls " + turn.asked.task_id, [])
    return kept


async def _poll(turn: Turn, change: Callable[[list[Told]], Told]) -> Told:
    """Another answer to a poll, out of all true ones; all other calls are answered as they should be."""
    told = await turn.go()
    if not turn.is_poll or told.status != 200 or told.at(turn.places.word) is None:
        return told
    polls = _polls(turn)
    polls.append(told)
    return change(polls)


async def stuck(turn: Turn) -> Told:
    """Every poll is answered as the first."""
    return await _poll(turn, lambda polls: polls[0])


async def goes_back(turn: Turn) -> Told:
    """Every third poll is answered as the first."""
    return await _poll(turn, lambda polls: polls[0] if len(polls) % 3 == 0 else polls[-1])


async def runs_again(turn: Turn) -> Told:
    """The second poll after the end finds the task at work."""

    def change(polls: list[Told]) -> Told:
        over = [told for told in polls if told.at(turn.places.word) == turn.places.done]
        before = [told for told in polls if told not in over]
        return before[-1] if len(over) == 2 and before else polls[-1]

    return await _poll(turn, change)


async def unknown_word(turn: Turn) -> Told:
    """The second poll tells a word that nobody documents."""
    return await _poll(
        turn, lambda polls: polls[-1].with_value(turn.places.word, "retrying") if len(polls) == 2 else polls[-1]
    )


async def late(turn: Turn) -> Told:
    """The first poll does not know the task."""
    told = await _poll(turn, lambda polls: polls[-1])
    is_first = turn.is_poll and len(_polls(turn)) == 1
    return await turn.go(turn.asked.for_task("00000000-0000-4000-8000-000000000000")) if is_first else told


async def vanishes(turn: Turn) -> Told:
    """Shortly after its end a task is not known any more."""
    told = await _poll(turn, lambda polls: polls[-1])
    over = [each for each in _polls(turn) if each.at(turn.places.word) == turn.places.done] if turn.is_poll else []
    return await turn.go(turn.asked.for_task("00000000-0000-4000-8000-000000000000")) if len(over) > 1 else told


# What polls tell


async def video_of_another(turn: Turn) -> Told:
    """The video is the one of the task that ended first."""

    def change(polls: list[Told]) -> Told:
        url = polls[-1].at(turn.places.url)
        return polls[-1].with_value(turn.places.url, turn.memory.setdefault("url", url)) if url else polls[-1]

    return await _poll(turn, change)


async def signed_videos(turn: Turn) -> Told:
    """The video's URL is another at each poll."""

    def change(polls: list[Told]) -> Told:
        return polls[-1].with_value(turn.places.url, f"{polls[-1].at(turn.places.url)}?n={len(polls)}")

    return await _poll(turn, change)


async def empty_video(turn: Turn) -> Told:
    """The video's URL is an empty text."""
    return await _poll(turn, lambda polls: polls[-1].with_value(turn.places.url, ""))


async def created_drifts(turn: Turn) -> Told:
    """created_at is a second later at each poll."""

    def change(polls: list[Told]) -> Told:
        created = polls[-1].at(turn.places.created)
        return polls[-1].with_value(turn.places.created, created + len(polls) * (1000 if created > 10**12 else 1))

    return await _poll(turn, change)


async def updated_goes_back(turn: Turn) -> Told:
    """A task that is done was last changed when it was created."""

    def change(polls: list[Told]) -> Told:
        told = polls[-1]
        is_done = told.at(turn.places.word) == turn.places.done
        return told.with_value(turn.places.updated, told.at(turn.places.created)) if is_done else told

    return await _poll(turn, change)


async def progress_wavers(turn: Turn) -> Told:
    """Every second poll tells less progress, until the end."""

    def change(polls: list[Told]) -> Told:
        progress = polls[-1].at(turn.places.progress)
        is_less = len(polls) % 2 == 0 and progress < 100
        return polls[-1].with_value(turn.places.progress, max(0, progress - 40)) if is_less else polls[-1]

    return await _poll(turn, change)


async def progress_full(turn: Turn) -> Told:
    """Progress is 100 once the task is at work."""

    def change(polls: list[Told]) -> Told:
        return polls[-1].with_value(turn.places.progress, 100 if polls[-1].at(turn.places.progress) else 0)

    return await _poll(turn, change)


async def numbers_as_text(turn: Turn) -> Told:
    """Numbers in answers are texts."""
    told = await turn.go()
    text = json.dumps(told.json, default=str)
    return told.with_json(json.loads(text, parse_int=str)) if told.json is not None else told


async def plain_text(turn: Turn) -> Told:
    """Every answer is text/plain."""
    told = await turn.go()
    return replace(told, headers={**told.headers, "content-type": "text/plain"})


async def now_and_then_500(turn: Turn) -> Told:
    """Every twentieth poll crashes."""
    turn.memory["count"] = turn.memory.get("count", 0) + (1 if turn.is_poll else 0)
    return CRASH if turn.is_poll and turn.memory["count"] % 20 == 0 else await turn.go()


async def error_pages(turn: Turn) -> Told:
    """Whatever is not found is told on a page."""
    told = await turn.go()
    page = Told(told.status, {"content-type": "text/html"}, b"<html><h1>Not Found</h1></html>")
    return page if told.status == 404 else told


async def submit_says_nothing(turn: Turn) -> Told:
    """A submit is answered with 204 and nothing."""
    told = await turn.go()
    return Told(204, {}, b"") if turn.is_submit and told.status < 300 else told


def names_another(told: Told) -> Told:
    """The refusal, with a member named in it that has nothing to do with what is wrong."""
    text = told.body.decode()
    other = "aspect_ratio" if "negative_prompt" in text else "negative_prompt"
    return told.with_json(json.loads(text, object_hook=lambda each: each | {"message": f"{other} must not be given"}))


async def blames_another(turn: Turn) -> Told:
    """A refusal names a member that is fine."""
    told = await turn.go()
    return names_another(told) if turn.is_submit and told.status == 400 else told
