"""The plan: each kind of awkwardness by itself in a run of whatever size, for every vendor; the rest by the seed."""

import re
from functools import cache

import orjson
import pytest

import specs
from contracts.scenarios import Repertoire, Scenario, demand
from contracts.scenarios.demands import flaws
from contracts.scenarios.features import features
from contracts.scenarios.plan import Plan
from contracts.scenarios.traits import REMARKABLE, traits
from specs.pointers import Json

KINDS = {
    *(f"poll: {kind}" for kind in ("put-off", "break", "drop", "garble", "missing", "hang", "redirect", "refuse")),
    *(f"submit: {kind}" for kind in ("put-off", "break", "drop", "garble", "redirect", "refuse", "slow")),
    *("poll: word", "poll: slow", "poll: no result", "endless", "fails", "at once", "many polls"),
    *(f"dress: {kind}" for kind in ("members", "headers", "optional", "results", "writing", "framing", "clock_days")),
}

PAUSED = "a poll: 429, Retry-After 2"


@cache
def plan(name: str, seed: int = 0, examples: int = 0) -> Plan:
    """The plan for a vendor."""
    return Plan(specs.load(name), seed, examples, 30)


@pytest.mark.parametrize("name", specs.names())
def test_no_run_is_blind_to_a_kind(name: str) -> None:
    """Each of them alone, so that what breaks the client is plain to see."""
    alone = [features(each) for each in plan(name).others]

    assert {kind for kind in KINDS if frozenset({kind}) not in alone} <= {"submit: hang"}
    assert all(next(flaws(each), None) is None for each in plan(name).others)


@pytest.mark.parametrize("name", specs.names())
def test_every_operation_has_its_plain_run(name: str) -> None:
    """Nothing unusual, and it must complete."""
    made = plan(name)

    assert {each.operation for each in made.plain} == {each.id for each in Repertoire(specs.load(name)).submits}
    assert {demand(each) for each in made.plain} == {"completed"}
    assert {features(each) for each in made.plain} == {frozenset()}


@pytest.mark.parametrize("name", specs.names())
def test_jobs_are_valid_and_of_every_kind(name: str) -> None:
    """Each keeps the contract as it is written; all the examples are among them, and texts of many scripts."""
    made, pack = plan(name), specs.load(name)

    for operation in pack.operations.values():
        contract = operation.body
        if contract is None:
            continue
        bodies = made.jobs.all(operation.id)
        assert all(contract.judge(body) == (body, []) for body in bodies)
        members = {member for body in operation.examples.values() for member in body}
        assert members <= {member for body in bodies for member in body}
        assert any(not str(body).isascii() for body in bodies)


@pytest.mark.parametrize("name", specs.names())
def test_few_jobs_show_what_all_of_them_show(name: str) -> None:
    """As many as a run of any size gives out: each zero, no and nothing, the longest text, every script and blank."""
    jobs = plan(name).jobs

    for operation in jobs.operations:
        everywhere, soon = ({each for body in some for each in traits(body)} for some in _soon(jobs.all(operation)))
        assert {each for each in everywhere if each[1] in REMARKABLE} <= soon
        assert {"decomposed", "blanks around", "scripts", "escapes"} <= {kind for _, kind in soon}


def _soon(bodies: tuple[Json, ...]) -> tuple[tuple[Json, ...], tuple[Json, ...]]:
    return bodies, bodies[:40]


def test_numbers_of_jobs_are_read_alike_by_all() -> None:
    """A client whose language has floating-point numbers alone is not to blame for what it can't hold."""
    jobs = [body for each in specs.names() for one in plan(each).jobs.operations for body in plan(each).jobs.all(one)]

    assert not re.search(r"[:,\[]-?\d{17,}", orjson.dumps(jobs).decode())


def test_long_scenarios_begin_first() -> None:
    """Who is put off, or told nothing, for ever waits as long as its patience lasts: the rest is done meanwhile."""
    names = [each.name for each in plan("kling", 0, 30).others]

    assert names.index("the submit is refused (balance_empty)") < names.index("many polls") < names.index(PAUSED)
    assert all("for ever" not in each and "never" not in each for each in names[20:])


def test_operations_draw_different_combinations() -> None:
    """Whoever has two is not played the same twice."""
    drawn = [each for each in plan("kling", 0, 30).others if each.name.startswith("drawn")]

    assert len({each.name for each in drawn}) == len(drawn) == 30
    # The first that is drawn is the simplest there is.
    assert len({(each.submits, each.polls, each.dress) for each in drawn}) == len(drawn) - 1


def test_uuid_is_promised_by_one_vendor_alone() -> None:
    """Elsewhere ids may need percent-encoding, and so they do."""
    odd = {name for name in specs.names() if any(each.dress.odd_ids for each in plan(name).others)}

    assert set(specs.names()) - odd == {"mulerouter"}


def test_refusal_inside_of_a_yes_needs_an_envelope_of_both() -> None:
    """Where a member tells yes from no, it can be overlooked."""

    def is_inside(each: Scenario) -> bool:
        return any(act.does == "refuse-inside" for act in (*each.submits, *each.polls))

    assert {name for name in specs.names() if any(map(is_inside, plan(name).others))} == {"kling", "powertokens"}


def test_same_seed_plans_the_same() -> None:
    """And another one something else."""
    first, second, other = (plan("kling", seed, 12) for seed in (5, 5, 6))

    assert first.others == second.others != other.others


def test_drawn_scenarios_can_be_played_and_mostly_must_be_survived() -> None:
    """Combinations, within the limits of what a client has to go through."""
    drawn = [each for each in plan("kling", 1, 60).others if each.name.startswith("drawn")]

    assert len(drawn) > 30
    assert all(next(flaws(each), None) is None for each in drawn)
    assert sum(demand(each) == "completed" for each in drawn) > len(drawn) // 3
    assert any(len(features(each)) > 3 for each in drawn)


def test_short_timeout_makes_late_answers_earlier() -> None:
    """A submit that is answered late must leave the client time to end."""
    late = [act.seconds for each in Plan(specs.load("kling"), 0, 0, 10).others for act in each.submits]

    assert max(late) == 4
