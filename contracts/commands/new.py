"""`understudy new NAME`: a small vendor pack that works, as a start for one's own."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import specs
from contracts.commands.tables import write_lines
from contracts.errors import UsageError
from specs.documents import FILES, SOURCES

# The folder whose files are copied, and the word in them that becomes the new name.
_SKELETON = Path(specs.__file__).parent / "skeleton" / "pack"
_PLACEHOLDER = "newvendor"
# What `specs.load` takes as a folder's name.
_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The name, and where to put it."""
    parser.add_argument("name", metavar="NAME", help="the vendor's short name: lower-case letters, digits, - and _")
    parser.add_argument(
        "--into",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="where the folder NAME is made (default: here)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Writes the pack and says what to do next; 0."""
    folder = write_pack(arguments.name, arguments.into)
    word = str(folder) if folder.is_absolute() or str(folder).startswith(".") else f"./{folder}"
    write_lines(
        [
            f"{word}: a small vendor pack, one submit and one poll. Next:",
            f"  understudy lint {word}                 is it sound?",
            f"  understudy serve {word}                play it",
            f"  understudy show {word} --constraints   what it promises",
            "Then put the vendor's own limits, words and refusals into its three files.",
        ]
    )
    return 0


def write_pack(name: str, into: Path) -> Path:
    """The folder of a new pack; UsageError when it can't be made."""
    if not _NAME.fullmatch(name):
        message = f"{name!r} can't be a vendor's name; use lower-case letters, digits, - and _, a letter first"
        raise UsageError(message)
    if name in specs.names():
        message = f"{name} comes with understudy; choose another name"
        raise UsageError(message)
    folder = into / name
    try:
        folder.mkdir(parents=True)
        for file in (*FILES, SOURCES):
            text = (_SKELETON / file).read_text(encoding="utf-8")
            (folder / file).write_text(text.replace(_PLACEHOLDER, name), encoding="utf-8")
    except FileExistsError:
        message = f"{folder} is there already; choose another name, or move it away"
        raise UsageError(message) from None
    except OSError as problem:
        message = f"can't write {folder} ({problem.strerror}); choose another place with --into"
        raise UsageError(message) from None
    return folder
