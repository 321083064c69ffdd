"""Reports as files: whole or not at all, and a clear word about the place that would not take one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


class ReportError(Exception):
    """A report could not be written; the message is one line for people, with the path and the way out."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))


def check_destinations(*paths: str | Path | None) -> None:
    """Raises ReportError for a place that can't take a report, before a run is spent on it."""
    given = [Path(path) for path in paths if path is not None]
    for path in given:
        reason = _obstacle(path)
        if reason:
            raise ReportError([f"{path}: {reason}"])
    twice = {path for path in given if given.count(path) > 1 and not _is_special(path)}
    if twice:
        raise ReportError([f"{path}: two reports can't share one file; give each its own" for path in sorted(twice)])


def write_files(contents: Iterable[tuple[Path, bytes]]) -> None:
    """Writes each file; one that fails does not keep the others, ReportError then tells all that failed."""
    problems = []
    for path, content in contents:
        try:
            _write(path, content)
        except OSError as problem:
            problems.append(f"{path}: {_obstacle(path) or problem.strerror or problem}; the report was not written")
    if problems:
        raise ReportError(problems)


def _obstacle(path: Path) -> str:
    """Why a report can't be put there, as far as it can be told beforehand."""
    try:
        if path.is_dir():
            return "is a folder; give the path of a file in it"
        if not path.parent.is_dir():
            return _missing(path.parent)
        # A file is replaced as a whole: that is the folder's business.
        changed = path if _is_special(path) else path.parent
        return "" if os.access(changed, os.W_OK) else f"no permission to write to {changed}"
    except OSError as problem:
        return problem.strerror or str(problem)


def _missing(folder: Path) -> str:
    if folder.exists():
        return f"{folder} is no folder; name another one"
    return f"there is no folder {folder}; make it first"


def _is_special(path: Path) -> bool:
    """A terminal, a pipe, /dev/null: written to, never replaced."""
    return path.exists() and not path.is_file()


def _write(path: Path, content: bytes) -> None:
    if _is_special(path):
        with path.open("wb") as stream:
            stream.write(content)
        return
    # What a link points to is replaced, not the link.
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
