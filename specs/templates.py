"""Templates: the bodies in behaviour.yaml, compiled once into ready text with holes for the few values in it.

A template knows names (`task.id`), not where their values come from: whoever compiles one binds the names to getters.
What is compiled is one Python function for each template, as `dataclasses` makes them: a call for each hole would cost
as much as all the rest of an answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import orjson

from specs.pointers import Json

Getter: TypeAlias = Callable[[Any], Json]
Text: TypeAlias = Callable[[Any], str]
Bind: TypeAlias = Callable[[str], Getter]
Render: TypeAlias = Callable[[Any], bytes]


class Inline(NamedTuple):
    """The JSON text of a value as a Python expression about `scene`, and what the expression calls by name."""

    expression: str
    names: Mapping[str, Any] = MappingProxyType({})


Part: TypeAlias = str | Text | Inline
Ready: TypeAlias = Mapping[str, Inline]

_NONE_READY: Ready = MappingProxyType({})

_NAME = r"[a-z_]+(?:\.[A-Za-z_][A-Za-z0-9_]*)*"
_WHOLE = re.compile(rf"\$({_NAME}(?:\|{_NAME})*)")
_INSIDE = re.compile(rf"\$\$|\$\{{({_NAME}(?:\|{_NAME})*)\}}")


class TemplateError(ValueError):
    """A template with a placeholder that nothing can fill."""


def absent(value: Json) -> bool:
    """What counts as not there in `$a|b` and for a member that ends in `?`."""
    return value is None or value == ""


def placeholders(template: Json) -> Iterator[str]:
    """Every name that the template asks for."""
    if isinstance(template, str):
        whole = _WHOLE.fullmatch(template)
        found = [whole[1]] if whole else [match[1] for match in _INSIDE.finditer(template) if match[1]]
        for expression in found:
            yield from expression.split("|")
    elif isinstance(template, Mapping):
        for value in template.values():
            yield from placeholders(value)
    elif isinstance(template, list):
        for value in template:
            yield from placeholders(value)


def _first(names: str, bind: Bind) -> Getter:
    getters = [bind(name) for name in names.split("|")]
    if len(getters) == 1:
        return getters[0]

    def first_present(scene: Any) -> Json:
        value = None
        for getter in getters:
            value = getter(scene)
            if not absent(value):
                break
        return value

    return first_present


def _text(template: str, bind: Bind) -> Callable[[Any], str]:
    """A string with values written into it."""
    pieces: list[str | Getter] = []
    end = 0
    for match in _INSIDE.finditer(template):
        pieces.append(template[end : match.start()])
        pieces.append("$" if match[0] == "$$" else _first(match[1], bind))
        end = match.end()
    pieces.append(template[end:])

    def write(scene: Any) -> str:
        return "".join(piece if isinstance(piece, str) else _plain(piece(scene)) for piece in pieces)

    return write


def _plain(value: Json) -> str:
    return "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()


def compile_text(template: str, bind: Bind) -> Callable[[Any], str]:
    """A header's value or another plain string."""
    whole = _WHOLE.fullmatch(template)
    if whole is None:
        return _text(template, bind)
    getter = _first(whole[1], bind)
    return lambda scene: _plain(getter(scene))


def _json(value: Json) -> str:
    return orjson.dumps(value).decode()


class _Compiler:
    """Turns a template into parts: JSON text as it is, and functions that give the JSON text of a value."""

    def __init__(self, bind: Bind, ready: Ready) -> None:
        self._bind = bind
        self._ready = ready

    def parts(self, template: Json) -> list[Part]:
        if isinstance(template, str):
            return [self._string(template)]
        if isinstance(template, Mapping):
            if any(name.endswith("?") for name in template):
                return [self._object_with_optionals(template)]
            return [
                "{",
                *_separated([[_json(name) + ":", *self.parts(value)] for name, value in template.items()]),
                "}",
            ]
        if isinstance(template, list):
            return ["[", *_separated([self.parts(item) for item in template]), "]"]
        return [_json(template)]

    def _string(self, template: str) -> Part:
        whole = _WHOLE.fullmatch(template)
        if whole is not None:
            return self._ready.get(whole[1]) or _written(_first(whole[1], self._bind))
        if "$" not in template:
            return _json(template)
        if "$" in _INSIDE.sub("", template):
            message = f"{template!r} holds a $ that begins no placeholder (write $$ for a dollar)"
            raise TemplateError(message)
        return _written(_text(template, self._bind))

    def _object_with_optionals(self, template: Mapping[str, Json]) -> Text:
        """An object some of whose members are dropped when their value is absent."""
        members: list[tuple[str, Text, Getter | None]] = []
        for name, value in template.items():
            key = _json(name.removesuffix("?")) + ":"
            members.append((key, _joined(self.parts(value)), self._condition(name, value)))

        def write(scene: Any) -> str:
            present = [
                key + value(scene) for key, value, needed in members if needed is None or not absent(needed(scene))
            ]
            return "{" + ",".join(present) + "}"

        return write

    def _condition(self, name: str, value: Json) -> Getter | None:
        if not name.endswith("?"):
            return None
        names = list(placeholders(value))
        if not names:
            message = f"the member {name!r} may be dropped, but its value holds no placeholder"
            raise TemplateError(message)
        return _first("|".join(names), self._bind)


def _written(getter: Getter) -> Text:
    return lambda scene: orjson.dumps(getter(scene)).decode()


def _separated(parts: list[list[Part]]) -> list[Part]:
    joined: list[Part] = []
    for index, part in enumerate(parts):
        joined += [",", *part] if index else part
    return joined


def _joined(parts: list[Part]) -> Text:
    """One function for all parts: a text with holes, and what fills each."""
    text = "".join(part.replace("%", "%%") if isinstance(part, str) else "%s" for part in parts)
    fillers = [part for part in parts if not isinstance(part, str)]
    if not fillers:
        constant = text % ()
        return lambda _: constant
    names: dict[str, Any] = {"text": text}
    holes = "".join(_expression(filler, names) + ", " for filler in fillers)
    # The source is made of expressions that are written in this project, never of a pack's text.
    return eval(f"lambda scene: text % ({holes})", names)  # type: ignore[no-any-return]  # noqa: S307


def _expression(filler: Text | Inline, names: dict[str, Any]) -> str:
    """What fills one hole, as source; what it calls is added to the names."""
    if isinstance(filler, Inline):
        names.update(filler.names)
        return filler.expression
    name = f"fill_{len(names)}"
    names[name] = filler
    return f"{name}(scene)"


def compile_template(template: Json, bind: Bind, ready: Ready = _NONE_READY) -> Render:
    """A function from a scene to the JSON text of the template; TemplateError names a placeholder that can't be filled.

    `ready` may give a faster way for some names: the expression of the value's JSON text itself.
    """
    parts = _Compiler(bind, ready).parts(template)
    write = _joined(parts)
    if all(isinstance(part, str) for part in parts):
        constant = write(None).encode()
        return lambda _: constant
    return lambda scene: write(scene).encode()
