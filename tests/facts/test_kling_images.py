"""What image-to-video takes beside words: first and last picture, elements, masks, a camera, and what excludes what."""

import pytest

from fact_tables import ABSENT, Connect, assert_broken, broken, changed, fine, row
from kling_protocol import PROMPT, camera, data_of, finished
from pictures import GIF, MEBIBYTE, MEGABYTE, WEBP, encoded, jpeg, png
from targets import Json, Target

PATH = "/v1/videos/image2video"
URL = "https://example.com/first.png"
JOB: dict[str, Json] = {"prompt": PROMPT, "image": URL}


def assert_refused(target: Target, changes: Json, pointer: str, rules: str) -> None:
    """Refused with 400/1201 for this one reason."""
    answer = target.client.post(PATH, json=changed(JOB, changes))
    assert (answer.status_code, answer.json()["code"]) == (400, 1201), answer.text[:500]
    assert_broken(target, pointer, rules)
    assert target.tasks() == []


def assert_accepted(target: Target, changes: Json) -> None:
    """A task, and nothing to complain about."""
    data_of(target.client.post(PATH, json=changed(JOB, changes)))
    assert broken(target) == {}


@pytest.mark.parametrize(
    "pictures",
    [
        fine("neither", {}),
        fine("nulls", {"image": None, "image_tail": None}),
        fine("empty", {"image": "", "image_tail": ""}),
        fine("null-and-empty", {"image": None, "image_tail": ""}),
    ],
)
def test_one_picture_is_needed(connect: Connect, pictures: Json) -> None:
    """At least one of image and image_tail; null and the empty string are none."""
    target = connect("kling")

    answer = target.client.post(PATH, json={"prompt": PROMPT, **pictures})

    assert (answer.status_code, answer.json()["code"]) == (400, 1201)
    assert set(broken(target)) == {"/image"}


@pytest.mark.parametrize(
    "pictures",
    [
        fine("first", {"image": URL}),
        fine("last", {"image_tail": URL}),
        fine("both", {"image": URL, "image_tail": URL}),
        fine("first-and-null", {"image": URL, "image_tail": None}),
        fine("empty-and-last", {"image": "", "image_tail": URL}),
    ],
)
def test_one_picture_is_enough(connect: Connect, pictures: Json) -> None:
    """Either one alone, or both."""
    assert_accepted(connect("kling"), {"image": ABSENT, **pictures})


PICTURES_REFUSED = [
    pytest.param(5, "type", id="number"),
    pytest.param([URL], "type", id="list"),
    pytest.param({"url": URL}, "type", id="object"),
    pytest.param("ftp://example.com/first.png", "image-scheme", id="ftp"),
    pytest.param("file:///tmp/first.png", "image-scheme", id="file"),
    pytest.param("data:image/png;base64," + encoded(png(300, 300)), "image-prefix", id="data-prefix"),
    pytest.param("no picture at all", "image-encoding", id="words"),
    pytest.param(
        encoded(png(300, 300))[:60] + "\n" + encoded(png(300, 300))[60:], "image-encoding", id="base64-with-breaks"
    ),
    pytest.param(encoded(png(300, 300))[:-1], "image-encoding", id="base64-cut"),
    pytest.param(encoded(GIF), "image-format", id="gif"),
    pytest.param(encoded(WEBP), "image-format", id="webp"),
    pytest.param(encoded(png(299, 300)), "image-side", id="narrow"),
    pytest.param(encoded(png(300, 299)), "image-side", id="low"),
    pytest.param(encoded(jpeg(299, 300)), "image-side", id="narrow-jpeg"),
    pytest.param(encoded(png(751, 300)), "image-ratio", id="wide"),
    pytest.param(encoded(png(300, 751)), "image-ratio", id="tall"),
    pytest.param(encoded(jpeg(1001, 400)), "image-ratio", id="wide-jpeg"),
    pytest.param(encoded(png(300, 300, 10 * MEBIBYTE + 1)), "image-bytes", id="bytes"),
]


@pytest.mark.parametrize("member", ["image", "image_tail"])
@pytest.mark.parametrize(("picture", "rules"), PICTURES_REFUSED)
def test_picture_outside_its_limits(connect: Connect, member: str, picture: Json, rules: str) -> None:
    """Base64 without prefix or URL, JPEG or PNG, 10 MB, 300 px, 1:2.5 to 2.5:1, for both members."""
    assert_refused(connect("kling"), {member: picture}, f"/{member}", rules)


