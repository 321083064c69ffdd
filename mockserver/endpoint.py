"""One operation made ready: its answers by state and its refusals by situation, as compiled responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from mockserver.messages import Answer, HeaderList
from mockserver.query import QueryContract
from mockserver.rendering import READY
from specs.errors import PackError
from specs.pack import AnswerTemplate, Operation, Pack, Refusal
from specs.pointers import Json, resolve
from specs.templates import Bind, Render, TemplateError, compile_template, compile_text

_JSON_TYPE = (b"content-type", b"application/json")


class Response(NamedTuple):
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


class EndpointKind(NamedTuple):
    """What decides which steps a call goes through."""

    role: str
    has_query: bool
    has_body: bool


class Endpoint(NamedTuple):
    """An operation of the pack with everything that it can answer."""

    operation: Operation
    answers: Mapping[str, Response]
    items: Mapping[str, Render]
    """By state: one task in a list; empty where nothing is listed."""
    refusals: Mapping[str, Response]
    query: QueryContract | None
    kind: EndpointKind


class Compiler:
    """Compiles the templates of one pack; PackError names the place of one that can't be filled."""

    def __init__(self, pack: Pack, bind: Bind) -> None:
        self._pack = pack
        self._bind = bind
        # Operations share most refusals; compiling one takes longer than all else that is done with it at the start.
        self._compiled: dict[tuple[int, int], Response] = {}

    def endpoint(self, operation: Operation) -> Endpoint:
        """The operation with its answers and refusals."""
        template = self._pack.behaviour.answers[operation.answer]
        query = QueryContract.of(operation)
        return Endpoint(
            operation,
            self._answers(operation.answer, template),
            self._items(*template.items) if template.items is not None else MappingProxyType({}),
            self.refusals(operation.refusals),
            query,
            EndpointKind(operation.role, query is not None, operation.body is not None),
        )

    def refusals(self, refusals: Mapping[str, Refusal]) -> Mapping[str, Response]:
        """Refusals by situation."""
        return MappingProxyType(
            {situation: self._shared(each, each.body, f"/refusals/{situation}") for situation, each in refusals.items()}
        )

    def _answers(self, name: str, template: AnswerTemplate) -> Mapping[str, Response]:
        place = f"/answers/{name}"
        return MappingProxyType({state: self._shared(template, body, place) for state, body in template.bodies.items()})

    def _items(self, name: str, at: str) -> Mapping[str, Render]:
        bodies = self._pack.behaviour.answers[name].bodies
        return MappingProxyType(
            {state: self._render(resolve(body, at), f"/answers/{name}") for state, body in bodies.items()}
        )

    def _shared(self, said: Refusal | AnswerTemplate, body: Json, place: str) -> Response:
        """One response for what several operations share: the pack's own objects, which live as long as it does."""
        key = id(said), id(body)
        if key not in self._compiled:
            self._compiled[key] = Response(said.status, self._render(body, place), self._headers(said.headers, place))
        return self._compiled[key]

    def _render(self, body: Json, place: str) -> Render:
        try:
            return compile_template(body, self._bind, READY)
        except TemplateError as problem:
            raise PackError(self._pack.folder / "behaviour.yaml", place, str(problem)) from None

    def _headers(self, headers: Mapping[str, str], place: str) -> tuple[tuple[bytes, Callable[[Any], str]], ...]:
        try:
            return tuple((name.lower().encode(), compile_text(text, self._bind)) for name, text in headers.items())
        except TemplateError as problem:
            raise PackError(self._pack.folder / "behaviour.yaml", place, str(problem)) from None
