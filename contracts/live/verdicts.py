"""Who is to blame for a drift: the vendor has changed, its documents were wrong from the start, or our fake is.

A statement of the contract that nobody documented (decided by us, or known of sister systems) is ours to mend. What
the vendor's page says is taken as true until a run has shown otherwise; what has been otherwise in every run was never
true.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.drift.drift import Drift
from contracts.judge import Promise

VENDOR_CHANGED: Final = "vendor changed"
FAKE_WRONG: Final = "fake wrong"
DOCUMENTS_WRONG: Final = "documents wrong"
_OURS = frozenset({"decided", "family"})


def verdict(drift: Drift, promise: Promise, known: Sequence[frozenset[str]]) -> str:
    """The verdict on one drift; `known` holds the fingerprints that earlier runs have found, run by run."""
    standings = _standings(drift, promise)
    if standings and standings <= _OURS:
        return FAKE_WRONG
    if known and all(drift.fingerprint in found for found in known):
        return DOCUMENTS_WRONG
    return VENDOR_CHANGED


def _standings(drift: Drift, promise: Promise) -> set[str]:
    """On what the contract's side rests, as far as it is a constraint of a request."""
    by_name = [promise.constraints[name] for name in drift.constraints if name in promise.constraints]
    at_place = [
        each
        for each in promise.constraints.values()
        if (each.operation, each.pointer) == (drift.operation, drift.pointer)
    ]
    return {promise.words.standing(each) for each in by_name or at_place} - {""}
