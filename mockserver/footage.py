"""What the video of a task is like: its size, its length and whether it sounds, as was asked and as the pack says."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from mockserver.media import Clip
from mockserver.tasks import Task
from mockserver.vendor import Vendor
from specs.pack import Operation
from specs.pointers import Json, resolve
from specs.rules.pictures import picture_size
from specs.validation import schema_default

_RATIO = re.compile(r"([1-9][0-9]{0,3}):([1-9][0-9]{0,3})")
_USUAL_RATIO = (16, 9)
# No player shows more, whatever shape a picture has.
_SIDE_MAX = 16_000


def clip_of(vendor: Vendor, task: Task, request: Json) -> Clip:
    """The video that a task has; `request` is what it was submitted with."""
    operation = vendor.pack.operations[task.operation]
    result = vendor.pack.behaviour.result
    wanted = str(_asked(operation, request, result.side_pointer)) if result.side_pointer else ""
    side = result.sides.get(wanted, next(iter(result.sides.values())))
    width, height = _size(side, *_ratio(operation, request))
    sound = _asked(operation, request, result.sound_pointer) if result.sound_pointer else None
    has_sound = any(sound == value and type(sound) is type(value) for value in result.sound_values)
    return Clip(width, height, vendor.voice.video_seconds(request), has_sound, task.id)


def _asked(operation: Operation, request: Json, pointer: str) -> Json:
    """The member, or its schema's default."""
    default = schema_default(operation.body.schema, pointer) if operation.body is not None else None
    found = resolve(request, pointer)
    return default if found is None else found


def _ratio(operation: Operation, request: Json) -> tuple[int, int]:
    measured = next(_measured(operation, request), None)
    if measured is not None:
        return measured
    asked = _asked(operation, request, operation.ratio) if operation.ratio is not None else None
    match = _RATIO.fullmatch(asked) if isinstance(asked, str) else None
    return (int(match[1]), int(match[2])) if match else _USUAL_RATIO


def _measured(operation: Operation, request: Json) -> Iterator[tuple[int, int]]:
    """The sizes of the pictures that are in the request itself; what a URL leads to nobody knows."""
    for pointer in operation.frames:
        value = resolve(request, pointer)
        if isinstance(value, str) and value:
            try:
                size = picture_size(base64.b64decode(value))
            except (binascii.Error, ValueError):
                size = None
            if size is not None and min(size) > 0:
                yield size


def _size(side: int, across: int, down: int) -> tuple[int, int]:
    """Width and height: the shorter side as it has to be, the longer one as the ratio makes it, even."""
    longer = min(_SIDE_MAX, 2 * round(side * max(across, down) / min(across, down) / 2))
    return (longer, side) if across >= down else (side, longer)
