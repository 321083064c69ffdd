"""The rule about images in a request: an http(s) URL, or raw Base64 of a JPEG or PNG within limits."""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from specs.pointers import Finder, Json, field, finder, replaced
from specs.rules.rule import Defaults, Facts, Law
from specs.violations import Violation

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:")
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# JPEG markers that open a frame and so carry its size (ITU-T T.81, table B.1): all of C0..CF but DHT, JPG and DAC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers without a length after them: TEM, RST0..RST7, SOI.
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})

_NO_BASE64 = ("image-encoding", "must be an http(s) URL or valid Base64")


def _png_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] != b"IHDR" or len(data) < 24:  # noqa: PLR2004 - signature, length, name, width, height
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - every marker begins with it
        marker = data[at + 1]
        if marker == 0xFF:  # noqa: PLR2004 - fill byte
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in _FRAMES:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        else:
            at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return None


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG or JPEG in pixels; nothing for other data."""
    if data.startswith(_PNG):
        return _png_size(data)
    return _jpeg_size(data) if data.startswith(_JPEG) else None


def blank_png(width: int, height: int, bytes_total: int = 0) -> bytes:
    """A white PNG of this size, filled up to `bytes_total` bytes with a private chunk."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    rows = (b"\x00" + b"\xff" * ((width + 7) // 8)) * height
    head = _PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    tail = chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    missing = bytes_total - len(head) - len(tail) - 12
    filling = chunk(b"paDd", b"\x00" * missing) if missing >= 0 else b""
    return head + filling + tail


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass(frozen=True, slots=True)
class Image:
    """Each value at `pointer` is an image that the service can take. Empty and null are no image.

    Limits: bytes (of the file itself), pixels of the shorter side, ratio of the longer side to the shorter.
    """

    kind: ClassVar[str] = "image"
    parameters: ClassVar[frozenset[str]] = frozenset({"pointer", "bytes_max", "side_min", "ratio_max"})
    pointer: str
    bytes_max: int
    side_min: int
    ratio_max: float
    find: Finder

    @classmethod
    def read(cls, entry: Mapping[str, Any], defaults: Defaults) -> Self:
        """`{pointer, bytes_max, side_min, ratio_max}`."""
        del defaults
        pointer = entry["pointer"]
        return cls(pointer, entry["bytes_max"], entry["side_min"], entry["ratio_max"], finder(pointer))

    def laws(self) -> list[Law]:
        """Seven: how it is written, and what it is."""
        limits: dict[str, Json] = {
            "image-scheme": ["http", "https"],
            "image-prefix": "no data: prefix",
            "image-encoding": "base64",
            "image-format": ["JPEG", "PNG"],
            "image-bytes": self.bytes_max,
            "image-side": self.side_min,
            "image-ratio": self.ratio_max,
        }
        return [Law(self.pointer, keyword, limit) for keyword, limit in limits.items()]

    def check(self, body: Json, facts: Facts) -> list[Violation]:
        """At most one violation for each image: the first thing that is wrong with it."""
        del facts
        broken = []
        for at, value in self.find(body):
            wrong = self._wrong(value) if isinstance(value, str) and value else None
            if wrong is not None:
                broken.append(Violation(at, wrong[0], f"{field(at)} {wrong[1]}"))
        return broken

    def _wrong(self, value: str) -> tuple[str, str] | None:
        if value.startswith(("http://", "https://")):
            return None
        if value[:5].lower() == "data:":
            return "image-prefix", "must be the Base64 text alone, without a data: prefix"
        if _SCHEME.match(value):
            return self._wrong_scheme(value)
        try:
            data = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return _NO_BASE64
        # More padding than there is to pad goes unnoticed there.
        if len(value) % 4 or value.endswith("==="):
            return _NO_BASE64
        return self._wrong_picture(data)

    @staticmethod
    def _wrong_scheme(value: str) -> tuple[str, str] | None:
        if value[:8].lower().startswith(("http://", "https://")):
            return None
        return "image-scheme", "must be an http or https URL, or Base64"

    def _wrong_picture(self, data: bytes) -> tuple[str, str] | None:
        size = picture_size(data)
        if size is None:
            return "image-format", "must be a JPEG or PNG"
        if len(data) > self.bytes_max:
            return "image-bytes", f"must be at most {self.bytes_max} bytes, not {len(data)}"
        width, height = size
        if min(size) < self.side_min:
            return (
                "image-side",
                f"must have sides of at least {self.side_min} px, not {width}x{height}",
            )
        if max(size) > self.ratio_max * min(size):
            return (
                "image-ratio",
                f"must have a ratio between 1:{self.ratio_max} and {self.ratio_max}:1, not {width}x{height}",
            )
        return None

    def satisfy(self, body: Json) -> Iterator[Json]:
        """A URL of each scheme; the smallest square, the widest, the tallest picture; a file of decimal megabytes."""
        side, long = self.side_min, int(self.side_min * self.ratio_max)
        for at, _ in self.find(body):
            for url in ("https://example.com/picture.png", "http://example.com/picture.jpg"):
                yield replaced(body, at, url)
            for width, height in ((side, side), (long, side), (side, long)):
                yield replaced(body, at, _encoded(blank_png(width, height)))
            # "10 MB" may mean 10^6 or 2^20 bytes each: what fits both is what every reading accepts.
            yield replaced(body, at, _encoded(blank_png(side, side, self.bytes_max * 10**6 // 2**20)))

    def break_(self, body: Json) -> Iterator[Json]:
        """One body for each law."""
        side, long = self.side_min, int(self.side_min * self.ratio_max)
        small = _encoded(blank_png(side, side))
        for at, _ in self.find(body):
            yield replaced(body, at, "ftp://example.com/picture.png")
            yield replaced(body, at, "data:image/png;base64," + small)
            yield replaced(body, at, small[:-8] + "!!!!" + small[-4:])
            yield replaced(body, at, _encoded(b"GIF89a" + b"\x00" * 64))
            yield replaced(body, at, _encoded(blank_png(side, side, self.bytes_max + 1)))
            for width, height in (
                (side - 1, side),
                (side, side - 1),
                (long + 1, side),
                (side, long + 1),
            ):
                yield replaced(body, at, _encoded(blank_png(width, height)))
