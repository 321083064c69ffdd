"""The rule about images in a request: an http(s) URL, or raw Base64 of a JPEG or PNG within limits."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from specs.pointers import Finder, Json, field, finder, replaced
from specs.rules.pictures import jpeg_text, picture_size, png_text
from specs.rules.rule import Defaults, Facts, Law
from specs.violations import Violation

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:")
_NO_BASE64 = ("image-encoding", "must be an http(s) URL or valid Base64")


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass(frozen=True, slots=True)
class Image:
    """Each value at `pointer` is an image that the service can take. Empty and null are no image.

    Limits: bytes (of the file itself), pixels of the shorter side, ratio of the longer side to the shorter.
    """

    kind: ClassVar[str] = "image"
    parameters: ClassVar[frozenset[str]] = frozenset({"pointer", "bytes_max", "side_min", "ratio_max"})
    implies: ClassVar[frozenset[str]] = frozenset()
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

    def satisfy(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """A URL without TLS; the smallest of each format, the widest, the tallest; one of decimal megabytes."""
        side, long = self.side_min, int(self.side_min * self.ratio_max)
        made: dict[str, tuple[Callable[[], str], ...]] = {
            # As it is signed by those who store pictures: its end says nothing about its form.
            "image-scheme": (lambda: "http://example.com/picture.jpg?width=300&signature=a%2Fb",),
            "image-format": (lambda: jpeg_text(side, side),),
            "image-side": (lambda: png_text(side, side),),
            "image-ratio": (lambda: png_text(long, side), lambda: png_text(side, long)),
            # "10 MB" may mean 10^6 or 2^20 bytes each: what fits both is what every reading accepts.
            "image-bytes": (lambda: png_text(side, side, self.bytes_max * 10**6 // 2**20),),
        }
        return self._put(body, made, keyword)

    def break_(self, body: Json, keyword: str = "") -> Iterator[Json]:
        """One body for each law, or two where there are two ways."""
        side, long = self.side_min, int(self.side_min * self.ratio_max)
        small = png_text(side, side)
        made: dict[str, tuple[Callable[[], str], ...]] = {
            "image-scheme": (lambda: "ftp://example.com/picture.png",),
            "image-prefix": (lambda: "data:image/png;base64," + small,),
            "image-encoding": (lambda: small[:-8] + "!!!!" + small[-4:],),
            "image-format": (lambda: _encoded(b"GIF89a" + b"\x00" * 64),),
            "image-bytes": (lambda: png_text(side, side, self.bytes_max + 1),),
            "image-side": (lambda: png_text(side - 1, side), lambda: png_text(side, side - 1)),
            "image-ratio": (lambda: png_text(long + 1, side), lambda: png_text(side, long + 1)),
        }
        return self._put(body, made, keyword)

    def _put(self, body: Json, made: Mapping[str, tuple[Callable[[], str], ...]], keyword: str) -> Iterator[Json]:
        """The body with each of these in the place of each image."""
        for at, _ in self.find(body):
            for law, ways in made.items():
                for way in ways if keyword in ("", law) else ():
                    yield replaced(body, at, way())

    def repair(self, body: Json) -> Iterator[Json]:
        """A URL in the place of each."""
        for at, _ in self.find(body):
            body = replaced(body, at, "https://example.com/picture.png")
        yield body
