"""Books of cases to ask about: one for each shipped vendor and the invented one, made once, and their body cases."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import specs
from contracts.cases import Case, CaseBook, make_cases
from specs.catalogue import catalogue
from specs.constraint import Constraint
from specs.validation import BodyContract

Json = Any
ACME = Path(__file__).parent / "vendors" / "acme"
VENDORS = [*specs.names(), "acme"]
LARGE_BYTES = 1_000_000


@lru_cache
def pack(vendor: str) -> specs.Pack:
    """The vendor's pack."""
    return specs.load(ACME if vendor == "acme" else vendor)


@lru_cache
def book(vendor: str, examples: int = 0) -> CaseBook:
    """Its cases under seed 0; with `examples` also what is drawn, which takes longer."""
    return make_cases(pack(vendor), 0, examples)


@lru_cache
def known(vendor: str) -> dict[str, Constraint]:
    """Its catalogue, by id."""
    return {each.id: each for each in catalogue(pack(vendor))}


def contract(vendor: str, case: Case) -> BodyContract:
    """What the case's operation asks of a body."""
    found = pack(vendor).operations[case.operation].body
    assert found is not None
    return found


def body_cases(vendor: str, expects: str, examples: int = 0) -> Iterator[Case]:
    """The cases whose body is what they are about: nothing else of the call is odd."""
    for case in book(vendor, examples).cases:
        is_odd = case.raw is not None or case.method is not None or case.credentials != "key" or case.chunked
        is_plain = not is_odd and case.content_type == "application/json" and not (case.repeat or case.before)
        if is_plain and case.expects == expects and case.body is not None:
            yield case


def is_large(body: Json) -> bool:
    """Whether it holds a picture of megabytes: judging it takes a while."""
    if isinstance(body, dict):
        return any(map(is_large, body.values()))
    if isinstance(body, list):
        return any(map(is_large, body))
    return isinstance(body, str) and len(body) > LARGE_BYTES
