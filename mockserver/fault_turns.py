"""Whose turn it is: whether a fault rule that is met is played this time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from mockserver.fault_rules import FaultRule
from mockserver.store.fault_shelf import FaultShelf


class Luck:
    """The luck of the rules that one call or webhook meets; `draw` makes a number from 0 to 1 of a text.

    It hangs on what a rule says, and of rules that say the same on how many came before: not on an id, which counts
    what other accounts have added too, and which a reset does not take back.
    """

    def __init__(self, draw: Callable[[str], float]) -> None:
        self._draw = draw
        self._alike = Counter[str]()

    def of(self, rule: FaultRule) -> float:
        """Drawn when it is asked for."""
        words = rule.words
        self._alike[words] += 1
        return self._draw(f"{words}\0{self._alike[words]}")


def is_its_turn(rule: FaultRule, shelf: FaultShelf, counted_for: str, luck: Luck) -> bool:
    """Counts one that is met. `counted_for` is an account that has counters of its own, or the empty string."""
    if rule.after and shelf.count(f"met {rule.id}", counted_for) <= rule.after:
        return False
    if rule.probability < 1 and luck.of(rule) >= rule.probability:
        return False
    if rule.times is None:
        return True
    played = shelf.count(f"played {rule.id}", counted_for)
    if played >= rule.times and not counted_for:
        shelf.drop(rule.id)
    return played <= rule.times
