"""What each member of a MyRouter job may be: type, limits and words; how prompt and multi_prompt exclude each other."""

from collections.abc import Iterator

import pytest

from fact_tables import (
    ABSENT,
    EDGES,
    WAVE,
    Connect,
    Job,
    changed,
    fine,
    played,
    row,
    send,
    use_key,
    wrong_types,
)
from myrouter_protocol import JOB, SHOTS, SUBMIT, assert_refused, assert_taken, error
from targets import Json, Target


def shots(*items: Json) -> Job:
    """A job of these shots, without a prompt."""
    return {"prompt": ABSENT, "multi_prompt": list(items)}


MEMBERS_REFUSED = [
    row("prompt-2501", {"prompt": "p" * 2501}, "/prompt", "maxLength"),
    row("prompt-2501-astral", {"prompt": WAVE * 2501}, "/prompt", "maxLength"),
    *wrong_types("prompt", [5, True, ["a cat"], {"text": "a cat"}]),
    row("negative-2501", {"negative_prompt": "n" * 2501}, "/negative_prompt", "maxLength"),
    row("negative-2501-astral", {"negative_prompt": WAVE * 2501}, "/negative_prompt", "maxLength"),
    *wrong_types("negative_prompt", [5, False, None, ["blur"]]),
    *wrong_types("sound", ["on", "off", "true", "", 0, 1, None]),
    row("duration-2", {"duration": 2}, "/duration", "minimum|enum"),
    row("duration-0", {"duration": 0}, "/duration", "minimum|enum"),
    row("duration-below-0", {"duration": -3}, "/duration", "minimum|enum"),
    row("duration-16", {"duration": 16}, "/duration", "maximum|enum"),
    row("duration-123", {"duration": 123}, "/duration", "maximum|enum"),
    *wrong_types("duration", [5.5, "5", "", True, None, [5]]),
    row("cfg-below-0", {"cfg_scale": -0.01}, "/cfg_scale", "minimum"),
    row("cfg-above-1", {"cfg_scale": 1.01}, "/cfg_scale", "maximum"),
    row("cfg-123", {"cfg_scale": 123}, "/cfg_scale", "maximum"),
    *wrong_types("cfg_scale", ["0.5", "", True, None, [0.5]]),
    *wrong_types("aspect_ratio", ["4:3", "16/9", " 16:9", "<string>", "", 1, None]),
]

MEMBERS_TAKEN = [
    fine("as-it-is", {}),
    fine("prompt-1", {"prompt": "p"}),
    fine("prompt-2500", {"prompt": "p" * 2500}),
    fine("prompt-2500-astral", {"prompt": WAVE * 2500}),
    fine("prompt-in-spaces", {"prompt": " a\n"}),
    fine("negative-empty", {"negative_prompt": ""}),
    fine("negative-2500", {"negative_prompt": "n" * 2500}),
    fine("negative-2500-astral", {"negative_prompt": WAVE * 2500}),
    *(fine(f"sound-{value}", {"sound": value}) for value in (True, False)),
    *(fine(f"duration-{seconds}", {"duration": seconds}) for seconds in range(3, 16)),
    *(fine(f"cfg-{value!r}", {"cfg_scale": value}) for value in (0, 0.0, 0.333, 0.5, 1, 1.0)),
    *(fine(f"ratio-{ratio}", {"aspect_ratio": ratio}) for ratio in ("16:9", "9:16", "1:1")),
    # C.2, 3-11: what is no field has no effect
    fine("not-fields", {"shot_type": "x", "mode": "4k", "multi_shot": 1, "image": 5, "callback_url": None}),
    fine("webhook", {"extra": {"webhook": {"url": "https://example.com/hook"}}}),
]

SHOTS_TAKEN = [
    fine("two", shots(*SHOTS)),
    fine("empty-prompt", {"prompt": "", "multi_prompt": SHOTS}),
    fine("one", shots(SHOTS[0])),
    fine("six", shots(*[{"prompt": "a", "duration": 1}] * 6)),
    fine("no-durations", shots({"prompt": "a"}, {"prompt": "b"})),
    fine("unknown-in-shot", shots({"prompt": "a", "index": "1", "style": None})),
    # 3-5: no page of this vendor states a sum, a total or a length of a shot's prompt
    fine("sum-below", {**shots(SHOTS[0]), "duration": 15}),
    fine("sum-above", {**shots(*SHOTS), "duration": 3}),
    fine("shot-above-the-total", {**shots({"prompt": "a", "duration": 9}), "duration": 3}),
    fine("shot-prompt-513", shots({"prompt": "p" * 513, "duration": 5})),
]

SHOTS_REFUSED = [
    row("seven", shots(*[{"prompt": "a", "duration": 1}] * 7), "/multi_prompt", "maxItems"),
    row("text", shots("The lamp is lit"), "/multi_prompt/0", "type"),
    row("null", shots(SHOTS[0], None), "/multi_prompt/1", "type"),
    row("no-list", {"prompt": ABSENT, "multi_prompt": SHOTS[0]}, "/multi_prompt", "type"),
    row("shot-without-prompt", shots({"duration": 5}), "/multi_prompt/0/prompt", "required"),
    row("shot-without-anything", shots({}), "/multi_prompt/0/prompt", "required"),
    row("shot-prompt-empty", shots({"prompt": "", "duration": 5}), "/multi_prompt/0/prompt", "minLength"),
    row("shot-prompt-number", shots({"prompt": 5, "duration": 5}), "/multi_prompt/0/prompt", "type"),
    row("shot-duration-0", shots({"prompt": "a", "duration": 0}), "/multi_prompt/0/duration", "minimum"),
    row("shot-duration-half", shots({"prompt": "a", "duration": 2.5}), "/multi_prompt/0/duration", "type"),
    row("shot-duration-text", shots({"prompt": "a", "duration": "5"}), "/multi_prompt/0/duration", "type"),
]

