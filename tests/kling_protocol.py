"""How tests speak Kling's protocol, and the facts about single members that hold wherever it is spoken.

Both tables change one valid single-shot job; `ABSENT` takes a member out of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import httpx
import pytest

from fact_tables import ABSENT, WAVE, fine, row, wrong_types
from targets import Json, Target, pretty

PROMPT = "A lighthouse in a storm at dusk"


def data_of(answer: httpx.Response) -> Json:
    """What an accepted call answers inside its envelope."""
    body = answer.json()
    assert answer.status_code == 200, pretty(body)
    assert body["code"] == 0, pretty(body)
    assert isinstance(body["message"], str)
    assert isinstance(body["request_id"], str)
    assert body["request_id"]
    return body["data"]


def submitted(target: Target, path: str, job: Mapping[str, Json]) -> str:
    """The id of a task that this job has become."""
    task_id = data_of(target.client.post(path, json=job))["task_id"]
    assert isinstance(task_id, str)
    return task_id


def poll(target: Target, path: str, task_id: str) -> Json:
    """The task, as its poll shows it."""
    return data_of(target.client.get(f"{path}/{task_id}"))


def follow(target: Target, path: str, task_id: str, *, most_seconds: int = 300) -> Iterator[Json]:
    """The task at every second from now on, up to its end."""
    for _ in range(most_seconds):
        seen = poll(target, path, task_id)
        yield seen
        if seen["task_status"] in ("succeed", "failed"):
            return
        target.advance(1)
    pytest.fail(f"{task_id} has not ended within {most_seconds} s")


def finished(target: Target, path: str, task_id: str) -> Json:
    """The task at its end."""
    return list(follow(target, path, task_id))[-1]


def shot(prompt: str = "The lamp is lit", duration: Json = "5", **more: Json) -> dict[str, Json]:
    """One shot of a customized job, five seconds long."""
    return {"index": 1, "prompt": prompt, "duration": duration, **more}


def shots(*durations: Json) -> list[Json]:
    """Shots of these lengths."""
    return [shot(f"Scene {number}", length, index=number) for number, length in enumerate(durations, 1)]


def camera(**config: Json) -> dict[str, Json]:
    """A camera movement of the client's own."""
    return {"camera_control": {"type": "simple", "config": config}}


