"""What the Kling reference is asked in its tests: bodies and what must become of them, whole lives of tasks, lists."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from pictures import GIF, encoded, jpeg, png
from references.callers import KEY, OTHER_KEY
from references.kling.bodies import IMAGE, TEXT
from references.kling.service import PATHS
from references.talk import Talk, ask_as_strangers, ask_for_odd_things, ask_with_odd_bodies

Json: TypeAlias = Any
Changes: TypeAlias = dict[str, Json]

URL = "https://example.com/a.png"
WAVE = "\U0001f30a"
JOBS: dict[str, Changes] = {TEXT: {"prompt": "A lamp"}, IMAGE: {"prompt": "A lamp", "image": URL}}
CUT: Changes = {"multi_shot": True, "shot_type": "customize"}
AXES = ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")
MOVES = ("down_back", "forward_up", "right_turn_forward", "left_turn_forward")
POINT = {"x": 1, "y": 2}


def shots(*seconds: Json, **more: Json) -> Changes:
    """A job in shots of these lengths."""
    return {**CUT, "multi_prompt": [{"index": 1, "prompt": "A lamp", "duration": each, **more} for each in seconds]}


def camera(**config: Json) -> Changes:
    """A movement of the client's own."""
    return {"camera_control": {"type": "simple", "config": config}}


def masks(*points: Json, count: int = 1) -> Changes:
    """Some masks that all go the same way."""
    return {"dynamic_masks": [{"mask": "a", "trajectories": list(points)}] * count}


def picture(width: int, height: int, size: int = 0) -> str:
    """A PNG in Base64."""
    return encoded(png(width, height, size))


def each(member: str, values: list[Json]) -> list[tuple[Changes, str]]:
    """Jobs in which this member has one of these values, and how the refusal's message begins."""
    return [({member: value}, member) for value in values]


TAKEN: list[Changes] = [
    {},
    *({"model_name": f"kling-{name}"} for name in ("v1", "v2-1-master", "v3")),
    {"prompt": WAVE * 2500},
    {"negative_prompt": "n" * 2500},
    *({"mode": mode} for mode in ("std", "pro", "4k")),
    {"sound": "on"},
    *({"duration": str(seconds)} for seconds in (3, 10, 15)),
    *({"cfg_scale": scale} for scale in (0, 0.7, 1)),
    {"prompt": "", **shots("2", "3")},
    {"prompt": "", **shots("10"), "duration": "10"},
    {"prompt": "", **shots("1", "1", "1", "1", "1", "1"), "duration": "6"},
    {"prompt": "", **CUT, "multi_prompt": [{"prompt": WAVE * 512, "duration": "5"}]},
    {"multi_shot": True, "shot_type": "intelligence"},
    *({"camera_control": {"type": kind}} for kind in MOVES),
    *(camera(**{axis: value}) for axis in AXES for value in (-10, 10)),
    {"voice_list": [{"voice_id": "a"}, {"voice_id": "b"}], "sound": "on"},
    {"voice_list": []},
    {"watermark_info": {"enabled": True}, "callback_url": "", "external_task_id": ""},
    {"unknown": [None]},
]
IMAGE_TAKEN: list[Changes] = [
    {"model_name": "kling-v1-5"},
    {"image": None, "image_tail": URL},
    {"image_tail": "http://example.com/a.png"},
    *({"image_tail": picture(*size)} for size in ((300, 300), (750, 300), (300, 750))),
    {"image_tail": encoded(jpeg(400, 300))},
    {"element_list": [{"element_id": 2**62}, {"element_id": 1}, {"element_id": 2}]},
    {"static_mask": "a", **masks(*[POINT] * 77, count=6)},
    {"static_mask": "", "dynamic_masks": [], "image_tail": URL},
    {"aspect_ratio": "4:3"},
]

