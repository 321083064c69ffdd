"""Pictures at MuleRouter: first and last frame, elements, as URL or as Base64, and what excludes what."""

from collections.abc import Callable, Iterator

import pytest

from fact_tables import (
    ABSENT,
    EDGES,
    Connect,
    Job,
    assert_broken,
    changed,
    fine,
    follow,
    played,
    row,
    use_key,
)
from mulerouter_protocol import (
    IMAGE,
    JOBS,
    TEXT,
    assert_refused,
    assert_taken,
    both_operations,
    is_over,
    poll,
    submitted,
)
from pictures import BMP, GIF, MEBIBYTE, MEGABYTE, WEBP, encoded, jpeg, jpeg_with_thumbnail, png
from targets import Json, Target

URL = "https://example.com/picture.png"
SMALLEST = encoded(png(300, 300))

PICTURES_TAKEN = [
    pytest.param(URL, id="https"),
    pytest.param("http://example.com/picture.jpg", id="http"),
    pytest.param("HTTPS://EXAMPLE.COM/PICTURE.JPEG?size=1#top", id="upper-case"),
    pytest.param("https://example.com/no-extension", id="no-extension"),
    pytest.param(SMALLEST, id="png-300x300"),
    pytest.param(encoded(jpeg(300, 300)), id="jpeg-300x300"),
    pytest.param(encoded(jpeg_with_thumbnail(640, 480)), id="jpeg-with-thumbnail"),
    pytest.param(encoded(png(750, 300)), id="png-2.5-to-1"),
    pytest.param(encoded(png(300, 750)), id="png-1-to-2.5"),
    pytest.param(encoded(jpeg(750, 300)), id="jpeg-2.5-to-1"),
    pytest.param(encoded(jpeg(300, 750)), id="jpeg-1-to-2.5"),
    pytest.param(encoded(png(300, 300, 10 * MEGABYTE)), id="10-megabytes"),
]

PICTURES_REFUSED = [
    pytest.param(f"data:image/png;base64,{SMALLEST}", "image-prefix", id="data-prefix"),
    pytest.param(f"DATA:image/jpeg;base64,{SMALLEST}", "image-prefix", id="data-prefix-upper"),
    pytest.param(f"data:;base64,{SMALLEST}", "image-prefix", id="data-prefix-bare"),
    pytest.param("ftp://example.com/picture.png", "image-scheme", id="ftp"),
    pytest.param("file:///picture.png", "image-scheme", id="file"),
    pytest.param("not Base64!", "image-encoding", id="no-base64"),
    pytest.param(SMALLEST[:-3], "image-encoding", id="cut-base64"),
    pytest.param(encoded(b"words, no picture"), "image-format", id="no-picture"),
    pytest.param(encoded(GIF), "image-format", id="gif"),
    pytest.param(encoded(WEBP), "image-format", id="webp"),
    pytest.param(encoded(BMP), "image-format", id="bmp"),
    pytest.param(encoded(png(300, 300)[:12]), "image-format", id="png-without-a-size"),
    pytest.param(encoded(b"\xff\xd8\xff\xe0"), "image-format", id="jpeg-without-a-size"),
    pytest.param(encoded(png(299, 300)), "image-side", id="png-299x300"),
    pytest.param(encoded(png(300, 299)), "image-side", id="png-300x299"),
    pytest.param(encoded(jpeg(299, 300)), "image-side", id="jpeg-299x300"),
    pytest.param(encoded(jpeg(300, 299)), "image-side", id="jpeg-300x299"),
    pytest.param(encoded(jpeg_with_thumbnail(200, 400)), "image-side", id="jpeg-with-thumbnail"),
    pytest.param(encoded(png(751, 300)), "image-ratio", id="png-751x300"),
    pytest.param(encoded(png(300, 751)), "image-ratio", id="png-300x751"),
    pytest.param(encoded(jpeg(751, 300)), "image-ratio", id="jpeg-751x300"),
    pytest.param(encoded(png(300, 300, 10 * MEBIBYTE + 1)), "image-bytes", id="above-10-mebibytes"),
]

NO_STRINGS: list[Json] = [5, True, [URL], {"url": URL}]


def with_element(**changes: Json) -> Job:
    """A job with one element."""
    return {"elements": [element(**changes)]}


def element(**changes: Json) -> Job:
    """An image element with these changes."""
    return changed({"frontal_image": URL, "reference_images": [URL]}, changes)


# Where a picture may stand: a way to put it there, and the pointer of that place.
PLACES: dict[str, tuple[Callable[[Json], Job], str]] = {
    "first": (lambda picture: {"first_frame": picture}, "/first_frame"),
    "last": (lambda picture: {"last_frame": picture}, "/last_frame"),
    "frontal": (lambda picture: with_element(frontal_image=picture), "/elements/0/frontal_image"),
    "reference": (
        lambda picture: with_element(reference_images=[URL, picture]),
        "/elements/0/reference_images/1",
    ),
}

every_place = pytest.mark.parametrize("place", PLACES)