MEMBERS_REFUSED = [
    # prompt: a string of 1 to 2500 characters while it is used
    row("prompt-absent", {"prompt": ABSENT}, "/prompt", "required"),
    row("prompt-empty", {"prompt": ""}, "/prompt", "minLength|not-blank"),
    row("prompt-space", {"prompt": " "}, "/prompt", "not-blank"),
    row("prompt-line-breaks", {"prompt": "\r\n\t"}, "/prompt", "not-blank"),
    row("prompt-wide-space", {"prompt": "\u3000\u00a0"}, "/prompt", "not-blank"),
    row("prompt-2501", {"prompt": "p" * 2501}, "/prompt", "maxLength"),
    row("prompt-2501-astral", {"prompt": WAVE * 2501}, "/prompt", "maxLength"),
    *wrong_types("prompt", [5, True, None, ["a"], {"text": "a"}]),
    row("negative-prompt-2501", {"negative_prompt": "n" * 2501}, "/negative_prompt", "maxLength"),
    *wrong_types("negative_prompt", [5, False, None, ["a"]]),
    *wrong_types("multi_shot", ["yes", "", 0, 1, None]),
    # shot_type and multi_prompt: without effect here, but their own types and limits hold
    *wrong_types("shot_type", ["intelligent", "Customize", "", 1, None]),
    *wrong_types("multi_prompt", ["a shot", {}, 5, None]),
    row("shots-0", {"multi_prompt": []}, "/multi_prompt", "minItems"),
    row("shots-7", {"multi_prompt": shots(*"1111111")}, "/multi_prompt", "maxItems"),
    row("shot-no-object", {"multi_prompt": ["A shot"]}, "/multi_prompt/0", "type"),
    row("shot-null", {"multi_prompt": [None]}, "/multi_prompt/0", "type"),
    row("shot-without-prompt", {"multi_prompt": [{"index": 1, "duration": "5"}]}, "/multi_prompt/0/prompt", "required"),
    row(
        "shot-without-duration", {"multi_prompt": [{"index": 1, "prompt": "a"}]}, "/multi_prompt/0/duration", "required"
    ),
    row("shot-prompt-513", {"multi_prompt": [shot(), shot("p" * 513)]}, "/multi_prompt/1/prompt", "maxLength"),
    row("shot-prompt-513-astral", {"multi_prompt": [shot(WAVE * 513)]}, "/multi_prompt/0/prompt", "maxLength"),
    row("shot-prompt-number", {"multi_prompt": [shot(prompt=5)]}, "/multi_prompt/0/prompt", "type"),  # type: ignore[arg-type]  # on purpose
    row("shot-index-text", {"multi_prompt": [shot(index="1")]}, "/multi_prompt/0/index", "type"),
    row("shot-index-half", {"multi_prompt": [shot(index=1.5)]}, "/multi_prompt/0/index", "type"),
    *(
        row(
            f"shot-duration-{value!r}",
            {"multi_prompt": [shot(duration=value)]},
            "/multi_prompt/0/duration",
            "type|pattern|minimum",
        )
        for value in ("0", 0, "-1", -1, "1.5", 2.5, "five", "", "5s", True, None, ["5"])
    ),
    *wrong_types("sound", [True, False, "On", "yes", "", 1, None]),
    row("cfg-scale-below-0", {"cfg_scale": -0.01}, "/cfg_scale", "minimum"),
    row("cfg-scale-above-1", {"cfg_scale": 1.01}, "/cfg_scale", "maximum"),
    *wrong_types("cfg_scale", ["0.5", True, None]),
    *wrong_types("mode", ["standard", "4K", "Pro", "2k", "", 4, None]),
    # camera_control: one of five types; config for `simple` alone
    *wrong_types("camera_control", ["simple", [], True, None]),
    row("camera-type-unknown", {"camera_control": {"type": "zoom_in"}}, "/camera_control/type", "enum"),
    row("camera-type-number", {"camera_control": {"type": 1}}, "/camera_control/type", "type|enum"),
    row("camera-simple-alone", {"camera_control": {"type": "simple"}}, "/camera_control/config", "required"),
    row(
        "camera-config-text", {"camera_control": {"type": "simple", "config": "pan"}}, "/camera_control/config", "type"
    ),
    row("camera-config-empty", camera(), "/camera_control/config", "exactly-one-nonzero"),
    row("camera-all-zero", camera(pan=0, zoom=0.0), "/camera_control/config", "exactly-one-nonzero"),
    row("camera-two", camera(pan=1, tilt=-1), "/camera_control/config", "exactly-one-nonzero"),
    row(
        "camera-six",
        camera(**dict.fromkeys(("horizontal", "vertical", "pan", "tilt", "roll", "zoom"), 1)),
        "/camera_control/config",
        "exactly-one-nonzero",
    ),
    *(
        row(
            f"camera-{kind}-with-config",
            {"camera_control": {"type": kind, "config": {"pan": 1}}},
            "/camera_control/config",
            "not",
        )
        for kind in ("down_back", "forward_up", "right_turn_forward", "left_turn_forward")
    ),
    *(
        row(
            f"camera-{axis}{value}",
            camera(**{axis: value}),
            f"/camera_control/config/{axis}",
            "minimum" if value < 0 else "maximum",
        )
        for axis in ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")
        for value in (-10.01, 10.01)
    ),
    row("camera-axis-text", camera(pan=1, zoom="5"), "/camera_control/config/zoom", "type"),
    # duration: a string of 3 to 15, or that integer
    *(
        row(f"duration-{value!r}", {"duration": value}, "/duration", "type|enum")
        for value in ("2", "16", 2, 16, "0", "-5", "5.0", "5.5", 5.5, "5s", "", " 5", "five", True, None, ["5"])
    ),
    *wrong_types("watermark_info", [True, False, [], [{"enabled": True}], "true", None]),
    row("watermark-enabled-text", {"watermark_info": {"enabled": "true"}}, "/watermark_info/enabled", "type"),
    row("watermark-enabled-number", {"watermark_info": {"enabled": 1}}, "/watermark_info/enabled", "type"),
    *wrong_types("callback_url", [5, True, None, ["https://example.com"]]),
    *wrong_types("external_task_id", [5, True, None, {"id": "a"}]),
]

