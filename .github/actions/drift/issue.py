"""One issue for each run that looks for drift: opened when something is found, kept up to date, closed when it is gone.

Speaks to GitHub through its own command `gh`; everything else comes from the environment that `action.yml` sets.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# GitHub takes no more than 65,536 characters.
BODY_CHARACTERS_MAX = 60_000
FINDINGS = 1


def gh(*words: str) -> str:
    """What `gh` prints; CalledProcessError when it fails."""
    return subprocess.run(["gh", *words], check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603, S607 - GitHub's own command, wherever the runner has it


def find(label: str, mark: str) -> tuple[int, str] | None:
    """Number and text of the open issue of this run."""
    found = json.loads(
        gh("issue", "list", "--label", label, "--state", "open", "--limit", "200", "--json", "number,body")
    )
    return next(((each["number"], each["body"]) for each in found if each["body"].startswith(mark)), None)


def text(mark: str, run: str, status: int, report: Path) -> str:
    """What the issue says, which begins with the mark it is known by."""
    said = report.read_text(encoding="utf-8") if report.is_file() else f"`understudy {run}` ended with status {status}."
    cut = said if len(said) <= BODY_CHARACTERS_MAX else said[:BODY_CHARACTERS_MAX] + "\n\n… (cut; the report has all)"
    return f"{mark}\n{cut}"


def publish(label: str, run: str, status: int, body: str, known: tuple[int, str] | None) -> None:
    """Opens the issue, or changes the one there is; the same text is not sent twice."""
    if known is not None and known[1].strip() == body.strip():
        return
    with tempfile.NamedTemporaryFile("w", suffix=".md", encoding="utf-8") as file:
        file.write(body)
        file.flush()
        if known is not None:
            gh("issue", "edit", str(known[0]), "--body-file", file.name)
            return
        gh("label", "create", label, "--force", "--description", "A vendor is not what its contract says")
        what = "has found drift" if status == FINDINGS else "could not check"
        gh("issue", "create", "--title", f"understudy {run}: {what}", "--label", label, "--body-file", file.name)


def main() -> int:
    """0 unless `gh` failed."""
    run, label, status = os.environ["RUN"], os.environ["LABEL"], int(os.environ["STATUS"])
    mark = f"<!-- understudy {run.replace('--', '')} -->"
    try:
        known = find(label, mark)
        if status:
            report = Path(os.environ["REPORTS"]) / "drift.md"
            publish(label, run, status, text(mark, run, status, report), known)
        elif known is not None:
            gh("issue", "close", str(known[0]), "--comment", "Nothing has drifted any more.")
    except subprocess.CalledProcessError as problem:
        sys.stderr.write(f"gh {' '.join(problem.cmd[1:3])} ended with status {problem.returncode}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
