"""The one place that decides whether a body keeps the contract: schema, rules, and the forms that are taken as well."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import specs
from properties.promised import KINDS, Kind
from specs.validation import BodyContract, compile_schema, read_rule, schema_default

Json = Any
SHOTS = {
    "type": "array",
    "items": {"type": "object", "properties": {"d": {"type": "integer", "x-tolerated": ["numeric-string"]}}},
}
ACTIVE = {"required": ["multi"], "properties": {"multi": {"const": True}}}
SCHEMA: Json = {
    "type": "object",
    "required": ["prompt"],
    "properties": {
        "prompt": {"type": "string", "maxLength": 5},
        "multi": {"type": "boolean", "x-tolerated": ["boolean-string"]},
        "d": {"type": "integer", "default": 5, "x-lenient": ["numeric-string"]},
        "shots": SHOTS,
        "callback": {"type": "string", "format": "uri"},
        "extra": {
            "type": "object",
            "x-tolerated": [{"lift": ["seed"]}],
            "properties": {"seed": {"type": "integer", "maximum": 9}},
        },
    },
    "x-rules": [
        {"kind": "not-blank", "pointer": "/prompt"},
        {"kind": "sum-equals", "items": "/shots/*/d", "total": "/d", "when": ACTIVE},
    ],
}
CONTRACT = BodyContract(SCHEMA)
LENIENT = BodyContract(SCHEMA, lenient=True)


def broken(body: Json, contract: BodyContract = CONTRACT) -> list[tuple[str, str]]:
    """Pointers and rules of what is wrong."""
    return [(each.pointer, each.rule) for each in contract.judge(body)[1]]


def test_valid_body_comes_back_as_it_is() -> None:
    """The same object, no violations."""
    body = {"prompt": "a", "d": 3}

    assert CONTRACT.judge(body) == (body, [])
    assert CONTRACT.judge(body)[0] is body


def test_every_violation_is_told() -> None:
    """Of the schema in the order of the body, then of the rules, each once."""
    assert broken({"d": "x", "prompt": 5, "multi": 1}) == [("/d", "type"), ("/prompt", "type"), ("/multi", "type")]
    assert broken({"prompt": " " * 6}) == [("/prompt", "maxLength"), ("/prompt", "not-blank")]
    assert broken({}) == [("/prompt", "required")]


@pytest.mark.parametrize("body", [None, [], "x", 5, True, [{}]])
def test_what_is_no_object_is_one_violation(body: Json) -> None:
    """Nothing else can be said about it."""
    assert broken(body) == [("", "type")]


def test_formats_are_checked() -> None:
    """The library would leave them out."""
    assert broken({"prompt": "a", "callback": "no address"}) == [("/callback", "format")]
    assert not compile_schema({"format": "date-time"}).is_valid("yesterday")


def test_rule_binds_only_while_it_is_active() -> None:
    """`when` is a schema of the body; an idle rule says nothing."""
    shots = [{"d": 1}]

    assert broken({"prompt": "a", "multi": True, "shots": shots}) == [("/shots", "sum-equals")]
    assert broken({"prompt": "a", "multi": True, "shots": shots, "d": 1}) == []
    for idle in ({"multi": False}, {}):
        assert broken({"prompt": "a", "shots": shots, **idle}) == []


def test_tolerated_form_is_no_violation_and_comes_back_canonical() -> None:
    """Rules see the canonical value too; the body that was sent stays."""
    body = {"prompt": "a", "multi": "true", "d": 3, "shots": [{"d": "1"}, {"d": "2"}]}
    before = copy.deepcopy(body)
    canonical = {"prompt": "a", "multi": True, "d": 3, "shots": [{"d": 1}, {"d": 2}]}

    assert CONTRACT.judge(body) == (canonical, [])
    assert body == before
    assert broken({**body, "d": 4}) == [("/shots", "sum-equals")]


def test_lenient_form_is_taken_only_when_asked() -> None:
    """`x-lenient` is nothing to the documented contract."""
    body = {"prompt": "a", "d": "7"}

    assert broken(body) == [("/d", "type")]
    assert LENIENT.judge(body) == ({"prompt": "a", "d": 7}, [])


def test_form_does_not_save_what_is_wrong_otherwise() -> None:
    """The canonical value is judged like any."""
    assert broken({"prompt": "a", "multi": "maybe"}) == [("/multi", "type")]
    assert broken({"prompt": "a", "d": "x"}, LENIENT) == [("/d", "type")]
    assert broken({"prompt": 5, "multi": "true"}) == [("/prompt", "type")]


def test_lifted_member_is_judged_and_told_where_it_was_sent() -> None:
    """At the top or inside, the same constraint; the pointer and the words are the client's."""
    assert CONTRACT.judge({"prompt": "a", "seed": 3}) == ({"prompt": "a", "extra": {"seed": 3}}, [])
    flat = CONTRACT.judge({"prompt": "a", "seed": 10})[1]
    nested = CONTRACT.judge({"prompt": "a", "extra": {"seed": 10}})[1]

    assert [(each.pointer, each.rule) for each in flat] == [("/seed", "maximum")]
    assert flat[0].message.startswith("seed ")
    assert nested[0].pointer == "/extra/seed"
    assert nested[0].message.startswith("extra.seed ")


