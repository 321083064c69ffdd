"""What each member of a UniAll job may be: type, limits, words, at the top and inside extra_body, in every mode."""

from collections.abc import Iterator
from typing import Any

import pytest

from fact_tables import (
    ABSENT,
    EDGES,
    WAVE,
    Connect,
    Job,
    broken,
    changed,
    fine,
    played,
    row,
    use_key,
    wrong_types,
)
from targets import Json, Target, pretty
from uniall_protocol import (
    FRAMES,
    IMAGE,
    MODELS,
    SUBMIT,
    TEXT,
    assert_refused,
    assert_taken,
    plain_error,
    poll,
    submitted,
)

every_mode = pytest.mark.parametrize(
    "job", [pytest.param(TEXT, id="text"), pytest.param(IMAGE, id="image"), pytest.param(FRAMES, id="frames")]
)

SHOTS = [{"prompt": "The lamp is lit", "duration": 2}, {"prompt": "It turns", "duration": 3}]


def extra(**members: Json) -> Job:
    """These members inside extra_body."""
    return {"extra_body": members}


def wrong_extras(member: str, values: list[Json]) -> list[Any]:
    """A line for each value that the type or the words of a member of extra_body exclude."""
    return [
        row(f"{member}-{value!r}", extra(**{member: value}), f"/extra_body/{member}", "type|enum") for value in values
    ]


MEMBERS_REFUSED = [
    row("prompt-absent", {"prompt": ABSENT}, "/prompt", "required"),
    row("prompt-empty", {"prompt": ""}, "/prompt", "minLength|not-blank"),
    row("prompt-blank", {"prompt": " \n"}, "/prompt", "not-blank"),
    row("prompt-wide-space", {"prompt": "\u3000"}, "/prompt", "not-blank"),
    *wrong_types("prompt", [5, True, None, ["a"], {"text": "a"}]),
    *wrong_types("image", [5, True, None, ["https://example.com/a.png"], {"url": "https://example.com/a.png"}]),
    *wrong_types("aspect_ratio", ["4:3", "16/9", "", 1, None]),
    row("duration-2", {"duration": 2}, "/duration", "minimum|enum"),
    row("duration-0", {"duration": 0}, "/duration", "minimum|enum"),
    row("duration-below-0", {"duration": -1}, "/duration", "minimum|enum"),
    row("duration-16", {"duration": 16}, "/duration", "maximum|enum"),
    *wrong_types("duration", [5.5, "5", "", True, None, [5]]),
    *wrong_types("extra_body", ["cfg_scale=0.5", 5, True, None, [], [{}]]),
    row("elements-4", extra(element_list=[{"element_id": 7}] * 4), "/extra_body/element_list", "maxItems"),
    row("element-no-object", extra(element_list=[{}, 7]), "/extra_body/element_list/1", "type"),
    *wrong_extras("negative_prompt", [5, False, None, ["blur"]]),
    row("cfg-below-0", extra(cfg_scale=-0.01), "/extra_body/cfg_scale", "minimum"),
    row("cfg-above-1", extra(cfg_scale=1.01), "/extra_body/cfg_scale", "maximum"),
    *wrong_extras("cfg_scale", ["0.5", True, None, [0.5]]),
    *wrong_extras("shot_type", ["intelligence", "Customize", "", 1, None]),
    *wrong_extras("element_list", ["e", {}, 5, None]),
    *wrong_extras("multi_prompt", ["a; b", {}, 5, None]),
]

