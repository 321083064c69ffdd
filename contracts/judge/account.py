"""Rules about accounts: who may call at all, and that nobody sees what another account has submitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from contracts.judge import owners
from contracts.judge.culprits import is_like_a_wrong_refusal
from contracts.judge.outcome import Outcome
from contracts.judge.record import LIST, Reading, Record
from contracts.judge.ruling import KEPT, Check, Checks, breach
from contracts.judge.status import about, judged_by, refused_otherwise, taken_wrongly


def _check_refused(rule: str) -> Check:
    def check(record: Record) -> Checks:
        for reading in judged_by(record, rule):
            if reading.outcome is Outcome.WRONGLY_TAKEN:
                yield replace(taken_wrongly(record, reading), group="taken")
            elif reading.outcome is Outcome.OTHER_NO:
                yield replace(refused_otherwise(record, reading), group=f"refused {reading.exchange.status}")
            elif reading.outcome is Outcome.REFUSED:
                yield KEPT

    return check


def check_scheme(record: Record) -> Checks:
    """The word Bearer in any case is the same word."""
    for reading in judged_by(record, owners.SCHEME):
        if reading.outcome is Outcome.WRONGLY_REFUSED and not is_like_a_wrong_refusal(record, reading):
            message = f"{reading.words}: refused with {reading.exchange.status}; HTTP's schemes have no case"
            yield about(record, reading, message, "")
        elif reading.is_taken:
            yield KEPT


def check_isolation(record: Record) -> Checks:
    """A task of another account is as unknown as one that never was."""
    for reading in judged_by(record, owners.ISOLATION):
        if reading.outcome is Outcome.REFUSED or _is_as_unknown(record, reading):
            yield KEPT
        elif reading.outcome is Outcome.WRONGLY_TAKEN:
            yield replace(taken_wrongly(record, reading), group="taken")
        elif reading.outcome is Outcome.OTHER_NO:
            yield replace(refused_otherwise(record, reading), group=f"refused {reading.exchange.status}")
    for reading in record.readings:
        if reading.role != LIST or not reading.is_taken:
            continue
        for item in reading.seen.items:
            task = record.tasks.get(item.task_id or "")
            if task is None or not task.submits:
                continue
            accounts = {each.exchange.account for each in task.submits}
            if reading.exchange.account in accounts:
                yield KEPT
            else:
                message = f"the list shows task {task.id}, which another account submitted"
                yield breach(reading, message, task.submits[0], pointer=item.at, kind="listed")


def _is_as_unknown(record: Record, reading: Reading) -> bool:
    """Whether it is answered with the status that a task which never was is answered with, right or wrong."""
    return any(
        each.operation is reading.operation
        and each.owner == owners.REFUSED
        and each.expected.situations[:1] == ("task_unknown",)
        and each.exchange.status == reading.exchange.status
        for each in record.readings
    )


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        owners.KEY: _check_refused(owners.KEY),
        "account.scheme": check_scheme,
        "account.isolation": check_isolation,
    }
)
