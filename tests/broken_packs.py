"""A small sound pack to break: the one that `understudy new` writes, with one thing in it changed."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import specs
from specs.lint import Report, lint

SKELETON = Path(specs.__file__).parent / "skeleton" / "pack"
OPENAPI, BEHAVIOUR, SOURCES = "openapi.yaml", "behaviour.yaml", "sources.yaml"


@dataclass(frozen=True)
class Workshop:
    """A copy of the pack in a folder of its own."""

    folder: Path

    def change(self, file: str, old: str, new: str) -> "Workshop":
        """One text in one file, which must be there, becomes another one."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return self

    def add(self, file: str, text: str) -> "Workshop":
        """Text at the file's end."""
        with (self.folder / file).open("a", encoding="utf-8") as opened:
            opened.write(text)
        return self

    def line(self, file: str, text: str) -> int:
        """The line in which the text stands first."""
        lines = (self.folder / file).read_text(encoding="utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line)

    def lint(self) -> Report:
        """What lint says of the documents."""
        return lint(self.folder)

    def found(self) -> list[tuple[str, str, str]]:
        """Kind, file and words of every flaw."""
        return [(flaw.kind, Path(flaw.file).name, flaw.problem) for flaw in self.lint().flaws]


def open_workshop(folder: Path) -> Workshop:
    """A fresh copy below this folder."""
    return Workshop(Path(shutil.copytree(SKELETON, folder / "mine")))
