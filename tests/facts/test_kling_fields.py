"""What each member of a Kling job may be: type, limits, words, defaults, in text-to-video and image-to-video alike."""

import pytest

from fact_tables import ABSENT, Connect, assert_broken, broken, changed, fine, row
from kling_protocol import (
    MEMBERS_ACCEPTED,
    MEMBERS_REFUSED,
    PROMPT,
    RATIOS_REFUSED,
    SHOTS,
    SHOTS_ACCEPTED,
    SHOTS_REFUSED,
    data_of,
    shots,
)
from targets import Json, Target

TEXT, IMAGE = "/v1/videos/text2video", "/v1/videos/image2video"
JOBS: dict[str, dict[str, Json]] = {
    TEXT: {"prompt": PROMPT},
    IMAGE: {"prompt": PROMPT, "image": "https://example.com/first.png"},
}

both_operations = pytest.mark.parametrize("path", [pytest.param(TEXT, id="text"), pytest.param(IMAGE, id="image")])


def assert_refused(target: Target, path: str, job: Json, pointer: str, rules: str) -> None:
    """Refused with 400/1201 in Kling's envelope, for this one reason, and the message names the field."""
    answer = target.client.post(path, json=job)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (400, 1201), body
    assert body.keys() == {"code", "message", "request_id"}
    assert_broken(target, pointer, rules)
    assert pointer.rpartition("/")[2].strip("0123456789") in body["message"]
    assert target.tasks() == []


@both_operations
@pytest.mark.parametrize(("changes", "pointer", "rules"), MEMBERS_REFUSED)
def test_member_outside_its_limits(connect: Connect, path: str, changes: Json, pointer: str, rules: str) -> None:
    """Every type, word and limit is enforced, whether or not the member has an effect."""
    assert_refused(connect("kling"), path, changed(JOBS[path], changes), pointer, rules)


@both_operations
@pytest.mark.parametrize("changes", MEMBERS_ACCEPTED)
def test_member_within_its_limits(connect: Connect, path: str, changes: Json) -> None:
    """Each boundary itself, each word, idle members and unknown ones are taken."""
    target = connect("kling")

    data_of(target.client.post(path, json=changed(JOBS[path], changes)))

    assert broken(target) == {}


@both_operations
@pytest.mark.parametrize(("changes", "pointer", "rules"), SHOTS_REFUSED)
def test_multi_shot_job_that_does_not_add_up(
    connect: Connect, path: str, changes: Json, pointer: str, rules: str
) -> None:
    """`shot_type` with multi_shot, shots with customize, prompt with intelligence; the sum is the total."""
    assert_refused(connect("kling"), path, changed(JOBS[path], changes), pointer, rules)


@both_operations
@pytest.mark.parametrize("changes", SHOTS_ACCEPTED)
def test_multi_shot_job_that_adds_up(connect: Connect, path: str, changes: Json) -> None:
    """A prompt is idle with customize, shots are idle with intelligence."""
    data_of(connect("kling").client.post(path, json=changed(JOBS[path], changes)))


@both_operations
def test_shot_longer_than_the_video(connect: Connect, path: str) -> None:
    """A shot is at most the total; the sum can't be right either then, and both are told."""
    target = connect("kling")
    job = changed(JOBS[path], {**SHOTS, "multi_prompt": shots("2", "6")})

    answer = target.client.post(path, json=job)

    assert (answer.status_code, answer.json()["code"]) == (400, 1201)
    assert broken(target) == {"/multi_prompt": {"sum-equals"}, "/multi_prompt/1/duration": {"each-at-most"}}


@both_operations
@pytest.mark.parametrize("word", ["true", "false"])
def test_multi_shot_as_a_string(connect: Connect, path: str, word: str) -> None:
    """The vendor's own sample sends the string, so it is taken, no violation, and means what it says."""
    target = connect("kling")

    data_of(target.client.post(path, json=changed(JOBS[path], {**SHOTS, "prompt": PROMPT, "multi_shot": word})))

    assert broken(target) == {}


@both_operations
@pytest.mark.parametrize(
    ("changes", "pointer", "rules"),
    [
        row("true-binds", {"multi_shot": "true"}, "/shot_type", "required"),
        row("false-does-not", {"multi_shot": "false", "prompt": ABSENT}, "/prompt", "required"),
        row("other-case", {"multi_shot": "True"}, "/multi_shot", "type"),
    ],
)
def test_multi_shot_string_has_its_effect(connect: Connect, path: str, changes: Json, pointer: str, rules: str) -> None:
    """A tolerated form is the canonical value from there on: the rules of that value bind."""
    assert_refused(connect("kling"), path, changed(JOBS[path], changes), pointer, rules)


@both_operations
def test_shot_needs_no_index(connect: Connect, path: str) -> None:
    """The page gives a shot's format and marks nothing as required; only text and length must be there."""
    job = changed(JOBS[path], {**SHOTS, "multi_prompt": [{"prompt": "A door opens", "duration": "5"}]})

    data_of(connect("kling").client.post(path, json=job))


@pytest.mark.parametrize(("changes", "pointer", "rules"), RATIOS_REFUSED)
def test_aspect_ratio_is_one_of_three(connect: Connect, changes: Json, pointer: str, rules: str) -> None:
    """There are three shapes: 16:9, 9:16 and 1:1."""
    assert_refused(connect("kling"), TEXT, changed(JOBS[TEXT], changes), pointer, rules)


