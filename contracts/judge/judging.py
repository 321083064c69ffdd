"""Judging: a conversation and a promise in, findings and the state of every law out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from contracts.exchange import Conversation
from contracts.finding import Finding, LawRow
from contracts.judge.grouping import findings
from contracts.judge.promise import Promise
from contracts.judge.record import Record
from contracts.judge.ruling import Check, Rule
from contracts.judge.table import RULES


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules have to say of one conversation."""

    findings: tuple[Finding, ...]
    laws: tuple[LawRow, ...]
    record: Record = field(repr=False, compare=False)


def judge(
    conversation: Conversation,
    promise: Promise,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    *,
    is_apart: bool = False,
) -> Judgement:
    """Every rule over the conversation. `only` and `skip` name rules or their subjects (`lifecycle`).

    What is wrong in several operations alike is one finding; with `is_apart` it is one for each of them.
    """
    record = Record(conversation, promise)
    found: list[Finding] = []
    laws: list[LawRow] = []
    for rule in RULES.values():
        if rule.check is not None and _is_chosen(rule, only, skip):
            broken, law = _ask(rule, rule.check, record, is_apart=is_apart)
            found += broken
            laws.append(law)
    return Judgement(tuple(found), tuple(laws), record)


def _is_chosen(rule: Rule, only: Collection[str], skip: Collection[str]) -> bool:
    names = {rule.id, rule.subject}
    return names.isdisjoint(skip) and (not only or not names.isdisjoint(only))


def _ask(rule: Rule, check: Check, record: Record, *, is_apart: bool) -> tuple[list[Finding], LawRow]:
    checks = list(check(record))
    broken = findings(record, rule, [each for each in checks if each is not None], is_apart=is_apart)
    law = LawRow(
        rule=rule.id,
        level=rule.level,
        title=rule.title,
        outcome="fails" if broken else "ok" if checks else "untested",
        checked=len(checks),
        note="" if checks else rule.untested,
    )
    return broken, law
