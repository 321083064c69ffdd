"""Videos: their boxes, their exact size and length, and what players make of them."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from mockserver.media import Clip, video
from mockserver.media.bits import signed, unit, unsigned

Json = Any
CLIPS = [
    Clip(1280, 720, 5, has_sound=True, mark="a"),
    Clip(1080, 1920, 3, has_sound=False, mark="b"),
    Clip(720, 720, 15, has_sound=True, mark="c"),
    Clip(3840, 2160, 3, has_sound=True, mark="d"),
    Clip(1800, 720, 4, has_sound=False, mark="e"),
    Clip(722, 854, 3.5, has_sound=True, mark="f"),
    Clip(16, 16, 0.01, has_sound=False, mark="g"),
]
every_clip = pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: f"{clip.width}x{clip.height}")
needs_ffmpeg = pytest.mark.skipif(
    shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None, reason="ffmpeg and ffprobe are not installed"
)
_CONTAINERS = {"moov", "trak", "mdia", "minf", "stbl"}


def boxes(data: bytes, begin: int = 0, end: int | None = None, path: str = "") -> dict[str, tuple[int, bytes]]:
    """Every box by its path (`moov/trak1/tkhd`): where its content begins, and the content."""
    found: dict[str, tuple[int, bytes]] = {}
    tracks = 0
    end = len(data) if end is None else end
    while begin < end:
        size, name = struct.unpack_from(">I4s", data, begin)
        assert 8 <= size <= end - begin
        word = name.decode()
        if word == "trak":
            tracks += 1
            word += str(tracks)
        found[path + word] = (begin + 8, data[begin + 8 : begin + size])
        if name.decode() in _CONTAINERS:
            found |= boxes(data, begin + 8, begin + size, f"{path}{word}/")
        begin += size
    return found


def table(found: dict[str, tuple[int, bytes]], track: int, name: str) -> list[int]:
    """The numbers of a full box that lists some."""
    content = found[f"moov/trak{track}/mdia/minf/stbl/{name}"][1]
    begin = 8 if name != "stsz" else 12
    return list(struct.unpack(f">{(len(content) - begin) // 4}I", content[begin:]))


@every_clip
def test_the_index_comes_first_and_leads_to_every_sample(clip: Clip) -> None:
    """A player can begin before it has everything; chunk by chunk the samples fill the data, and nothing else does."""
    data = video(clip)
    found = boxes(data)
    spans: list[tuple[int, int]] = []
    for track in range(1, 3 if clip.has_sound else 2):
        sizes, runs = table(found, track, "stsz"), table(found, track, "stsc")
        lengths = dict(zip(runs[::3], runs[1::3], strict=True))
        for number, offset in enumerate(table(found, track, "stco"), 1):
            count = lengths[max(first for first in lengths if first <= number)]
            spans.append((offset, offset + sum(sizes[:count])))
            sizes = sizes[count:]
        assert sizes == []

    assert [name for name in found if "/" not in name] == ["ftyp", "moov", "mdat"]
    begin, content = found["mdat"]
    spans.sort()
    assert (spans[0][0], spans[-1][1]) == (begin, begin + len(content))
    assert all(left[1] == right[0] for left, right in pairwise(spans))


@every_clip
def test_length_and_size_are_exact(clip: Clip) -> None:
    """Frames at 24 a second, at least one; sound as long as the pictures, to the sample."""
    found = boxes(video(clip))
    frames = max(1, round(clip.seconds * 24))
    width, height = struct.unpack(">II", found["moov/trak1/tkhd"][1][-8:])
    assert (width >> 16, height >> 16) == (clip.width, clip.height)
    for track in range(1, 3 if clip.has_sound else 2):
        scale, ticks = struct.unpack_from(">II", found[f"moov/trak{track}/mdia/mdhd"][1], 12)
        runs = table(found, track, "stts")
        assert sum(count * each for count, each in zip(runs[::2], runs[1::2], strict=True)) == ticks
        assert ticks * 24 == frames * scale
    assert len(table(found, 1, "stsz")) == frames


def test_two_marks_are_two_videos_and_one_is_one() -> None:
    """What tells tasks apart tells their videos apart."""
    one, other = (video(Clip(320, 180, 1, has_sound=False, mark=mark)) for mark in ("a", "b"))

    assert one != other
    assert one == video(Clip(320, 180, 1, has_sound=False, mark="a"))


def test_the_largest_one_costs_little() -> None:
    """Fifteen seconds in 4K with sound: less than 50 ms of CPU, and half a megabyte."""
    costs = []
    for number in range(3):
        begun = time.process_time()
        data = video(Clip(3840, 2160, 15, has_sound=True, mark=f"cost {number}"))
        costs.append(time.process_time() - begun)

    assert min(costs) < 0.05
    assert len(data) < 600_000


def test_codes_are_those_of_the_standard() -> None:
    """Tables 9-1 and 9-3 of H.264; and no payload holds what begins a unit."""
    assert [unsigned(value) for value in range(5)] == ["1", "010", "011", "00100", "00101"]
    assert [signed(value) for value in (0, 1, -1, 2, -2)] == ["1", "010", "011", "00100", "00101"]
    assert unit(0x67, "0" * 32) == b"\x67\x00\x00\x03\x00\x00\x80"
    assert unit(0x67, "0" * 22 + "11") == b"\x67\x00\x00\x03\x03\x80"


# What others make of them


def probed(file: Path) -> Json:
    """What ffprobe says of a file."""
    words = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", str(file)]
    return json.loads(subprocess.run(words, check=True, capture_output=True).stdout)


@needs_ffmpeg
@pytest.mark.parametrize("clip", CLIPS[:6], ids=lambda clip: f"{clip.width}x{clip.height}")
def test_ffmpeg_finds_what_was_asked_for_and_nothing_to_complain_of(clip: Clip, tmp_path: Path) -> None:
    """Codecs, size, frames and length; every frame decodes without a warning."""
    file = tmp_path / "clip.mp4"
    file.write_bytes(video(clip))
    said = probed(file)
    pictures, *sounds = said["streams"]
    words = ["ffmpeg", "-v", "warning", "-i", str(file), "-f", "null", "-"]
    decoded = subprocess.run(words, check=True, capture_output=True)

    assert (pictures["codec_name"], pictures["width"], pictures["height"]) == ("h264", clip.width, clip.height)
    assert int(pictures["nb_read_frames"]) == round(clip.seconds * 24)
    assert abs(float(said["format"]["duration"]) - clip.seconds) <= 1 / 24
    assert [each["codec_name"] for each in sounds] == (["aac"] if clip.has_sound else [])
    assert decoded.stderr == b""


@needs_ffmpeg
def test_pictures_show_bars_that_move_on_each_second(tmp_path: Path) -> None:
    """Five upright bars; a second later each stands one place further to the left; the rows are all alike."""
    file = tmp_path / "clip.mp4"
    file.write_bytes(video(Clip(160, 96, 2, has_sound=False, mark="bars")))
    words = ["ffmpeg", "-v", "error", "-i", str(file), "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    raw = subprocess.run(words, check=True, capture_output=True).stdout
    frames = [raw[at : at + 160 * 96] for at in range(0, len(raw), 160 * 96)]
    middles = [[frame[160 * 48 + 16 + 32 * bar] for bar in range(5)] for frame in frames]

    assert len(frames) == 48
    assert frames[0] == frames[23]
    assert frames[0][:160] * 96 == frames[0]
    assert len(set(middles[0])) == 5
    turned = middles[0][1:] + middles[0][:1]
    assert all(abs(seen - wanted) <= 2 for seen, wanted in zip(middles[24], turned, strict=True))
