"""Images: a URL, or raw Base64 of a JPEG or PNG within its limits; the first thing that is wrong is told."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.rules import KINDS, NoFacts
from specs.rules.pictures import blank_jpeg, blank_png, jpeg_text, picture_size, png_text

Json = Any
LIMITS = {"bytes_max": 3000, "side_min": 20, "ratio_max": 2.5}
RULE = KINDS["image"].read({"pointer": "/image", **LIMITS}, lambda _: None)


def wrong(value: Json) -> str | None:
    """Which law the value breaks."""
    broken = RULE.check({"image": value}, NoFacts())
    assert len(broken) <= 1
    return broken[0].rule if broken else None


def encoded(data: bytes) -> str:
    """As it is sent."""
    return base64.b64encode(data).decode()


def jpeg(width: int, height: int, *, marker: int = 0xC0, before: bytes = b"") -> bytes:
    """The head of a JPEG with a frame of this kind."""
    frame = struct.pack(">BBHBHH", 0xFF, marker, 17, 8, height, width) + bytes(10)
    return b"\xff\xd8" + before + frame + b"\xff\xd9"


@pytest.mark.parametrize("value", ["", None, 5, True, [], {}])
def test_empty_and_other_types_are_no_image(value: Json) -> None:
    """Nothing to say about them here."""
    assert wrong(value) is None


URLS = ("http://example.com/a.png", "https://example.com", "HTTPS://EXAMPLE.COM/A.PNG", "Http://x", "https://")


@pytest.mark.parametrize("url", URLS)
def test_web_addresses_are_taken(url: str) -> None:
    """By their scheme, in any case; nobody fetches them here."""
    assert wrong(url) is None


@pytest.mark.parametrize(
    "url", ["ftp://example.com/a.png", "file:///etc/passwd", "blob:abc", "s3://bucket/key", "javascript:alert(1)", "C:"]
)
def test_other_schemes_are_refused(url: str) -> None:
    """As schemes, not as bad Base64."""
    assert wrong(url) == "image-scheme"


def test_data_prefix_is_refused_in_any_case() -> None:
    """The text alone is wanted."""
    for prefix in ("data:image/png;base64,", "DATA:image/png;base64,", "data:"):
        assert wrong(prefix + encoded(blank_png(20, 20))) == "image-prefix"


@pytest.mark.parametrize(
    "text",
    ["!!!!", "AAA", "A", "AAAA\n", "AA AA", "AAAA=", "AAAA==", "AAAA====", "====", "é" * 8, "-_-_", "\x00", "\ud800"],
)
def test_what_is_no_base64_is_refused(text: str) -> None:
    """Line breaks, URL-safe letters and wrong padding too."""
    assert wrong(text) == "image-encoding"


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a" + bytes(64),
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"BM" + bytes(64),
        b"%PDF",
        b"\x00",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x10",
    ],
)
def test_other_formats_and_stumps_are_refused(data: bytes) -> None:
    """Only a PNG or JPEG whose size can be read."""
    assert wrong(encoded(data)) == "image-format"


@given(width=st.integers(1, 120), height=st.integers(1, 120))
@pytest.mark.parametrize("make", [blank_png, jpeg], ids=["png", "jpeg"])
def test_sides_and_ratio_are_measured(make: Any, width: int, height: int) -> None:
    """The shorter side first, then the ratio, on the boundary exactly."""
    assert picture_size(make(width, height)) == (width, height)
    short, long = sorted((width, height))
    expected = "image-side" if short < 20 else "image-ratio" if long > 2.5 * short else None
    assert wrong(encoded(make(width, height))) == expected


def test_bytes_are_those_of_the_file() -> None:
    """Not of its Base64; at the limit and one beyond it."""
    for size, law in ((2999, None), (3000, None), (3001, "image-bytes")):
        data = blank_png(20, 20, size)
        assert len(data) == size
        assert wrong(encoded(data)) == law


@pytest.mark.parametrize("marker", [0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF])
def test_every_frame_of_a_jpeg_has_a_size(marker: int) -> None:
    """Baseline, progressive and the others; behind comments, tables, fill bytes and marks without a length."""
    comment = b"\xff\xfe\x00\x06size"
    table = b"\xff\xc4\x00\x04\x00\x00"
    for before in (b"", comment, table, b"\xff\xff\xff" + comment[1:], b"\xff\x01", b"\xff\xd0" + comment + table):
        assert picture_size(jpeg(300, 200, marker=marker, before=before)) == (300, 200)


@given(data=st.binary(max_size=80))
@pytest.mark.parametrize(
    "head", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xc0", b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"]
)
def test_any_bytes_are_judged(head: bytes, data: bytes) -> None:
    """Whatever comes after a picture's first bytes: a size or none, in bounded time, and one law at most."""
    size = picture_size(head + data)

    assert size is None or len(size) == 2
    wrong(encoded(head + data))


