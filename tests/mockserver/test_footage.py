"""What the video of a task is like: what each vendor lets a client choose shows in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.footage import clip_of
from mockserver.media import Clip
from pictures import encoded, png
from properties.promised import Desk, fresh_key, kinds, lasting_fake

Json = Any


def made(vendor: str, operation: str, **changes: Json) -> Clip:
    """The video of a minimal job with these changes."""
    kind = next(each for each in kinds(vendor) if each.submit.id == operation)
    body = {**kind.fresh(kind.with_prompt("a cat")), **changes}
    body = {name: value for name, value in body.items() if value is not None}
    desk = Desk(lasting_fake(vendor), vendor, fresh_key())
    answer = desk.submit(kind, body)
    assert answer.status in (200, 202), answer.body
    task = desk.fake.find_task(kind.task_id(json.loads(answer.body)))
    assert task is not None
    return clip_of(desk.fake.vendors[vendor], task, json.loads(task.request))


TALL, WIDE = encoded(png(300, 600)), encoded(png(750, 300))
T2V, I2V = "createTextToVideo", "createImageToVideo"
FOOTAGE = [
    ("mulerouter", T2V, {"mode": "std"}, (1280, 720, False)),
    ("mulerouter", T2V, {"mode": "pro", "aspect_ratio": "9:16"}, (1080, 1920, False)),
    ("mulerouter", T2V, {"mode": "pro", "aspect_ratio": "1:1", "sound": "on"}, (1080, 1080, True)),
    ("mulerouter", T2V, {"first_frame": TALL}, (1280, 720, False)),
    ("mulerouter", I2V, {"first_frame": TALL, "last_frame": WIDE}, (720, 1440, False)),
    ("mulerouter", I2V, {"first_frame": None, "last_frame": WIDE, "mode": "pro"}, (2700, 1080, False)),
    ("mulerouter", I2V, {"first_frame": "https://pictures.example/a.png", "aspect_ratio": "1:1"}, (1280, 720, False)),
    ("kling", T2V, {"mode": "4k", "aspect_ratio": "16:9", "sound": "on"}, (3840, 2160, True)),
    ("kling", T2V, {"mode": "4k", "aspect_ratio": "9:16"}, (2160, 3840, False)),
    ("kling", I2V, {"image": TALL}, (720, 1440, False)),
    ("powertokens", T2V, {"mode": "pro", "sound": "off"}, (1920, 1080, False)),
    ("powertokens", T2V, {"mode": "4k", "aspect_ratio": "1:1"}, (2160, 2160, False)),
    ("myrouter", T2V, {"sound": True}, (1920, 1080, True)),
    ("myrouter", T2V, {"aspect_ratio": "9:16"}, (1080, 1920, False)),
    ("uniall", "createVideo", {"model": "kling-v3-std-silent"}, (1280, 720, False)),
    ("uniall", "createVideo", {"model": "kling-v3-pro-audio", "aspect_ratio": "1:1"}, (1080, 1080, True)),
]


@pytest.mark.parametrize(("vendor", "operation", "changes", "seen"), FOOTAGE, ids=range(len(FOOTAGE)))
def test_a_choice_shows_in_the_video(vendor: str, operation: str, changes: Json, seen: Json) -> None:
    """Mode or model decide the shorter side, ratio or picture the shape, sound or model whether there is a track."""
    clip = made(vendor, operation, **changes)

    assert (clip.width, clip.height, clip.has_sound) == seen


@pytest.mark.parametrize("seconds", [3, 15])
def test_a_video_is_as_long_as_was_asked(seconds: int) -> None:
    """Whether the vendor wants a number or a text; five seconds where nothing is said."""
    assert made("mulerouter", T2V, duration=seconds).seconds == seconds
    assert made("kling", T2V, duration=str(seconds)).seconds == seconds
    assert made("kling", T2V, duration=None).seconds == 5
