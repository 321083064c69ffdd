"""Lint: whether a pack is sound, with every flaw in it, before anybody serves it or judges by it.

Here is what the documents alone can tell; whether the answers fit is for the rehearsal, in the fake's room.
Each option of behaviour.yaml and the lenient form are judged too, since nobody else tries them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from specs.catalogue import Constraint, catalogue
from specs.documents import FILES, PAGES, SOURCES
from specs.errors import PackError
from specs.flaws import Flaw, flaw_of, only_new
from specs.lint_behaviour import judge_behaviour, judge_pointers, judge_values
from specs.lint_live import judge_live
from specs.lint_openapi import judge_openapi
from specs.lint_pages import judge_pages, judge_pages_shape
from specs.lint_requests import judge_operation
from specs.lint_schemas import Found
from specs.lint_sources import judge_constraints, judge_entries, judge_references, judge_shape
from specs.pack import Operation, Pack
from specs.pointers import Json, join, merged
from specs.reader import load
from specs.sheets import Sheet, read_sheet
from specs.sources import read_sources
from specs.traps import trapped

OPENAPI, BEHAVIOUR = FILES
# Flaws that leave nothing to play: what they hide is found once they are mended.
_UNFIT = frozenset({"openapi", "schema"})
_WAY_OUT = "A pack is a folder with openapi.yaml, behaviour.yaml and sources.yaml; `understudy new` writes one"


@dataclass(frozen=True, slots=True)
class Variant:
    """A pack as it is (without a label), with one option switched on, or lenient."""

    label: str
    switches: Mapping[str, bool] = field(default_factory=dict)
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What lint says of one folder; `packs` are the variants that could be loaded, the plain one first."""

    folder: Path
    flaws: tuple[Flaw, ...]
    packs: Mapping[str, Pack]
    sheets: Mapping[str, Sheet]

    def in_behaviour(self, found: Found) -> list[Flaw]:
        """What somebody else found, with the lines of behaviour.yaml."""
        return _located(self.sheets[BEHAVIOUR], found)

    def placed(self, problem: PackError) -> Flaw:
        """What hinders the pack from being used, with its line."""
        return _placed(self.sheets, problem)


def lint(folder: Path) -> Report:
    """Every flaw that the documents of a pack have. OSError when a file is there and can't be opened."""
    sheets, flaws = _read(folder)
    trapped_lines = {(flaw.file, flaw.line) for flaw in flaws if flaw.line}
    found = _shapes(sheets)
    packs: dict[str, Pack] = {}
    if {OPENAPI, BEHAVIOUR} <= sheets.keys() and not any(flaw.file.endswith(BEHAVIOUR) for flaw in found):
        packs = _judge_variants(sheets, found)
    if SOURCES in sheets and not any(flaw.file.endswith(SOURCES) for flaw in found):
        _judge_sources(sheets[SOURCES], packs, found)
    if (
        {PAGES, SOURCES} <= sheets.keys()
        and "" in packs
        and not any(flaw.file.endswith((PAGES, SOURCES)) for flaw in found)
    ):
        documents = sheets[SOURCES].value["documents"]
        found += _located(sheets[PAGES], judge_pages(sheets[PAGES].value, packs[""].operations, documents))
    # What a trap has done to a value is said by the trap.
    flaws += [flaw for flaw in found if (flaw.file, flaw.line) not in trapped_lines]
    return Report(folder, tuple(flaws), MappingProxyType(packs), MappingProxyType(sheets))


def _read(folder: Path) -> tuple[dict[str, Sheet], list[Flaw]]:
    sheets: dict[str, Sheet] = {}
    flaws: list[Flaw] = []
    for name in (*FILES, SOURCES, PAGES):
        path = folder / name
        if name == PAGES and not path.is_file():
            continue
        if not path.is_file():
            flaws.append(Flaw(str(folder), 0, "/", f"has no {name}", _WAY_OUT, "pack"))
            continue
        # A file that can't be opened is no flaw of the pack.
        path.open("rb").close()
        try:
            sheets[name] = read_sheet(path)
        except PackError as problem:
            flaws.append(flaw_of(problem))
    return sheets, flaws + [flaw for sheet in sheets.values() for flaw in trapped(sheet)]


def _located(sheet: Sheet, found: Iterable[tuple[str, str, str, str]]) -> list[Flaw]:
    return [
        Flaw(str(sheet.file), sheet.line(pointer), pointer, problem, way_out, kind)
        for kind, pointer, problem, way_out in found
    ]


