"""One cause, one finding: which of the missteps that were seen in all runs are the same mistake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from contracts.judge.clients.ruling import Misstep
from contracts.judge.clients.run import Run
from contracts.judge.clients.table import Judged
from contracts.judge.seen import generalised
from contracts.scenarios.durations import is_long
from contracts.scenarios.features import features
from contracts.scenarios.scenario import Scenario
from contracts.scenarios.smaller import weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """A scenario, the run that came of it, and what the judge has to say of that."""

    scenario: Scenario
    run: Run
    judged: Judged

    def missteps(self) -> Iterator[tuple[str, Misstep]]:
        """Every misstep, with its rule."""
        for rule, steps in self.judged.items():
            yield from ((rule, each) for each in steps if each is not None)

    def shows(self, rule: str, kind: tuple[str, str]) -> Misstep | None:
        """A misstep of this rule and this kind."""
        return next((each for each in self.judged.get(rule, ()) if each is not None and kind_of(each) == kind), None)


@dataclass(slots=True)
class Cause:
    """A mistake, and the runs that show it, the simplest scenario first."""

    rule: str
    kind: tuple[str, str]
    features: frozenset[str]
    shown: list[Performed] = field(default_factory=list)


def kind_of(misstep: Misstep) -> tuple[str, str]:
    """Equal for missteps of one rule that are one mistake: their kind, and where it was made."""
    return misstep.kind, generalised(misstep.pointer or "")


def causes(performed: Iterable[Performed]) -> list[Cause]:
    """The mistakes, in the order of the rules' first breach; simple scenarios explain those that have more in them."""
    found: list[Cause] = []
    for each in sorted(performed, key=_rank):
        for rule, misstep in each.missteps():
            _add(found, rule, misstep, each)
    return found


def _rank(performed: Performed) -> tuple[bool, int, tuple[int, int, int]]:
    scenario = performed.scenario
    return is_long(scenario), len(features(scenario)), weight(scenario)


def _add(found: list[Cause], rule: str, misstep: Misstep, performed: Performed) -> None:
    kind = kind_of(misstep)
    marks = features(performed.scenario) if misstep.is_about_scenario else frozenset[str]()
    for cause in found:
        if cause.rule == rule and cause.kind == kind and cause.features <= marks:
            if cause.shown[-1] is not performed:
                cause.shown.append(performed)
            return
    found.append(Cause(rule, kind, marks, [performed]))
