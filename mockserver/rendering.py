"""What each placeholder of behaviour.yaml stands for, given the scene in which an answer is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from types import MappingProxyType
from typing import Any

import orjson

from mockserver.identity import uuid_text
from mockserver.tasks import Task, eta_seconds, progress, updated_ms
from specs.pointers import Json, join, resolve
from specs.templates import Getter, Inline, TemplateError
from specs.validation import schema_default

MEDIA_PREFIX = "/__media"
# A video of n seconds at 24 frames a second, as encoders cut it: one frame beyond the last full second.
_LAST_FRAME_SECONDS = 0.042
_RESULT_ID_MIN = 10**17


def result_url(scene: Any) -> str:
    """Where the task's video is, fixed at submission."""
    return _file_url(scene.task, scene.voice.result_name)


def _file_url(task: Task, name: str) -> str:
    return f"{task.base}{MEDIA_PREFIX}/{task.vendor}/{task.id}/{name}"


def _copy_url(scene: Any) -> str:
    """Where the copy is; empty when none was asked for."""
    name = scene.voice.copy_name(scene.request())
    return _file_url(scene.task, name) if name is not None else ""


def _result_id(scene: Any) -> str:
    """The video's own id: another than the task's, so that mixing them up shows."""
    digest = blake2b(scene.task.id.encode(), digest_size=8).digest()
    return str(_RESULT_ID_MIN + int.from_bytes(digest, "big") % (9 * _RESULT_ID_MIN))


def _video_seconds(scene: Any) -> float:
    return scene.voice.video_seconds(scene.request())  # type: ignore[no-any-return]  # a scene is what the core makes


def _failure(member: str) -> Getter:
    return lambda scene: scene.voice.failure(scene.task.failure).get(member)


def _violation(attribute: str) -> Getter:
    return lambda scene: (
        getattr(scene.violation, attribute) if scene.violation is not None else "The call breaks the contract."
    )


def _progress(scene: Any) -> int:
    return progress(scene.task, scene.state, scene.now_ms, by_polls=scene.by_polls)


def _eta(scene: Any) -> int:
    return eta_seconds(scene.task, scene.state, scene.now_ms, by_polls=scene.by_polls)


_FIXED: Mapping[str, Getter] = MappingProxyType(
    {
        "call.id": lambda scene: uuid_text(scene.token),
        "call.method": lambda scene: scene.call.method,
        "call.path": lambda scene: scene.call.path,
        "call.now": lambda scene: scene.voice.write_time(scene.now_ms),
        "call.allow": lambda scene: scene.allow,
        "task.id": lambda scene: scene.task.id,
        "task.status": lambda scene: scene.voice.words[scene.state],
        "task.created_at": lambda scene: scene.voice.write_time(scene.task.created_ms),
        "task.updated_at": lambda scene: scene.voice.write_time(updated_ms(scene.task, scene.state)),
        "task.created_ms": lambda scene: scene.task.created_ms,
        "task.started_ms": lambda scene: scene.task.running_ms if scene.state != "queued" else 0,
        "task.ended_ms": lambda scene: scene.task.end_ms if scene.state in ("done", "failed") else 0,
        "task.progress": _progress,
        "task.eta_seconds": _eta,
        "result.url": result_url,
        "result.copy_url": _copy_url,
        "result.id": _result_id,
        "result.seconds": _video_seconds,
        "result.seconds_text": lambda scene: f"{_video_seconds(scene) + _LAST_FRAME_SECONDS:.3f}",
        "result.expires_seconds": lambda scene: scene.voice.result_expires_seconds,
        "violation.field": _violation("field"),
        "violation.message": _violation("message"),
        "violation.pointer": _violation("pointer"),
        "retry_after_seconds": lambda scene: scene.retry_after_seconds,
        "limit.bytes": lambda scene: scene.limit_bytes,
        "items": lambda scene: orjson.loads(scene.items),
    }
)

# The same for those that nearly every answer holds, as ready JSON: what the fake itself has made needs no escaping.
READY: Mapping[str, Inline] = MappingProxyType(
    {
        "call.id": Inline("'\"%s\"' % uuid_text(scene.token)", {"uuid_text": uuid_text}),
        "task.id": Inline("'\"%s\"' % scene.task.id"),
        "task.status": Inline("scene.voice.quoted_words[scene.state]"),
        "task.created_at": Inline("scene.voice.quote_time(scene.task.created_ms)"),
        "task.updated_at": Inline(
            "scene.voice.quote_time(updated_ms(scene.task, scene.state))", {"updated_ms": updated_ms}
        ),
        "items": Inline("scene.items"),
    }
)


def binder(schemas: list[Json]) -> Callable[[str], Getter]:
    """A function from a placeholder's name to its getter; a request's member falls back on its schema's default."""

    def bind(name: str) -> Getter:
        if name in _FIXED:
            return _FIXED[name]
        head, _, rest = name.partition(".")
        if head == "failure" and rest:
            return _failure(rest)
        if head == "request" and rest:
            pointer = join(rest.split("."))
            defaults = [schema_default(schema, pointer) for schema in schemas]
            default = next((value for value in defaults if value is not None), None)
            return lambda scene: resolve(scene.request(), pointer, default)
        message = f"${name} names nothing; specs/README.md lists the placeholders"
        raise TemplateError(message)

    return bind
