"""The verdict as a page: one HTML file that needs nothing else, for people who want to see for themselves."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from contracts.finding import Outcome
from contracts.report.digest import Digest, Standing, found_words, sides, untested
from contracts.report.markup import Markup, raw, tag
from contracts.report.page_findings import findings_section
from contracts.report.page_tables import bar, constraints_section, laws_section
from contracts.report.plain import counted

_FOLDER = Path(__file__).parent
_HEADLINES: dict[Standing, str] = {
    "kept": "The contract is kept",
    "broken": "The contract is broken",
    "unfinished": "The run did not come to its end",
    "undecided": "Nothing could be judged",
}
# What is not tested is listed in full, folded up from here on.
_PLACES_OPEN_MAX = 12


def html_report(told: Digest) -> bytes:
    """The page, UTF-8."""
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{_HEADLINES[told.standing]}: {told.title}"),
        tag("link", rel="icon", href="data:,"),
        raw("style", style),
    )
    main = tag("main", *_sections(told))
    body = tag("body", _hero(told), main, _footer(), raw("script", script))
    return ("<!doctype html>\n" + tag("html", head, body, lang="en") + "\n").encode()


def _policy(style: str, script: str) -> str:
    """Nothing runs and nothing is loaded but what was written here, whatever a service has answered."""
    return f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:"


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _sections(told: Digest) -> list[Markup]:
    found = [
        findings_section(told),
        _coverage_section(told),
        _untested_section(told),
        constraints_section(told),
        laws_section(told),
    ]
    return [section for section in found if section is not None]


# The verdict


def _hero(told: Digest) -> Markup:
    return tag(
        "header",
        tag(
            "div",
            tag("p", told.title, class_="eyebrow"),
            tag("h1", _HEADLINES[told.standing]),
            tag("p", *_lead(told), class_="lead"),
            bar(_outcomes(told), "All rules"),
            _tiles(told),
            _facts(told),
            tag("nav", *(tag("a", words, href=f"#{place}") for place, words in _places(told))),
            class_="inside",
        ),
        class_=f"hero {told.standing}",
    )


def _places(told: Digest) -> list[tuple[str, str]]:
    """Where the page's parts are."""
    places = [
        ("findings", counted(len(told.findings), "finding"), bool(told.findings)),
        ("coverage", "what was tested", bool(told.constraints)),
        ("untested", "what was not tested", bool(told.counts.skipped)),
        ("constraints", counted(len(told.constraints), "constraint"), bool(told.constraints)),
        ("laws", counted(len(told.laws), "law"), bool(told.laws)),
    ]
    return [(place, words) for place, words, there in places if there]


def _lead(told: Digest) -> list[str]:
    words = found_words(told)
    aborted = f". The run ended early: {told.aborted}" if told.aborted else ""
    return [f"{words[0].upper()}{words[1:]} at ", tag("code", told.target), aborted]


def _outcomes(told: Digest) -> list[Outcome]:
    return [outcome for row in told.constraints for _, outcome in sides(row)] + [law.outcome for law in told.laws]


def _tiles(told: Digest) -> Markup:
    counts = told.counts
    tiles = [
        ("passed", "ok", f"{counts.passed:,}"),
        ("failed", "fails", f"{counts.failed:,}"),
        ("not tested", "untested", f"{counts.skipped:,}"),
        ("requests", "", f"{counts.requests:,}"),
        ("submissions", "", f"{told.submissions:,}"),
        ("seconds", "", f"{told.seconds:.1f}"),
    ]
    made = (tag("div", tag("dt", name), tag("dd", value), class_=f"tile {kind}".strip()) for name, kind, value in tiles)
    return tag("dl", *made, class_="tiles")


def _facts(told: Digest) -> Markup:
    facts = [
        ("vendor", tag("code", told.vendor)),
        ("seed", tag("code", str(told.seed))),
        ("began", tag("time", told.began_at) if told.began_at else None),
        ("replay", tag("pre", told.replay, class_="copy")),
    ]
    made = (tag("div", tag("dt", name), tag("dd", value)) for name, value in facts if value is not None)
    return tag("dl", *made, class_="facts")


# What was tested


def _coverage_section(told: Digest) -> Markup | None:
    operations = list(dict.fromkeys(row.operation for row in told.constraints))
    if not operations:
        return None
    rows = [tag("tr", *(tag("th", name, scope="col") for name in ("operation", "requests", "accepts", "rejects")))]
    body = (_coverage(told, operation) for operation in operations)
    return tag(
        "section",
        tag("h2", "What was tested"),
        tag("p", "For each operation: does the service accept what it must, and refuse what it must?", class_="hint"),
        tag("table", tag("thead", *rows), tag("tbody", *body), class_="coverage"),
        id="coverage",
    )


def _coverage(told: Digest, operation: str) -> Markup:
    rows = [row for row in told.constraints if row.operation == operation]
    requests = f"{told.requests_by_operation.get(operation, 0):,}"
    accepts, rejects = [row.accepts for row in rows], [row.rejects for row in rows]
    return tag(
        "tr",
        tag("th", tag("code", operation), scope="row"),
        tag("td", requests, data_label="requests"),
        tag("td", bar(accepts, "accepts"), data_label="accepts"),
        tag("td", bar(rejects, "rejects"), data_label="rejects"),
    )


def _untested_section(told: Digest) -> Markup | None:
    reasons = untested(told.constraints, told.laws)
    if not reasons:
        return None
    return tag(
        "section",
        tag("h2", "What was not tested"),
        tag("p", "Each with its reason: nothing here speaks for the service, or against it.", class_="hint"),
        *(_reason(reason, places) for reason, places in sorted(reasons.items(), key=lambda item: -len(item[1]))),
        id="untested",
    )


def _reason(reason: str, places: list[str]) -> Markup:
    summary = tag("summary", reason, " ", tag("span", f"{len(places)}", class_="count"))
    listed = tag("ul", *(tag("li", tag("code", place)) for place in places))
    return tag("details", summary, listed, class_="reason", open=len(places) <= _PLACES_OPEN_MAX)


def _footer() -> Markup:
    words = "Keys are left out of this page, long bodies are cut where it says so. What a law asks for: "
    return tag("footer", tag("p", words, tag("code", "understudy explain RULE"), class_="inside"))
