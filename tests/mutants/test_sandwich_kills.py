"""A gateway between two vendors: nothing is found at right ones, whatever their way, something at each wrong one."""

from __future__ import annotations

import pytest

from contracts.finding import Verdict
from contracts.judge.relations import OF_TRIALS
from mutants.sandwich_mutants import MUTANTS
from mutants.sandwich_variants import VARIANTS
from mutants.sandwiching import troubled, verified

# What only the whole command sees: it is in `benchmarks/gateways.py --sandwich`, as all of them are.
BEYOND_TROUBLE = ("refuses_too_late", "never_over")


def told(verdict: Verdict) -> list[str]:
    """Findings for a failing test."""
    return [f"{each.rule}: {each.message}" for each in verdict.findings]


def test_the_sample_gateway_keeps_every_law() -> None:
    """By the whole command: nothing found, and every law about both sides was asked but for what nobody did."""
    found = verified(None, 0, "--max-examples", "0")

    assert found.messages == ()
    assert found.status == 0


def test_its_troubles_ask_every_law() -> None:
    """The jobs that meet trouble are enough for all that is said of trouble."""
    verdict = troubled()

    assert told(verdict) == []
    assert {law.rule for law in verdict.laws if law.outcome == "ok"} >= OF_TRIALS


@pytest.mark.parametrize("name", VARIANTS)
def test_other_right_ways_are_right(name: str) -> None:
    """To wait inside, to work in the background, to keep films and words of its own."""
    assert told(troubled(VARIANTS[name])) == []


@pytest.mark.parametrize("name", [name for name in MUTANTS if name not in BEYOND_TROUBLE])
def test_a_mistake_is_found(name: str) -> None:
    """By the rule that is about it."""
    verdict = troubled(MUTANTS[name])

    assert MUTANTS[name].rule in {each.rule for each in verdict.findings}


def test_a_mistake_is_found_on_sockets() -> None:
    """As it is where all are near: how calls travel makes no difference."""
    near, far = troubled(MUTANTS["working_is_done"]), troubled(MUTANTS["working_is_done"], on_sockets=True)

    assert (
        {each.rule for each in near.findings}
        == {each.rule for each in far.findings}
        == {
            "upstream.ahead",
            "upstream.outcome",
        }
    )


def test_there_are_mistakes_of_every_kind() -> None:
    """There are many, and trouble shows some of each kind."""
    kinds = {row.kind for name, row in MUTANTS.items() if name not in BEYOND_TROUBLE}

    assert len(MUTANTS) >= 25
    assert kinds == {row.kind for row in MUTANTS.values()}
