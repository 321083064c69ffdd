"""Verifying from Python: nothing is found at a service that keeps its contract, one thing at one with one fault."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import contracts
import specs
from broken_packs import OPENAPI, Workshop, open_workshop
from contracts.drivers import verify, verify_async
from contracts.errors import UsageError
from contracts.exchange import Exchange
from contracts.finding import Finding, Verdict
from mockserver.accounts import Limits
from services import Listening, answering, nobody_there, on_socket, quick_fake

pytestmark = pytest.mark.usefixtures("pauses_leap")
# No test of these needs more than what the documents call for; to draw requests takes seconds.
FEW: dict[str, Any] = {"key": "a-key", "other_key": "other", "max_examples": 0}
# What can be asked of every vendor, whatever its answers tell.
ASKED_OF_ALL = {
    *("status.accepted", "status.refused", "status.method", "account.key", "account.scheme", "account.isolation"),
    *("shape.body", "lifecycle.words", "lifecycle.order", "lifecycle.final", "lifecycle.ends", "lifecycle.visible"),
    *("lifecycle.failure", "lifecycle.polls-inert", "lifecycle.unique-id", "lifecycle.unique-result"),
    *("robustness.malformed", "robustness.survives", "robustness.alive"),
}


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A small sound pack."""
    return open_workshop(tmp_path)


def told(findings: tuple[Finding, ...]) -> list[str]:
    """Findings for a failing test."""
    return [f"{each.rule} {each.operation} {each.pointer}: {each.message}" for each in findings]


def posted(verdict: Verdict) -> list[Exchange]:
    """The calls with a body."""
    return [each for each in verdict.exchanges if each.request_body]


@pytest.mark.parametrize("name", specs.names())
def test_service_that_keeps_its_contract(name: str) -> None:
    """Every shipped fake: nothing found, every side of every constraint tested or a reason given, within the bounds."""
    verdict = verify(name, quick_fake(name), key="a-key", other_key="other", max_examples=8)

    assert told(verdict.findings) == []
    assert verdict.aborted == ""
    assert len(verdict.exchanges) <= 1500
    assert {row.rule for row in verdict.laws if row.outcome == "ok"} >= ASKED_OF_ALL
    sides = Counter(side for row in verdict.constraints for side in (row.accepts, row.rejects))
    assert sides["fails"] == 0
    assert sides["untested"] <= 0.05 * sides["ok"]
    assert all(row.note for row in verdict.constraints if "untested" in (row.accepts, row.rejects))


def test_package_offers_it() -> None:
    """Under the name that says what is verified."""
    assert contracts.verify_gateway is verify
    with pytest.raises(AttributeError, match="nothing_else"):
        _ = contracts.nothing_else


async def test_where_an_event_loop_runs(workshop: Workshop) -> None:
    """The same, to be awaited."""
    verdict = await verify_async(workshop.folder, quick_fake(workshop.folder), only=("account",), **FEW)

    assert told(verdict.findings) == []
    assert {row.outcome for row in verdict.laws} == {"ok"}


async def test_cancelled_where_an_event_loop_runs(workshop: Workshop) -> None:
    """Whoever cancels is obeyed: no verdict."""
    task = asyncio.create_task(verify_async(workshop.folder, quick_fake(workshop.folder), **FEW))
    await asyncio.sleep(0.3)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


def test_limit_that_is_ignored_is_one_finding_with_a_small_proof(workshop: Workshop, tmp_path: Path) -> None:
    """The constraint's row says which side, the finding names the constraint, and its request is as short as can be."""
    (tmp_path / "loose").mkdir()
    loose = open_workshop(tmp_path / "loose").change(OPENAPI, "maximum: 15", "maximum: 16")

    verdict = verify(workshop.folder, quick_fake(loose.folder), only=("status",), skip=("lifecycle",), **FEW)

    (finding,) = verdict.findings
    assert (finding.rule, finding.level, finding.pointer) == ("status.refused", "error", "/duration")
    (row,) = (row for row in verdict.constraints if row.id == finding.constraint)
    assert (row.rule, row.accepts, row.rejects) == ("maximum", "ok", "fails")
    assert [other.id for other in verdict.constraints if "fails" in (other.accepts, other.rejects)] == [row.id]
    shown = {each.number: each for each in verdict.exchanges}
    smallest = json.loads(shown[finding.exchanges[0]].request_body)
    assert set(smallest) == {"prompt", "duration"}


