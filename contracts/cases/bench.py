"""The bench of one operation: valid bodies of every kind, and for a constraint those in which it binds and matters."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TypeAlias

import orjson

from contracts.cases.ledger import Ledger, holds, pattern_of
from contracts.cases.outside import PROSE
from contracts.cases.synthesis import fitted, sample, schema_at
from contracts.cases.writing import PROMPT_MARK
from specs.conditions import Condition
from specs.constraint import Constraint
from specs.pack import Operation, Pack
from specs.pointers import Json, finder, is_within, join, removed, replaced, resolve, split
from specs.rules import Rule
from specs.rules.totals import SumEquals
from specs.validation import NO_FACTS, BodyContract, schema_default

Mode: TypeAlias = tuple[bool, ...]
Kind: TypeAlias = tuple[bool, ...]
_ABSENT = object()
# How many rules that were broken by the way are mended, one after the other.
_MENDS = 2
_NUMBERS = ("integer", "number")


@dataclass(frozen=True, slots=True)
class Basis:
    """A valid body, named after the example that it comes from.

    Its mode says which conditions of the operation it meets: bodies of one mode are the same kind of job.
    """

    name: str
    body: Json
    mode: Mode


def same_as(body: Json) -> bytes:
    """Equal for equal bodies."""
    try:
        return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        # Numbers beyond 64 bits are sent on purpose.
        return json.dumps(body, sort_keys=True).encode()


class Bench:
    """What cases of one operation are made from."""

    def __init__(self, pack: Pack, operation: Operation, constraints: list[Constraint]) -> None:
        assert operation.body is not None  # noqa: S101 - only operations with a body have a bench
        self.pack = pack
        self.operation = operation
        self.contract: BodyContract = operation.body
        self.constraints = constraints
        self.ledger = Ledger(self.contract, constraints)
        self._conditions = _conditions(constraints)
        self._known = {each.id: each for each in constraints}
        self._stages: dict[str, list[list[Basis]]] = {}
        self._idle = _conditions(constraints, only_idle=True)

    @cached_property
    def examples(self) -> tuple[Basis, ...]:
        """The named examples, their prompts marked."""
        found = ((name, self.marked(body)) for name, body in self.operation.examples.items())
        return tuple(Basis(f"example {name}", body, self.mode(body)) for name, body in found)

    @cached_property
    def _donors(self) -> tuple[Json, ...]:
        """Bodies that members are taken from: the operation's own examples first, then those of the others."""
        others = [each for each in self.pack.operations.values() if each is not self.operation]
        return tuple(self.marked(body) for each in (self.operation, *others) for body in each.examples.values())

    @cached_property
    def members(self) -> tuple[str, ...]:
        """Every member that some example has at its top."""
        return tuple(dict.fromkeys(name for body in self._donors for name in body))

    @cached_property
    def bases(self) -> tuple[Basis, ...]:
        """The examples, and the least that is left of each."""
        kept: dict[bytes, Basis] = {}
        for each in self.examples:
            kept.setdefault(same_as(each.body), each)
        shapes = {same_as(self._wordless(each.body)) for each in self.examples}
        for each in self.examples:
            least = self.least(each.body, lambda _: True)
            # Another prompt alone makes no other kind of body.
            if same_as(self._wordless(least)) not in shapes:
                shapes.add(same_as(self._wordless(least)))
                kept[same_as(least)] = Basis(f"least of {each.name}", least, self.mode(least))
        return tuple(kept.values())

    def _wordless(self, body: Json) -> Json:
        for pattern in self.pack.behaviour.prompts:
            for at, text in finder(pattern)(body):
                body = replaced(body, at, bool(text))
        return body

    @cached_property
    def prose(self) -> frozenset[str]:
        """Where people write what they like: prompts, and texts that may be long."""
        long = (each for each in self.constraints if each.keyword == "maxLength" and not each.conditions)
        return frozenset([*self.pack.behaviour.prompts, *(each.pointer for each in long if each.limit >= PROSE)])

    @cached_property
    def modes(self) -> tuple[Mode, ...]:
        """Every kind of job, in the order of the examples."""
        return tuple(dict.fromkeys(each.mode for each in self.bases))

    def mode(self, body: Json) -> Mode:
        """Which conditions the body meets."""
        return tuple(holds(schema)(body) for schema in self._conditions)

    def kind(self, body: Json) -> Kind:
        """Which members have an effect in the body: what tells one kind of job from another most of all."""
        return tuple(holds(schema)(body) for schema in self._idle)

    def marked(self, body: Json) -> Json:
        """The body with the mark in each prompt that says something."""
        for pattern in self.pack.behaviour.prompts:
            for at, text in finder(pattern)(body):
                if isinstance(text, str) and text.strip() and PROMPT_MARK not in text:
                    tries = (replaced(body, at, said) for said in (f"{PROMPT_MARK}: {text}", PROMPT_MARK))
                    body = next(filter(self.ledger.is_plain, tries), body)
        return body

    def least(self, body: Json, is_kept: Callable[[Json], bool]) -> Json:
        """The body without any documented member that it can do without, and still be what is asked.

        Items of lists stay whole: pages show what is in one, and hardly ever say which of it may be missing.
        """
        while True:
            whole = set(_item_members(body))
            places = (at for at in reversed(list(_member_places(body))) if at not in whole and self._is_documented(at))
            less = (removed(body, at) for at in places if not self.is_tied(at, body))
            found = next((each for each in less if self.ledger.is_plain(each) and is_kept(each)), None)
            if found is None:
                return body
            body = found

    def mended(self, body: Json, meant: Constraint | None = None, depth: int = _MENDS) -> Iterator[Json]:
        """The body, and bodies near it in which rules that it breaks are kept; but for the one that is meant."""
        yield body
        for rule in self._to_mend(body, meant) if depth else ():
            for each in rule.repair(body):
                yield from self.mended(each, meant, depth - 1)

    def _to_mend(self, body: Json, meant: Constraint | None) -> Iterator[Rule]:
        """The rules that the body breaks, but for the one that is meant; and ties, as if they were rules."""
        for name in self.ledger.broken(body) or ():
            rule = self._known[name].rule
            if rule is not None and (meant is None or name != meant.id):
                yield rule.rule
        yield from (tie for tie in self._ties if tie.check(body, NO_FACTS))

    @cached_property
    def _ties(self) -> tuple[SumEquals, ...]:
        """Parts and their whole by their name, where no rule says so: they may have to add up all the same."""
        ruled = [law.limit for rule in self.contract.rules for law in rule.rule.laws()]
        numbers = [each.pointer for each in self.constraints if each.keyword == "type" and each.limit in _NUMBERS]
        wholes = [at for at in numbers if at.count("/") == 1 and at not in ruled]
        # Some pages say nothing about items: the examples show what is in them.
        shown = {pattern_of(at): None for each in self._donors for at in _item_members(each)}
        pairs = [(at, whole) for whole in wholes for at in shown if at.endswith("/*" + whole)]
        schema = self.contract.schema
        return tuple(
            SumEquals.read({"items": items, "total": whole}, partial(schema_default, schema)) for items, whole in pairs
        )

    def is_even(self, body: Json) -> bool:
        """Whether parts add up to their whole also where no rule asks for it: what no page says, nobody is asked."""
        return not any(tie.check(body, NO_FACTS) for tie in self._ties)

    def is_tied(self, pointer: str, body: Json) -> bool:
        """Whether items of a list have a member of the same name, and no rule says how they go together.

        The parts may have to add up to the whole where no page says so: nobody is asked.
        """
        name = split(pointer)[-1]
        if self.is_whole(pointer, body):
            return False
        return any(split(at)[-1] == name and at.count("/") > pointer.count("/") for at in _item_members(body))

    def is_whole(self, pointer: str, body: Json) -> bool:
        """Whether a rule says how parts in this body go together with the value there."""
        laws = (law for rule in self.contract.rules if rule.applies(body) for law in rule.rule.laws())
        return any(law.limit == pointer for law in laws)

    def _is_documented(self, pointer: str) -> bool:
        """Whether the object that the member stands in is described: of others nobody knows what they need."""
        tokens = ["*" if token.isdecimal() else token for token in split(pointer)]
        around = schema_at(self.contract.schema, tokens[:-1])
        is_object = isinstance(around, Mapping) and around.get("type") == "object"
        return is_object and tokens[-1] in around.get("properties", {})

    # Where a constraint binds

    def binds(self, constraint: Constraint, body: Json) -> bool:
        """Whether the body has what the constraint is about, the constraint binds there, and it has an effect."""
        if self.ledger.is_idle(constraint, body):
            return False
        if constraint.rule is not None and not constraint.rule.applies(body):
            return False
        values = (resolve(body, at, _ABSENT) for at in self.ledger.places(constraint, body))
        return any(value is not None for value in values)

    def stages(self, constraint: Constraint) -> list[list[Basis]]:
        """For each mode in which the constraint can bind, the valid bodies in which it does, the telling one first."""
        if constraint.id not in self._stages:
            self._stages[constraint.id] = self._find_stages(constraint)
        return self._stages[constraint.id]

    def _find_stages(self, constraint: Constraint) -> list[list[Basis]]:
        found = {mode: [each for each in self.bases if each.mode == mode] for mode in self.modes}
        staged = [self._staged(constraint, bases) for bases in found.values()]
        settled = [bases for bases in staged if bases]
        # What is there but empty tells least about what a service makes of the member.
        settled.sort(key=lambda bases: self._is_empty(constraint, bases[0].body))
        return settled or [bases for bases in [list(self._made(constraint))[:1]] if bases]

    def _is_empty(self, constraint: Constraint, body: Json) -> bool:
        return all(resolve(body, at, body) in ("", [], {}) for at in self.ledger.places(constraint, body))

    def _staged(self, constraint: Constraint, bases: list[Basis]) -> list[Basis]:
        settled = [each for each in bases if self.binds(constraint, each.body)]
        if settled:
            return settled
        return next(([grown] for each in bases for grown in self.grown(constraint, each)), [])

    def grown(self, constraint: Constraint, basis: Basis) -> Iterator[Basis]:
        """The body with what the constraint is about, as another example has it: valid, and the same kind of job."""
        for body in self.grafts(constraint.pointer, basis.body):
            same_mode = self.mode(body) == basis.mode
            if same_mode and self.ledger.is_plain(body) and self.binds(constraint, body):
                name = split(constraint.pointer)[0]
                yield Basis(f"{basis.name} with {name}", body, basis.mode)

    def grafts(self, pointer: str, body: Json) -> Iterator[Json]:
        """The body with what the pointer names in it, out of each example that has it; valid or not."""
        seen = {same_as(body)}
        for donor in self._donors:
            grown = grafted(body, split(pointer), donor)
            if same_as(grown) not in seen:
                seen.add(same_as(grown))
                yield grown

    def _made(self, constraint: Constraint) -> Iterator[Basis]:
        """Bodies in which it binds though no example has what it is about: made to meet its conditions."""
        wanted = (each for each in self.constraints if self._explains(each, constraint))
        met = [*constraint.conditions, *(one for each in wanted for one in each.conditions)]
        name = next((token for token in reversed(split(constraint.pointer)) if token != "*"), "")
        for conditions in (met, []) if met else ([],):

            def is_meant(body: Json, conditions: list[Condition] = conditions) -> bool:
                return self.binds(constraint, body) and all(_meets(body, each) for each in conditions)

            for basis in self.bases:
                made_of = self._made_of(constraint.pointer, basis.body, conditions)
                for body in (each for made in made_of for each in self.mended(made)):
                    if self.ledger.is_plain(body) and is_meant(body):
                        made = self.least(body, is_meant)
                        yield Basis(f"made to have {name}", made, self.mode(made))

    def _made_of(self, pointer: str, body: Json, conditions: list[Condition]) -> Iterator[Json]:
        for condition in conditions:
            body = self._meeting(body, condition.pointer, condition.schema)
        yield body
        yield self._with(body, pointer)

    @staticmethod
    def _explains(other: Constraint, constraint: Constraint) -> bool:
        """Whether it says when a member on the way to the constraint's value is needed."""
        on_the_way = is_within(constraint.pointer, other.pointer)
        return other.keyword == "required" and bool(other.conditions) and on_the_way

    def _meeting(self, body: Json, pointer: str, schema: Json) -> Json:
        for at, value in finder(pointer)(body) if pointer else [("", body)]:
            body = replaced(body, at, fitted(value, schema))
        return body

    def _with(self, body: Json, pointer: str) -> Json:
        """The body with a plain value of its schema at the pointer."""
        tokens = split(pointer)
        for depth in range(1, len(tokens) + 1):
            if tokens[depth - 1] == "*":
                continue
            for at, parent in list(finder(join(tokens[: depth - 1]))(body)) if depth > 1 else [("", body)]:
                if isinstance(parent, Mapping) and parent.get(tokens[depth - 1]) in (None, "", []):
                    value = sample(schema_at(self.contract.schema, tokens[:depth]))
                    body = replaced(body, at + join([tokens[depth - 1]]), value)
        return body


