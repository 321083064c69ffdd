"""The ledger tells from the catalogue what a body breaks, keeps and is not asked; it agrees with the validator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from case_books import VENDORS, pack
from contracts.cases.implied import is_confined
from contracts.cases.ledger import Ledger, pattern_of
from specs.catalogue import catalogue, constraints
from specs.constraint import Constraint
from specs.pack import Operation
from specs.pointers import join, removed, replaced
from specs.validation import BodyContract

Json = Any
ODD: tuple[Json, ...] = (
    None,
    "",
    " ",
    "odd",
    "a" * 3000,
    -1,
    0,
    10**6,
    0.5,
    True,
    [],
    [None],
    [{}] * 9,
    {},
    {"odd": 1},
)
SUBMITS = [(vendor, each) for vendor in VENDORS for each in pack(vendor).operations.values() if each.body is not None]


def ledger_of(schema: Json) -> tuple[Ledger, list[Constraint]]:
    """The ledger of an operation that takes bodies of this schema."""
    contract = BodyContract(schema)
    listed = constraints(pack("acme").operations["orderFilm"]._replace(body=contract, parameters=()))
    return Ledger(contract, listed), listed


def broken(schema: Json, body: Json) -> dict[tuple[str, str], list[str]]:
    """What a body breaks, by pointer and keyword, with its places."""
    ledger, listed = ledger_of(schema)
    found = ledger.broken(body)
    assert found is not None
    return {(each.pointer, each.keyword): found[each.id] for each in listed if each.id in found}


def places(value: Json, at: str = "") -> Iterator[str]:
    """The pointer of everything inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        yield at + join([name])
        yield from places(each, at + join([name]))


@pytest.mark.parametrize(("vendor", "operation"), SUBMITS, ids=[f"{vendor} {each.id}" for vendor, each in SUBMITS])
def test_ledger_and_validator_agree(vendor: str, operation: Operation) -> None:
    """Every example with one thing in it replaced or taken out: both find as much, each in its own way."""
    assert operation.body is not None
    listed = [each for each in catalogue(pack(vendor)) if each.operation == operation.id and each.location == "body"]
    ledger, known = Ledger(operation.body, listed), {each.id: each for each in listed}
    for example in operation.examples.values():
        for at in places(example):
            for body in (removed(example, at), *(replaced(example, at, value) for value in ODD)):
                judged, violations = operation.body.judge(body)
                found = ledger.broken(body)
                if judged is not body:
                    assert found is None
                    continue
                assert found is not None, (at, violations)
                told = {
                    (pattern_of(each.pointer), each.rule.replace("dependentRequired", "required"))
                    for each in violations
                }
                assert {(known[name].pointer, known[name].keyword) for name in found} == told
                assert ledger.is_plain(body) == (not violations)


def test_places_are_told() -> None:
    """Of a list the items that are wrong; of a missing member where it should be."""
    schema = {"properties": {"list": {"items": {"required": ["x"], "properties": {"x": {"maximum": 3}}}}}}

    assert broken(schema, {"list": [{"x": 9}, {}, {"x": 1}, {"x": 5}]}) == {
        ("/list/*/x", "required"): ["/list/1/x"],
        ("/list/*/x", "maximum"): ["/list/0/x", "/list/3/x"],
    }


def test_condition_is_asked_of_the_item_itself() -> None:
    """What binds in one item does not bind in the next."""
    schema = {
        "properties": {
            "list": {
                "items": {
                    "if": {"properties": {"kind": {"const": 1}}, "required": ["kind"]},
                    "then": {"required": ["x"]},
                }
            }
        }
    }

    assert broken(schema, {"list": [{"kind": 1}, {"kind": 2}]}) == {("/list/*/x", "required"): ["/list/0/x"]}


def test_tolerated_form_is_not_told() -> None:
    """A body that is only taken because of one is neither kept nor broken."""
    ledger, _ = ledger_of(
        {"properties": {"a": {"type": "boolean", "x-tolerated": ["boolean-string"]}, "b": {"maximum": 1}}}
    )

    assert ledger.broken({"a": "true"}) is None
    assert ledger.broken({"a": "true", "b": 2}) is None
    assert not ledger.is_plain({"a": "true"})
    assert ledger.broken({"a": "maybe"}) is not None


def test_kept_is_what_the_body_speaks_of() -> None:
    """Not what is absent, not what is not asked there, and not what has no effect."""
    schema = {
        "properties": {
            "a": {"maximum": 3},
            "b": {"maximum": 3, "x-idle": {"properties": {"a": {"const": 1}}}},
            "c": {"maximum": 3},
        },
        "if": {"required": ["c"]},
        "then": {"required": ["a"], "properties": {"d": False}},
        "description": "when c is there",
    }
    ledger, listed = ledger_of(schema)
    known = {each.id: f"{each.pointer} {each.keyword}" for each in listed}

    assert {known[name] for name in ledger.kept({"a": 1, "b": 2})} == {"/a maximum"}
    assert {known[name] for name in ledger.kept({"a": 2, "b": 2, "c": 1})} == {
        *("/a maximum", "/b maximum", "/c maximum", "/a required", "/d not"),
    }


IMPLYING = {
    "type": "object",
    "properties": {
        "word": {"type": "string", "enum": ["a", "b"]},
        "total": {"type": "integer"},
        "parts": {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "integer"}}}},
        "text": {"type": "string", "minLength": 1},
    },
    "x-rules": [
        {"kind": "each-at-most", "items": "/parts/*/size", "total": "/total"},
        {"kind": "sum-equals", "items": "/parts/*/size", "total": "/total"},
    ],
}


@pytest.mark.parametrize(
    ("pointer", "keyword", "body", "confined"),
    [
        ("/word", "type", {"word": 5}, True),
        ("/word", "enum", {"word": 5}, False),
        ("/word", "enum", {"word": "c"}, True),
        ("/word", "type", {"word": 5, "text": ""}, False),
        ("/parts/*/size", "each-at-most", {"total": 3, "parts": [{"size": 4}]}, True),
        ("/parts", "sum-equals", {"total": 3, "parts": [{"size": 4}]}, False),
        ("/parts", "sum-equals", {"total": 3, "parts": [{"size": 2}]}, True),
        ("/text", "minLength", {"text": "fine"}, False),
    ],
)
def test_breach_is_confined_to_what_it_implies(pointer: str, keyword: str, body: Json, *, confined: bool) -> None:
    """A wrong type is no option either, and a part above the whole makes another sum; the other way round it is two."""
    ledger, listed = ledger_of(IMPLYING)
    meant = next(each for each in listed if (each.pointer, each.keyword) == (pointer, keyword))
    found = ledger.broken(body)

    assert found is not None
    assert is_confined(found, meant, {each.id: each for each in listed}) is confined