def test_tasks_that_move_because_they_are_polled(workshop: Workshop) -> None:
    """Some are left alone until all others are over: they must be over too."""
    verdict = verify(workshop.folder, quick_fake(workshop.folder, clock="polls"), only=("lifecycle",), **FEW)

    assert [each.rule for each in verdict.findings] == ["lifecycle.polls-inert"]


def test_same_seed_sends_the_same(workshop: Workshop) -> None:
    """But for ids that nobody may have used before; another seed asks for other unknown ids."""
    first, second, other = (_heard(workshop, seed) for seed in (7, 7, 8))

    assert first == second != other


def _heard(workshop: Workshop, seed: int) -> Counter[tuple[str, str, bytes]]:
    """What was sent, but for polls of tasks: how many there are is a matter of time."""
    service = Listening(quick_fake(workshop.folder))
    verdict = verify(workshop.folder, service, key="a-key", max_examples=0, seed=seed, skip=("lifecycle",))
    given_out = {json.loads(each.body)["id"] for each in verdict.exchanges if each.status == 202}
    heard = ((each.method, each.path, each.body) for each in service.heard)
    return Counter(each for each in heard if each[1].rpartition("/")[2] not in given_out)


def test_only_what_was_asked_for_is_sent(workshop: Workshop) -> None:
    """One constraint: its cases, no job that is followed; one subject: jobs, no case."""
    limit = verify(workshop.folder, quick_fake(workshop.folder), only=("maximum",), **FEW)
    life = verify(workshop.folder, quick_fake(workshop.folder), only=("lifecycle",), **FEW)

    assert {row.rule for row in limit.constraints} == {"maximum"}
    assert {outcome for row in limit.constraints for outcome in (row.accepts, row.rejects)} == {"ok"}
    assert limit.laws == ()
    assert len(limit.exchanges) < 30
    assert {row.rule.partition(".")[0] for row in life.laws} == {"lifecycle"}
    assert life.constraints == ()
    assert {each.purpose.expects for each in posted(life) if each.purpose is not None} == {"accepted"}


def test_without_a_second_account(workshop: Workshop) -> None:
    """What accounts see of each other is untested, and the reason is given."""
    service = Listening(quick_fake(workshop.folder))

    verdict = verify(workshop.folder, service, key="a-key", max_examples=0, only=("account",))

    (row,) = (row for row in verdict.laws if row.rule == "account.isolation")
    assert row.outcome == "untested"
    assert "--other-key" in row.note
    assert {each.headers["authorization"] for each in service.heard if "authorization" in each.headers} >= {
        "Bearer a-key"
    }


def test_extra_headers_and_base_path(workshop: Workshop) -> None:
    """They go with every request."""
    service = Listening(answering(404))

    verify(workshop.folder, service, base_path="/v9", headers=[("X-Team", "video")], only=("maximum",), **FEW)

    assert service.heard
    assert all(each.headers["x-team"] == "video" for each in service.heard)
    assert all(each.path.startswith("/v9/v1/") for each in service.heard)


# Services that are not there, or not for long


def test_nobody_there(workshop: Workshop) -> None:
    """Said at once, with the reason; nothing is found of a service that nobody has met."""
    url = nobody_there()

    verdict = verify(workshop.folder, url, **FEW)

    assert verdict.aborted.startswith(f"{url} can't be reached: ")
    assert (verdict.exchanges, verdict.findings, verdict.seconds < 5) == ((), (), True)


class _Counter:
    """Progress that counts."""

    steps = 0

    def start(self, total: int) -> None:
        assert total

    def advance(self, steps: int = 1) -> None:
        self.steps += steps

    def end(self) -> None:
        assert self.steps


class _Killer:
    """Progress that makes the service go away after so many exchanges."""

    def __init__(self, kill: Any, after: int) -> None:
        self.kill, self.after, self.planned = kill, after, 0

    def start(self, total: int) -> None:
        assert total > self.after
        self.planned = total

    def advance(self, steps: int = 1) -> None:
        self.after -= steps
        if self.after == 0:
            self.kill()

    def end(self) -> None:
        self.after = 0


