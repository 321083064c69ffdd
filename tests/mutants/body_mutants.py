"""Fakes that take what they should refuse, or refuse what they should take: one keyword of one schema is changed.

Each row ends with the members of a job by which it shows: the fake and its mutant disagree about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from mutants.changed_packs import GONE
from pictures import encoded, png

Json: TypeAlias = Any

URL = "https://example.com/a.png"
KLING_SHOT = {"index": 1, "prompt": "A lamp", "duration": "5"}
CUT: dict[str, Json] = {"multi_shot": True, "shot_type": "customize"}
CHOSEN: dict[str, Json] = {"multi_shot": True, "shot_type": "intelligence"}


@dataclass(frozen=True, slots=True)
class Row:
    """One mutant: the pointer into the schema, what stands there, the job that shows it."""

    id: str
    words: str
    at: str
    to: Json
    shows: dict[str, Json]
    kind: str = "constraint"


def cut(*shots: Json, **more: Json) -> dict[str, Json]:
    """A job in shots of the client's own."""
    return {**CUT, "multi_prompt": list(shots), **more}


def camera(**members: Json) -> dict[str, Json]:
    """A job with a camera movement."""
    return {"camera_control": members}


def blank(width: int, height: int) -> str:
    """A picture of this size."""
    return encoded(png(width, height))


POWERTOKENS_JOB: dict[str, Json] = {"model_name": "kling-v3", "prompt": "A lamp"}
_SHOT = "/properties/multi_prompt/items/properties"
_AXIS = "/properties/camera_control/properties/config/properties"
POWERTOKENS = [
    Row("model-free", "takes any model", "/properties/model_name/enum", GONE, {"model_name": "other"}),
    Row("model-idle", "takes a job without a model", "/required", [], {"model_name": GONE}),
    Row("prompt-2501", "takes 2501 characters", "/properties/prompt/maxLength", 2501, {"prompt": "p" * 2501}),
    Row("prompt-2499", "refuses 2500 characters", "/properties/prompt/maxLength", 2499, {"prompt": "p" * 2500}),
    Row(
        "negative-long",
        "takes any negative_prompt",
        "/properties/negative_prompt/maxLength",
        GONE,
        {"negative_prompt": "n" * 2501},
    ),
    Row(
        "shots-7",
        "takes seven shots",
        "/properties/multi_prompt/maxItems",
        7,
        cut(*[{**KLING_SHOT, "duration": "1"}] * 7, duration="7"),
    ),
    Row("shots-0", "takes no shots", "/properties/multi_prompt/minItems", GONE, cut()),
    Row(
        "shot-without-index",
        "takes a shot without index",
        "/properties/multi_prompt/items/required",
        ["prompt", "duration"],
        cut({"prompt": "A lamp", "duration": "5"}),
    ),
    Row(
        "shot-without-prompt",
        "takes a shot without prompt",
        "/properties/multi_prompt/items/required",
        ["index", "duration"],
        cut({"index": 1, "duration": "5"}),
    ),
    Row(
        "shot-511", "refuses 512 characters", _SHOT + "/prompt/maxLength", 511, cut({**KLING_SHOT, "prompt": "p" * 512})
    ),
    Row(
        "shot-0-seconds",
        "takes a shot of no seconds",
        _SHOT + "/duration/pattern",
        "^[0-9]+$",
        cut({**KLING_SHOT, "duration": "0"}, KLING_SHOT),
    ),
    Row("sound-free", "takes any word as sound", "/properties/sound/enum", GONE, {"sound": "loud"}),
    Row("mode-no-4k", "refuses mode 4k", "/properties/mode/enum", ["std", "pro"], {"mode": "4k"}),
    Row(
        "ratio-21-9",
        "takes the ratio 21:9",
        "/properties/aspect_ratio/enum",
        ["16:9", "9:16", "1:1", "21:9"],
        {"aspect_ratio": "21:9"},
    ),
    Row("ratio-no-1-1", "refuses 1:1", "/properties/aspect_ratio/enum", ["16:9", "9:16"], {"aspect_ratio": "1:1"}),
    Row(
        "duration-16",
        "takes 16 seconds",
        "/properties/duration/enum",
        [str(seconds) for seconds in range(3, 17)],
        {"duration": "16"},
    ),
    Row(
        "duration-no-13",
        "refuses 13 seconds",
        "/properties/duration/enum",
        [str(seconds) for seconds in range(3, 16) if seconds != 13],
        {"duration": "13"},
    ),
    Row("scale-below-0", "takes any cfg_scale below 1", "/properties/cfg_scale/minimum", GONE, {"cfg_scale": -1}),
    Row("scale-2", "takes cfg_scale up to 2", "/properties/cfg_scale/maximum", 2, {"cfg_scale": 1.5}),
    Row(
        "camera-no-left",
        "refuses left_turn_forward",
        "/properties/camera_control/properties/type/enum",
        ["simple", "down_back", "forward_up", "right_turn_forward"],
        camera(type="left_turn_forward"),
    ),
    Row("tilt-11", "takes tilt 11", _AXIS + "/tilt/maximum", 11, camera(type="simple", config={"tilt": 11})),
    Row("zoom-low", "takes zoom -20", _AXIS + "/zoom/minimum", GONE, camera(type="simple", config={"zoom": -20})),
    Row("pan-text", "takes pan as text", _AXIS + "/pan/type", ["number", "string"], camera(config={"pan": "1"})),
    Row(
        "camera-simple-alone",
        "takes simple without config",
        "/properties/camera_control/allOf/0",
        GONE,
        camera(type="simple"),
        kind="conditional",
    ),
    Row(
        "camera-config-beside",
        "takes config with any type",
        "/properties/camera_control/allOf/1",
        GONE,
        camera(type="down_back", config={"pan": 1}),
        kind="conditional",
    ),
    Row(
        "watermark-free",
        "takes any enabled",
        "/properties/watermark_info/properties/enabled/type",
        GONE,
        {"watermark_info": {"enabled": "yes"}},
    ),
    Row("callback-free", "takes any callback_url", "/properties/callback_url/type", GONE, {"callback_url": 5}),
    Row(
        "external-null",
        "takes external_task_id null",
        "/properties/external_task_id/type",
        ["string", "null"],
        {"external_task_id": None},
    ),
    Row("prompt-idle", "needs no prompt", "/allOf/0", GONE, {"prompt": GONE}, kind="conditional"),
    Row("shot-type-idle", "needs no shot_type", "/allOf/1", GONE, {"multi_shot": True}, kind="conditional"),
    Row("shots-idle", "needs no shots", "/allOf/2", GONE, CUT, kind="conditional"),
    Row("prompt-blank", "takes a blank prompt", "/x-rules/0", GONE, {"prompt": " "}, kind="conditional"),
    Row(
        "sum-free",
        "shots need not add up",
        "/x-rules/2",
        GONE,
        cut({**KLING_SHOT, "duration": "4"}),
        kind="cross-field",
    ),
    Row(
        "axes-free",
        "takes any axes",
        "/x-rules/3",
        GONE,
        camera(type="simple", config={"pan": 1, "tilt": 1}),
        kind="cross-field",
    ),
]

