"""Videos of any length and size, written on demand: no encoder, no picture is kept."""

from mockserver.media.video import Clip, video

__all__ = ["Clip", "video"]
