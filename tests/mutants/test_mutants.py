"""Every mutant is one: there is a request that it answers otherwise than the correct service that it was made of."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any, TypeAlias

import pytest

import specs
from mutants import body_mutants
from mutants.body_mutants import Row
from mutants.catalogue import Service, correct_services, mutants
from mutants.changed_packs import GONE, Change, changed_pack
from mutants.shows import show
from references.seeding import KINDS
from references.talk import START_SECONDS, DifferentError, Transcript, talking

Json: TypeAlias = Any
MUTANTS_MIN, VENDORS_MIN = 80, 3

BODIES = [
    pytest.param(vendor, operation, job, row, id=f"{vendor}-{row.id}")
    for vendor, operation, job, rows in body_mutants.TABLES
    for row in rows
]
OTHERS = [service.id for service in mutants().values() if service.id.startswith(("answer/", "wire/"))]


@pytest.mark.parametrize(("vendor", "operation", "job", "row"), BODIES)
def test_body_shows_the_mutant(vendor: str, operation: str, job: dict[str, Json], row: Row) -> None:
    """Taken by one, refused by the other; the job without the change is taken by both."""
    shown = {name: value for name, value in {**job, **row.shows}.items() if value is not GONE}
    packs = specs.load(vendor), changed_pack(vendor, Change(operation, row.at, row.to))
    contracts = [pack.operations[operation].body for pack in packs]
    taken = [[contract.judge(each)[1] == [] for each in (job, shown)] for contract in contracts if contract]

    assert [first for first, _ in taken] == [True, True]
    assert sorted(second for _, second in taken) == [False, True]


@pytest.fixture(autouse=True)
def _stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample gateway has no clock but the machine's, which would tell two talks with it apart."""
    monkeypatch.setattr("examples.gateways.app._now", lambda: int(START_SECONDS))


def maker(service: Service) -> Any:
    """As a talk wants it: the bugs are in the service already."""

    def create(_: object, *, clock: Any, seconds: float) -> Any:
        return service.make(clock, seconds)

    return create


def origin(mutant: Service) -> Service:
    """The correct service that it was made of."""
    _, name, _ = mutant.id.split("/")
    return correct_services().get(f"fake/{name}") or correct_services()[name]


@pytest.fixture(scope="module")
def heard() -> dict[str, Transcript]:
    """What correct services said."""
    return {}


@pytest.mark.parametrize("name", OTHERS)
async def test_talk_shows_the_mutant(name: str, heard: dict[str, Transcript]) -> None:
    """Somewhere in a talk with it."""
    mutant = mutants()[name]
    correct = origin(mutant)
    talk_about = partial(show, vendor=mutant.vendor)
    if correct.id not in heard:
        async with talking(maker(correct)) as talk:
            await talk_about(talk)
            heard[correct.id] = talk.transcript

    with pytest.raises(DifferentError):
        async with talking(maker(mutant), expected=heard[correct.id]) as talk:
            await talk_about(talk)


@pytest.mark.parametrize("name", [name for name in correct_services() if name.startswith(("fake/", "gateway"))])
async def test_talk_leaves_nothing_to_chance(name: str) -> None:
    """Two of the same correct service say the same, and neither breaks down."""
    service = correct_services()[name]
    transcripts = []
    for _ in range(2):
        async with talking(maker(service)) as talk:
            await show(talk, service.vendor)
            transcripts.append(talk.transcript)

    assert transcripts[0] == transcripts[1]
    assert {line[1] for line in transcripts[0] if line[1] >= 500} <= {503}


def test_mutants_are_many_and_of_every_kind() -> None:
    """Over at least three vendors, and the sample gateway; made of fakes alone there are enough."""
    made_of_fakes = [service for service in mutants().values() if not service.id.startswith("reference/")]

    assert len(made_of_fakes) >= MUTANTS_MIN
    assert len({service.vendor for service in made_of_fakes}) >= VENDORS_MIN
    assert {service.kind for service in made_of_fakes} == set(KINDS) - {""}
    assert min(Counter(service.kind for service in mutants().values()).values()) > 1
    assert any(service.id.startswith("wire/gateway/") for service in made_of_fakes)
