"""The table of all rules about both sides of a gateway."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from contracts.judge import arrivals, hearsay, sandwich, trials
from contracts.judge.sandwich import Check

RELATIONS: Mapping[str, Check] = MappingProxyType(
    {**sandwich.CHECKS, **arrivals.CHECKS, **hearsay.CHECKS, **trials.CHECKS}
)
"""By id, as `laws.toml` has them."""
UPSTREAM = "upstream"
"""The subject of them all."""
OF_TRIALS = frozenset({*trials.CHECKS, hearsay.AHEAD, hearsay.RUNNING, hearsay.RESULTS, hearsay.REASON})
"""Those that jobs are sent for which meet trouble, or run side by side."""
