"""The boxes of an MP4 file (ISO/IEC 14496-12, -14, -15): its index first, so that it plays while it loads."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

MOVIE_SCALE = 1000
_IDENTITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_ENGLISH = 0x15C7  # "und": no language
_BRANDS = b"isom" + struct.pack(">I", 0x200) + b"isomiso2avc1mp41"


def box(name: bytes, *parts: bytes) -> bytes:
    """Length, name, content."""
    content = b"".join(parts)
    return struct.pack(">I", len(content) + 8) + name + content


def full_box(name: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box with a version and flags."""
    return box(name, struct.pack(">I", version << 24 | flags), *parts)


class Track(NamedTuple):
    """Samples of one kind. Durations count in `scale` to the second; at the samples in `keys` a player can begin."""

    handler: bytes
    description: bytes
    scale: int
    samples: Sequence[bytes]
    durations: Sequence[int]
    keys: Sequence[int] | None
    chunk_samples: int
    """How many samples stand together in the file."""
    size: tuple[int, int] = (0, 0)

    @property
    def duration(self) -> int:
        """All of it, in its own scale."""
        return sum(self.durations)

    def chunks(self) -> list[Sequence[bytes]]:
        """The samples in groups."""
        return [self.samples[at : at + self.chunk_samples] for at in range(0, len(self.samples), self.chunk_samples)]


def write_file(tracks: Sequence[Track]) -> bytes:
    """The whole file; the tracks' chunks take turns in it."""
    head = box(b"ftyp", _BRANDS)
    grouped = [track.chunks() for track in tracks]
    # The index is as long whatever it says: it is made once to learn where the data begin.
    begin = len(head) + len(_movie(tracks, [[0] * len(chunks) for chunks in grouped])) + 8
    offsets: list[list[int]] = [[] for _ in tracks]
    data: list[bytes] = []
    for number, chunk in _in_turns(grouped):
        offsets[number].append(begin)
        data += chunk
        begin += sum(map(len, chunk))
    return head + _movie(tracks, offsets) + box(b"mdat", *data)


def _in_turns(grouped: Sequence[Sequence[Sequence[bytes]]]) -> Iterator[tuple[int, Sequence[bytes]]]:
    for turn in range(max(map(len, grouped))):
        for number, chunks in enumerate(grouped):
            if turn < len(chunks):
                yield number, chunks[turn]


def _movie(tracks: Sequence[Track], offsets: Sequence[Sequence[int]]) -> bytes:
    duration = max(_movie_duration(track) for track in tracks)
    header = full_box(
        b"mvhd",
        struct.pack(">IIIIIHH8x", 0, 0, MOVIE_SCALE, duration, 0x10000, 0x100, 0),
        _IDENTITY,
        bytes(24),
        struct.pack(">I", len(tracks) + 1),
    )
    return box(b"moov", header, *(_track(number, *each) for number, each in enumerate(zip(tracks, offsets), 1)))  # noqa: B905 - made together


def _movie_duration(track: Track) -> int:
    return round(track.duration * MOVIE_SCALE / track.scale)


def _track(number: int, track: Track, offsets: Sequence[int]) -> bytes:
    width, height = track.size
    volume = 0x100 if track.handler == b"soun" else 0
    header = full_box(
        b"tkhd",
        struct.pack(">IIIII8xHHHH", 0, 0, number, 0, _movie_duration(track), 0, 0, volume, 0),
        _IDENTITY,
        struct.pack(">II", width << 16, height << 16),
        flags=3,
    )
    media_header = full_box(b"mdhd", struct.pack(">IIIIHH", 0, 0, track.scale, track.duration, _ENGLISH, 0))
    handler = full_box(b"hdlr", bytes(4), track.handler, bytes(12), b"track\0")
    return box(b"trak", header, box(b"mdia", media_header, handler, _information(track, offsets)))


def _information(track: Track, offsets: Sequence[int]) -> bytes:
    kind = full_box(b"vmhd", bytes(8), flags=1) if track.handler == b"vide" else full_box(b"smhd", bytes(4))
    place = box(b"dinf", full_box(b"dref", struct.pack(">I", 1), full_box(b"url ", flags=1)))
    return box(b"minf", kind, place, _table(track, offsets))


def _table(track: Track, offsets: Sequence[int]) -> bytes:
    runs = [(len(list(group)), duration) for duration, group in groupby(track.durations)]
    sizes = list(map(len, track.samples))
    parts = [
        full_box(b"stsd", struct.pack(">I", 1), track.description),
        full_box(b"stts", struct.pack(">I", len(runs)), *(struct.pack(">II", *run) for run in runs)),
    ]
    if track.keys is not None:
        parts.append(full_box(b"stss", _list([number + 1 for number in track.keys])))
    parts += [
        full_box(b"stsc", _chunk_runs(track)),
        full_box(b"stsz", struct.pack(">I", 0), _list(sizes)),
        full_box(b"stco", _list(offsets)),
    ]
    return box(b"stbl", *parts)


def _list(numbers: Sequence[int]) -> bytes:
    return struct.pack(f">I{len(numbers)}I", len(numbers), *numbers)


def _chunk_runs(track: Track) -> bytes:
    """How many samples each chunk has: all alike, but for the last."""
    lengths = [len(chunk) for chunk in track.chunks()]
    firsts = [number for number, length in enumerate(lengths) if number == 0 or length != lengths[number - 1]]
    runs = [struct.pack(">III", number + 1, lengths[number], 1) for number in firsts]
    return struct.pack(">I", len(runs)) + b"".join(runs)
