"""Each rule about clients over runs that keep it and runs that break it: `cases/` has a file for each rule.

A run that keeps a rule is a correct client's: it breaks no other rule either. One that breaks it breaks it alone, but
for those that a case names under `more`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import specs
from client_talk import run_of
from contracts.judge import Promise
from contracts.judge.clients import CLIENT_RULES, Run, judge_client
from contracts.judge.clients.ruling import Misstep
from specs.documents import read_yaml

FILES = {path.name.removesuffix(".yaml"): path for path in (Path(__file__).parent / "cases").glob("*.yaml")}


@cache
def promise(name: str) -> Promise:
    """The promise of a pack."""
    return Promise(specs.load(name))


@cache
def document(rule: str) -> Any:
    """The cases of a rule."""
    return read_yaml(FILES[rule])


def cases(kind: str) -> Iterator[Any]:
    """Every run of this kind, named after its rule and itself."""
    for rule in FILES:
        for name, case in document(rule).get(kind, {}).items():
            yield pytest.param(rule, case, id=f"{rule}: {name}")


def heard(rule: str, case: Any) -> tuple[Run, Promise]:
    """The run that a case stands for, and what was promised."""
    promised = promise(case.get("pack", document(rule)["pack"]))
    every = case.get("polls")
    polls = [
        {"op": "getTextToVideo", "task": "A", "at": 2 + number * every["every"], "takes": 0.001, "state": "running"}
        for number in range(every["count"] if every else 0)
    ]
    return run_of(promised.pack, {**case, "lines": [*case["lines"], *polls]}), promised


def broken(run: Run, promised: Promise) -> dict[str, list[Misstep]]:
    """The missteps of each rule that was broken."""
    judged = judge_client(run, promised)
    found = {rule: [step for step in steps if step is not None] for rule, steps in judged.items()}
    return {rule: steps for rule, steps in found.items() if steps}


def test_every_rule_has_cases_that_keep_it_and_cases_that_break_it() -> None:
    """No law without the proof that it can be kept, and that it can be broken."""
    assert FILES.keys() == CLIENT_RULES.keys()
    assert [rule for rule in FILES if not (document(rule).get("kept") and document(rule).get("broken"))] == []


@pytest.mark.parametrize(("rule", "case"), list(cases("kept")))
def test_rule_is_kept(rule: str, case: Any) -> None:
    """The rule was asked, and nothing is found: by this rule or by any other."""
    run, promised = heard(rule, case)

    assert broken(run, promised) == {}
    assert judge_client(run, promised)[rule]


@pytest.mark.parametrize(("rule", "case"), list(cases("broken")))
def test_rule_is_broken(rule: str, case: Any) -> None:
    """By this rule alone, in words that a person can use."""
    found = broken(*heard(rule, case))

    assert found.keys() == {rule, *case.get("more", ())}
    step = found[rule][0]
    seen = {"says": step.message, "pointer": step.pointer}
    assert {name: value for name, value in seen.items() if name in case} == {
        name: case[name] for name in seen if name in case
    }


@pytest.mark.parametrize(("rule", "case"), list(cases("untested")))
def test_rule_is_not_asked(rule: str, case: Any) -> None:
    """Nothing is to be said by this rule; what another has to say, the case names."""
    run, promised = heard(rule, case)

    assert judge_client(run, promised)[rule] == ()
    assert broken(run, promised).keys() == set(case.get("more", ()))


@pytest.mark.parametrize("rule", CLIENT_RULES)
def test_rule_is_not_asked_of_nothing(rule: str) -> None:
    """Who was not run, and sent nothing, breaks nothing and keeps nothing."""
    assert judge_client(Run(served=()), promise("mulerouter"))[rule] == ()
