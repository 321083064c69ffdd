"""The far side of a gateway: a fake that it is expected to forward to, and what it asked for there, judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import NamedTuple, Self

from contracts.errors import UsageError
from contracts.exchange import Exchange
from contracts.finding import Finding, LawRow, Verdict
from contracts.judge import RULES, Promise, sandwich
from contracts.judge.seen import generalised
from mockserver import Fake, Settings
from mockserver.accounts import redact
from mockserver.app import App, create_app
from mockserver.background import Background
from mockserver.messages import Entry
from mockserver.serve import wall_ms
from specs.pack import Pack

RULE = "upstream.request"
# A job of the fake takes less than a second of those who wait for it.
_CLOCK_SPEED = 80
_CLOCK = f"x{_CLOCK_SPEED}"
_PORT_MAX = 65535
_SHOWN_MAX = 3


class _Misfit(NamedTuple):
    """One thing that is wrong with one call."""

    entry: Entry
    pointer: str | None
    rule: str
    message: str

    @property
    def cause(self) -> tuple[str | None, str, str]:
        """Equal for calls that are wrong in the same way."""
        return self.entry.operation, generalised(self.pointer or ""), self.rule


@dataclass(frozen=True, slots=True)
class Front:
    """The other side of the gateway: its contract, the keys it was called with, and what arrives where."""

    pack: Pack
    keys: tuple[str, ...]
    mappings: sandwich.Mappings = field(default_factory=dict)


class Upstream:
    """A fake of one vendor on a port of the loopback address, for as long as a `with` lasts."""

    def __init__(self, pack: Pack, port: int, front: Front) -> None:
        self._pack = pack
        self._front = front
        self._promise = Promise(pack)
        self._fake = Fake([pack], Settings(clock=_CLOCK), wall_ms)
        self._server = _listening(create_app(self._fake), port)
        self.url = self._server.url

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    def judged(self, verdict: Verdict) -> Verdict:
        """The verdict, and what is to be said of the calls that arrived here, by themselves and beside the front's."""
        entries = self._fake.entries()
        first = 1 + max((each.number for each in verdict.exchanges), default=0)
        arrived = [self._exchange(each, first + at, entries[0].at_ms) for at, each in enumerate(entries)]
        groups: dict[tuple[str | None, str, str], list[tuple[_Misfit, Exchange]]] = {}
        for entry, exchange in zip(entries, arrived, strict=True):
            for misfit in _misfits(entry):
                groups.setdefault(misfit.cause, []).append((misfit, exchange))
        findings = [self._finding(group) for group in groups.values()]
        laws = [_law(RULE, len(entries), is_broken=bool(groups))]
        for rule, (checked, broken) in self._related(verdict, arrived).items():
            laws.append(_law(rule, checked, is_broken=bool(broken)))
            findings += _related_findings(self._pack.title, rule, broken)
        shown = {number for each in findings for number in each.exchanges}
        exchanges = (*verdict.exchanges, *(each for each in arrived if each.number in shown))
        return replace(
            verdict, exchanges=exchanges, findings=(*verdict.findings, *findings), laws=(*verdict.laws, *laws)
        )

    def _related(self, verdict: Verdict, arrived: list[Exchange]) -> dict[str, tuple[int, list[sandwich.Misfit]]]:
        """For each rule about both sides how often it was asked, and its breaches."""
        front = self._front
        states = {each.task.id: self._promise.state_of(each.status) or "" for each in self._fake.tasks()}
        both = sandwich.Sandwich(
            sandwich.Side(Promise(front.pack), verdict.exchanges),
            sandwich.Side(self._promise, arrived),
            states,
            frozenset(map(redact, front.keys)),
            front.mappings,
        )
        found = {}
        for rule, check in sandwich.CHECKS.items():
            asked = list(check(both))
            found[rule] = len(asked), [each for each in asked if each is not None]
        return found

    def _finding(self, group: list[tuple[_Misfit, Exchange]]) -> Finding:
        first = group[0][0]
        times = f" ({len(group)} times)" if len(group) > 1 else ""
        return Finding(
            rule=RULE,
            level="error",
            operation=first.entry.operation,
            pointer=first.pointer,
            message=f"sent to {self._pack.title}: {first.message}{times}",
            source=self._source(first),
            exchanges=tuple(exchange.number for _, exchange in group[:_SHOWN_MAX]),
        )

    def _source(self, misfit: _Misfit) -> str:
        """Which document of the upstream says so."""
        operation, _, rule = misfit.cause
        found = self._promise.constraints_at(operation, generalised(misfit.pointer or ""), rule)
        words = self._promise.words
        return words.source(found[0]) if found else words.document(operation)

    def _exchange(self, entry: Entry, number: int, began_ms: int) -> Exchange:
        seconds = (entry.at_ms - began_ms) / 1000 / _CLOCK_SPEED
        return Exchange(
            number=number,
            operation=entry.operation,
            method=entry.method,
            base=self.url,
            path=entry.path.partition("?")[0],
            query=entry.path.partition("?")[2],
            request_headers=(("Content-Type", "application/json"),) if entry.body else (),
            request_body=entry.body,
            sent_seconds=seconds,
            answered_seconds=seconds,
            status=entry.status,
            body=entry.answer,
            account=entry.key,
        )


def _related_findings(title: str, rule: str, broken: list[sandwich.Misfit]) -> list[Finding]:
    """One finding for each rule and place: what one gateway does, it does to many jobs."""
    groups: dict[str | None, list[sandwich.Misfit]] = {}
    for each in broken:
        groups.setdefault(each.pointer, []).append(each)
    return [
        Finding(
            rule=rule,
            level=RULES[rule].level,
            operation=next((each.operation for each in group[0].shown), None),
            pointer=pointer,
            message=f"{title}: {group[0].message}" + (f" ({len(group)} times)" if len(group) > 1 else ""),
            exchanges=tuple(each.number for each in group[0].shown[:_SHOWN_MAX]),
        )
        for pointer, group in groups.items()
    ]


def _misfits(entry: Entry) -> Iterator[_Misfit]:
    if entry.operation is None:
        place = f"{entry.method} {entry.path}"
        yield _Misfit(entry, None, place, f"{place} is not offered there")
    for violation in entry.violations:
        yield _Misfit(entry, violation.pointer, violation.rule, violation.message)


def _law(rule: str, checked: int, *, is_broken: bool) -> LawRow:
    return LawRow(
        rule=rule,
        level=RULES[rule].level,
        title=RULES[rule].title,
        outcome="fails" if is_broken else "ok" if checked else "untested",
        checked=checked,
        note="" if checked else RULES[rule].untested,
    )


def _listening(app: App, port: int) -> Background:
    reason = f"ports are 1 to {_PORT_MAX}"
    if 0 < port <= _PORT_MAX:
        try:
            return Background(app, port)
        except OSError as problem:
            reason = problem.strerror or str(problem)
    message = f"can't listen at 127.0.0.1 port {port} ({reason}); choose another with --upstream-port"
    raise UsageError(message)
