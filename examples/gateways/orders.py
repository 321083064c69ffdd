"""From a job as UniAll has it to an order as MuleRouter takes it; what that provider refuses is never sent to it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from examples.gateways.contract import SECONDS_DEFAULT, extras_of, is_whole

Json: TypeAlias = Any

TEXT = "/vendors/klingai/v1/kling-v3/text-to-video/generation"
IMAGE = "/vendors/klingai/v1/kling-v3/image-to-video/generation"
# The provider's limits, in code points and pieces.
PROMPT_MAX, SHOT_PROMPT_MAX, SHOTS_MAX = 2500, 512, 6
FAILED, BAD_MEDIA, BAD_CONTENT = "task_failed", "invalid_media_url", "content_moderation"
_CUT_BY_MODEL = {"multi_shot": True, "shot_type": "intelligence"}


class CannotOrderError(Exception):
    """UniAll takes such a job and the provider can't do it: it is accepted, and fails with this code and text."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Order:
    """What is sent where, and the members of the job that have no place in it."""

    path: str
    body: Json
    unused: list[str]


def make_order(job: Json) -> Order:
    """The order for a job that keeps UniAll's contract; CannotOrderError when the provider would refuse it."""
    extras, image, last_image = extras_of(job), job.get("image"), job.get("last_image")
    seconds = int(job.get("duration", SECONDS_DEFAULT))
    _, _, mode, sound = job["model"].split("-")
    body: dict[str, Json] = {"mode": mode, "sound": "on" if sound == "audio" else "off", "duration": seconds}
    if extras.get("negative_prompt"):
        body["negative_prompt"] = _short(extras["negative_prompt"], "negative_prompt")
    if image:
        body |= {"first_frame": _public(image)} | ({"last_frame": _public(last_image)} if last_image else {})
    elif "aspect_ratio" in job:
        body["aspect_ratio"] = job["aspect_ratio"]
    has_shots = bool(image and extras.get("multi_prompt"))
    body |= _shots(extras, seconds) if has_shots else _scene(job["prompt"], extras)
    return Order(IMAGE if image else TEXT, body, _unused(job, extras))


def _unused(job: Json, extras: Json) -> list[str]:
    idle = "aspect_ratio" if job.get("image") else "extra_body.multi_prompt"
    sent = {"extra_body." + name: value for name, value in extras.items()} | job
    return [name for name in ("extra_body.cfg_scale", "extra_body.element_list", idle) if sent.get(name) is not None]


def _short(text: str, name: str) -> str:
    if len(text) > PROMPT_MAX:
        raise CannotOrderError(FAILED, f"{name} exceeds the {PROMPT_MAX} characters that the model reads.")
    return text


def _public(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_public = parts.scheme in ("http", "https") and not _is_private((parts.hostname or "").rstrip("."))
    except ValueError:
        is_public = False
    if not is_public:
        raise CannotOrderError(BAD_MEDIA, "Images must be public http or https URLs.")
    return url


def _is_private(host: str) -> bool:
    if host in ("", "localhost") or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False


def _scene(prompt: str, extras: Json) -> Json:
    """One prompt; `intelligent` lets the model cut it."""
    return {"prompt": _short(prompt, "prompt"), **(_CUT_BY_MODEL if extras.get("shot_type") == "intelligent" else {})}


def _shots(extras: Json, seconds: int) -> Json:
    """The caller's shots; where the provider could not take them one by one, one text that the model cuts."""
    shots = [shot if isinstance(shot, dict) else {"prompt": shot} for shot in extras["multi_prompt"]]
    texts = [text for text in (shot.get("prompt") for shot in shots) if isinstance(text, str) and text.strip()]
    if len(texts) < len(shots):
        raise CannotOrderError(FAILED, "Each shot of multi_prompt needs a prompt.")
    fits = len(texts) <= min(SHOTS_MAX, seconds) and max(map(len, texts)) <= SHOT_PROMPT_MAX
    if not fits or extras.get("shot_type") == "intelligent":
        return {"prompt": _short("\n".join(texts), "multi_prompt"), **_CUT_BY_MODEL}
    lengths = _lengths([shot.get("duration") for shot in shots], seconds)
    parts = [{"prompt": text, "duration": length} for text, length in zip(texts, lengths, strict=True)]
    return {"multi_shot": True, "shot_type": "customize", "multi_prompt": parts}


def _lengths(asked: list[Json], seconds: int) -> list[int]:
    """Whole seconds of each shot: as asked for when they add up to the video, else equal parts of it."""
    if all(is_whole(length) and length >= 1 for length in asked) and sum(asked) == seconds:
        return [int(length) for length in asked]
    each, rest = divmod(seconds, len(asked))
    return [each + (number < rest) for number in range(len(asked))]
