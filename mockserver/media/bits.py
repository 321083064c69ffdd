"""Bits as H.264 writes them (ITU-T H.264, 7.3, 9.1): fixed numbers, Exp-Golomb codes, and the unit around a payload."""

from __future__ import annotations

import re

# Three bytes that only a start code may be: a 3 is put before the last of them (7.4.1).
_FORBIDDEN = re.compile(rb"\x00\x00(?=[\x00-\x03])")


def fixed(value: int, width: int) -> str:
    """u(n)."""
    return format(value, f"0{width}b")


def unsigned(value: int) -> str:
    """ue(v)."""
    code = format(value + 1, "b")
    return "0" * (len(code) - 1) + code


def signed(value: int) -> str:
    """se(v)."""
    return unsigned(2 * value - 1 if value > 0 else -2 * value)


def unit(head: int, payload: str) -> bytes:
    """A NAL unit: its first byte, the payload up to its stop bit, and no byte sequence that means something else."""
    whole = payload + "1"
    whole += "0" * (-len(whole) % 8)
    data = int(whole, 2).to_bytes(len(whole) // 8, "big")
    return bytes([head]) + _FORBIDDEN.sub(b"\x00\x00\x03", data)
