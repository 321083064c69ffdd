"""Parts and their whole: numbers and numeric strings, defaults, and what counts as no number."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.rules import KINDS, NoFacts
from specs.rules.totals import number

Json = Any
ENTRY = {"items": "/shots/*/d", "total": "/d"}
NUMBERS: dict[Any, Json] = {5: 5, 5.5: 5.5, 0: 0, -3: -3, "5": 5, "007": 7, "0": 0}
NO_NUMBERS = (
    True,
    False,
    None,
    "",
    "5.0",
    "-5",
    "+5",
    " 5",
    "\u0665",
    "\uff15",
    "x",
    [5],
    {"d": 5},
    "1" * 19,
    "9" * 5000,
)


def check(kind: str, body: Json, default: Json = None) -> list[tuple[str, str]]:
    """Pointer and words of what is wrong, under a schema that gives the total this default."""
    rule = KINDS[kind].read(ENTRY, lambda _: default)
    return [(each.pointer, each.message) for each in rule.check(body, NoFacts())]


def shots(*lengths: Json) -> list[Json]:
    """Shots of these lengths."""
    return [{"d": length} for length in lengths]


def test_numbers_and_numeric_strings_count() -> None:
    """And nothing else: neither booleans, nor signs, nor other scripts' digits, nor what no number can hold."""
    for value, expected in NUMBERS.items():
        assert number(value) == expected
    for value in NO_NUMBERS:
        assert number(value) is None, value


@given(lengths=st.lists(st.integers(0, 20), min_size=1, max_size=6), off=st.integers(-5, 5), texts=st.booleans())
def test_sum_is_the_total_or_it_is_broken(*, lengths: list[int], off: int, texts: bool) -> None:
    """As numbers and as strings, mixed too; the message says both sums."""
    total = sum(lengths) + off
    write = str if texts and total >= 0 else int
    found = check("sum-equals", {"d": write(total), "shots": shots(*map(write, lengths))})

    assert bool(found) == (off != 0)
    for pointer, message in found:
        assert pointer == "/shots"
        assert str(sum(lengths)) in message
        assert str(total) in message


@given(lengths=st.lists(st.integers(0, 20), min_size=1, max_size=6), total=st.integers(0, 20))
def test_each_part_above_the_total_is_told(lengths: list[int], total: int) -> None:
    """By its own pointer, and no other."""
    found = check("each-at-most", {"d": total, "shots": shots(*lengths)})

    assert [pointer for pointer, _ in found] == [
        f"/shots/{index}/d" for index, length in enumerate(lengths) if length > total
    ]


@pytest.mark.parametrize("kind", ["sum-equals", "each-at-most"])
def test_absent_total_counts_with_its_default(kind: str) -> None:
    """The effective total; without a default there is nothing to compare with."""
    assert check(kind, {"shots": shots(6)}, default=5) != []
    assert check(kind, {"shots": shots(5)}, default="5") == []
    assert check(kind, {"shots": shots(6)}) == []


@pytest.mark.parametrize("odd", [None, "x", "9" * 5000, True, {}, []])
def test_part_or_total_that_is_no_number_is_somebody_elses_business(odd: Json) -> None:
    """The schema says that it must be one; the sum of the others says nothing."""
    assert check("sum-equals", {"d": 5, "shots": shots(1, odd)}) == []
    assert check("sum-equals", {"d": odd, "shots": shots(1)}) == []
    assert check("each-at-most", {"d": odd, "shots": shots(1)}) == []
    assert check("each-at-most", {"d": 5, "shots": shots(9, odd)}) == [
        ("/shots/0/d", "shots[0].d must be at most d (5), not 9")
    ]


def test_shots_without_a_length_make_no_sum() -> None:
    """One that is missing is missing, not nothing."""
    assert check("sum-equals", {"d": 5, "shots": [{"d": 1}, {}]}) == []
    assert check("sum-equals", {"d": 5, "shots": []}) == []


def test_made_bodies_are_written_as_the_body_was() -> None:
    """Strings stay strings, other members stay."""
    rule = KINDS["sum-equals"].read(ENTRY, lambda _: None)
    body = {"d": "5", "shots": [{"d": "2", "prompt": "a"}, {"d": "3", "prompt": "b"}]}

    for made in [*rule.satisfy(body), *rule.break_(body)]:
        for shot in made["shots"]:
            assert isinstance(shot["d"], str)
            assert shot["prompt"] in ("a", "b")
    assert body["shots"] == [{"d": "2", "prompt": "a"}, {"d": "3", "prompt": "b"}]
