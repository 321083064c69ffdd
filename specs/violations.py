"""A violation: where a call breaks the contract, which rule, and in words; built from what the validator reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import jsonschema_rs

from specs.keywords import NAMED, SEVERAL
from specs.pointers import Json, field, join, step


class Violation(NamedTuple):
    """One broken constraint.

    `pointer` is a JSON Pointer into the body (for a missing member, where it should be), `rule` a JSON Schema
    keyword, a rule kind or one of `json`, `contentType`; `message` is for people and names the field.
    """

    pointer: str
    rule: str
    message: str

    @property
    def field(self) -> str:
        """The pointer as people write it."""
        return field(self.pointer)

    def as_json(self) -> dict[str, str]:
        """The shape of the admin API."""
        return {"pointer": self.pointer, "rule": self.rule, "message": self.message}


_TYPES = MappingProxyType(
    {
        dict: "an object",
        list: "an array",
        str: "a string",
        bool: "a boolean",
        int: "an integer",
        float: "a number",
        type(None): "null",
    }
)
_NAMES = MappingProxyType({"integer": "an integer", "object": "an object", "array": "an array", "null": "null"})


_CONDITIONAL = ("if", "anyOf", "oneOf", "not")
# Keywords that are a law of the object as a whole when they are `false`; elsewhere `false` forbids what stands there.
_OF_THE_OBJECT = frozenset({"additionalProperties", "propertyNames"})


def _quoted(value: Json) -> str:
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."  # noqa: PLR2004 - what fits in a sentence


def _types(kind: Any) -> str:
    return " or ".join(_NAMES.get(name, f"a {name}") for name in kind.types)


def _size(value: Any) -> str:
    return f"it has {len(value)}"


_WORDS: Mapping[str, Callable[[Any, Any], str]] = MappingProxyType(
    {
        "required": lambda _kind, _value: "is required",
        "type": lambda kind, value: f"must be {_types(kind)}, not {_TYPES.get(type(value), 'that')}",
        "enum": lambda kind, _value: "must be one of " + ", ".join(_quoted(option) for option in kind.options),
        "const": lambda kind, _value: f"must be {_quoted(kind.expected_value)}",
        "maxLength": lambda kind, value: f"must be at most {kind.limit} characters long ({_size(value)})",
        "minLength": lambda kind, _value: (
            "must not be empty" if kind.limit == 1 else f"must be at least {kind.limit} characters long"
        ),
        "maximum": lambda kind, value: f"must be at most {kind.limit}, not {_quoted(value)}",
        "minimum": lambda kind, value: f"must be at least {kind.limit}, not {_quoted(value)}",
        "exclusiveMaximum": lambda kind, _value: f"must be less than {kind.limit}",
        "exclusiveMinimum": lambda kind, _value: f"must be more than {kind.limit}",
        "multipleOf": lambda kind, _value: f"must be a multiple of {kind.multiple_of}",
        "maxItems": lambda kind, value: f"must hold at most {kind.limit} items ({_size(value)})",
        "minItems": lambda kind, _value: f"must hold at least {kind.limit} item{'s' if kind.limit > 1 else ''}",
        "uniqueItems": lambda _kind, _value: "must not hold the same item twice",
        "maxProperties": lambda kind, _value: f"must have at most {kind.limit} members",
        "minProperties": lambda kind, _value: f"must have at least {kind.limit} members",
        "pattern": lambda kind, value: f"must match {kind.pattern}, {_quoted(value)} does not",
        "format": lambda kind, _value: f"must be a valid {kind.format}",
        "falseSchema": lambda _kind, _value: "must not be given",
        "additionalProperties": lambda kind, _value: "must not have " + ", ".join(kind.unexpected),
    }
)


def _in_words(keyword: str, schema: Json, value: Any) -> str:
    """What is wrong by a keyword whose schema says it, and no validator."""
    if keyword == "not" and isinstance(schema, Mapping) and not schema.keys().isdisjoint({"const", "enum"}):
        return f"must not be {_quoted(value)}"
    if keyword in ("anyOf", "oneOf"):
        return "is like none of the forms that are documented for it"
    return f"breaks {keyword}"


def _required_within(schema: Json) -> list[str]:
    """The members that the first branch of an anyOf, or a `not`, speaks of."""
    branches = schema if isinstance(schema, list) else [schema]
    first = branches[0] if branches and isinstance(branches[0], Mapping) else {}
    return list(first.get("required", ()))


def _no_member(_kind: Any, _value: Any) -> str:
    # The validator tells one unexpected value and not its name.
    return "must not have any members"


def _pointer(error: jsonschema_rs.ValidationError, keyword: str, keyword_schema: Json) -> str:
    tokens: list[str | int] = list(error.instance_path)
    if keyword == "required":
        tokens.append(error.kind.property)  # type: ignore[attr-defined]  # the kinds are not typed one by one
    elif keyword in ("anyOf", "oneOf", "not"):
        named = _required_within(keyword_schema) if error.kind.name != "falseSchema" else []
        # Of "one is needed" the first is where it should be; of "not both" the last is the one too many.
        tokens.extend(named[:1] if keyword != "not" else named[-1:])
    return join(tokens)


def _last_keyword(path: tuple[str | int, ...]) -> str:
    """The keyword that a keyword path ends in; empty when it ends in a member's name or an index."""
    tokens = iter(path)
    last = ""
    for token in tokens:
        last = str(token)
        if (last in NAMED or last in SEVERAL) and next(tokens, None) is not None:
            last = ""
    return last


class ErrorReader:
    """Reads a validator's errors about one schema; what a keyword path leads to is looked up once."""

    def __init__(self, schema: Json) -> None:
        self._schema = schema
        self._known: dict[tuple[str | int, ...], tuple[Json, str, str]] = {}

    def _along(self, path: tuple[str | int, ...]) -> tuple[Json, str, str]:
        """The sub-schema at a keyword path, the nearest condition in words on the way there, and the last keyword."""
        schema, condition = self._schema, ""
        for token in path:
            schema = step(schema, str(token))
            conditional = isinstance(schema, Mapping) and not schema.keys().isdisjoint(_CONDITIONAL)
            if conditional and isinstance(schema.get("description"), str):
                condition = schema["description"]
        return schema, condition, _last_keyword(path)

    def read(self, error: jsonschema_rs.ValidationError) -> Violation:
        """The violation that the error stands for."""
        path = tuple(error.schema_path)
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._along(path)
        keyword_schema, condition, last = known
        kind = error.kind
        words = _WORDS.get(kind.name)
        keyword = kind.name
        if keyword == "falseSchema" and last in _OF_THE_OBJECT:
            keyword, words = last, _no_member
        elif keyword == "falseSchema":
            # It forbids what stands there: the shortest way to write `not`.
            keyword = "not"
        pointer = _pointer(error, keyword, keyword_schema)
        if words is None:
            said = _in_words(keyword, keyword_schema, error.instance)
            return Violation(pointer, keyword, condition or f"{field(pointer)} {said}")
        sentence = f"{field(pointer)} {words(kind, error.instance)}"
        return Violation(pointer, keyword, f"{sentence} ({condition})" if condition else sentence)
