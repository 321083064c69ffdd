"""The bugs in the code and the bugs in the tables are the same; each vendor has bugs of every kind that it can have."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from references.kling.bugs import BUGS as KLING
from references.mulerouter.bugs import BUGS as MULEROUTER
from references.seeding import KINDS, Bug, table
from references.uniall.bugs import BUGS as UNIALL

HERE = Path(__file__).parent
VENDORS: Mapping[str, Mapping[str, Bug]] = {"kling": KLING, "mulerouter": MULEROUTER, "uniall": UNIALL}
# Without images, or without anything that a request gets back.
LACKING = {"uniall": {"image"}, "mulerouter": {"echo", "progress"}, "kling": {"progress"}}
BUGS_MIN = 40


def asked_for(path: Path) -> Iterator[str]:
    """Each text of which a file asks whether it is among the bugs."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            names = [each.id if isinstance(each, ast.Name) else "" for each in node.comparators]
            names += [each.attr for each in node.comparators if isinstance(each, ast.Attribute)]
            if "bugs" in names:
                yield from chosen(node.left)


def chosen(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may stand for."""
    yield from (each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))


@pytest.mark.parametrize("vendor", VENDORS)
def test_tables_and_code_name_the_same_bugs(vendor: str) -> None:
    """No bug without a line that spoils something, no such line without a name."""
    shared = {name for path in HERE.glob("*.py") for name in asked_for(path)}
    own = {name for path in (HERE / vendor).glob("*.py") for name in asked_for(path)}
    all_shared = {name for bugs in VENDORS.values() for name in bugs if name in shared}

    assert VENDORS[vendor].keys() - shared - own == set()
    assert own - VENDORS[vendor].keys() == set()
    assert shared == all_shared


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_kind_of_law_is_broken_by_some_bug(vendor: str) -> None:
    """A judge that misses a kind of law altogether can't look good."""
    kinds = {bug.kind for bug in VENDORS[vendor].values()}

    assert len(VENDORS[vendor]) >= BUGS_MIN
    assert set(KINDS) - kinds == LACKING[vendor]


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_bug_says_what_is_wrong(vendor: str) -> None:
    """In words of its own."""
    words = [bug.words for bug in VENDORS[vendor].values()]

    assert all(len(each.split()) > 1 for each in words)
    assert len(words) == len(set(words))


def test_table_knows_its_kinds() -> None:
    """A misspelt kind would hide a bug from the rates."""
    with pytest.raises(AssertionError, match="no such kind"):
        table({"constraints": {"a": "b"}})
