"""The verdict about a client: findings with their scenarios and stories, and how each law stands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from contracts.drivers.clients.causes import Cause, Performed
from contracts.drivers.clients.proofs import Proof
from contracts.exchange import Exchange
from contracts.finding import Finding, LawRow, Verdict
from contracts.judge.clients.record import ClientRecord
from contracts.judge.clients.ruling import ClientRule, Misstep
from contracts.judge.clients.story import story
from contracts.judge.promise import Promise
from contracts.judge.seen import generalised
from contracts.scenarios.scenario import Scenario
from contracts.scenarios.written import as_json


@dataclass(frozen=True, slots=True)
class Course:
    """What was played, what was found, what there is to say of what was not tried, and why it ended early."""

    performed: tuple[Performed, ...]
    found: tuple[tuple[Cause, Proof], ...]
    note: str
    aborted: str


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whom the verdict is about, and what was asked."""

    promise: Promise
    rules: Sequence[ClientRule]
    target: str
    seed: int
    began_at: str
    seconds: float
    replay: Callable[[Scenario | None], str]


def verdict_of(course: Course, about: About) -> Verdict:
    """All that there is to say."""
    shown = {id(proof.performed): proof.performed for _, proof in course.found}
    runs = list({id(each): each for each in (*course.performed, *shown.values())}.values())
    numbers = _Numbers(runs)
    findings = tuple(_finding(cause, proof, about, numbers) for cause, proof in course.found)
    order = {rule.id: at for at, rule in enumerate(about.rules)}
    return Verdict(
        vendor=about.promise.pack.name,
        title=about.promise.pack.title,
        target=about.target,
        seed=about.seed,
        constraints=(),
        laws=tuple(_laws(course, about, {each.rule for each in findings})),
        findings=tuple(sorted(findings, key=lambda each: order[each.rule])),
        exchanges=numbers.exchanges,
        submissions=sum(each.made is not None for one in runs for each in one.run.served),
        seconds=about.seconds,
        aborted=course.aborted,
        began_at=about.began_at,
        replay=about.replay(None),
    )


class _Numbers:
    """Exchanges of all runs under numbers of their own."""

    def __init__(self, runs: list[Performed]) -> None:
        self._first: dict[int, int] = {}
        exchanges: list[Exchange] = []
        for each in runs:
            self._first[id(each)] = len(exchanges)
            exchanges += [
                replace(served.exchange, number=len(exchanges) + at) for at, served in enumerate(each.run.served, 1)
            ]
        self.exchanges = tuple(exchanges)

    def of(self, performed: Performed, misstep: Misstep) -> tuple[int, ...]:
        """The numbers of the exchanges that show a misstep."""
        return tuple(self._first[id(performed)] + each.exchange.number for each in misstep.heard)


def _finding(cause: Cause, proof: Proof, about: About, numbers: _Numbers) -> Finding:
    performed = proof.performed
    misstep = performed.shows(cause.rule, cause.kind)
    assert misstep is not None  # noqa: S101 - that is what a proof is
    rule = next(each for each in about.rules if each.id == cause.rule)
    record = ClientRecord(performed.run, about.promise)
    return Finding(
        rule=rule.id,
        level=rule.level,
        operation=misstep.operation,
        pointer=misstep.pointer,
        message=misstep.message + "".join(_more(cause, proof)),
        source=_source(misstep, about.promise),
        exchanges=numbers.of(performed, misstep),
        scenario=json.dumps(as_json(performed.scenario, about.promise.pack.name), ensure_ascii=False),
        story=story(record),
        replay=about.replay(performed.scenario),
    )


def _more(cause: Cause, proof: Proof) -> Iterator[str]:
    others = len(cause.shown) - 1
    if others:
        yield f"; so it is in {others} other scenario{'s' if others > 1 else ''}"
    elif proof.looked > proof.seen:
        yield f"; seen in {proof.seen} of {proof.looked} runs"


def _source(misstep: Misstep, promise: Promise) -> str:
    """The document that a request breaks; nothing for laws that stand in no document."""
    pointer = generalised(misstep.pointer or "")
    found = promise.constraints_at(misstep.operation, pointer, misstep.kind)
    return promise.words.source(found[0]) if found else ""


def _laws(course: Course, about: About, broken: set[str]) -> Iterator[LawRow]:
    for rule in about.rules:
        checked = sum(len(each.judged[rule.id]) for each in course.performed)
        yield LawRow(
            rule=rule.id,
            level=rule.level,
            title=rule.title,
            outcome="fails" if rule.id in broken else "ok" if checked else "untested",
            checked=checked,
            note="" if checked else course.note or rule.untested,
        )
