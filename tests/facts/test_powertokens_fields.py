"""What each member of a PowerTokens job may be, by the page's revision of 2026-05-29."""

import pytest

from fact_tables import ABSENT, EDGES, Connect, assert_broken, broken, changed, fine, played, row
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

PATH = "/kling/v1/videos/text2video"
JOB: dict[str, Json] = {"model_name": "kling-v3", "prompt": PROMPT}


def assert_refused(target: Target, job: Json, pointer: str, rules: str) -> None:
    """400 invalid_request in the task API's shape (1-20), for this one reason, and the message names the field."""
    answer = target.client.post(PATH, json=job)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (400, "invalid_request"), body
    assert body.keys() == {"code", "message", "data"}
    assert body["data"] is None
    assert_broken(target, pointer, rules)
    assert pointer.rpartition("/")[2].strip("0123456789") in body["message"]
    assert target.tasks() == []


def assert_accepted(target: Target, job: Json) -> None:
    """A task, and nothing to complain about."""
    data_of(target.client.post(PATH, json=job))
    assert broken(target) == {}


@pytest.mark.parametrize(("changes", "pointer", "rules"), [*MEMBERS_REFUSED, *RATIOS_REFUSED])
def test_member_outside_its_limits(connect: Connect, changes: Json, pointer: str, rules: str) -> None:
    """Every type, word and limit is enforced, whether or not the member has an effect; a prompt has 2500 (1-4)."""
    assert_refused(connect("powertokens"), changed(JOB, changes), pointer, rules)


@pytest.mark.parametrize(
    "changes", [*MEMBERS_ACCEPTED, *(fine(ratio, {"aspect_ratio": ratio}) for ratio in ("1:1", "16:9", "9:16"))]
)
def test_member_within_its_limits(connect: Connect, changes: Json) -> None:
    """Each boundary itself, each word, idle members, unknown ones, and integers for both durations (1-8)."""
    assert_accepted(connect("powertokens"), changed(JOB, changes))


@pytest.mark.parametrize(("changes", "pointer", "rules"), SHOTS_REFUSED)
def test_multi_shot_job_that_does_not_add_up(connect: Connect, changes: Json, pointer: str, rules: str) -> None:
    """`shot_type` with multi_shot, shots with customize, prompt with intelligence; the sum is the total."""
    assert_refused(connect("powertokens"), changed(JOB, changes), pointer, rules)


@pytest.mark.parametrize("changes", SHOTS_ACCEPTED)
def test_multi_shot_job_that_adds_up(connect: Connect, changes: Json) -> None:
    """1-2 and 1-3: a prompt is idle with customize, shots are idle with intelligence."""
    assert_accepted(connect("powertokens"), changed(JOB, changes))


def test_shot_longer_than_the_video(connect: Connect) -> None:
    """A shot is at most the total; the sum can't be right either then, and both are told."""
    target = connect("powertokens")

    answer = target.client.post(PATH, json=changed(JOB, {**SHOTS, "multi_prompt": shots("2", "6")}))

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert broken(target) == {"/multi_prompt": {"sum-equals"}, "/multi_prompt/1/duration": {"each-at-most"}}


@pytest.mark.parametrize("active", [True, False])
def test_shot_needs_its_index(connect: Connect, *, active: bool) -> None:
    """`index`, `prompt` and duration are all required here, shots idle or not."""
    shape = SHOTS if active else {}
    bare = {"multi_prompt": [{"prompt": "A door opens", "duration": "5"}]}

    assert_refused(connect("powertokens"), changed(JOB, {**shape, **bare}), "/multi_prompt/0/index", "required")


@pytest.mark.parametrize("word", ["true", "false", "True"])
def test_multi_shot_is_a_boolean(connect: Connect, word: str) -> None:
    """The page says boolean, and no client of this vendor is known to send a string."""
    assert_refused(connect("powertokens"), {**JOB, "multi_shot": word}, "/multi_shot", "type")


@pytest.mark.parametrize("edge", EDGES)
def test_multi_shot_as_a_string_where_that_is_asked_for(edge: str) -> None:
    """Lenient: the strings mean what they say, and all else stays as it is."""
    with played(edge, "powertokens", lenient=True) as target:
        for word in ("true", "false"):
            assert_accepted(target, changed(JOB, {**SHOTS, "prompt": PROMPT, "multi_shot": word}))
        refused = [
            {**JOB, "multi_shot": "true"},
            {**JOB, "multi_shot": "True"},
            {**JOB, "duration": "2"},
            {**JOB, "prompt": " "},
            {**JOB, "sound": True},
            {**JOB, "watermark_info": True},
        ]
        assert [target.client.post(PATH, json=job).status_code for job in refused] == [400] * len(refused)


