"""`--only` and `--skip`: by rule, by subject, by keyword or id of a constraint; what is not asked for is not sent."""

import pytest

import specs
from contracts.cases.case import Case
from contracts.drivers.choice import Choice, choose
from contracts.errors import UsageError
from contracts.finding import Finding
from specs.catalogue import catalogue

RULES = ("status.refused", "status.accepted", "lifecycle.order", "lifecycle.ends", "account.key", "echo.request")
CONSTRAINTS = [each for each in catalogue(specs.load(specs.names()[0])) if each.location == "body"]
LIMIT = next(each for each in CONSTRAINTS if each.keyword == "maxLength")
CHOICE_OF = next(each for each in CONSTRAINTS if each.keyword == "enum")


def chosen(*, only: tuple[str, ...] = (), skip: tuple[str, ...] = ()) -> Choice:
    """The choice that these words make."""
    return choose(only, skip, RULES, CONSTRAINTS)


def case(constraint: str | None = None, law: str = "status.refused") -> Case:
    """A case about a constraint, or about a law alone."""
    return Case(operation="any", expects="refused", words="", law=law, constraint=constraint)


def finding(rule: str, constraint: str | None = None) -> Finding:
    """A finding of that rule."""
    return Finding(rule=rule, level="error", operation=None, pointer=None, message="", constraint=constraint)


def test_nothing_chosen_is_everything() -> None:
    """Jobs, their ends, cases, rules."""
    choice = chosen()

    assert choice.wants_jobs
    assert choice.wants_ends
    assert choice.wants_cases
    assert choice.wants_breadth
    assert all(choice.wants_rule(rule) for rule in RULES)
    assert choice.wants_case(case(LIMIT.id))


def test_only_a_subject() -> None:
    """Its rules are judged and nothing else; no case is sent that would tell them nothing."""
    choice = chosen(only=("lifecycle",))

    assert [rule for rule in RULES if choice.wants_rule(rule)] == ["lifecycle.order", "lifecycle.ends"]
    assert choice.wants_jobs
    assert not choice.wants_cases
    assert not choice.wants_constraint(LIMIT.id)
    assert choice.findings([finding("status.refused", LIMIT.id), finding("lifecycle.ends")]) == (
        finding("lifecycle.ends"),
    )


@pytest.mark.parametrize("name", [LIMIT.keyword, LIMIT.id])
def test_only_a_constraint(name: str) -> None:
    """Its cases are sent, and its findings are told, whichever rule they are of; no job is followed."""
    choice = chosen(only=(name,))

    assert choice.wants_case(case(LIMIT.id))
    assert not choice.wants_case(case(CHOICE_OF.id))
    assert not choice.wants_jobs
    assert not choice.wants_rule("status.refused")
    assert choice.findings([finding("status.refused", LIMIT.id), finding("status.refused", CHOICE_OF.id)]) == (
        finding("status.refused", LIMIT.id),
    )


def test_only_a_rule_of_requests() -> None:
    """All cases of constraints are sent: it learns from them."""
    choice = chosen(only=("status.refused",))

    assert choice.wants_case(case(LIMIT.id))
    assert choice.wants_constraint(LIMIT.id)
    assert not choice.wants_case(case(law="account.key"))


def test_skipped_is_left_out() -> None:
    """Whatever else is chosen."""
    choice = chosen(skip=("lifecycle", "maxLength", "account.key"))

    assert not choice.wants_ends
    assert choice.wants_jobs
    assert not choice.wants_case(case(LIMIT.id))
    assert choice.wants_case(case(CHOICE_OF.id))
    assert not choice.wants_case(case(law="account.key"))
    assert choice.findings([finding("status.refused", LIMIT.id), finding("lifecycle.ends")]) == ()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("lifecycl", "did you mean lifecycle"),
        ("maxLenght", "did you mean maxLength"),
        ("status.refuse", "did you mean status.refused"),
        ("zzz", "subjects are account, echo, lifecycle, status"),
    ],
)
def test_unknown_name(name: str, hint: str) -> None:
    """Is refused with what may have been meant."""
    for option, words in (("--only", {"only": (name,)}), ("--skip", {"skip": (name,)})):
        with pytest.raises(UsageError) as caught:
            chosen(**words)
        assert str(caught.value).startswith(f"{option} {name!r} is no rule")
        assert hint in str(caught.value)
