"""The words of JSON Schema that are enforced here: what each speaks about, which hold further schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from specs.pointers import Json, join

NUMBERS = frozenset({"integer", "number"})
STRINGS = frozenset({"string"})
ARRAYS = frozenset({"array"})
OBJECTS = frozenset({"object"})
ANYTHING = NUMBERS | STRINGS | ARRAYS | OBJECTS | {"boolean", "null"}

# Keywords that are one limit each, and the types of values that they say anything about.
LIMITS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "type": ANYTHING,
        "enum": ANYTHING,
        "const": ANYTHING,
        "multipleOf": NUMBERS,
        "minimum": NUMBERS,
        "maximum": NUMBERS,
        "exclusiveMinimum": NUMBERS,
        "exclusiveMaximum": NUMBERS,
        "minLength": STRINGS,
        "maxLength": STRINGS,
        "pattern": STRINGS,
        "format": STRINGS,
        "minItems": ARRAYS,
        "maxItems": ARRAYS,
        "uniqueItems": ARRAYS,
        "minContains": ARRAYS,
        "maxContains": ARRAYS,
        "minProperties": OBJECTS,
        "maxProperties": OBJECTS,
        "required": OBJECTS,
        "dependentRequired": OBJECTS,
    }
)

# Keywords that hold one schema, a list of them, or schemas by name; and the types that they are about.
ONE: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "not": ANYTHING,
        "if": ANYTHING,
        "then": ANYTHING,
        "else": ANYTHING,
        "items": ARRAYS,
        "contains": ARRAYS,
        "unevaluatedItems": ARRAYS,
        "additionalProperties": OBJECTS,
        "propertyNames": OBJECTS,
        "unevaluatedProperties": OBJECTS,
    }
)
SEVERAL: Mapping[str, frozenset[str]] = MappingProxyType(
    {"allOf": ANYTHING, "anyOf": ANYTHING, "oneOf": ANYTHING, "prefixItems": ARRAYS}
)
NAMED: Mapping[str, frozenset[str]] = MappingProxyType(
    {"properties": OBJECTS, "patternProperties": OBJECTS, "dependentSchemas": OBJECTS, "$defs": ANYTHING}
)
SPEAKS_OF: Mapping[str, frozenset[str]] = MappingProxyType({**LIMITS, **ONE, **SEVERAL, **NAMED})

# What explains and limits nothing.
NOTES = frozenset({"title", "description", "default", "example", "examples", "deprecated", "externalDocs", "$comment"})

# A keyword that does nothing unless the other one stands beside it.
RELIES_ON: Mapping[str, str] = MappingProxyType(
    {"then": "if", "else": "if", "minContains": "contains", "maxContains": "contains"}
)

# What people write who mean another keyword, and the way out.
MISTAKEN: Mapping[str, str] = MappingProxyType(
    {
        "nullable": 'OpenAPI 3.1 says it in the type: type: [string, "null"]',
        "additionalItems": "Since 2020-12 it is items, beside prefixItems",
        "definitions": "Since 2019-09 it is $defs",
        "dependencies": "Since 2019-09 it is dependentRequired or dependentSchemas",
        "discriminator": "Say which schema goes with which value by if and then",
        "readOnly": "Leave the member out of the request's schema, or forbid it there with false",
        "writeOnly": "Leave the member out of the answer's schema, or forbid it there with false",
        "contentEncoding": "For images there is the rule kind image; else say it by pattern",
        "contentMediaType": "For images there is the rule kind image; else say it by pattern",
        "contentSchema": "Say by pattern what the text looks like",
    }
)

# Keywords that are one law as a whole, however many schemas they hold.
WHOLE = frozenset({"anyOf", "oneOf", "not", "contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties"})


def below(schema: Json) -> Iterator[tuple[str, Json]]:
    """Every schema directly inside this one, with its pointer from here."""
    if not isinstance(schema, Mapping):
        return
    for keyword, value in schema.items():
        if keyword in ONE:
            yield join([keyword]), value
        elif keyword in SEVERAL and isinstance(value, list):
            yield from ((join([keyword, index]), each) for index, each in enumerate(value))
        elif keyword in NAMED and isinstance(value, Mapping):
            yield from ((join([keyword, name]), each) for name, each in value.items())


def walk(schema: Json, at: str = "") -> Iterator[tuple[str, Json]]:
    """This schema and every one inside it, with pointers that begin with `at`."""
    yield at, schema
    for part, inner in below(schema):
        yield from walk(inner, at + part)


def named_member(keyword: str, value: Json) -> str | None:
    """The member that an `anyOf`, `oneOf` or `not` speaks of: where its violation is reported.

    Of "one is needed" it is the first, where it should be; of "not both" the last, the one too many.
    """
    first = value[0] if isinstance(value, list) and value else value
    names = first.get("required", ()) if isinstance(first, Mapping) else ()
    if not names or keyword not in ("anyOf", "oneOf", "not"):
        return None
    return str(names[-1] if keyword == "not" else names[0])


def _is_open(schema: Json) -> bool:
    """Whether the schema says nothing at all, so that anything may be inside."""
    return schema is True or (isinstance(schema, Mapping) and SPEAKS_OF.keys().isdisjoint(schema))


def declares(schema: Json, tokens: list[str]) -> bool:
    """Whether the schema, in any of its branches, speaks of what stands at these tokens (`*` for an item)."""
    if not tokens:
        return True
    if not isinstance(schema, Mapping):
        return False
    head, rest = tokens[0], tokens[1:]
    member = schema.get("properties", {}).get(head)
    if member is not None and (declares(member, rest) or _is_open(member)):
        return True
    if head == "*" and "items" in schema and declares(schema["items"], rest):
        return True
    branches = [
        inner for part, inner in below(schema) if part.split("/")[1] in ("allOf", "anyOf", "oneOf", "then", "else")
    ]
    return any(declares(branch, tokens) for branch in branches)
