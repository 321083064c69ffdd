"""Judging a client from Python: a pack and a client in, a verdict out."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict, Unpack

import specs
from contracts.drivers.clients.assignment import Client
from contracts.drivers.clients.callable import CallableClient
from contracts.drivers.clients.command import CommandClient
from contracts.drivers.clients.settings import EXAMPLES, TIMEOUT_SECONDS, ClientSettings, jobs_by_cores
from contracts.drivers.clients.verification import ClientVerification
from contracts.drivers.verifying import Progress
from contracts.finding import Verdict
from contracts.scenarios.scenario import Scenario
from contracts.scenarios.written import as_text, read_scenario
from specs.pack import Pack


class ClientOptions(TypedDict, total=False):
    """What may be chosen; everything has the default of `understudy verify client`."""

    timeout: float
    """Seconds for one run."""
    jobs: int
    """Runs at a time."""
    max_examples: int
    seed: int
    scenario: Mapping[str, Any] | str
    """The one to play, as a value or as JSON."""
    only: Sequence[str]
    skip: Sequence[str]
    progress: Progress | None


def verify_client(pack: Pack | str | Path, client: Sequence[str] | str, **options: Unpack[ClientOptions]) -> Verdict:
    """Judges a client: a command as a list of words, or a callable as `package.module:function`.

    UsageError or SpecError for what can't be meant.
    """
    loaded = pack if isinstance(pack, Pack) else specs.load(pack)
    settings = ClientSettings(
        seed=options.get("seed", 0),
        max_examples=options.get("max_examples", EXAMPLES),
        timeout_seconds=options.get("timeout", TIMEOUT_SECONDS),
        jobs=options.get("jobs", jobs_by_cores()),
        only=tuple(options.get("only", ())),
        skip=tuple(options.get("skip", ())),
        scenario=_scenario(options.get("scenario"), loaded),
    )
    made: Client = CallableClient(client) if isinstance(client, str) else CommandClient(client)
    words = ["--call", client] if isinstance(client, str) else ["--", *client]

    def replay(scenario: Scenario | None) -> str:
        which = ["--scenario", as_text(scenario, loaded.name)] if scenario else ["--seed", str(settings.seed)]
        return shlex.join(["understudy", "verify", "client", loaded.name, *which, *words])

    target = client if isinstance(client, str) else shlex.join(client)
    return ClientVerification(loaded, made, settings, target, replay).run_here(options.get("progress"))


def _scenario(given: Mapping[str, Any] | str | None, pack: Pack) -> Scenario | None:
    if given is None:
        return None
    return read_scenario(given if isinstance(given, str) else json.dumps(given), pack)
