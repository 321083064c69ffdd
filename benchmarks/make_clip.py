"""Makes `mockserver/clip.mp4`, the short video that the fakes hand out as a result.

For developers, once in a while: the clip is committed, and nothing runs this when the product is
installed or used. Needs ffmpeg with libx264 (Debian: `apt-get install ffmpeg`); the same ffmpeg
makes the same bytes.
"""

import subprocess
from pathlib import Path

CLIP = Path(__file__).resolve().parent.parent / "mockserver" / "clip.mp4"
WIDTH, HEIGHT = 1280, 720
FRAMES_A_SECOND = 24
SECONDS = 5
BYTES_MAX = 20_000

# A card of three bars, drawn and not photographed: small, and visibly not a broken player.
_PICTURE = ",".join(
    [
        f"color=c=0x20242c:s={WIDTH}x{HEIGHT}:r={FRAMES_A_SECOND}:d={SECONDS}",
        "drawbox=x=160:y=200:w=320:h=320:c=0x3d6fb4:t=fill",
        "drawbox=x=480:y=200:w=320:h=320:c=0xd9a441:t=fill",
        "drawbox=x=800:y=200:w=320:h=320:c=0x4f9d69:t=fill",
    ]
)


def command(target: Path) -> list[str]:
    """Baseline H.264 that any player takes, its index first, and no date in it."""
    source = ["-f", "lavfi", "-i", _PICTURE]
    codec = [
        "-c:v",
        "libx264",
        "-preset",
        "veryslow",
        "-profile:v",
        "baseline",
        "-pix_fmt",
        "yuv420p",
    ]
    # A key frame each second, so that a player can jump.
    rhythm = ["-g", str(FRAMES_A_SECOND), "-r", str(FRAMES_A_SECOND)]
    same_bytes = [
        "-threads",
        "1",
        "-fflags",
        "+bitexact",
        "-flags:v",
        "+bitexact",
        "-map_metadata",
        "-1",
    ]
    container = ["-movflags", "+faststart", "-y", str(target)]
    return ["ffmpeg", "-loglevel", "error", *source, *codec, *rhythm, *same_bytes, *container]


def main() -> None:
    """Write the clip, and refuse one that would make the package heavy."""
    subprocess.run(command(CLIP), check=True)
    size = CLIP.stat().st_size
    if size > BYTES_MAX:
        message = f"{CLIP} has {size} bytes, more than {BYTES_MAX}: draw a simpler picture"
        raise SystemExit(message)
    print(f"{CLIP}: {WIDTH}x{HEIGHT}, {SECONDS} s, {size} bytes")


if __name__ == "__main__":
    main()