def test_service_that_dies_half_way(workshop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was heard so far is judged, and why it is not more is said."""
    (tmp_path / "loose").mkdir()
    loose = open_workshop(tmp_path / "loose").change(OPENAPI, "maximum: 15", "maximum: 16")
    monkeypatch.setattr("contracts.drivers.caller._GONE_SECONDS", 1)
    with on_socket(quick_fake(loose.folder)) as running:
        killer = _Killer(running.stop, 200)
        verdict = verify(workshop.folder, running.url, progress=killer, **FEW)

    assert "can't be reached any more" in verdict.aborted
    assert 150 < len(verdict.exchanges) < killer.planned
    assert [each.rule for each in verdict.findings] == ["status.refused"]


def test_key_that_is_refused(workshop: Workshop) -> None:
    """Nothing can be judged with it: it is said after a request of each kind, and the service is not to blame."""
    service = Listening(quick_fake(workshop.folder))
    verdict = verify(workshop.folder, service, key="mock-invalid-1", max_examples=0)

    assert "refuses the key: status 401" in verdict.aborted
    assert "--key" in verdict.aborted
    assert len(service.heard) <= 4
    assert not verdict.findings


@pytest.mark.parametrize("status", [404, 500, 200])
def test_service_that_does_something_else_altogether(workshop: Workshop, status: int) -> None:
    """No crash, but findings."""
    verdict = verify(workshop.folder, answering(status, b"[1]"), **FEW)

    assert verdict.aborted == ""
    assert verdict.findings


def test_service_that_lets_nothing_through(workshop: Workshop) -> None:
    """It asks for more time than there is: nothing could be judged, which is not the same as nothing found."""
    full = answering(429, retry_after="3600", content_type="application/json")
    verdict = verify(workshop.folder, full, **FEW)

    assert "lets nothing through" in verdict.aborted
    assert len(verdict.exchanges) <= 2
    assert not verdict.findings


# Manners


def test_who_is_told_to_wait_waits(workshop: Workshop) -> None:
    """An account that may have three unfinished tasks is judged like any other; what comes again is no progress."""
    fake, counter = quick_fake(workshop.folder, clock="x600", limits={"a-key": Limits(concurrency=3)}), _Counter()

    verdict = verify(workshop.folder, fake, progress=counter, only=("enum", "maxLength"), **FEW)

    put_off = Counter(each.status for each in verdict.exchanges)[429]
    assert told(verdict.findings) == []
    assert put_off > 0
    assert counter.steps == len(verdict.exchanges) - put_off
    assert "untested" not in {row.accepts for row in verdict.constraints}


def test_wait_may_be_longer_than_a_task(workshop: Workshop) -> None:
    """Who says that tasks are over in two seconds waits three for a service that asks for it."""
    calls = iter([answering(429, retry_after="3", content_type="application/json")])
    fake = quick_fake(workshop.folder)

    async def late(scope: Any, receive: Any, send: Any) -> None:
        app = next(calls, fake) if scope["type"] == "http" else fake
        await app(scope, receive, send)

    verdict = verify(workshop.folder, late, deadline=2, only=("enum",), **FEW)

    assert verdict.aborted == ""
    assert verdict.exchanges[0].status == 429
    assert verdict.exchanges[-1].sent_seconds >= 2.9


def test_account_that_can_pay_no_more(workshop: Workshop) -> None:
    """It is no fault of the service: the run ends, and nothing is held against it."""
    fake = quick_fake(workshop.folder, limits={"a-key": Limits(balance=12)})

    verdict = verify(workshop.folder, fake, **FEW)

    assert "can't pay any more" in verdict.aborted
    # The second account can pay, and has one job of its own.
    assert verdict.submissions == 12 + 1
    assert told(verdict.findings) == []


def test_rate(workshop: Workshop) -> None:
    """So many requests a second and no more."""
    verdict = verify(workshop.folder, quick_fake(workshop.folder), rate=20, only=("enum",), **FEW)

    sent = [each.sent_seconds for each in verdict.exchanges]
    assert len(sent) > 10
    assert sent[-1] - sent[0] >= (len(sent) - 1) / 20 * 0.9


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"only": ("maximun",)}, "did you mean maximum"),
        ({"bad_key": "a-key"}, "the same key"),
        ({"rate": 0}, "greater than 0"),
        ({"headers": [("Authorization", "x")]}, "--key"),
    ],
)
def test_what_cannot_be_meant(workshop: Workshop, options: dict[str, Any], why: str) -> None:
    """An error before anything is sent."""
    service = Listening(answering(200))

    with pytest.raises(UsageError, match=why):
        verify(workshop.folder, service, **{**FEW, **options})

    assert service.heard == []