MEMBERS_TAKEN = [
    fine("as-it-is", {}),
    fine("prompt-1", {"prompt": "p"}),
    fine("prompt-in-spaces", {"prompt": " a\n"}),
    # No page gives a limit for either prompt.
    fine("prompt-2501", {"prompt": "p" * 2501}),
    fine("prompt-astral", {"prompt": WAVE * 3000}),
    fine("negative-empty", extra(negative_prompt="")),
    fine("negative-2501", extra(negative_prompt="n" * 2501)),
    fine("negative-10000", extra(negative_prompt="n" * 10_000)),
    *(fine(f"ratio-{ratio}", {"aspect_ratio": ratio}) for ratio in ("16:9", "9:16", "1:1")),
    *(fine(f"duration-{seconds}", {"duration": seconds}) for seconds in range(3, 16)),
    *(fine(f"cfg-{value!r}", extra(cfg_scale=value)) for value in (0, 0.0, 0.333, 0.5, 1, 1.0)),
    # 4-2, 4-3: shot_type alone has no effect
    *(fine(f"shot-type-{word}", extra(shot_type=word)) for word in ("customize", "intelligent")),
    fine("extra-empty", extra()),
    fine("shots-empty", extra(multi_prompt=[])),
    *(fine(f"elements-{count}", extra(element_list=[{"element_id": 7}] * count)) for count in range(4)),
    fine("elements-opaque", extra(element_list=[{"anything": [1, None]}])),
    # 4-24: tier and audio are in the model's name; other words have no effect
    fine(
        "other-vendors-members",
        {"sound": True, "mode": "4k", "multi_shot": "x", "callback_url": 5, "size": None},
    ),
    fine("unknown-in-extra", extra(seed=7, image=None)),
]


@every_mode
@pytest.mark.parametrize(("changes", "pointer", "rules"), MEMBERS_REFUSED)
def test_member_outside_its_limits(connect: Connect, job: Job, changes: Job, pointer: str, rules: str) -> None:
    """Seed 004; 4-1, 4-4, 4-13, 4-14: every type, word and limit is enforced, each alone."""
    assert_refused(connect("uniall"), changed(job, changes), pointer, rules)


@every_mode
@pytest.mark.parametrize("changes", MEMBERS_TAKEN)
def test_member_within_its_limits(connect: Connect, job: Job, changes: Job) -> None:
    """Seed 004; 4-2, 4-3, 4-15, 4-24, decision 2: boundaries, words, and limits that no page states."""
    assert_taken(connect("uniall"), changed(job, changes))


@every_mode
@pytest.mark.parametrize("value", [5, None, ["https://example.com/b.png"]])
def test_last_image_is_a_string(connect: Connect, job: Job, value: Json) -> None:
    """Seed 004: a URL."""
    assert_refused(connect("uniall"), {**IMAGE, **job, "last_image": value}, "/last_image", "type")


@pytest.mark.parametrize(("first", "rule"), [(ABSENT, "required"), ("", "minLength")], ids=["absent", "empty"])
def test_last_image_needs_a_first(connect: Connect, first: Json, rule: str) -> None:
    """4-11: image is the first frame when last_image is there, so there must be one."""
    assert_refused(connect("uniall"), changed(FRAMES, {"image": first}), "/image", rule)


@pytest.mark.parametrize("last", [ABSENT, ""])
def test_empty_images_are_none(connect: Connect, last: Json) -> None:
    """4-4, 4-12: such a job is a text job, in which shots are idle."""
    assert_taken(connect("uniall"), changed(TEXT, {"image": "", "last_image": last, **extra(multi_prompt=SHOTS)}))


@pytest.mark.parametrize("prompt", [ABSENT, ""])
@pytest.mark.parametrize("job", [pytest.param(IMAGE, id="image"), pytest.param(FRAMES, id="frames")])
def test_shots_of_an_image_job(connect: Connect, job: Job, prompt: Json) -> None:
    """Seed 004, 4-4: in image mode multi_prompt stands for the prompt."""
    assert_taken(connect("uniall"), changed(job, {"prompt": prompt, **extra(multi_prompt=SHOTS)}))


@pytest.mark.parametrize("job", [pytest.param(IMAGE, id="image"), pytest.param(FRAMES, id="frames")])
def test_prompt_and_shots_of_an_image_job(connect: Connect, job: Job) -> None:
    """Seed 004 lists it among the errors, 4-4: not together in image mode."""
    assert_refused(connect("uniall"), {**job, **extra(multi_prompt=SHOTS)}, "/prompt|/extra_body/multi_prompt", "*")


@pytest.mark.parametrize("job", [pytest.param(IMAGE, id="image"), pytest.param(FRAMES, id="frames")])
def test_no_shots_are_no_prompt(connect: Connect, job: Job) -> None:
    """4-4: an empty list says nothing; a prompt is needed, and may be there."""
    assert_refused(connect("uniall"), changed(job, {"prompt": ABSENT, **extra(multi_prompt=[])}), "/prompt", "required")


