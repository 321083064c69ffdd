"""Names in refusals: what is surely meant as the name of a member, and what is only a word that a member has too."""

from functools import cache

import pytest

import specs
from contracts.judge import Promise
from contracts.judge.attribution import members_of, names_in, taking_part

KNOWN = frozenset(
    {"prompt", "negative_prompt", "multi_prompt", "duration", "mode", "image", "image_tail", "model", "x"}
)


@cache
def promise(name: str) -> Promise:
    """What a vendor promises, read once."""
    return Promise(specs.load(name))


@pytest.mark.parametrize(
    ("text", "surely"),
    [
        ("duration must be at most 15", {"duration"}),
        ("duration: Input should be less than 16", {"duration"}),
        ("body.duration is wrong", {"duration"}),
        ("/multi_prompt/1/prompt is too long", {"multi_prompt", "prompt"}),
        ("multi_prompt[1].prompt is too long", {"multi_prompt", "prompt"}),
        ("multi_prompt.1.prompt: too long", {"multi_prompt", "prompt"}),
        ("the field 'mode' is unknown", {"mode"}),
        ("invalid `image`", {"image"}),
        ('"model" was not sent', {"model"}),
        ("mode=4k is not offered", {"mode"}),
        ("negative_prompt too long", {"negative_prompt"}),
    ],
)
def test_name_is_told_by_how_it_stands_there(text: str, surely: set[str]) -> None:
    """A path, quotes, a colon, a verb that demands."""
    assert names_in(text, KNOWN, is_path=False).surely == surely


@pytest.mark.parametrize(
    "text",
    [
        "The image must be a PNG or a JPEG",
        "Your prompt must say something",
        "an image is required",
        "The duration of this mode is limited",
        "Image too small",
        "This model cannot do that",
        "Choose a shorter duration",
        "see https://example.com/model for more",
        "modes and models",
        "Supported media are text/image and image/video",
        "It ends.",
        "",
    ],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    """Articles before them, or nothing around them: when in doubt it is English."""
    assert names_in(text, KNOWN, is_path=False).surely == frozenset()


@pytest.mark.parametrize("path", ["/duration", "duration", "body.duration", "$.duration", "#/duration", "duration[0]"])
def test_path_is_nothing_but_names(path: str) -> None:
    """However it is spelt."""
    assert names_in(path, KNOWN, is_path=True).surely == {"duration"}


@pytest.mark.parametrize("text", ["Negative prompt is too long", "negativePrompt is too long", "NEGATIVE_PROMPT"])
def test_loose_spelling_may_be_a_name(text: str) -> None:
    """Enough to clear a refusal, never to blame one."""
    named = names_in(text, KNOWN, is_path=False)

    assert "negative_prompt" in named.perhaps


def test_members_are_those_of_the_request() -> None:
    """At every depth, parameters of the query too."""
    members = members_of(promise("kling").pack.operations["createImageToVideo"])

    assert {"image", "image_tail", "voice_id", "element_id", "trajectories", "pan"} <= members
    assert members_of(promise("kling").pack.operations["listTextToVideo"]) == {"pageNum", "pageSize"}


@pytest.mark.parametrize(
    ("vendor", "constraint", "pointer", "names"),
    [
        ("mulerouter", "createTextToVideo:/duration:maximum", "/duration", {"duration"}),
        (
            "mulerouter",
            "createTextToVideo:/multi_prompt:sum-equals:when-multi_shot-is-true-and-shot_type-is-customize",
            "/multi_prompt",
            {"multi_prompt", "duration", "multi_shot", "shot_type"},
        ),
        (
            "mulerouter",
            "createTextToVideo:/shot_type:required:when-multi_shot-is-true",
            "/shot_type",
            {"shot_type", "multi_shot"},
        ),
        (
            "kling",
            "createTextToVideo:/camera_control/config:exactly-one-nonzero:when-camera_control-config-is-there-and-camera_control-type-is-simple",
            "/camera_control/config",
            {"camera_control", "config", "type", "horizontal", "vertical", "pan", "tilt", "roll", "zoom"},
        ),
        ("kling", "listTextToVideo:?pageSize:maximum", "/pageSize", {"pageSize"}),
    ],
)
def test_whatever_takes_part_may_be_named(vendor: str, constraint: str, pointer: str, names: set[str]) -> None:
    """The broken member, what it stands in, and the members that a rule or its condition speaks of."""
    found = promise(vendor).constraints[constraint]
    known = members_of(promise(vendor).pack.operations[found.operation])

    assert taking_part(found, [pointer], known) == names
