"""`understudy demo`: one minute that shows what this is for; the samples that it runs come with the distribution."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from contracts.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent.parent
# In a wheel the samples are inside this package, in a checkout beside it.
_HOMES = (_PACKAGE / "samples", _PACKAGE.parent)
_MODULE = "examples.demo"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the reports go."""
    parser.add_argument("--reports", metavar="FOLDER", help="where the reports go (default: a new folder)")


def run(arguments: argparse.Namespace) -> int:
    """Runs the samples; 0 when they did what they show."""
    home = next(each for each in _HOMES if (each / "examples" / "demo.py").is_file())
    # The samples first, then us: what is run from a checkout must find both, wherever it is called from.
    path = os.pathsep.join(filter(None, [str(home), str(_PACKAGE.parent), os.environ.get("PYTHONPATH", "")]))
    words = ["--reports", _folder(arguments.reports)] if arguments.reports else []
    command = [sys.executable, "-m", _MODULE, *words]
    # The words are ours, and a folder that the caller named.
    return subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False).returncode  # noqa: S603


def _folder(given: str) -> str:
    """Made before anything is run, or the minute would be for nothing."""
    try:
        Path(given).mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        message = f"--reports {given} can't be made a folder ({problem.strerror}); name another one"
        raise UsageError(message) from None
    return given
