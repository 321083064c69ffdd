"""What the UniAll reference takes: every fault of a body is looked for, and the one nearest to its end is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from references.seeding import Bugs

Json: TypeAlias = Any
Fault: TypeAlias = tuple[str, str]


class ModelError(Exception):
    """The model is missing (no text) or not known."""


class FaultyError(Exception):
    """The body is wrong; the text begins with the member."""


def models(bugs: Bugs) -> list[str]:
    """The names on offer."""
    offered = [f"kling-v3-{tier}-{sound}" for tier in ("std", "pro") for sound in ("silent", "audio")]
    if "model-pro-audio-unknown" in bugs:
        offered.remove("kling-v3-pro-audio")
    return [*offered, "kling-v3-4k-audio"] if "model-4k" in bugs else offered


def read_model(body: Json, bugs: Bugs) -> None:
    """The model is looked at first."""
    model = body.get("model")
    if model in (None, ""):
        if "model-not-needed" not in bugs:
            raise ModelError
    elif not isinstance(model, str):
        message = "model: expected a string"
        raise FaultyError(message)
    elif model not in models(bugs) and not (model.startswith("kling-") and "model-any-kling" in bugs):
        raise ModelError(model)


def check(body: Json, bugs: Bugs) -> None:
    """Raises FaultyError or ModelError unless the body can be taken."""
    if not isinstance(body, dict):
        message = "expected a JSON object"
        raise FaultyError(message)
    read_model(body, bugs)
    faults = [*_top(body, bugs), *_extras(body, bugs)] or [*_together(body, bugs)]
    if faults:
        member, words = faults[-1]
        message = f"{member}: {words}"
        raise FaultyError(message)


def _is_text(value: Json) -> bool:
    return isinstance(value, str)


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _typed(body: Json, name: str, is_right: Callable[[Json], bool]) -> bool:
    """Whether a member is absent or of its type."""
    return name not in body or is_right(body[name])


def _top(body: Json, bugs: Bugs) -> Iterator[Fault]:
    if not _typed(body, "prompt", _is_text) and not ("prompt-number" in bugs and _is_number(body["prompt"])):
        yield "prompt", "expected a string"
    if not _typed(body, "image", _is_text) and not ("image-null" in bugs and body["image"] is None):
        yield "image", "expected a string"
    if not _typed(body, "last_image", _is_text) and not (
        "last-image-list" in bugs and isinstance(body["last_image"], list)
    ):
        yield "last_image", "expected a string"
    ratios = ["16:9", "9:16", "1:1"]
    if "ratio-4-3" in bugs:
        ratios.append("4:3")
    if "ratio-1-1-refused-with-image" in bugs and body.get("image"):
        ratios.remove("1:1")
    is_free = "ratio-any-with-image" in bugs and bool(body.get("image"))
    if body.get("aspect_ratio", "16:9") not in ratios and not is_free:
        yield "aspect_ratio", f"expected one of {', '.join(ratios)}"
    yield from _seconds(body, bugs)


def _seconds(body: Json, bugs: Bugs) -> Iterator[Fault]:
    seconds = body.get("duration", 5)
    if isinstance(seconds, str) and seconds.isdecimal() and "duration-text" in bugs:
        seconds = int(seconds)
    if isinstance(seconds, float) and "duration-fraction" in bugs:
        seconds = int(seconds)
    # 5.0 is refused here, which a service may do or leave.
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        yield "duration", "expected an integer"
        return
    low, high = 2 if "duration-2" in bugs else 3, 15
    if "duration-16" in bugs:
        high = 16
    if "duration-any-with-image" in bugs and body.get("image"):
        high = 10**9
    if "duration-3-refused" in bugs:
        low = 4
    if "duration-at-most-10" in bugs and not body.get("image"):
        high = 10
    if not low <= seconds <= high:
        yield "duration", f"expected {low} to {high}"


def _extras(body: Json, bugs: Bugs) -> Iterator[Fault]:
    extras = body.get("extra_body", {})
    if extras is None and "extra-null" in bugs:
        return
    if not isinstance(extras, dict):
        yield "extra_body", "expected an object"
        return
    if not _typed(extras, "negative_prompt", _is_text) and "negative-any" not in bugs:
        yield "extra_body.negative_prompt", "expected a string"
    # The page gives no limit; the family's may be kept or not.
    if len(str(extras.get("negative_prompt"))) > 2500:
        yield "extra_body.negative_prompt", "too long"
    yield from _scale(extras.get("cfg_scale", 0.5), bugs)
    if not _typed(extras, "multi_prompt", lambda value: isinstance(value, list)) and "shots-any" not in bugs:
        yield "extra_body.multi_prompt", "expected a list"
    yield from _elements(extras.get("element_list", []), bugs)
    kinds = ["customize", "intelligence" if "shot-type-intelligence" in bugs else "intelligent"]
    if "shot-type-both" in bugs:
        kinds.append("intelligence")
    if extras.get("shot_type", "customize") not in kinds:
        yield "extra_body.shot_type", f"expected one of {', '.join(kinds)}"


def _scale(scale: Json, bugs: Bugs) -> Iterator[Fault]:
    if isinstance(scale, str) and "scale-text" in bugs:
        return
    if not _is_number(scale):
        yield "extra_body.cfg_scale", "expected a number"
    elif (scale < 0 and "scale-below-0" not in bugs) or (scale > 1 and "scale-above-1" not in bugs):
        yield "extra_body.cfg_scale", "expected 0 to 1"
    elif (scale == 0 and "scale-0-refused" in bugs) or (scale == 1 and "scale-1-refused" in bugs):
        yield "extra_body.cfg_scale", "expected more than 0 and less than 1"
    elif not isinstance(scale, int) and "scale-whole" in bugs:
        yield "extra_body.cfg_scale", "expected a whole number"


def _elements(elements: Json, bugs: Bugs) -> Iterator[Fault]:
    if not isinstance(elements, list):
        if not (elements is None and "elements-null" in bugs):
            yield "extra_body.element_list", "expected a list"
        return
    most = 4 if "elements-4" in bugs else 3
    if len(elements) > (2 if "elements-3-refused" in bugs else most):
        yield "extra_body.element_list", f"expected at most {most}"
    for place, element in enumerate(elements):
        if not isinstance(element, dict) and "element-any" not in bugs:
            yield f"extra_body.element_list[{place}]", "expected an object"


def _together(body: Json, bugs: Bugs) -> Iterator[Fault]:
    extras = body.get("extra_body") or {}
    image, last_image, has_shots = body.get("image"), body.get("last_image"), bool(extras.get("multi_prompt"))
    prompt = str(body.get("prompt", ""))
    is_said = prompt != "" if "prompt-blank" in bugs else prompt.strip() != ""
    if last_image and not image and "last-image-alone" not in bugs:
        yield "image", "expected beside last_image"
    if "last-image-needed" in bugs and image and not last_image:
        yield "last_image", "expected beside image"
    if image and has_shots:
        if is_said and "prompt-and-shots" not in bugs:
            yield "extra_body.multi_prompt", "not together with prompt"
        if "shots-need-prompt" in bugs and not is_said:
            yield "prompt", "expected"
    elif not is_said and "prompt-not-needed" not in bugs and not ("image-needs-no-prompt" in bugs and image):
        yield "prompt", "expected"
    private = [name for name in ("image", "last_image") if body.get(name) and not is_public(str(body[name]))]
    yield from ((name, "expected a public http or https URL") for name in private)


def is_public(url: str) -> bool:
    """Whether an image can be fetched from outside."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or host in ("", "localhost") or host.endswith((".local", ".internal")):
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return True