REFUSED: list[tuple[Changes, str]] = [
    ({"model_name": 5}, "model_name"),
    *each("prompt", [5, None, "", " \u3000", "p" * 2501, WAVE * 2501]),
    *each("negative_prompt", [None, 5, "n" * 2501]),
    *each("mode", ["8k", "Pro", None]),
    *each("sound", [True, "ON", None]),
    *each("duration", ["2", "16", "05", "5.0", "", None, 5.5]),
    *each("cfg_scale", [-0.01, 1.01, "0.5", None, True]),
    *each("multi_shot", [1, None, "yes"]),
    *each("shot_type", ["intelligent", None]),
    ({"multi_shot": True}, "shot_type"),
    ({"multi_shot": True, "shot_type": "intelligence", "prompt": ""}, "prompt"),
    ({**shots("5"), "prompt": "p" * 2501}, "prompt"),
    (CUT, "multi_prompt"),
    *(({**CUT, **changes}, member) for changes, member in each("multi_prompt", [None, []])),
    ({**shots("2", "2"), "prompt": ""}, "multi_prompt"),
    ({**shots("2", "4"), "prompt": ""}, "multi_prompt"),
    ({**shots(*"1111111"), "duration": "7"}, "multi_prompt"),
    *each("multi_prompt", [[], None]),
    (shots("0", "5"), "multi_prompt[0].duration"),
    (shots("5", index="1"), "multi_prompt[0].index"),
    ({**CUT, "multi_prompt": [{"duration": "5"}]}, "multi_prompt[0].prompt"),
    ({**CUT, "multi_prompt": [{"prompt": "p" * 513, "duration": "5"}]}, "multi_prompt[0].prompt"),
    ({**CUT, "multi_prompt": [{"prompt": "p"}]}, "multi_prompt[0].duration"),
    ({**CUT, "multi_prompt": ["p"]}, "multi_prompt[0]"),
    *each("camera_control", [None, "simple"]),
    ({"camera_control": {"type": "zoom_in"}}, "camera_control.type"),
    ({"camera_control": {"type": "simple"}}, "camera_control.config"),
    ({"camera_control": {"type": "down_back", "config": {"pan": 1}}}, "camera_control.config"),
    *((camera(**config), "camera_control.config") for config in ({}, {"pan": 0}, {"pan": 1, "zoom": 1})),
    *((camera(**{axis: value}), f"camera_control.config.{axis}") for axis in AXES for value in (-10.1, 10.1, "1")),
    ({"voice_list": [{"voice_id": "a"}] * 3, "sound": "on"}, "voice_list"),
    *(({"voice_list": [value], "sound": "on"}, "voice_list[0].voice_id") for value in ({}, {"voice_id": 5})),
    ({"voice_list": [{"voice_id": "a"}]}, "sound"),
    ({"voice_list": [{"voice_id": "a"}], "sound": "on", "element_list": [{"element_id": 1}]}, "element_list"),
    *each("watermark_info", [True, None]),
    ({"watermark_info": {"enabled": "true"}}, "watermark_info.enabled"),
    *each("callback_url", [None, 5]),
    *each("external_task_id", [None, 5]),
]
TEXT_REFUSED: list[tuple[Changes, str]] = each("aspect_ratio", ["4:3", None])
IMAGE_REFUSED: list[tuple[Changes, str]] = [
    ({"image": None}, "image"),
    ({"image": "", "image_tail": ""}, "image"),
    *each("image_tail", [5, "ftp://example.com/a.png", "data:image/png;base64,aaaa", "!", encoded(GIF)]),
    *each("image_tail", [picture(*size) for size in ((299, 300), (751, 300), (300, 751))]),
    *each("element_list", [None, [{"element_id": 1}] * 4]),
    *(
        ({"element_list": [value]}, "element_list[0].element_id")
        for value in ({}, {"element_id": "1"}, {"element_id": 2**63})
    ),
    *each("static_mask", [None, 5]),
    (masks(POINT, POINT, count=7), "dynamic_masks"),
    *((masks(*[POINT] * count), "dynamic_masks[0].trajectories") for count in (1, 78)),
    (masks(POINT, {"x": 1.5, "y": 2}), "dynamic_masks[0].trajectories[1].x"),
    (masks(POINT, {"x": 1}), "dynamic_masks[0].trajectories[1].y"),
    ({"dynamic_masks": [{"trajectories": [POINT, POINT]}]}, "dynamic_masks[0].mask"),
    ({"image_tail": URL, "static_mask": "a"}, "static_mask"),
    ({"image_tail": URL, **masks(POINT, POINT)}, "dynamic_masks"),
    ({"image_tail": URL, **camera(pan=1)}, "camera_control"),
    ({"static_mask": "a", **camera(pan=1)}, "camera_control"),
    ({**masks(POINT, POINT), **camera(pan=1)}, "camera_control"),
]
MODELS_REFUSED = [
    (TEXT, "kling-v1-5"),
    (TEXT, "kling-v4"),
    (TEXT, "kling-v2-1"),
    (TEXT, ""),
    (IMAGE, "kling-v4"),
    (IMAGE, "v3"),
]
ALL_TAKEN = [(TEXT, changes) for changes in (*TAKEN, *({"aspect_ratio": ratio} for ratio in ("16:9", "1:1")))]
ALL_TAKEN += [(IMAGE, changes) for changes in (*TAKEN, *IMAGE_TAKEN)]
ALL_REFUSED = [(TEXT, *refused) for refused in (*REFUSED, *TEXT_REFUSED)]
ALL_REFUSED += [(IMAGE, *refused) for refused in (*REFUSED, *IMAGE_REFUSED)]
LARGEST, TOO_LARGE = ({"image_tail": picture(300, 300, size)} for size in (10_000_000, 10 * 1024 * 1024 + 1))


