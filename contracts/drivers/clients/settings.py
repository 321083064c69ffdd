"""How clients are to be judged: what a caller may choose, checked."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from math import isfinite

from contracts.errors import UsageError
from contracts.judge.clients.ruling import ClientRule
from contracts.judge.clients.table import CLIENT_RULES
from contracts.scenarios.scenario import Scenario

EXAMPLES, TIMEOUT_SECONDS = 30, 30.0
_JOBS_OF_A_CORE, _JOBS_MIN, _JOBS_MAX = 8, 8, 32


def jobs_by_cores() -> int:
    """How many clients run at a time: most of them wait most of the time."""
    return max(_JOBS_MIN, min(_JOBS_MAX, _JOBS_OF_A_CORE * (os.cpu_count() or 1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """All that a caller may choose; UsageError for what can't be meant."""

    seed: int = 0
    max_examples: int = EXAMPLES
    timeout_seconds: float = TIMEOUT_SECONDS
    jobs: int = field(default_factory=jobs_by_cores)
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    scenario: Scenario | None = None
    """The one to play, in place of all others."""

    def __post_init__(self) -> None:
        """Checks."""
        if not (isfinite(self.timeout_seconds) and self.timeout_seconds > 0):
            message = f"--timeout {self.timeout_seconds:g} is not a number of seconds greater than 0"
            raise UsageError(message)
        if self.jobs < 1:
            message = f"--jobs {self.jobs} is less than 1"
            raise UsageError(message)
        if self.max_examples < 0:
            message = f"--max-examples {self.max_examples} is less than 0"
            raise UsageError(message)
        chosen_rules(self.only, self.skip)


def chosen_rules(only: Collection[str], skip: Collection[str]) -> list[ClientRule]:
    """The rules that are asked; `only` and `skip` name rules or their subjects."""
    known = {name for rule in CLIENT_RULES.values() for name in (rule.id, rule.subject)}
    for option, names in (("--only", only), ("--skip", skip)):
        for name in names:
            if name not in known:
                subjects = ", ".join(dict.fromkeys(rule.subject for rule in CLIENT_RULES.values()))
                message = f"{option} {name!r} is no rule for clients; subjects are {subjects} (see understudy explain)"
                raise UsageError(message)
    chosen = [each for each in CLIENT_RULES.values() if not {each.id, each.subject} & set(skip)]
    return [each for each in chosen if not only or {each.id, each.subject} & set(only)]
