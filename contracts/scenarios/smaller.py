"""Simpler scenarios: each of them one step less awkward than a given one, the boldest step first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson

from contracts.scenarios.act import Act
from contracts.scenarios.demands import flaws
from contracts.scenarios.scenario import DRESS_FIELDS, PLAIN, Scenario
from contracts.scenarios.singles import GOOD, TAKEN
from specs.pack import Operation
from specs.pointers import Json, join, removed

NAME = "the shortest that was found"


def simpler(scenario: Scenario, operation: Operation, bodies: Sequence[Json]) -> Iterator[Scenario]:
    """The scenarios to try; each can be played and differs from the given one. `bodies` are simple jobs."""
    seen = {_mark(scenario)}
    plain = [body for body in bodies if _is_valid(operation, body)]
    for each in _candidates(scenario, operation, plain):
        made = replace(each, name=NAME)
        if _mark(made) not in seen and next(flaws(made), None) is None:
            seen.add(_mark(made))
            yield made


def weight(scenario: Scenario) -> tuple[int, int, int]:
    """How much there is to a scenario: what is unusual in it, how many calls it is about, how long its job is."""
    acts = (*scenario.submits, *scenario.polls)
    unusual = sum((act not in (*GOOD, *TAKEN)) + act.as_date for act in acts) + len(_dressed(scenario))
    return unusual, sum(act.times for act in acts), len(orjson.dumps(scenario.body))


def _mark(scenario: Scenario) -> tuple[object, ...]:
    return scenario.submits, scenario.polls, scenario.dress, orjson.dumps(scenario.body, option=orjson.OPT_SORT_KEYS)


def _candidates(scenario: Scenario, operation: Operation, plain: list[Json]) -> Iterator[Scenario]:
    for body in plain:
        yield replace(scenario, submits=TAKEN, polls=GOOD, dress=PLAIN, body=body)
        yield replace(scenario, dress=PLAIN, body=body)
        yield replace(scenario, submits=TAKEN, dress=PLAIN, body=body)
        yield replace(scenario, polls=GOOD, dress=PLAIN, body=body)
        yield replace(scenario, submits=TAKEN, polls=GOOD, body=body)
        yield replace(scenario, body=body)
    yield replace(scenario, submits=TAKEN, polls=GOOD, dress=PLAIN)
    yield from (replace(scenario, polls=polls) for polls in _shorter(scenario.polls))
    yield from (replace(scenario, submits=submits) for submits in _shorter(scenario.submits))
    for name in _dressed(scenario):
        yield replace(scenario, dress=replace(scenario.dress, **{name: DRESS_FIELDS[name]}))
    yield from (replace(scenario, body=body) for body in _smaller_bodies(operation, scenario.body))
    yield from (replace(scenario, polls=polls) for polls in _plainer(scenario.polls))
    yield from (replace(scenario, submits=submits) for submits in _plainer(scenario.submits))


def _dressed(scenario: Scenario) -> list[str]:
    return [name for name, default in DRESS_FIELDS.items() if getattr(scenario.dress, name) != default]


def _shorter(acts: tuple[Act, ...]) -> Iterator[tuple[Act, ...]]:
    """Fewer acts, the last one kept: half of them at once, then one by one; then each fewer times."""
    body, last = acts[:-1], acts[-1]
    if len(body) > 1:
        middle = len(body) // 2
        yield (*body[middle:], last)
        yield (*body[:middle], last)
    for at, act in enumerate(body):
        yield (*body[:at], *body[at + 1 :], last)
        if act.times > 1:
            yield (*body[:at], replace(act, times=1), *body[at + 1 :], last)
            yield (*body[:at], replace(act, times=act.times // 2), *body[at + 1 :], last)


def _plainer(acts: tuple[Act, ...]) -> Iterator[tuple[Act, ...]]:
    """The same acts with less to each."""
    for at, act in enumerate(acts):
        changes: list[dict[str, object]] = []
        changes += [{"as_date": False}] if act.as_date else []
        changes += [{"word": ""}] if act.word else []
        changes += [{"seconds": 0.0}] if act.seconds else []
        for change in changes:
            yield (*acts[:at], replace(act, **change), *acts[at + 1 :])  # type: ignore[arg-type]  # each of its type


def _smaller_bodies(operation: Operation, body: Json) -> Iterator[Json]:
    """The body without one of its members, as long as it stays valid as it is written."""
    for name in body if isinstance(body, dict) else ():
        less = removed(body, join([name]))
        if _is_valid(operation, less):
            yield less


def _is_valid(operation: Operation, body: Json) -> bool:
    """Whether the body keeps the contract as it is written."""
    if operation.body is None:
        return False
    judged, broken = operation.body.judge(body)
    return judged is body and not broken
