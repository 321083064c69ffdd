"""MuleRouter's multi-shot jobs: what binds when multi_shot is true, what is idle, and which forms are taken besides."""

from collections.abc import Iterator

import pytest

from fact_tables import ABSENT, EDGES, WAVE, Connect, Job, broken, changed, fine, played, row, use_key
from mulerouter_protocol import JOBS, TEXT, assert_refused, assert_taken, both_operations
from targets import Json, Target


def shots(*durations: Json) -> list[Json]:
    """Shots of these lengths."""
    return [{"prompt": f"Scene {number}", "duration": length} for number, length in enumerate(durations, 1)]


CUSTOM: Job = {"prompt": ABSENT, "multi_shot": True, "shot_type": "customize", "multi_prompt": shots(2, 3)}
AUTOMATIC: Job = {"multi_shot": True, "shot_type": "intelligence"}


def custom(**changes: Json) -> Job:
    """A customized job of two shots with these changes."""
    return {**CUSTOM, **changes}


def lone(prompt: Json = "The lamp is lit", duration: Json = 5) -> Job:
    """A customized job of one shot, as long as the video."""
    shot = {"prompt": prompt, "duration": duration}
    return custom(multi_prompt=[{name: value for name, value in shot.items() if value is not ABSENT}])


REFUSED = [
    row("no-shot-type", {"multi_shot": True}, "/shot_type", "required"),
    row("no-shots", custom(multi_prompt=ABSENT), "/multi_prompt", "required"),
    row("null-shots", custom(multi_prompt=None), "/multi_prompt", "*"),
    row("prompt-is-no-shot", {"multi_shot": True, "shot_type": "customize"}, "/multi_prompt", "required"),
    row("0-shots", custom(multi_prompt=[]), "/multi_prompt", "minItems"),
    row("7-shots", custom(multi_prompt=shots(*[1] * 7), duration=7), "/multi_prompt", "maxItems"),
    row("shots-no-list", custom(multi_prompt={"prompt": "a", "duration": 5}), "/multi_prompt", "type"),
    row("shots-text", custom(multi_prompt="a; b"), "/multi_prompt", "type"),
    row("shot-no-object", custom(multi_prompt=["a shot"]), "/multi_prompt/0", "type"),
    row("shot-null", custom(multi_prompt=[None]), "/multi_prompt/0", "type"),
    row("shot-without-prompt", lone(prompt=ABSENT), "/multi_prompt/0/prompt", "required"),
    row("shot-prompt-null", lone(prompt=None), "/multi_prompt/0/prompt", "type"),
    row("shot-prompt-number", lone(prompt=5), "/multi_prompt/0/prompt", "type"),
    row("shot-prompt-513", lone(prompt="p" * 513), "/multi_prompt/0/prompt", "maxLength"),
    row("shot-prompt-513-astral", lone(prompt=WAVE * 513), "/multi_prompt/0/prompt", "maxLength"),
    row(
        "second-shot-prompt-513",
        custom(multi_prompt=[*shots(2), {"prompt": "p" * 513, "duration": 3}]),
        "/multi_prompt/1/prompt",
        "maxLength",
    ),
    row("shot-without-duration", lone(duration=ABSENT), "/multi_prompt/0/duration", "required"),
    row("shot-duration-null", lone(duration=None), "/multi_prompt/0/duration", "type"),
    row("shot-duration-text", lone(duration="5"), "/multi_prompt/0/duration", "type"),
    row("shot-duration-true", lone(duration=True), "/multi_prompt/0/duration", "type"),
    row("shot-duration-0", custom(multi_prompt=shots(5, 0)), "/multi_prompt/1/duration", "minimum"),
    row("shot-duration-below-0", custom(multi_prompt=shots(5, 1, -1)), "/multi_prompt/2/duration", "minimum"),
    row("sum-below-the-default", custom(multi_prompt=shots(2, 2)), "/multi_prompt", "sum-equals"),
    row("sum-above-the-default", custom(multi_prompt=shots(2, 4)), "/multi_prompt", "sum-equals"),
    row("sum-below", custom(duration=6), "/multi_prompt", "sum-equals"),
    row("sum-above", custom(duration=4), "/multi_prompt", "sum-equals"),
    row("sum-of-six-below", custom(multi_prompt=shots(*[2] * 6), duration=13), "/multi_prompt", "sum-equals"),
    row("one-shot-below", custom(multi_prompt=shots(14), duration=15), "/multi_prompt", "sum-equals"),
    # 0-3: an idle prompt is not needed, its length is judged all the same
    row("idle-prompt-2501", custom(prompt="p" * 2501), "/prompt", "maxLength"),
    row("idle-prompt-number", custom(prompt=5), "/prompt", "type"),
    row("automatic-no-prompt", {**AUTOMATIC, "prompt": ABSENT}, "/prompt", "required"),
    row("automatic-empty-prompt", {**AUTOMATIC, "prompt": ""}, "/prompt", "minLength|not-blank"),
    row("automatic-blank-prompt", {**AUTOMATIC, "prompt": " \n"}, "/prompt", "not-blank"),
    row("automatic-prompt-2501", {**AUTOMATIC, "prompt": "p" * 2501}, "/prompt", "maxLength"),
    row("shots-are-no-prompt", {**CUSTOM, **AUTOMATIC}, "/prompt", "required"),
]

