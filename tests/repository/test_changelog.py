"""The changelog keeps the form that people and tools expect of it (Keep a Changelog)."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
GROUPS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
RELEASE = re.compile(r"\[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d{2}-\d{2}")


def headings(level: str) -> list[str]:
    """The headings of one level, in order."""
    return re.findall(rf"^{level} (.+)$", CHANGELOG, re.MULTILINE)


def test_what_is_not_released_stands_on_top() -> None:
    """The next release is written while its changes are made."""
    assert headings("##")[0] == "[Unreleased]"


def test_releases_are_dated_and_newest_first() -> None:
    """Each heading below is a version and its day."""
    found = [RELEASE.fullmatch(heading) for heading in headings("##")[1:]]
    numbers = [tuple(map(int, match.groups())) for match in found if match is not None]

    assert None not in found
    assert numbers == sorted(numbers, reverse=True)


def test_package_version_is_not_behind_the_changelog() -> None:
    """The version in `pyproject.toml` is the newest release, or the one that comes next."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    version = tuple(map(int, project["version"].split(".")))
    released = [match.groups() for match in map(RELEASE.fullmatch, headings("##")[1:]) if match]

    assert all(tuple(map(int, numbers)) <= version for numbers in released)


def test_changes_stand_in_the_known_groups() -> None:
    """Readers look for what was added, changed or removed under those words."""
    assert headings("###")
    assert set(headings("###")) <= set(GROUPS)
