"""Scenarios as JSON, for files and command lines, and back: whatever is wrong with one is said in one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NoReturn, get_args

from contracts.errors import UsageError
from contracts.scenarios.act import DOES, FIELDS, Act, How
from contracts.scenarios.demands import demand, flaws
from contracts.scenarios.scenario import DRESS_FIELDS, Dress, Scenario
from specs.pack import Operation, Pack
from specs.pointers import Json

VERSION = 1
_USUAL, _NEEDLESS = Scenario(name="", operation="", body=None), ("name", "must")
_MEMBERS = frozenset({"scenario", "vendor", "name", "job", "submits", "polls", "dress", "must"})
_ACT_CHOICES: Mapping[str, tuple[Json, ...]] = MappingProxyType({"does": DOES, "how": get_args(How)})
_DRESS_CHOICES: Mapping[str, tuple[Json, ...]] = MappingProxyType(
    {
        "optional": ("", "absent", "null"),
        "times": ("", "seconds", "micros", "offset"),
        "writing": ("", "spaced", "escaped"),
        "framing": ("", "chunked", "closing"),
    }
)


def as_json(scenario: Scenario, vendor: str) -> dict[str, Any]:
    """The scenario as a value; what is as usual is left out."""
    document: dict[str, Any] = {
        "scenario": VERSION,
        "vendor": vendor,
        "name": scenario.name,
        "job": {"operation": scenario.operation, "body": scenario.body},
        "submits": [_act_as_json(act) for act in scenario.submits],
        "polls": [_act_as_json(act) for act in scenario.polls],
        "must": demand(scenario),
    }
    dress = {name: getattr(scenario.dress, name) for name in DRESS_FIELDS}
    changed = {name: value for name, value in dress.items() if value != DRESS_FIELDS[name]}
    return {**document, "dress": changed} if changed else document


def _act_as_json(act: Act) -> dict[str, Any]:
    values = {name: getattr(act, name) for name in FIELDS}
    return {"does": act.does, **{name: value for name, value in values.items() if value != FIELDS[name]}}


def as_text(scenario: Scenario, vendor: str) -> str:
    """As little of the same as is needed, on one line of ASCII, which survives every terminal and every shell."""
    document = as_json(scenario, vendor)
    usual = as_json(_USUAL, vendor)
    brief = {name: value for name, value in document.items() if name not in _NEEDLESS and value != usual.get(name)}
    return json.dumps({"scenario": VERSION, "vendor": vendor, **brief}, separators=(",", ":"))


def read_scenario(text: str, pack: Pack) -> Scenario:
    """The scenario that a text holds; UsageError says what is wrong with it."""
    try:
        document = json.loads(text)
    except ValueError as problem:
        _complain(f"it is no JSON ({problem})")
    _check_members(document)
    if document["vendor"] != pack.name:
        _complain(f"it is one for {document['vendor']!r}, not for {pack.name!r}")
    scenario = Scenario(
        name=str(document.get("name", "a scenario")),
        operation=_operation(document["job"], pack).id,
        body=document["job"].get("body"),
        submits=_acts(document["submits"], "submits") if "submits" in document else _USUAL.submits,
        polls=_acts(document["polls"], "polls") if "polls" in document else _USUAL.polls,
        dress=Dress(**_known(document.get("dress", {}), DRESS_FIELDS, _DRESS_CHOICES, "dress")),
    )
    _check(scenario, pack)
    must = document.get("must", demand(scenario))
    if must != demand(scenario):
        _complain(
            f'it says that the run must end {must!r}, and by its acts it is {demand(scenario)!r}; leave "must" out'
        )
    return scenario


def _check_members(document: Json) -> None:
    if not isinstance(document, dict):
        _complain("it is no JSON object")
    if document.get("scenario") != VERSION:
        _complain(f'"scenario" must be {VERSION}, the version of the format')
    missing = sorted({"vendor", "job"} - document.keys())
    unknown = sorted(document.keys() - _MEMBERS)
    if missing or unknown:
        said = f"{missing[0]!r} is missing" if missing else f"there is no member {unknown[0]!r}"
        _complain(f"{said}; members are {', '.join(sorted(_MEMBERS))}")
    if not isinstance(document["job"], dict):
        _complain('"job" must be an object with "operation" and "body"')


def _operation(job: Mapping[str, Json], pack: Pack) -> Operation:
    submits = [each for each in pack.operations.values() if each.role == "submit"]
    found = next((each for each in submits if each.id == job.get("operation")), None)
    if found is None:
        names = ", ".join(each.id for each in submits)
        _complain(f"{job.get('operation')!r} submits no job; operations that do: {names}")
    return found


def _acts(value: Json, place: str) -> tuple[Act, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        _complain(f'"{place}" must be a list of one act or more, each an object')
    return tuple(Act(**_known(each, FIELDS, _ACT_CHOICES, f"{place}/{at}")) for at, each in enumerate(value))


def _known(
    value: Json, defaults: Mapping[str, Any], choices: Mapping[str, tuple[Json, ...]], place: str
) -> dict[str, Any]:
    """The members, each known, one of its choices, and of the type that its default has."""
    if not isinstance(value, dict):
        _complain(f'"{place}" must be an object')
    for name, each in value.items():
        if name not in defaults:
            _complain(f"{place}: there is no member {name!r}; members are {', '.join(defaults)}")
        if each not in choices.get(name, (each,)):
            _complain(f"{place}: {name} can't be {each!r}; it is one of {', '.join(map(repr, choices[name]))}")
        if not _is_like(each, defaults[name]):
            _complain(f"{place}: {name} can't be {each!r}")
    return value


def _is_like(value: Json, default: Any) -> bool:
    if default is None or (isinstance(default, int) and not isinstance(default, bool)):
        return (value is None and default is None) or (isinstance(value, int) and not isinstance(value, bool))
    if isinstance(default, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    return isinstance(value, type(default))


def _check(scenario: Scenario, pack: Pack) -> None:
    """Whether the pack has words for it, and a server could play it."""
    problem = next(flaws(scenario), None)
    if problem is not None:
        _complain(problem)
    operation = pack.operations[scenario.operation]
    for act in (*scenario.submits, *scenario.polls):
        if act.situation and act.situation not in operation.refusals:
            known = ", ".join(operation.refusals)
            _complain(f"{operation.id} is not refused in the situation {act.situation!r}; situations are {known}")
        if act.failure and act.failure not in pack.behaviour.failures.kinds:
            known = ", ".join(pack.behaviour.failures.kinds)
            _complain(f"there is no failure {act.failure!r}; failures are {known}")


def _complain(what: str) -> NoReturn:
    message = f"the scenario can't be played: {what}"
    raise UsageError(message)
