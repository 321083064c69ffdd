"""From a size and a length to an MP4: bars in colours of the task's own, and a track of silence."""

from __future__ import annotations

import struct
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from mockserver.media.boxes import Track, box, full_box, write_file
from mockserver.media.pictures import Colour, Parameters, Size, key_picture, parameters, repeated

FRAMES_A_SECOND = 24
# Ticks of a frame: a scale that players like.
_FRAME_TICKS = 512
_BARS = 5
_SOUND_RATE, _SOUND_SAMPLES = 48_000, 1024
# AAC-LC, stereo, 48 kHz: what a decoder has to know, and a frame of silence (ISO/IEC 14496-3).
_SOUND_CONFIG = bytes.fromhex("1190")
_SILENCE = bytes.fromhex("21100460 8c1c")
_SOUND_BITS_A_SECOND = 2_250


class Clip(NamedTuple):
    """A video that can be asked for. `mark` gives it its colours: two marks, two videos."""

    width: int
    height: int
    seconds: float
    has_sound: bool
    mark: str = ""


def frames_of(seconds: float) -> int:
    """How many pictures a video of this length has; at least one."""
    return max(1, round(seconds * FRAMES_A_SECOND))


# The largest are some hundred kilobytes, and are asked for in ranges.
@lru_cache(maxsize=32)
def video(clip: Clip) -> bytes:
    """The file."""
    frames = frames_of(clip.seconds)
    size = Size(clip.width, clip.height)
    tracks = [_pictures(size, frames, _colours(clip.mark))]
    if clip.has_sound:
        tracks.append(_sound(frames))
    return write_file(tracks)


def _colours(mark: str) -> list[Colour]:
    drawn = blake2b(mark.encode("utf-8", "surrogatepass"), digest_size=3 * _BARS).digest()
    values = [drawn[3 * bar : 3 * bar + 3] for bar in range(_BARS)]
    # Luma that tells bars apart, chroma that stays within what screens can show.
    return [(60 + 130 * y // 255, 88 + 80 * cb // 255, 88 + 80 * cr // 255) for y, cb, cr in values]


def _pictures(size: Size, frames: int, colours: list[Colour]) -> Track:
    sets = parameters(size)
    seconds = -(-frames // FRAMES_A_SECOND)
    turned = [colours[turn % _BARS :] + colours[: turn % _BARS] for turn in range(seconds)]
    stills = [_sample(repeated(size, number)) for number in range(1, FRAMES_A_SECOND)]
    samples = []
    for second, bars in enumerate(turned):
        samples += [_sample(key_picture(size, bars, second)), *stills]
    return Track(
        b"vide",
        _picture_description(size, sets),
        FRAMES_A_SECOND * _FRAME_TICKS,
        samples[:frames],
        [_FRAME_TICKS] * frames,
        range(0, frames, FRAMES_A_SECOND),
        FRAMES_A_SECOND,
        size,
    )


def _sample(unit: bytes) -> bytes:
    """A unit as it stands in an MP4: its length, itself."""
    return struct.pack(">I", len(unit)) + unit


def _picture_description(size: Size, sets: Parameters) -> bytes:
    sequence, pictures = sets
    configuration = box(
        b"avcC",
        bytes([1]) + sequence[1:4] + b"\xff\xe1",
        struct.pack(">H", len(sequence)) + sequence,
        b"\x01" + struct.pack(">H", len(pictures)) + pictures,
    )
    resolution = struct.pack(">II", 0x480000, 0x480000)
    return box(
        b"avc1",
        struct.pack(">6xH16xHH", 1, size.width, size.height),
        resolution,
        struct.pack(">4xH32xHh", 1, 24, -1),
        configuration,
    )


def _sound(frames: int) -> Track:
    """Silence as long as the pictures: the last of its frames is cut."""
    samples = frames * _SOUND_RATE // FRAMES_A_SECOND
    whole, rest = divmod(samples, _SOUND_SAMPLES)
    durations = [_SOUND_SAMPLES] * whole + ([rest] if rest else [])
    return Track(
        b"soun",
        _sound_description(),
        _SOUND_RATE,
        [_SILENCE] * len(durations),
        durations,
        None,
        _SOUND_RATE // _SOUND_SAMPLES,
    )


def _descriptor(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return bytes([tag, len(content)]) + content


def _sound_description() -> bytes:
    decoder = _descriptor(
        0x04,
        # AAC, a stream of sound, no buffer told, bits a second at most and on average
        b"\x40\x15" + bytes(3) + struct.pack(">II", _SOUND_BITS_A_SECOND, _SOUND_BITS_A_SECOND),
        _descriptor(0x05, _SOUND_CONFIG),
    )
    elementary = _descriptor(0x03, b"\0\0\0", decoder, _descriptor(0x06, b"\x02"))
    return box(
        b"mp4a",
        struct.pack(">6xH8xHH4xI", 1, 2, 16, _SOUND_RATE << 16),
        full_box(b"esds", elementary),
    )
