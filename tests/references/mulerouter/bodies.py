"""What the MuleRouter reference takes: the page's table, checked member by member, the first fault told."""

from __future__ import annotations

from typing import Any, TypeAlias

from references.images import wrong_image
from references.seeding import Bugs

Json: TypeAlias = Any

TEXT, IMAGE = "text", "image"


class BrokenError(Exception):
    """The member that breaks the contract, written with dots, and what is wrong with it."""

    def __init__(self, member: str, words: str) -> None:
        super().__init__(f"{member}: {words}" if member else words)


def fail(member: str, words: str, *, when: bool) -> None:
    """Ends the check where something is wrong."""
    if when:
        raise BrokenError(member, words)


def whole(value: Json) -> bool:
    """5 and 5.0 are whole, true is no number."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer()


class Check:
    """One body of one kind of job on its way through the table."""

    def __init__(self, body: Json, kind: str, bugs: Bugs) -> None:
        fail("", "the body must be a JSON object", when=not isinstance(body, dict))
        self.body = body
        self.kind = kind
        self.bugs = bugs
        self.is_multi = body.get("multi_shot") is True

    def run(self) -> None:
        """Raises BrokenError at the first fault."""
        self.elements()
        self.frames()
        self.choices()
        self.shots()
        self.texts()
        self.seconds()

    def length(self, text: str) -> int:
        """In code points."""
        if "length-in-bytes" in self.bugs:
            return len(text.encode())
        if "length-in-utf16" in self.bugs:
            return len(text.encode("utf-16-le")) // 2
        return len(text)

    def words(self, member: str, value: Json, most: int) -> None:
        """A text up to its length."""
        fail(member, "must be text", when=not isinstance(value, str))
        fail(member, f"at most {most} characters", when=self.length(value) > most)

    def choice(self, member: str, value: Json, *offered: str) -> None:
        """One of some words."""
        fail(member, f"choose from {' | '.join(offered)}", when=not isinstance(value, str) or value not in offered)

    def texts(self) -> None:
        """The prompt, and the negative one."""
        body, bugs = self.body, self.bugs
        if "prompt" in body:
            numbers = (str, int) if "prompt-number" in bugs else str
            fail("prompt", "must be text", when=not isinstance(body["prompt"], numbers))
            self.words("prompt", str(body["prompt"]), 2501 if "prompt-2501" in bugs else 2500)
        if "negative_prompt" in body and not (self.kind == IMAGE and "image-negative-any-length" in bugs):
            most = 2499 if "negative-2500-refused" in bugs else 2500
            self.words("negative_prompt", body["negative_prompt"], 10**9 if "negative-any-length" in bugs else most)
        if self.uses_prompt():
            said = str(body.get("prompt", ""))
            is_missing = said == "" if "prompt-blank" in bugs else said.strip() == ""
            fail("prompt", "say what the video shows", when=is_missing)

    def uses_prompt(self) -> bool:
        """Whether the prompt has a meaning, so that it is needed."""
        if "prompt-always-needed" in self.bugs:
            return True
        if not self.is_multi:
            return "prompt-not-needed" not in self.bugs
        return self.body.get("shot_type") == "intelligence" and "prompt-not-needed-by-model" not in self.bugs

    def choices(self) -> None:
        """Members that are a word out of a few."""
        body, bugs = self.body, self.bugs
        if "mode" in body:
            modes = ("std", "pro", "4k") if "mode-4k" in bugs else ("std", "pro")
            self.choice("mode", body["mode"], *(modes[:1] if "mode-pro-refused" in bugs else modes))
        if "sound" in body:
            sound = (
                body["sound"].lower() if "sound-any-case" in bugs and isinstance(body["sound"], str) else body["sound"]
            )
            if not ("sound-boolean" in bugs and isinstance(sound, bool)):
                self.choice("sound", sound, "on", "off")
        if "aspect_ratio" in body and self.kind == TEXT:
            ratios = ("16:9", "1:1") if "ratio-9-16-refused" in bugs else ("16:9", "9:16", "1:1")
            self.choice("aspect_ratio", body["aspect_ratio"], *ratios, *(("4:3",) if "ratio-4-3" in bugs else ()))
        if "multi_shot" in body and "multi-shot-any" not in bugs:
            fail("multi_shot", "true or false", when=not isinstance(body["multi_shot"], bool))

    def seconds(self) -> None:
        """The length of the video."""
        if "duration" not in self.body:
            return
        value, bugs = self.body["duration"], self.bugs
        if isinstance(value, str) and value.isdecimal() and "duration-text" in bugs:
            value = int(value)
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        is_whole = is_number if "duration-fraction" in bugs else whole(value)
        low, high = 2 if "duration-2" in bugs else 3, 16 if "duration-16" in bugs else 15
        if "duration-15-refused" in bugs and self.kind == IMAGE:
            high = 14
        fail("duration", f"whole seconds from {low} to {high}", when=not is_whole or not low <= value <= high)

    def shots(self) -> None:
        """Who cuts the video, and into what."""
        body, bugs = self.body, self.bugs
        if "shot_type" in body:
            more = ("intelligent",) if "shot-type-intelligent" in bugs else ()
            self.choice("shot_type", body["shot_type"], "customize", "intelligence", *more)
        fail(
            "shot_type",
            "tell who cuts the video",
            when=self.is_multi and "shot_type" not in body and "shot-type-not-needed" not in bugs,
        )
        shots = body.get("multi_prompt")
        is_absent = shots is None and not ("shots-null-refused" in bugs and "multi_prompt" in body)
        is_needed = self.is_multi and body.get("shot_type") == "customize"
        fail("multi_prompt", "give the shots", when=is_needed and is_absent and "shots-not-needed" not in bugs)
        if is_absent:
            return
        fail("multi_prompt", "must be a list", when=not isinstance(shots, list))
        least, most = 0 if "shots-0" in bugs else 1, 7 if "shots-7" in bugs else 6
        if "shots-6-refused" in bugs:
            most = 5
        fail("multi_prompt", f"{least} to {most} shots", when=not least <= len(shots) <= most)
        lengths = [self.shot(f"multi_prompt.{place}", shot) for place, shot in enumerate(shots)]
        known = [length for length in lengths if length is not None]
        # Who takes none at all has nothing to add up.
        if (
            is_needed
            and (shots or "shots-0" not in bugs)
            and len(known) == len(lengths)
            and not ("sum-unless-told" in bugs and "duration" not in body)
        ):
            self.sum(sum(known))

    def shot(self, at: str, shot: Json) -> int | None:
        """One shot; its seconds."""
        bugs = self.bugs
        if "shot-any" in bugs and not isinstance(shot, dict):
            return None
        fail(at, "must be an object", when=not isinstance(shot, dict))
        if "prompt" in shot or "shot-prompt-not-needed" not in bugs:
            self.words(f"{at}.prompt", shot.get("prompt"), 513 if "shot-prompt-513" in bugs else 512)
        seconds = shot.get("duration")
        if seconds is None and "shot-duration-not-needed" in bugs and "duration" not in shot:
            return None
        if isinstance(seconds, str) and seconds.isdecimal() and "shot-duration-text" in bugs:
            seconds = int(seconds)
        least = 0 if "shot-duration-0" in bugs else 1
        fail(f"{at}.duration", "whole seconds, one or more", when=not whole(seconds) or seconds < least)
        return int(seconds)

    def sum(self, seconds: int) -> None:
        """The shots fill the video."""
        total = self.body.get("duration", 5)
        is_wrong = whole(total) and seconds != total and "sum-any" not in self.bugs
        if "sum-too-small" in self.bugs:
            is_wrong = whole(total) and seconds > total
        if "sum-too-large" in self.bugs:
            is_wrong = whole(total) and seconds < total
        fail("multi_prompt", f"the shots take {seconds} s of {total} s", when=is_wrong)

    def frames(self) -> None:
        """The frames: first_frame, last_frame."""
        body, bugs = self.body, self.bugs
        for name in ("first_frame", "last_frame"):
            if name not in body or (body[name] is None and not ("frame-null-refused" in bugs and name == "last_frame")):
                continue
            fail(name, "must be text", when=not isinstance(body[name], str))
            is_idle = (self.is_multi and self.kind == TEXT) or ("last-frame-unchecked" in bugs and name == "last_frame")
            if not is_idle and not ("text-frames-unchecked" in bugs and self.kind == TEXT):
                self.picture(name, body[name])
        if self.kind == IMAGE:
            self.frames_needed()

    def frames_needed(self) -> None:
        """An image job has at least one; the last excludes what older models took."""
        first, last = self.body.get("first_frame"), self.body.get("last_frame")
        has_any = first if "first-frame-needed" in self.bugs else first or last
        fail(
            "first_frame", "an image is needed, here or in last_frame", when=not has_any and "no-frame" not in self.bugs
        )
        for name in ("dynamic_masks", "static_mask", "camera_control"):
            is_known = not ("masks-with-last-frame" in self.bugs and name == "static_mask")
            fail(name, "not together with last_frame", when=bool(last) and name in self.body and is_known)

    def picture(self, member: str, text: str) -> None:
        """One image, if it is one."""
        wrong = wrong_image(text, self.bugs) if text else ""
        fail(member, wrong, when=wrong != "")

    def elements(self) -> None:
        """Every element."""
        elements, bugs = self.body.get("elements"), self.bugs
        if elements is None and not ("elements-null-refused" in bugs and "elements" in self.body):
            return
        fail("elements", "must be a list", when=not isinstance(elements, list))
        least, most = 0 if "elements-0" in bugs else 1, 4 if "elements-4" in bugs else 3
        fail("elements", f"{least} to {most} of them", when=not least <= len(elements) <= most)
        for place, element in enumerate(elements):
            at = f"elements.{place}"
            fail(at, "must be an object", when=not isinstance(element, dict))
            self.element(at, element)

    def element(self, at: str, element: Json) -> None:
        """What an element is made of depends on its type."""
        bugs, kind = self.bugs, element.get("type", "image")
        if "element-type-any" not in bugs:
            self.choice(f"{at}.type", kind, "image", "video")
        needed = {"reference_videos"} if kind == "video" else {"frontal_image", "reference_images"}
        if "element-videos-not-needed" in bugs:
            needed.discard("reference_videos")
        if "element-pictures-not-needed" in bugs:
            needed.discard("reference_images")
        for name in sorted(needed):
            fail(f"{at}.{name}", f"needed for type {kind}", when=name not in element)
        front = element.get("frontal_image")
        is_empty = kind == "image" and not front and "element-front-empty" not in bugs
        fail(f"{at}.frontal_image", "must not be empty", when=is_empty and "frontal_image" in element)
        if front is not None:
            fail(f"{at}.frontal_image", "must be text", when=not isinstance(front, str))
            if "element-front-unchecked" not in bugs:
                self.picture(f"{at}.frontal_image", front)
        self.list_of_texts(f"{at}.reference_videos", element, 10**9)
        self.list_of_texts(f"{at}.reference_images", element, 4 if "element-pictures-4" in bugs else 3)

    def list_of_texts(self, at: str, element: Json, most: int) -> None:
        """The lists reference_images and reference_videos."""
        name = at.rpartition(".")[2]
        texts, are_images = element.get(name), name == "reference_images"
        if name not in element:
            return
        fail(at, "must be a list", when=not isinstance(texts, list))
        least = 0 if "element-pictures-0" in self.bugs else 1
        fail(at, f"1 to {most} of them", when=not least <= len(texts) <= most)
        for place, text in enumerate(texts):
            fail(f"{at}.{place}", "must be text", when=not isinstance(text, str))
            is_empty = are_images and text == "" and "element-picture-empty" not in self.bugs
            fail(f"{at}.{place}", "must not be empty", when=is_empty)
            if are_images and "element-pictures-unchecked" not in self.bugs:
                self.picture(f"{at}.{place}", text)
