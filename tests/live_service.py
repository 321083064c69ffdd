"""A live run against a fake that may have drifted: in this process, on a clock that is a thousand times too fast."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

import contracts.live.session as sessions
import specs
from contracts.cases import make_cases
from contracts.cases.calls import CallCases
from contracts.cases.case import CaseBook
from contracts.drift.drift import Drift
from contracts.drift.recordings import Recorded
from contracts.drivers.target import read_target
from contracts.live.conformance import Replay
from contracts.live.evidence import find_drifts
from contracts.live.ledger import Ledger
from contracts.live.probes import Probes
from contracts.live.recording import Recorder
from contracts.live.session import LiveRun, LiveSettings, Session
from leaping import wall_ms, wall_seconds
from mockserver import Fake, Settings
from mockserver.app import create_app
from properties.promised import pack
from specs.catalogue import catalogue

Json = Any
KEY, BAD_KEY = "sk-the-account", "mock-invalid-key"
NO_BODIES = "no such constraint"


@lru_cache
def book(vendor: str) -> CaseBook:
    """The vendor's cases: to make them takes longer than to send them."""
    return make_cases(pack(vendor), 0, 0, run="live")


@lru_cache
def calls_alone(vendor: str) -> CaseBook:
    """The cases that are about calls and not about bodies: those are made at once."""
    bodies = {each.id: next(iter(each.examples.values())) for each in pack(vendor).operations.values() if each.examples}
    makers = CallCases(pack(vendor), catalogue(pack(vendor)), bodies, 0)
    cases = [case for each in pack(vendor).operations.values() for case in makers.cases(each)]
    return CaseBook(cases=tuple(cases), untested={})


@dataclass(frozen=True, slots=True)
class Checked:
    """One run and what it found."""

    run: LiveRun
    drifts: list[Drift]
    recording: list[Recorded]
    session: Session

    @property
    def found(self) -> set[tuple[str, str | None]]:
        """Kinds and places."""
        return {(each.kind, each.pointer) for each in self.drifts}


class Service:
    """A vendor that has drifted as the actions of an overlay say; runs share its ledger."""

    def __init__(self, folder: Path, vendor: str, *actions: Json) -> None:
        self.pack = pack(vendor)
        self._ledger = folder / "ledger.jsonl"
        self._runs = 0
        self.fake = Fake([_drifted(folder, vendor, actions)], Settings(clock="x1000"), wall_ms)

    def session(self, spend: int = 0, a_day: int = 99, *, about: str | None = None, deadline: float = 30.0) -> Session:
        """A run, not begun; with `about` of the jobs that have to be refused only those about this constraint."""
        self._runs += 1
        ledger = Ledger(self._ledger, f"run-{self._runs}")
        ledger.read()
        settings = LiveSettings(
            key=KEY, bad_key=BAD_KEY, spend=spend, spend_a_day=a_day, rate=5000, poll_interval=0.02, deadline=deadline
        )
        make = calls_alone if about == NO_BODIES else book
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sessions, "make_cases", lambda each, *_, **__: make(each.name))
            session = Session(self.pack, read_target(create_app(self.fake)), settings, ledger, _now)
        if about is not None:
            doubt = tuple(each for each in session.probes.doubt if about in (each.constraint or each.words))
            session.probes = Probes(session.probes.safe, doubt)
        return session

    def check(self, spend: int = 0, **more: Any) -> Checked:
        """A whole run."""
        session = self.session(spend, **more)
        run = asyncio.run(session.go())
        recorder = Recorder(self.pack.behaviour.hosts[0], KEY, BAD_KEY)
        recording = [recorder.recorded(each) for each in run.exchanges]
        return Checked(run, find_drifts(self.pack, session.promise, run.exchanges, recording), recording, session)

    @property
    def tasks(self) -> int:
        """How many the account has."""
        return len(self.fake.tasks(KEY))


def replayed(checked: Checked, *actions: Json, folder: Path) -> list[Drift]:
    """What a fake answers otherwise than the recording, one that is changed by these actions itself."""
    vendor = checked.session.promise.pack
    fake = Fake([_drifted(folder, vendor.name, actions)], Settings(clock="manual"), lambda: 0)
    pairs = zip(checked.recording, checked.run.exchanges, strict=True)
    return list(Replay(vendor, checked.session.promise, fake).differences(pairs))


def _drifted(folder: Path, vendor: str, actions: tuple[Json, ...]) -> Any:

    if not actions:
        return pack(vendor)
    overlay = folder / "overlay.json"
    document = {"overlay": "1.0.0", "info": {"title": "drifted", "version": "1"}, "actions": list(actions)}
    overlay.write_text(json.dumps(document), encoding="utf-8")
    return specs.load(vendor, overlay=overlay)


def _now() -> datetime:
    return datetime.fromtimestamp(wall_seconds(), UTC)
