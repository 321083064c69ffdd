"""Conditions in words: what nobody described is put into words that people understand."""

from typing import Any

import pytest

from specs.conditions import in_words, speaks_of, unless, when


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"required": ["a"], "properties": {"a": {"const": True}}}, "a is true"),
        ({"required": ["a", "b"]}, "a is there and b is there"),
        ({"properties": {"a": {"enum": ["x", "y"]}}}, "a is one of x, y"),
        ({"properties": {"a": {"type": "string", "minLength": 1}}}, "a is not empty"),
        ({"properties": {"a": {"properties": {"b": {"const": 1}}}}}, "a.b is 1"),
        ({"not": {"required": ["a"]}}, "not (a is there)"),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, "a is there or b is there"),
        ({"allOf": [{"required": ["a"]}, {"required": ["b"]}]}, "a is there and b is there"),
        ({"properties": {"a": {"maximum": 3}}}, "a has maximum 3"),
        (True, "always"),
        (False, "never"),
    ],
)
def test_schema_in_words(schema: Any, words: str) -> None:
    """The usual conditions read like a sentence."""
    assert in_words(schema) == words


def test_description_is_better_than_made_up_words() -> None:
    """Whoever described a condition knew why."""
    assert when("", {"required": ["a"]}, "when it is multi-shot").words == "when it is multi-shot"
    assert when("", {"required": ["a"]}, "").words == "when a is there"


def test_else_is_the_opposite() -> None:
    """In words and as a schema."""
    condition = unless("/list/*", {"required": ["a"]}, "when a is given")

    assert (condition.words, condition.schema) == ("unless a is given", {"not": {"required": ["a"]}})


@pytest.mark.parametrize("pointer", ["/camera/type", "/size", "/mode"])
def test_what_a_condition_speaks_of(pointer: str) -> None:
    """Each member whose value it judges, however deep in its schema."""
    camera = {"properties": {"type": {"enum": ["x", "y"]}}, "required": ["config"]}
    condition = when("", {"properties": {"camera": camera}, "anyOf": [{"properties": {"mode": {"const": "m"}}}]}, "")

    assert speaks_of(condition, pointer) == (pointer != "/size")
    assert not speaks_of(condition, "/camera/config")
    assert speaks_of(unless("/size", {"const": 5}, ""), pointer) == (pointer == "/size")
