"""`understudy lint [PATH ...]`: are packs sound? Every flaw on a line, with its place and the way out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import specs
from contracts.commands.tables import counted, write_json, write_lines
from mockserver.rehearsal import rehearse
from specs.catalogue import catalogue
from specs.errors import PackError
from specs.flaws import Flaw, only_new
from specs.lint import Report, lint
from specs.lint_behaviour import judge_together
from specs.reader import find_folder

FINDINGS, JUDGE_FAILED = 1, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which packs."""
    parser.add_argument(
        "packs",
        nargs="*",
        metavar="VENDOR | PATH",
        help="vendors by name, or folders with packs (default: all that ship)",
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.epilog = "Exit status: 0 nothing found, 1 flaws, 2 the words are off, 3 a file could not be opened."


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pack: its flaws, and how much of it was looked at."""

    report: Report
    name: str
    flaws: list[Flaw]
    counts: dict[str, int]

    def line(self) -> str:
        """The last word about the pack."""
        if self.flaws:
            return f"{self.name}: {counted(len(self.flaws), 'flaw')}"
        looked_at = ", ".join(counted(number, thing.removesuffix("s")) for thing, number in self.counts.items())
        return f"{self.name}: {looked_at}: nothing found"


def run(arguments: argparse.Namespace) -> int:
    """Prints what is wrong; 0 when nothing is."""
    words: dict[Path, str] = {}
    for word in arguments.packs or specs.names():
        # A folder that is named twice is one pack.
        words.setdefault(find_folder(word), word)
    try:
        verdicts = judge_all({word: folder for folder, word in words.items()})
    except OSError:
        # A file that can't be opened is told like everywhere, and has a status of its own.
        raise
    except Exception as problem:  # noqa: BLE001 - a judge that stumbles must not look like one that has found something
        said = " ".join(f"lint itself failed ({type(problem).__name__}: {problem}); please report it".split())
        sys.stderr.write(f"understudy lint: {said}\n")
        return JUDGE_FAILED
    if arguments.json:
        write_json(
            {
                "findings": [flaw.as_json() for verdict in verdicts for flaw in verdict.flaws],
                "packs": [{"vendor": verdict.name, **verdict.counts} for verdict in verdicts],
            }
        )
    else:
        write_lines(_lines(verdicts))
    return FINDINGS if any(verdict.flaws for verdict in verdicts) else 0


def _lines(verdicts: list[Verdict]) -> Iterator[str]:
    here = _here()
    for verdict in verdicts:
        yield from (flaw.text(here) for flaw in verdict.flaws)
        yield verdict.line()


def _here() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:
        # It has been removed under us: then places are told in full.
        return None


def judge_all(folders: Mapping[str, Path]) -> list[Verdict]:
    """Each pack by itself, under the word that people know it by, then all of them together."""
    verdicts = {word: judge(folder) for word, folder in folders.items()}
    packs = {word: verdict.report.packs[""] for word, verdict in verdicts.items() if "" in verdict.report.packs}
    for word, found in judge_together(packs):
        verdict = verdicts[word]
        flaws = [*verdict.flaws, *verdict.report.in_behaviour(found)]
        verdicts[word] = replace(verdict, flaws=_told_once(flaws))
    return list(verdicts.values())


def judge(folder: Path) -> Verdict:
    """Documents first, then every answer of every variant that could be loaded."""
    report = lint(folder)
    flaws, answers = list(report.flaws), 0
    plain: list[Flaw] = []
    for label in report.packs:
        found, played = _rehearsed(report, label)
        answers += played
        flaws += only_new(plain, found, label) if label else found
        plain = plain if label else found
    return Verdict(report, folder.name, _told_once(flaws), _counts(report, answers))


def _rehearsed(report: Report, label: str) -> tuple[list[Flaw], int]:
    try:
        rehearsal = rehearse(report.packs[label])
    except PackError as problem:
        # A template that can't be compiled: the pack can't be served at all.
        return [report.placed(problem)], 0
    way_out = "Mend the template, or what openapi.yaml documents"
    found = (("answer", misfit.pointer, misfit.problem, way_out) for misfit in rehearsal.misfits)
    return report.in_behaviour(found), rehearsal.answers


def _told_once(flaws: list[Flaw]) -> list[Flaw]:
    """Sorted; what stands twice on a line is said once."""
    found = {(flaw.file, flaw.line, flaw.problem): flaw for flaw in sorted(flaws, reverse=True)}
    return sorted(found.values())


def _counts(report: Report, answers: int) -> dict[str, int]:
    pack = report.packs.get("")
    operations = pack.operations.values() if pack is not None else ()
    return {
        "operations": len(operations),
        "constraints": len(catalogue(pack)) if pack is not None else 0,
        "examples": sum(len(operation.examples) for operation in operations),
        "answers": answers,
    }
