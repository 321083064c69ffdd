"""The catalogue: every way to break a request is listed, once, under a name that stays."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

import specs
from specs.catalogue import Constraint, catalogue, constraints
from specs.pack import Operation, Parameter
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
    False,
    [],
    [None],
    [{}] * 9,
    {},
    {"odd": 1},
)
PACKS = {name: specs.load(name) for name in specs.names()}
SUBMITS = [(pack, each) for pack in PACKS.values() for each in pack.operations.values() if each.body is not None]


def operation_of(schema: Json, *parameters: Parameter) -> Operation:
    """An operation that takes bodies of this schema."""
    return Operation(
        id="make",
        method="POST",
        path="/make",
        role="submit",
        tasks="thing",
        answer="made",
        summary="",
        body=BodyContract(schema),
        body_required=True,
        parameters=parameters,
        examples={},
        responses={},
        id_location=None,
        id_name=None,
        also_external=False,
        page=None,
        refusals={},
    )


def listed(schema: Json) -> list[tuple[str, str, Json, str]]:
    """Pointer, keyword, limit and condition of each constraint."""
    return [(each.pointer, each.keyword, each.limit, each.condition) for each in constraints(operation_of(schema))]


def places(value: Json, at: str = "") -> Iterator[str]:
    """The pointer of everything inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        pointer = at + join([name])
        yield pointer
        yield from places(each, pointer)


def odd_bodies(operation: Operation) -> Iterator[Json]:
    """Every example with one thing in it taken out or replaced, and with each member added."""
    assert operation.body is not None
    for example in operation.examples.values():
        for at in places(example):
            yield removed(example, at)
            yield from (replaced(example, at, value) for value in ODD)
        for name in operation.body.schema["properties"]:
            yield from (replaced(example, join([name]), value) for value in ODD)


@pytest.mark.parametrize(("pack", "operation"), SUBMITS, ids=[f"{pack.name} {each.id}" for pack, each in SUBMITS])
def test_every_violation_is_in_the_catalogue(pack: specs.Pack, operation: Operation) -> None:
    """Whatever a body is refused for can be looked up by the violation's pointer and rule."""
    assert operation.body is not None
    known = {(each.pointer, each.keyword) for each in catalogue(pack) if each.operation == operation.id}
    lifted = {form.pointer: form.parameter for form in operation.body.lifts}
    seen = set()
    for body in odd_bodies(operation):
        for violation in operation.body.judge(body)[1]:
            pointer = re.sub(r"/[0-9]+(?=/|$)", "/*", violation.pointer)
            for home, members in lifted.items():
                pointer = home + pointer if pointer.split("/")[1:2] and pointer.split("/")[1] in members else pointer
            seen.add((pointer, violation.rule))

    assert seen - known == set()
    assert len(seen) > 10


@pytest.mark.parametrize("pack", PACKS.values(), ids=list(PACKS))
def test_ids_are_unique_and_stay(pack: specs.Pack) -> None:
    """A report may name a constraint by its id alone, today and tomorrow."""
    ids = [each.id for each in catalogue(pack)]

    assert len(set(ids)) == len(ids)
    assert ids == [each.id for each in catalogue(specs.load(pack.folder))]
    assert all(re.fullmatch(r"[^\s]+", each) for each in ids)


@pytest.mark.parametrize("pack", PACKS.values(), ids=list(PACKS))
def test_part_leads_to_the_keyword(pack: specs.Pack) -> None:
    """The place in the schema is exact: what stands there is the limit."""
    for each in catalogue(pack):
        body = pack.operations[each.operation].body
        if each.location != "body" or each.keyword == "required" or each.rule is not None or body is None:
            continue
        assert limit_at(body.schema, each) == each.limit


def limit_at(schema: Json, constraint: Constraint) -> Json:
    """What stands at the constraint's place; a `false` schema is what it forbids."""
    for token in constraint.part.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        schema = schema[int(name)] if isinstance(schema, list) else schema[name]
    return True if schema is False else schema


