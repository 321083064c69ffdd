"""`understudy explain`: every rule and every keyword of a constraint has a page that a person can read."""

import json

import pytest

import specs
from contracts import cli
from contracts.judge import RULES
from contracts.judge.clients import CLIENT_RULES
from contracts.judge.explaining import keywords
from contracts.judge.ruling import Law
from specs.catalogue import catalogue

# About services, then about clients.
LAWS: tuple[Law, ...] = (*RULES.values(), *CLIENT_RULES.values())


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What the command prints; it must succeed."""
    assert cli.main(["explain", *words]) == 0
    return capsys.readouterr().out


def test_page_says_what_a_rule_means(capsys: pytest.CaptureFixture[str]) -> None:
    """The law, why it matters, a breach, the level, when it is untested, how it is skipped."""
    assert said(capsys, "lifecycle.same-id") == (
        "lifecycle.same-id: a task keeps its id\n"
        "\n"
        "  The poll of a task tells the id that its submit told, letter for letter, whichever way the poll\n"
        "  asked for it.\n"
        "\n"
        "  a breach  A submit gives one id, the poll of it tells another, or the same in capitals.\n"
        "  level     error\n"
        "  untested  when no poll tells an id\n"
        "  skipped   with --skip lifecycle.same-id, or --skip lifecycle for all of the subject\n"
    )


def test_list_names_every_rule_by_subject(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its title; then the keywords."""
    lines = said(capsys).splitlines()

    assert [line for line in lines if line and line[0] not in " `"] == [
        *dict.fromkeys(rule.subject for rule in LAWS),
        "keywords of constraints",
    ]
    for rule in LAWS:
        assert any(line.split() == [rule.id, *rule.title.split()] for line in lines)
    assert all(len(line) <= 100 for line in lines)


def test_subject_lists_its_rules(capsys: pytest.CaptureFixture[str]) -> None:
    """And no other."""
    lines = said(capsys, "account").splitlines()

    assert [line.split()[0] for line in lines[:4]] == ["account", "account.key", "account.scheme", "account.isolation"]


@pytest.mark.parametrize("name", [*RULES, *CLIENT_RULES, *keywords()])
def test_everything_has_a_page(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Sentences, at most a hundred columns wide."""
    text = said(capsys, name)

    assert text.startswith(name)
    assert text.count(".") > 1
    assert all(len(line) <= 100 for line in text.splitlines())


def test_every_keyword_of_every_constraint_is_explained() -> None:
    """Whatever stands in the table of constraints."""
    found = {each.keyword for name in specs.names() for each in catalogue(specs.load(name))}

    assert found - keywords().keys() == set()


def test_programs_get_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The same, in members."""
    told = json.loads(said(capsys, "echo", "--json"))

    assert [each["id"] for each in told["rules"]] == ["echo.request"]
    assert told["rules"][0].keys() == {"id", "subject", "level", "title", "explanation", "example"}
    assert json.loads(said(capsys, "maxLength", "--json"))["keywords"].keys() == {"maxLength"}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("lifecycle.odrer", "did you mean lifecycle.order or"),
        ("maxlength", "did you mean maxLength or"),
        ("zzz", "subjects are status, shape, attribution, account, lifecycle, robustness, echo, upstream"),
    ],
)
def test_unknown_name_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str], name: str, hint: str) -> None:
    """One line on stderr, and status 2."""
    assert cli.main(["explain", name]) == 2

    told = capsys.readouterr()
    assert told.out == ""
    line = told.err
    assert line.startswith(
        f"understudy explain: {name!r} is no rule, no subject and no keyword of a constraint; {hint}"
    )
    assert line.count("\n") == 1
