"""A service with one wrong limit is found out: each constraint in turn is dropped, moved or loosened, in data.

The cases of the right contract are judged by the wrong one: one of the constraint's own refused bodies must get
through, or one of its accepted ones must not.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import pytest

from case_books import VENDORS, body_cases, is_large, known, pack
from contracts.cases import Case
from specs.constraint import Constraint
from specs.pointers import resolve, split
from specs.validation import BodyContract

Json = Any
WIDER = {"maximum": 1, "maxLength": 1, "maxItems": 1, "minimum": -1, "minLength": -1, "minItems": -1}
EXACT_MAX = 2**53
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


@lru_cache
def cases_of(vendor: str) -> Mapping[tuple[str | None, str], list[Case]]:
    """The body cases by constraint and side; those that merely keep a constraint are its accepted ones too."""
    found: dict[tuple[str | None, str], list[Case]] = {}
    for expects in ("accepted", "refused"):
        for case in body_cases(vendor, expects):
            if not is_large(case.body):
                for name in (case.constraint, *case.also):
                    found.setdefault((name, expects), []).append(case)
    return found


def constraints(vendor: str, *keywords: str) -> Iterator[Constraint]:
    """The body constraints of these keywords that some body of the book breaks."""
    for each in known(vendor).values():
        if each.location == "body" and each.keyword in keywords and (each.id, "refused") in cases_of(vendor):
            yield each


def wrong(vendor: str, constraint: Constraint, change: Callable[[Json, str], None]) -> BodyContract:
    """The operation's contract with the constraint changed: `change` gets what stands around its last keyword."""
    body = pack(vendor).operations[constraint.operation].body
    assert body is not None
    schema = copy.deepcopy(body.schema)
    tokens = split(constraint.part)
    around = schema
    for token in tokens[:-1]:
        around = around[int(token)] if isinstance(around, list) else around[token]
    change(around, tokens[-1])
    return BodyContract(schema)


def takes(by: BodyContract, case: Case) -> bool:
    """Whether it takes the body."""
    return not by.judge(case.body)[1]


def takes_all(by: BodyContract, vendor: str, constraint: Constraint) -> bool:
    """Whether it takes every body that keeps the constraint."""
    return all(takes(by, case) for case in cases_of(vendor).get((constraint.id, "accepted"), ()))


def told_apart(vendor: str, constraint: Constraint, change: Callable[[Json, str], None]) -> bool:
    """Whether some case of the constraint is answered otherwise by the wrong contract."""
    by = wrong(vendor, constraint, change)
    refused = cases_of(vendor)[constraint.id, "refused"]
    return any(takes(by, case) for case in refused) or not takes_all(by, vendor, constraint)


def dropped(around: Json, keyword: str) -> None:
    """The keyword is not there."""
    del around[keyword]


@every_vendor
def test_limit_that_is_ignored_is_found(vendor: str) -> None:
    """Each single one, wherever it stands: without it one of its refused bodies is taken."""
    missed = [
        each.id
        for each in constraints(vendor, *WIDER, "pattern", "const", "enum", "uniqueItems", "multipleOf", "anyOf")
        if not told_apart(vendor, each, dropped) and not is_doubled(vendor, each)
    ]

    assert missed == []


def is_doubled(vendor: str, constraint: Constraint) -> bool:
    """Whether another constraint at the same place says as much: dropping one of them changes nothing."""
    others = (each for each in known(vendor).values() if each.operation == constraint.operation)
    same = {each.keyword for each in others if each.pointer == constraint.pointer and each.id != constraint.id}
    return (constraint.keyword == "minLength" and "anyOf" in same) or constraint.keyword in same


@every_vendor
@pytest.mark.parametrize("sign", [1, -1], ids=["wider", "narrower"])
def test_limit_that_is_off_by_one_is_found(vendor: str, sign: int) -> None:
    """In both directions: too wide by its refused body next to it, too narrow by its accepted body upon it."""
    missed = []
    for each in constraints(vendor, *WIDER):
        if abs(each.limit) > EXACT_MAX or is_all_or_nothing(vendor, each, sign):
            continue
        is_number = each.keyword in ("minimum", "maximum")
        limit = each.limit + sign * WIDER[each.keyword] * (unit(vendor, each) if is_number else 1)

        def move(around: Json, keyword: str, limit: Json = limit) -> None:
            around[keyword] = limit

        if limit >= 0 or is_number:
            missed += [] if told_apart(vendor, each, move) else [each.id]

    assert missed == []


