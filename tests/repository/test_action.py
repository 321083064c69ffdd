"""The action that looks for drift: its steps run as written, and a week of nights makes one issue."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
ACTION = ROOT / ".github" / "actions" / "drift"
WORKFLOW = ROOT / "examples" / "watching" / "nightly-drift.yml"

GH = """#!{python}
import json, sys
from pathlib import Path
state = Path({state!r})
issues = json.loads(state.read_text())
words = sys.argv[1:]
def body():
    return Path(words[words.index("--body-file") + 1]).read_text()
if words[:2] == ["issue", "list"]:
    print(json.dumps([each for each in issues if each["open"]]))
elif words[:2] == ["issue", "create"]:
    issues.append({{"number": len(issues) + 1, "body": body(), "title": words[3], "open": True, "edits": 0}})
elif words[:2] == ["issue", "edit"]:
    issues[int(words[2]) - 1].update(body=body(), edits=issues[int(words[2]) - 1]["edits"] + 1)
elif words[:2] == ["issue", "close"]:
    issues[int(words[2]) - 1]["open"] = False
elif words[:2] != ["label", "create"]:
    sys.exit(4)
state.write_text(json.dumps(issues))
"""
UNDERSTUDY = """#!{python}
import sys
from pathlib import Path
words = sys.argv[1:]
Path(words[words.index("--markdown") + 1]).write_text(" ".join(words[:4]))
sys.exit({status})
"""


def command(path: Path, text: str) -> None:
    """A command on the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


class Night:
    """A runner of GitHub's, with issues that last from night to night."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._state = folder / "issues.json"
        self._state.write_text("[]")
        command(folder / "bin" / "gh", GH.format(python=sys.executable, state=str(self._state)))

    @property
    def issues(self) -> list[Any]:
        """All that were ever opened."""
        return json.loads(self._state.read_text())  # type: ignore[no-any-return]

    def keep(self, status: int, report: str, run: str = "drift docs acme") -> int:
        """One night that ended like this."""
        (self._folder / "drift.md").write_text(report, encoding="utf-8")
        path = f"{self._folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        words = {"RUN": run, "LABEL": "vendor-drift", "STATUS": str(status), "REPORTS": str(self._folder)}
        ended = subprocess.run(
            [sys.executable, str(ACTION / "issue.py")], env={**words, "PATH": path}, check=False, timeout=60
        )
        return ended.returncode


@pytest.mark.skipif(os.name == "nt", reason="the runner's commands are scripts for a POSIX system")
def test_a_week_of_nights_makes_one_issue(tmp_path: Path) -> None:
    """Opened once, changed when the findings change, closed when there are none; another run has its own."""
    night = Night(tmp_path)
    for status, report in [(0, "quiet"), (1, "one"), (1, "one"), (1, "two"), (3, "three")]:
        assert night.keep(status, report) == 0
    night.keep(1, "other", "drift docs other")
    first, second = night.issues
    assert (first["open"], first["edits"], second["edits"]) == (True, 2, 0)
    assert "three" in first["body"]
    night.keep(0, "quiet")
    assert [each["open"] for each in night.issues] == [False, True]
    night.keep(1, "x" * 100_000)
    assert len(night.issues) == 3
    assert len(night.issues[2]["body"]) < 65_536


@pytest.mark.skipif(os.name == "nt", reason="the step is for bash")
@pytest.mark.parametrize("status", [0, 1, 3])
def test_the_step_runs_as_written(tmp_path: Path, status: int) -> None:
    """Status and summary arrive; what stands in the words is not carried out."""
    steps = YAML(typ="safe").load(ACTION / "action.yml")["runs"]["steps"]
    step = next(each for each in steps if each.get("id") == "drift")
    command(tmp_path / "understudy" / "bin" / "understudy", UNDERSTUDY.format(python=sys.executable, status=status))
    environment = {
        "PATH": os.environ["PATH"],
        "RUNNER_TEMP": str(tmp_path),
        "RUN": "drift docs $(touch${IFS}trap)",
        "REPORTS": str(tmp_path / "reports"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    words = ["bash", "-eo", "pipefail", "-c", step["run"]]
    subprocess.run(words, env=environment, cwd=tmp_path, check=True, timeout=60)
    assert (tmp_path / "output").read_text() == f"status={status}\n"
    assert "drift docs $(touch${IFS}trap)" in (tmp_path / "summary").read_text()
    assert not (tmp_path / "trap").exists()


def test_the_workflow_asks_for_what_the_action_has() -> None:
    """Its inputs exist, it runs by the clock, and it may write what it has to write."""
    action, workflow = YAML(typ="safe").load(ACTION / "action.yml"), YAML(typ="safe").load(WORKFLOW)
    (step,) = [each for each in workflow["jobs"]["drift"]["steps"] if "actions/drift" in each.get("uses", "")]
    assert set(step["with"]) <= set(action["inputs"])
    assert "schedule" in workflow["on"]
    assert workflow["permissions"]["issues"] == "write"