@both_operations
@every_place
@pytest.mark.parametrize("picture", PICTURES_TAKEN)
def test_picture_within_its_limits(connect: Connect, path: str, place: str, picture: str) -> None:
    """Seed 002, 0-1, 2-5, 2-6: URL or Base64 of a JPEG or PNG up to 10 MB, 300 px, 1:2.5 to 2.5:1, in every place."""
    put, _ = PLACES[place]
    assert_taken(connect("mulerouter"), path, changed(JOBS[path], put(picture)))


@both_operations
@every_place
@pytest.mark.parametrize(("picture", "rule"), PICTURES_REFUSED)
def test_picture_outside_its_limits(connect: Connect, path: str, place: str, picture: str, rule: str) -> None:
    """Seed 002, 0-1, 2-4 to 2-6, 2-11: a Base64 picture that can't be used is refused at once, naming its place."""
    put, pointer = PLACES[place]
    assert_refused(connect("mulerouter"), path, changed(JOBS[path], put(picture)), pointer, rule)


@both_operations
@every_place
@pytest.mark.parametrize("value", NO_STRINGS)
def test_picture_that_is_no_string(connect: Connect, path: str, place: str, value: Json) -> None:
    """Seeds: a picture is a string."""
    put, pointer = PLACES[place]
    assert_refused(connect("mulerouter"), path, changed(JOBS[path], put(value)), pointer, "type")


@pytest.mark.parametrize(
    "changes",
    [
        fine("first-alone", {}),
        fine("last-alone", {"first_frame": ABSENT, "last_frame": URL}),
        fine("last-and-null", {"first_frame": None, "last_frame": URL}),
        fine("last-and-empty", {"first_frame": "", "last_frame": URL}),
        fine("first-and-null", {"last_frame": None}),
        fine("first-and-empty", {"last_frame": ""}),
        fine("both", {"last_frame": SMALLEST}),
    ],
)
def test_one_frame_is_enough(connect: Connect, changes: Job) -> None:
    """Seed 002, 2-1, 2-2: at least one of the two; null and empty are none."""
    assert_taken(connect("mulerouter"), IMAGE, changed(JOBS[IMAGE], changes))


@pytest.mark.parametrize("first", [ABSENT, None, ""])
@pytest.mark.parametrize("last", [ABSENT, None, ""])
def test_image_to_video_needs_a_frame(connect: Connect, first: Json, last: Json) -> None:
    """Seed 002, 2-1: both absent, null or empty is none at all."""
    job = changed(JOBS[IMAGE], {"first_frame": first, "last_frame": last})
    assert_refused(connect("mulerouter"), IMAGE, job, "/first_frame", "*")


def test_elements_are_no_frame(connect: Connect) -> None:
    """Seed 002: a picture in an element does not stand for a frame."""
    job = changed(JOBS[IMAGE], {"first_frame": ABSENT, **with_element()})
    assert_refused(connect("mulerouter"), IMAGE, job, "/first_frame", "*")


@pytest.mark.parametrize(
    "frames", [{}, {"first_frame": None}, {"last_frame": ""}, {"first_frame": URL}, {"last_frame": URL}]
)
def test_text_to_video_needs_no_frame(connect: Connect, frames: Job) -> None:
    """0-1: frames are accepted there, alone or not at all."""
    assert_taken(connect("mulerouter"), TEXT, {**JOBS[TEXT], **frames})


@pytest.mark.parametrize("member", ["dynamic_masks", "static_mask", "camera_control"])
def test_last_frame_excludes_masks_and_camera(connect: Connect, member: str) -> None:
    """Seed 002, 2-3: inherited members that are unknown alone, but refused next to a last frame."""
    job = changed(JOBS[IMAGE], {"last_frame": URL, member: {"type": "simple"}})
    assert_refused(connect("mulerouter"), IMAGE, job, f"/{member}|/last_frame", "not")


@pytest.mark.parametrize("member", ["dynamic_masks", "static_mask", "camera_control"])
@pytest.mark.parametrize("last", [ABSENT, None, ""])
def test_masks_and_camera_alone_are_unknown(connect: Connect, member: str, last: Json) -> None:
    """2-3: without a last frame these keys are ignored."""
    job = changed(JOBS[IMAGE], {"last_frame": last, member: "anything"})
    assert_taken(connect("mulerouter"), IMAGE, job)


@pytest.mark.parametrize("member", ["dynamic_masks", "static_mask", "camera_control"])
def test_text_to_video_knows_no_masks(connect: Connect, member: str) -> None:
    """2-3 is about image-to-video: the text page says nothing of them."""
    assert_taken(connect("mulerouter"), TEXT, {**JOBS[TEXT], "last_frame": URL, member: {}})


ELEMENTS_TAKEN = [
    fine("one", with_element()),
    fine("type-image", with_element(type="image")),
    fine("three-references", with_element(reference_images=[URL, SMALLEST, URL])),
    fine("three-elements", {"elements": [element()] * 3}),
    fine(
        "video-element",
        {"elements": [{"type": "video", "reference_videos": ["https://example.com/walk.mp4"]}]},
    ),
    fine("null", {"elements": None}),
    fine("unknown-in-element", with_element(name="keeper")),
    fine("named-in-the-prompt", {"prompt": "<<<element_1>>> climbs the stairs", **with_element()}),
    fine("named-but-not-there", {"prompt": "<<<element_2>>> climbs the stairs", **with_element()}),
]

