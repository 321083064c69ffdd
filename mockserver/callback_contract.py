"""Whether what a vendor sends unasked, its callback, has the shape that the operation promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from mockserver.messages import Call
from mockserver.rendering import binder
from mockserver.scene import Scene
from mockserver.tasks import Task
from mockserver.voice import Voice
from specs.answers import Shape
from specs.pack import Pack
from specs.pointers import Json, removed, resolve
from specs.templates import TemplateError, compile_template

_JSON = "application/json"
_NO_CALL = Call("POST", "/", "", {}, b"", "http://127.0.0.1:8787")


class CallbackContract:
    """The callbacks of one pack: their bodies by state, and their schemas by operation."""

    def __init__(self, pack: Pack, voice: Voice) -> None:
        says = pack.behaviour.callbacks
        self._voice = voice
        self._states = tuple(says["on"]) if says is not None else ()
        self._omitted = tuple(says["body"].get("omit", ())) if says is not None else ()
        self._bodies = (
            {state: _template(pack, says["body"], state) for state in self._states} if says is not None else {}
        )
        schemas = [operation.body.schema for operation in pack.operations.values() if operation.body is not None]
        self._bind: Callable[[str], Any] = binder(schemas)
        self._shapes = {name: shape for name in pack.operations if (shape := _shape(pack, name)) is not None}

    def judge(self, task: Task, state: str, failure: str | None) -> Iterator[str]:
        """What is wrong with the callback about this task in this state; nothing where none is sent."""
        if state not in self._states:
            return
        shape = self._shapes.get(task.operation)
        if shape is None:
            yield "is not documented: its operation has no callbacks"
            return
        scene = Scene(self._voice, _NO_CALL, bytes(64), task.end_ms or task.running_ms, by_polls=False)
        scene.show(replace(task, failure=failure), state)
        try:
            body = orjson.loads(compile_template(self._bodies[state], self._bind)(scene))
        except (TemplateError, orjson.JSONDecodeError, TypeError, AttributeError) as problem:
            yield f"can't be written ({problem})"
            return
        for pointer in self._omitted:
            body = removed(body, pointer)
        for violation in shape.judge(body):
            yield f"breaks its own contract: {violation.message}"


def _template(pack: Pack, body: Mapping[str, Json], state: str) -> Json:
    """The body's template: a part of a named answer, or its own."""
    if "answer" not in body:
        return body
    return resolve(pack.behaviour.answers[body["answer"]].bodies[state], body["at"])


def _shape(pack: Pack, name: str) -> Shape | None:
    """The schema of the first callback that the operation documents."""
    operation = pack.operations[name]
    entry = pack.openapi["paths"][operation.path][operation.method.lower()]
    for expressions in entry.get("callbacks", {}).values():
        for item in expressions.values():
            for method in item.values():
                return Shape(method.get("requestBody", {}).get("content", {}).get(_JSON, {}).get("schema", True))
    return None
