"""Whose turn it is: whether a fault rule that is met is played this time."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.fault_rules import FaultRule
from mockserver.store.fault_shelf import FaultShelf


def is_its_turn(rule: FaultRule, shelf: FaultShelf, counted_for: str, luck: Callable[[], float]) -> bool:
    """Counts one that is met. `counted_for` is an account that has counters of its own, or the empty string."""
    if rule.after and shelf.count(f"met {rule.id}", counted_for) <= rule.after:
        return False
    if rule.probability < 1 and luck() >= rule.probability:
        return False
    if rule.times is None:
        return True
    played = shelf.count(f"played {rule.id}", counted_for)
    if played >= rule.times and not counted_for:
        shelf.drop(rule.id)
    return played <= rule.times
