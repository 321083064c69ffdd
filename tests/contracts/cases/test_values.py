"""Values on a limit keep it, values just outside break it, whatever the limit; the telling ones come first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.cases.boundary import boundary
from contracts.cases.outside import Limit, outside
from contracts.cases.writing import PROMPT_MARK, fresh_text, marked_text, mixed_text, plain_text
from specs.validation import compile_schema

Json = Any
INTEGER, NUMBER, STRING, ARRAY = ("integer",), ("number",), ("string",), ("array",)

# Each keyword with a limit, a valid value and the types that are allowed there.
LIMITS = [
    Limit("type", "integer", 7, INTEGER),
    Limit("type", "number", 0.5, NUMBER),
    Limit("type", "string", "10", STRING),
    Limit("type", "string", "on", STRING),
    Limit("type", "boolean", value=True, types=("boolean",)),
    Limit("type", ["array", "null"], [1], ("array", "null")),
    Limit("type", "object", {"a": 1}, ("object",)),
    Limit("enum", ["std", "pro"], "std", STRING, words=("std", "4k")),
    Limit("enum", ["3", "4", "5"], "4", STRING),
    Limit("enum", ["16:9", "1:1"], "1:1", STRING),
    Limit("enum", [1, 2], 1, INTEGER),
    Limit("const", "on", "on", STRING, words=("off",)),
    Limit("minimum", 3, 7, INTEGER),
    Limit("maximum", 15, 7, INTEGER),
    Limit("minimum", 0, 0.5, NUMBER),
    Limit("maximum", 1, 0.5, NUMBER),
    Limit("exclusiveMinimum", 0, 0.5, NUMBER),
    Limit("exclusiveMaximum", 9, 5, INTEGER),
    Limit("multipleOf", 2, 4, INTEGER),
    Limit("minLength", 1, "a cat", STRING, is_prose=True),
    Limit("maxLength", 40, "a cat", STRING, is_prose=True),
    Limit("maxLength", 20, "order-4711", STRING),
    Limit("pattern", "^[1-9][0-9]*$", "12", STRING),
    Limit("format", "uuid", "4f5d1c3e-0b7a-4c9d-8e2f-1a2b3c4d5e6f", STRING),
    Limit("minItems", 2, [1, 2, 3], ARRAY),
    Limit("maxItems", 3, [1], ARRAY),
    Limit("uniqueItems", limit=True, value=["a", "b"], types=ARRAY),
    Limit("maxProperties", 2, {"a": 1}, ("object",)),
]
every_limit = pytest.mark.parametrize(
    "limit", LIMITS, ids=lambda limit: f"{limit.keyword}-{limit.limit}-{limit.value}"[:60]
)


def keeps(limit: Limit, value: Json) -> bool:
    """Whether the value keeps this one keyword."""
    return bool(compile_schema({limit.keyword: limit.limit}).is_valid(value))


@every_limit
def test_values_outside_break_the_limit(limit: Limit) -> None:
    """The first one at least; what is merely near is for others to confirm."""
    made = list(outside(limit))

    assert made
    assert not keeps(limit, made[0])
    assert sum(not keeps(limit, value) for value in made) >= min(2, len(made) - 1)


@every_limit
def test_values_on_the_boundary_keep_the_limit(limit: Limit) -> None:
    """Every one."""
    for value in boundary(limit):
        assert keeps(limit, value), value


def test_every_option_is_on_the_boundary() -> None:
    """A word that a service has forgotten is found."""
    assert list(boundary(Limit("enum", ["a", "b", "c"], "a", STRING))) == ["a", "b", "c"]


def test_near_words_begin_with_those_of_others() -> None:
    """What another vendor takes is the likeliest to slip in; then the case, blanks, nothing, a letter more or less."""
    made = list(outside(Limit("enum", ["std", "pro"], "std", STRING, words=("std", "4k", "master"))))

    assert made[:2] == ["4k", "STD"]
    assert {"master", "std ", "", " std", "st", "stdx"} <= set(made)


def test_near_numbers_begin_with_the_next_ones() -> None:
    """Beyond both ends, then what only careless readers take for a number; blanks and noughts are no matter."""
    made = list(outside(Limit("enum", [str(number) for number in range(3, 16)], "5", STRING)))

    assert made[:4] == ["16", "2", "3.0", "3s"]
    assert {"03", " 3", "3 "}.isdisjoint(made)


def test_null_is_tried_second_wherever_it_is_no_type() -> None:
    """After what is most easily mistaken, and never where it is allowed."""
    for limit in LIMITS:
        if limit.keyword == "type" and "null" not in limit.types:
            assert list(outside(limit))[1] is None, limit
        elif limit.keyword == "type":
            assert None not in list(outside(limit))


def test_flag_is_said_in_the_words_of_others() -> None:
    """Where another vendor has a choice of words for what is true or false here; else any word will do."""
    flag = Limit("type", "boolean", value=True, types={"boolean"})

    assert "yes" in list(outside(flag))
    assert "on" in list(outside(replace(flag, words=("on", "off"))))


def test_no_whole_number_is_sent_for_an_integer_as_a_fraction() -> None:
    """5.0 is an integer to JSON Schema and none to many services: neither side sends it."""
    for limit in LIMITS:
        for value in [*outside(limit), *boundary(limit)]:
            assert not (isinstance(value, float) and value.is_integer()), (limit, value)


def test_limits_beyond_what_is_exact_are_broken_from_afar() -> None:
    """One more than 64 bits is the same number to half of the languages."""
    (made,) = outside(Limit("maximum", 2**63 - 1, 4711, INTEGER))

    assert made == 10**19


def test_texts_that_are_no_prose_stay_what_they_are() -> None:
    """A URL or an id that is too long is still one: only its length is wrong."""
    limit = Limit("maxLength", 30, "https://example.com/a", STRING)

    assert [value.startswith("https://example.com/a") for value in outside(limit)] == [True]
    assert [len(value) for value in boundary(limit)] == [30]


@given(length=st.integers(0, 3000))
def test_texts_have_the_length_in_code_points(length: int) -> None:
    """Whatever they are made of; and nobody would cut anything off their ends."""
    for text in (plain_text(length), mixed_text(length), marked_text(length)):
        assert len(text) == length
        assert text == text.strip()
        assert text.encode().decode() == text


def test_mixed_texts_are_counted_differently_in_other_units() -> None:
    """More bytes and more UTF-16 units than code points; and marked ones look shorter."""
    text = mixed_text(500)

    assert len(text.encode()) > 1.5 * len(text)
    assert len(text.encode("utf-16-le")) // 2 > 1.1 * len(text)
    assert sum(letter in "\u0301\u0308" for letter in marked_text(500)) > 200
    assert PROMPT_MARK in text


def test_fresh_texts_differ_by_run_and_number() -> None:
    """And are as long as asked."""
    made = {fresh_text(run, number, length) for run in ("a", "b") for number in range(50) for length in (10, 20, 40)}

    assert len(made) == 300
    assert {len(text) for text in made} == {10, 20, 40}
    assert all(text not in (text.lower(), text.upper()) for text in made if len(text) == 40)