def test_jpeg_that_goes_in_circles_ends() -> None:
    """A segment of no length would be read again and again."""
    assert picture_size(b"\xff\xd8" + b"\xff\xe0\x00\x00" * 1000) is None


@given(width=st.integers(1, 400), height=st.integers(1, 400))
def test_blank_picture_is_a_whole_png(width: int, height: int) -> None:
    """With a check sum for each chunk, as many rows as it says, and an end."""
    stream = io.BytesIO(blank_png(width, height, 2000))
    assert stream.read(8) == b"\x89PNG\r\n\x1a\n"
    pixels, names = b"", []
    while head := stream.read(8):
        length, name = struct.unpack(">I4s", head)
        content = stream.read(length)
        assert struct.unpack(">I", stream.read(4))[0] == zlib.crc32(name + content)
        names.append(name)
        pixels += content if name == b"IDAT" else b""
    assert (names[0], names[-1]) == (b"IHDR", b"IEND")
    assert len(zlib.decompress(pixels)) == height * (1 + (width + 7) // 8)


@given(width=st.integers(1, 1000), height=st.integers(1, 1000))
def test_blank_jpeg_is_a_whole_picture(width: int, height: int) -> None:
    """Its segments follow each other to the scan, whose bits are two for each block of eight by eight."""
    data = blank_jpeg(width, height)
    at, names = 2, list[int]()
    while names[-1:] != [0xDA]:
        assert data[at] == 0xFF
        names.append(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4])
    scan = data[at:-2]
    blocks = ((width + 7) // 8) * ((height + 7) // 8)

    assert picture_size(data) == (width, height)
    assert names == [0xE0, 0xDB, 0xC0, 0xC4, 0xC4, 0xDA]
    assert len(scan) == (2 * blocks + 7) // 8
    # Codes of zeros, and ones for what is left of the last byte.
    assert int.from_bytes(scan) == 2 ** (-2 * blocks % 8) - 1
    assert data[-2:] == b"\xff\xd9"


def test_pictures_as_text_are_made_once() -> None:
    """The largest ones are megabytes: many bodies carry the same."""
    assert base64.b64decode(png_text(20, 30, 500)) == blank_png(20, 30, 500)
    assert base64.b64decode(jpeg_text(20, 30)) == blank_jpeg(20, 30)
    assert png_text(20, 30, 500) is png_text(20, 30, 500)


def test_every_format_is_on_the_boundary() -> None:
    """A service that forgets one of them is found."""
    made = [each["image"] for each in RULE.satisfy({"image": "https://example.com/a"})]
    heads = {base64.b64decode(text)[:3] for text in made if not text.startswith("http")}

    assert heads == {b"\x89PN", b"\xff\xd8\xff"}


def test_several_images_are_judged_one_by_one() -> None:
    """Each that is wrong is told by its own pointer."""
    rule = KINDS["image"].read({"pointer": "/images/*/url", **LIMITS}, lambda _: None)
    body = {"images": [{"url": "https://ok"}, {"url": "ftp://no"}, {}, {"url": "!"}]}

    assert [(each.pointer, each.rule) for each in rule.check(body, NoFacts())] == [
        ("/images/1/url", "image-scheme"),
        ("/images/3/url", "image-encoding"),
    ]
