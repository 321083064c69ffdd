"""What every report tells, once: the verdict without its keys, counted, and each finding beside its exchanges."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from contracts.exchange import KEY, NOBODY, OTHER, Exchange, HeaderLines
from contracts.finding import ConstraintRow, Finding, LawRow, Level, Outcome, Verdict
from contracts.report.bodies import cut, told
from contracts.report.curl import curl_line
from contracts.report.plain import counted
from contracts.report.redaction import VARIABLES, Secrets, secrets_of, shown
from specs.pointers import Json

EXCHANGES_MAX = 10
TEXT_CHARACTERS_MAX = 2_000
Side: TypeAlias = Literal["accepts", "rejects"]
Standing: TypeAlias = Literal["kept", "broken", "unfinished", "undecided"]
_SIDES: dict[str, Side] = {"accepted": "accepts", "refused": "rejects"}
_CALLERS = {KEY: "with the key", OTHER: "with the other key", NOBODY: "as nobody"}
# Of a gateway towards its provider, and of whoever was recorded.
_SOMEBODY = "with a key of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was sent, as it may be told."""

    method: str
    url: str
    headers: HeaderLines
    body: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What came back."""

    status: int
    headers: HeaderLines
    body: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldExchange:
    """An exchange, as it may be told; without a response, `trouble` says why there is none."""

    number: int
    words: str
    """What the request was sent to find out; empty when nobody said."""
    caller: str
    sent_seconds: float
    answered_seconds: float
    trouble: str
    request: Request
    response: Response | None
    reproduce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFinding:
    """A finding beside its exchanges, the telling one first; `left_out` says how many more there are."""

    number: int
    rule: str
    level: Level
    operation: str | None
    pointer: str | None
    message: str
    source: str
    constraint: str | None
    side: Side | None
    """Which side of the constraint it is about: what the telling request was sent to find out."""
    exchanges: tuple[ToldExchange, ...]
    left_out: int
    scenario: Json = None
    """Of a client: the scenario in which it was seen; a file of it can be replayed."""
    story: tuple[str, ...] = ()
    """Of a client: what happened in it, in lines."""
    replay: str = ""

    @property
    def reproduce(self) -> str:
        """The line that shows it again; empty when there is none."""
        return self.replay or (self.exchanges[0].reproduce if self.exchanges else "")

    @property
    def place(self) -> str:
        """Operation and pointer, as far as there are any."""
        pointer = "/" if self.pointer == "" else self.pointer
        return " ".join(filter(None, (self.operation, pointer)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was judged. A rule is a side of a constraint (`accepts`, `rejects`) or a law: passed, failed or skipped."""

    passed: int
    failed: int
    skipped: int
    requests: int
    errors: int
    warnings: int

    @property
    def rules(self) -> int:
        """All of them."""
        return self.passed + self.failed + self.skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """All that a report may say."""

    vendor: str
    title: str
    target: str
    seed: int
    began_at: str
    seconds: float
    submissions: int
    aborted: str
    replay: str
    counts: Counts
    standing: Standing
    constraints: tuple[ConstraintRow, ...]
    laws: tuple[LawRow, ...]
    findings: tuple[ToldFinding, ...]
    requests_by_operation: dict[str, int]


def digest(verdict: Verdict) -> Digest:
    """The verdict, ready to be told: no key of any of its requests is left in it."""
    secrets = secrets_of(verdict.exchanges, verdict.target)
    counts = _counts(verdict)
    return Digest(
        vendor=verdict.vendor,
        title=secrets.hide(verdict.title),
        target=secrets.hide(verdict.target),
        seed=verdict.seed,
        began_at=verdict.began_at,
        seconds=verdict.seconds,
        submissions=verdict.submissions,
        aborted=secrets.hide(verdict.aborted),
        replay=secrets.hide(verdict.replay or _replay(verdict)),
        counts=counts,
        standing=_standing(verdict, counts),
        constraints=tuple(_constraint(row, secrets) for row in verdict.constraints),
        laws=tuple(_law(row, secrets) for row in verdict.laws),
        findings=tuple(_findings(verdict, secrets)),
        requests_by_operation=_requests_by_operation(verdict),
    )


def sides(row: ConstraintRow) -> tuple[tuple[Side, Outcome], ...]:
    """The two sides of a constraint: what the service must accept, and what it must refuse."""
    return ("accepts", row.accepts), ("rejects", row.rejects)


def untested(constraints: tuple[ConstraintRow, ...], laws: tuple[LawRow, ...]) -> dict[str, list[str]]:
    """From each reason to what could not be tested because of it."""
    found: dict[str, list[str]] = {}
    for row in constraints:
        open_sides = [side for side, outcome in sides(row) if outcome == "untested"]
        if open_sides:
            which = "" if len(open_sides) > 1 else f" ({open_sides[0]})"
            found.setdefault(_reason(row.note), []).append(f"{row.operation} {told_constraint(row)}{which}")
    for law in laws:
        if law.outcome == "untested":
            found.setdefault(_reason(law.note), []).append(law.rule)
    return found


def told_constraint(row: ConstraintRow) -> str:
    """A constraint on one line: `/prompt maxLength 2500`."""
    limit = "" if row.limit in ("", "true") else f" {row.limit}"
    return f"{row.pointer or '/'} {row.rule}{limit}"