@pytest.mark.parametrize("ratio", ["16:9", "9:16", "1:1"])
def test_aspect_ratio(connect: Connect, ratio: str) -> None:
    """Each of the three shapes is taken."""
    data_of(connect("kling").client.post(TEXT, json={**JOBS[TEXT], "aspect_ratio": ratio}))


@pytest.mark.parametrize("value", ["4:3", 5, None])
def test_image_to_video_has_no_aspect_ratio(connect: Connect, value: Json) -> None:
    """It is no member there, so it has no effect, whatever it is."""
    data_of(connect("kling").client.post(IMAGE, json={**JOBS[IMAGE], "aspect_ratio": value}))


@pytest.mark.parametrize("member", ["image", "image_tail", "static_mask", "dynamic_masks", "element_list"])
def test_text_to_video_has_no_images(connect: Connect, member: str) -> None:
    """Members of the other operation are unknown here, whatever they hold."""
    data_of(connect("kling").client.post(TEXT, json={**JOBS[TEXT], member: "data:no image"}))


VOICE = {"voice_id": "keeper-01"}


@both_operations
@pytest.mark.parametrize(
    ("changes", "pointer", "rules"),
    [
        row("three", {"sound": "on", "voice_list": [VOICE, VOICE, VOICE]}, "/voice_list", "maxItems"),
        row("no-list", {"sound": "on", "voice_list": VOICE}, "/voice_list", "type"),
        row("null", {"sound": "on", "voice_list": None}, "/voice_list", "type"),
        row("text", {"sound": "on", "voice_list": ["keeper-01"]}, "/voice_list/0", "type"),
        row("without-id", {"sound": "on", "voice_list": [VOICE, {}]}, "/voice_list/1/voice_id", "required"),
        row("id-is-a-number", {"sound": "on", "voice_list": [{"voice_id": 829824}]}, "/voice_list/0/voice_id", "type"),
        row("sound-off", {"sound": "off", "voice_list": [VOICE]}, "/sound", "const|enum"),
        row("sound-absent", {"voice_list": [VOICE]}, "/sound", "required"),
        row(
            "with-elements",
            {"sound": "on", "voice_list": [VOICE], "element_list": [{"element_id": 1}]},
            "/element_list",
            "not|maxItems",
        ),
    ],
)
def test_voice_list_outside_its_limits(connect: Connect, path: str, changes: Json, pointer: str, rules: str) -> None:
    """At most two voices, each with its id; sound must be on; not together with elements."""
    assert_refused(connect("kling"), path, changed(JOBS[path], changes), pointer, rules)


@both_operations
@pytest.mark.parametrize(
    "changes",
    [
        fine("one", {"sound": "on", "voice_list": [VOICE]}),
        fine("two", {"sound": "on", "voice_list": [VOICE, {"voice_id": "829824295735410756"}]}),
        fine("none", {"voice_list": []}),
        fine("none-with-elements", {"voice_list": [], "element_list": [{"element_id": 1}]}),
        fine("elements-empty", {"sound": "on", "voice_list": [VOICE], "element_list": []}),
    ],
)
def test_voice_list_within_its_limits(connect: Connect, path: str, changes: Json) -> None:
    """One or two voices with sound on; an empty list names no voice."""
    data_of(connect("kling").client.post(path, json=changed(JOBS[path], changes)))


@both_operations
@pytest.mark.parametrize("model", ["kling-v1", "kling-v2-6", "kling-v3", ABSENT])
def test_model(connect: Connect, path: str, model: Json) -> None:
    """The listed models, kling-v1 when none is named; the rules of v3 hold for all of them."""
    target = connect("kling")

    data_of(target.client.post(path, json=changed(JOBS[path], {"model_name": model, "duration": "15", "mode": "4k"})))
    refused = target.client.post(path, json=changed(JOBS[path], {"model_name": model, "duration": "2"}))

    assert (refused.status_code, refused.json()["code"]) == (400, 1201)


@both_operations
@pytest.mark.parametrize("model", ["kling-v3-0", "KLING-V3", "kling-v3 ", "kling-v4", ""])
def test_model_that_does_not_exist(connect: Connect, path: str, model: str) -> None:
    """404/1203, before any other member is looked at."""
    target = connect("kling")

    answer = target.client.post(path, json={"model_name": model, "duration": "99"})

    assert (answer.status_code, answer.json()["code"]) == (404, 1203)
    assert answer.json().keys() == {"code", "message", "request_id"}
    assert next(iter(broken(target))) == "/model_name"


@both_operations
@pytest.mark.parametrize("model", [3, True, ["kling-v3"]])
def test_model_that_is_no_string(connect: Connect, path: str, model: Json) -> None:
    """A value of another type is an invalid value, not a resource that does not exist."""
    assert_refused(connect("kling"), path, {**JOBS[path], "model_name": model}, "/model_name", "type|enum")


@both_operations
def test_older_key_model_is_not_read(connect: Connect, path: str) -> None:
    """`model` is ignored, so the default model does the work."""
    data_of(connect("kling").client.post(path, json={**JOBS[path], "model": "kling-v99"}))


@both_operations
def test_every_violation_is_told_and_the_first_is_answered(connect: Connect, path: str) -> None:
    """The journal lists all, the answer names the first of them."""
    target = connect("kling")

    answer = target.client.post(path, json={**JOBS[path], "mode": "8k", "cfg_scale": 2, "duration": "1"})

    told = target.journal()[-1]["violations"]
    assert {violation["pointer"] for violation in told} == {"/mode", "/cfg_scale", "/duration"}
    assert answer.json()["message"] == told[0]["message"]
