"""How a vendor writes what is true of a task: its words, its instants, its reasons, its video's length."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mockserver.clock import rfc3339
from specs.pack import Behaviour
from specs.pointers import Json, finder
from specs.rules.totals import number
from specs.validation import schema_default

TIMES: Mapping[str, Callable[[int], Json]] = MappingProxyType(
    {"rfc3339-ms": rfc3339, "epoch-ms": lambda ms: ms, "epoch-s": lambda ms: ms // 1000}
)
# What a video lasts when neither the request nor its schema says.
_VIDEO_SECONDS = 5


class Voice:
    """One vendor's manner of speaking; `schemas` are those of its requests, for their defaults."""

    def __init__(self, behaviour: Behaviour, schemas: list[Json]) -> None:
        self.words = behaviour.lifecycle.words
        self.write_time = TIMES[behaviour.times]
        self.result_name = behaviour.result_name
        self.result_expires_seconds = behaviour.result_expires_seconds
        self._failures = behaviour.failures
        pointer = behaviour.lifecycle.video_seconds
        self._find_length = finder(pointer)
        defaults = (number(schema_default(schema, pointer)) for schema in schemas)
        self._default_length = next((each for each in defaults if each is not None), _VIDEO_SECONDS)

    def failure(self, reason: str | None) -> Mapping[str, Json]:
        """What a failed task says: a named kind, or the default one with the reason in its text."""
        kinds = self._failures.kinds
        kind = kinds.get(reason or "default")
        return kind if kind is not None else {**kinds["default"], self._failures.text: reason}

    def video_seconds(self, request: Json) -> float:
        """The length of the video that a request asks for."""
        for _, value in self._find_length(request):
            asked = number(value)
            if asked is not None:
                return asked
        return self._default_length
