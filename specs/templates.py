"""Templates: the bodies in behaviour.yaml, compiled once into runs of ready bytes and the few values between them.

A template knows names (`task.id`), not where their values come from: whoever compiles one binds the names to getters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import orjson

from specs.pointers import Json

Getter: TypeAlias = Callable[[Any], Json]
Bind: TypeAlias = Callable[[str], Getter]
Part: TypeAlias = bytes | Callable[[Any], bytes]
Render: TypeAlias = Callable[[Any], bytes]

# `items` is the one value that comes as ready JSON: the rendered tasks of a list.
RAW = "items"

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
        found = (
            [whole[1]] if whole else [match[1] for match in _INSIDE.finditer(template) if match[1]]
        )
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
        return "".join(
            piece if isinstance(piece, str) else _plain(piece(scene)) for piece in pieces
        )

    return write


def _plain(value: Json) -> str:
    return (
        "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
    )


def compile_text(template: str, bind: Bind) -> Callable[[Any], str]:
    """A header's value or another plain string."""
    whole = _WHOLE.fullmatch(template)
    if whole is None:
        return _text(template, bind)
    getter = _first(whole[1], bind)
    return lambda scene: _plain(getter(scene))


def _compile_string(template: str, bind: Bind) -> Part:
    whole = _WHOLE.fullmatch(template)
    if whole is not None:
        getter = _first(whole[1], bind)
        if whole[1] == RAW:
            return getter
        return lambda scene: orjson.dumps(getter(scene))
    if "$" not in template:
        return orjson.dumps(template)
    if "$" in _INSIDE.sub("", template):
        message = f"{template!r} holds a $ that begins no placeholder (write $$ for a dollar)"
        raise TemplateError(message)
    write = _text(template, bind)
    return lambda scene: orjson.dumps(write(scene))


def _object_with_optionals(template: Mapping[str, Json], bind: Bind) -> Part:
    """An object some of whose members are dropped when their value is absent."""
    members: list[tuple[bytes, Render, Getter | None]] = []
    for name, value in template.items():
        needed = _condition(name, value, bind)
        members.append(
            (orjson.dumps(name.removesuffix("?")) + b":", compile_template(value, bind), needed)
        )

    def render(scene: Any) -> bytes:
        present = [
            key + value(scene)
            for key, value, needed in members
            if needed is None or not absent(needed(scene))
        ]
        return b"{" + b",".join(present) + b"}"

    return render


def _condition(name: str, value: Json, bind: Bind) -> Getter | None:
    if not name.endswith("?"):
        return None
    names = list(placeholders(value))
    if not names:
        message = f"the member {name!r} may be dropped, but its value holds no placeholder"
        raise TemplateError(message)
    return bind(names[0]) if len(names) == 1 else _first("|".join(names), bind)


def _separated(parts: list[list[Part]]) -> list[Part]:
    joined: list[Part] = []
    for index, part in enumerate(parts):
        joined += [b",", *part] if index else part
    return joined


def _parts(template: Json, bind: Bind) -> list[Part]:
    if isinstance(template, str):
        return [_compile_string(template, bind)]
    if isinstance(template, Mapping):
        if any(name.endswith("?") for name in template):
            return [_object_with_optionals(template, bind)]
        members = [
            [orjson.dumps(name) + b":", *_parts(value, bind)] for name, value in template.items()
        ]
        return [b"{", *_separated(members), b"}"]
    if isinstance(template, list):
        return [b"[", *_separated([_parts(item, bind) for item in template]), b"]"]
    return [orjson.dumps(template)]


def _fused(parts: list[Part]) -> list[Part]:
    """Neighbouring bytes made into one run."""
    fused: list[Part] = []
    for part in parts:
        if isinstance(part, bytes) and fused and isinstance(fused[-1], bytes):
            fused[-1] += part
        else:
            fused.append(part)
    return fused


def compile_template(template: Json, bind: Bind) -> Render:
    """A function from a scene to the JSON text of the template; TemplateError names a placeholder that can't be filled."""
    parts = _fused(_parts(template, bind))
    if len(parts) == 1:
        only = parts[0]
        return only if not isinstance(only, bytes) else lambda _: only

    def render(scene: Any) -> bytes:
        return b"".join([part if part.__class__ is bytes else part(scene) for part in parts])  # type: ignore[operator,misc]  # told apart by class, the cheapest way

    return render
