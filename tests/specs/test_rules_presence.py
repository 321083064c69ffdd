"""What must be there: a blank string says nothing; of several numbers exactly one is not zero."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.rules import KINDS, NoFacts

Json = Any
NOT_BLANK = KINDS["not-blank"].read({"pointer": "/prompt"}, lambda _: None)
MEMBERS = ("pan", "tilt", "zoom")
ONE = KINDS["exactly-one-nonzero"].read({"pointer": "/config", "members": list(MEMBERS)}, lambda _: None)


@given(text=st.text(alphabet=" \t\n\r\u00a0\u2003\u3000ab", max_size=5))
def test_blank_is_what_has_no_visible_character(text: str) -> None:
    """White space of any kind; the empty text is another keyword's business."""
    broken = NOT_BLANK.check({"prompt": text}, NoFacts())

    assert bool(broken) == (text != "" and text.strip() == "")
    assert [(each.pointer, each.rule) for each in broken] == [("/prompt", "not-blank")] * len(broken)


@pytest.mark.parametrize("counts", list(itertools.product((None, 0, 0.0, -1, 2.5), repeat=3)), ids=str)
def test_exactly_one_over_the_whole_product(counts: tuple[float | None, ...]) -> None:
    """Absent and zero don't count; negative and broken numbers do."""
    config = {name: value for name, value in zip(MEMBERS, counts, strict=True) if value is not None}
    nonzero = sum(1 for value in config.values() if value)

    broken = ONE.check({"config": config}, NoFacts())
    assert bool(broken) == (nonzero != 1)
    for violation in broken:
        assert (violation.pointer, violation.rule) == ("/config", "exactly-one-nonzero")
        assert f"not {nonzero}" in violation.message


@pytest.mark.parametrize("odd", ["1", None, True, [], {}])
def test_member_that_is_no_number_is_the_schemas_business(odd: Json) -> None:
    """The count would say something about a value that is refused anyway."""
    assert ONE.check({"config": {"pan": odd, "tilt": 0}}, NoFacts()) == []


def test_other_members_do_not_count() -> None:
    """Only those that the rule names."""
    assert ONE.check({"config": {"pan": 1, "other": 5}}, NoFacts()) == []
    assert len(ONE.check({"config": {"other": 5}}, NoFacts())) == 1