@pytest.mark.parametrize("member", ["image", "image_tail"])
@pytest.mark.parametrize(
    "picture",
    [
        pytest.param("http://example.com/a.jpg", id="http"),
        pytest.param("https://example.com/a?b=c#d", id="https"),
        pytest.param(encoded(png(300, 300)), id="smallest"),
        pytest.param(encoded(jpeg(300, 300)), id="smallest-jpeg"),
        pytest.param(encoded(png(750, 300)), id="widest"),
        pytest.param(encoded(png(300, 750)), id="tallest"),
        pytest.param(encoded(jpeg(1000, 400)), id="widest-jpeg"),
        pytest.param(encoded(png(300, 300, 10 * MEGABYTE)), id="largest"),
    ],
)
def test_picture_within_its_limits(connect: Connect, member: str, picture: str) -> None:
    """Each boundary itself; of a URL only the scheme can be judged."""
    assert_accepted(connect("kling"), {"image": ABSENT, member: picture})


def test_picture_that_can_not_be_fetched(connect: Connect) -> None:
    """A URL is not fetched at submit; when it leads nowhere the task fails, in an accepted answer."""
    target = connect("kling")
    task_id = data_of(target.client.post(PATH, json={**JOB, "image": "https://gone.invalid/first.png"}))["task_id"]

    end = finished(target, PATH, task_id)

    assert end["task_status"] == "failed"
    assert end["task_status_msg"]


ELEMENT = {"element_id": 4004711}


@pytest.mark.parametrize(
    ("changes", "pointer", "rules"),
    [
        row("four", {"element_list": [ELEMENT] * 4}, "/element_list", "maxItems"),
        row("object", {"element_list": ELEMENT}, "/element_list", "type"),
        row("null", {"element_list": None}, "/element_list", "type"),
        row("number", {"element_list": [4004711]}, "/element_list/0", "type"),
        row("without-id", {"element_list": [ELEMENT, {"id": 1}]}, "/element_list/1/element_id", "required"),
        row("text", {"element_list": [{"element_id": "4004711"}]}, "/element_list/0/element_id", "type"),
        row("half", {"element_list": [{"element_id": 0.5}]}, "/element_list/0/element_id", "type"),
        row("65-bits", {"element_list": [{"element_id": 2**63}]}, "/element_list/0/element_id", "maximum"),
        row(
            "65-bits-below",
            {"element_list": [{"element_id": -(2**63) - 4096}]},
            "/element_list/0/element_id",
            "minimum",
        ),
    ],
)
def test_element_list_outside_its_limits(connect: Connect, changes: Json, pointer: str, rules: str) -> None:
    """At most three, each with a whole number as its id."""
    assert_refused(connect("kling"), changes, pointer, rules)


@pytest.mark.parametrize("ids", [[], [1], [1, 2, 3], [2**63 - 1], [-(2**63)]])
def test_element_list_within_its_limits(connect: Connect, ids: list[int]) -> None:
    """None to three; an id has 64 bits; the prompt may name more than there are."""
    assert_accepted(
        connect("kling"), {"element_list": [{"element_id": each} for each in ids], "prompt": "<<<element_4>>>"}
    )


def mask(points: int = 2, **more: Json) -> dict[str, Json]:
    """An area that moves along so many points."""
    return {
        "mask": "https://example.com/mask.png",
        "trajectories": [{"x": number, "y": -number} for number in range(points)],
        **more,
    }


