"""`understudy live VENDOR`: the real service against its contract, without spending more than was said."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import specs
from contracts.commands.drift_outlets import NOT_CHECKED, add_outlets, prepare, publish
from contracts.drift.drift import Drift
from contracts.drift.recordings import Recorded
from contracts.drift.waivers import Waiver
from contracts.drivers.settings import NO_KEY, Settings, bad_key_of, check, is_key
from contracts.drivers.target import read_target
from contracts.errors import UsageError
from contracts.live.conformance import Replay
from contracts.live.evidence import find_drifts
from contracts.live.ledger import Ledger
from contracts.live.recording import Recorder, as_lines
from contracts.live.session import LiveRun, LiveSettings, Session
from contracts.live.silence import unheard
from contracts.live.verdicts import FAKE_WRONG, verdict
from contracts.report.drifts import DriftReport
from contracts.report.files import ReportError, check_destinations, write_files
from contracts.report.plain import counted
from mockserver import Fake
from mockserver import Settings as FakeSettings
from specs.documents import state_folder
from specs.pack import Pack
from specs.pointers import Json

# A day may cost so many times what one run may, unless it is said otherwise.
_RUNS_A_DAY = 5
_SKIPPED_SHOWN_MAX = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A vendor, where it is, what may be spent, where things are kept."""
    parser.add_argument("vendor", metavar="VENDOR", help="a vendor, or the folder of a pack")
    parser.add_argument("--url", metavar="URL", help="where the service is (default: the vendor's documented host)")
    parser.add_argument(
        "--spend", type=int, default=0, metavar="N", help="so many submissions may be billed (default: 0)"
    )
    parser.add_argument(
        "--spend-a-day", type=int, metavar="N", help=f"so many in a day, all runs together (default: {_RUNS_A_DAY} x N)"
    )
    parser.add_argument(
        "--ledger",
        type=Path,
        metavar="FILE",
        help="where it is written down what was spent (default: one for each account, in ~/.local/state)",
    )
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="write the exchanges, without keys, as JSON lines for drift traffic"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the seed of what is sent (default: 0)")
    parser.add_argument("--rate", type=float, default=5.0, metavar="N", help="requests a second at most (default: 5)")
    parser.add_argument(
        "--poll-interval", type=float, default=5.0, metavar="S", help="seconds between polls of a task (default: 5)"
    )
    parser.add_argument(
        "--deadline",
        type=float,
        default=600.0,
        metavar="S",
        help="seconds to wait for a task; the next run goes on with it (default: 600)",
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    add_outlets(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 nothing found, 1 something, 3 could not check."""
    pack = specs.load(arguments.vendor)
    waivers = prepare(arguments)
    _check(arguments)
    variable = key_variable(pack.name)
    key = os.environ.get(variable, "")
    if not key and not arguments.dry_run:
        return _without_key(arguments, waivers, variable)
    session, ledger, settings = _session(arguments, pack, key or "no-key-in-a-dry-run")
    for line in _announced(arguments, session, settings):
        _say(line)
    if arguments.dry_run:
        return 0
    heard = asyncio.run(session.go())
    recording = _recorded(pack, settings, heard)
    drifts, replayed = _judged(pack, session, ledger, heard, recording)
    heard.problem = "; ".join(_problems(session, heard, arguments.deadline))
    report = DriftReport(
        run=("live", arguments.vendor),
        drifts=drifts,
        problem=heard.problem,
        proof=_proof(arguments, session, heard, replayed),
        file=str(arguments.record or ""),
    )
    if not heard.problem:
        # A run that could not look has not seen that something was as it should be.
        ledger.check(datetime.now(UTC).isoformat(timespec="milliseconds"), [each.fingerprint for each in drifts])
    published = publish(arguments, report, waivers, is_complete=not heard.problem and not heard.skipped)
    if arguments.record is not None:
        write_files([(arguments.record, as_lines(recording))])
    for line in _lines(published.left, heard, replayed):
        _say(line)
    return published.status(heard.problem)


def _without_key(arguments: argparse.Namespace, waivers: Sequence[Waiver], variable: str) -> int:
    """Nothing was sent; the reports say so too."""
    problem = f"{variable} is not set; put the key of an account there"
    proof: dict[str, Json] = {"vendor": arguments.vendor, "checked": {"exchanges": 0, "submissions": 0}}
    report = DriftReport(run=("live", arguments.vendor), drifts=[], problem=problem, proof=proof)
    publish(arguments, report, waivers, is_complete=False)
    _say(f"could not check: {problem}")
    return NOT_CHECKED


def key_variable(vendor: str) -> str:
    """The environment's variable with the key of an account there."""
    return f"UNDERSTUDY_LIVE_{re.sub(r'[^A-Z0-9]', '_', vendor.upper())}_KEY"


def _check(arguments: argparse.Namespace) -> None:
    for name in ("spend", "spend_a_day"):
        value = getattr(arguments, name)
        if value is not None and value < 0:
            message = f"--{name.replace('_', '-')} {value} is less than 0"
            raise UsageError(message)
    try:
        check_destinations(arguments.record)
    except ReportError as problem:
        raise UsageError(str(problem)) from None


def _session(arguments: argparse.Namespace, pack: Pack, key: str) -> tuple[Session, Ledger, LiveSettings]:
    bad_key = bad_key_of(arguments.seed)
    if not is_key(key):
        message = f"{key_variable(pack.name)} holds {NO_KEY}"
        raise UsageError(message)
    # The same checks as before a verification.
    check(
        Settings(
            key=key,
            bad_key=bad_key,
            rate=arguments.rate,
            poll_interval=arguments.poll_interval,
            deadline=arguments.deadline,
        )
    )
    settings = LiveSettings(
        key=key,
        bad_key=bad_key,
        spend=arguments.spend,
        spend_a_day=arguments.spend * _RUNS_A_DAY if arguments.spend_a_day is None else arguments.spend_a_day,
        seed=arguments.seed,
        rate=arguments.rate,
        poll_interval=arguments.poll_interval,
        deadline=arguments.deadline,
    )
    url = arguments.url or f"https://{next(iter(pack.behaviour.hosts))}"
    ledger = Ledger(arguments.ledger or _ledger_file(pack.name, url, key), str(time.time_ns()))
    ledger.read()
    session = Session(pack, read_target(url), settings, ledger, lambda: datetime.now(UTC))
    return session, ledger, settings


def _ledger_file(vendor: str, url: str, key: str) -> Path:
    """One for each account of each service; not in a cache, which anybody may empty: a day would cost twice."""
    account = blake2b(f"{url} {key}".encode(), digest_size=6).hexdigest()
    try:
        return state_folder() / "live" / f"{vendor}-{account}.jsonl"
    except RuntimeError:
        message = "there is no home folder for the ledger: without it nothing may be spent; name one with --ledger"
        raise UsageError(message) from None


def _announced(arguments: argparse.Namespace, session: Session, settings: LiveSettings) -> Iterator[str]:
    where = arguments.url or "the vendor's own host"
    yield f"{len(session.probes.safe)} calls to {where} that can't cost anything, {settings.rate:g} a second at most"
    if session.open:
        yield f"{counted(len(session.open), 'task')} of earlier runs will be looked at"
    budget = min(session.budget, len(session.jobs))
    if budget:
        yield f"{counted(len(session.probes.doubt), 'job')} that have to be refused, and are counted if they are not"
    yield f"{counted(budget, 'submission')} that may be billed, the cheapest first"


def _problems(session: Session, heard: LiveRun, deadline: float) -> Iterator[str]:
    """All that could not be checked."""
    if heard.problem:
        yield heard.problem
    yield from unheard(session.promise, heard.exchanges)
    if heard.waiting:
        yield f"{counted(heard.waiting, 'task')} not over within {deadline:g} s: the next run goes on"


def _recorded(pack: Pack, settings: LiveSettings, heard: LiveRun) -> list[Recorded]:
    recorder = Recorder(next(iter(pack.behaviour.hosts)), settings.key, settings.bad_key)
    return [recorder.recorded(each) for each in heard.exchanges]


def _judged(
    pack: Pack, session: Session, ledger: Ledger, heard: LiveRun, recording: list[Recorded]
) -> tuple[list[Drift], Replay]:
    """What was found, each with its verdict; what the contract allows and the fake answers otherwise comes last."""
    promise = session.promise
    replay = Replay(pack, promise, Fake([pack], FakeSettings(clock="manual"), _standing))
    drifts = find_drifts(pack, promise, heard.exchanges, recording)
    known = ledger.known()
    told = [replace(each, verdict=verdict(each, promise, known)) for each in drifts]
    pairs = zip(recording, heard.exchanges, strict=True)
    others = [] if drifts else [replace(each, verdict=FAKE_WRONG) for each in replay.differences(pairs)]
    return [*told, *others], replay


def _standing() -> int:
    return 0


def _proof(arguments: argparse.Namespace, session: Session, heard: LiveRun, replayed: Replay) -> dict[str, Json]:
    return {
        "vendor": arguments.vendor,
        "checked": {
            "exchanges": len(heard.exchanges),
            "free_calls": len(session.probes.safe),
            "submissions": heard.spent,
            "tasks_ended": heard.ended,
            "tasks_waiting": heard.waiting,
            "played_to_the_fake": replayed.compared,
            "skipped": heard.skipped,
        },
    }


def _lines(left: Sequence[Drift], heard: LiveRun, replayed: Replay) -> Iterator[str]:
    for number, drift in enumerate(left, 1):
        yield f"{number}. {drift.verdict or 'waivers'}: {drift.kind} {drift.message}"
        if drift.verdict is not None:
            yield f"   fingerprint {drift.fingerprint}"
    yield f"{counted(len(heard.exchanges), 'exchange')} judged, {replayed.compared} of them played to the fake"
    yield f"{counted(heard.spent, 'submission')} that may be billed; {counted(heard.ended, 'task')} seen to the end"
    if heard.waiting:
        yield f"{counted(heard.waiting, 'task')} left for the next run"
    for words in heard.skipped[:_SKIPPED_SHOWN_MAX]:
        yield f"not sent: {words}"
    if heard.problem:
        yield f"could not check: {heard.problem}"
    verdicts = Counter(each.verdict for each in left if each.verdict is not None)
    told = ", ".join(f"{count} x {name}" for name, count in verdicts.items())
    yield f"{counted(len(left), 'finding')}{': ' + told if told else ''}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