def is_all_or_nothing(vendor: str, constraint: Constraint, sign: int) -> bool:
    """Whether one more or less is another mistake than being off by one.

    One less than one is no limit; none at all is an exclusion; and nobody means a URL of two letters by one that is
    not empty.
    """
    is_lowest = constraint.keyword.startswith("min") and constraint.limit == 1 and sign == 1
    is_url = constraint.keyword == "minLength" and constraint.pointer not in pack(vendor).behaviour.prompts
    return is_lowest or (constraint.limit == 0 and constraint.keyword.startswith("max")) or (is_url and sign == -1)


def unit(vendor: str, constraint: Constraint) -> float:
    """The smallest step that a service is likely to be off by."""
    body = pack(vendor).operations[constraint.operation].body
    assert body is not None
    around = resolve(body.schema, constraint.part.rpartition("/")[0])
    return float(around.get("multipleOf", 1 if "integer" in str(around.get("type")) else 0.01))


@every_vendor
def test_word_that_is_missing_is_found(vendor: str) -> None:
    """Each word of each enumeration, in each operation: one accepted body needs it."""
    missed = []
    for each in constraints(vendor, "enum"):
        for word in each.limit:

            def forget(around: Json, keyword: str, word: Json = word) -> None:
                around[keyword] = [option for option in around[keyword] if option != word]

            by = wrong(vendor, each, forget)
            missed += [(each.id, word)] if takes_all(by, vendor, each) else []

    assert missed == []


@every_vendor
def test_null_that_is_refused_is_found(vendor: str) -> None:
    """Where null is one of the types, one accepted body has it."""
    missed = []
    for each in constraints(vendor, "type"):
        if isinstance(each.limit, list) and "null" in each.limit and not is_never_null(vendor, each):

            def forget(around: Json, keyword: str) -> None:
                around[keyword] = [name for name in around[keyword] if name != "null"]

            by = wrong(vendor, each, forget)
            missed += [each.id] if takes_all(by, vendor, each) else []

    assert missed == []


def is_never_null(vendor: str, constraint: Constraint) -> bool:
    """Whether a further constraint asks for another type whenever the member matters."""
    others = (each for each in known(vendor).values() if each.operation == constraint.operation)
    return any(each.pointer == constraint.pointer and each.keyword == "type" and each.conditions for each in others)


@every_vendor
def test_null_that_is_taken_is_found(vendor: str) -> None:
    """Where null is none of the types, one refused body has it."""
    missed = []
    for each in constraints(vendor, "type"):
        types = each.limit if isinstance(each.limit, list) else [each.limit]
        if "null" not in types and each.pointer and not each.conditions:
            found = cases_of(vendor)[each.id, "refused"]
            has_null = any(None in values(case.body) for case in found)
            missed += [] if has_null else [each.id]

    assert missed == []


def values(body: Json) -> Iterator[Json]:
    """Everything inside a body."""
    inside = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    for each in inside:
        yield each
        yield from values(each)


@every_vendor
def test_member_that_may_be_missing_is_found(vendor: str) -> None:
    """Each requirement: without it one of its refused bodies is taken."""
    missed = []
    for each in constraints(vendor, "required"):
        member = split(each.pointer)[-1]

        def forget(around: Json, keyword: str, member: str = member) -> None:
            if keyword == "required":
                around[keyword] = [name for name in around[keyword] if name != member]
            else:
                del around[keyword]

        missed += [] if told_apart(vendor, each, forget) or is_doubled(vendor, each) else [each.id]

    assert missed == []


@every_vendor
def test_rule_that_is_ignored_is_found(vendor: str) -> None:
    """Each cross-field rule: without it a body that breaks it alone is taken."""
    missed = []
    for each in known(vendor).values():
        if each.rule is None or each.keyword == "unique-in-account":
            continue

        def forget(around: Json, keyword: str) -> None:
            del around[int(keyword)]

        refused = cases_of(vendor).get((each.id, "refused"), [])
        is_implying = bool(each.rule.rule.implies)
        by = wrong(vendor, each, forget)
        found = not refused or is_implying or any(takes(by, case) for case in refused)
        missed += [] if found else [each.id]

    assert missed == []