RATIOS_REFUSED = wrong_types("aspect_ratio", ["4:3", "21:9", "16/9", "16:9 ", "", 1, None])

MEMBERS_ACCEPTED = [
    fine("as-it-is", {}),
    fine("prompt-1", {"prompt": "p"}),
    fine("prompt-2500", {"prompt": "p" * 2500}),
    fine("prompt-2500-astral", {"prompt": WAVE * 2500}),
    fine("prompt-in-spaces", {"prompt": " a\n"}),
    fine(
        "prompt-with-tags",
        {"prompt": '<<<element_9>>> in <<<image_1>>> and <<<video_1>>>, <<<voice_1>>> says: "Hello"'},
    ),
    fine("negative-prompt-empty", {"negative_prompt": ""}),
    fine("negative-prompt-2500", {"negative_prompt": "n" * 2500}),
    fine("negative-prompt-2500-astral", {"negative_prompt": WAVE * 2500}),
    fine("multi-shot-false", {"multi_shot": False}),
    *(fine(f"sound-{word}", {"sound": word}) for word in ("on", "off")),
    *(fine(f"cfg-scale-{value!r}", {"cfg_scale": value}) for value in (0, 0.0, 0.5, 0.333, 1, 1.0)),
    *(fine(f"mode-{word}", {"mode": word}) for word in ("std", "pro", "4k")),
    *(fine(f"duration-{length!r}", {"duration": length}) for length in (*map(str, range(3, 16)), 3, 5, 15)),
    *(
        fine(f"camera-{kind}", {"camera_control": {"type": kind}})
        for kind in ("down_back", "forward_up", "right_turn_forward", "left_turn_forward")
    ),
    *(
        fine(f"camera-{axis}{value}", camera(**{axis: value}))
        for axis in ("horizontal", "vertical", "pan", "tilt", "roll", "zoom")
        for value in (-10, 10)
    ),
    fine("camera-fraction", camera(tilt=0.01)),
    fine("camera-one-among-zeros", camera(horizontal=0, vertical=0.0, pan=0, tilt=0, roll=0, zoom=-7.5)),
    *(fine(f"watermark-{value}", {"watermark_info": {"enabled": value}}) for value in (True, False)),
    fine("callback-empty", {"callback_url": ""}),
    fine("external-id-empty", {"external_task_id": ""}),
    fine("external-id", {"external_task_id": "order-4711"}),
    # Idle: these rules bind multi-shot jobs only.
    fine("idle-shot-type", {"shot_type": "intelligence"}),
    fine("idle-customize-without-shots", {"shot_type": "customize"}),
    fine("idle-shots-of-another-sum", {"multi_prompt": shots("1", "1")}),
    fine("idle-shot-above-the-total", {"multi_shot": False, "multi_prompt": shots("99"), "duration": "3"}),
    fine("idle-6-shots", {"shot_type": "customize", "multi_prompt": shots(*"111111")}),
    # Members that no page knows have no effect.
    fine("unknown-members", {"seed": 7, "Prompt": "", "first_frame": {"deep": [None, {"er": True}]}}),
    fine("unknown-in-shot", {"multi_prompt": [shot(style="noir")]}),
    fine("unknown-in-camera", camera(pan=1, dolly=3)),
    fine("unknown-in-watermark", {"watermark_info": {"enabled": True, "text": "mine"}}),
]

