"""What the reference services take for an image: an http(s) URL, or plain Base64 of a PNG or JPEG within limits."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from references.seeding import Bugs, table

BUGS = table(
    {
        "image": {
            "image-data-uri": "takes a data: URI",
            "image-any-scheme": "takes an ftp URL",
            "image-any-text": "takes text that is neither a URL nor Base64",
            "image-gif": "takes a GIF",
            "image-no-jpeg": "refuses a JPEG",
            "image-no-base64": "refuses an image in Base64",
            "image-no-http": "refuses a URL with http",
            "image-299": "takes a side of 299 px",
            "image-301": "refuses a side of 300 px",
            "image-any-ratio": "takes a ratio beyond 2.5",
            "image-ratio-2.5": "refuses a ratio of 2.5",
            "image-any-height": "takes a picture that is too tall for its width",
            "image-any-bytes": "takes a file beyond 10 MB",
        }
    }
)
_BYTES_MAX = 10 * 1024 * 1024
_SIDE_MIN, _RATIO_MAX = 300, 2.5


def _png(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1], data[at + 4 : at + 2 + length]
        at += 2 + length


def _jpeg(data: bytes) -> tuple[int, int] | None:
    for marker, content in _segments(data):
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(content[3:5], "big"), int.from_bytes(content[1:3], "big")
    return None


def _size(data: bytes, bugs: Bugs) -> tuple[int, int] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(data)
    if data.startswith(b"\xff\xd8") and "image-no-jpeg" not in bugs:
        return _jpeg(data)
    if data.startswith(b"GIF8") and "image-gif" in bugs:
        return _SIDE_MIN, _SIDE_MIN
    return None


def _picture(data: bytes, bugs: Bugs) -> str:
    size = _size(data, bugs)
    if size is None:
        return "is neither a PNG nor a JPEG"
    width, height = size
    low = _SIDE_MIN
    if "image-299" in bugs:
        low = _SIDE_MIN - 1
    if "image-301" in bugs:
        low = _SIDE_MIN + 1
    if min(size) < low:
        return f"is {width} by {height} pixels, too few"
    ratio = max(size) / min(size)
    if "image-any-height" in bugs:
        ratio = width / height
    if ("image-any-ratio" not in bugs and ratio > _RATIO_MAX) or ("image-ratio-2.5" in bugs and ratio >= _RATIO_MAX):
        return f"is {width} by {height} pixels, too narrow"
    return "is too large a file" if len(data) > _BYTES_MAX and "image-any-bytes" not in bugs else ""


def wrong_image(text: str, bugs: Bugs) -> str:
    """What is wrong with the image, empty when nothing is."""
    lower = text.lower()
    if lower.startswith("https://") or (lower.startswith("http://") and "image-no-http" not in bugs):
        return ""
    if lower.startswith("data:"):
        return "" if "image-data-uri" in bugs else "carries a prefix in front of its Base64"
    if "://" in text:
        return "" if "image-any-scheme" in bugs else "is no http address"
    if "image-no-base64" in bugs:
        return "is no address"
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "" if "image-any-text" in bugs else "is no Base64"
    return _picture(data, bugs)
