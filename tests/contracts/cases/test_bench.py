"""The bench: valid bodies of every kind, where a constraint binds, and what is made where no example has it."""

from __future__ import annotations

from typing import Any

import pytest

from case_books import VENDORS, pack
from contracts.cases.bench import Bench, grafted, same_as
from contracts.cases.synthesis import fitted, sample, schema_at
from contracts.cases.writing import PROMPT_MARK
from specs.catalogue import catalogue, constraints
from specs.constraint import Constraint
from specs.pack import Operation
from specs.validation import BodyContract, compile_schema

Json = Any


def bench_of(schema: Json, **examples: Json) -> Bench:
    """A bench of one operation that takes bodies of this schema, and mentions no prompt."""
    vendor = pack("acme")
    operation = vendor.operations["orderFilm"]._replace(body=BodyContract(schema), examples=examples, parameters=())
    behaviour = vendor.behaviour._replace(prompts=("/prompt",), model=None, external_id=None)
    changed = vendor._replace(behaviour=behaviour, operations={operation.id: operation})
    return Bench(changed, operation, constraints(operation))


def one(bench: Bench, pointer: str, keyword: str) -> Constraint:
    """The constraint there."""
    return next(each for each in bench.constraints if (each.pointer, each.keyword) == (pointer, keyword))


def submits(vendor: str) -> list[Operation]:
    """The operations with a body."""
    return [each for each in pack(vendor).operations.values() if each.body is not None]


@pytest.mark.parametrize("vendor", VENDORS)
def test_bases_are_valid_as_they_are_and_marked(vendor: str) -> None:
    """Every example, and the least of each: without any tolerated form, and recognisable."""
    for operation in submits(vendor):
        listed = [
            each for each in catalogue(pack(vendor)) if each.operation == operation.id and each.location == "body"
        ]
        bench = Bench(pack(vendor), operation, listed)

        assert len(bench.bases) >= len(operation.examples) - 1
        for basis in bench.bases:
            assert bench.ledger.is_plain(basis.body), basis.name
            assert PROMPT_MARK in str(basis.body), basis.name
        assert len({same_as(each.body) for each in bench.bases}) == len(bench.bases)


def test_least_leaves_out_what_is_not_needed() -> None:
    """Member by member, inside of objects too; what belongs together stays."""
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "object", "properties": {"x": {}, "y": {}}, "required": ["x"]}, "b": {}, "c": {}},
        "dependentRequired": {"b": ["c"]},
    }
    bench = bench_of(schema, full={"a": {"x": 1, "y": 2}, "b": 3, "c": 4})

    assert [each.body for each in bench.bases] == [{"a": {"x": 1, "y": 2}, "b": 3, "c": 4}, {"a": {"x": 1}}]


def test_least_keeps_parts_and_whole_together() -> None:
    """Where no rule says how they go together, nobody is asked: they stay as the example has them."""
    items = {"type": "array", "items": {"type": "object", "properties": {"seconds": {"type": "integer"}}}}
    schema = {"type": "object", "properties": {"shots": items, "seconds": {"type": "integer"}}, "required": ["shots"]}
    bench = bench_of(schema, shots={"shots": [{"seconds": 3}], "seconds": 3})

    assert bench.bases[0].body == {"shots": [{"seconds": 3}], "seconds": 3}
    assert bench.is_tied("/seconds", bench.bases[0].body)


def test_least_leaves_items_of_lists_whole() -> None:
    """Pages show what is in an item, and hardly ever say which of it may be missing."""
    items = {"type": "array", "items": {"type": "object", "properties": {"url": {}, "kind": {}}, "required": ["url"]}}
    schema = {"type": "object", "properties": {"pictures": items, "size": {}}, "required": ["pictures"]}
    bench = bench_of(schema, full={"pictures": [{"url": "a", "kind": "b"}], "size": 3})

    assert [each.body for each in bench.bases][1:] == [{"pictures": [{"url": "a", "kind": "b"}]}]


CONDITIONAL = {
    "type": "object",
    "properties": {
        "multi": {"type": "boolean"},
        "prompt": {
            "type": "string",
            "maxLength": 9,
            "x-idle": {"properties": {"multi": {"const": True}}, "required": ["multi"]},
        },
        "size": {"type": "integer", "maximum": 5},
    },
    "allOf": [
        {
            "description": "when it is multi",
            "if": {"properties": {"multi": {"const": True}}, "required": ["multi"]},
            "then": {"required": ["size"]},
        }
    ],
}


