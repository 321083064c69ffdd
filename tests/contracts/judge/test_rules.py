"""Each rule of the judge over conversations that keep it and that break it: `cases/` has a file for each rule.

A conversation that keeps a rule is a correct service's: it breaks no other rule either. One that breaks it breaks it
alone, for what follows from a breach is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import specs
from contracts.exchange import Conversation
from contracts.judge import RULES, Promise, judge
from judged_talk import conversation
from specs.documents import read_yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
FILES = {path.name.removesuffix(".yaml"): path for path in (HERE / "cases").glob("*.yaml")}


@cache
def promise(name: str) -> Promise:
    """The promise of a pack by name, or by its folder in the project."""
    return Promise(specs.load(ROOT / name if "/" in name else name))


@cache
def document(rule: str) -> Any:
    """The cases of a rule."""
    return read_yaml(FILES[rule])


def cases(kind: str) -> Iterator[Any]:
    """Every conversation of this kind, named after its rule and itself."""
    for rule in FILES:
        for name, case in document(rule).get(kind, {}).items():
            yield pytest.param(rule, case, id=f"{rule}: {name}")


def heard(rule: str, lines: list[Any]) -> tuple[Conversation, Promise]:
    """The conversation that the lines stand for, and what was promised."""
    promised = promise(document(rule)["pack"])
    return conversation(promised.pack, lines), promised


def test_every_rule_has_cases_that_keep_it_and_cases_that_break_it() -> None:
    """No law without the proof that it can be kept, and that it can be broken."""
    assert FILES.keys() == {rule.id for rule in RULES.values() if rule.check is not None}
    assert [rule for rule in FILES if not (document(rule).get("kept") and document(rule).get("broken"))] == []


@pytest.mark.parametrize(("rule", "lines"), list(cases("kept")))
def test_rule_is_kept(rule: str, lines: list[Any]) -> None:
    """The rule was asked, and nothing is found: by this rule or by any other."""
    judgement = judge(*heard(rule, lines))

    assert list(judgement.findings) == []
    law = next(each for each in judgement.laws if each.rule == rule)
    assert (law.outcome, law.note) == ("ok", "")
    assert law.checked > 0


@pytest.mark.parametrize(("rule", "case"), list(cases("broken")))
def test_rule_is_broken(rule: str, case: Any) -> None:
    """One finding, by this rule alone, in words that a person can use."""
    judgement = judge(*heard(rule, case["lines"]))

    assert [each.rule for each in judgement.findings] == [rule] * case.get("findings", 1)
    found = judgement.findings[0]
    seen = {
        "says": found.message,
        "constraint": found.constraint,
        "pointer": found.pointer,
        "operation": found.operation,
        "exchanges": list(found.exchanges),
    }
    assert {name: value for name, value in seen.items() if name in case} == {
        name: value for name, value in case.items() if name in seen
    }
    assert case.get("source", "") in found.source
    assert next(each.outcome for each in judgement.laws if each.rule == rule) == "fails"


@pytest.mark.parametrize(("rule", "lines"), list(cases("untested")))
def test_rule_is_untested(rule: str, lines: list[Any]) -> None:
    """What was heard does not suffice: that is said, and nothing is found."""
    judgement = judge(*heard(rule, lines))

    law = next(each for each in judgement.laws if each.rule == rule)
    assert (list(judgement.findings), law.outcome, law.note) == ([], "untested", RULES[rule].untested)


@pytest.mark.parametrize("rule", FILES)
def test_rule_that_was_not_asked_says_why(rule: str) -> None:
    """An empty conversation breaks nothing, keeps nothing, and each law says what it would have needed."""
    judgement = judge(Conversation(()), promise("mulerouter"))

    law = next(each for each in judgement.laws if each.rule == rule)
    assert (law.outcome, law.checked, law.note) == ("untested", 0, RULES[rule].untested)
    assert law.note