def test_shots_of_a_text_job_are_idle(connect: Connect) -> None:
    """4-6: accepted next to a prompt and ignored, so they don't stand for one."""
    assert_taken(connect("uniall"), {**TEXT, **extra(multi_prompt=SHOTS)})
    assert_refused(
        connect("uniall"),
        changed(TEXT, {"prompt": ABSENT, **extra(multi_prompt=SHOTS)}),
        "/prompt",
        "required",
    )


@pytest.mark.parametrize(
    "shots",
    [
        pytest.param(SHOTS[:1], id="sum-below"),
        pytest.param([*SHOTS, {"prompt": "c", "duration": 99}], id="sum-above"),
        pytest.param([{"prompt": "a"}], id="no-duration"),
        pytest.param([{"prompt": "p" * 513, "duration": 5}], id="prompt-513"),
        pytest.param([{"prompt": str(number), "duration": 1} for number in range(7)], id="seven"),
    ],
)
def test_shots_have_no_documented_limits(connect: Connect, shots: list[Json]) -> None:
    """4-7, decision 2: count and sum are a strict mode's, which is off."""
    assert_taken(connect("uniall"), changed(IMAGE, {"prompt": ABSENT, **extra(multi_prompt=shots)}))


# What may stand at the top of the body, as OpenAI's SDK writes it.
FLAT_REFUSED = [
    row("negative", {"negative_prompt": 5}, "/negative_prompt", "type"),
    row("cfg-below", {"cfg_scale": -0.01}, "/cfg_scale", "minimum"),
    row("cfg-above", {"cfg_scale": 1.01}, "/cfg_scale", "maximum"),
    row("shot-type", {"shot_type": "intelligence"}, "/shot_type", "enum"),
    row("elements", {"element_list": {}}, "/element_list", "type"),
    row("shots", {"multi_prompt": "a"}, "/multi_prompt", "type"),
    row("beside-an-empty-extra", {"cfg_scale": 2, "extra_body": {}}, "/cfg_scale", "maximum"),
]


@every_mode
@pytest.mark.parametrize(("changes", "pointer", "rules"), FLAT_REFUSED)
def test_flat_extra_outside_its_limits(connect: Connect, job: Job, changes: Job, pointer: str, rules: str) -> None:
    """4-9, decision 4: the same constraints, wherever it stands; the pointer is into what was sent."""
    assert_refused(connect("uniall"), {**job, **changes}, pointer, rules)


@every_mode
@pytest.mark.parametrize(
    "changes",
    [
        fine("all", {"negative_prompt": "blur", "cfg_scale": 1, "shot_type": "intelligent", "element_list": []}),
        fine("nested-wins", {"cfg_scale": 99, "shot_type": "x", **extra(cfg_scale=1, shot_type="customize")}),
        fine("mixed", {"negative_prompt": "blur", **extra(cfg_scale=0)}),
    ],
)
def test_flat_extra_within_its_limits(connect: Connect, job: Job, changes: Job) -> None:
    """4-9, decision 4: both are taken; what is nested wins."""
    assert_taken(connect("uniall"), {**job, **changes})


def test_nested_extra_wins_when_it_is_wrong(connect: Connect) -> None:
    """4-9: the nested value counts, also when the flat one would do."""
    job = {**TEXT, "cfg_scale": 0.5, **extra(cfg_scale=2)}
    assert_refused(connect("uniall"), job, "/extra_body/cfg_scale", "maximum")


def test_flat_shots_of_an_image_job(connect: Connect) -> None:
    """4-4, 4-9: they stand for the prompt there too, and not together with it."""
    assert_taken(connect("uniall"), changed(IMAGE, {"prompt": ABSENT, "multi_prompt": SHOTS}))
    pointers = "/prompt|/multi_prompt|/extra_body/multi_prompt"
    assert_refused(connect("uniall"), {**IMAGE, "multi_prompt": SHOTS}, pointers, "*")


@every_mode
@pytest.mark.parametrize("model", MODELS)
def test_model(connect: Connect, job: Job, model: str) -> None:
    """Seed 004: each of the four."""
    target = connect("uniall")
    task_id = submitted(target, {**job, "model": model})
    assert poll(target, task_id)["model"] == model


