"""What a caller may ask for, as UniAll documents it; the first member that is wrong is refused by its name."""

from __future__ import annotations

from typing import Any, TypeAlias

from examples.gateways.refusals import front_refusal, job_refusal

Json: TypeAlias = Any

MODELS = ("kling-v3-std-silent", "kling-v3-std-audio", "kling-v3-pro-silent", "kling-v3-pro-audio")
RATIOS = ("16:9", "9:16", "1:1")
SHOT_TYPES = ("customize", "intelligent")
EXTRAS = ("negative_prompt", "cfg_scale", "multi_prompt", "element_list", "shot_type")
SECONDS_MIN, SECONDS_MAX, SECONDS_DEFAULT = 3, 15, 5
ELEMENTS_MAX = 3


def is_number(value: Json) -> bool:
    """Whether it is a number to JSON: true is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_whole(value: Json) -> bool:
    """Whether it is an integer to JSON: 5.0 is one."""
    return is_number(value) and value % 1 == 0


def extras_of(body: Json) -> Json:
    """The members of `extra_body`. Client libraries spread them over the body, so they are looked for there too."""
    return {name: body[name] for name in EXTRAS if name in body} | body.get("extra_body", {})


def judge(body: Json) -> None:
    """Refuses a body that does not keep the contract; the model comes before all else."""
    _require("the body", "must be an object", kept=isinstance(body, dict))
    model = body.get("model")
    if model is None or model == "":
        raise front_refusal(400, "No model is named")
    _require("model", "must be a string", kept=isinstance(model, str))
    if model not in MODELS:
        raise front_refusal(503, f"There is no channel for the model {model}", "model_not_found")
    _judge_members(body)
    extras = extras_of(body)
    _judge_extras(extras)
    _judge_prompt(body, has_shots=bool(extras.get("multi_prompt")))


def _require(member: str, says: str, *, kept: bool) -> None:
    if not kept:
        raise job_refusal(400, "invalid_request", f"{member} {says}")


def _judge_members(body: Json) -> None:
    for name in ("prompt", "image", "last_image"):
        _require(name, "must be a string", kept=isinstance(body.get(name, ""), str))
    seconds, ratio = body.get("duration", SECONDS_DEFAULT), body.get("aspect_ratio", RATIOS[0])
    between = f"must be a whole number between {SECONDS_MIN} and {SECONDS_MAX}"
    _require("duration", between, kept=is_whole(seconds) and SECONDS_MIN <= seconds <= SECONDS_MAX)
    _require("aspect_ratio", f"must be one of {', '.join(RATIOS)}", kept=ratio in RATIOS)
    _require("extra_body", "must be an object", kept=isinstance(body.get("extra_body", {}), dict))


def _judge_extras(extras: Json) -> None:
    scale, kind = extras.get("cfg_scale", 0), extras.get("shot_type", SHOT_TYPES[0])
    shots, elements = extras.get("multi_prompt", []), extras.get("element_list", [])
    _require("negative_prompt", "must be a string", kept=isinstance(extras.get("negative_prompt", ""), str))
    _require("cfg_scale", "must be a number between 0 and 1", kept=is_number(scale) and 0 <= scale <= 1)
    _require("shot_type", f"must be one of {', '.join(SHOT_TYPES)}", kept=kind in SHOT_TYPES)
    _require("multi_prompt", "must be a list", kept=isinstance(shots, list))
    few = isinstance(elements, list) and len(elements) <= ELEMENTS_MAX
    _require("element_list", f"must be a list of at most {ELEMENTS_MAX}", kept=few)
    _require("element_list", "must hold objects", kept=all(isinstance(element, dict) for element in elements))


def _judge_prompt(body: Json, *, has_shots: bool) -> None:
    is_said, image = body.get("prompt", "").strip() != "", body.get("image")
    _require("image", "is required when last_image is given", kept=bool(image or not body.get("last_image")))
    if image and has_shots:
        _require("prompt", "and extra_body.multi_prompt exclude each other when there is an image", kept=not is_said)
    else:
        _require("prompt", "is required", kept=is_said)
