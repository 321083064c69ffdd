"""Whether a body keeps an operation's contract: its schema, its rules, and the forms that are taken as well.

The one place that decides this; the fake refuses by it, the judge confirms its cases by it, lint checks examples by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import jsonschema_rs

from specs.forms import LIFT, Form, canonical, lift, read_forms
from specs.pointers import Json, field, is_within, resolve, split
from specs.rules import KINDS, Facts, NoFacts, Rule
from specs.violations import ErrorReader, Violation

NO_FACTS = NoFacts()


def compile_schema(schema: Json) -> jsonschema_rs.Draft202012Validator:
    """A validator that checks formats too (the library leaves them out unless asked)."""
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


class ActiveRule(NamedTuple):
    """A rule, and the bodies that it speaks about."""

    rule: Rule
    when: Json | None
    applies: Callable[[Json], bool]


def _always(body: Json) -> bool:
    del body
    return True


def schema_default(schema: Json, pointer: str) -> Json:
    """The default that the schema gives to the member at this pointer."""
    inner = "".join(f"/properties{part}" for part in _parts(pointer))
    return resolve(schema, inner + "/default")


def _parts(pointer: str) -> list[str]:
    return ["/" + token for token in pointer.split("/")[1:]]


def read_rule(entry: Mapping[str, Any], schema: Json) -> ActiveRule:
    """The rule that an `x-rules` entry of the schema declares; KeyError names what is missing or unknown."""
    rule = KINDS[entry["kind"]].read(entry, lambda pointer: schema_default(schema, pointer))
    when = entry.get("when")
    return ActiveRule(rule, when, compile_schema(when).is_valid if when is not None else _always)


def walk_forms(schema: Json, extension: str, at: str = "") -> Iterator[Form]:
    """Every form that the schema lists under this extension, with the pointer of the value that it is about."""
    if not isinstance(schema, Mapping):
        return
    yield from read_forms(at, schema.get(extension, []))
    for name, member in schema.get("properties", {}).items():
        yield from walk_forms(member, extension, f"{at}/{name}")
    if "items" in schema:
        yield from walk_forms(schema["items"], extension, f"{at}/*")


class BodyContract:
    """What an operation promises about the body of a request."""

    def __init__(self, schema: Json, *, lenient: bool = False) -> None:
        self.schema = schema
        self.rules = tuple(read_rule(entry, schema) for entry in schema.get("x-rules", ()))
        forms = list(walk_forms(schema, "x-tolerated"))
        if lenient:
            forms += walk_forms(schema, "x-lenient")
        self.lifts = tuple(form for form in forms if form.kind == LIFT)
        self.forms = tuple(form for form in forms if form.kind != LIFT)
        self._validator = compile_schema(schema)
        self._is_valid = self._validator.is_valid
        self._read_error = ErrorReader(schema).read
        # A rule about a member that is not there has nothing to say, and most bodies lack most members.
        self._ruled = [(split(rule.rule.laws()[0].pointer)[0], rule.rule.check, rule.applies) for rule in self.rules]

    def judge(self, body: Json, facts: Facts = NO_FACTS) -> tuple[Json, list[Violation]]:
        """The body in its canonical form, and every violation in it, in the order of the document."""
        sent_at: dict[str, str] = {}
        for form in self.lifts:
            body, moved = lift(body, form)
            sent_at |= moved
        broken = [] if self._is_valid(body) else self._schema_violations(body)
        broken += self._rule_violations(body, facts)
        return self._judge_again(body, broken, facts, sent_at) if broken else (body, broken)

    def _judge_again(
        self, body: Json, broken: list[Violation], facts: Facts, sent_at: dict[str, str]
    ) -> tuple[Json, list[Violation]]:
        """Once more with the tolerated forms made canonical, and pointers as the client wrote them."""
        plain = canonical(body, self.forms) if isinstance(body, dict) else body
        if plain is not body:
            body, broken = (
                plain,
                [*self._schema_violations(plain), *self._rule_violations(plain, facts)],
            )
        if sent_at:
            broken = [_sent_there(violation, sent_at) for violation in broken]
        return body, broken

    def _schema_violations(self, body: Json) -> list[Violation]:
        found = [self._read_error(error) for error in self._validator.iter_errors(body)]
        # Of something that is no object nothing else can be said.
        return found[:1] if not isinstance(body, dict) else list(dict.fromkeys(found))

    def _rule_violations(self, body: Json, facts: Facts) -> list[Violation]:
        broken: list[Violation] = []
        if isinstance(body, dict):
            for member, check, applies in self._ruled:
                # Nearly every body keeps the law: asking whether it is active costs more than asking whether it is
                # broken.
                found = check(body, facts) if member in body else None
                if found and applies(body):
                    broken += found
        return broken


def _sent_there(violation: Violation, sent_at: Mapping[str, str]) -> Violation:
    for home, sent in sent_at.items():
        if is_within(violation.pointer, home):
            pointer = sent + violation.pointer.removeprefix(home)
            # The message names the field too: as the client wrote it.
            message = violation.message.replace(field(home), field(sent))
            return Violation(pointer, violation.rule, message)
    return violation
