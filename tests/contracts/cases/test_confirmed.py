"""What is sent was judged first: a refused body breaks what it says and nothing else, by another validator too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from case_books import VENDORS, body_cases, book, contract, is_large, known
from contracts.cases import Case
from contracts.cases.implied import IMPLIED, OF_A_WHOLE
from specs.constraint import Constraint
from specs.keywords import named_member
from specs.pointers import join, resolve
from specs.validation import NO_FACTS, compile_schema

Json = Any
CHOICES = ("anyOf", "oneOf", "not")
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


@lru_cache
def oracle(vendor: str, operation: str) -> jsonschema.Draft202012Validator:
    """Another validator than the product's, for the same schema."""
    schema = next(contract(vendor, case).schema for case in book(vendor).cases if case.operation == operation)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)


def generalised(tokens: list[str | int]) -> str:
    """A pointer with `*` for every index, as the catalogue writes it."""
    return join(["*" if isinstance(token, int) else token for token in tokens])


def told(error: jsonschema.ValidationError, body: Json) -> Iterator[tuple[str, str]]:
    """Pointer and keyword of what an error of the other validator is about."""
    tokens: list[str | int] = list(error.absolute_path)
    keyword = str(error.validator)
    if error.validator is None:
        # A `false` schema: what stands there is forbidden, and the last step to it is not told.
        around = resolve(body, join(tokens), body)
        yield from ((generalised([*tokens, name]), "not") for name, value in around.items() if value is error.instance)
    elif keyword == "required":
        missing = re.match(r"'(.*?)' is a required property", error.message)
        assert missing is not None
        yield generalised([*tokens, missing[1]]), "required"
    elif keyword == "dependentRequired":
        for present, members in error.validator_value.items():
            for member in members if present in error.instance else ():
                if member not in error.instance:
                    yield generalised([*tokens, member]), "required"
    else:
        member = named_member(keyword, error.validator_value) if keyword in CHOICES else None
        yield generalised([*tokens, *([member] if member else [])]), keyword


def broken(vendor: str, case: Case) -> set[tuple[str, str]]:
    """Everything that the body breaks: by the other validator, and by the rules that are active."""
    errors = oracle(vendor, case.operation).iter_errors(case.body)
    found = {place for error in errors for place in told(error, case.body)}
    if not isinstance(case.body, dict):
        return {("", "type")}
    for rule in contract(vendor, case).rules:
        for violation in rule.rule.check(case.body, NO_FACTS) if rule.applies(case.body) else ():
            found.add((re.sub(r"/[0-9]+(?=/|$)", "/*", violation.pointer), violation.rule))
    return found


def allowed(constraint: Constraint) -> set[tuple[str, str]]:
    """What a body that breaks the constraint may break with it, because it can't but break it."""
    same = {constraint.keyword, *IMPLIED.get(constraint.keyword, ())}
    found = {(constraint.pointer, keyword) for keyword in same}
    if (constraint.keyword, constraint.limit) == ("type", "integer") and "/*" in constraint.pointer:
        # A fraction that would be right if it were cut off: with it no sum comes out.
        found |= {(constraint.pointer.partition("/*")[0], kind) for kind in OF_A_WHOLE}
    if constraint.rule is not None:
        total = constraint.pointer.partition("/*")[0]
        found |= {(total, kind) for kind in constraint.rule.rule.implies}
    return found


@every_vendor
def test_refused_body_breaks_what_it_says_and_nothing_else(vendor: str) -> None:
    """An independent validator finds the one constraint, and beside it at most what can't be kept without it.

    That is the exception: types of enumerated words, and a part that is larger than the whole.
    """
    alone, count = 0, 0
    for case in body_cases(vendor, "refused"):
        if case.constraint is None or (is_large(case.body) and "image-bytes" not in case.constraint):
            continue
        constraint, found = known(vendor)[case.constraint], broken(vendor, case)
        assert (constraint.pointer, constraint.keyword) in found, (case.words, found)
        assert found <= allowed(constraint), (case.words, found)
        assert len(found) == 1 or constraint.keyword in ("type", "each-at-most", "enum"), case.words
        count, alone = count + 1, alone + (len(found) == 1)

    assert count > 40
    assert alone >= 0.7 * count


@every_vendor
def test_accepted_body_breaks_nothing(vendor: str) -> None:
    """By an independent validator and every rule."""
    count = 0
    for case in body_cases(vendor, "accepted"):
        assert broken(vendor, case) == set(), case.words
        count += 1

    assert count > 10


@every_vendor
def test_no_body_holds_a_tolerated_form(vendor: str) -> None:
    """What a service takes though its page says otherwise is sent in neither direction: nothing is made canonical."""
    for expects in ("accepted", "refused"):
        for case in body_cases(vendor, expects):
            if not is_large(case.body):
                assert contract(vendor, case).judge(case.body)[0] is case.body, case.words


@every_vendor
def test_nothing_is_refused_for_a_member_without_effect(vendor: str) -> None:
    """A member that is idle in this body may be checked or not: nobody is judged by it."""
    for case in body_cases(vendor, "refused"):
        for condition in known(vendor)[case.constraint].idle if case.constraint else ():
            assert not compile_schema(condition.schema).is_valid(case.body), case.words