SHOTS: dict[str, Json] = {
    "prompt": ABSENT,
    "multi_shot": True,
    "shot_type": "customize",
    "multi_prompt": shots("2", "3"),
}
AUTOMATIC: dict[str, Json] = {"multi_shot": True, "shot_type": "intelligence"}

SHOTS_REFUSED = [
    row("no-shot-type", {"multi_shot": True}, "/shot_type", "required"),
    row("no-shots", {**SHOTS, "multi_prompt": ABSENT}, "/multi_prompt", "required"),
    row("prompt-does-not-replace-shots", {"multi_shot": True, "shot_type": "customize"}, "/multi_prompt", "required"),
    row("sum-below-default-5", {**SHOTS, "multi_prompt": shots("2", "2")}, "/multi_prompt", "sum-equals"),
    row("sum-above-default-5", {**SHOTS, "multi_prompt": shots("2", "4")}, "/multi_prompt", "sum-equals"),
    row("sum-below", {**SHOTS, "duration": "6"}, "/multi_prompt", "sum-equals"),
    row("sum-above", {**SHOTS, "duration": "4"}, "/multi_prompt", "sum-equals"),
    row("sum-of-integers", {**SHOTS, "multi_prompt": shots(2, 3), "duration": 6}, "/multi_prompt", "sum-equals"),
    row(
        "sum-is-no-joined-text",
        {**SHOTS, "multi_prompt": shots("1", "2"), "duration": "12"},
        "/multi_prompt",
        "sum-equals",
    ),
    row("idle-prompt-2501", {**SHOTS, "prompt": "p" * 2501}, "/prompt", "maxLength"),
    row("idle-prompt-number", {**SHOTS, "prompt": 5}, "/prompt", "type"),
    row("automatic-no-prompt", {**AUTOMATIC, "prompt": ABSENT}, "/prompt", "required"),
    row("automatic-empty-prompt", {**AUTOMATIC, "prompt": ""}, "/prompt", "minLength|not-blank"),
    row("automatic-blank-prompt", {**AUTOMATIC, "prompt": " \n"}, "/prompt", "not-blank"),
    row("automatic-prompt-2501", {**AUTOMATIC, "prompt": "p" * 2501}, "/prompt", "maxLength"),
]

SHOTS_ACCEPTED = [
    fine("sum-of-default-5", SHOTS),
    fine("sum", {**SHOTS, "multi_prompt": shots("1", "2", "12"), "duration": "15"}),
    fine("sum-of-numbers", {**SHOTS, "multi_prompt": shots("2", 3), "duration": 5}),
    fine("one-shot-of-all", {**SHOTS, "multi_prompt": shots("3"), "duration": "3"}),
    fine("six-shots", {**SHOTS, "multi_prompt": shots(*"111111"), "duration": "6"}),
    fine("shot-prompt-512", {**SHOTS, "multi_prompt": [shot("p" * 512)]}),
    fine("shot-prompt-512-astral", {**SHOTS, "multi_prompt": [shot(WAVE * 512)]}),
    fine("any-index", {**SHOTS, "multi_prompt": [shot(index=0, duration="2"), shot(index=0, duration="3")]}),
    fine("prompt-idle", {**SHOTS, "prompt": PROMPT}),
    fine("prompt-idle-and-empty", {**SHOTS, "prompt": ""}),
    fine("prompt-idle-and-blank", {**SHOTS, "prompt": "  "}),
    fine("automatic", AUTOMATIC),
    fine("automatic-shots-idle", {**AUTOMATIC, "multi_prompt": shots("9", "9"), "duration": "3"}),
]
