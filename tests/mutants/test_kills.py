"""The judge finds nothing at a correct service, and something at each mutant of a sample of every kind.

All mutants are judged by `benchmarks/gateways.py`, which takes its time. Here are two of each kind, at
the vendors that are judged quickly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest

from leaping import leaping, wall_seconds
from mutants.catalogue import correct_services, mutants
from mutants.judging import Choices, cases_kept, judged
from references.seeding import KINDS

_OF_A_KIND = 2
# Vendors whose documents are short, the shortest first: a judgement takes a fraction of a second.
_SHORT = ("myrouter", "uniall", "powertokens")
_LARGE = ("mulerouter", "kling")
# Pictures of ten megabytes take as long as all else.
_QUICK: Mapping[str, Choices] = MappingProxyType(
    {
        **{vendor: Choices(max_examples=5) for vendor in _SHORT},
        **{vendor: Choices(max_examples=0, skip=("image-bytes",)) for vendor in _LARGE},
    }
)
_IMAGES = Choices(max_examples=0, only=("image-scheme", "image-encoding", "image-format", "image-side", "image-ratio"))


def sample() -> list[str]:
    """Two mutants of each kind at the vendors with short documents, of every origin in turn; images are elsewhere."""
    short = [service for service in mutants().values() if service.vendor in _SHORT and service.kind != "image"]
    short.sort(key=lambda each: _SHORT.index(each.vendor))
    used: Counter[str] = Counter()
    found = []
    for kind in sorted({service.kind for service in short}):
        of_kind = [service.id for service in short if service.kind == kind]
        for _ in range(min(_OF_A_KIND, len(of_kind))):
            chosen = min(of_kind, key=lambda name: used[_origin(name)])
            of_kind.remove(chosen)
            used[_origin(chosen)] += 1
            found.append(chosen)
    images = [
        service.id for service in mutants().values() if service.id.startswith("body/") and service.kind == "image"
    ]
    return sorted([*found, *images[:_OF_A_KIND]])


def _origin(name: str) -> str:
    return name.split("/", maxsplit=1)[0]


@pytest.fixture(autouse=True, scope="module")
def _kept() -> Iterator[None]:
    """To make the cases of a vendor takes longer than to send them."""
    with cases_kept():
        yield


@pytest.fixture(autouse=True)
def _leaping(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All of it is in this process: nobody has to wait for tasks. The sample gateway has the machine's clock, else."""
    monkeypatch.setattr("examples.gateways.app._now", lambda: int(wall_seconds()))
    with leaping():
        yield


# The fakes are judged whole by `test_verify_gateway.py`; of those that differ, the quickest do here.
LET_OFF = [
    name
    for name, service in correct_services().items()
    if name.startswith(("reference/", "gateway")) or (name.startswith("variation/") and service.vendor == _SHORT[0])
]


@pytest.mark.parametrize("name", LET_OFF)
def test_correct_service_is_let_off(name: str) -> None:
    """Whatever a contract leaves free, it may do in its own way."""
    service = correct_services()[name]
    verdict = judged(service, **_QUICK[service.vendor])

    assert verdict.aborted == ""
    assert [(finding.rule, finding.pointer, finding.message) for finding in verdict.findings] == []


@pytest.mark.parametrize("name", sample())
def test_mutant_is_found(name: str) -> None:
    """One bug, and the judge has something to say."""
    service = mutants()[name]
    verdict = judged(service, **(_IMAGES if service.kind == "image" else _QUICK[service.vendor]))

    assert verdict.aborted == ""
    assert verdict.findings, f"{service.words}: nothing found in {len(verdict.exchanges)} requests"


def test_sample_has_every_kind() -> None:
    """No kind of law is left to the benchmark alone."""
    assert {mutants()[name].kind for name in sample()} == set(KINDS)