MYROUTER_JOB: dict[str, Json] = {"prompt": "A lamp"}
_MY_SHOT = "/properties/multi_prompt/items/properties"
MYROUTER = [
    Row("sound-text", "takes sound as text", "/properties/sound/type", ["boolean", "string"], {"sound": "on"}),
    Row("prompt-3000", "takes 3000 characters", "/properties/prompt/maxLength", 3000, {"prompt": "p" * 3000}),
    Row("prompt-2499", "refuses 2500 characters", "/properties/prompt/maxLength", 2499, {"prompt": "p" * 2500}),
    Row("prompt-null", "takes prompt null", "/properties/prompt/type", ["string", "null"], {"prompt": None}),
    Row("duration-16", "takes 16 seconds", "/properties/duration/maximum", 16, {"duration": 16}),
    Row("duration-14", "refuses 15 seconds", "/properties/duration/maximum", 14, {"duration": 15}),
    Row("duration-2", "takes 2 seconds", "/properties/duration/minimum", 2, {"duration": 2}),
    Row("duration-4", "refuses 3 seconds", "/properties/duration/minimum", 4, {"duration": 3}),
    Row("duration-half", "takes half seconds", "/properties/duration/type", "number", {"duration": 5.5}),
    Row("duration-text", "takes text", "/properties/duration/type", ["integer", "string"], {"duration": "5"}),
    Row("scale-no-1", "refuses cfg_scale 1", "/properties/cfg_scale/maximum", 0.99, {"cfg_scale": 1}),
    Row("scale-any", "takes any cfg_scale above 0", "/properties/cfg_scale/maximum", GONE, {"cfg_scale": 7}),
    Row("ratio-free", "takes any ratio", "/properties/aspect_ratio/enum", GONE, {"aspect_ratio": "4:3"}),
    Row(
        "shots-5",
        "refuses six shots",
        "/properties/multi_prompt/maxItems",
        5,
        {"prompt": GONE, "multi_prompt": [{"prompt": "A lamp"}] * 6},
    ),
    Row(
        "shot-empty",
        "takes a shot with an empty prompt",
        _MY_SHOT + "/prompt/minLength",
        GONE,
        {"prompt": GONE, "multi_prompt": [{"prompt": ""}]},
    ),
    Row(
        "shot-without-prompt",
        "takes a shot without prompt",
        "/properties/multi_prompt/items/required",
        GONE,
        {"prompt": GONE, "multi_prompt": [{"duration": 5}]},
    ),
    Row(
        "shot-0-seconds",
        "takes a shot of no seconds",
        _MY_SHOT + "/duration/minimum",
        0,
        {"prompt": GONE, "multi_prompt": [{"prompt": "A lamp", "duration": 0}]},
    ),
    Row("negative-free", "takes any negative_prompt", "/properties/negative_prompt/type", GONE, {"negative_prompt": 5}),
    Row("prompt-idle", "needs neither prompt nor shots", "/allOf/0", GONE, {"prompt": GONE}, kind="conditional"),
    Row(
        "prompt-and-shots",
        "takes prompt and shots together",
        "/allOf/1",
        GONE,
        {"multi_prompt": [{"prompt": "A lamp"}]},
        kind="cross-field",
    ),
    Row("prompt-blank", "takes a blank prompt", "/x-rules/0", GONE, {"prompt": " \n"}, kind="conditional"),
]

