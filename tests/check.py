"""Everything a change must pass, in order, ending at the first failure.

`python3 run.py check` runs this inside the project's environment; `--only STEP` runs one step.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable

# Quick before slow, so that a slip is reported in seconds.
STEPS: Mapping[str, list[str]] = MappingProxyType(
    {
        "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
        "lint": [PYTHON, "-m", "ruff", "check", "."],
        "types": [PYTHON, "-m", "mypy"],
        "layers": [str(Path(PYTHON).parent / "lint-imports")],
        "tests": [PYTHON, "-m", "pytest", "-n", "3", "--dist", "worksteal"],
        "wheel": [PYTHON, str(ROOT / "tests" / "smoke.py")],
    }
)


def passes(name: str) -> bool:
    """Run one step where people can watch it, and say how long it took."""
    print(f"== {name}", flush=True)
    begun = time.monotonic()
    status = subprocess.call(STEPS[name], cwd=ROOT)
    word = "ok" if status == 0 else f"FAILED (status {status})"
    print(f"== {name}: {word}, {time.monotonic() - begun:.1f} s\n", flush=True)
    return status == 0


def main() -> int:
    """0 when every step passed."""
    parser = argparse.ArgumentParser(prog="run.py check", description=__doc__)
    parser.add_argument("--only", metavar="STEP", choices=STEPS, help=" | ".join(STEPS))
    only = parser.parse_args().only
    begun = time.monotonic()
    for name in [only] if only else STEPS:
        if not passes(name):
            print(f"check: {name} failed; again: python3 run.py check --only {name}")
            return 1
    print(f"check: passed in {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
