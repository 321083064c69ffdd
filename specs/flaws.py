"""A flaw: one thing that is wrong with a pack, with its place and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from specs.errors import PackError


@dataclass(frozen=True, slots=True, order=True)
class Flaw:
    """What `understudy lint` finds. `line` is 0 where no line can be named; `kind` names the check."""

    file: str
    line: int
    place: str
    problem: str
    way_out: str
    kind: str

    def text(self, here: Path | None) -> str:
        """One line: file and line or place, what is wrong, the way out; the file as seen from a folder, or in full."""
        file = Path(self.file)
        shown = file.relative_to(here) if here is not None and file.is_relative_to(here) else file
        where = f"{shown}:{self.line}" if self.line else f"{shown}: {self.place}" if self.place else str(shown)
        sentence = " ".join(f"{where}: {self.problem}".split())
        return f"{sentence}. {self.way_out}" if self.way_out else sentence

    def as_json(self) -> dict[str, str | int]:
        """The shape of `--json`."""
        return {
            "kind": self.kind,
            "file": self.file,
            "line": self.line,
            "place": self.place,
            "message": " ".join(self.problem.split()),
            "way_out": self.way_out,
        }


def flaw_of(error: PackError, kind: str = "pack") -> Flaw:
    """A pack that can't be used, as a flaw."""
    return Flaw(error.file, 0, error.place, error.problem, error.way_out, kind)


def only_new(known: Iterable[Flaw], found: Iterable[Flaw], label: str) -> list[Flaw]:
    """What is found in a variant of a pack and not in the pack itself, labelled with the variant's name."""
    before = set(known)
    return [replace(flaw, problem=f"{flaw.problem} (with {label})") for flaw in found if flaw not in before]
