"""What the UniAll reference is asked in its tests: bodies and what must become of them, whole lives of jobs."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from references.callers import KEY, OTHER_KEY
from references.talk import Talk, ask_as_strangers, ask_for_odd_things, ask_with_odd_bodies
from references.uniall.service import POLL, SUBMIT

Json: TypeAlias = Any

URL = "https://example.com/a.png"
JOB: dict[str, Json] = {"model": "kling-v3-std-silent", "prompt": "A lamp"}
SHOTS = [{"prompt": "A lamp", "duration": 5}]
LONG = "\U0001f30a" * 2501


def extra(**members: Json) -> dict[str, Json]:
    """A job with these members in extra_body."""
    return {"extra_body": members}


TAKEN: list[dict[str, Json]] = [
    {},
    *({"model": f"kling-v3-{tier}"} for tier in ("std-silent", "std-audio", "pro-silent", "pro-audio")),
    {"prompt": LONG},
    {"image": "", "last_image": ""},
    {"image": URL},
    {"image": URL, "last_image": URL},
    *({"aspect_ratio": ratio} for ratio in ("16:9", "9:16", "1:1")),
    {"aspect_ratio": "1:1", "image": URL},
    *({"duration": seconds} for seconds in (3, 11, 15)),
    {"duration": 15, "image": URL},
    *(extra(cfg_scale=scale) for scale in (0, 0.7, 1)),
    extra(negative_prompt=LONG[:2500]),
    *(extra(shot_type=kind) for kind in ("customize", "intelligent")),
    *(extra(element_list=[{"element_id": 1}] * count) for count in (0, 3)),
    extra(element_list=[{}]),
    extra(multi_prompt=SHOTS),
    extra(multi_prompt=[5, None]),
    {"image": URL, "prompt": "", **extra(multi_prompt=SHOTS)},
    {"image": URL, "prompt": " ", **extra(multi_prompt=SHOTS)},
    {"sound": True, "mode": None, **extra(seed=7)},
]

Refused: TypeAlias = list[tuple[dict[str, Json], str]]


def each(member: str, values: list[Json]) -> Refused:
    """Jobs in which this member has one of these values, and how the refusal's message begins."""
    return [({member: value}, member) for value in values]


def each_extra(member: str, values: list[Json]) -> Refused:
    """The same within extra_body."""
    return [(extra(**{member: value}), f"extra_body.{member}") for value in values]


REFUSED: Refused = [
    *each("model", [5]),
    *each("prompt", [None, 5, "", " \u3000"]),
    *each("image", [None, 5, ["a"]]),
    *(({"image": URL, **changes}, member) for changes, member in each("last_image", [None, 5, ["a"]])),
    ({"last_image": URL}, "image"),
    *each("aspect_ratio", ["4:3", None]),
    ({"aspect_ratio": "4:3", "image": URL}, "aspect_ratio"),
    *each("duration", [2, 16, 5.5, "5", None, True]),
    ({"duration": 16, "image": URL}, "duration"),
    *each("extra_body", [None, [], "a"]),
    *each_extra("negative_prompt", [None, 5]),
    *each_extra("cfg_scale", [-0.01, 1.01, "0.5", None, True]),
    *each_extra("multi_prompt", [None, {}, "a"]),
    *each_extra("element_list", [None, {}, [{}] * 4]),
    (extra(element_list=[{}, 5]), "extra_body.element_list[1]"),
    *each_extra("shot_type", ["intelligence", "Customize", None]),
    ({"image": URL, "prompt": ""}, "prompt"),
    ({"prompt": "", **extra(multi_prompt=SHOTS)}, "prompt"),
    ({"image": URL, **extra(multi_prompt=SHOTS)}, "extra_body.multi_prompt"),
]
# The changes, and the status.
MODELS_REFUSED: list[tuple[dict[str, Json], int]] = [
    *(({"model": name}, 503) for name in ("kling-v2", "kling-v3-4k-audio", "other", " ")),
    *(({"model": name}, 400) for name in (None, "")),
]


async def show_bodies(talk: Talk) -> None:
    """Every job of the tables."""
    changed = [*TAKEN, *(changes for changes, _ in REFUSED), *(changes for changes, _ in MODELS_REFUSED)]
    for number, changes in enumerate(changed):
        await talk.submit(f"job {number}", SUBMIT, {**JOB, **changes})
    await talk.submit("job without a model", SUBMIT, {"prompt": "A lamp"})


async def show_lives(talk: Talk) -> None:
    """Some jobs from their submits to long after their ends, read by two accounts, and everything around them."""
    jobs = [JOB, JOB, {**JOB, "aspect_ratio": "1:1", "prompt": "[[fail]] A lamp"}]
    answers = await asyncio.gather(*(talk.submit("at once", SUBMIT, each) for each in jobs))
    polls = [f"{POLL}/{answer.json()['id']}" for answer in answers if "id" in answer.json()]
    for seconds in (0, 0.1, 0.2, 0.2, 0.2, 0.2, 0.2, 0.5, 0.5, 1):
        talk.pass_time(seconds)
        for poll in polls:
            for key in (KEY, OTHER_KEY):
                await talk.ask("poll", "GET", poll, headers={"authorization": f"Bearer {key}"})
    await ask_as_strangers(talk, SUBMIT, polls[0], JOB)
    await ask_with_odd_bodies(talk, SUBMIT, JOB)
    await ask_for_odd_things(talk, SUBMIT, polls[0])


PARTS = (show_bodies, show_lives)