TAKEN = [
    fine("sum-of-the-default", CUSTOM),
    fine("sum", custom(multi_prompt=shots(1, 2, 12), duration=15)),
    fine("one-shot-shortest", custom(multi_prompt=shots(3), duration=3)),
    fine("one-shot-longest", custom(multi_prompt=shots(15), duration=15)),
    fine("six-shots", custom(multi_prompt=shots(*[1] * 6), duration=6)),
    fine("shot-prompt-512", lone(prompt="p" * 512)),
    fine("shot-prompt-512-astral", lone(prompt=WAVE * 512)),
    # Decision 3: "blank is missing" speaks of the top-level prompt alone
    fine("shot-prompt-blank", lone(prompt=" ")),
    fine("unknown-in-shot", custom(multi_prompt=[{"index": "x", "prompt": "a", "duration": 5, "style": None}])),
    fine("prompt-idle", custom(prompt="A lighthouse")),
    fine("prompt-idle-and-empty", custom(prompt="")),
    fine("prompt-idle-and-blank", custom(prompt=" \t")),
    fine("prompt-idle-2500", custom(prompt="p" * 2500)),
    fine("automatic", AUTOMATIC),
    # 0-7: shots are idle then, so their sum says nothing
    fine("automatic-shots-idle", {**AUTOMATIC, "multi_prompt": shots(9, 9), "duration": 3}),
    fine("automatic-shots-null", {**AUTOMATIC, "multi_prompt": None}),
    # 0-6: without multi_shot, shot_type and multi_prompt have no effect
    *(fine(f"idle-{word}", {"shot_type": word}) for word in ("customize", "intelligence")),
    fine("idle-customize-multi-shot-false", {"multi_shot": False, "shot_type": "customize"}),
    fine("idle-shots-of-another-sum", {"multi_prompt": shots(1, 1)}),
    fine("idle-shot-above-the-total", {"multi_shot": False, "multi_prompt": shots(99), "duration": 3}),
]

IDLE_REFUSED = [
    row("idle-0-shots", {"multi_prompt": []}, "/multi_prompt", "minItems"),
    row("idle-7-shots", {"multi_prompt": shots(*[1] * 7)}, "/multi_prompt", "maxItems"),
    row(
        "idle-shot-prompt-513",
        {"multi_prompt": [{"prompt": "p" * 513, "duration": 1}]},
        "/multi_prompt/0/prompt",
        "maxLength",
    ),
    row("idle-shot-duration-0", {"multi_prompt": shots(0)}, "/multi_prompt/0/duration", "minimum"),
    row("automatic-0-shots", {**AUTOMATIC, "multi_prompt": []}, "/multi_prompt", "minItems"),
]


@both_operations
@pytest.mark.parametrize(("changes", "pointer", "rules"), REFUSED)
def test_multi_shot_job_that_breaks_a_rule(connect: Connect, path: str, changes: Job, pointer: str, rules: str) -> None:
    """Seeds 000, 002; 0-3, 0-5, 0-8 to 0-10: 1 to 6 shots of 512 characters that add up; a prompt for intelligence."""
    assert_refused(connect("mulerouter"), path, changed(JOBS[path], changes), pointer, rules)


@both_operations
@pytest.mark.parametrize("changes", TAKEN)
def test_multi_shot_job_that_keeps_them(connect: Connect, path: str, changes: Job) -> None:
    """0-3, 0-6, 0-7, 0-9, 0-10: the boundaries, the effective duration, and all that is idle."""
    assert_taken(connect("mulerouter"), path, changed(JOBS[path], changes))


@both_operations
@pytest.mark.parametrize(("changes", "pointer", "rules"), IDLE_REFUSED)
def test_idle_shots_keep_their_own_schema(connect: Connect, path: str, changes: Job, pointer: str, rules: str) -> None:
    """Decision 3: a schema check always applies, also where the member has no effect."""
    assert_refused(connect("mulerouter"), path, changed(JOBS[path], changes), pointer, rules)


