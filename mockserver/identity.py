"""Ids and luck: everything that looks random is drawn from the seed, the account and the ordinal of the call.

So the same calls of an account get the same ids and durations, whatever other accounts do.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b

from specs.pack import TaskId

_ALNUM = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TO_ALNUM = bytes(_ALNUM[value % len(_ALNUM)] for value in range(256))

_DRAW_BYTES = 64
_ID = slice(0, 40)
_LUCK = slice(40, 48)
_CALL = slice(48, 64)


def draw(seed: bytes, account: str, ordinal: int) -> bytes:
    """64 bytes that belong to this call of this account."""
    return blake2b(
        f"{ordinal}:{account}".encode("utf-8", "surrogatepass"), key=seed, digest_size=_DRAW_BYTES
    ).digest()


def seed_bytes(seed: int) -> bytes:
    """The key of all draws of a server."""
    return blake2b(str(seed).encode(), digest_size=16).digest()


def uuid_text(data: bytes) -> str:
    """Sixteen bytes as a version 4 UUID."""
    digits = data.hex()
    variant = "89ab"[data[8] & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def call_token(drawn: bytes) -> bytes:
    """Sixteen bytes for the call itself."""
    return drawn[_CALL]


def luck(drawn: bytes) -> tuple[float, float]:
    """Two numbers in [0, 1)."""
    value = int.from_bytes(drawn[_LUCK], "big")
    return (value >> 32) / 2**32, (value & 0xFFFFFFFF) / 2**32


def id_maker(says: TaskId) -> Callable[[bytes], str]:
    """The function that writes a task's id as the vendor does."""
    prefix, length = says.prefix, says.length
    if says.format == "uuid":
        return lambda drawn: prefix + uuid_text(drawn[:16])
    if says.format == "digits":
        low = 10 ** (length - 1)
        return lambda drawn: prefix + str(low + int.from_bytes(drawn[_ID], "big") % (9 * low))
    return lambda drawn: prefix + (drawn[_ID] * 2)[:length].translate(_TO_ALNUM).decode()
