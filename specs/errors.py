"""What can be wrong with a pack: always our input, never the vendor's answer.

SpecError
└── PackError    a pack that can't be read; says file, place, what is wrong, the way out
"""

from __future__ import annotations

from pathlib import Path


class SpecError(Exception):
    """Root of everything that this package raises on purpose."""


class PackError(SpecError):
    """A pack that can't be used."""

    def __init__(self, file: str | Path, place: str, problem: str, way_out: str = "") -> None:
        self.file = str(file)
        self.place = place
        self.problem = problem
        self.way_out = way_out
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else self.file
        return f"{where}: {self.problem}. {self.way_out}" if self.way_out else f"{where}: {self.problem}"