IMAGE_JOB: dict[str, Json] = {"prompt": "A lamp", "first_frame": URL}
MULEROUTER_IMAGES = [
    Row(
        "side-200",
        "takes a first_frame of 200 px",
        "/x-rules/3/side_min",
        200,
        {"first_frame": blank(250, 300)},
        kind="image",
    ),
    Row(
        "ratio-3", "takes a last_frame of 1:3", "/x-rules/4/ratio_max", 3, {"last_frame": blank(300, 900)}, kind="image"
    ),
    Row(
        "ratio-2",
        "refuses a first_frame of 5:2",
        "/x-rules/3/ratio_max",
        2,
        {"first_frame": blank(750, 300)},
        kind="image",
    ),
    Row(
        "last-free", "takes any last_frame", "/x-rules/4", GONE, {"last_frame": "ftp://example.com/a.png"}, kind="image"
    ),
    Row("prompt-blank", "takes a blank prompt", "/x-rules/0", GONE, {"prompt": "\t"}, kind="conditional"),
    Row(
        "sum-free",
        "shots need not add up",
        "/x-rules/2",
        GONE,
        cut({"prompt": "A lamp", "duration": 3}, {"prompt": "A lamp", "duration": 1}),
        kind="cross-field",
    ),
    Row(
        "prompt-idle",
        "the model needs no prompt",
        "/allOf/2/if/anyOf/1",
        {"not": {}},
        {**CHOSEN, "prompt": GONE},
        kind="conditional",
    ),
]
KLING_IMAGE_JOB: dict[str, Json] = {"prompt": "A lamp", "image": URL}
KLING_IMAGES = [
    Row("tail-and-mask", "takes both", "/allOf/6", GONE, {"image_tail": URL, "static_mask": "a"}, kind="cross-field"),
    Row(
        "tail-and-camera",
        "takes both",
        "/allOf/8",
        GONE,
        {"image_tail": URL, **camera(type="down_back")},
        kind="cross-field",
    ),
    Row(
        "way-of-50",
        "refuses a way of 77 points",
        "/properties/dynamic_masks/items/properties/trajectories/maxItems",
        50,
        {"dynamic_masks": [{"mask": "a", "trajectories": [{"x": 1, "y": 1}] * 77}]},
    ),
    Row(
        "tail-bytes",
        "refuses 9 MB",
        "/x-rules/5/bytes_max",
        9_000_000,
        {"image_tail": encoded(png(300, 300, 9_900_000))},
        kind="image",
    ),
]
UNIALL_JOB: dict[str, Json] = {"model": "kling-v3-std-silent", "prompt": "A lamp"}
UNIALL = [
    Row("image-idle", "takes last_image alone", "/allOf/3", GONE, {"last_image": URL}, kind="cross-field"),
    Row(
        "elements-2",
        "refuses three",
        "/properties/extra_body/properties/element_list/maxItems",
        2,
        {"extra_body": {"element_list": [{}] * 3}},
    ),
]

# Vendor, operation, a job that is right, and the rows about it.
TABLES: list[tuple[str, str, dict[str, Json], list[Row]]] = [
    ("powertokens", "createTextToVideo", POWERTOKENS_JOB, POWERTOKENS),
    ("myrouter", "createTextToVideo", MYROUTER_JOB, MYROUTER),
    ("mulerouter", "createImageToVideo", IMAGE_JOB, MULEROUTER_IMAGES),
    ("kling", "createImageToVideo", KLING_IMAGE_JOB, KLING_IMAGES),
    ("uniall", "createVideo", UNIALL_JOB, UNIALL),
]
