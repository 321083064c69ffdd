"""What each member of a MuleRouter job may be: type, limits, words and defaults, for text and for images alike.

The multi-shot rules are in test_mulerouter_shots.py, pictures and elements in test_mulerouter_images.py.
"""

import pytest

from fact_tables import ABSENT, WAVE, Connect, Job, changed, fine, row, wrong_types
from mulerouter_protocol import (
    IMAGE,
    INSTANT,
    JOBS,
    TEXT,
    UUID,
    assert_refused,
    assert_taken,
    both_operations,
)
from targets import Json

MEMBERS_REFUSED = [
    row("prompt-absent", {"prompt": ABSENT}, "/prompt", "required"),
    row(
        "prompt-absent-although-shots",
        {
            "prompt": ABSENT,
            "multi_shot": False,
            "shot_type": "customize",
            "multi_prompt": [{"prompt": "a", "duration": 5}],
        },
        "/prompt",
        "required",
    ),
    row("prompt-empty", {"prompt": ""}, "/prompt", "minLength|not-blank"),
    row("prompt-space", {"prompt": " "}, "/prompt", "not-blank"),
    row("prompt-line-breaks", {"prompt": "\r\n\t"}, "/prompt", "not-blank"),
    row("prompt-wide-space", {"prompt": "\u3000\u00a0"}, "/prompt", "not-blank"),
    row("prompt-2501", {"prompt": "p" * 2501}, "/prompt", "maxLength"),
    row("prompt-2501-astral", {"prompt": WAVE * 2501}, "/prompt", "maxLength"),
    *wrong_types("prompt", [5, True, None, ["a cat"], {"text": "a cat"}]),
    row("negative-prompt-2501", {"negative_prompt": "n" * 2501}, "/negative_prompt", "maxLength"),
    row("negative-prompt-2501-astral", {"negative_prompt": WAVE * 2501}, "/negative_prompt", "maxLength"),
    *wrong_types("negative_prompt", [5, False, None, ["blur"]]),
    *wrong_types("multi_shot", ["yes", "True", "FALSE", "", 0, 1, None]),
    *wrong_types("shot_type", ["intelligent", "Customize", "", 1, None]),
    *wrong_types("sound", [True, False, "On", "yes", "", 1, None]),
    *wrong_types("mode", ["4k", "PRO", "standard", "", 1, None]),
    row("duration-2", {"duration": 2}, "/duration", "minimum|enum"),
    row("duration-0", {"duration": 0}, "/duration", "minimum|enum"),
    row("duration-below-0", {"duration": -5}, "/duration", "minimum|enum"),
    row("duration-16", {"duration": 16}, "/duration", "maximum|enum"),
    row("duration-huge", {"duration": 10**30}, "/duration", "maximum|enum|type"),
    *wrong_types("duration", [5.5, 3.0001, "5", "10s", "", True, None, [5]]),
]

MEMBERS_TAKEN = [
    fine("as-it-is", {}),
    fine("prompt-1", {"prompt": "p"}),
    fine("prompt-2500", {"prompt": "p" * 2500}),
    fine("prompt-2500-astral", {"prompt": WAVE * 2500}),
    fine("prompt-in-spaces", {"prompt": "\n a cat "}),
    fine("prompt-any-script", {"prompt": "灯台 منارة \u0000 \x1f \U0010ffff"}),
    fine("prompt-element-that-is-not-there", {"prompt": "<<<element_1>>> meets <<<element_9>>>"}),
    fine("negative-prompt-empty", {"negative_prompt": ""}),
    fine("negative-prompt-blank", {"negative_prompt": " "}),
    fine("negative-prompt-2500", {"negative_prompt": "n" * 2500}),
    fine("negative-prompt-2500-astral", {"negative_prompt": WAVE * 2500}),
    fine("multi-shot-false", {"multi_shot": False}),
    *(fine(f"sound-{word}", {"sound": word}) for word in ("on", "off")),
    *(fine(f"mode-{word}", {"mode": word}) for word in ("std", "pro")),
    fine("std-with-sound", {"mode": "std", "sound": "on"}),
    *(fine(f"duration-{seconds}", {"duration": seconds}) for seconds in range(3, 16)),
    fine("frames-null", {"last_frame": None}),
    fine("elements-null", {"elements": None}),
    fine("shots-null", {"multi_prompt": None}),
    # 0-25: what no page knows has no effect, whatever it holds
    fine("unknown-members", {"seed": 7, "Prompt": "", "callback_url": 5, "model_name": None, "": {"a": [{}]}}),
    fine(
        "members-of-other-vendors",
        {"cfg_scale": 99, "watermark_info": True, "external_task_id": "", "voice_list": "x"},
    ),
]