def _shapes(sheets: Mapping[str, Sheet]) -> list[Flaw]:
    """What breaks the schemas of the files themselves."""
    judges = {BEHAVIOUR: judge_behaviour, SOURCES: judge_shape, PAGES: judge_pages_shape}
    return [
        flaw
        for name, judge in judges.items()
        if name in sheets
        for flaw in _located(sheets[name], judge(sheets[name].value))
    ]


def _variants(behaviour: Mapping[str, Json]) -> Iterator[Variant]:
    yield Variant("")
    for name in behaviour.get("options", {}):
        yield Variant(f"option {name}", {name: True})
    yield Variant("--leniency lenient", lenient=True)


def _judge_variants(sheets: Mapping[str, Sheet], found: list[Flaw]) -> dict[str, Pack]:
    """Adds what is wrong with each variant; the packs that could be loaded."""
    packs: dict[str, Pack] = {}
    plain: list[Flaw] = []
    for variant in _variants(sheets[BEHAVIOUR].value):
        flaws = _judge_variant(sheets, variant, packs)
        if variant.label:
            found += only_new(plain, flaws, variant.label)
        else:
            plain = flaws
            found += flaws
    return packs


def _documents(sheets: Mapping[str, Sheet], variant: Variant) -> tuple[Json, Json]:
    """openapi.yaml and behaviour.yaml with the variant's merges, references unresolved."""
    openapi, behaviour = sheets[OPENAPI].value, sheets[BEHAVIOUR].value
    switched = [
        option["merge"]
        for name, option in behaviour.get("options", {}).items()
        if variant.switches.get(name, option["enabled"])
    ]
    lenient = [behaviour["lenient"]["merge"]] if variant.lenient and "lenient" in behaviour else []
    for merge in [*switched, *lenient]:
        openapi = merged(openapi, merge.get("openapi", {}))
        behaviour = merged(behaviour, merge.get("behaviour", {}))
    return openapi, behaviour


def _judge_variant(sheets: Mapping[str, Sheet], variant: Variant, packs: dict[str, Pack]) -> list[Flaw]:
    openapi, behaviour = _documents(sheets, variant)
    flaws = _located(sheets[OPENAPI], judge_openapi(openapi))
    flaws += _located(sheets[BEHAVIOUR], judge_values(behaviour))
    if any(flaw.kind in _UNFIT for flaw in flaws):
        return flaws
    try:
        pack = load(sheets[OPENAPI].file.parent, lenient=variant.lenient, options=variant.switches)
    except PackError as problem:
        # What openapi.yaml lacks has been said more precisely.
        known = flaws and problem.file.endswith(OPENAPI)
        return flaws if known else [*flaws, _placed(sheets, problem)]
    packs[variant.label] = pack
    flaws += _located(sheets[BEHAVIOUR], judge_pointers(behaviour, pack))
    for operation in pack.operations.values():
        at = f"/paths{join([operation.path, operation.method.lower()])}"
        inside = (
            (kind, at + pointer, problem, way_out) for kind, pointer, problem, way_out in judge_operation(operation)
        )
        flaws += _located(sheets[OPENAPI], inside)
    return flaws


def _placed(sheets: Mapping[str, Sheet], problem: PackError) -> Flaw:
    flaw = flaw_of(problem)
    sheet = sheets.get(Path(flaw.file).name)
    return _located(sheet, [(flaw.kind, flaw.place, flaw.problem, flaw.way_out)])[0] if sheet is not None else flaw


def _judge_sources(sheet: Sheet, packs: Mapping[str, Pack], found: list[Flaw]) -> None:
    found += _located(sheet, judge_references(sheet.value))
    sources = read_sources(sheet.value)
    plain: list[Flaw] = []
    operations: dict[str, list[Operation]] = {}
    everything: list[Constraint] = []
    for label, pack in packs.items():
        constraints = catalogue(pack)
        everything += constraints
        for operation in pack.operations.values():
            operations.setdefault(operation.id, []).append(operation)
        flaws = _located(sheet, judge_constraints(constraints, sources))
        found += only_new(plain, flaws, label) if label else flaws
        plain = flaws if not label else plain
    if "" in packs:
        found += _located(sheet, judge_entries(sheet.value, operations, everything))
        found += _located(sheet, judge_live(sheet.value, packs[""].operations, everything))
