"""Violations in the words of people: pointer, keyword, limit and condition, for every keyword there is."""

from __future__ import annotations

from typing import Any

import pytest

from properties.promised import KINDS, Kind
from specs.keywords import LIMITS
from specs.validation import BodyContract
from specs.violations import Violation

Json = Any


def only(schema: Json, body: Json) -> Violation:
    """The one violation of a body."""
    found = BodyContract({"type": "object", **schema}).judge(body)[1]
    assert len(found) == 1, found
    return found[0]


def of_a(schema: Json) -> Json:
    """A schema of the member `a`."""
    return {"properties": {"a": schema}}


# keyword: schema of `a`, value, what is said after the field.
MEMBERS: dict[str, tuple[Json, Json, str]] = {
    "type": ({"type": "integer"}, "x", "must be an integer, not a string"),
    "type of several": ({"type": ["string", "null"]}, 5, "must be null or a string, not an integer"),
    "enum": ({"enum": ["std", "pro"]}, "max", 'must be one of "std", "pro"'),
    "const": ({"const": True}, False, "must be True"),
    "maxLength": ({"maxLength": 3}, "abcd", "must be at most 3 characters long (it has 4)"),
    "minLength 1": ({"minLength": 1}, "", "must not be empty"),
    "minLength": ({"minLength": 2}, "a", "must be at least 2 characters long"),
    "maximum": ({"maximum": 15}, 16, "must be at most 15, not 16"),
    "minimum": ({"minimum": 3}, 2, "must be at least 3, not 2"),
    "exclusiveMaximum": ({"exclusiveMaximum": 3}, 3, "must be less than 3"),
    "exclusiveMinimum": ({"exclusiveMinimum": 3}, 3, "must be more than 3"),
    "multipleOf": ({"multipleOf": 5}, 7, "must be a multiple of 5"),
    "maxItems": ({"maxItems": 1}, [1, 2], "must hold at most 1 items (it has 2)"),
    "minItems": ({"minItems": 1}, [], "must hold at least 1 item"),
    "minItems 2": ({"minItems": 2}, [], "must hold at least 2 items"),
    "uniqueItems": ({"uniqueItems": True}, [1, 1], "must not hold the same item twice"),
    "maxProperties": ({"maxProperties": 0}, {"b": 1}, "must have at most 0 members"),
    "minProperties": ({"minProperties": 1}, {}, "must have at least 1 members"),
    "pattern": ({"pattern": "^[a-z]+$"}, "A1", 'must match ^[a-z]+$, "A1" does not'),
    "format": ({"type": "string", "format": "uri"}, "no address", "must be a valid uri"),
    "additionalProperties": ({"properties": {}, "additionalProperties": False}, {"b": 1}, "must not have b"),
    "additionalProperties alone": ({"additionalProperties": False}, {"b": 1}, "must not have any members"),
    "propertyNames": ({"propertyNames": False}, {"b": 1}, "must not have any members"),
}


@pytest.mark.parametrize("name", MEMBERS)
def test_keyword_is_told_in_words(name: str) -> None:
    """The whole sentence: people see it in the vendor's refusal."""
    schema, value, words = MEMBERS[name]
    violation = only(of_a(schema), {"a": value})

    assert violation == Violation("/a", name.split(maxsplit=1)[0], f"a {words}")
    assert violation.field == "a"
    assert violation.as_json() == {"pointer": "/a", "rule": violation.rule, "message": violation.message}


def test_missing_member_is_told_where_it_should_be() -> None:
    """At the top and inside."""
    assert only({"required": ["a"]}, {}) == Violation("/a", "required", "a is required")
    inside = of_a({"properties": {"b": {"items": {"required": ["c"]}}}})
    assert only(inside, {"a": {"b": [{"c": 1}, {}]}}) == Violation("/a/b/1/c", "required", "a.b[1].c is required")


def test_condition_ends_the_sentence() -> None:
    """Under which a member is needed, in the words of the document."""
    schema = {
        "allOf": [
            {
                "description": "when on is true",
                "if": {"properties": {"on": {"const": True}}, "required": ["on"]},
                "then": {"required": ["a"]},
            }
        ]
    }

    assert only(schema, {"on": True}) == Violation("/a", "required", "a is required (when on is true)")


def test_one_of_several_is_told_at_the_first() -> None:
    """Where one of them should be."""
    schema = {
        "allOf": [{"description": "one of a and b is needed", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}]
    }
    violation = only(schema, {})

    assert (violation.pointer, violation.message) == ("/a", "one of a and b is needed")


def test_one_too_many_is_told_at_the_last() -> None:
    """Of two that exclude each other the second is the one too many."""
    schema = {"allOf": [{"description": "a excludes b", "not": {"required": ["a", "b"]}}]}
    violation = only(schema, {"a": 1, "b": 1})

    assert (violation.pointer, violation.rule, violation.message) == ("/b", "not", "a excludes b")


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"not": {"const": 5}}, "a must not be 5"),
        ({"not": {"enum": [4, 5]}}, "a must not be 5"),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, "a is like none of the forms that are documented for it"),
        ({"not": {"type": "integer"}}, "a breaks not"),
    ],
)
def test_what_nobody_described_is_told_by_the_schema(schema: Json, message: str) -> None:
    """As far as it says it."""
    assert only({"properties": {"a": schema}}, {"a": 5}).message == message


def test_forbidden_member_is_told_by_its_name() -> None:
    """`false` is the shortest way to forbid one."""
    schema = {
        "allOf": [
            {"description": "b must be left out", "if": {"required": ["a"]}, "then": {"properties": {"b": False}}}
        ]
    }
    violation = only(schema, {"a": 1, "b": 1})

    assert violation == Violation("/b", "not", "b must not be given (b must be left out)")


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        (of_a({"properties": {"additionalProperties": False}}), "/a/additionalProperties"),
        (of_a({"patternProperties": {"propertyNames": False}}), "/a/propertyNames"),
        (of_a({"properties": {"properties": False}}), "/a/properties"),
    ],
)
def test_forbidden_member_may_have_the_name_of_a_keyword(schema: Json, pointer: str) -> None:
    """What decides is whether it stands where a keyword or where a name does."""
    violation = only(schema, {"a": {pointer[3:]: 1}})

    assert (violation.pointer, violation.rule) == (pointer, "not")


def test_long_values_are_cut() -> None:
    """A refusal does not repeat a book."""
    message = only(of_a({"pattern": "^a$"}), {"a": "b" * 10_000}).message

    assert len(message) < 120
    assert "..." in message


def test_names_with_slashes_and_tildes_are_escaped() -> None:
    """The pointer is one; the sentence says the name."""
    violation = only({"required": ["a/b~c"]}, {})

    assert violation.pointer == "/a~1b~0c"
    assert violation.message == "a/b~c is required"


def limits(schema: Json) -> set[str]:
    """Every keyword of one limit that a schema holds, wherever."""
    if isinstance(schema, list):
        return set().union(*map(limits, schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    return (schema.keys() & LIMITS.keys()).union(*map(limits, schema.values()))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_keyword_of_the_packs_has_words(kind: Kind) -> None:
    """A keyword without words would tell clients no more than its name."""
    assert kind.submit.body is not None
    told = {name.split()[0] for name in MEMBERS} | {"required"}

    assert limits(kind.submit.body.schema["properties"]) - told == set()
