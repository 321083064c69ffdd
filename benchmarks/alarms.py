"""Which checks of Schemathesis find something at services that are right: asked once, until anything changes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path

from beside import Report
from mutants.catalogue import correct_services

_ROOT = Path(__file__).resolve().parents[1]
KEPT = _ROOT / "reports" / "schemathesis.json"
# What the services that are right are made of, and how they are asked.
_SOURCES = ("specs", "mockserver", "examples", "tests/references", "tests/mutants/catalogue.py", "benchmarks/beside.py")


def state() -> str:
    """Another text when Schemathesis has another version, or a service might answer otherwise."""
    digest = blake2b(version("schemathesis").encode(), digest_size=16)
    for path in _files():
        digest.update(f"\0{path.relative_to(_ROOT).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _files() -> list[Path]:
    found = [path for source in _SOURCES for path in ((_ROOT / source), *(_ROOT / source).rglob("*"))]
    return sorted(path for path in found if path.is_file() and path.suffix not in {".pyc", ".md"})


def false_alarms(
    names: Sequence[str],
    ask: Callable[[Sequence[str]], Iterable[Report]],
    now: str,
    kept: Path = KEPT,
) -> dict[str, frozenset[str]]:
    """The checks that find something at each of these services; only those are asked that were not in this state."""
    known = _read(kept, now)
    missing = [name for name in names if name not in known]
    for name, report in zip(missing, ask(missing), strict=True):
        # Without an answer its false alarms would count as kills.
        if report.aborted:
            sys.exit(f"schemathesis came to no end at {name}, which is right: {report.aborted}")
        known[name] = sorted(report.failed)
        # After each: a run that is broken off loses nothing.
        _write(kept, now, known)
    return {name: frozenset(known[name]) for name in names}


def made_of(mutant: str) -> str:
    """The id of the service that is right and that this mutant was made of."""
    how, name, _ = mutant.split("/")
    if how == "reference":
        return f"reference/{name}"
    return name if name in correct_services() else f"fake/{name}"


def _read(kept: Path, now: str) -> dict[str, list[str]]:
    if not kept.is_file():
        return {}
    read = json.loads(kept.read_text(encoding="utf-8"))
    return dict(read["failed"]) if read["state"] == now else {}


def _write(kept: Path, now: str, known: dict[str, list[str]]) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    # Never half a file, should this end in the middle of it.
    half = kept.with_suffix(".part")
    half.write_text(json.dumps({"state": now, "failed": known}, indent=1), encoding="utf-8")
    half.replace(kept)