def test_constraint_is_staged_in_each_kind_of_job() -> None:
    """A member that one example lacks is taken over from another, where it has an effect."""
    bench = bench_of(CONDITIONAL, single={"prompt": "a"}, multi={"multi": True, "size": 3})

    assert [bases[0].body for bases in bench.stages(one(bench, "/size", "maximum"))] == [
        {"prompt": "a", "size": 3},
        {"multi": True, "size": 3},
    ]


def test_member_without_effect_is_never_put_into_a_body() -> None:
    """Nor does a constraint of its value bind where it is idle; the condition is another matter."""
    bench = bench_of(CONDITIONAL, single={"prompt": "a"}, multi={"multi": True, "size": 3, "prompt": "idle"})
    staged = bench.stages(one(bench, "/prompt", "maxLength"))

    assert all("multi" not in basis.body for bases in staged for basis in bases)


def test_condition_that_no_example_meets_is_met() -> None:
    """A user's limit may bind in a kind of job of which there is no example."""
    bench = bench_of(CONDITIONAL, single={"prompt": "a"})
    (bases,) = bench.stages(one(bench, "/size", "required"))

    assert bases[0].body["multi"] is True
    assert "size" in bases[0].body


def test_member_that_no_example_has_is_made() -> None:
    """Of its own schema, inside of what leads to it."""
    inner = {"type": "object", "properties": {"kind": {"enum": ["x"]}, "list": {"type": "array", "minItems": 2}}}
    schema = {"type": "object", "properties": {"a": {}, "deep": {"type": "array", "items": inner}}}
    bench = bench_of(schema, plain={"a": 1})
    (bases,) = bench.stages(one(bench, "/deep/*/list", "minItems"))

    assert len(bases[0].body["deep"][0]["list"]) == 2


@pytest.mark.parametrize(
    ("tokens", "body", "expected"),
    [
        (["b"], {"a": 1}, {"a": 1, "b": {"c": [1, 2]}}),
        (["b", "c"], {"b": {}}, {"b": {"c": [1, 2]}}),
        (["b", "c", "*"], {"b": {"c": []}}, {"b": {"c": [1, 2]}}),
        (["b", "c", "*"], {"b": {"c": [7]}}, {"b": {"c": [7]}}),
        (["nowhere"], {"a": 1}, {"a": 1}),
    ],
)
def test_graft_takes_what_is_missing_and_no_more(tokens: list[str], body: Json, expected: Json) -> None:
    """From the place on where the body ends."""
    assert grafted(body, tokens, {"b": {"c": [1, 2]}, "d": 5}) == expected


SCHEMAS = [
    {"type": "string"},
    {"type": "string", "minLength": 30},
    {"type": "string", "maxLength": 3},
    {"type": "string", "pattern": "^[1-9][0-9]*$"},
    {"enum": ["a", "b"]},
    {"const": 7},
    {"type": "integer", "minimum": 3, "maximum": 4},
    {"type": ["array", "null"], "minItems": 2, "items": {"type": "boolean"}},
    {"type": "object", "required": ["x"], "properties": {"x": {"type": "number", "maximum": -2}}},
    {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    {"type": "null"},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_sample_keeps_its_schema(schema: Json) -> None:
    """As far as the schema's own limits go."""
    assert compile_schema(schema).is_valid(sample(schema))


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ({"a": 1, "b": 2}, {"required": ["c"], "properties": {"c": {"const": True}}}),
        ({"a": 1, "b": 2}, {"not": {"required": ["b"]}}),
        ({"a": 1}, {"anyOf": [{"required": ["b"]}, {"required": ["c"]}]}),
        ({"a": {"b": 1}}, {"properties": {"a": {"properties": {"b": {"enum": ["x", "y"]}}}}}),
        ({"a": ""}, {"required": ["a"], "properties": {"a": {"type": "string", "minLength": 1}}}),
        ({"a": 5}, {"allOf": [{"required": ["b"]}, {"properties": {"a": {"type": "array", "minItems": 1}}}]}),
    ],
)
def test_value_is_changed_until_it_fits(value: Json, schema: Json) -> None:
    """Conditions are met by changing what they speak of."""
    assert compile_schema(schema).is_valid(fitted(value, schema))


def test_schema_is_found_in_branches_too() -> None:
    """A member may be described under a condition alone."""
    schema = {"allOf": [{"then": {"properties": {"a": {"items": {"maximum": 3}}}}}]}

    assert schema_at(schema, ["a", "*"]) == {"maximum": 3}
    assert schema_at(schema, ["b"]) is None
