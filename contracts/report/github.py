"""Findings as GitHub's workflow commands, which show them on the page of a run."""

import os
import secrets
from collections.abc import Iterable, Iterator, Mapping

from contracts.finding import Level, Verdict
from contracts.report.digest import Digest, ToldFinding, digest
from contracts.report.plain import counted, visible

# GitHub shows so many of each level in one step, and drops the rest.
PER_LEVEL_MAX = 10
_LEVELS: tuple[Level, ...] = ("error", "warning")


def annotations(verdict: Verdict, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The lines to print on stdout: none outside GitHub Actions; `environment` is `os.environ` by default."""
    told_to = os.environ if environment is None else environment
    return tuple(_lines(digest(verdict))) if told_to.get("GITHUB_ACTIONS") else ()


def without_commands(lines: Iterable[str], environment: Mapping[str, str]) -> Iterator[str]:
    """The lines, at GitHub between marks that keep its runner from obeying what a service put into them."""
    if not environment.get("GITHUB_ACTIONS"):
        yield from lines
        return
    # Nobody can guess it, so nothing inside can end it.
    mark = secrets.token_hex(16)
    yield f"::stop-commands::{mark}"
    yield from lines
    yield f"::{mark}::"


def _lines(told: Digest) -> Iterator[str]:
    left_out = []
    for level in _LEVELS:
        found = [each for each in told.findings if each.level == level]
        yield from (_line(each) for each in found[:PER_LEVEL_MAX])
        if len(found) > PER_LEVEL_MAX:
            left_out.append(counted(len(found) - PER_LEVEL_MAX, f"more {level}"))
    if left_out:
        yield f"::notice title=understudy::{_data('; '.join(left_out) + ': see the log or the report')}"


def _line(each: ToldFinding) -> str:
    title = f"{each.rule} {each.place}".rstrip()
    text = "\n".join([each.message, *each.story, *([each.reproduce] if each.reproduce else [])])
    return f"::{each.level} title={_property(visible(title))}::{_data(visible(text, keep=chr(10)))}"


def _data(text: str) -> str:
    """Text behind the second colons; a percent sign first, as it is what the others turn into."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