def _conditions(constraints: list[Constraint], *, only_idle: bool = False) -> list[Json]:
    """Every condition about the body as a whole, once; or those alone under which a member has no effect."""
    found = {
        orjson.dumps(each.schema): each.schema
        for constraint in constraints
        for each in (*(() if only_idle else constraint.conditions), *constraint.idle)
        if each.pointer == ""
    }
    return list(found.values())


def _member_places(value: Json, at: str = "") -> Iterator[str]:
    """The pointer of every member, whatever it stands in."""
    for name, each in value.items() if isinstance(value, Mapping) else ():
        yield at + join([name])
        yield from _member_places(each, at + join([name]))
    for index, each in enumerate(value if isinstance(value, list) else ()):
        yield from _member_places(each, f"{at}/{index}")


def _meets(body: Json, condition: Condition) -> bool:
    """Whether whatever the condition speaks about meets it."""
    found = finder(condition.pointer)(body) if condition.pointer else [("", body)]
    return bool(found) and all(holds(condition.schema)(value) for _, value in found)


def _item_members(body: Json) -> Iterator[str]:
    """The pointer of every member that stands in an item of some list."""
    return (at for at in _member_places(body) if any(token.isdecimal() for token in split(at)))


def grafted(body: Json, tokens: list[str], donor: Json) -> Json:
    """The body with a value along the tokens (`*` is the first item), taken from the donor where it is missing."""
    if not tokens:
        return body
    head, rest = tokens[0], tokens[1:]
    if head == "*":
        if not isinstance(body, list) or not isinstance(donor, list) or not donor:
            return body
        return [grafted(body[0], rest, donor[0]), *body[1:]] if body else donor
    if not isinstance(body, Mapping) or not isinstance(donor, Mapping) or head not in donor:
        return body
    lacking = head not in body or (rest and not isinstance(body[head], (Mapping, list))) or body[head] == []
    return {**body, head: donor[head] if lacking else grafted(body[head], rest, donor[head])}