@pytest.mark.parametrize(
    "changes",
    [
        fine("voices", {"voice_list": [{"voice_id": "a"}], "sound": "off"}),
        fine("three-voices", {"voice_list": [{}, {}, {}]}),
        fine("voices-and-elements", {"voice_list": [{"voice_id": "a"}], "element_list": [{"element_id": "x"}] * 4}),
        fine("images", {"image_list": "data:no image", "image": 5, "image_tail": "ftp://a"}),
        fine("masks", {"static_mask": 1, "dynamic_masks": [{}] * 7}),
    ],
)
def test_members_of_other_operations(connect: Connect, changes: Json) -> None:
    """1-6 and 1-13: voices, images and elements are spoken of, but no members here; they have no effect."""
    assert_accepted(connect("powertokens"), changed(JOB, changes))


def test_model_is_required(connect: Connect) -> None:
    """`model_name` is the one required member, and there is no default."""
    assert_refused(connect("powertokens"), changed(JOB, {"model_name": ABSENT}), "/model_name", "required")


@pytest.mark.parametrize("older", ["model", "Model_Name"])
def test_model_has_one_name(connect: Connect, older: str) -> None:
    """Another spelling is an unknown member."""
    assert_refused(connect("powertokens"), {"prompt": PROMPT, older: "kling-v3"}, "/model_name", "required")


@pytest.mark.parametrize("model", [3, True, ["kling-v3"], None])
def test_model_that_is_no_string(connect: Connect, model: Json) -> None:
    """A value of another type is refused as such; no channel is looked for."""
    assert_refused(connect("powertokens"), {**JOB, "model_name": model}, "/model_name", "type|enum")


@pytest.mark.parametrize("model", ["kling-v1", "kling-v2-6", "KLING-V3", "kling-v3 ", "sora", ""])
def test_model_that_nobody_serves(connect: Connect, model: str) -> None:
    """1-22: 503, no channel, before any other member; in one of the two documented shapes."""
    target = connect("powertokens")

    answer = target.client.post(PATH, json={"model_name": model, "duration": "99"})

    assert answer.status_code == 503
    body = answer.json()
    assert body.keys() in ({"code", "message", "data"}, {"error"})
    assert "channel" in str(body)
    assert next(iter(broken(target))) == "/model_name"
    assert target.tasks() == []


def test_every_violation_is_told_and_the_first_is_answered(connect: Connect) -> None:
    """The journal lists all, the answer names the first of them."""
    target = connect("powertokens")

    answer = target.client.post(PATH, json={**JOB, "mode": "8k", "cfg_scale": 2, "duration": "1"})

    told = target.journal()[-1]["violations"]
    assert {violation["pointer"] for violation in told} == {"/mode", "/cfg_scale", "/duration"}
    assert answer.json()["message"] == told[0]["message"]


@pytest.mark.parametrize(
    ("changes", "pointer", "rules"),
    [
        row("again", {}, "/external_task_id", "unique-in-account"),
        row("as-text", {"external_task_id": 5}, "/external_task_id", "type"),
    ],
)
def test_external_task_id_is_unique(connect: Connect, changes: Json, pointer: str, rules: str) -> None:
    """1-15: a second task with it is refused in the same shape as every other violation."""
    target = connect("powertokens")
    data_of(target.client.post(PATH, json={**JOB, "external_task_id": "mine"}))

    answer = target.client.post(PATH, json={**JOB, "external_task_id": "mine", **changes})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert_broken(target, pointer, rules)
    assert len(target.tasks()) == 1
    data_of(target.account(target.key + "-other").post(PATH, json={**JOB, "external_task_id": "mine"}))


def test_empty_strings_are_absent(connect: Connect) -> None:
    """1-15 and 1-16: the vendor's own example sends both empty, and so may any number of jobs."""
    target = connect("powertokens")

    for _ in range(2):
        assert_accepted(target, {**JOB, "external_task_id": "", "callback_url": "", "negative_prompt": ""})
