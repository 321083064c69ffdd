"""Services that keep their contract in another way: what no document settles is otherwise, nothing is to be found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, TypeAlias

from mutants.meddling import Spoil, Told, Turn
from specs.pointers import replaced, resolve

Json: TypeAlias = Any

_WORDS = ("/message", "/error/message", "/task_info/error/detail")


async def _changed(turn: Turn, change: Callable[[Json], Json]) -> Told:
    told = await turn.go()
    return told.with_json(change(told.json)) if told.json is not None else told


async def other_words(turn: Turn) -> Told:
    """Refusals are told in words of the service's own, and name nothing."""
    told = await turn.go()
    if told.status < 400 or told.json is None:
        return told
    body = told.json
    for at in _WORDS:
        if isinstance(resolve(body, at), str):
            body = replaced(body, at, "Das geht so nicht.")
    return told.with_json(body)


async def more_members(turn: Turn) -> Told:
    """Every object of an answer has a member that nobody documents."""

    def more(value: Json) -> Json:
        if isinstance(value, dict):
            return {name: more(each) for name, each in value.items()} | {"x_trace": {"hop": 1}}
        return [more(each) for each in value] if isinstance(value, list) else value

    return await _changed(turn, more)


async def other_order(turn: Turn) -> Told:
    """Members stand in another order each time, over several lines, all beyond ASCII escaped."""

    def turned(value: Json) -> Json:
        if isinstance(value, dict):
            names = sorted(value)
            turn.memory.setdefault("chance", Random(1)).shuffle(names)
            return {name: turned(value[name]) for name in names}
        return [turned(each) for each in value] if isinstance(value, list) else value

    told = await turn.go()
    return replace(told, body=json.dumps(turned(told.json), indent=4).encode()) if told.json is not None else told


async def other_headers(turn: Turn) -> Told:
    """Media types with parameters, one connection for each call, cookies, headers that nobody knows."""
    told = await turn.go()
    kind = told.headers.get("content-type", "")
    named = "application/json; Charset=UTF-8; profile=a" if kind.startswith("application/json") else kind
    more = {"content-type": named, "connection": "close", "set-cookie": "a=b; Path=/", "x-request-id": "7"}
    return replace(told, headers={**told.headers, **{name: value for name, value in more.items() if value}})


async def slow_answers(turn: Turn) -> Told:
    """An answer takes a while, now a short one, now a longer one: what was asked later may be answered earlier."""
    chance = turn.memory.setdefault("chance", Random(2))
    before, behind = chance.random() * 0.02, chance.random() * 0.02
    await asyncio.sleep(before)
    told = await turn.go()
    await asyncio.sleep(behind)
    return told


async def at_once_over(turn: Turn) -> Told:
    """Nobody sees a task at work: it waits until it is over."""
    told = await turn.go()
    if not turn.is_poll or told.status != 200 or told.at(turn.places.word) is None:
        return told
    firsts = turn.memory.setdefault("firsts", {})
    first = firsts.setdefault(turn.asked.task_id, told)
    is_over = told.at(turn.places.word) in (turn.places.done, "failed", "TASK_STATUS_FAILED")
    return told if is_over else first


async def puts_off(turn: Turn) -> Told:
    """Now and then a call has to come back later."""
    turn.memory["count"] = turn.memory.get("count", 0) + 1
    is_late = turn.memory["count"] % 150 == 0
    return await turn.go(turn.asked.with_header("authorization", "Bearer mock-throttled") if is_late else None)


async def names_all(turn: Turn) -> Told:
    """Refusals tell the broken member, and all that is documented besides."""
    told = await turn.go()
    if told.status != 400 or told.json is None or not turn.is_submit:
        return told
    body = told.json
    for at in _WORDS:
        if isinstance(said := resolve(body, at), str):
            body = replaced(body, at, f"{said} See https://example.com/docs for what each member may be.")
    return told.with_json(body)


@dataclass(frozen=True, slots=True)
class Variation:
    """One way to differ, and the fakes that it is put before."""

    spoil: Spoil
    vendors: tuple[str, ...]


ROWS = [
    Variation(other_words, ("myrouter", "powertokens", "mulerouter")),
    Variation(more_members, ("uniall", "myrouter", "powertokens")),
    Variation(other_order, ("uniall", "kling")),
    Variation(other_headers, ("myrouter", "uniall")),
    Variation(slow_answers, ("myrouter", "powertokens")),
    Variation(at_once_over, ("powertokens", "mulerouter")),
    Variation(puts_off, ("uniall",)),
    Variation(names_all, ("uniall", "myrouter")),
]
