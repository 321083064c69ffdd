"""Every service there is to judge: the correct ones, and every mutant, each with one bug that a judge must find."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, TypeAlias

import httpx
from starlette.types import ASGIApp

import specs
from examples.gateways.app import create_gateway
from mockserver import Fake, Settings
from mockserver.transport import AsyncFakeTransport
from mutants import answer_mutants, body_mutants, variations, wire_mutants
from mutants.changed_packs import Change, Clock, changed_pack, fake_of
from mutants.meddling import Meddler, Spoil
from mutants.wire_mutants import GATEWAY
from references.kling.bugs import BUGS as KLING_BUGS
from references.kling.service import create_reference as create_kling
from references.mulerouter.bugs import BUGS as MULEROUTER_BUGS
from references.mulerouter.service import create_reference as create_mulerouter
from references.seeding import NONE, Bug, Bugs
from references.talk import HandClock
from references.uniall.bugs import BUGS as UNIALL_BUGS
from references.uniall.service import create_reference as create_uniall

Json: TypeAlias = Any
Make: TypeAlias = Callable[[Clock, float], ASGIApp]
"""A fresh service, out of a clock that tells seconds and the seconds that its tasks take, more or less."""

CORRECT = "correct"
# What the fakes' tasks take on a clock of their own, on an average.
_FAKE_SECONDS = 44.0
_GATEWAY_VENDOR = "uniall"


@dataclass(frozen=True, slots=True)
class Service:
    """A service that claims to speak a vendor's API."""

    id: str
    vendor: str
    kind: str
    """The kind of law that it breaks, `correct` for one that breaks none."""
    words: str
    make: Make


def _mode(clock: Clock, seconds: float) -> str:
    """What `--clock` says for tasks of this length; a clock that is moved by hand has the speed it has."""
    return "real" if isinstance(clock, HandClock) else f"x{_FAKE_SECONDS / seconds:g}"


# Correct ones


def _fake(vendor: str) -> Make:
    return lambda clock, seconds: fake_of(specs.load(vendor), clock, _mode(clock, seconds))


def make_gateway(clock: Clock, seconds: float) -> ASGIApp:
    """The sample gateway in front of a fake of its provider."""
    settings = Settings(clock=_mode(clock, seconds))
    fake = Fake([specs.load("mulerouter")], settings, lambda: round(clock() * 1000))
    client = httpx.AsyncClient(transport=AsyncFakeTransport(fake))
    return create_gateway("http://provider/mulerouter", "own-key", client)


_REFERENCES: Mapping[str, tuple[Callable[..., ASGIApp], Mapping[str, Bug]]] = MappingProxyType(
    {
        "kling": (create_kling, KLING_BUGS),
        "mulerouter": (create_mulerouter, MULEROUTER_BUGS),
        "uniall": (create_uniall, UNIALL_BUGS),
    }
)


def _reference(vendor: str, bugs: Bugs) -> Make:
    create, _ = _REFERENCES[vendor]
    return lambda clock, seconds: create(bugs, clock=clock, seconds=seconds)


@cache
def correct_services() -> Mapping[str, Service]:
    """The fakes, the sample gateway, the references, fakes that differ where they may: there is nothing to be found."""
    services = [Service(f"fake/{name}", name, CORRECT, f"the fake of {name}", _fake(name)) for name in specs.names()]
    services.append(Service(GATEWAY, _GATEWAY_VENDOR, CORRECT, "the sample gateway", make_gateway))
    services += [
        Service(f"reference/{name}", name, CORRECT, f"{name} by hand", _reference(name, NONE)) for name in _REFERENCES
    ]
    services += _varied()
    return MappingProxyType({service.id: service for service in services})


def _varied() -> Iterator[Service]:
    for row in variations.ROWS:
        words = (row.spoil.__doc__ or "").partition("\n")[0].rstrip(".")
        for name in row.vendors:
            yield Service(f"variation/{name}/{row.spoil.__name__}", name, CORRECT, words, _meddled(name, row.spoil))


# Mutants


def _seeded() -> Iterator[Service]:
    for vendor, (_, bugs) in _REFERENCES.items():
        for bug in bugs.values():
            make = _reference(vendor, frozenset({bug.id}))
            yield Service(f"reference/{vendor}/{bug.id}", vendor, bug.kind, bug.words, make)


def _changed(vendor: str, change: Change) -> Make:
    return lambda clock, seconds: fake_of(changed_pack(vendor, change), clock, _mode(clock, seconds))


def _with_bodies() -> Iterator[Service]:
    for vendor, operation, _, rows in body_mutants.TABLES:
        for row in rows:
            make = _changed(vendor, Change(operation, row.at, row.to))
            yield Service(f"body/{vendor}/{row.id}", vendor, row.kind, row.words, make)


def _with_answers() -> Iterator[Service]:
    for vendor, rows in answer_mutants.TABLES:
        for row in rows:
            make = _changed(vendor, Change("", row.at, row.to))
            yield Service(f"answer/{vendor}/{row.id}", vendor, row.kind, row.words, make)


def _meddled(name: str, spoil: Spoil) -> Make:
    if name == GATEWAY:
        return lambda clock, seconds: Meddler(make_gateway(clock, seconds), _GATEWAY_VENDOR, spoil)
    return lambda clock, seconds: Meddler(_fake(name)(clock, seconds), name, spoil)


def _on_the_wire() -> Iterator[Service]:
    for row in wire_mutants.ROWS:
        words = (row.spoil.__doc__ or "").rstrip(".")
        for name in row.vendors:
            vendor = _GATEWAY_VENDOR if name == GATEWAY else name
            yield Service(f"wire/{name}/{row.spoil.__name__}", vendor, row.kind, words, _meddled(name, row.spoil))


@cache
def mutants() -> Mapping[str, Service]:
    """Every mutant by its id."""
    found = [*_seeded(), *_with_bodies(), *_with_answers(), *_on_the_wire()]
    assert len({service.id for service in found}) == len(found)
    return MappingProxyType({service.id: service for service in found})