def about(told: Digest, row: ConstraintRow, side: Side) -> list[ToldFinding]:
    """The findings about one side of a constraint; when none says its side, all about the constraint."""
    found = [each for each in told.findings if each.constraint == row.id]
    return [each for each in found if each.side in (side, None)] or found


def found_words(told: Digest) -> str:
    """`3 errors and 1 warning`."""
    levels = ((told.counts.errors, "error"), (told.counts.warnings, "warning"))
    return " and ".join(counted(number, level) for number, level in levels if number) or "nothing found"


def _reason(note: str) -> str:
    return note or "no reason given"


def _counts(verdict: Verdict) -> Counts:
    outcomes = [outcome for row in verdict.constraints for _, outcome in sides(row)]
    outcomes += [law.outcome for law in verdict.laws]
    levels = [finding.level for finding in verdict.findings]
    return Counts(
        passed=outcomes.count("ok"),
        failed=outcomes.count("fails"),
        skipped=outcomes.count("untested"),
        requests=len(verdict.exchanges),
        errors=levels.count("error"),
        warnings=levels.count("warning"),
    )


def _standing(verdict: Verdict, counts: Counts) -> Standing:
    """Broken as soon as one error is known; kept only when the run ended and judged something."""
    sides_failed = any(outcome == "fails" for row in verdict.constraints for _, outcome in sides(row))
    laws_failed = any(law.outcome == "fails" and law.level == "error" for law in verdict.laws)
    if counts.errors or sides_failed or laws_failed:
        return "broken"
    if verdict.aborted:
        return "unfinished"
    return "kept" if verdict.has_judged else "undecided"


def _replay(verdict: Verdict) -> str:
    words = ["understudy", "verify", "gateway", verdict.vendor, "--url", verdict.target, "--seed", str(verdict.seed)]
    keyed = any(each.account == KEY and each.request_header("authorization") for each in verdict.exchanges)
    return shlex.join(words) + (f' --key "${VARIABLES[KEY]}"' if keyed else "")


def _requests_by_operation(verdict: Verdict) -> dict[str, int]:
    found: dict[str, int] = {}
    for exchange in verdict.exchanges:
        if exchange.operation is not None:
            found[exchange.operation] = found.get(exchange.operation, 0) + 1
    return found


def _constraint(row: ConstraintRow, secrets: Secrets) -> ConstraintRow:
    return replace(
        row,
        pointer=secrets.hide(row.pointer),
        limit=secrets.hide(row.limit),
        condition=secrets.hide(row.condition),
        source=secrets.hide(row.source),
        standing=secrets.hide(row.standing),
        note=secrets.hide(row.note),
    )


def _law(row: LawRow, secrets: Secrets) -> LawRow:
    return replace(row, title=secrets.hide(row.title), note=secrets.hide(row.note))


def _findings(verdict: Verdict, secrets: Secrets) -> Iterator[ToldFinding]:
    by_number = {exchange.number: exchange for exchange in verdict.exchanges}
    for number, finding in enumerate(verdict.findings, 1):
        exchanges = [by_number[each] for each in finding.exchanges if each in by_number]
        yield _finding(number, finding, exchanges, secrets)


def _finding(number: int, finding: Finding, exchanges: list[Exchange], secrets: Secrets) -> ToldFinding:
    purpose = exchanges[0].purpose if exchanges else None
    return ToldFinding(
        number=number,
        rule=finding.rule,
        level=finding.level,
        operation=finding.operation,
        pointer=None if finding.pointer is None else secrets.hide(finding.pointer),
        message=cut(secrets.hide(finding.message), TEXT_CHARACTERS_MAX),
        source=secrets.hide(finding.source),
        constraint=finding.constraint,
        side=_SIDES.get(purpose.expects) if purpose is not None and finding.constraint is not None else None,
        exchanges=tuple(_exchange(exchange, secrets) for exchange in exchanges[:EXCHANGES_MAX]),
        left_out=max(0, len(exchanges) - EXCHANGES_MAX),
        scenario=json.loads(secrets.hide(finding.scenario)) if finding.scenario else None,
        story=tuple(cut(secrets.hide(line), TEXT_CHARACTERS_MAX) for line in finding.story),
        replay=secrets.hide(finding.replay),
    )


def _exchange(exchange: Exchange, secrets: Secrets) -> ToldExchange:
    return ToldExchange(
        number=exchange.number,
        words=secrets.hide(exchange.purpose.words) if exchange.purpose is not None else "",
        caller=_CALLERS.get(exchange.account, _SOMEBODY),
        sent_seconds=exchange.sent_seconds,
        answered_seconds=exchange.answered_seconds,
        trouble=cut(secrets.hide(exchange.trouble), TEXT_CHARACTERS_MAX),
        request=_request(exchange, secrets),
        response=_response(exchange, secrets),
        reproduce=curl_line(exchange, secrets),
    )


def _request(exchange: Exchange, secrets: Secrets) -> Request:
    return Request(
        method=secrets.hide(exchange.method),
        url=secrets.hide(exchange.url),
        headers=_headers(exchange.request_headers, secrets),
        body=told(exchange.request_body, secrets),
    )


def _response(exchange: Exchange, secrets: Secrets) -> Response | None:
    if exchange.status is None:
        return None
    return Response(
        status=exchange.status,
        headers=_headers(exchange.headers, secrets),
        body=told(exchange.body, secrets),
    )


def _headers(lines: HeaderLines, secrets: Secrets) -> HeaderLines:
    return tuple((secrets.hide(name), secrets.hide(shown(secrets.header(name, value)))) for name, value in lines)
