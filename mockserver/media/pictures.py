"""Pictures of upright bars in H.264, constrained baseline: a first row of blocks, and rows that repeat the one above.

A whole picture of any size costs a byte for each block of 16 by 16 pixels, and one that shows the same again about ten
bytes. Every code below is out of ITU-T H.264: 7.3 the syntax, 8.3.3 and 8.5 what a decoder makes of it, 9.2 the codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from mockserver.media.bits import fixed, signed, unit, unsigned

Colour: TypeAlias = tuple[int, int, int]
"""Y, Cb and Cr; 128 is the middle of each."""

BLOCK = 16
_PROFILE, _CONSTRAINED = 66, 0xC0
_QUANTISER = 30
# What a level of a DC coefficient changes each sample by, under that quantiser (8.5.10, 8.5.11): luma, chroma.
_LUMA_STEP, _CHROMA_STEP = 80 / 64, 144 / 64
# Macroblocks of a picture that each level allows (table A-1).
_LEVELS = ((3600, 31), (8192, 40), (22080, 50), (36864, 51), (139264, 60))

# Intra 16x16 blocks (table 7-11): as the left one, as the one above; and one whose colour is told anew.
_AS_LEFT = unsigned(3) + unsigned(0) + signed(0) + "1"
_AS_ABOVE = unsigned(1) + unsigned(2) + signed(0) + "1"
_TOLD = unsigned(7) + unsigned(0) + signed(0)

_PARAMETERS_OF_SEQUENCE, _PARAMETERS_OF_PICTURES, _KEY_PICTURE, _REPEATED = 0x67, 0x68, 0x65, 0x41


class Size(NamedTuple):
    """Width and height in pixels, both even."""

    width: int
    height: int

    @property
    def blocks(self) -> tuple[int, int]:
        """Columns and rows of blocks; what they have too much is cropped."""
        return -(-self.width // BLOCK), -(-self.height // BLOCK)


class Parameters(NamedTuple):
    """What a decoder has to know before the first picture."""

    sequence: bytes
    pictures: bytes


def parameters(size: Size) -> Parameters:
    """The parameter sets of a video of this size."""
    columns, rows = size.blocks
    level = next((number for blocks, number in _LEVELS if columns * rows <= blocks), _LEVELS[-1][1])
    crop = ((columns * BLOCK - size.width) // 2, (rows * BLOCK - size.height) // 2)
    cropping = "1" + unsigned(0) + unsigned(crop[0]) + unsigned(0) + unsigned(crop[1]) if any(crop) else "0"
    sequence = (
        fixed(_PROFILE, 8)
        + fixed(_CONSTRAINED, 8)
        + fixed(level, 8)
        # id, length of frame numbers, order of output as of decoding, one reference, no gaps
        + unsigned(0) + unsigned(0) + unsigned(2) + unsigned(1) + "0"
        + unsigned(columns - 1) + unsigned(rows - 1)
        # whole frames, 8x8 inference; no further information about use
        + "11" + cropping + "0"
    )  # fmt: skip
    # ids, CAVLC, one slice group, one reference, no weights, quantisers, filter control, the rest plain
    pictures = (
        unsigned(0) + unsigned(0) + "00" + unsigned(0) + unsigned(0) + unsigned(0) + "000"
        + signed(_QUANTISER - 26) + signed(0) + signed(0) + "100"
    )  # fmt: skip
    return Parameters(unit(_PARAMETERS_OF_SEQUENCE, sequence), unit(_PARAMETERS_OF_PICTURES, pictures))


def key_picture(size: Size, bars: Sequence[Colour], number: int) -> bytes:
    """A picture that needs no other: these bars side by side, each as wide as its share."""
    columns, rows = size.blocks
    # first block, all intra; ids; it forgets all before; quantiser as it is; no filter
    head = unsigned(0) + unsigned(7) + unsigned(0) + fixed(0, 4) + unsigned(number % 2) + "00" + signed(0) + unsigned(1)
    return unit(_KEY_PICTURE, head + _first_row(columns, bars) + _AS_ABOVE * (columns * (rows - 1)))


def repeated(size: Size, number: int) -> bytes:
    """The picture before once more; `number` counts from the last key picture, whose number is 0."""
    columns, rows = size.blocks
    head = unsigned(0) + unsigned(5) + unsigned(0) + fixed(number % 16, 4) + "000" + signed(0) + unsigned(1)
    return unit(_REPEATED, head + unsigned(columns * rows))


def _first_row(columns: int, bars: Sequence[Colour]) -> str:
    seen = (128.0, 128.0, 128.0)
    written = []
    for column in range(columns):
        wanted = bars[column * len(bars) // columns]
        if column and wanted == bars[(column - 1) * len(bars) // columns]:
            written.append(_AS_LEFT)
        else:
            block, seen = _told(wanted, seen)
            written.append(block)
    return "".join(written)


def _told(wanted: Colour, seen: tuple[float, float, float]) -> tuple[str, tuple[float, float, float]]:
    """A block of this colour beside one that is seen in another, and how it will be seen itself."""
    steps = (_LUMA_STEP, _CHROMA_STEP, _CHROMA_STEP)
    levels = [round((want - see) / step) for want, see, step in zip(wanted, seen, steps, strict=True)]
    y, cb, cr = (see + level * step for see, level, step in zip(seen, levels, steps, strict=True))
    luma, chroma_blue, chroma_red = levels
    block = _TOLD + _coefficient(luma, _LUMA_CODES) + _coefficient(chroma_blue, _CHROMA_CODES)
    return block + _coefficient(chroma_red, _CHROMA_CODES), (y, cb, cr)


# What begins a block with no coefficient, with one of size 1, with one of another size (table 9-5).
_LUMA_CODES, _CHROMA_CODES = ("1", "01", "000101"), ("01", "1", "000111")


def _coefficient(level: int, codes: tuple[str, str, str]) -> str:
    """A block whose only coefficient, if any, is its first."""
    none, unit_sized, other = codes
    if level == 0:
        return none
    if abs(level) == 1:
        return unit_sized + ("1" if level < 0 else "0") + "1"
    return other + _level(2 * abs(level) - 4 + (level < 0)) + "1"


def _level(code: int) -> str:
    """level_prefix and level_suffix (9.2.2.1) where no suffix length is known yet."""
    if code < 14:  # noqa: PLR2004 - the standard's own bounds
        return "0" * code + "1"
    if code < 30:  # noqa: PLR2004
        return "0" * 14 + "1" + fixed(code - 14, 4)
    return "0" * 15 + "1" + fixed(code - 30, 12)
