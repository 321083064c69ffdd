"""What is asked of a fake and of its mutant, so that the mutant shows: a talk made out of the vendor's own examples."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

import specs
from mutants.meddling import PLACES
from pictures import encoded, jpeg, png
from references.callers import BAD_KEY, KEY, OTHER_KEY
from references.talk import Talk, ask_as_strangers, ask_for_odd_things, ask_with_odd_bodies
from specs.pack import Operation
from specs.pointers import resolve

Json: TypeAlias = Any


def shot(seconds: int, type_: type[int | str]) -> dict[str, Json]:
    """A shot of this length, written as the vendor writes lengths."""
    return {"index": 1, "prompt": "A lamp", "duration": type_(seconds)}


_URL = "https://example.com/a.png"
_ELEMENT = {"type": "image", "frontal_image": _URL, "reference_images": [_URL]}
_SHOT = {"index": 1, "prompt": "A lamp", "duration": 1}
# Members that mutants take for other ones; where one means nothing, nothing is shown by it.
CHANGES: list[dict[str, Json]] = [
    *({"duration": value} for value in (None, "5", 99, "99")),
    {"mode": "PRO"},
    *({"prompt": value} for value in ("\u00e9" * 2000, "p" * 2501, None)),
    {"unheard_of": 1},
    {"model": "other", "model_name": "other"},
    {"multi_shot": True, "shot_type": "intelligence", "duration": 99},
    {"mode": "pro", "aspect_ratio": "4:3"},
    {"multi_prompt": [_SHOT]},
    {"prompt": "", "multi_prompt": [_SHOT] * 7, "duration": 7},
    {"unheard_of": "x" * 100_000},
    {"unheard_of": [[[[[[[[[[[]]]]]]]]]]]},
    {"cfg_scale": 10**19},
    *({"prompt": text} for text in ("p" * 2400 + " " * 200, "e\u0301" * 1300, "\U0001f30a" * 1300, "\n\t")),
    *({name: value} for name in ("mode", "aspect_ratio", "model", "duration") for value in ("", 0)),
    *({name: f"{value} "} for name, value in (("mode", "pro"), ("model", "kling-v3-pro-audio"), ("sound", "on"))),
    *({"cfg_scale": True}, {"extra_body": {"cfg_scale": True}}),
    *(
        {
            "multi_shot": True,
            "shot_type": "customize",
            "multi_prompt": [shot(3, type_), {**shot(2, type_), "prompt": 5}],
        }
        for type_ in (int, str)
    ),
    *({"external_task_id": name} for name in ("", "")),
    {"external_task_id": "Order-3", "duration": "99"},
    {"external_task_id": "Order-3"},
    *(
        {"multi_shot": True, "shot_type": "customize", "multi_prompt": [shot(seconds, type_), shot(3, type_)]}
        for type_ in (int, str)
        for seconds in (1, 2, 3)
    ),
    *(
        {
            "multi_shot": True,
            "shot_type": "customize",
            "multi_prompt": [{**shot(5, type_), "prompt": "\U0001f30a" * 400}],
            "negative_prompt": None,
        }
        for type_ in (int, str)
    ),
    *(
        {
            "multi_shot": True,
            "shot_type": "customize",
            "multi_prompt": [{**shot(5, type_), "prompt": "\U0001f30a" * 400}],
        }
        for type_ in (int, str)
    ),
    {"multi_shot": True, "shot_type": "intelligence", "prompt": ""},
    {"prompt": "", "multi_prompt": [_SHOT], "negative_prompt": None},
    {"negative_prompt": "\u00e9" * 2000},
    {"duration": "5", "first_frame": _URL, "image": _URL},
    {"image": _URL, "last_image": _URL, "extra_body": {"multi_prompt": [_SHOT]}},
    *({"mode": "pro", "duration": type_(16)} for type_ in (int, str)),
    *({"camera_control": {"type": "simple", "config": config}} for config in ({"pan": 1, "tilt": 1}, {"pan": 0})),
    {"camera_control": {"type": "left_turn_forward", "config": {"pan": 1}}},
    {"duration": "5s"},
    {"mode": [], "aspect_ratio": []},
    *(
        {
            "multi_shot": True,
            "shot_type": "customize",
            "multi_prompt": [shot(4, type_), {"index": 2, "prompt": "A lamp"}],
        }
        for type_ in (int, str)
    ),
    {"external_task_id": "ORDER-3"},
]
PICTURES = [
    encoded(png(400, 1200)),
    encoded(png(600, 299)),
    encoded(png(100, 100)),
    encoded(jpeg(400, 400)),
    f"data:image/png;base64,{encoded(png(400, 400))}",
]


def _operations(vendor: str) -> tuple[Operation, Operation]:
    """A submit and the poll that belongs to it."""
    operations = specs.load(vendor).operations.values()
    submit = next(each for each in operations if each.role == "submit")
    return submit, next(each for each in operations if each.role == "poll" and each.tasks in (submit.tasks, "*"))


def _poll_path(poll: Operation, task_id: str) -> str:
    return (
        f"{poll.path}?{poll.id_name}={task_id}"
        if poll.id_location == "query"
        else poll.path.partition("{")[0] + task_id
    )


async def show(talk: Talk, vendor: str) -> None:
    """Jobs, polls up to their ends and beyond, strangers, odd bodies and odd methods."""
    submit, poll = _operations(vendor)
    job = dict(submit.examples["minimal"])
    polls = await _live(talk, vendor, submit.path, job)
    await talk.submit("the name of a job that is over", submit.path, {**job, "external_task_id": "order-1"})
    for number, changes in enumerate(CHANGES):
        await talk.submit(f"changes {number}", submit.path, {**job, **changes})
    await asyncio.gather(*(talk.submit("one name", submit.path, {**job, "external_task_id": "a-1"}) for _ in range(2)))
    await _many(talk, vendor, submit.path, job)
    await _of_two_accounts(talk, vendor, submit.path, job)
    await _with_pictures(talk, vendor)
    for key in (KEY.upper(), f"{KEY}s"):
        await talk.ask("nearly a key", "GET", polls[0], headers={"authorization": f"Bearer {key}"})
    await ask_as_strangers(talk, submit.path, polls[0], job)
    for said in (None, f"Bearer {BAD_KEY}", f"Basic {KEY}"):
        headers = {"authorization": said}
        await talk.submit("nobody's wrong job", submit.path, {}, headers=headers)
        await talk.ask("nobody's text", "POST", submit.path, content=b"{", headers=headers)
        await talk.ask("nobody's look", "GET", _poll_path(poll, "nobody"), headers=headers)
    await ask_with_odd_bodies(talk, submit.path, job)
    await talk.ask("strange id", "GET", _poll_path(poll, "nobody"))
    if poll.id_location == "path":
        await ask_for_odd_things(talk, submit.path, polls[0])
    for method in ("PUT", "PATCH", "HEAD", "DELETE"):
        await talk.ask(method, method, submit.path, json=job)
    for query in ("", f"?{poll.id_name}=", f"?{poll.id_name}=%F0%9F%8C%8A"):
        await talk.ask("odd query", "GET", poll.path + query)
    for operation in specs.load(vendor).operations.values():
        if operation.role == "list":
            for query in ("", "?pageNum=1&pageSize=3", "?pageNum=2&pageSize=3", "?pageNum=3&pageSize=3"):
                await talk.ask("list", "GET", operation.path + query)


async def _with_pictures(talk: Talk, vendor: str) -> None:
    """Jobs of every kind with pictures, with elements, and with a name that a job of another kind has used."""
    for operation in specs.load(vendor).operations.values():
        if operation.role == "submit":
            job = operation.examples["minimal"]
            for number, picture in enumerate(PICTURES):
                last = {"last_frame": picture, "image_tail": picture}
                await talk.submit(f"picture {number}", operation.path, {**job, **last})
            elements = {"elements": [_ELEMENT, 5], "element_list": [{"element_id": 1}, 5]}
            await talk.submit("elements", operation.path, {**job, **elements})
            await talk.submit("the same name", operation.path, {**job, "external_task_id": "order-4"})


async def _many(talk: Talk, vendor: str, path: str, job: dict[str, Json]) -> None:
    """More jobs than a service may count, each looked at."""
    _, poll = _operations(vendor)
    for number in range(25):
        answer = await talk.submit(f"one of many {number}", path, job)
        task_id = (
            resolve(answer.json(), PLACES[vendor].new_id) if answer.headers["content-type"].endswith("json") else 0
        )
        await talk.ask("a look at it", "GET", _poll_path(poll, str(task_id)))


async def _of_two_accounts(talk: Talk, vendor: str, path: str, job: dict[str, Json]) -> None:
    """A long job, and jobs of two accounts with one name of the clients' own, each looked at by its own account."""
    _, poll = _operations(vendor)
    long = {"unheard_of": "x" * 5000, "external_task_id": "order-2"}
    for key in (KEY, OTHER_KEY):
        headers = {"authorization": f"Bearer {key}"}
        answer = await talk.submit("a job of each account", path, {**job, **long}, headers=headers)
        task_id = resolve(answer.json(), PLACES[vendor].new_id) if answer.content else None
        await talk.ask("its own look", "GET", _poll_path(poll, str(task_id)), headers=headers)
    callers = [{"authorization": f"Bearer {key}"} for key in (KEY, OTHER_KEY)]
    answers = await asyncio.gather(*(talk.submit("in one moment", path, job, headers=each) for each in callers))
    for answer, headers in zip(answers, callers, strict=True):
        task_id = resolve(answer.json(), PLACES[vendor].new_id) if answer.content else None
        await talk.ask("its own look", "GET", _poll_path(poll, str(task_id)), headers=headers)


async def _live(talk: Talk, vendor: str, path: str, job: dict[str, Json]) -> list[str]:
    """Three tasks until long after their ends, one of which fails; the addresses of their polls."""
    _, poll = _operations(vendor)
    jobs = [job, job, {**job, "prompt": "[[fail]] A lamp", "external_task_id": "order-1"}]
    answers = await asyncio.gather(*(talk.submit("at once", path, each) for each in jobs))
    ids = [resolve(answer.json(), PLACES[vendor].new_id) if answer.content else None for answer in answers]
    polls = [_poll_path(poll, str(task_id)) for task_id in ids]
    for seconds in (0, 10, 10, 10, 10, 10, 10, 30, 60, 60):
        talk.pass_time(seconds)
        for each in polls:
            for key in (KEY, OTHER_KEY):
                await talk.ask("poll", "GET", each, headers={"authorization": f"Bearer {key}"})
    return polls
