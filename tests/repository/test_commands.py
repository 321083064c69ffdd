"""The commands that the pages print are those that exist, and CI runs no other than people do."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md")
COMMANDS: dict[str, list[str]] = runpy.run_path(str(ROOT / "run.py"))["COMMANDS"]


def said_in(page: str) -> str:
    """A page's text."""
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_ci_runs_the_command_that_people_run(page: str) -> None:
    """What turns CI red can be seen at home, with the line that the page prints."""
    interpreter, *lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()

    assert interpreter == "#!/bin/sh"
    assert lines == ["python3 run.py check"]
    assert lines[0] in said_in(page).splitlines()


def test_readme_begins_with_the_walk() -> None:
    """The first command on the first page shows the product at work."""
    first = re.search(r"python3 run\.py \S+", said_in("README.md"))

    assert first is not None
    assert first.group() == "python3 run.py walk"


@pytest.mark.parametrize("page", PAGES)
def test_every_command_on_the_page_exists(page: str) -> None:
    """Nobody types a command from a page and is told that there is none."""
    named = set(re.findall(r"python3 run\.py ([a-z]+)", said_in(page)))

    assert named
    assert named <= set(COMMANDS)


def test_every_command_has_its_script() -> None:
    """`run.py` promises only what lies in the checkout."""
    scripts = [Path(words[0]) for words in COMMANDS.values() if words]

    assert scripts
    assert [script for script in scripts if not script.is_file()] == []
