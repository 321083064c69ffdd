"""Pictures without a picture library: how large a PNG or JPEG is, and plain ones of any size."""

from __future__ import annotations

import base64
import struct
import zlib
from functools import lru_cache

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# JPEG markers that open a frame and so carry its size (ITU-T T.81, table B.1): all of C0..CF but DHT, JPG and DAC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Markers without a length after them: TEM, RST0..RST7, SOI.
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


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


def blank_jpeg(width: int, height: int) -> bytes:
    """A grey baseline JPEG of this size: each block is two codes of one bit, no difference and end of block."""

    def segment(marker: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

    # One code of one bit, for the symbol 0: all that either table needs.
    codes = bytes([1]) + bytes(15) + bytes([0])
    bits = 2 * ((width + 7) // 8) * ((height + 7) // 8)
    last = bytes([0xFF >> bits % 8]) if bits % 8 else b""
    return b"".join(
        [
            b"\xff\xd8",
            segment(0xE0, b"JFIF\x00\x01\x01\x00" + struct.pack(">HHBB", 1, 1, 0, 0)),
            segment(0xDB, b"\x00" + bytes([1]) * 64),
            segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + bytes([1, 0x11, 0])),
            segment(0xC4, b"\x00" + codes),
            segment(0xC4, b"\x10" + codes),
            segment(0xDA, bytes([1, 1, 0, 0, 63, 0])),
            bytes(bits // 8) + last,
            b"\xff\xd9",
        ]
    )


# The largest ones are megabytes: many bodies carry the same.
@lru_cache(maxsize=64)
def png_text(width: int, height: int, bytes_total: int = 0) -> str:
    """`blank_png` in Base64."""
    return base64.b64encode(blank_png(width, height, bytes_total)).decode()


@lru_cache(maxsize=8)
def jpeg_text(width: int, height: int) -> str:
    """`blank_jpeg` in Base64."""
    return base64.b64encode(blank_jpeg(width, height)).decode()