@pytest.mark.parametrize(
    ("changes", "pointer", "rules"),
    [
        row("static-number", {"static_mask": 5}, "/static_mask", "type"),
        row("seven", {"dynamic_masks": [mask()] * 7}, "/dynamic_masks", "maxItems"),
        row("object", {"dynamic_masks": mask()}, "/dynamic_masks", "type"),
        row("text", {"dynamic_masks": ["https://example.com/mask.png"]}, "/dynamic_masks/0", "type"),
        row(
            "without-mask",
            {"dynamic_masks": [{"trajectories": mask()["trajectories"]}]},
            "/dynamic_masks/0/mask",
            "required",
        ),
        row("mask-number", {"dynamic_masks": [mask(mask=1)]}, "/dynamic_masks/0/mask", "type"),
        row("without-way", {"dynamic_masks": [mask(), {"mask": "a"}]}, "/dynamic_masks/1/trajectories", "required"),
        row("points-1", {"dynamic_masks": [mask(1)]}, "/dynamic_masks/0/trajectories", "minItems"),
        row("points-78", {"dynamic_masks": [mask(78)]}, "/dynamic_masks/0/trajectories", "maxItems"),
        row(
            "point-list",
            {"dynamic_masks": [mask(trajectories=[[1, 2], {"x": 1, "y": 2}])]},
            "/dynamic_masks/0/trajectories/0",
            "type",
        ),
        row(
            "point-without-y",
            {"dynamic_masks": [mask(trajectories=[{"x": 1, "y": 1}, {"x": 1}])]},
            "/dynamic_masks/0/trajectories/1/y",
            "required",
        ),
        row(
            "point-half",
            {"dynamic_masks": [mask(trajectories=[{"x": 1.5, "y": 1}, {"x": 1, "y": 1}])]},
            "/dynamic_masks/0/trajectories/0/x",
            "type",
        ),
        row(
            "point-text",
            {"dynamic_masks": [mask(trajectories=[{"x": 1, "y": "1"}, {"x": 1, "y": 1}])]},
            "/dynamic_masks/0/trajectories/0/y",
            "type",
        ),
    ],
)
def test_masks_outside_their_limits(connect: Connect, changes: Json, pointer: str, rules: str) -> None:
    """At most six areas, each with a mask and a way of 2 to 77 whole points."""
    assert_refused(connect("kling"), changes, pointer, rules)


@pytest.mark.parametrize(
    "changes",
    [
        fine("static", {"static_mask": "https://example.com/mask.png"}),
        fine("six", {"dynamic_masks": [mask()] * 6}),
        fine("points-77", {"dynamic_masks": [mask(77)]}),
        fine("static-and-dynamic", {"static_mask": "https://example.com/mask.png", "dynamic_masks": [mask()]}),
        fine("none", {"static_mask": "", "dynamic_masks": []}),
    ],
)
def test_masks_within_their_limits(connect: Connect, changes: Json) -> None:
    """Both kinds belong together, each up to its limit."""
    assert_accepted(connect("kling"), changes)


TAIL = {"image_tail": "https://example.com/last.png"}
STILL = {"static_mask": "https://example.com/mask.png"}
MOVING = {"dynamic_masks": [mask()]}


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        pytest.param({**TAIL, **STILL}, {"/image_tail", "/static_mask"}, id="tail-static"),
        pytest.param({**TAIL, **MOVING}, {"/image_tail", "/dynamic_masks"}, id="tail-dynamic"),
        pytest.param({**TAIL, **camera(pan=1)}, {"/image_tail", "/camera_control"}, id="tail-camera"),
        pytest.param(
            {**TAIL, "camera_control": {"type": "forward_up"}}, {"/image_tail", "/camera_control"}, id="tail-preset"
        ),
        pytest.param({**STILL, **camera(pan=1)}, {"/static_mask", "/camera_control"}, id="static-camera"),
        pytest.param({**MOVING, **camera(pan=1)}, {"/dynamic_masks", "/camera_control"}, id="dynamic-camera"),
    ],
)
def test_tail_masks_and_camera_exclude_each_other(connect: Connect, changes: Json, pointers: set[str]) -> None:
    """Of the three only one at a time, and the refusal points at one of the two."""
    target = connect("kling")

    answer = target.client.post(PATH, json={**JOB, **changes})

    assert (answer.status_code, answer.json()["code"]) == (400, 1201)
    assert set(broken(target)) <= pointers
    assert broken(target)
    assert "exclude each other" in answer.json()["message"]


@pytest.mark.parametrize(
    "changes",
    [
        fine("tail-beside-nothing", {**TAIL, "static_mask": "", "dynamic_masks": []}),
        fine("camera-beside-nothing", {**camera(pan=1), "image_tail": "", "static_mask": "", "dynamic_masks": []}),
        fine("camera-beside-null", {**camera(pan=1), "image_tail": None}),
        fine("masks-beside-nothing", {**STILL, **MOVING, "image_tail": ""}),
        fine("tail-in-shots", {**TAIL, "multi_shot": True, "shot_type": "intelligence"}),
    ],
)
def test_what_is_empty_excludes_nothing(connect: Connect, changes: Json) -> None:
    """An empty string, an empty list and null are absent; shots and a last picture go together here."""
    assert_accepted(connect("kling"), changes)
