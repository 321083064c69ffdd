"""Jobs that meet trouble behind a gateway: what is sent, how the fake is told, and that it ends whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import specs
from broken_packs import open_workshop
from contracts.drivers import troubling
from contracts.drivers.jobs import known_job
from contracts.drivers.settings import Settings, bad_key_of
from contracts.drivers.target import read_target
from contracts.drivers.troubling import POLLS, SUBMISSIONS, SUBMITS, Troubled, Troubling
from contracts.judge.promise import is_yes
from mockserver.fault_rules import read_rule
from services import Listening, answering, nobody_there, quick_fake
from specs.pack import Pack
from specs.pointers import finder

pytestmark = pytest.mark.usefixtures("pauses_leap")
every_vendor = pytest.mark.parametrize("name", specs.names())


@dataclass
class Behind:
    """An upstream that hears of nothing, and what it was told to do."""

    told: list[tuple[Mapping[str, Any], str, Any]] = field(default_factory=list)
    submits: int = 0
    failures: tuple[str, ...] = ("default", "other")
    rejection: int = 451
    calmed: int = 0

    def trouble(self, fault: Mapping[str, Any], operation: str, times: int | str, after: int = 0) -> None:
        del after
        self.told.append((fault, operation, times))
        # As if the gateway had sent its job on by now.
        self.submits += 1

    def calm(self) -> None:
        self.calmed += 1


def sent(pack: Pack, target: Any, behind: Behind | None = None, **choices: Any) -> Troubled:
    """What came of a session."""
    settings = Settings(key="k", bad_key=bad_key_of(0), poll_interval=0.1, **choices)
    return Troubling(pack, read_target(target), settings, behind or Behind()).run_here()


@every_vendor
def test_every_vendor_has_a_job_that_can_be_known(name: str) -> None:
    """It keeps the contract, and its prompt holds the word by which it is known, and the one for whoever pays."""
    pack = specs.load(name)
    jobs = [known_job(pack, "4711", "an-id-of-its-own", number) for number in range(8)]

    for job in jobs:
        assert job is not None
        body = pack.operations[job.operation].body
        assert body is not None
        assert body.judge(job.body) == (job.body, [])
        texts = [text for pointer in pack.behaviour.prompts for _, text in finder(pointer)(job.body)]
        assert any("understudy contract check 4711" in text for text in texts)
    assert {job.operation for job in jobs if job} == {
        each.id for each in pack.operations.values() if each.role == "submit"
    }
    assert len({str(job) for job in jobs}) > 4


@every_vendor
def test_every_trouble_is_one_that_the_fake_can_make(name: str) -> None:
    """Each is a fault of submits or of polls."""
    pack = specs.load(name)
    for each in (*SUBMITS, *POLLS):
        read_rule({"fault": each.fault, "operation": each.operation, "times": each.times}, [pack])


def test_all_of_it_is_sent_in_turn(tmp_path: Path) -> None:
    """As many jobs as were announced, each known by a word of its own; every trouble is made, and taken away."""
    pack, behind = specs.load(open_workshop(tmp_path).folder), Behind()
    service = Listening(quick_fake(pack))

    session = sent(pack, service, behind)

    assert len(session.tried) == SUBMISSIONS == len({each.mark for each in session.tried})
    assert [each.words for each in session.tried if not is_yes(each.front[0].status)] == []
    bodies = [each.body.decode() for each in service.heard if each.method == "POST"]
    assert [sum(each.mark in body for body in bodies) for each in session.tried] == [1] * SUBMISSIONS
    assert [fault for fault, _, _ in behind.told[: len(SUBMITS)]] == [each.fault for each in SUBMITS]
    assert behind.told[len(SUBMITS)] == ({"status": 451}, "submit", "always")
    assert [each.words for each in session.tried if each.is_refusal] == [
        "the submit upstream is refused with 451 for what is in it"
    ]
    assert behind.calmed >= len(SUBMITS) + 1 + len(POLLS)
    assert [each.words for each in session.tried if each.is_open] == []


def test_polls_go_as_slowly_as_the_front_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is answered 429 with Retry-After comes back after that."""
    monkeypatch.setattr(troubling, "SUBMITS", ())
    monkeypatch.setattr(troubling, "POLLS", POLLS[:1])
    monkeypatch.setattr(troubling, "_TOGETHER", 0)
    pack = specs.load(open_workshop(tmp_path).folder)
    fake = quick_fake(pack)
    fake.fake.add_fault({"fault": {"status": 429, "retry_after": 1}, "operation": "poll"})

    front = sent(pack, fake, Behind(failures=())).tried[0].front

    assert front[1].status == 429
    assert front[2].sent_seconds - front[1].answered_seconds >= 1


def test_a_gateway_that_is_gone_ends_it(tmp_path: Path) -> None:
    """The job that was under way says so."""
    session = sent(specs.load(open_workshop(tmp_path).folder), nobody_there())

    assert len(session.tried) == 1
    assert "can't be reached" in session.tried[0].gone


async def test_who_interrupts_it_is_obeyed(tmp_path: Path) -> None:
    """What was heard is kept, but for the job that was cut short: nothing is known of it."""
    pack = specs.load(open_workshop(tmp_path).folder)
    fake = quick_fake(pack)
    fake.fake.add_fault({"fault": {"stuck": True}, "operation": "submit", "after": 2})
    settings = Settings(key="k", bad_key=bad_key_of(0), poll_interval=0.1)
    session = asyncio.create_task(Troubling(pack, read_target(fake), settings, Behind()).run())
    await asyncio.sleep(4)
    session.cancel()

    found = await session

    assert found.is_interrupted
    assert [each.is_open for each in found.tried] == [False] * 2
    assert len({each.request_body for each in found.exchanges if each.request_body}) == 3


def test_a_gateway_whose_jobs_never_end_is_left_soon(tmp_path: Path) -> None:
    """Three of them prove it."""
    pack = specs.load(open_workshop(tmp_path).folder)
    fake = quick_fake(pack)
    fake.fake.add_fault({"fault": {"stuck": True}, "operation": "submit", "times": "always"})

    session = sent(pack, fake, deadline=0.3)

    assert [each.is_open for each in session.tried] == [True] * 3
    assert session.exchanges[-1].answered_seconds < 10


def test_a_gateway_that_takes_nothing_is_heard_to_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every job is sent; those that should be taken are sent again, for a while."""
    monkeypatch.setattr(troubling, "_PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(troubling, "_AGAIN_SECONDS", 0.02)

    session = sent(specs.load(open_workshop(tmp_path).folder), answering(503))

    assert len(session.tried) == SUBMISSIONS
    assert len(session.exchanges) > SUBMISSIONS
