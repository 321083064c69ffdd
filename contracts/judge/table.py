"""The table of all rules: each with its function, and with what people need to know about it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from contracts.judge import (
    account,
    attribution,
    conduct,
    echo,
    identity,
    lifecycle,
    robustness,
    shape,
    status,
    timestamps,
)
from contracts.judge.explaining import read_texts
from contracts.judge.ruling import Check, Rule

_SUBJECTS = (status, shape, attribution, lifecycle, timestamps, identity, conduct, account, robustness, echo)
_CHECKS: Mapping[str, Check] = {name: check for subject in _SUBJECTS for name, check in subject.CHECKS.items()}


def _read() -> Mapping[str, Rule]:
    laws: Mapping[str, Any] = read_texts("laws.toml")
    return MappingProxyType({name: Rule(id=name, check=_CHECKS.get(name), **law) for name, law in laws.items()})


RULES: Mapping[str, Rule] = _read()
"""By id, in the order in which they are told."""
