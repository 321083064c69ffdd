"""Narrow spoils of answers: wrong in one code, in one page of a list, at one instant, for one kind of task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from mutants.meddling import Told, Turn

Json: TypeAlias = Any

_FAILED = ("failed", "TASK_STATUS_FAILED")
_SMALL_PAGE = 20


async def _seen(turn: Turn, change: Callable[[Told], Told]) -> Told:
    """The answer to a poll that tells of a task, changed."""
    told = await turn.go()
    is_task = turn.is_poll and told.status == 200 and told.at(turn.places.word) is not None
    return change(told) if is_task else told


async def _coded(turn: Turn, at: str, codes: dict[Json, Json], *, is_meant: bool = True) -> Told:
    """The answer with another value at this pointer, where it has one of these."""
    told = await turn.go()
    code = told.at(at) if told.status >= 400 and is_meant else None
    return told.with_value(at, codes[code]) if code in codes else told


# Codes


async def no_key_is_a_wrong_key(turn: Turn) -> Told:
    """The code for a missing key is that of a wrong one."""
    return await _coded(turn, "/code", {1001: 1002})


async def wrong_keys_are_missing(turn: Turn) -> Told:
    """The code for a wrong key is that of a missing one."""
    return await _coded(turn, "/code", {1002: 1001}, is_meant="mock-" in turn.asked.headers.get("authorization", ""))


async def unknown_is_a_method(turn: Turn) -> Told:
    """The code for what does not exist is that of a method."""
    return await _coded(turn, "/code", {1203: 1202})


async def broken_is_a_policy(turn: Turn) -> Told:
    """The code for a broken body is that of a policy."""
    return await _coded(turn, "/code", {1201: 1300, 1200: 1300})


async def unknown_is_invalid(turn: Turn) -> Told:
    """The reason for an unknown task is that of a broken body."""
    return await _coded(turn, "/reason", {"TASK_NOT_FOUND": "INVALID_REQUEST_BODY"})


async def broken_is_unknown(turn: Turn) -> Told:
    """The reason for a broken body is that of an unknown task."""
    return await _coded(turn, "/reason", {"INVALID_REQUEST_BODY": "TASK_NOT_FOUND"})


# Lists


def _page(turn: Turn) -> tuple[int, int] | None:
    """The number and the size of the page that is asked for; None for what is no good page."""
    is_list = turn.asked.method == "GET" and turn.asked.path.rpartition("/")[2].endswith("2video")
    asked = parse_qs(turn.asked.query)
    number, size = asked.get("pageNum", ["1"])[0], asked.get("pageSize", ["30"])[0]
    is_good = is_list and number.isdecimal() and size.isdecimal() and 0 < int(size) <= 500
    return (int(number), int(size)) if is_good and 0 < int(number) <= 1000 else None


async def _paged(turn: Turn, begin: Callable[[int, int], int]) -> Told:
    """The page, which begins elsewhere in the list."""
    page = _page(turn)
    told = await turn.go()
    if page is None or told.status != 200:
        return told
    whole = await turn.go(replace(turn.asked, query="pageSize=500"))
    start = begin(*page)
    return told.with_json({**told.json, "data": whole.at("/data")[start : start + page[1]]})


async def pages_overlap(turn: Turn) -> Told:
    """Each page begins with the last task of the one before."""
    return await _paged(turn, lambda number, size: (number - 1) * max(size - 1, 1))


async def pages_leave_out(turn: Turn) -> Told:
    """Between two pages one task is left out."""
    return await _paged(turn, lambda number, size: (number - 1) * (size + 1))


async def small_pages_by_default(turn: Turn) -> Told:
    """A page of which nobody says how large it is has twenty tasks."""
    page = _page(turn)
    told = await turn.go()
    is_small = page is not None and "pageSize" not in turn.asked.query and told.status == 200
    return told.with_json({**told.json, "data": told.at("/data")[:_SMALL_PAGE]}) if is_small else told


async def lists_lag_behind(turn: Turn) -> Told:
    """A list tells every task as it was submitted."""
    page, told = _page(turn), await turn.go()
    if page is None or told.status != 200:
        return told
    items = [
        {name: each for name, each in item.items() if name != "task_result"} | {"task_status": "submitted"}
        for item in told.at("/data")
    ]
    return told.with_json({**told.json, "data": items})


# Ids and instants


async def own_ids_in_small_letters(turn: Turn) -> Told:
    """A client's own id is told in small letters."""
    told = await turn.go()
    own = told.at("/data/task_info/external_task_id") if told.status < 300 else None
    return told.with_value("/data/task_info/external_task_id", own.lower()) if isinstance(own, str) else told


async def ends_in_seconds(turn: Turn) -> Told:
    """A task that has failed tells its instants in seconds."""

    def change(told: Told) -> Told:
        if told.at(turn.places.word) not in _FAILED:
            return told
        for at in (turn.places.created, turn.places.updated):
            told = told.with_value(at, told.at(at) // 1000)
        return told

    return await _seen(turn, change)


async def updated_stands_still_for_failures(turn: Turn) -> Told:
    """A task that has failed was last changed when it was created."""
    return await _seen(
        turn,
        lambda told: (
            told.with_value(turn.places.updated, told.at(turn.places.created))
            if told.at(turn.places.word) in _FAILED
            else told
        ),
    )


# The end


async def failures_are_refusals(turn: Turn) -> Told:
    """The poll of a task that has failed is answered with 400."""
    return await _seen(turn, lambda told: replace(told, status=400) if told.at(turn.places.word) in _FAILED else told)


async def progress_short_of_the_end(turn: Turn) -> Told:
    """A task that is done has come to 99 percent."""
    return await _seen(
        turn,
        lambda told: (
            told.with_value(turn.places.progress, 99) if told.at(turn.places.word) == turn.places.done else told
        ),
    )


async def failures_of_blanks(turn: Turn) -> Told:
    """A task that has failed gives blanks as its reason."""
    return await _seen(
        turn, lambda told: told.with_value("/task/reason", "  ") if told.at(turn.places.word) in _FAILED else told
    )


async def videos_of_each_account(turn: Turn) -> Told:
    """Each account's videos are numbered from 1, and nothing else is in their names."""
    names = turn.memory.setdefault(f"names {turn.asked.headers.get('authorization')}", [])

    def change(told: Told) -> Told:
        if turn.asked.task_id not in names:
            names.append(turn.asked.task_id)
        url = f"https://example.com/{names.index(turn.asked.task_id)}.mp4"
        told = told.with_value("/result/outputs/0", url).with_value("/result/video_url", url)
        return told.with_value(turn.places.url, url) if told.at(turn.places.word) == turn.places.done else told

    return await _seen(turn, change)


async def created_of_the_service(turn: Turn) -> Told:
    """Every task was created when the first one was."""
    told = await turn.go()
    for at in {turn.places.created, "/task_info/created_at", "/data/created_at", "/created_at"}:
        created = told.at(at) if told.status < 300 else None
        if created is not None:
            told = told.with_value(at, turn.memory.setdefault("created", created))
    return told


async def created_in_reverse(turn: Turn) -> Told:
    """The later a task was created, the earlier it says it was."""
    told = await turn.go()
    created = told.at(turn.places.created) if told.status < 300 else None
    if not isinstance(created, int):
        return told
    first = turn.memory.setdefault("created", created)
    return told.with_value(turn.places.created, first - (created - first))
