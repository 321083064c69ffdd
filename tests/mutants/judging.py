"""Judges services one after the other: in this process, with short tasks, the cases of a vendor made once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypedDict, Unpack
from unittest.mock import patch

import specs
from contracts.cases import make_cases
from contracts.cases.case import CaseBook
from contracts.drivers.settings import Settings
from contracts.drivers.target import read_target
from contracts.drivers.verifying import Verification
from contracts.finding import Verdict
from leaping import wall_seconds
from mutants.catalogue import Service
from references.callers import BAD_KEY, KEY, OTHER_KEY
from specs.pack import Pack

# Tasks take half a second, as at a quick service.
SECONDS: Final = 0.5
_POLL_SECONDS = 0.05
_DEADLINE_SECONDS = 8.0
_RUN = "judged"


@contextmanager
def cases_kept() -> Iterator[None]:
    """Within it, cases follow from the pack and the seed alone, and are made once for all services of a vendor."""
    kept: dict[tuple[Any, ...], CaseBook] = {}

    def made(pack: Pack, seed: int = 0, max_examples: int = 50, *, run: str = "") -> CaseBook:
        name = (pack.name, seed, max_examples, run)
        if name not in kept:
            kept[name] = make_cases(pack, seed, max_examples, run=run)
        return kept[name]

    with patch("contracts.drivers.verifying.make_cases", made):
        yield


class Choices(TypedDict, total=False):
    """What a run may leave out, to be quicker."""

    only: tuple[str, ...]
    skip: tuple[str, ...]
    max_examples: int
    seed: int


def judged(service: Service, **choices: Unpack[Choices]) -> Verdict:
    """The verdict about a fresh one of this service."""
    settings = Settings(
        key=KEY,
        other_key=OTHER_KEY,
        bad_key=BAD_KEY,
        poll_interval=_POLL_SECONDS,
        deadline=_DEADLINE_SECONDS,
        run=_RUN,
        **choices,
    )
    app = service.make(wall_seconds, SECONDS)
    verification = Verification(specs.load(service.vendor), read_target(app, ""), settings)
    return verification.run_here()
