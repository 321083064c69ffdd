"""Pictures for requests, made from the formats' definitions: PNG and JPEG of any size, and files that are none."""

from __future__ import annotations

import base64
import struct
import zlib

MEGABYTE = 1_000_000
MEBIBYTE = 1_048_576


def encoded(data: bytes) -> str:
    """Base64, as it stands in a request."""
    return base64.b64encode(data).decode()


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, size: int = 0) -> bytes:
    """A black PNG; a text chunk before the end fills it up to `size` bytes."""
    rows = (b"\x00" + b"\x00" * width) * height
    head = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = _chunk(b"IDAT", zlib.compress(rows))
    tail = _chunk(b"IEND", b"")
    missing = size - len(head + body + tail) - 12
    filling = _chunk(b"tEXt", b"Comment\x00".ljust(missing, b"x")) if size else b""
    return head + body + filling + tail


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg(width: int, height: int, *, before_frame: bytes = b"") -> bytes:
    """A grey baseline JPEG: one code for "no difference", one for "block is over", so each block is two zero bits."""
    one_code = bytes([1, *[0] * 15])
    blocks = -(-width // 8) * -(-height // 8)
    zeros = b"\x00" * (blocks // 4) + (bytes([0xFF >> (2 * (blocks % 4))]) if blocks % 4 else b"")
    return b"".join(
        [
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
            before_frame,
            _segment(0xDB, bytes([0, *[1] * 64])),
            _segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + bytes([1, 0x11, 0])),
            _segment(0xC4, bytes([0x00]) + one_code + b"\x00"),
            _segment(0xC4, bytes([0x10]) + one_code + b"\x00"),
            _segment(0xDA, bytes([1, 1, 0x00, 0, 63, 0])),
            zeros,
            b"\xff\xd9",
        ]
    )


def jpeg_with_thumbnail(width: int, height: int) -> bytes:
    """A JPEG whose metadata hold a small JPEG of their own: its size is not the picture's."""
    return jpeg(width, height, before_frame=_segment(0xE1, b"Exif\x00\x00" + jpeg(16, 16)))


GIF = b"GIF89a" + struct.pack("<HH", 400, 400) + b"\x00\x00\x00\x3b"
WEBP = (
    b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\x00\x00\x00\x00\x8f\x01\x00\x8f\x01\x00"
)
BMP = b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, 400, 400, 1, 24, 0, 0, 0, 0, 0, 0)
