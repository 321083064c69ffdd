"""Leafing through a list: a few pages that show all, and one that must be empty."""

from __future__ import annotations

import pytest

import specs
from contracts.drivers.leafing import pages, whole_page
from specs.pack import Operation


def listing() -> Operation:
    """A list with pages of 1 to 500."""
    return specs.load("kling").operations["listTextToVideo"]


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(3, ["2"] * 3), (4, ["2"] * 4), (10, ["4"] * 4), (99, ["34"] * 4), (150, ["51"] * 4)],
)
def test_pages_follow_one_another_to_one_that_is_empty(count: int, sizes: list[str]) -> None:
    """All of one size, numbered from 1; those before the last have room for more than there is."""
    asked = list(pages(listing(), count))

    assert [case.query for case in asked] == [
        {"pageNum": str(number), "pageSize": size} for number, size in enumerate(sizes, 1)
    ]
    assert sum(map(int, sizes[:-1])) > count
    assert all((case.expects, case.operation) == ("accepted", "listTextToVideo") for case in asked)


@pytest.mark.parametrize("count", [0, 2, 3000])
def test_nothing_to_leaf_through(count: int) -> None:
    """Too few tasks for two pages, or more than a few pages may show."""
    assert list(pages(listing(), count)) == []


def test_list_without_pages_is_not_leafed_through() -> None:
    """Where the documents know none."""
    assert list(pages(listing()._replace(page=None), 50)) == []
    assert whole_page(listing()._replace(page=None)) == {}
