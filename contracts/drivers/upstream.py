"""The far side of a gateway: a fake that it is expected to forward to, and what it asked for there, judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import NamedTuple, Self

from contracts.drivers.composing import SUBMIT
from contracts.drivers.hearing import HearingFake
from contracts.drivers.troubling import Tried, Troubled
from contracts.errors import UsageError
from contracts.exchange import Exchange
from contracts.finding import Finding, LawRow, Verdict
from contracts.judge import RULES, Promise, sandwich
from contracts.judge.promise import is_yes
from contracts.judge.relations import RELATIONS
from contracts.judge.relayed import is_relayed
from contracts.judge.seen import generalised
from mockserver.accounts import redact
from mockserver.app import App, create_app
from mockserver.background import Background
from mockserver.messages import Entry
from specs.pack import Pack
from specs.pointers import Json

RULE = "upstream.request"
# A job of the fake takes less than a second of those who wait for it.
_CLOCK_SPEED = 80
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
        self._fake = HearingFake(pack, _CLOCK_SPEED)
        self._server = _listening(create_app(self._fake), port)
        self.url = self._server.url

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    # What can go wrong here

    @property
    def submits(self) -> int:
        """How many submits have arrived."""
        return sum(1 for each in self._fake.heard if self._is_submit(each.entry))

    @property
    def failures(self) -> tuple[str, ...]:
        """Reasons for which a task may fail; one of the judge's own where the vendor has no second one."""
        return (*self._pack.behaviour.failures.kinds, "The lamp was not lit.")

    @property
    def rejection(self) -> int:
        """The status of a submit that is refused for what is in it."""
        submit = next(each for each in self._pack.operations.values() if each.role == SUBMIT)
        return submit.refusals["content_rejected"].status

    def trouble(self, fault: Mapping[str, Json], operation: str, times: int | str, after: int = 0) -> None:
        """From now on this happens to calls of this kind."""
        self._fake.add_fault({"fault": fault, "operation": operation, "times": times, "after": after})

    def calm(self) -> None:
        """Nothing happens any more."""
        self._fake.drop_faults()

    def _is_submit(self, entry: Entry) -> bool:
        return entry.operation is not None and self._pack.operations[entry.operation].role == SUBMIT

    # What is said of it

    def judged(self, verdict: Verdict, troubled: Troubled | None = None) -> Verdict:
        """The verdict, and what is to be said of the calls that arrived here, by themselves and beside the front's."""
        verdict, tried = _with_troubled(verdict, troubled) if troubled is not None else (verdict, ())
        first = 1 + max((each.number for each in verdict.exchanges), default=0)
        heard = list(self._fake.heard)
        began = verdict.began_seconds
        arrived = [self._fake.exchange(each, first + at, self.url, began) for at, each in enumerate(heard)]
        entries = [each.entry for each in heard]
        both = self._both(verdict, entries, arrived, tried)
        groups: dict[tuple[str | None, str, str], list[tuple[_Misfit, Exchange]]] = {}
        for entry, exchange in zip(entries, arrived, strict=True):
            found = list(_misfits(entry))
            if found and not is_relayed(exchange, both.front, both.back):
                for misfit in found:
                    groups.setdefault(misfit.cause, []).append((misfit, exchange))
        findings = [self._finding(group) for group in groups.values()]
        laws = [_law(RULE, len(entries), is_broken=bool(groups))]
        for rule, check in RELATIONS.items():
            asked = list(check(both))
            broken = [each for each in asked if each is not None]
            laws.append(_law(rule, len(asked), is_broken=bool(broken)))
            findings += _related_findings(self._pack.title, rule, broken)
        shown = {number for each in findings for number in each.exchanges}
        exchanges = (*verdict.exchanges, *(each for each in arrived if each.number in shown))
        return replace(
            verdict, exchanges=exchanges, findings=(*verdict.findings, *findings), laws=(*verdict.laws, *laws)
        )

    def _both(
        self, verdict: Verdict, entries: list[Entry], arrived: list[Exchange], tried: Iterable[Tried]
    ) -> sandwich.Sandwich:
        front, views = self._front, self._fake.tasks()
        made = {
            exchange.number: entry.task_id
            for entry, exchange in zip(entries, arrived, strict=True)
            if entry.task_id is not None and self._is_submit(entry)
        }
        back = sandwich.Side(self._promise, arrived, made)
        return sandwich.Sandwich(
            sandwich.Side(Promise(front.pack), verdict.exchanges),
            back,
            {each.task.id: self._promise.state_of(each.status) or "" for each in views},
            frozenset(map(redact, front.keys)),
            front.mappings,
            {each.task.id: self._fake.course(each.task, verdict.began_seconds) for each in views},
            tuple(_trial(each, back) for each in tried),
        )

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


def _with_troubled(verdict: Verdict, troubled: Troubled) -> tuple[Verdict, list[Tried]]:
    """The verdict with what was said at the front while there was trouble; numbers and instants go on."""
    last = max((each.number for each in verdict.exchanges), default=0)
    later = troubled.began_seconds - verdict.began_seconds
    moved = {
        each.number: replace(
            each,
            number=last + each.number,
            sent_seconds=later + each.sent_seconds,
            answered_seconds=later + each.answered_seconds,
        )
        for each in troubled.exchanges
    }
    tried = [replace(each, front=[moved[one.number] for one in each.front]) for each in troubled.tried]
    taken = sum(1 for each in tried if each.front and is_yes(each.front[0].status))
    seconds = max((each.answered_seconds for each in moved.values()), default=verdict.seconds)
    exchanges = (*verdict.exchanges, *moved.values())
    return replace(verdict, exchanges=exchanges, submissions=verdict.submissions + taken, seconds=seconds), tried


def _trial(tried: Tried, back: sandwich.Side) -> sandwich.Trial:
    """The job with what was sent for it."""
    submits = [each for each in back.submits if any(tried.mark in text for text in back.prompt(each))]
    made = tuple(back.tasks[each.number] for each in submits if each.number in back.tasks)
    polls = [each for each in back.exchanges if back.promise.asked_id(each) in made]
    return sandwich.Trial(
        words=tried.words,
        front=tuple(tried.front),
        back=tuple(sorted((*submits, *polls), key=lambda each: each.number)),
        made=made,
        is_plain=tried.is_plain,
        is_refusal=tried.is_refusal,
        gone=tried.gone,
    )


def _related_findings(title: str, rule: str, broken: list[sandwich.Misfit]) -> list[Finding]:
    """One finding for each rule and place: what one gateway does, it does to many jobs."""
    groups: dict[tuple[str | None, str], list[sandwich.Misfit]] = {}
    for each in broken:
        groups.setdefault((each.pointer, each.kind), []).append(each)
    return [
        Finding(
            rule=rule,
            level=RULES[rule].level,
            operation=next((each.operation for each in group[0].shown), None),
            pointer=group[0].pointer,
            message=f"{title}: {group[0].message}" + (f" ({len(group)} times)" if len(group) > 1 else ""),
            exchanges=tuple(each.number for each in group[0].shown[:_SHOWN_MAX]),
        )
        for group in groups.values()
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