def test_rule_asks_the_world() -> None:
    """What only the account knows is asked of the facts, with pointer and value."""
    asked = []

    class Facts:
        """Remembers what it was asked."""

        def taken(self, pointer: str, value: str) -> bool:
            """Everything is."""
            asked.append((pointer, value))
            return True

    contract = BodyContract({"type": "object", "x-rules": [{"kind": "unique-in-account", "pointer": "/mine"}]})

    assert [each.rule for each in contract.judge({"mine": "x"}, Facts())[1]] == ["unique-in-account"] * len(asked)
    assert set(asked) == {("/mine", "x")}
    assert contract.judge({"mine": "x"})[1] == []


@pytest.mark.parametrize(
    "entry", [{}, {"kind": "no-such-kind"}, {"kind": "not-blank"}, {"kind": "sum-equals", "items": "/a/*"}]
)
def test_rule_that_can_not_be_read_names_what_is_missing(entry: Json) -> None:
    """Better than a rule that says nothing."""
    with pytest.raises(KeyError):
        read_rule(entry, SCHEMA)


def test_default_of_a_member_is_found_by_its_pointer() -> None:
    """Nested too; absent where there is none."""
    schema = {"properties": {"a": {"default": 5, "properties": {"b": {"default": "x"}}}, "n": {"default": None}}}

    assert schema_default(schema, "/a") == 5
    assert schema_default(schema, "/a/b") == "x"
    assert schema_default(schema, "/n") is schema_default(schema, "/c") is None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@given(data=st.data())
def test_judging_twice_says_the_same(kind: Kind, data: st.DataObject) -> None:
    """A canonical body is canonical; what was judged is not changed."""
    contract = kind.submit.body
    assert contract is not None
    body = dict(kind.examples[data.draw(st.sampled_from(sorted(kind.examples)))])
    for name in data.draw(st.sets(st.sampled_from(sorted(contract.schema["properties"])), max_size=3)):
        body[name] = data.draw(
            st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just([]) | st.just({})
        )
    before = copy.deepcopy(body)
    canonical, violations = contract.judge(body)

    assert body == before
    assert contract.judge(canonical)[0] == canonical
    if not violations:
        assert contract.judge(canonical)[1] == []
        assert compile_schema(contract.schema).is_valid(canonical)
    for violation in violations:
        assert violation.message
        assert violation.pointer == "" or violation.pointer.startswith("/")


@pytest.mark.parametrize("vendor", specs.names())
def test_lenient_contract_accepts_all_that_the_documented_one_does(vendor: str) -> None:
    """Leniency adds and takes nothing away."""
    lenient = specs.load(vendor, lenient=True)
    for kind in [each for each in KINDS if each.pack.name == vendor]:
        contract = lenient.operations[kind.submit.id].body
        assert contract is not None
        for body in kind.examples.values():
            assert contract.judge(body)[1] == []
