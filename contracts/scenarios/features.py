"""What is unusual about a scenario, as a few words: scenarios of the same features show the same mistakes."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.scenarios.act import DONE, SHOW, TERMINAL, Act
from contracts.scenarios.scenario import DRESS_FIELDS, Scenario, length

_MANY = 10


def features(scenario: Scenario) -> frozenset[str]:
    """The kinds of awkwardness in the scenario; none where nothing is unusual."""
    return frozenset(_features(scenario))


def _features(scenario: Scenario) -> Iterator[str]:
    for act in scenario.submits:
        yield from (f"submit: {kind}" for kind in _kinds(act))
    for act in scenario.polls:
        yield from (f"poll: {kind}" for kind in _kinds(act))
    yield from (f"dress: {name}" for name, usual in DRESS_FIELDS.items() if getattr(scenario.dress, name) != usual)
    if scenario.last.does == SHOW and scenario.last.state not in TERMINAL:
        yield "endless"
    if scenario.last.state == "failed":
        yield "fails"
    if len(scenario.polls) == 1 and scenario.last.is_terminal:
        yield "at once"
    if length(scenario.polls) > _MANY:
        yield "many polls"


def _kinds(act: Act) -> Iterator[str]:
    if act.does != SHOW:
        yield act.does
    if act.word:
        yield "word"
    if act.seconds:
        yield "slow"
    if act.state == DONE and act.how:
        yield "no result"
