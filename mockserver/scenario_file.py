"""Reads the file of `--scenario`: faults that every account meets, as a list of matchers and instants.

faults:
  - {vendor: acme, operation: submit, after: 2, fault: {status: 503}}
  - {operation: poll, probability: 0.1, times: always, fault: {status: 429, retry_after: 2}}
  - {from_seconds: 60, until_seconds: 90, times: always, fault: {close: true}}
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from mockserver.fault_rules import FaultRule, read_rule
from mockserver.faults import FaultError
from specs.documents import read_yaml
from specs.errors import PackError
from specs.pack import Pack
from specs.pointers import Json

_RULES_MAX = 1000


class ScenarioFileError(Exception):
    """A file that is no scenario; says file, place, what is wrong and the way out."""


def read_scenario(path: Path, packs: Iterable[Pack]) -> tuple[FaultRule, ...]:
    """The rules of a scenario in YAML or JSON, in their order, for these vendors."""
    value = _read(path)
    if not isinstance(value, dict) or not isinstance(value.get("faults"), list):
        raise _error(path, "", "a scenario is an object with a list `faults`", "see README.md, Faults")
    for name in value:
        if name != "faults":
            raise _error(path, f"/{name}", f"there is no member {name!r}", "a scenario has `faults` alone")
    if len(value["faults"]) > _RULES_MAX:
        raise _error(path, "/faults", f"it lists more than {_RULES_MAX} faults", "leave some out")
    packs = list(packs)
    return tuple(_rule(path, number, each, packs) for number, each in enumerate(value["faults"]))


def _rule(path: Path, number: int, value: Json, packs: list[Pack]) -> FaultRule:
    try:
        return read_rule(value, packs, f"/faults/{number}")._replace(id=f"scenario-{number + 1}")
    except FaultError as problem:
        raise _error(path, problem.place, str(problem), "mend it, or leave it out") from None


def _read(path: Path) -> Json:
    try:
        return read_yaml(path)
    except PackError as problem:
        # Without a place the way out is about packs.
        raise _error(path, problem.place, problem.problem, problem.way_out if problem.place else "") from None


def _error(path: Path, place: str, problem: str, way_out: str) -> ScenarioFileError:
    where = f"{path}: {place}" if place else str(path)
    return ScenarioFileError(f"--scenario {where}: {problem}" + (f"; {way_out}" if way_out else ""))