@both_operations
@pytest.mark.parametrize(("changes", "pointer", "rules"), MEMBERS_REFUSED)
def test_member_outside_its_limits(connect: Connect, path: str, changes: Job, pointer: str, rules: str) -> None:
    """Seeds 000, 002; 0-4, 0-13 to 0-15, 0-26: every type, word and limit is enforced, each alone."""
    assert_refused(connect("mulerouter"), path, changed(JOBS[path], changes), pointer, rules)


@both_operations
@pytest.mark.parametrize("changes", MEMBERS_TAKEN)
def test_member_within_its_limits(connect: Connect, path: str, changes: Job) -> None:
    """Seeds 000, 002: every boundary itself, every word, what is null where null is allowed, what is unknown."""
    assert_taken(connect("mulerouter"), path, changed(JOBS[path], changes))


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1"])
def test_aspect_ratio(connect: Connect, ratio: str) -> None:
    """Seed 000: each of the three."""
    assert_taken(connect("mulerouter"), TEXT, {**JOBS[TEXT], "aspect_ratio": ratio})


@pytest.mark.parametrize(
    ("changes", "pointer", "rules"), wrong_types("aspect_ratio", ["4:3", "16:9 ", "16/9", "", 1, 1.0, None])
)
def test_aspect_ratio_is_one_of_three(connect: Connect, changes: Job, pointer: str, rules: str) -> None:
    """Seed 000: nothing else."""
    assert_refused(connect("mulerouter"), TEXT, {**JOBS[TEXT], **changes}, pointer, rules)


@pytest.mark.parametrize("value", ["4:3", "", 5, None, {}])
def test_image_to_video_has_no_aspect_ratio(connect: Connect, value: Json) -> None:
    """2-8: no member of image-to-video, so it is ignored."""
    assert_taken(connect("mulerouter"), IMAGE, {**JOBS[IMAGE], "aspect_ratio": value})


def test_a_whole_number_may_be_written_as_a_fraction(connect: Connect) -> None:
    """JSON Schema 2020-12: 5.0 is an integer."""
    target = connect("mulerouter")
    answer = target.client.post(
        TEXT, content=b'{"prompt": "a cat", "duration": 5.0}', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 202


@pytest.mark.parametrize(
    ("path", "job"),
    [
        pytest.param(
            TEXT,
            {
                "prompt": "A futuristic cityscape with flying cars at sunset",
                "mode": "pro",
                "aspect_ratio": "16:9",
                "duration": 10,
                "sound": "on",
            },
            id="text",
        ),
        pytest.param(
            IMAGE,
            {
                "mode": "pro",
                "duration": 5,
                "first_frame": "https://example.com/reference-image.jpg",
                "prompt": "The character slowly turns to face the camera",
                "sound": "off",
            },
            id="image",
        ),
    ],
)
def test_the_page_s_own_example(connect: Connect, path: str, job: Job) -> None:
    """Seeds 000, 002: the request that the page shows is answered as it shows."""
    target = connect("mulerouter")

    answer = target.client.post(path, json=job)

    assert answer.status_code == 202
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    assert answer.json().keys() == {"task_info"}
    info = answer.json()["task_info"]
    assert info.keys() == {"id", "status", "created_at", "updated_at"}
    assert UUID.fullmatch(info["id"])
    assert info["status"] == "pending"
    assert INSTANT.fullmatch(info["created_at"])
    assert info["updated_at"] == info["created_at"]
    assert [task["request"] for task in target.tasks()] == [job]


@both_operations
def test_every_violation_is_told_and_the_first_is_answered(connect: Connect, path: str) -> None:
    """Interface 2: the journal lists all with pointer, rule and message; the answer's detail is about the first."""
    target = connect("mulerouter")
    job = changed(
        JOBS[path],
        {
            "prompt": ABSENT,
            "mode": "4k",
            "duration": 2,
            "negative_prompt": "n" * 2501,
            "multi_prompt": [{}] * 7,
        },
    )

    answer = target.client.post(path, json=job)

    told = target.journal()[-1]["violations"]
    pointers = {violation["pointer"] for violation in told}
    assert pointers >= {
        "/prompt",
        "/mode",
        "/duration",
        "/negative_prompt",
        "/multi_prompt",
        "/multi_prompt/6/prompt",
    }
    assert all(violation.keys() == {"pointer", "rule", "message"} for violation in told)
    assert answer.json()["task_info"]["error"]["detail"] == told[0]["message"]
