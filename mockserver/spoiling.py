"""Faults played on webhooks: which one a webhook meets, asked once, when its first attempt is due."""

from __future__ import annotations

from mockserver.backlog import Mishap
from mockserver.fault_rules import FaultRule
from mockserver.fault_turns import Luck, is_its_turn
from mockserver.identity import draw, luck
from mockserver.mail import Met, MishapOf
from mockserver.store import Store
from mockserver.store.sealing import digest_of

# A webhook belongs to the call that has submitted its task.
_ROLE = "submit"


def mishaps(store: Store, seed: bytes, scenario: tuple[FaultRule, ...]) -> MishapOf:
    """A function that says what goes wrong with a webhook, by the rules in the store and those of a scenario."""

    def mishap_of(met: Met) -> Mishap | None:
        rules = [(rule, "") for rule in store.faults.rules(met.task.account)]
        rules += [(rule, met.task.account) for rule in scenario if _is_for_account(rule, met.task.account)]
        chance = Luck(lambda of: _chance(seed, met, of))
        for rule, counted_for in rules:
            if _meets(rule, met) and is_its_turn(rule, store.faults, counted_for, chance):
                return Mishap(rule.fault.webhook or "", rule.fault.late_seconds)
        return None

    return mishap_of


def _is_for_account(rule: FaultRule, account: str) -> bool:
    return rule.account is None or digest_of(rule.account) == digest_of(account)


def _meets(rule: FaultRule, met: Met) -> bool:
    """A rule waits for a webhook with which its fault can happen."""
    is_for = rule.is_for(met.task.vendor, met.task.operation, _ROLE)
    return is_for and rule.fault.webhook in met.kinds and rule.is_now(met.seconds)


def _chance(seed: bytes, met: Met, of: str) -> float:
    """From 0 to 1, the same for the same change of the same task."""
    return luck(draw(seed, f"{met.task.id}\0{met.state}\0{of}", met.task.ordinal))[0]