@pytest.mark.parametrize("model", ["kling-v3", "kling-v3-std", "KLING-V3-STD-SILENT", "kling-v3-std-silent ", "gpt-4"])
def test_model_that_nobody_serves(connect: Connect, model: str) -> None:
    """4-23, decisions 4 and 6: 503 model_not_found, before any other member is looked at."""
    target = connect("uniall")

    error = plain_error(target.client.post(SUBMIT, json={"model": model, "duration": 99}), 503)

    assert error["code"] == "model_not_found"
    assert "model" in error["message"]
    assert target.journal()[-1]["violations"][0]["pointer"] == "/model"
    assert {"/model", "/duration", "/prompt"} <= broken(target).keys()


@pytest.mark.parametrize("model", [ABSENT, None, ""])
def test_model_that_is_missing(connect: Connect, model: Json) -> None:
    """D.6, decision 4: 400 in the `error` shape, before any other member is looked at."""
    target = connect("uniall")

    error = plain_error(target.client.post(SUBMIT, json=changed(TEXT, {"model": model, "duration": 99})), 400)

    assert "model name not specified" in error["message"].lower()
    assert target.journal()[-1]["violations"][0]["pointer"] == "/model"


@pytest.mark.parametrize("model", [5, True, ["kling-v3-std-silent"]])
def test_model_that_is_no_string(connect: Connect, model: Json) -> None:
    """Seed 004: a string; another type is a bad request, not a model that is unknown."""
    target = connect("uniall")
    answer = target.client.post(SUBMIT, json={**TEXT, "model": model})
    assert answer.status_code == 400, pretty(answer.json())
    assert broken(target)["/model"] & {"type", "enum"}


TRAVELLER = "A wide cinematic shot of a traveler walking through dusty desert ruins, slow pullback, natural motion."

EXAMPLES = [
    fine(
        "text",
        {
            "model": "kling-v3-std-silent",
            "prompt": TRAVELLER,
            "aspect_ratio": "16:9",
            "duration": 5,
            "extra_body": {"cfg_scale": 0.5, "shot_type": "customize", "negative_prompt": "blur, low detail"},
        },
    ),
    fine(
        "image",
        {
            "model": "kling-v3-pro-audio",
            "prompt": "The person writes naturally in a notebook, subtle hand detail.",
            "image": "https://example.com/start-frame.png",
            "aspect_ratio": "16:9",
            "duration": 6,
            "extra_body": {
                "cfg_scale": 0.6,
                "shot_type": "intelligent",
                "negative_prompt": "artifacts, distortion",
            },
        },
    ),
    fine(
        "first-and-last",
        {
            "model": "kling-v3-pro-silent",
            "prompt": "The portrait subject slowly turns toward the camera.",
            "image": "https://example.com/first-frame.png",
            "last_image": "https://example.com/last-frame.png",
            "duration": 8,
        },
    ),
]


@pytest.mark.parametrize("job", EXAMPLES)
def test_the_page_s_own_example(connect: Connect, job: Job) -> None:
    """Seed 004: each of the page's three jobs is taken."""
    assert_taken(connect("uniall"), job)


def test_every_violation_is_told_and_the_first_is_answered(connect: Connect) -> None:
    """Interface 2: the journal lists all, the answer names the first."""
    target = connect("uniall")

    answer = target.client.post(
        SUBMIT, json={"model": MODELS[0], "duration": 2, "aspect_ratio": "4:3", **extra(cfg_scale=2)}
    )

    told = target.journal()[-1]["violations"]
    assert {each["pointer"] for each in told} == {
        "/prompt",
        "/duration",
        "/aspect_ratio",
        "/extra_body/cfg_scale",
    }
    assert answer.json()["message"] == told[0]["message"]


@pytest.fixture(scope="module", params=EDGES)
def lenient(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A server with `--leniency lenient`."""
    with played(request.param, "uniall", lenient=True) as target:
        yield target


@every_mode
def test_lenient_shot_type(lenient: Target, job: Job) -> None:
    """4-1: the other vendors' word is an alias then."""
    target = use_key(lenient, "lenient")
    assert_taken(target, {**job, **extra(shot_type="intelligence")})


@every_mode
def test_lenient_is_not_limitless(lenient: Target, job: Job) -> None:
    """4-1: no other word."""
    target = use_key(lenient, "lenient-and-refused")
    assert_refused(target, {**job, **extra(shot_type="automatic")}, "/extra_body/shot_type", "enum")
