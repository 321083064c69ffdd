"""Forms: ways of writing a value that a service takes though its page says otherwise, each made canonical.

A form never makes a canonical value into another one; so it is only tried on a body that breaks the contract, except
`lift`, whose members would otherwise not be judged at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from specs.pointers import Json, join, split

Change: TypeAlias = Callable[[Json], Json]

ABSENT = object()
EXTENSIONS = ("x-tolerated", "x-lenient")


def _boolean_string(value: Json) -> Json:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _numeric_string(value: Json) -> Json:
    # Python's int() also takes wide digits and " 5 ": a service would not.
    digits = value.removeprefix("-") if isinstance(value, str) else ""
    return int(value) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else value  # noqa: PLR2004 - 64 bits


def _integer_as_string(value: Json) -> Json:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _strip_data_uri(value: Json) -> Json:
    if isinstance(value, str) and value.startswith("data:") and ";base64," in value:
        return value.partition(";base64,")[2]
    return value


def _alias(names: Mapping[str, str]) -> Change:
    return lambda value: names.get(value, value) if isinstance(value, str) else value


def _default(default: Json) -> Change:
    return lambda value: default if value is ABSENT else value


def _wrap(member: str) -> Change:
    return lambda value: {member: value} if isinstance(value, str) else value


PLAIN: Mapping[str, Change] = MappingProxyType(
    {
        "boolean-string": _boolean_string,
        "numeric-string": _numeric_string,
        "integer-as-string": _integer_as_string,
        "strip-data-uri": _strip_data_uri,
    }
)
WITH_PARAMETER: Mapping[str, Callable[[Any], Change]] = MappingProxyType(
    {"alias": _alias, "default": _default, "wrap": _wrap}
)
LIFT = "lift"


class Form(NamedTuple):
    """One way to write what stands at `pointer` (may hold `*`)."""

    pointer: str
    kind: str
    parameter: Json
    tokens: tuple[str, ...]

    @property
    def change(self) -> Change:
        """From a value as sent to its canonical form."""
        if self.kind in PLAIN:
            return PLAIN[self.kind]
        return WITH_PARAMETER[self.kind](self.parameter)


def read_forms(pointer: str, listed: list[Json]) -> Iterator[Form]:
    """The forms that an `x-tolerated` or `x-lenient` list names; a KeyError names one that does not exist."""
    for entry in listed:
        kind, parameter = next(iter(entry.items())) if isinstance(entry, Mapping) else (entry, None)
        if kind not in PLAIN and kind not in WITH_PARAMETER and kind != LIFT:
            raise KeyError(kind)
        yield Form(pointer, kind, parameter, tuple(split(pointer)))


def _changed(value: Json, tokens: tuple[str, ...], change: Change) -> Json:
    if not tokens:
        return change(value)
    token, rest = tokens[0], tokens[1:]
    if token == "*":
        return _changed_items(value, rest, change) if isinstance(value, list) else value
    if not isinstance(value, dict):
        return value
    below = value.get(token, ABSENT)
    if below is ABSENT and rest:
        return value
    after = _changed(below, rest, change)
    return value if after is below else {**value, token: after}


def _changed_items(items: list[Json], tokens: tuple[str, ...], change: Change) -> list[Json]:
    changed = [_changed(item, tokens, change) for item in items]
    return items if all(after is before for after, before in zip(changed, items, strict=True)) else changed


def canonical(body: Json, forms: tuple[Form, ...]) -> Json:
    """A copy of the body with every form turned into the canonical one; the same object when there was none."""
    for form in forms:
        if form.kind != "default" and form.tokens and form.tokens[0] not in body:
            continue
        body = _changed(body, form.tokens, form.change)
    return body


def lift(body: Json, form: Form) -> tuple[Json, dict[str, str]]:
    """The body with the form's members moved from its top to where they belong, and where each was sent."""
    moved = {name: body[name] for name in form.parameter if name in body} if isinstance(body, dict) else {}
    home = form.tokens[0]
    inside = body.get(home, {}) if moved else {}
    if not moved or not isinstance(inside, dict):
        return body, {}
    rest = {name: value for name, value in body.items() if name not in moved}
    sent_at = {form.pointer + join([name]): join([name]) for name in moved if name not in inside}
    return {**rest, home: {**moved, **inside}}, sent_at
