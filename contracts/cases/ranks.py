"""How many ways to break a constraint are tried in each kind of job, and how much each of them tells."""

from __future__ import annotations

from specs.constraint import Constraint
from specs.pointers import split

# How many ways to break a constraint are tried in the first kind of job in which it binds; in every other kind it is
# one or two, for a service that checks a member in one kind of job alone.
_WAYS = {
    "type": 6,
    "enum": 10,
    "pattern": 6,
    "exactly-one-nonzero": 4,
    "not-blank": 3,
    "sum-equals": 3,
    "anyOf": 4,
    "required": 5,
}
_WAYS_ELSE, _WAYS_NESTED, _WAYS_TYPE_ELSEWHERE = 3, 4, 2


def ways(constraint: Constraint) -> int:
    """How many ways to break it are tried in the first kind of job."""
    is_nested = len(split(constraint.pointer)) > 1
    if constraint.keyword == "type" and constraint.limit != "integer" and is_nested:
        return _WAYS_NESTED
    return _WAYS.get(constraint.keyword, _WAYS_ELSE)


def ways_elsewhere(constraint: Constraint) -> int:
    """How many in every other kind of job: of types null as well, which may count as nothing in one kind alone."""
    return _WAYS_TYPE_ELSEWHERE if constraint.keyword == "type" else 1


def rank(constraint: Constraint, number: int) -> int:
    """How much the further ways in one kind of job tell: of words many, of types null, of all else little."""
    if constraint.rule is not None:
        return min(number, 1)
    if constraint.keyword in ("enum", "pattern"):
        # Numbers that are written as text have more ways to be read than words.
        in_digits = constraint.keyword == "enum" and all(str(each).isdecimal() for each in constraint.limit)
        return (number + 3) // 4 if in_digits else (number + 2) // 3
    # What is no number of 64 bits comes next.
    is_far = constraint.keyword == "maximum" and number == 1 and len(split(constraint.pointer)) == 1
    if constraint.keyword in ("maxLength", "required", "anyOf") or is_far:
        return min(number, 1)
    if constraint.keyword == "type":
        # A number may be taken for a text, a boolean, a fraction, each by another mistake; and so may a whole body.
        most = 0 if constraint.pointer == "" else 1
        if constraint.limit == "number":
            return max(min(number, 1), number - 1)
        return min(number, most) if constraint.limit in ("integer", "boolean") or most == 0 else number
    return number + 1 if number else 0


def rank_elsewhere(constraint: Constraint, *, is_known_kind: bool) -> int:
    """How much it tells to break it in another kind of job: types are forgotten for all kinds or for none."""
    return (3 if is_known_kind else 1) + (1 if constraint.keyword == "type" else 0)


def is_told_by_another(constraint: Constraint) -> bool:
    """Whether the rule has several laws, and this is not the first: that one shows where the rule is asked at all."""
    return constraint.rule is not None and constraint.rule.rule.laws()[0].keyword != constraint.keyword
