"""Ids and luck: everything that looks random is drawn from the seed, the account and the ordinal of the call.

So the same calls of an account get the same ids and durations, whatever other accounts do.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from hashlib import blake2b

from specs.pack import TaskId

_ALNUM = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TO_ALNUM = bytes(_ALNUM[value % len(_ALNUM)] for value in range(256))

_DRAW_BYTES = 48
_ID = slice(0, 40)
_LUCK = 40
_TWO = struct.Struct(">II")
_WHOLE = 2**32
# The digit of a UUID whose two highest bits say which standard it follows (RFC 9562, 4.1), by the digit drawn.
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
_WORD = 2**128
# An odd number (2^128 over the golden ratio): multiplying by it scatters neighbours and loses nothing.
_SCATTER = 0x9E3779B97F4A7C15F39CC0605CEDC835


def draw(seed: bytes, account: str, ordinal: int) -> bytes:
    """Bytes that belong to this call of this account."""
    return blake2b(f"{ordinal}:{account}".encode("utf-8", "surrogatepass"), key=seed, digest_size=_DRAW_BYTES).digest()


def seed_bytes(seed: int) -> bytes:
    """The key of all draws of a server."""
    return blake2b(str(seed).encode(), digest_size=16).digest()


def uuid_text(data: bytes) -> str:
    """The first sixteen bytes as a version 4 UUID."""
    text = data.hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


def account_mark(seed: bytes, account: str) -> int:
    """A number of 128 bits that tells an account from others under this seed."""
    return int.from_bytes(blake2b(account.encode("utf-8", "surrogatepass"), key=seed, digest_size=16).digest(), "big")


def call_token(mark: int, ordinal: int) -> bytes:
    """Sixteen bytes for the call itself: every call has one, so they are cheaper than a draw."""
    return (mark ^ ordinal * _SCATTER % _WORD).to_bytes(16, "big")


def call_draw(token: bytes) -> bytes:
    """Bytes that belong to the call with this token: as good as a draw, and cheaper."""
    return blake2b(token).digest()


def luck(drawn: bytes) -> tuple[float, float]:
    """Two numbers in [0, 1)."""
    first, second = _TWO.unpack_from(drawn, _LUCK)
    return first / _WHOLE, second / _WHOLE


def id_maker(says: TaskId) -> Callable[[bytes], str]:
    """The function that writes a task's id as the vendor does."""
    prefix, length = says.prefix, says.length
    if says.format == "uuid":
        return (lambda drawn: prefix + uuid_text(drawn)) if prefix else uuid_text
    if says.format == "digits":
        low = 10 ** (length - 1)
        return lambda drawn: prefix + str(low + int.from_bytes(drawn[_ID], "big") % (9 * low))
    return lambda drawn: prefix + (drawn[_ID] * 2)[:length].translate(_TO_ALNUM).decode()
