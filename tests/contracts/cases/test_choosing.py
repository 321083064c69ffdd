"""Choosing: the first of each constraint always, then by rank, then what has been looked for least; nothing twice."""

from __future__ import annotations

from typing import Any

from contracts.cases.case import Case
from contracts.cases.choosing import Candidate, chosen, lesson, once, told_before


def candidate(rank: int, body: Any, about: str = "a", operation: str = "make", shows: Any = None) -> Candidate:
    """One whose body tells it from the others."""
    case = Case(operation=operation, expects="refused", words="", constraint=f"{operation} {about}", body=body)
    return Candidate(rank, shows, case)


def bodies(cases: list[Case]) -> list[Any]:
    """What is sent."""
    return [case.body for case in cases]


def test_first_ones_are_never_left_out() -> None:
    """However little room there is."""
    assert bodies(chosen([candidate(0, 1), candidate(1, 2), candidate(0, 3)], 1)) == [1, 3]


def test_no_more_than_there_is_room_for() -> None:
    """Also where nothing is the first of its constraint."""
    assert bodies(chosen([candidate(1, 1), candidate(1, 2), candidate(1, 3)], 2)) == [1, 2]


def test_lower_ranks_first_and_the_order_is_kept() -> None:
    """What is chosen goes out as it was made."""
    ranked = [candidate(2, 1), candidate(1, 2), candidate(0, 3), candidate(1, 4)]

    assert bodies(chosen(ranked, 3)) == [2, 3, 4]
    assert bodies(chosen(ranked, 9)) == [1, 2, 3, 4]


def test_same_mistake_is_looked_for_once_before_it_is_twice() -> None:
    """Also in another operation: the second one looks for another."""
    ranked = [
        candidate(0, 1, "a", shows="null"),
        candidate(1, 2, "a", "change", shows="null"),
        candidate(1, 3, "a", "change", shows="text"),
        candidate(1, 4, "b", shows="number"),
    ]

    assert bodies(chosen(ranked, 2)) == [1, 3]
    assert bodies(chosen(ranked, 3)) == [1, 3, 4]


def test_constraint_that_was_broken_least_comes_first() -> None:
    """Where no lesson is rarer."""
    ranked = [
        candidate(0, 1, "a", shows=1),
        candidate(1, 2, "a", shows=2),
        candidate(1, 3, "b", shows=3),
    ]

    assert bodies(chosen(ranked, 2)) == [1, 3]


def test_same_body_goes_out_once() -> None:
    """But for the first of a constraint, which nothing else stands for."""
    same = [candidate(1, {"a": 1}), candidate(2, {"a": 1}), candidate(0, {"a": 1}, "b"), candidate(1, {"a": 1}, "c")]

    assert [each.case.constraint for each in once(same)] == ["make a", "make b"]
    assert len(once([candidate(1, {"a": 1}), candidate(1, {"a": 1}, operation="change")])) == 2


def test_values_that_one_mistake_would_take_are_one_lesson() -> None:
    """Another place, another keyword, another kind of value: another lesson."""
    alike: list[tuple[Any, Any]] = [("5", "16"), (" x", "y "), ([1], [2, 3]), ({"a": 1}, {"b": 2}), (5, 99), (0.5, 5.5)]
    for one, other in alike:
        assert lesson("/a", "type", one) == lesson("/a", "type", other)
    different: list[Any] = [None, True, False, 0, "", "x", " x", "5", [], [1], {}, {"a": 1}, 5, 0.5]
    assert len({lesson("/a", "type", value) for value in different}) == len(different)
    assert lesson("/a", "type", 5) != lesson("/b", "type", 5)
    assert lesson("/a", "type", 5) != lesson("/a", "enum", 5)


def test_type_that_another_operation_tells_waits() -> None:
    """But for the first of a constraint, for null, and for what is no type."""
    told = lesson("/size", "type", "5")
    ranked = [
        candidate(1, 1, "a:type", shows=told),
        candidate(1, 2, "a:type", "change", shows=told),
        candidate(0, 3, "b:type", "change", shows=told),
        candidate(1, 4, "a:type", shows=lesson("/size", "type", None)),
        candidate(1, 5, "a:type", "change", shows=lesson("/size", "type", None)),
        candidate(1, 6, "a:enum", shows=lesson("/size", "enum", "5")),
        candidate(1, 7, "a:enum", "change", shows=lesson("/size", "enum", "5")),
    ]

    assert [each.rank for each in told_before(ranked)] == [1, 2, 0, 1, 1, 1, 1]


def test_number_with_a_unit_is_another_lesson_than_a_word() -> None:
    """Who reads the number at its front takes it, and no other word."""
    assert lesson("/size", "enum", "5s") != lesson("/size", "enum", "large")
    assert lesson("/size", "enum", "5s") == lesson("/size", "enum", "7x")
