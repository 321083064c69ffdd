"""The catalogue: every atomic constraint of a pack, its place, its limit, the condition under which it binds.

It follows the documents: a violation that the validator reports is here by the same pointer and keyword.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from specs.call_constraints import call_constraints
from specs.conditions import Condition, in_words, unless, when
from specs.constraint import BODY, IDLE, PATH, QUERY, Constraint
from specs.keywords import LIMITS, WHOLE, below, named_member, walk
from specs.pack import Operation, Pack, Parameter
from specs.pointers import Json, join, split
from specs.validation import ActiveRule

__all__ = ["BODY", "PATH", "QUERY", "Constraint", "catalogue", "constraints"]

# From the last token of a keyword's place to the pointer of the value that the schema there is about.
_JUDGED: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "allOf": lambda _: "",
        "properties": lambda name: join([name]),
        "prefixItems": lambda index: f"/{index}",
        "items": lambda _: "/*",
        "additionalProperties": lambda _: "/*",
        "patternProperties": lambda _: "/*",
    }
)
_NOT_A_WORD = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class _At:
    """Where the walk through a schema is."""

    operation: str
    location: str
    pointer: str
    part: str = ""
    conditions: tuple[Condition, ...] = ()
    described: str = ""
    idle: tuple[Condition, ...] = ()

    def down(self, part: str, pointer: str = "") -> _At:
        return replace(self, part=self.part + part, pointer=self.pointer + pointer)

    def under(self, part: str, condition: Condition) -> _At:
        return replace(self, part=self.part + part, conditions=(*self.conditions, condition))

    def found(self, keyword: str, limit: Json, part: str, member: str | None = None, words: str = "") -> Constraint:
        return Constraint(
            operation=self.operation,
            location=self.location,
            pointer=self.pointer + (join([member]) if member is not None else ""),
            keyword=keyword,
            limit=limit,
            conditions=self.conditions,
            words=words,
            part=self.part + part,
            idle=self.idle,
        )


def catalogue(pack: Pack) -> list[Constraint]:
    """Every constraint of every operation, in the order of the documents."""
    return [
        each
        for operation in pack.operations.values()
        for each in _with_ids([*call_constraints(pack, operation), *_promised(operation)])
    ]


def constraints(operation: Operation) -> list[Constraint]:
    """What one operation's schemas and rules ask for; ids are unique and stay the same while the constraint does."""
    return _with_ids(_promised(operation))


def _promised(operation: Operation) -> list[Constraint]:
    found = list(_parameters(operation))
    if operation.body is not None:
        at = _At(operation.id, BODY, "")
        found += _schema(operation.body.schema, at)
        described = _described_conditions(operation.body.schema)
        for index, rule in enumerate(operation.body.rules):
            found += _rule(rule, at.down(f"/x-rules/{index}"), described)
    return found


def _with_ids(found: list[Constraint]) -> list[Constraint]:
    first: dict[tuple[object, ...], Constraint] = {}
    for each in found:
        first.setdefault(_law(each), each)
    kept: dict[str, Constraint] = {}
    for each in first.values():
        name = f"{each.operation}:{each.place}:{each.keyword}"
        if each.condition:
            name += ":" + _NOT_A_WORD.sub("-", each.condition.lower()).strip("-")
        number = 1 + sum(1 for other in kept if other == name or other.startswith(name + ":#"))
        name = name if number == 1 else f"{name}:#{number}"
        kept[name] = replace(each, id=name)
    return list(kept.values())


def _law(constraint: Constraint) -> tuple[object, ...]:
    return constraint.pointer, constraint.keyword, repr(constraint.limit), repr(constraint.conditions)


def _parameters(operation: Operation) -> Iterator[Constraint]:
    for parameter in operation.parameters:
        if parameter.location in (QUERY, PATH):
            yield from _parameter(operation, parameter)


