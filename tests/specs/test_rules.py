"""The three faces of every rule kind agree: what satisfies a law passes its check, what breaks it fails by it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from properties.promised import KINDS as JOBS
from properties.promised import Kind
from specs.pointers import resolve
from specs.rules import KINDS, NoFacts, Rule

Json = Any
NO_FACTS = NoFacts()


class Taken:
    """A world in which every value is in use."""

    def taken(self, pointer: str, value: str) -> bool:
        """All of them."""
        return bool(pointer and value)


# One declaration of each kind, and a body that keeps it.
SAMPLES: Mapping[str, tuple[dict[str, Json], Json]] = {
    "not-blank": ({"pointer": "/prompt"}, {"prompt": "a"}),
    "exactly-one-nonzero": ({"pointer": "/config", "members": ["pan", "tilt", "zoom"]}, {"config": {"pan": 1}}),
    "sum-equals": ({"items": "/shots/*/d", "total": "/d"}, {"d": 5, "shots": [{"d": 2}, {"d": 3}]}),
    "each-at-most": ({"items": "/shots/*/d", "total": "/d"}, {"d": "5", "shots": [{"d": "2"}, {"d": "3"}]}),
    "image": (
        {"pointer": "/image", "bytes_max": 4000, "side_min": 20, "ratio_max": 2.5},
        {"image": "https://example.com/a.png"},
    ),
    "unique-in-account": ({"pointer": "/external_id"}, {"external_id": "mine"}),
}


def sample(kind: str) -> tuple[Rule, Json]:
    """A rule of this kind, and a body that keeps it."""
    entry, body = SAMPLES[kind]
    return KINDS[kind].read({"kind": kind, **entry}, lambda _: None), body


def declared() -> list[tuple[Kind, int]]:
    """Every rule that a shipped pack declares, by its number."""
    return [(job, number) for job in JOBS if job.submit.body for number in range(len(job.submit.body.rules))]


def test_every_kind_has_a_sample() -> None:
    """A kind that is added is judged here."""
    assert set(SAMPLES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_knows_its_name_and_parameters(kind: str) -> None:
    """What the table says is what the rule says; the sample gives exactly the parameters that there are."""
    rule, _ = sample(kind)

    assert rule.kind == kind
    assert set(SAMPLES[kind][0]) == set(rule.parameters)
    assert rule.laws()
    for law in rule.laws():
        assert law.keyword == kind or law.keyword.startswith(kind + "-")
        assert law.pointer.startswith("/")


@pytest.mark.parametrize("kind", KINDS)
def test_what_satisfies_a_law_passes(kind: str) -> None:
    """And so does the valid body itself."""
    rule, body = sample(kind)
    made = list(rule.satisfy(body))

    assert made
    for each in [body, *made]:
        assert rule.check(each, NO_FACTS) == [], each


@pytest.mark.parametrize("kind", KINDS)
def test_what_breaks_a_law_fails_by_that_law(kind: str) -> None:
    """Every body, with violations of this rule's laws alone, at their pointers, in words that name the field."""
    rule, body = sample(kind)
    facts = Taken() if kind == "unique-in-account" else NO_FACTS
    keywords = {law.keyword for law in rule.laws()}
    made = list(rule.break_(body))

    assert made
    for each in made:
        broken = rule.check(each, facts)
        assert broken, each
        for violation in broken:
            assert violation.rule in keywords
            assert violation.field in violation.message
            assert violation.field.partition("[")[0].partition(".")[0] in {
                law.pointer.split("/")[1] for law in rule.laws()
            }


@pytest.mark.parametrize("kind", KINDS)
def test_every_law_of_a_rule_is_broken_by_some_body(kind: str) -> None:
    """A law that nothing breaks would never be judged."""
    rule, body = sample(kind)
    facts = Taken() if kind == "unique-in-account" else NO_FACTS
    broken = {violation.rule for each in rule.break_(body) for violation in rule.check(each, facts)}

    assert broken == {law.keyword for law in rule.laws()}


@pytest.mark.parametrize("kind", KINDS)
def test_bodies_of_one_law_are_those_of_all_of_them(kind: str) -> None:
    """Asked for one law, a rule makes the bodies that are about it: on its boundary, or broken by it alone."""
    rule, body = sample(kind)
    facts = Taken() if kind == "unique-in-account" else NO_FACTS

    of_each = [each for law in rule.laws() for each in rule.satisfy(body, law.keyword)]

    assert sorted(map(repr, of_each)) == sorted(map(repr, rule.satisfy(body)))
    for law in rule.laws():
        for each in rule.break_(body, law.keyword):
            assert {violation.rule for violation in rule.check(each, facts)} == {law.keyword}


@pytest.mark.parametrize("kind", KINDS)
def test_broken_body_is_mended_nearby(kind: str) -> None:
    """Some way to keep the law again is found from every body that breaks it."""
    rule, body = sample(kind)
    for broken in rule.break_(body):
        mended = list(rule.repair(broken))
        assert any(rule.check(each, NO_FACTS) == [] for each in mended), broken
        assert all(isinstance(each, dict) and each.keys() >= body.keys() for each in mended)


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_kind_implies_is_broken_with_it(kind: str) -> None:
    """Whoever breaks it can't but break that too."""
    rule, body = sample(kind)
    for other in rule.implies:
        twin = KINDS[other].read({"kind": other, **SAMPLES[kind][0]}, lambda _: None)
        for broken in rule.break_(body):
            assert twin.check(broken, NO_FACTS), broken


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["5", "1" * 5000, " ", "data:", "http://"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["d", "pan", "tilt", "shots"]), inner, max_size=3)
    ),
    max_leaves=8,
)
members = ("prompt", "config", "shots", "d", "image", "external_id")


@pytest.mark.parametrize("kind", KINDS)
@given(body=st.dictionaries(st.sampled_from(members), values) | values)
def test_check_survives_bodies_of_all_types(kind: str, body: Json) -> None:
    """What another constraint forbids is that one's business: a check neither fails nor repeats itself."""
    rule, _ = sample(kind)
    broken = rule.check(body, NO_FACTS)

    assert rule.check(body, NO_FACTS) == broken
    for violation in broken:
        assert resolve(body, violation.pointer, "nothing") != "nothing"


@pytest.mark.parametrize("body", [{}, [], None, 5, "text", {"other": 1}])
@pytest.mark.parametrize("kind", KINDS)
def test_rule_says_nothing_about_what_is_not_there(kind: str, body: Json) -> None:
    """Whether a member must be there is said elsewhere."""
    assert sample(kind)[0].check(body, Taken()) == []


@pytest.mark.parametrize(("job", "number"), declared(), ids=str)
def test_declared_rules_keep_the_laws(job: Kind, number: int) -> None:
    """Each rule of each pack, from each of its examples: satisfied bodies pass, broken ones fail by it."""
    assert job.submit.body is not None
    rule = job.submit.body.rules[number].rule
    facts = Taken() if rule.kind == "unique-in-account" else NO_FACTS
    keywords = {law.keyword for law in rule.laws()}
    # The big pictures of the image rule cost a second each: its small sample above has them all.
    for body in islice(job.examples.values(), 4):
        assert rule.check(body, NO_FACTS) == []
        if rule.kind != "image":
            for each in rule.satisfy(body):
                assert rule.check(each, NO_FACTS) == []
            for each in rule.break_(body):
                assert keywords & {violation.rule for violation in rule.check(each, facts)}
