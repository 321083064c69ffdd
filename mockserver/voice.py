"""How a vendor writes what is true of a task: its words, its instants, its reasons, its video's length."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import orjson

from mockserver.clock import rfc3339
from specs.pack import Behaviour
from specs.pointers import Json, getter, resolve
from specs.rules.totals import number
from specs.validation import schema_default

TIMES: Mapping[str, Callable[[int], Json]] = MappingProxyType(
    {"rfc3339-ms": rfc3339, "epoch-ms": lambda ms: ms, "epoch-s": lambda ms: ms // 1000}
)
_QUOTED_TIMES: Mapping[str, Callable[[int], str]] = MappingProxyType(
    {"rfc3339-ms": lambda ms: f'"{rfc3339(ms)}"', "epoch-ms": str, "epoch-s": lambda ms: str(ms // 1000)}
)
# What a video lasts when neither the request nor its schema says.
_VIDEO_SECONDS = 5


class Voice:
    """One vendor's manner of speaking; `schemas` are those of its requests, for their defaults."""

    def __init__(self, behaviour: Behaviour, schemas: list[Json]) -> None:
        self.words = behaviour.lifecycle.words
        self.quoted_words = {state: orjson.dumps(word).decode() for state, word in self.words.items()}
        self.write_time = TIMES[behaviour.times]
        self.quote_time: Callable[[int], str] = _QUOTED_TIMES[behaviour.times]
        self.result_name = behaviour.result.name
        self.result_expires_seconds = behaviour.result.expires_seconds
        self._copy = behaviour.result.copy_file
        self._failures = behaviour.failures
        pointer = behaviour.lifecycle.video_seconds
        self._length = getter(pointer)
        defaults = (number(schema_default(schema, pointer)) for schema in schemas)
        self._default_length = next((each for each in defaults if each is not None), _VIDEO_SECONDS)

    def failure(self, reason: str | None) -> Mapping[str, Json]:
        """What a failed task says: a named kind, or the default one with the reason in its text."""
        kinds = self._failures.kinds
        kind = kinds.get(reason or "default")
        return kind if kind is not None else {**kinds["default"], self._failures.text: reason}

    def copy_name(self, request: Json) -> str | None:
        """The file of the copy that a request asks for; None when it asks for none."""
        copy = self._copy
        if copy is None:
            return None
        asked = resolve(request, copy.pointer)
        wanted = any(asked == value and type(asked) is type(value) for value in copy.values)
        return copy.name if wanted else None

    def video_seconds(self, request: Json) -> float:
        """The length of the video that a request asks for."""
        value = self._length(request)
        if value.__class__ is int:
            return value
        asked = number(value)
        return asked if asked is not None else self._default_length
