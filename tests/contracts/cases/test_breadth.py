"""Breadth: drawn bodies, unusual texts, the largest bodies; each judged before it is sent, none of it in doubt."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest

from case_books import VENDORS, book, contract, is_large, known, pack
from contracts.cases import PROMPT_MARK, Case
from specs.pointers import finder
from specs.validation import compile_schema

Json = Any
EXAMPLES = 24
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


def broad(vendor: str, expects: str) -> list[Case]:
    """What breadth adds to the book."""
    plain = {case.words for case in book(vendor).cases}
    return [case for case in book(vendor, EXAMPLES).cases if case.words not in plain and case.expects == expects]


def texts(value: Json) -> Iterator[str]:
    """Every text in a body, names too."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value


@every_vendor
def test_drawn_bodies_are_on_both_sides(vendor: str) -> None:
    """Some are to be taken, some to be refused, for each submit."""
    submits = {each.id for each in pack(vendor).operations.values() if each.role == "submit"}
    for expects in ("accepted", "refused"):
        drawn = {case.operation for case in broad(vendor, expects) if case.words.startswith("a drawn body")}
        assert drawn == submits


@every_vendor
def test_what_is_to_be_taken_breaks_nothing(vendor: str) -> None:
    """No constraint, and there is no tolerated form in it."""
    for case in broad(vendor, "accepted"):
        if not is_large(case.body):
            judged, violations = contract(vendor, case).judge(case.body)
            assert judged is case.body
            assert violations == []


@every_vendor
@pytest.mark.parametrize("expects", ["accepted", "refused"])
def test_drawn_bodies_have_no_idle_members(vendor: str, expects: str) -> None:
    """What has no effect is left out: a service may look at it or not."""
    for case in broad(vendor, expects):
        for each in known(vendor).values() if case.words.startswith("a drawn body") else ():
            if each.operation == case.operation and each.idle and finder(each.pointer)(case.body):
                assert not any(compile_schema(one.schema).is_valid(case.body) for one in each.idle), case.body


@every_vendor
def test_what_is_to_be_refused_breaks_something(vendor: str) -> None:
    """Every time, with nothing tolerated in it; the constraint is named where it is one alone."""
    for case in broad(vendor, "refused"):
        judged, violations = contract(vendor, case).judge(case.body)
        assert judged is case.body
        assert violations
        assert case.situation == "request_invalid"


@every_vendor
def test_texts_are_what_people_may_write(vendor: str) -> None:
    """Of the bodies to be taken: no control characters, no halves of characters, nothing that is not assigned."""
    for case in broad(vendor, "accepted"):
        for text in texts(case.body):
            assert {unicodedata.category(letter) for letter in text} & {"Cs", "Cn", "Co"} == set(), case.words
            assert {letter for letter in text if unicodedata.category(letter) == "Cc"} <= {"\t", "\n"}, case.words


@every_vendor
def test_drawn_bodies_are_recognisable(vendor: str) -> None:
    """Wherever a prompt is there and may say so."""
    prompts = pack(vendor).behaviour.prompts
    for case in broad(vendor, "accepted"):
        said = [text for pattern in prompts for _, text in finder(pattern)(case.body) if isinstance(text, str)]
        assert any(PROMPT_MARK in text for text in said), case.words


def test_numbers_are_those_that_everybody_reads_alike() -> None:
    """Neither fractions that are whole, nor more digits than a float has, on the side that is to be taken."""
    for vendor in VENDORS:
        for case in broad(vendor, "accepted"):
            assert not any(isinstance(value, float) and value.is_integer() for value in numbers(case.body)), case.words
            assert all(abs(value) <= 2**63 for value in numbers(case.body))


def numbers(value: Json) -> Iterator[Json]:
    """Every number in a body."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inside:
        yield from numbers(each)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


def test_more_examples_draw_more() -> None:
    """And none draw nothing."""
    few, many = len(book("mulerouter", 8).cases), len(book("mulerouter", EXAMPLES).cases)

    assert len(book("mulerouter").cases) < few < many


@pytest.mark.parametrize("vendor", ["mulerouter", "powertokens", "myrouter"])
def test_largest_texts_fill_every_member_with_four_bytes(vendor: str) -> None:
    """Some body has all that people write, each as long as it may be: who counts bytes, or limits bodies, is found."""
    sizes = [len(json.dumps(case.body, ensure_ascii=False).encode()) for case in broad(vendor, "accepted")]

    assert max(sizes) > 2 * 4 * 2400


def test_prompts_without_a_limit_are_long_somewhere() -> None:
    """What no page limits may have as many words as another vendor's prompt: who sets a limit of its own is found."""
    prompts = [case.body["prompt"] for case in broad("uniall", "accepted") if case.body.get("prompt")]

    assert 2000 in map(len, prompts)
