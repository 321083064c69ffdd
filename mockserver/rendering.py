"""Values for templates: what each placeholder of behaviour.yaml stands for, given the scene in which an answer is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.clock import rfc3339
from mockserver.identity import call_id
from mockserver.tasks import eta_seconds, progress, updated_ms
from specs.pointers import Json, join, resolve
from specs.rules.totals import number
from specs.templates import Getter, TemplateError
from specs.validation import schema_default

if TYPE_CHECKING:
    from mockserver.messages import Call
    from mockserver.tasks import Task
    from mockserver.vendor import Vendor
    from specs.pack import Behaviour
    from specs.violations import Violation

TIMES: Mapping[str, Callable[[int], Json]] = MappingProxyType(
    {"rfc3339-ms": rfc3339, "epoch-ms": lambda ms: ms, "epoch-s": lambda ms: ms // 1000}
)
_MEDIA_PREFIX = "/__media"
# A video of n seconds at 24 frames a second, as encoders cut it: one frame beyond the last full second.
_LAST_FRAME_SECONDS = 0.042


class Scene:
    """All that an answer may speak of; made for one answer and thrown away."""

    __slots__ = (
        "allow",
        "by_polls",
        "call",
        "drawn",
        "items",
        "limit_bytes",
        "now_ms",
        "retry_after_seconds",
        "state",
        "task",
        "vendor",
        "violation",
        "_request",
    )

    def __init__(self, vendor: Vendor, call: Call, drawn: bytes, now_ms: int) -> None:
        self.vendor = vendor
        self.call = call
        self.drawn = drawn
        self.now_ms = now_ms
        self.by_polls = False
        self.task: Task | None = None
        self.state = ""
        self.violation: Violation | None = None
        self.items = b"[]"
        self.retry_after_seconds = 0
        self.allow = ""
        self.limit_bytes = 0
        self._request: Json = None

    def request(self) -> Json:
        """The body that the task was submitted with."""
        if self._request is None and self.task is not None:
            self._request = orjson.loads(self.task.request)
        return self._request

    def show(self, task: Task, state: str) -> None:
        """Speak of this task from now on."""
        self.task, self.state, self._request = task, state, None


def result_url(scene: Any) -> str:
    """Where the task's video is, fixed at submission."""
    task = scene.task
    return f"{task.base}{_MEDIA_PREFIX}/{task.vendor}/{task.id}/{scene.vendor.pack.behaviour.result_name}"


def _video_seconds(scene: Any) -> float:
    return scene.vendor.video_seconds(scene.request())


def _seconds_text(scene: Any) -> str:
    return f"{_video_seconds(scene) + _LAST_FRAME_SECONDS:.3f}"


def _failure(member: str) -> Getter:
    return lambda scene: scene.vendor.failure(scene.task.failure).get(member)


def _violation(attribute: str) -> Getter:
    return lambda scene: getattr(scene.violation, attribute) if scene.violation is not None else "The call breaks the contract."


def _progress(scene: Any) -> int:
    return progress(scene.task, scene.state, scene.now_ms, by_polls=scene.by_polls)


def _eta(scene: Any) -> int:
    return eta_seconds(scene.task, scene.state, scene.now_ms, by_polls=scene.by_polls)


_FIXED: Mapping[str, Getter] = MappingProxyType(
    {
        "call.id": lambda scene: call_id(scene.drawn),
        "call.method": lambda scene: scene.call.method,
        "call.path": lambda scene: scene.call.path,
        "call.now": lambda scene: scene.vendor.write_time(scene.now_ms),
        "call.allow": lambda scene: scene.allow,
        "task.id": lambda scene: scene.task.id,
        "task.status": lambda scene: scene.vendor.words[scene.state],
        "task.created_at": lambda scene: scene.vendor.write_time(scene.task.created_ms),
        "task.updated_at": lambda scene: scene.vendor.write_time(updated_ms(scene.task, scene.state)),
        "task.created_ms": lambda scene: scene.task.created_ms,
        "task.started_ms": lambda scene: scene.task.running_ms if scene.state != "queued" else 0,
        "task.ended_ms": lambda scene: scene.task.end_ms if scene.state in ("done", "failed") else 0,
        "task.progress": _progress,
        "task.eta_seconds": _eta,
        "result.url": result_url,
        "result.id": lambda scene: scene.task.id,
        "result.seconds": _video_seconds,
        "result.seconds_text": _seconds_text,
        "result.expires_seconds": lambda scene: scene.vendor.pack.behaviour.result_expires_seconds,
        "violation.field": _violation("field"),
        "violation.message": _violation("message"),
        "violation.pointer": _violation("pointer"),
        "retry_after_seconds": lambda scene: scene.retry_after_seconds,
        "limit.bytes": lambda scene: scene.limit_bytes,
        "items": lambda scene: scene.items,
    }
)


def binder(request_schemas: list[Json]) -> Callable[[str], Getter]:
    """A function from a placeholder's name to its getter; a member of the request falls back on its schema's default."""

    def bind(name: str) -> Getter:
        if name in _FIXED:
            return _FIXED[name]
        head, _, rest = name.partition(".")
        if head == "failure" and rest:
            return _failure(rest)
        if head == "request" and rest:
            pointer = join(rest.split("."))
            defaults = [schema_default(schema, pointer) for schema in request_schemas]
            default = next((value for value in defaults if value is not None), None)
            return lambda scene: resolve(scene.request(), pointer, default)
        message = f"${name} names nothing; specs/README.md lists the placeholders"
        raise TemplateError(message)

    return bind


def video_length(behaviour: Behaviour, request_schemas: list[Json]) -> Callable[[Json], float]:
    """A function from a request to the seconds of video that it asks for."""
    pointer = behaviour.lifecycle.video_seconds
    default = next((value for schema in request_schemas if (value := schema_default(schema, pointer)) is not None), 5)

    def seconds(body: Json) -> float:
        asked = number(resolve(body, pointer, default))
        return asked if asked is not None else number(default) or 0

    return seconds
