"""A fake whose contract has one thing changed in it: what the vendor's documents say is no longer what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import specs
from mockserver import Fake, Settings
from mockserver.app import App, create_app
from specs.documents import METHODS, read_documents
from specs.pack import Pack, Place, read_behaviour, read_operation
from specs.pointers import removed, replaced, resolve

Json: TypeAlias = Any
Clock: TypeAlias = Callable[[], float]

GONE: Final = object()
"""In place of a value: the member is taken out."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the schema of an operation's body, or behaviour.yaml where `operation` is empty; at a pointer."""

    operation: str
    at: str
    to: Json


def _places(openapi: Json) -> dict[str, Place]:
    found = [Place(path, item, name) for path, item in openapi["paths"].items() for name in METHODS if name in item]
    return {place.item[place.method]["operationId"]: place for place in found}


def _schema_at(place: Place) -> str:
    path = place.path.replace("~", "~0").replace("/", "~1")
    return f"/paths/{path}/{place.method}/requestBody/content/application~1json/schema"


def _changed(document: Json, at: str, to: Json) -> Json:
    assert to is not GONE or resolve(document, at, GONE) is not GONE, f"there is nothing at {at}"
    return removed(document, at) if to is GONE else replaced(document, at, to)


def changed_pack(vendor: str, change: Change) -> Pack:
    """The vendor's pack with this change; all else is as its files have it."""
    pack = specs.load(vendor)
    documents = read_documents(pack.folder, {}, lenient=False)
    openapi, says = documents["openapi"], documents["behaviour"]
    if change.operation:
        openapi = _changed(openapi, _schema_at(_places(openapi)[change.operation]) + change.at, change.to)
    else:
        says = _changed(says, change.at, change.to)
    behaviour = read_behaviour(says)
    operations = {
        name: read_operation(place, says["operations"][name], behaviour.refusals, lenient=False)
        for name, place in _places(openapi).items()
    }
    return Pack(
        name=vendor,
        folder=pack.folder,
        openapi=openapi,
        behaviour=behaviour,
        operations=operations,
        options=pack.options,
    )


def fake_of(pack: Pack, clock: Clock, mode: str) -> App:
    """The fake that keeps this pack; `clock` tells seconds, `mode` is what `--clock` says of them."""
    return create_app(Fake([pack], Settings(clock=mode), lambda: round(clock() * 1000)))