async def show_bodies(talk: Talk) -> None:
    """Every job of the tables."""
    refused = [(kind, changes) for kind, changes, _ in ALL_REFUSED]
    models = [(kind, {"model_name": name}) for kind, name in MODELS_REFUSED]
    for number, (kind, changes) in enumerate([*ALL_TAKEN, *refused, *models]):
        await talk.submit(f"{kind} {number}", PATHS[kind], {**JOBS[kind], **changes})


async def show_sizes(talk: Talk) -> None:
    """Two large files, apart from all else because they take their time."""
    for changes in (LARGEST, TOO_LARGE):
        await talk.submit("large", PATHS[IMAGE], {**JOBS[IMAGE], **changes})


async def show_lives(talk: Talk) -> None:
    """Some tasks from their submits to long after their ends, read by two accounts, and everything around them."""
    path, job = PATHS[TEXT], JOBS[TEXT]
    jobs = [job, job, {**job, "prompt": "[[fail]] A lamp", "external_task_id": "order"}]
    answers = await asyncio.gather(*(talk.submit("at once", path, each) for each in jobs))
    told = [answer.json() for answer in answers]
    polls = [f"{path}/{each.get('data', each)['task_id']}" for each in told] + [f"{path}/order"]
    for seconds in (0, 0.1, 0.15, 0.25, 0.2, 0.2, 0.2, 0.5, 0.5, 1):
        talk.pass_time(seconds)
        for poll in polls:
            for key in (KEY, OTHER_KEY):
                await talk.ask("poll", "GET", poll, headers={"authorization": f"Bearer {key}"})
    await talk.submit("the same external id", path, jobs[-1])
    await show_lists(talk)
    for kind in PATHS:
        await ask_as_strangers(talk, PATHS[kind], polls[0], JOBS[kind])
    await ask_with_odd_bodies(talk, path, job)
    await ask_for_odd_things(talk, path, polls[0])


async def show_lists(talk: Talk) -> None:
    """Pages of all sizes, and those of nobody."""
    pages = ("", "?pageSize=1", "?pageNum=2&pageSize=1", "?pageNum=9", "?pageNum=0", "?pageSize=501", "?pageSize=a")
    for page in pages:
        for kind in PATHS:
            await talk.ask(f"list {kind} {page}", "GET", PATHS[kind] + page)
    for header in (f"Bearer {OTHER_KEY}", None):
        await talk.ask("list of another", "GET", PATHS[TEXT], headers={"authorization": header})


PARTS = (show_bodies, show_lives, show_sizes)
