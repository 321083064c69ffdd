"""The verdict about traffic that nobody played a scenario to: by the rules that need no job and no end."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.drivers.clients.causes import kind_of
from contracts.finding import Finding, LawRow, Verdict
from contracts.judge.clients.ruling import ClientRule, Misstep
from contracts.judge.clients.run import Run
from contracts.judge.clients.table import CLIENT_RULES, Judged, judge_client
from contracts.judge.promise import Promise
from contracts.judge.seen import generalised

CONDUCT = (
    *("request.documented", "request.valid", "request.task"),
    *("credentials.sent", "credentials.scheme", "credentials.url"),
    *("submit.unknown-outcome", "pace.retry-after", "pace.busy", "pace.after-end"),
)
"""The rules that traffic alone can keep or break."""
_SHOWN_MAX = 10


@dataclass(slots=True)
class Conduct:
    """Judges traffic; made when it begins. `target` says whose it is, `replay` how to see it again."""

    promise: Promise
    rules: Sequence[ClientRule]
    target: str
    replay: str
    _began: float = 0.0
    _began_at: str = ""

    def __post_init__(self) -> None:
        """Looks at the clock."""
        self._began = time.monotonic()
        self._began_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def verdict(self, run: Run, aborted: str = "") -> Verdict:
        """What there is to say of all that was sent."""
        judged = judge_client(run, self.promise, self.rules)
        findings = tuple(each for rule in self.rules for each in self._findings(rule, judged))
        return Verdict(
            vendor=self.promise.pack.name,
            title=self.promise.pack.title,
            target=self.target,
            seed=0,
            constraints=(),
            laws=tuple(_law(rule, judged) for rule in self.rules),
            findings=findings,
            exchanges=tuple(each.exchange for each in run.served),
            submissions=sum(each.made is not None for each in run.served),
            seconds=time.monotonic() - self._began,
            aborted=aborted,
            began_at=self._began_at,
            replay=self.replay,
        )

    def _findings(self, rule: ClientRule, judged: Judged) -> list[Finding]:
        groups: dict[tuple[str, str], list[Misstep]] = {}
        for each in judged[rule.id]:
            if each is not None:
                groups.setdefault(kind_of(each), []).append(each)
        return [self._finding(rule, group) for group in groups.values()]

    def _finding(self, rule: ClientRule, group: list[Misstep]) -> Finding:
        first = group[0]
        found = self.promise.constraints_at(first.operation, generalised(first.pointer or ""), first.kind)
        numbers = dict.fromkeys(heard.exchange.number for each in group for heard in each.heard)
        return Finding(
            rule=rule.id,
            level=rule.level,
            operation=first.operation,
            pointer=first.pointer,
            message=first.message + (f" ({len(group)} times)" if len(group) > 1 else ""),
            source=self.promise.words.source(found[0]) if found else "",
            exchanges=tuple(numbers)[:_SHOWN_MAX],
        )


def conduct_rules(rules: Sequence[ClientRule]) -> list[ClientRule]:
    """Those of the rules that traffic alone can keep or break."""
    return [each for each in rules if each.id in CONDUCT]


def _law(rule: ClientRule, judged: Judged) -> LawRow:
    steps = judged[rule.id]
    return LawRow(
        rule=rule.id,
        level=rule.level,
        title=rule.title,
        outcome="fails" if any(steps) else "ok" if steps else "untested",
        checked=len(steps),
        note="" if steps else CLIENT_RULES[rule.id].untested,
    )
