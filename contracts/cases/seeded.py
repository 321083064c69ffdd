"""What a strategy of Hypothesis draws under a seed: the seed alone says what, whatever else is loaded."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, CONSTANTS_CACHE, HypothesisProvider
from hypothesis.internal.constants_ast import Constants
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


class _SeededProvider(HypothesisProvider):
    """Hypothesis draws constants of whatever modules are loaded; without them the seed alone says what is drawn."""

    @property
    def _local_constants(self) -> Constants:
        return Constants()


_BACKEND = "understudy"
# The way that Hypothesis documents for backends.
AVAILABLE_PROVIDERS[_BACKEND] = _SeededProvider


def drawn(strategy: SearchStrategy[T], number: int, count: int) -> list[T]:
    """At most so many values; the same number gives the same ones."""
    found: list[T] = []
    bounds = settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        backend=_BACKEND,
    )

    @seed(number)
    @bounds
    @given(value=strategy)
    def collect(value: T) -> None:
        found.append(value)

    # What is kept there was found with other constants.
    CONSTANTS_CACHE.cache.clear()
    collect()
    CONSTANTS_CACHE.cache.clear()
    return found
