"""What the MuleRouter reference is asked in its tests: bodies and what must become of them, whole lives of tasks."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from pictures import GIF, encoded, jpeg, png
from references.callers import KEY, OTHER_KEY
from references.mulerouter.bodies import IMAGE, TEXT
from references.mulerouter.service import PATHS
from references.talk import Talk, ask_as_strangers, ask_for_odd_things, ask_with_odd_bodies

Json: TypeAlias = Any

URL = "https://example.com/a.png"
WAVE = "\U0001f30a"
JOBS: dict[str, dict[str, Json]] = {TEXT: {"prompt": "A lamp"}, IMAGE: {"prompt": "A lamp", "first_frame": URL}}
ELEMENT = {"frontal_image": URL, "reference_images": [URL]}
CUT = {"multi_shot": True, "shot_type": "customize"}


def shots(*seconds: Json) -> dict[str, Json]:
    """A job in shots of these lengths."""
    return {**CUT, "multi_prompt": [{"prompt": "A lamp", "duration": each} for each in seconds]}


def element(**changes: Json) -> dict[str, Json]:
    """One element, changed."""
    return {"elements": [{**ELEMENT, **changes}]}


def picture(width: int, height: int, size: int = 0) -> str:
    """A PNG in Base64."""
    return encoded(png(width, height, size))


TAKEN: list[dict[str, Json]] = [
    {},
    {"prompt": WAVE * 2500},
    {"negative_prompt": "n" * 2500},
    {"negative_prompt": ""},
    *({"mode": mode} for mode in ("std", "pro")),
    *({"sound": sound} for sound in ("on", "off")),
    *({"aspect_ratio": ratio} for ratio in ("16:9", "9:16", "1:1")),
    *({"duration": seconds} for seconds in (3, 5.0, 14, 15)),
    {"prompt": "", **shots(2, 3)},
    {"prompt": "", **shots(3, 4), "duration": 7},
    {"prompt": "", **shots(1, 1, 1, 1, 1, 1), "duration": 6},
    {"prompt": "", **CUT, "multi_prompt": [{"prompt": WAVE * 512, "duration": 5, "index": 1}]},
    {"multi_shot": True, "shot_type": "intelligence"},
    {"multi_shot": False, "multi_prompt": None, "elements": None, "last_frame": None},
    {"multi_prompt": [{"prompt": "a", "duration": 9}]},
    {"last_frame": URL},
    {"last_frame": "http://example.com/a.png"},
    {"last_frame": picture(300, 300)},
    {"last_frame": picture(750, 300)},
    {"last_frame": picture(300, 750)},
    {"last_frame": encoded(jpeg(400, 300))},
    {"elements": [ELEMENT, {**ELEMENT, "type": "image"}, {"type": "video", "reference_videos": ["a"]}]},
    element(reference_images=[URL, URL, URL]),
    {"unknown": {"a": [None]}},
]

# The changes, and the member that the refusal must name.
REFUSED: list[tuple[dict[str, Json], str]] = [
    *(({"prompt": value}, "prompt") for value in (5, None, "", " \u3000", "p" * 2501, "\u00e9" * 2501)),
    *(({"negative_prompt": value}, "negative_prompt") for value in (None, 5, "n" * 2501)),
    *(({"mode": value}, "mode") for value in ("4k", "Pro", None, 1)),
    *(({"sound": value}, "sound") for value in (True, "ON", None)),
    *(({"multi_shot": value}, "multi_shot") for value in (1, None, "yes")),
    *(({"duration": value}, "duration") for value in (2, 16, 3.5, "5", None, True)),
    ({"multi_shot": True}, "shot_type"),
    ({"shot_type": "intelligent"}, "shot_type"),
    ({"multi_shot": True, "shot_type": "intelligence", "prompt": ""}, "prompt"),
    (CUT, "multi_prompt"),
    ({**CUT, "multi_prompt": None}, "multi_prompt"),
    ({**CUT, "multi_prompt": []}, "multi_prompt"),
    *(({"prompt": "", **shots(*seconds)}, "multi_prompt") for seconds in ((2, 2), (3, 3), (9,))),
    ({**shots(2, 2), "duration": 5}, "multi_prompt"),
    ({**shots(1, 1, 1, 1, 1, 1, 1), "duration": 7}, "multi_prompt"),
    ({"multi_prompt": []}, "multi_prompt"),
    (shots(0, 5), "multi_prompt.0.duration"),
    (shots("2", 3), "multi_prompt.0.duration"),
    ({**CUT, "multi_prompt": ["a", {"prompt": "b", "duration": 5}]}, "multi_prompt.0"),
    ({**CUT, "multi_prompt": [{"duration": 5}]}, "multi_prompt.0.prompt"),
    ({**CUT, "multi_prompt": [{"prompt": "p" * 513, "duration": 5}]}, "multi_prompt.0.prompt"),
    ({**CUT, "multi_prompt": [{"prompt": "a", "duration": 5}, {"prompt": "b"}]}, "multi_prompt.1.duration"),
    *(
        ({"last_frame": value}, "last_frame")
        for value in (5, "ftp://example.com/a.png", "data:image/png;base64,aaaa", "!")
    ),
    *(({"last_frame": picture(*size)}, "last_frame") for size in ((299, 300), (751, 300), (300, 751))),
    ({"last_frame": encoded(GIF)}, "last_frame"),
    ({"elements": []}, "elements"),
    ({"elements": [ELEMENT] * 4}, "elements"),
    ({"elements": ["a"]}, "elements.0"),
    (element(type="sound"), "elements.0.type"),
    (element(frontal_image=""), "elements.0.frontal_image"),
    (element(frontal_image="!"), "elements.0.frontal_image"),
    (element(reference_images=[]), "elements.0.reference_images"),
    (element(reference_images=[URL] * 4), "elements.0.reference_images"),
    (element(reference_images=[URL, ""]), "elements.0.reference_images.1"),
    (element(reference_images=["!"]), "elements.0.reference_images.0"),
    ({"elements": [{"frontal_image": URL}]}, "elements.0.reference_images"),
    ({"elements": [{"type": "video"}]}, "elements.0.reference_videos"),
]
TEXT_REFUSED: list[tuple[dict[str, Json], str]] = [
    ({"aspect_ratio": "4:3"}, "aspect_ratio"),
    ({"first_frame": "!"}, "first_frame"),
]
IMAGE_TAKEN: list[dict[str, Json]] = [
    {"first_frame": None, "last_frame": URL},
    {"aspect_ratio": "4:3"},
    {"static_mask": "a", "camera_control": {}},
]
IMAGE_REFUSED: list[tuple[dict[str, Json], str]] = [
    ({"first_frame": None}, "first_frame"),
    ({"first_frame": "", "last_frame": ""}, "first_frame"),
    *(({"last_frame": URL, name: "a"}, name) for name in ("static_mask", "dynamic_masks", "camera_control")),
]
ALL_TAKEN = [(TEXT, each) for each in TAKEN] + [(IMAGE, each) for each in (*TAKEN, *IMAGE_TAKEN)]
ALL_REFUSED = [(TEXT, *each) for each in (*REFUSED, *TEXT_REFUSED)]
ALL_REFUSED += [(IMAGE, *each) for each in (*REFUSED, *IMAGE_REFUSED)]

LARGEST, TOO_LARGE = ({"last_frame": picture(300, 300, size)} for size in (10_000_000, 10 * 1024 * 1024 + 1))


async def show_bodies(talk: Talk) -> None:
    """Every job of the tables."""
    for number, (kind, changes) in enumerate(ALL_TAKEN + [each[:2] for each in ALL_REFUSED]):
        await talk.submit(f"{kind} {number}", PATHS[kind], {**JOBS[kind], **changes})


async def show_sizes(talk: Talk) -> None:
    """Two large files, apart from all else because they take their time."""
    for changes in (LARGEST, TOO_LARGE):
        await talk.submit("large", PATHS[TEXT], {**JOBS[TEXT], **changes})


async def show_lives(talk: Talk) -> None:
    """Some tasks from their submits to long after their ends, read by two accounts, and everything around them."""
    path, job = PATHS[TEXT], JOBS[TEXT]
    jobs = [job, job, {**job, "prompt": "[[fail]] A lamp"}]
    answers = await asyncio.gather(*(talk.submit("at once", path, each) for each in jobs))
    polls = [f"{path}/{answer.json()['task_info']['id']}" for answer in answers]
    for seconds in (0, 0.1, 0.15, 0.25, 0.2, 0.2, 0.2, 0.5, 0.5, 1):
        talk.pass_time(seconds)
        for poll in polls:
            for key in (KEY, OTHER_KEY):
                await talk.ask("poll", "GET", poll, headers={"authorization": f"Bearer {key}"})
    for kind in PATHS:
        await ask_as_strangers(talk, PATHS[kind], polls[0], JOBS[kind])
    await ask_with_odd_bodies(talk, path, job)
    await ask_for_odd_things(talk, path, polls[0])


PARTS = (show_bodies, show_lives, show_sizes)