@both_operations
@pytest.mark.parametrize(
    ("lengths", "duration", "longer"),
    [
        pytest.param([6], ABSENT, {0}, id="one-above-the-default"),
        pytest.param([2, 7], 5, {1}, id="second"),
        pytest.param([16], 15, {0}, id="above-the-longest"),
        pytest.param([4, 4], 3, {0, 1}, id="both"),
    ],
)
def test_shot_longer_than_the_video(
    connect: Connect, path: str, lengths: list[int], duration: Json, longer: set[int]
) -> None:
    """Seeds: a shot is at most the total. The sum can't be right either then; both are told."""
    target = connect("mulerouter")

    job = changed(JOBS[path], custom(multi_prompt=shots(*lengths), duration=duration))
    answer = target.client.post(path, json=job)

    assert answer.status_code == 400
    expected = {f"/multi_prompt/{index}/duration": {"each-at-most"} for index in longer}
    assert broken(target) == {"/multi_prompt": {"sum-equals"}, **expected}


@both_operations
def test_shot_duration_is_whole(connect: Connect, path: str) -> None:
    """A.4: an integer; halves that add up are refused each."""
    target = connect("mulerouter")

    answer = target.client.post(path, json=changed(JOBS[path], custom(multi_prompt=shots(2.5, 2.5))))

    assert answer.status_code == 400
    assert broken(target) == {f"/multi_prompt/{index}/duration": {"type"} for index in (0, 1)}


@both_operations
@pytest.mark.parametrize(
    "changes",
    [
        fine("true", custom(multi_shot="true")),
        fine("true-automatic", {**AUTOMATIC, "multi_shot": "true"}),
        fine("false", {"multi_shot": "false"}),
        fine("false-idle-shots", {"multi_shot": "false", "multi_prompt": shots(9, 9)}),
    ],
)
def test_multi_shot_as_a_string(connect: Connect, path: str, changes: Job) -> None:
    """0-16, decision 1: the vendor's own client sends the word, so it is taken and no violation."""
    assert_taken(connect("mulerouter"), path, changed(JOBS[path], changes))


@both_operations
@pytest.mark.parametrize(
    ("changes", "pointer", "rules"),
    [
        row("true-needs-shot-type", {"multi_shot": "true"}, "/shot_type", "required"),
        row("true-sums", custom(multi_shot="true", duration=6), "/multi_prompt", "sum-equals"),
        row("false-needs-prompt", {"multi_shot": "false", "prompt": ABSENT}, "/prompt", "required"),
    ],
)
def test_multi_shot_as_a_string_has_its_effect(
    connect: Connect, path: str, changes: Job, pointer: str, rules: str
) -> None:
    """0-16: "true" is true from there on, "false" is false: the rules of that value bind."""
    assert_refused(connect("mulerouter"), path, changed(JOBS[path], changes), pointer, rules)


def test_frames_are_idle_in_a_multi_shot_text_job(connect: Connect) -> None:
    """2-7: text-to-video ignores frames then; it does not refuse them."""
    frames = {"first_frame": "https://example.com/a.png", "last_frame": "https://example.com/b.png"}
    assert_taken(connect("mulerouter"), TEXT, changed(JOBS[TEXT], {**CUSTOM, **frames}))


@pytest.fixture(scope="module", params=EDGES)
def lenient(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A server with `--leniency lenient`."""
    with played(request.param, "mulerouter", lenient=True) as target:
        yield target


LENIENT_TAKEN = [
    fine("duration-text", {"duration": "5"}),
    fine("shot-durations-text", custom(multi_prompt=shots("2", 3))),
    fine("all-text", custom(multi_prompt=shots("7", "8"), duration="15")),
    fine("no-shot-type-is-customize", custom(shot_type=ABSENT)),
    fine("multi-shot-word", custom(multi_shot="true")),
]

LENIENT_REFUSED = [
    row("duration-text-2", {"duration": "2"}, "/duration", "*"),
    row("duration-text-16", {"duration": "16"}, "/duration", "*"),
    row("duration-no-number", {"duration": "five"}, "/duration", "*"),
    row("sum-of-texts", custom(multi_prompt=shots("1", "2"), duration="12"), "/multi_prompt", "sum-equals"),
    row("shot-duration-text-0", custom(multi_prompt=shots("5", "0")), "/multi_prompt/1/duration", "*"),
    row("no-shot-type-no-shots", {"multi_shot": True}, "/multi_prompt", "required"),
    row("4k", {"mode": "4k"}, "/mode", "enum"),
    row("sound-true", {"sound": True}, "/sound", "type|enum"),
]


@both_operations
@pytest.mark.parametrize("changes", LENIENT_TAKEN)
def test_lenient_form(lenient: Target, path: str, changes: Job) -> None:
    """0-5, 0-10, 0-13: what `--leniency lenient` adds."""
    assert_taken(use_key(lenient, "lenient"), path, changed(JOBS[path], changes))


@both_operations
@pytest.mark.parametrize(("changes", "pointer", "rules"), LENIENT_REFUSED)
def test_lenient_is_not_limitless(lenient: Target, path: str, changes: Job, pointer: str, rules: str) -> None:
    """The limits hold for the lenient forms as for the others; what has no lenient form is refused as ever."""
    target = use_key(lenient, "lenient-and-refused")
    assert_refused(target, path, changed(JOBS[path], changes), pointer, rules)
