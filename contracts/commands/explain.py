"""`understudy explain RULE|CALL_ID`: what a rule of the judge means, what breaks it; or what made an answer."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import groupby
from types import MappingProxyType

from contracts.commands.tables import columns, wrapped, write_json, write_lines
from contracts.errors import UsageError
from contracts.judge.clients import CLIENT_RULES
from contracts.judge.explaining import keywords
from contracts.judge.ruling import Law
from contracts.judge.table import RULES

_INDENT = "  "
_FAKE = "http://127.0.0.1:8787"
_CALL_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LAWS: Mapping[str, Law] = MappingProxyType({**RULES, **CLIENT_RULES})
_ON_CONSTRAINTS = (
    "A keyword of a constraint: the column `keyword` of `understudy show VENDOR --constraints`, and `rule` in the"
    " JSON of `understudy verify gateway`. What a service must accept is sent as well as what it must refuse; findings"
    " are of the rules status.accepted and status.refused."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which rule."""
    parser.add_argument(
        "rule",
        metavar="RULE",
        nargs="?",
        help="a rule (lifecycle.order), a subject (lifecycle), a keyword of constraints (maxLength), or the id of a"
        " call in a fake's journal; none lists all rules",
    )
    parser.add_argument("--url", default=_FAKE, help="where the fake is that answered the call (default: %(default)s)")
    parser.add_argument("--admin-token", metavar="TOKEN", help="the token of that fake's admin API")
    parser.add_argument("--json", action="store_true", help="for programs")


def run(arguments: argparse.Namespace) -> int:
    """Prints the page, or the list; 0."""
    name = arguments.rule
    if name is not None and _CALL_ID.fullmatch(name):
        # Imported here for start-up: a page about a rule needs no HTTP.
        from contracts.commands.explain_call import run as explain_call

        return explain_call(arguments)
    chosen = (
        list(_LAWS.values()) if name is None else [each for each in _LAWS.values() if name in (each.id, each.subject)]
    )
    words = keywords() if name is None else {each: text for each, text in keywords().items() if each == name}
    if not chosen and not words:
        raise UsageError(_unknown(name))
    if arguments.json:
        write_json({"rules": [_as_json(each) for each in chosen], "keywords": dict(words)})
    elif name in _LAWS:
        write_lines(_page(_LAWS[name]))
    elif chosen:
        write_lines(_list(chosen, with_keywords=name is None))
    else:
        write_lines(_keyword_page(name, words[name]))
    return 0


def _unknown(name: str) -> str:
    subjects = dict.fromkeys(rule.subject for rule in _LAWS.values())
    near = get_close_matches(name, [*_LAWS, *subjects, *keywords()], 3, 0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"subjects are {', '.join(subjects)}"
    return f"{name!r} is no rule, no subject and no keyword of a constraint; {hint}"


def _as_json(rule: Law) -> dict[str, str]:
    return {
        "id": rule.id,
        "subject": rule.subject,
        "level": rule.level,
        "title": rule.title,
        "explanation": " ".join(rule.explanation.split()),
        "example": rule.example,
    }


def _page(rule: Law) -> Iterator[str]:
    yield f"{rule.id}: {rule.title}"
    yield ""
    yield from wrapped(rule.explanation, _INDENT)
    yield ""
    rows = [("a breach", rule.example), ("level", rule.level), ("untested", f"when {rule.untested}")]
    rows.append(("skipped", f"with --skip {rule.id}, or --skip {rule.subject} for all of the subject"))
    for head, text in rows:
        first, *more = wrapped(text, " " * (len(_INDENT) + 10))
        yield f"{_INDENT}{head:<10}{first.strip()}"
        yield from more


def _keyword_page(name: str, text: str) -> Iterator[str]:
    yield name
    yield ""
    yield from wrapped(text, _INDENT)
    yield ""
    yield from wrapped(_ON_CONSTRAINTS, _INDENT)
    yield ""
    yield f"{_INDENT}skipped   with --skip {name}, all constraints of this keyword"


def _list(chosen: list[Law], *, with_keywords: bool) -> Iterator[str]:
    for subject, rules in groupby(chosen, key=lambda rule: rule.subject):
        yield subject
        yield from columns([(rule.id, rule.title) for rule in rules], _INDENT, flexible=1)
    if with_keywords:
        yield "keywords of constraints"
        yield from wrapped(", ".join(keywords()), _INDENT)
    yield ""
    yield "`understudy explain NAME` says more about each."
