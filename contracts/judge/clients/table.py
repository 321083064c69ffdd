"""The table of all rules about clients: each with its function, and with what people need to know about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from contracts.judge.clients import credentials, endings, jobs, outcomes, pace, requests, submits
from contracts.judge.clients.record import ClientRecord
from contracts.judge.clients.ruling import ClientCheck, ClientRule, Misstep
from contracts.judge.clients.run import Run
from contracts.judge.explaining import read_texts
from contracts.judge.promise import Promise

_SUBJECTS = (requests, jobs, credentials, submits, pace, outcomes, endings)
_CHECKS: Mapping[str, ClientCheck] = {name: check for each in _SUBJECTS for name, check in each.CHECKS.items()}


def _read() -> Mapping[str, ClientRule]:
    laws: Mapping[str, Any] = read_texts("clients/laws.toml")
    return MappingProxyType({name: ClientRule(id=name, check=_CHECKS[name], **law) for name, law in laws.items()})


CLIENT_RULES: Mapping[str, ClientRule] = _read()
"""By id, in the order in which they are told."""

Judged = Mapping[str, tuple[Misstep | None, ...]]
"""By rule, one item for each time it was asked: None where it was kept."""


def judge_client(run: Run, promise: Promise, rules: Collection[ClientRule] = ()) -> Judged:
    """What the rules (all of them, where none are given) have to say of one run."""
    record = ClientRecord(run, promise)
    asked = rules or CLIENT_RULES.values()
    return MappingProxyType({rule.id: tuple(rule.check(record)) for rule in asked})
