"""A vendor made ready to answer: everything of its pack that can be worked out before the first call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import orjson

from mockserver.accounts import AccountReader, Limits
from mockserver.identity import id_maker
from mockserver.messages import Answer, HeaderList
from mockserver.query import QueryContract
from mockserver.rendering import TIMES, binder, video_length
from mockserver.routes import Routes
from mockserver.tokens import TokenReader
from specs.errors import PackError
from specs.pack import AnswerTemplate, Operation, Pack, Refusal
from specs.pointers import Json, finder, resolve
from specs.templates import Bind, Render, TemplateError, compile_template, compile_text

_JSON_TYPE = (b"content-type", b"application/json")


@dataclass(frozen=True, slots=True)
class Response:
    """A status, headers and a body, ready to be filled in."""

    status: int
    render: Render
    headers: tuple[tuple[bytes, Callable[[Any], str]], ...]

    def write(self, scene: Any) -> Answer:
        """The answer in this scene."""
        body = self.render(scene)
        headers: HeaderList = [_JSON_TYPE, (b"content-length", b"%d" % len(body))]
        for name, text in self.headers:
            headers.append((name, text(scene).encode("latin-1", "replace")))
        return Answer(self.status, headers, body)


@dataclass(slots=True)
class Endpoint:
    """One operation with its answers by state and its refusals by situation."""

    operation: Operation
    answers: Mapping[str, Response]
    refusals: Mapping[str, Response]
    query: QueryContract | None
    items: Mapping[str, Render] = field(default_factory=dict)


class Vendor:
    """One pack, compiled. Stateless: what happens is in the store."""

    def __init__(self, pack: Pack, limits: Mapping[str, Limits]) -> None:
        self.pack = pack
        self.name = pack.name
        behaviour = pack.behaviour
        self.words = behaviour.lifecycle.words
        self.write_time = TIMES[behaviour.times]
        self.make_id = id_maker(behaviour.task_id)
        self._schemas = [operation.body.schema for operation in pack.operations.values() if operation.body]
        self.video_seconds = video_length(behaviour, self._schemas)
        self.prompt_finders = [finder(pointer) for pointer in behaviour.prompts]
        self.media_finders = [finder(pointer) for pointer in behaviour.media.members] if behaviour.media else []
        claim = behaviour.authentication.jwt_account
        tokens = TokenReader(claim, lambda key: limits[key].secret if key in limits else None) if claim else None
        self.accounts = AccountReader(behaviour.authentication, tokens)
        bind = binder(self._schemas)
        self.endpoints = {name: self._endpoint(operation, bind) for name, operation in pack.operations.items()}
        self.routes = Routes(self.endpoints.values())
        self.refusals = self._refusals(behaviour.refusals, bind)

    def failure(self, reason: str | None) -> Mapping[str, Json]:
        """What a failed task says: a named kind, or the default one with the reason in its text."""
        says = self.pack.behaviour.failures
        kind = says.kinds.get(reason or "default")
        return kind if kind is not None else {**says.kinds["default"], says.text: reason}

    def _endpoint(self, operation: Operation, bind: Bind) -> Endpoint:
        template = self.pack.behaviour.answers[operation.answer]
        endpoint = Endpoint(
            operation,
            self._answers(operation.answer, template, bind),
            self._refusals(operation.refusals, bind),
            QueryContract.of(operation),
        )
        if template.items is not None:
            endpoint.items = self._items(*template.items, bind)
        return endpoint

    def _answers(self, name: str, template: AnswerTemplate, bind: Bind) -> Mapping[str, Response]:
        place = f"/answers/{name}"
        headers = self._headers(template.headers, bind, place)
        return MappingProxyType(
            {state: Response(template.status, self._render(body, bind, place), headers) for state, body in template.bodies.items()}
        )

    def _items(self, name: str, at: str, bind: Bind) -> Mapping[str, Render]:
        bodies = self.pack.behaviour.answers[name].bodies
        return MappingProxyType({state: self._render(resolve(body, at), bind, f"/answers/{name}") for state, body in bodies.items()})

    def _refusals(self, refusals: Mapping[str, Refusal], bind: Bind) -> Mapping[str, Response]:
        compiled = {}
        for situation, refusal in refusals.items():
            place = f"/refusals/{situation}"
            compiled[situation] = Response(
                refusal.status, self._render(refusal.body, bind, place), self._headers(refusal.headers, bind, place)
            )
        return MappingProxyType(compiled)

    def _render(self, body: Json, bind: Bind, place: str) -> Render:
        if body == "":
            return lambda _: b""
        try:
            return compile_template(body, bind)
        except TemplateError as problem:
            raise PackError(self.pack.folder / "behaviour.yaml", place, str(problem)) from None

    def _headers(self, headers: Mapping[str, str], bind: Bind, place: str) -> tuple[tuple[bytes, Callable[[Any], str]], ...]:
        try:
            return tuple((name.lower().encode(), compile_text(text, bind)) for name, text in headers.items())
        except TemplateError as problem:
            raise PackError(self.pack.folder / "behaviour.yaml", place, str(problem)) from None


def parse_body(body: bytes) -> Json:
    """The JSON value of a body; ValueError for anything that is not one JSON text in UTF-8."""
    return orjson.loads(body)
