"""The tables of the page: every constraint with its source and both its sides, every law by its subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from contracts.finding import ConstraintRow, LawRow, Outcome
from contracts.report.digest import Digest, Side, about, sides
from contracts.report.markup import Markup, tag
from contracts.report.plain import counted

# A group of more rows is folded up, unless something in it fails.
_ROWS_OPEN_MAX = 30
_OUTCOMES: tuple[Outcome, ...] = ("ok", "fails", "untested")
_SIGNS: dict[Outcome, str] = {"ok": "✓ ok", "fails": "✗ fails", "untested": "- untested"}
_HUNDRED = 100


def bar(outcomes: Sequence[Outcome], label: str) -> Markup:
    """How many of each outcome, as a bar and in words."""
    words = ", ".join(f"{outcomes.count(each)} {each}" for each in _OUTCOMES if each in outcomes) or "none"
    return tag(
        "div",
        tag(
            "svg",
            *_stripes(outcomes),
            viewBox=f"0 0 {_HUNDRED} 1",
            preserveAspectRatio="none",
            role="img",
            aria_label=f"{label}: {words}",
        ),
        tag("span", words, class_="hint"),
        class_="bar",
    )


def _stripes(outcomes: Sequence[Outcome]) -> Iterable[Markup]:
    at = 0.0
    for each in _OUTCOMES:
        width = _HUNDRED * outcomes.count(each) / max(1, len(outcomes))
        if width:
            yield tag("rect", x=f"{at:.2f}", width=f"{width:.2f}", height="1", class_=each)
        at += width


def _outcome(outcome: Outcome, finding: int | None = None) -> Markup:
    if finding is None:
        return tag("span", _SIGNS[outcome], class_=f"outcome {outcome}")
    return tag("a", _SIGNS[outcome], class_=f"outcome {outcome}", href=f"#finding-{finding}")


def _group(name: Markup, outcomes: Sequence[Outcome], table: Markup, rows: int) -> Markup:
    summary = tag("summary", name, bar(outcomes, "rules"))
    return tag("details", summary, table, class_="group", open=rows <= _ROWS_OPEN_MAX or "fails" in outcomes)


def _table(columns: Iterable[str], rows: Iterable[Markup], class_: str) -> Markup:
    head = tag("tr", *(tag("th", column, scope="col") for column in columns))
    return tag("table", tag("thead", head), tag("tbody", *rows), class_=class_)


def _filter() -> Markup:
    """Shown by the page's script; without it, all rows are there."""
    choices = [("all", "all"), ("fails", "failing"), ("untested", "not tested")]
    made = (
        tag("label", tag("input", type="radio", name="state", value=value, checked=value == "all"), " ", words)
        for value, words in choices
    )
    search = tag("input", type="search", name="words", placeholder="find, such as /prompt", aria_label="find")
    return tag("form", tag("fieldset", *made), search, class_="filter", hidden=True)


# Constraints


def constraints_section(told: Digest) -> Markup | None:
    """Every documented constraint, grouped by operation."""
    if not told.constraints:
        return None
    groups = groupby(told.constraints, key=lambda row: row.operation)
    return tag(
        "section",
        tag("h2", "Constraints ", tag("span", f"{len(told.constraints):,}", class_="count")),
        _filter(),
        *(_operation(operation, list(rows), told) for operation, rows in groups),
        tag("p", "No row is like that.", class_="hint nothing", hidden=True),
        id="constraints",
    )


def _operation(operation: str, rows: list[ConstraintRow], told: Digest) -> Markup:
    table = _table(
        ("constraint", "source", "accepts", "rejects"), (_constraint(row, told) for row in rows), "constraints"
    )
    outcomes = [outcome for row in rows for _, outcome in sides(row)]
    return _group(tag("code", operation), outcomes, table, len(rows))


def _constraint(row: ConstraintRow, told: Digest) -> Markup:
    limit = "" if row.limit == "true" else row.limit
    where = tag("code", row.pointer or "/", class_="pointer")
    rule = tag("span", f"{row.rule} ", tag("b", limit), class_="rule")
    more = [tag("span", words, class_="hint") for words in (row.condition, row.note) if words]
    source = [tag("span", row.source, class_="source"), tag("span", row.standing, class_="chip")]
    return tag(
        "tr",
        tag("th", where, " ", rule, *more, scope="row"),
        tag("td", *(source if row.source else source[1:]), data_label="source"),
        *(
            tag("td", _outcome(outcome, _finding_of(row, side, outcome, told)), data_label=side)
            for side, outcome in sides(row)
        ),
        data_states=" ".join(sorted({row.accepts, row.rejects})),
    )


def _finding_of(row: ConstraintRow, side: Side, outcome: Outcome, told: Digest) -> int | None:
    if outcome != "fails":
        return None
    return next((each.number for each in about(told, row, side)), None)


# Laws


def laws_section(told: Digest) -> Markup | None:
    """Every law of the judge, grouped by subject."""
    if not told.laws:
        return None
    groups = groupby(sorted(told.laws, key=_subject), key=_subject)
    return tag(
        "section",
        tag("h2", "Laws ", tag("span", f"{len(told.laws):,}", class_="count")),
        *(_subject_group(subject, list(laws), told) for subject, laws in groups),
        id="laws",
    )


def _subject(law: LawRow) -> str:
    return law.rule.partition(".")[0]


def _subject_group(subject: str, laws: list[LawRow], told: Digest) -> Markup:
    table = _table(("law", "asked", "outcome"), (_law(law, told) for law in laws), "laws")
    return _group(tag("b", subject), [law.outcome for law in laws], table, len(laws))


def _law(law: LawRow, told: Digest) -> Markup:
    finding = next((each.number for each in told.findings if each.rule == law.rule), None)
    warning = [tag("span", "warning", class_="chip")] if law.level == "warning" else []
    note = [tag("span", law.note, class_="hint")] if law.note else []
    return tag(
        "tr",
        tag("th", law.title, " ", tag("code", law.rule, class_="pointer"), *warning, *note, scope="row"),
        tag("td", counted(law.checked, "time") if law.checked else "never", data_label="asked"),
        tag("td", _outcome(law.outcome, finding if law.outcome == "fails" else None), data_label="outcome"),
        data_states=law.outcome,
    )
