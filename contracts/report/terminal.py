"""The verdict for people at a terminal: what was judged, what failed, what could not be tested, each finding."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TextIO

from contracts.finding import ConstraintRow, LawRow, Outcome, Verdict
from contracts.report.bodies import short
from contracts.report.digest import (
    Digest,
    Standing,
    ToldExchange,
    ToldFinding,
    digest,
    found_words,
    told_constraint,
    untested,
)
from contracts.report.github import without_commands
from contracts.report.plain import counted, visible
from contracts.report.screen import Paint, Screen, screen

# A table longer than this shows only the rows that tell something.
ROWS_MAX = 40
FINDINGS_MAX = 25
PLACES_MAX = 6
_BODY_LINES = 2
_OUTCOME_COLUMNS = 10
_WORDS: Mapping[Outcome, str] = {"ok": "ok", "fails": "FAILS", "untested": "untested"}
_PAINTS: Mapping[Outcome, Paint] = {"ok": "green", "fails": "red", "untested": "yellow"}
_STANDINGS: Mapping[Standing, tuple[str, Paint]] = {
    "kept": ("KEPT", "green"),
    "broken": ("BROKEN", "red"),
    "unfinished": ("UNFINISHED", "yellow"),
    "undecided": ("NOTHING JUDGED", "yellow"),
}


def print_verdict(
    verdict: Verdict,
    stream: TextIO,
    *,
    environment: Mapping[str, str] | None = None,
    full: bool = False,
) -> None:
    """Writes the verdict; `full` shows every row of a long table, `environment` is `os.environ` by default."""
    environment = os.environ if environment is None else environment
    on = screen(stream, environment)
    for line in without_commands(_lines(digest(verdict), on, full=full), environment):
        on.write(line)


def _lines(told: Digest, on: Screen, *, full: bool) -> Iterator[str]:
    yield from _heading(told, on)
    # Who could ask nothing has nothing to show but the reason.
    if full or told.counts.requests or not told.aborted:
        yield from _tables(told, on, full=full)
    yield from _closing(told, on)


def _tables(told: Digest, on: Screen, *, full: bool) -> Iterator[str]:
    brief = not full and len(told.constraints) + len(told.laws) > ROWS_MAX
    yield from _constraints(told, on, brief=brief)
    yield from _laws(told, on, brief=brief)
    yield from _untested(told, on)
    yield from _findings(told, on, full=full)


def _heading(told: Digest, on: Screen) -> Iterator[str]:
    yield on.painted(visible(f"{told.title} ({told.vendor})"), "bold")
    yield visible(f"{told.target}, seed {told.seed}")


def _cells(outcomes: Sequence[Outcome], on: Screen) -> str:
    padded = ((_WORDS[each].ljust(_OUTCOME_COLUMNS), _PAINTS[each]) for each in outcomes)
    return "".join(on.painted(text.rstrip(), paint) + text[len(text.rstrip()) :] for text, paint in padded)


def _row(outcomes: Sequence[Outcome], text: str, on: Screen) -> Iterator[str]:
    """A row of a table: outcomes in columns, then text as wide as there is room."""
    indent = "  " + " " * _OUTCOME_COLUMNS * len(outcomes)
    for number, line in enumerate(on.wrapped(text, indent, indent + "  ")):
        yield "  " + _cells(outcomes, on) + line[len(indent) :] if number == 0 else line


# The constraints


def _constraints(told: Digest, on: Screen, *, brief: bool) -> Iterator[str]:
    if not told.constraints:
        return
    yield ""
    yield on.painted(f"  {'accepts'.ljust(_OUTCOME_COLUMNS)}{'rejects'.ljust(_OUTCOME_COLUMNS)}constraint", "dim")
    for operation, group in groupby(told.constraints, key=lambda row: row.operation):
        rows = list(group)
        yield on.painted(visible(operation), "bold") + f" ({counted(len(rows), 'constraint')})"
        shown = [row for row in rows if not brief or "fails" in (row.accepts, row.rejects)]
        for row in shown:
            condition = f", {row.condition}" if row.condition else ""
            yield from _row((row.accepts, row.rejects), told_constraint(row) + condition, on)
        yield from _others([row for row in rows if row not in shown], on)


def _others(rows: Sequence[ConstraintRow], on: Screen) -> Iterator[str]:
    """How the rows that are not shown stand."""
    partly = [row for row in rows if "untested" in (row.accepts, row.rejects)]
    whole = len(rows) - len(partly)
    if whole:
        yield f"  {on.painted('ok', 'green')} on both sides: {whole}"
    if partly:
        yield f"  {on.painted('untested', 'yellow')} on a side or both: {len(partly)}"


# The laws


def _laws(told: Digest, on: Screen, *, brief: bool) -> Iterator[str]:
    if not told.laws:
        return
    yield ""
    yield on.painted(f"  {'outcome'.ljust(_OUTCOME_COLUMNS)}law", "dim")
    for subject, group in groupby(sorted(told.laws, key=_subject), key=_subject):
        laws = list(group)
        yield on.painted(visible(subject), "bold") + f" ({_kept(laws)})"
        for law in laws:
            if not brief or law.outcome == "fails":
                yield from _row((law.outcome,), f"{law.rule}: {law.title}{_asked(law)}", on)


def _kept(laws: Sequence[LawRow]) -> str:
    """How many of those that could be asked were kept, and how many could not."""
    untested = sum(law.outcome == "untested" for law in laws)
    kept = f"{sum(law.outcome == 'ok' for law in laws)} of {len(laws) - untested} kept" if untested < len(laws) else ""
    return ", ".join(filter(None, (kept, f"{untested} untested" if untested else "")))


def _subject(law: LawRow) -> str:
    return law.rule.partition(".")[0]


def _asked(law: LawRow) -> str:
    return f" ({counted(law.checked, 'time')})" if law.checked else ""


# What could not be tested


def _untested(told: Digest, on: Screen) -> Iterator[str]:
    reasons = untested(told.constraints, told.laws)
    if not reasons:
        return
    yield ""
    yield on.painted(f"not tested ({told.counts.skipped})", "bold")
    for reason, places in sorted(reasons.items(), key=lambda item: -len(item[1])):
        more = [f"and {len(places) - PLACES_MAX} more"] if len(places) > PLACES_MAX else []
        yield from on.wrapped(reason, "  ", "  ")
        listed = "; ".join([*places[:PLACES_MAX], *more])
        yield from (on.painted(line, "dim") for line in on.wrapped(listed, "    "))


# The findings


def _findings(told: Digest, on: Screen, *, full: bool) -> Iterator[str]:
    if not told.findings:
        return
    yield ""
    yield on.painted(f"findings ({len(told.findings)})", "bold")
    shown = told.findings if full else told.findings[:FINDINGS_MAX]
    for each in shown:
        yield ""
        yield from _finding(each, on)
    if len(shown) < len(told.findings):
        yield ""
        yield f"and {counted(len(told.findings) - len(shown), 'more finding')}: --json, --junit and --html tell all"


def _finding(each: ToldFinding, on: Screen) -> Iterator[str]:
    paint: Paint = "red" if each.level == "error" else "yellow"
    place = visible(each.place)
    yield f"{each.number}. {on.painted(each.level, paint)} {on.painted(visible(each.rule), 'bold')} {place}"
    yield from on.wrapped(each.message, "   ")
    if each.source:
        yield from on.wrapped(each.source, "   source  ")
    for number, line in enumerate(each.story):
        yield from on.wrapped(line, "   story   " if number == 0 else "           ", "             ")
    if each.exchanges:
        yield from _exchange(each.exchanges[0], on)
        further = len(each.exchanges) - 1 + each.left_out
        if further:
            yield f"   also    {counted(further, 'more exchange')}"
    if each.reproduce:
        # Never wrapped: it is there to be copied.
        yield "   " + visible(each.reproduce)


def _exchange(each: ToldExchange, on: Screen) -> Iterator[str]:
    room = on.columns * _BODY_LINES
    yield from on.wrapped(f"{each.request.method} {each.request.url}{_caller(each)}", "   sent    ")
    if each.request.body is not None:
        yield from on.wrapped(short(each.request.body, room), "           ")
    if each.response is None:
        came = f"nothing: {each.trouble}" if each.trouble else "nothing"
    else:
        came = f"{each.response.status} {short(each.response.body, room)}"
    yield from on.wrapped(came, "   came    ")


def _caller(each: ToldExchange) -> str:
    """Who sent it, when it was not the account that nearly everything is sent with."""
    return "" if each.caller == "with the key" else f" ({each.caller})"


# The end


def _closing(told: Digest, on: Screen) -> Iterator[str]:
    counts = told.counts
    word, paint = _STANDINGS[told.standing]
    yield ""
    yield from on.wrapped(
        f"{counted(counts.rules, 'rule')}: {counts.passed} passed, {counts.failed} failed, {counts.skipped} untested; "
        f"{counted(counts.requests, 'request')}, {counted(told.submissions, 'submission')}, {told.seconds:.1f} s"
    )
    if told.aborted:
        yield from on.wrapped(told.aborted, "the run ended early: ", "  ")
    yield f"{on.painted(word, paint)}: {found_words(told)}"
