"""A vendor's callbacks made ready: where a request wants to be called, about which states, and what is said there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from specs.errors import PackError
from specs.pack import Pack
from specs.pointers import Json, getter, removed, resolve, split
from specs.templates import Bind, Render, TemplateError, compile_template, compile_text

# What a pack may ask for at most: an attempt holds a connection, and the next webhook of its task waits for it.
ATTEMPTS_MAX = 20
TIMEOUT_MAX_SECONDS = 30.0


class Callbacks:
    """The callbacks of one pack; PackError names a template that can't be filled."""

    def __init__(self, pack: Pack, says: Mapping[str, Json], bind: Bind) -> None:
        self.states: frozenset[str] = frozenset(says["on"])
        self.attempts: int = min(says["attempts"], ATTEMPTS_MAX)
        self.timeout_seconds: float = min(says["timeout_seconds"], TIMEOUT_MAX_SECONDS)
        self.is_signed: bool = says["signature"] is not None
        self.member = split(says["url"])[0]
        self._url = getter(says["url"])
        self._omitted: tuple[str, ...] = tuple(says["body"].get("omit", ()))
        try:
            self._event = compile_text(says["event"], bind)
            self._bodies: Mapping[str, Render] = {
                state: compile_template(_template(pack, says["body"], state), bind) for state in self.states
            }
        except TemplateError as problem:
            raise PackError(pack.folder / "behaviour.yaml", "/callbacks", str(problem)) from None

    @classmethod
    def of(cls, pack: Pack, bind: Bind) -> Callbacks | None:
        """The pack's callbacks; None for a vendor that calls nobody."""
        says = pack.behaviour.callbacks
        return cls(pack, says, bind) if says is not None else None

    def url(self, request: Json) -> str | None:
        """Where this request wants to be called; the empty string counts as absent."""
        url = self._url(request)
        return url if url and isinstance(url, str) else None

    def event(self, scene: Any) -> str:
        """What the vendor calls this change."""
        return self._event(scene)

    def body(self, scene: Any) -> bytes:
        """What is sent about the scene's task in the scene's state."""
        body = self._bodies[scene.state](scene)
        if not self._omitted:
            return body
        told = orjson.loads(body)
        for pointer in self._omitted:
            told = removed(told, pointer)
        return orjson.dumps(told)


def _template(pack: Pack, body: Mapping[str, Json], state: str) -> Json:
    """The body's template: a part of a named answer, or its own."""
    if "answer" not in body:
        return body
    return resolve(pack.behaviour.answers[body["answer"]].bodies[state], body["at"])