def test_each_keyword_is_a_constraint_of_its_own() -> None:
    """Type, length and pattern of one member can be broken one by one."""
    assert listed({"properties": {"name": {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^a"}}}) == [
        ("/name", "type", "string", ""),
        ("/name", "minLength", 1, ""),
        ("/name", "maxLength", 9, ""),
        ("/name", "pattern", "^a", ""),
    ]


def test_missing_member_is_where_it_should_be() -> None:
    """As a violation names it."""
    assert listed({"required": ["a", "b"]}) == [("/a", "required", True, ""), ("/b", "required", True, "")]


def test_items_are_a_star() -> None:
    """Whatever the index, it is one constraint."""
    assert listed({"properties": {"list": {"items": {"required": ["x"]}}}}) == [("/list/*/x", "required", True, "")]


def test_conditional_binds_under_its_condition() -> None:
    """In the words of its description; what `if` asks for is no constraint itself."""
    schema = {
        "allOf": [
            {
                "description": "when a is 1",
                "if": {"properties": {"a": {"const": 1}}},
                "then": {"required": ["b"]},
                "else": {"properties": {"c": False}},
            }
        ]
    }

    assert listed(schema) == [("/b", "required", True, "when a is 1"), ("/c", "not", True, "unless a is 1")]


def test_condition_carries_its_schema() -> None:
    """A judge can tell whether it binds, and where to look."""
    schema = {"properties": {"list": {"items": {"if": {"required": ["a"]}, "then": {"required": ["b"]}}}}}
    (found,) = constraints(operation_of(schema))

    assert [(each.pointer, each.schema, each.words) for each in found.conditions] == [
        ("/list/*", {"required": ["a"]}, "when a is there")
    ]


@pytest.mark.parametrize(
    ("keyword", "branches", "pointer"),
    [
        ("anyOf", [{"required": ["a"]}, {"required": ["b"]}], "/a"),
        ("oneOf", [{"required": ["a"]}, {"required": ["b"]}], "/a"),
        ("not", {"required": ["a", "b"]}, "/b"),
    ],
)
def test_choice_is_one_constraint(keyword: str, branches: Json, pointer: str) -> None:
    """Not one for each branch: those are not asked for one by one."""
    schema = {keyword: branches, "description": "one of a and b"}
    (found,) = constraints(operation_of(schema))

    assert (found.pointer, found.keyword, found.limit, found.limit_words) == (
        pointer,
        keyword,
        branches,
        "one of a and b",
    )
    assert found.condition == ""


def test_dependent_required_names_what_it_depends_on() -> None:
    """The one is needed when the other is there."""
    assert listed({"dependentRequired": {"tail": ["image"]}}) == [("/image", "required", True, "when tail is given")]


def test_rule_binds_under_its_when_in_the_words_of_the_schema() -> None:
    """The same condition is described in the same words, wherever it stands."""
    condition = {"required": ["multi"]}
    schema = {
        "properties": {"prompt": {}},
        "allOf": [{"description": "when it is multi", "if": condition, "then": {"required": ["prompt"]}}],
        "x-rules": [{"kind": "not-blank", "pointer": "/prompt", "when": condition}],
    }

    assert listed(schema)[1] == ("/prompt", "not-blank", True, "when it is multi")


def test_the_same_law_twice_is_listed_once() -> None:
    """Two branches may say the same."""
    assert listed({"allOf": [{"required": ["a"]}, {"required": ["a"]}]}) == [("/a", "required", True, "")]


def test_query_and_path_parameters_are_listed() -> None:
    """But not that they are strings, which everything in a URL is, nor that a path parameter is there."""
    page = Parameter("page", "query", required=True, schema={"type": "integer", "minimum": 1})
    name = Parameter("id", "path", required=True, schema={"type": "string", "format": "uuid"})
    found = constraints(operation_of({}, page, name))

    assert [(each.location, each.pointer, each.keyword) for each in found] == [
        ("query", "?page", "required"),
        ("query", "?page", "type"),
        ("query", "?page", "minimum"),
        ("path", "{id}", "format"),
    ]


@pytest.mark.parametrize("pack", PACKS.values(), ids=list(PACKS))
def test_call_itself_is_constrained(pack: specs.Pack) -> None:
    """Who calls, which task, which method, which media type, JSON: at every operation that it is about."""
    found = {(each.operation, each.pointer, each.keyword) for each in catalogue(pack) if each.location == "call"}
    for operation in pack.operations.values():
        keys = {(operation.id, "@authorization", keyword) for keyword in ("required", "scheme", "valid")}
        bodies = {(operation.id, "", "json"), (operation.id, "@content-type", "contentType")}
        signs = {f"{{{operation.id_name}}}", f"?{operation.id_name}"}
        known = {each for each in found if each[0] == operation.id and each[2] == "known"}

        assert keys <= found
        assert (bodies <= found) is (operation.body is not None)
        assert {pointer for _, pointer, _ in known} <= signs
        assert len(known) == (operation.id_name is not None)


@pytest.mark.parametrize("pack", PACKS.values(), ids=list(PACKS))
def test_methods_are_those_of_the_path(pack: specs.Pack) -> None:
    """Listed once for each path, however many operations share it."""
    found = {pack.operations[each.operation].path: each.limit for each in catalogue(pack) if each.keyword == "method"}

    assert found == {
        path: [each.method for each in pack.operations.values() if each.path == path]
        for path in {each.path for each in pack.operations.values()}
    }


def test_media_type_is_free_where_any_is_taken() -> None:
    """What nobody refuses is no constraint."""
    lenient = specs.load("myrouter", lenient=True)

    assert [each.id for each in catalogue(lenient) if each.keyword == "contentType"] == []


def test_member_without_effect_says_when() -> None:
    """Its limits stay, for a fake enforces them; the condition speaks of the whole body, however deep the member is."""
    idle = {"required": ["single"]}
    inner = {"type": "object", "properties": {"size": {"maximum": 3, "x-idle": idle}}}
    found = constraints(operation_of({"properties": {"list": {"items": inner}, "other": {"maximum": 3}}}))

    assert {each.pointer: [(one.pointer, one.schema) for one in each.idle] for each in found} == {
        "/list/*": [],
        "/list/*/size": [("", idle)],
        "/other": [],
    }
    assert all(each.conditions == () for each in found)


def test_other_members_are_promised_or_forbidden_where_the_page_says_so() -> None:
    """Left out it is neither; `true` is what a page says, not what the standard assumes."""
    assert listed({"additionalProperties": True}) == [("", "additionalProperties", True, "")]
    assert listed({"additionalProperties": False}) == [("", "additionalProperties", False, "")]
    assert listed({"properties": {}}) == []


def test_id_says_what_it_is() -> None:
    """Operation, place, keyword; the condition where there is one; a number where even that is not enough."""
    schema = {
        "type": "object",
        "allOf": [{"if": {"required": ["a"]}, "then": {"required": ["b"]}, "description": "when a is there"}],
        "anyOf": [{"required": ["c"]}],
        "oneOf": [{"required": ["c"]}],
        "properties": {"c": {"allOf": [{"pattern": "x"}, {"pattern": "y"}]}},
    }

    assert [each.id for each in constraints(operation_of(schema))] == [
        "make:/:type",
        "make:/b:required:when-a-is-there",
        "make:/c:anyOf",
        "make:/c:oneOf",
        "make:/c:pattern",
        "make:/c:pattern:#2",
    ]