ELEMENTS_REFUSED = [
    row("video-without-videos", {"elements": [{"type": "video"}]}, "/elements/0/reference_videos", "required"),
    row("0", {"elements": []}, "/elements", "minItems"),
    row("4", {"elements": [element()] * 4}, "/elements", "maxItems"),
    row("no-list", {"elements": element()}, "/elements", "type"),
    row("text", {"elements": ["element_1"]}, "/elements/0", "type"),
    row("null-inside", {"elements": [element(), None]}, "/elements/1", "type"),
    row("type-unknown", with_element(type="audio"), "/elements/0/type", "enum"),
    row("no-frontal", with_element(frontal_image=ABSENT), "/elements/0/frontal_image", "required"),
    row(
        "no-frontal-with-type",
        with_element(type="image", frontal_image=ABSENT),
        "/elements/0/frontal_image",
        "required",
    ),
    row("frontal-null", with_element(frontal_image=None), "/elements/0/frontal_image", "*"),
    row("no-references", with_element(reference_images=ABSENT), "/elements/0/reference_images", "required"),
    row("0-references", with_element(reference_images=[]), "/elements/0/reference_images", "minItems"),
    row("4-references", with_element(reference_images=[URL] * 4), "/elements/0/reference_images", "maxItems"),
    row("references-text", with_element(reference_images=URL), "/elements/0/reference_images", "type"),
    row("reference-number", with_element(reference_images=[1]), "/elements/0/reference_images/0", "type"),
    row(
        "0-videos",
        {"elements": [{"type": "video", "reference_videos": []}]},
        "/elements/0/reference_videos",
        "minItems",
    ),
]


@both_operations
@pytest.mark.parametrize("changes", ELEMENTS_TAKEN)
def test_elements_within_their_limits(connect: Connect, path: str, changes: Job) -> None:
    """Seeds, A.4, 0-2, 0-11, 0-12: 1 to 3 elements, each with a frontal and 1 to 3 reference images."""
    assert_taken(connect("mulerouter"), path, {**JOBS[path], **changes})


@both_operations
@pytest.mark.parametrize(("changes", "pointer", "rules"), ELEMENTS_REFUSED)
def test_elements_outside_their_limits(connect: Connect, path: str, changes: Job, pointer: str, rules: str) -> None:
    """Seeds, A.4, 0-11: null is none, an empty list is refused, and so is an image element without its images."""
    assert_refused(connect("mulerouter"), path, {**JOBS[path], **changes}, pointer, rules)


def test_each_wrong_picture_is_told(connect: Connect) -> None:
    """Interface 2: all of them, each at its own place."""
    target = connect("mulerouter")
    small = encoded(png(20, 20))

    job = {
        **JOBS[IMAGE],
        "first_frame": small,
        "last_frame": "ftp://a/b",
        **with_element(reference_images=[small, URL, small]),
    }
    answer = target.client.post(IMAGE, json=job)

    assert answer.status_code == 400
    told = {violation["pointer"] for violation in target.journal()[-1]["violations"]}
    assert told == {
        "/first_frame",
        "/last_frame",
        "/elements/0/reference_images/0",
        "/elements/0/reference_images/2",
    }


@both_operations
def test_a_url_that_can_t_be_fetched_fails_later(connect: Connect, path: str) -> None:
    """2-6, 2-11: a URL is taken as it is; the task fails with an upstream code when there is no picture behind it."""
    target = connect("mulerouter")
    task_id = submitted(target, path, {**JOBS[path], "first_frame": "https://pictures.invalid/a.png"})

    info = list(follow(lambda: poll(target, path, task_id), target, until=is_over))[-1]["task_info"]

    assert info["status"] == "failed"
    assert 3001 <= info["error"]["code"] <= 3005


@pytest.fixture(scope="module", params=EDGES)
def lenient(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A server with `--leniency lenient`."""
    with played(request.param, "mulerouter", lenient=True) as target:
        yield target


@both_operations
@every_place
def test_lenient_takes_a_data_uri(lenient: Target, path: str, place: str) -> None:
    """2-4: the prefix is taken off; the vendor's own client writes it."""
    put, _ = PLACES[place]
    job = changed(JOBS[path], put(f"data:image/png;base64,{SMALLEST}"))
    assert_taken(use_key(lenient, "data-uri"), path, job)


@both_operations
def test_lenient_looks_behind_the_prefix(lenient: Target, path: str) -> None:
    """2-4: what is behind it is judged as ever."""
    target = use_key(lenient, "data-uri-refused")
    job = {**JOBS[path], "first_frame": f"data:image/png;base64,{encoded(png(299, 300))}"}

    assert target.client.post(path, json=job).status_code == 400

    assert_broken(target, "/first_frame", "image-side")
