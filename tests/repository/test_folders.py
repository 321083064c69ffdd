"""Every folder's README lists its files, each with its purpose, and nothing that is gone."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("benchmarks", "contracts", "examples", "mockserver", "specs", "tests")
HEADER = "| file | what it is for |"


def rows(readme: str) -> list[tuple[str, str]]:
    """The two cells of each row of the tables of files; other tables of the page are not meant."""
    found, inside = [], False
    for line in map(str.strip, readme.splitlines()):
        cells = [cell.strip() for cell in line.strip("|").split("|", maxsplit=1)]
        inside = line == HEADER or (inside and line.startswith("|") and len(cells) == 2)
        if inside and line != HEADER and not line.startswith("|---"):
            found.append((cells[0], cells[1]))
    return found


def listed(folder: Path) -> list[str]:
    """Every name in the table's first column; one row may hold several."""
    readme = (folder / "README.md").read_text(encoding="utf-8")
    return [name for names, _ in rows(readme) for name in re.findall(r"`([^`]+)`", names)]


def has_table(folder: Path) -> bool:
    """Whether the folder's README lists its files."""
    readme = folder / "README.md"
    return readme.is_file() and HEADER in readme.read_text(encoding="utf-8")


# A folder below a room may speak for itself; what it lists is not the room's to list.
FOLDERS = sorted(
    {*ROOMS}
    | {
        readme.parent.relative_to(ROOT).as_posix()
        for room in ROOMS
        for readme in (ROOT / room).rglob("README.md")
        if has_table(readme.parent)
    }
)


def is_listed_below(path: Path, folder: Path) -> bool:
    """Whether a folder in between lists the file."""
    between = [parent for parent in path.parents if folder in parent.parents]
    return any(has_table(parent) for parent in between)


def present(folder: Path) -> set[str]:
    """What must be listed: each module, and each file that lies at the folder's top."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    names = {path.relative_to(folder).as_posix() for path in files if not is_listed_below(path, folder)}
    return {
        name
        for name in names
        if name != "README.md" and not name.startswith(".") and (name.endswith(".py") or "/" not in name)
    }


@pytest.mark.parametrize("name", FOLDERS)
def test_table_lists_every_file(name: str) -> None:
    """Nobody adds a file without saying in the folder's README what it is for."""
    folder = ROOT / name

    missing = present(folder) - set(listed(folder))

    assert sorted(missing) == [], f"add to the table {HEADER!r} of {name}/README.md"


@pytest.mark.parametrize("name", FOLDERS)
def test_table_lists_nothing_that_is_gone(name: str) -> None:
    """A table that has outlived its files misleads."""
    folder = ROOT / name

    gone = [entry for entry in listed(folder) if not (folder / entry).exists()]

    assert gone == []


@pytest.mark.parametrize("name", FOLDERS)
def test_table_says_each_thing_once_and_says_something(name: str) -> None:
    """One row for a file, and a purpose in each row."""
    folder = ROOT / name
    names = listed(folder)
    silent = [names for names, purpose in rows((folder / "README.md").read_text(encoding="utf-8")) if not purpose]

    assert len(names) == len(set(names))
    assert silent == []