NEITHER = [
    fine("nothing", {"prompt": ABSENT}),
    fine("prompt-empty", {"prompt": ""}),
    fine("prompt-blank", {"prompt": " \n"}),
    fine("shots-empty", {"prompt": ABSENT, "multi_prompt": []}),
    fine("both-empty", {"prompt": "", "multi_prompt": []}),
]


@pytest.mark.parametrize(("changes", "pointer", "rules"), MEMBERS_REFUSED)
def test_member_outside_its_limits(connect: Connect, changes: Job, pointer: str, rules: str) -> None:
    """Seed 003; 3-2, 3-7 to 3-10: every type, word and limit is enforced, each alone."""
    assert_refused(connect("myrouter"), changed(JOB, changes), pointer, rules)


@pytest.mark.parametrize("changes", MEMBERS_TAKEN)
def test_member_within_its_limits(connect: Connect, changes: Job) -> None:
    """Seed 003; 3-11, 3-16: boundaries, words, and what is no field."""
    assert_taken(connect("myrouter"), changed(JOB, changes))


@pytest.mark.parametrize("changes", SHOTS_TAKEN)
def test_shots(connect: Connect, changes: Job) -> None:
    """3-1, 3-4, 3-5: 1 to 6 shots in place of a prompt; an empty prompt is none."""
    assert_taken(connect("myrouter"), changed(JOB, changes))


@pytest.mark.parametrize(("changes", "pointer", "rules"), SHOTS_REFUSED)
def test_shots_outside_their_limits(connect: Connect, changes: Job, pointer: str, rules: str) -> None:
    """3-4, 3-5: objects with a prompt that says something and, if any, a whole duration of 1 or more."""
    assert_refused(connect("myrouter"), changed(JOB, changes), pointer, rules)


def test_prompt_and_shots(connect: Connect) -> None:
    """Seed 003, 3-1: mutually exclusive."""
    assert_refused(connect("myrouter"), {**JOB, "multi_prompt": SHOTS}, "/multi_prompt|/prompt", "*")


@pytest.mark.parametrize("changes", NEITHER)
def test_neither_prompt_nor_shots(connect: Connect, changes: Job) -> None:
    """3-1, 3-2: exactly one of them must say something."""
    target = connect("myrouter")

    message = error(target.client.post(SUBMIT, json=changed(JOB, changes)), 400, "INVALID_REQUEST_BODY")

    assert "prompt" in message
    pointers = {each["pointer"] for each in target.journal()[-1]["violations"]}
    assert pointers
    assert pointers <= {"/prompt", "/multi_prompt"}


@pytest.mark.parametrize("prompt", [None, 5])
def test_prompt_beside_shots_keeps_its_type(connect: Connect, prompt: Json) -> None:
    """Decision 3: a schema check always applies."""
    target = connect("myrouter")
    error(target.client.post(SUBMIT, json={"prompt": prompt, "multi_prompt": SHOTS}), 400, "INVALID_REQUEST_BODY")


def test_the_page_s_placeholder(connect: Connect) -> None:
    """3-8, decision 4: a generated example that breaks the page's own ranges is refused, and all of it is told."""
    target = connect("myrouter")
    job = {
        "sound": True,
        "prompt": "<string>",
        "duration": 123,
        "cfg_scale": 123,
        "aspect_ratio": "<string>",
        "multi_prompt": [{}],
        "negative_prompt": "<string>",
    }

    message = error(target.client.post(SUBMIT, json=job), 400, "INVALID_REQUEST_BODY")

    told = target.journal()[-1]["violations"]
    pointers = {each["pointer"] for each in told}
    assert {"/duration", "/cfg_scale", "/aspect_ratio", "/multi_prompt/0/prompt"} <= pointers
    assert pointers & {"/multi_prompt", "/prompt"}
    assert message == told[0]["message"]


@pytest.fixture(scope="module", params=EDGES)
def lenient(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A server with `--leniency lenient`."""
    with played(request.param, "myrouter", lenient=True) as target:
        yield target


@pytest.mark.parametrize(
    "changes",
    [
        fine("texts", shots("The lamp is lit", "It turns")),
        fine("mixed", shots("The lamp is lit", SHOTS[1])),
        fine("prompt-empty-and-alone", {"prompt": ""}),
    ],
)
def test_lenient_form(lenient: Target, changes: Job) -> None:
    """3-2, 3-4: shots as plain strings; an empty prompt counts as one."""
    assert_taken(use_key(lenient, "lenient"), changed(JOB, changes))


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_lenient_media_type(lenient: Target, media_type: str | None) -> None:
    """3-12: parsed anyway."""
    target = use_key(lenient, "lenient-type")
    assert send(target.client, SUBMIT, b'{"prompt": "a cat"}', media_type).status_code == 200


@pytest.mark.parametrize(
    ("changes", "pointer", "rules"),
    [
        row("shot-text-empty", shots(""), "/multi_prompt/0/prompt|/multi_prompt/0", "minLength"),
        row("shot-number", shots(5), "/multi_prompt/0", "type"),
        row("seven-texts", shots(*"abcdefg"), "/multi_prompt", "maxItems"),
        row("sound-on", {"sound": "on"}, "/sound", "type"),
        row("duration-text", {"duration": "5"}, "/duration", "type"),
    ],
)
def test_lenient_is_not_limitless(lenient: Target, changes: Job, pointer: str, rules: str) -> None:
    """3-4, 3-7, 3-9: the limits hold for the lenient forms too; what has none is refused as ever."""
    assert_refused(use_key(lenient, "lenient-and-refused"), changed(JOB, changes), pointer, rules)
