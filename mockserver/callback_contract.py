"""Whether what a vendor sends unasked, its callback, has the shape that the operation promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import orjson

from mockserver.messages import Call
from mockserver.scene import Scene
from mockserver.tasks import Task
from mockserver.vendor import Vendor
from specs.answers import Shape
from specs.pack import Pack

_JSON = "application/json"
_NO_CALL = Call("POST", "/", "", {}, b"", "http://127.0.0.1:8787")


class CallbackContract:
    """The callbacks of one vendor: their bodies by state, and their schemas by operation."""

    def __init__(self, vendor: Vendor) -> None:
        self._voice = vendor.voice
        self._callbacks = vendor.callbacks
        pack = vendor.pack
        self._shapes = {name: shape for name in pack.operations if (shape := _shape(pack, name)) is not None}

    def judge(self, task: Task, state: str, failure: str | None) -> Iterator[str]:
        """What is wrong with the callback about this task in this state; nothing where none is sent."""
        callbacks = self._callbacks
        if callbacks is None or state not in callbacks.states:
            return
        shape = self._shapes.get(task.operation)
        if shape is None:
            yield "is not documented: its operation has no callbacks"
            return
        scene = Scene(self._voice, _NO_CALL, bytes(64), task.end_ms or task.running_ms, by_polls=False)
        scene.show(replace(task, failure=failure), state)
        try:
            body = orjson.loads(callbacks.body(scene))
        except (orjson.JSONDecodeError, TypeError, AttributeError) as problem:
            yield f"can't be written ({problem})"
            return
        for violation in shape.judge(body):
            yield f"breaks its own contract: {violation.message}"


def _shape(pack: Pack, name: str) -> Shape | None:
    """The schema of the first callback that the operation documents."""
    operation = pack.operations[name]
    entry = pack.openapi["paths"][operation.path][operation.method.lower()]
    for expressions in entry.get("callbacks", {}).values():
        for item in expressions.values():
            for method in item.values():
                return Shape(method.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema", True))
    return None
