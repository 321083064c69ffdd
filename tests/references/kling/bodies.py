"""What the Kling reference takes: the official table as a reader of one body, the first fault told."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from references.images import wrong_image
from references.seeding import Bugs

Json: TypeAlias = Any

TEXT, IMAGE = "text2video", "image2video"
_MODELS = {
    TEXT: ["v1", "v1-6", "v2-master", "v2-1-master", "v2-5-turbo", "v2-6", "v3"],
    IMAGE: ["v1", "v1-5", "v1-6", "v2-master", "v2-1", "v2-1-master", "v2-5-turbo", "v2-6", "v3"],
}
_AXES = ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")
_MOVES = ("simple", "down_back", "forward_up", "right_turn_forward", "left_turn_forward")


class InvalidError(Exception):
    """The text begins with the member that is wrong."""


class ModelError(Exception):
    """There is no such model."""


def need(member: str, words: str, *, kept: bool) -> None:
    """Ends the reading unless this is kept."""
    if not kept:
        message = f"{member} {words}"
        raise InvalidError(message)


def is_integer(value: Json) -> bool:
    """Whole numbers, written with or without a fraction of zero."""
    return is_number(value) and value % 1 == 0


def is_number(value: Json) -> bool:
    """Numbers, of which true is none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Reader:
    """One body of one kind of job."""

    def __init__(self, body: Json, kind: str, bugs: Bugs) -> None:
        need("body", "must be an object", kept=isinstance(body, dict))
        self.body = body
        self.kind = kind
        self.bugs = bugs
        self.is_multi = body.get("multi_shot") is True

    def read(self) -> None:
        """Raises at the first fault; the model comes first."""
        self.model()
        self.words()
        self.numbers()
        self.shots()
        self.prompt()
        self.camera()
        self.voices()
        self.details()
        if self.kind == IMAGE:
            self.images()
            self.masks()
            self.apart()

    def text(self, member: str, value: Json, most: int = 10**9) -> None:
        """Some text, of so many characters."""
        need(member, "must be a string", kept=isinstance(value, str))
        length = len(value.encode("utf-16-le")) // 2 if "length-in-utf16" in self.bugs else len(value)
        need(member, f"must not exceed {most} characters", kept=length <= most)

    def list(self, member: str, value: Json, least: int, most: int) -> None:
        """A list of so many."""
        need(member, "must be an array", kept=isinstance(value, list))
        need(member, f"must hold {least} to {most} items", kept=least <= len(value) <= most)

    def model(self) -> None:
        """Which model."""
        if "model_name" not in self.body or "model-any" in self.bugs:
            return
        model, models = self.body["model_name"], [f"kling-{name}" for name in _MODELS[self.kind]]
        need("model_name", "must be a string", kept=isinstance(model, str))
        if "model-v4-for-text" in self.bugs:
            models.append("kling-v4")
        if "model-v2-1-unknown" in self.bugs:
            models.remove("kling-v2-1-master")
        if model not in models:
            raise ModelError(model)

    def words(self) -> None:
        """Members that are one of a few words."""
        offered = {
            "mode": ["std", "pro", "4k"],
            "sound": ["on", "off"],
            "shot_type": ["customize", "intelligence"],
            "duration": [str(seconds) for seconds in range(3, 16)],
            **({"aspect_ratio": ["16:9", "9:16", "1:1"]} if self.kind == TEXT else {}),
        }
        if "mode-4k-refused" in self.bugs:
            offered["mode"].remove("4k")
        if "duration-2" in self.bugs:
            offered["duration"].append("2")
        if "duration-16" in self.bugs and self.kind == IMAGE:
            offered["duration"].append("16")
        if "duration-5-or-10" in self.bugs:
            offered["duration"] = ["5", "10"]
        for member, words in offered.items():
            value = self.word(member, self.body.get(member, words[0]))
            need(member, f"must be one of {', '.join(words)}", kept=value is None or value in words)

    def word(self, member: str, value: Json) -> str | None:
        """The word as it is compared; None for one that is not."""
        bugs = self.bugs
        need(member, "must be a string", kept=isinstance(value, str))
        if member == "sound" and "sound-any-case" in bugs:
            return str(value.lower())
        if (member == "mode" and "mode-any" in bugs) or (member == "aspect_ratio" and "ratio-any" in bugs):
            return None
        return str(value)

    def numbers(self) -> None:
        """Members that are no words: cfg_scale and multi_shot."""
        scale = self.body.get("cfg_scale", 0.5)
        need(
            "cfg_scale",
            "must be a number",
            kept=is_number(scale) or ("scale-text" in self.bugs and isinstance(scale, str)),
        )
        low, high = -1 if "scale-below-0" in self.bugs else 0, 10 if "scale-above-1" in self.bugs else 1
        need("cfg_scale", "must be from 0 to 1", kept=not is_number(scale) or low <= scale <= high)
        multi = self.body.get("multi_shot", False)
        is_taken = isinstance(multi, bool) or ("multi-shot-number" in self.bugs and multi in (0, 1))
        need("multi_shot", "must be a boolean", kept=is_taken)

    def prompt(self) -> None:
        """What the video shows, and what not."""
        body, bugs = self.body, self.bugs
        if "negative_prompt" in body:
            is_free = "text-negative-any-length" in bugs and self.kind == TEXT
            self.text("negative_prompt", body["negative_prompt"], 10**9 if is_free else 2500)
        if "prompt" in body:
            is_free = "prompt-idle-any-length" in bugs and self.is_multi
            self.text("prompt", body["prompt"], 2499 if "prompt-2500-refused" in bugs else 10**9 if is_free else 2500)
        kind = body.get("shot_type")
        is_used = (not self.is_multi and "prompt-not-needed" not in bugs) or kind == "intelligence"
        if "prompt-not-needed-by-model" in bugs and self.is_multi:
            is_used = False
        said = body.get("prompt", "")
        need(
            "prompt", "must not be empty", kept=not is_used or (said if "prompt-blank" in bugs else said.strip()) != ""
        )

    def shots(self) -> None:
        """Who cuts the video, and into what."""
        body, bugs = self.body, self.bugs
        is_cut = self.is_multi and body.get("shot_type") == "customize"
        has_type = "shot_type" in body or "shot-type-not-needed" in bugs
        need("shot_type", "must be given with multi_shot", kept=not self.is_multi or has_type)
        if "multi_prompt" not in body:
            need("multi_prompt", "must be given with customize", kept=not is_cut or "shots-not-needed" in bugs)
            return
        shots = body["multi_prompt"]
        if shots is None and "shots-null" in bugs:
            return
        self.list("multi_prompt", shots, 0 if "shots-0" in bugs else 1, 7 if "shots-7" in bugs else 6)
        for place, shot in enumerate(shots):
            self.shot(f"multi_prompt[{place}]", shot)
        if is_cut and "sum-any" not in bugs and not ("image-sum-any" in bugs and self.kind == IMAGE):
            total, told = sum(float(shot["duration"]) for shot in shots), float(body.get("duration", "5"))
            need("multi_prompt", f"takes {total} s of {told} s", kept=not shots or total == told)

    def shot(self, at: str, shot: Json) -> None:
        """One shot."""
        bugs = self.bugs
        need(at, "must be an object", kept=isinstance(shot, dict))
        if "index" in shot and "shot-index-any" not in bugs:
            need(f"{at}.index", "must be an integer", kept=is_integer(shot["index"]))
        if "prompt" in shot or "shot-prompt-not-needed" not in bugs:
            self.text(f"{at}.prompt", shot.get("prompt"), 10**9 if "shot-prompt-any-length" in bugs else 512)
        seconds = shot.get("duration")
        need(f"{at}.duration", "must be a string", kept=isinstance(seconds, str))
        pattern = "[0-9]+" if "shot-duration-0" in bugs else "[1-9][0-9]*"
        if "shot-duration-one-digit" in bugs:
            pattern = "[1-9]"
        need(f"{at}.duration", "must be whole seconds", kept=re.fullmatch(pattern, seconds) is not None)

    def camera(self) -> None:
        """How the camera moves."""
        if "camera_control" not in self.body:
            return
        camera, bugs = self.body["camera_control"], self.bugs
        need("camera_control", "must be an object", kept=isinstance(camera, dict))
        kind, has_config = camera.get("type"), "config" in camera
        moves = _MOVES[:4] if "camera-left-refused" in bugs else _MOVES
        is_free = "camera-type-any" in bugs and isinstance(kind, str)
        need(
            "camera_control.type",
            f"must be one of {', '.join(moves)}",
            kept="type" not in camera or kind in moves or is_free,
        )
        is_complete = kind != "simple" or has_config or "camera-config-not-needed" in bugs
        need("camera_control.config", "must be given with simple", kept=is_complete)
        is_alone = not has_config or kind in (None, "simple") or "camera-config-with-any-type" in bugs
        need("camera_control.config", "must not be given with this type", kept=is_alone)
        if has_config:
            self.config(camera["config"], is_simple=kind == "simple")

    def config(self, config: Json, *, is_simple: bool) -> None:
        """How far the camera moves, along one axis."""
        bugs, at = self.bugs, "camera_control.config"
        need(at, "must be an object", kept=isinstance(config, dict))
        told = {axis: config[axis] for axis in _AXES if axis in config and not (axis == "roll" and "roll-any" in bugs)}
        for axis, value in told.items():
            need(f"{at}.{axis}", "must be a number", kept=is_number(value))
            low, high = -10, 11 if "axis-11" in bugs else 10
            if "axis-below-0-refused" in bugs:
                low = 0
            need(f"{at}.{axis}", f"must be from {low} to {high}", kept=low <= value <= high)
        moved = sum(1 for value in told.values() if value != 0)
        is_one = moved == 1 or ("axes-many" in bugs and moved > 1) or ("axes-none" in bugs and moved == 0)
        need(at, "must move along exactly one axis", kept=is_one or not is_simple)

    def voices(self) -> None:
        """Who speaks."""
        if "voice_list" not in self.body:
            return
        voices, bugs = self.body["voice_list"], self.bugs
        self.list("voice_list", voices, 0, 3 if "voices-3" in bugs else 2)
        for place, voice in enumerate(voices):
            need(f"voice_list[{place}]", "must be an object", kept=isinstance(voice, dict))
            name = voice.get("voice_id", "" if "voice-id-not-needed" in bugs else None)
            is_taken = isinstance(name, str) or ("voice-id-number" in bugs and is_number(name))
            need(f"voice_list[{place}].voice_id", "must be a string", kept=is_taken)
        is_heard = self.body.get("sound", "off") == "on" or "voices-without-sound" in bugs
        need("sound", "must be on for voice_list", kept=not voices or is_heard)
        is_alone = not self.body.get("element_list") or "voices-with-elements" in bugs
        need("element_list", "must not be given with voice_list", kept=not voices or is_alone)

    def details(self) -> None:
        """The rest: watermark_info, callback_url, external_task_id."""
        body, bugs = self.body, self.bugs
        mark = body.get("watermark_info", {})
        if not ("watermark-boolean" in bugs and isinstance(mark, bool)):
            need("watermark_info", "must be an object", kept=isinstance(mark, dict))
            is_taken = isinstance(mark.get("enabled", False), bool) or "watermark-enabled-any" in bugs
            need("watermark_info.enabled", "must be a boolean", kept=is_taken)
        for member in ("callback_url", "external_task_id"):
            if not (member == "callback_url" and "callback-null" in bugs and body.get(member) is None):
                self.text(member, body.get(member, ""))

    def images(self) -> None:
        """Where the video begins and ends."""
        for member in ("image", "image_tail"):
            value = self.body.get(member)
            if value is None and not ("image-null-refused" in self.bugs and member in self.body):
                continue
            need(member, "must be a string", kept=isinstance(value, str))
            is_checked = not ("tail-unchecked" in self.bugs and member == "image_tail")
            wrong = wrong_image(value, self.bugs) if value and is_checked else ""
            need(member, wrong, kept=not wrong)
        has_tail = bool(self.body.get("image_tail")) and "tail-alone-refused" not in self.bugs
        has_any = bool(self.body.get("image")) or has_tail or "no-image" in self.bugs
        need("image", "or image_tail must be given", kept=has_any)
        if "element_list" in self.body:
            self.elements(self.body["element_list"])

    def elements(self, elements: Json) -> None:
        """Who appears."""
        self.list("element_list", elements, 0, 4 if "elements-4" in self.bugs else 3)
        for place, element in enumerate(elements):
            at, bugs = f"element_list[{place}]", self.bugs
            need(at, "must be an object", kept=isinstance(element, dict))
            need(f"{at}.element_id", "must be given", kept="element_id" in element or "element-id-not-needed" in bugs)
            name = element.get("element_id", 0)
            is_taken = is_integer(name) or ("element-id-text" in bugs and isinstance(name, str))
            need(f"{at}.element_id", "must be an integer", kept=is_taken)
            bits = 31 if "element-id-32-bits" in bugs else 63
            is_small = isinstance(name, str) or -(2**bits) <= name < 2**bits
            need(f"{at}.element_id", "must fit 64 bits", kept=is_small)

    def masks(self) -> None:
        """What stays still, and what goes where."""
        self.text("static_mask", self.body.get("static_mask", ""))
        masks = self.body.get("dynamic_masks", [])
        self.list("dynamic_masks", masks, 0, 7 if "masks-7" in self.bugs else 6)
        for place, mask in enumerate(masks):
            at, bugs = f"dynamic_masks[{place}]", self.bugs
            need(at, "must be an object", kept=isinstance(mask, dict))
            if "mask" in mask or "mask-not-needed" not in bugs:
                self.text(f"{at}.mask", mask.get("mask"))
            way = mask.get("trajectories")
            least, most = 1 if "way-of-1" in bugs else 2, 78 if "way-of-78" in bugs else 77
            self.list(f"{at}.trajectories", way, least, most)
            for number, point in enumerate(way):
                self.point(f"{at}.trajectories[{number}]", point)

    def point(self, at: str, point: Json) -> None:
        """Where a mask goes next."""
        need(at, "must be an object", kept=isinstance(point, dict))
        for name in ("x", "y"):
            is_taken = is_integer(point.get(name)) or ("point-half" in self.bugs and is_number(point.get(name)))
            is_free = name == "y" and "point-y-not-needed" in self.bugs and name not in point
            need(f"{at}.{name}", "must be an integer", kept=is_taken or is_free)

    def apart(self) -> None:
        """What excludes what."""
        body, bugs = self.body, self.bugs
        has_mask, has_masks = bool(body.get("static_mask")), bool(body.get("dynamic_masks"))
        if body.get("image_tail"):
            need("static_mask", "must not be given with image_tail", kept=not has_mask or "tail-with-mask" in bugs)
            need("dynamic_masks", "must not be given with image_tail", kept=not has_masks or "tail-with-masks" in bugs)
            has_camera = "camera_control" in body and "tail-with-camera" not in bugs
            need("camera_control", "must not be given with image_tail", kept=not has_camera)
        is_masked = (has_mask and "mask-with-camera" not in bugs) or (has_masks and "masks-with-camera" not in bugs)
        need("camera_control", "must not be given with masks", kept=not is_masked or "camera_control" not in body)