def _parameter(operation: Operation, parameter: Parameter) -> Iterator[Constraint]:
    sign = f"?{parameter.name}" if parameter.location == QUERY else f"{{{parameter.name}}}"
    at = _At(operation.id, parameter.location, sign, join(["parameters", parameter.name]))
    # Without a path parameter it would be another path; and everything in a URL is a string.
    if parameter.required and parameter.location == QUERY:
        yield at.found("required", limit=True, part="/required")
    for each in _schema(parameter.schema, at.down("/schema")):
        if (each.pointer, each.keyword, each.limit) != (sign, "type", "string"):
            yield each


def _described_conditions(schema: Json) -> dict[str, str]:
    """The words that the schema finds for its conditions: a rule under the same condition uses them too."""
    nodes = (node for _, node in walk(schema) if isinstance(node, Mapping) and "if" in node)
    return {repr(node["if"]): node["description"] for node in nodes if isinstance(node.get("description"), str)}


def _rule(rule: ActiveRule, at: _At, described: Mapping[str, str]) -> Iterator[Constraint]:
    if rule.when is not None:
        at = replace(at, conditions=(when("", rule.when, described.get(repr(rule.when), "")),))
    for law in rule.rule.laws():
        found = replace(at, pointer=law.pointer).found(law.keyword, law.limit, "")
        yield replace(found, rule=rule)


def _schema(schema: Json, at: _At) -> Iterator[Constraint]:
    if schema is False:
        yield at.found("not", limit=True, part="", words="must not be there")
    if not isinstance(schema, Mapping):
        return
    if IDLE in schema:
        # It speaks of the whole body, wherever the member stands.
        at = replace(at, idle=(*at.idle, when("", schema[IDLE], "")))
    if not schema.keys().isdisjoint(("if", "anyOf", "oneOf", "not")) and isinstance(schema.get("description"), str):
        at = replace(at, described=schema["description"])
    for keyword, value in schema.items():
        yield from _keyword(keyword, value, schema, at)


def _keyword(keyword: str, value: Json, schema: Mapping[str, Json], at: _At) -> Iterator[Constraint]:
    part = join([keyword])
    if keyword in ("required", "dependentRequired"):
        yield from _required(keyword, value, at)
    elif keyword in WHOLE:
        said = schema.get("description") or in_words({keyword: value})
        yield at.found(keyword, value, part, named_member(keyword, value), said)
    elif keyword in LIMITS:
        if (keyword, value) != ("uniqueItems", False):
            yield at.found(keyword, value, part)
    elif keyword in ("then", "else"):
        condition = (when if keyword == "then" else unless)(at.pointer, schema.get("if", True), at.described)
        yield from _schema(value, at.under(part, condition))
    else:
        yield from _inside(keyword, value, at)


def _required(keyword: str, value: Json, at: _At) -> Iterator[Constraint]:
    if keyword == "required":
        for member in value:
            yield at.found("required", limit=True, part="/required", member=member)
        return
    for present, members in value.items():
        condition = when(at.pointer, {"required": [present]}, f"when {present} is given")
        for member in members:
            yield replace(at, conditions=(*at.conditions, condition)).found(
                "required", limit=True, part="/dependentRequired", member=member
            )


def _inside(keyword: str, value: Json, at: _At) -> Iterator[Constraint]:
    if keyword == "additionalProperties" and isinstance(value, bool):
        # True is what the standard assumes anyway: a page that writes it promises it.
        words = "other members have no effect" if value else "no other members"
        yield at.found(keyword, limit=value, part=join([keyword]), words=words)
    elif keyword == "dependentSchemas":
        for name, each in value.items():
            condition = when(at.pointer, {"required": [name]}, f"when {name} is given")
            yield from _schema(each, at.under(join([keyword, name]), condition))
    elif keyword in _JUDGED:
        for part, each in below({keyword: value}):
            yield from _schema(each, at.down(part, _JUDGED[keyword](split(part)[-1])))
