"""Every report of the sample verdicts, as files to compare with; run it to write them anew: `run.py python FILE`."""

import io
from pathlib import Path

from contracts.finding import Verdict
from contracts.report import annotations, print_verdict
from contracts.report.digest import digest
from contracts.report.json_report import json_report
from contracts.report.junit import junit_report
from contracts.report.page import html_report
from verdict_samples import SAMPLES

GOLDEN = Path(__file__).parent / "contracts" / "report" / "golden"


def terminal(verdict: Verdict, columns: int) -> bytes:
    """What a pipe gets, so many columns wide."""
    stream = io.StringIO()
    print_verdict(verdict, stream, environment={"COLUMNS": str(columns)})
    return stream.getvalue().encode()


def reports() -> dict[str, bytes]:
    """Each golden file's name and what should be in it."""
    made: dict[str, bytes] = {}
    for name, verdict in SAMPLES.items():
        told = digest(verdict)
        lines = annotations(verdict, {"GITHUB_ACTIONS": "true"})
        made |= {
            f"{name}.txt": terminal(verdict, 80),
            f"{name}.json": json_report(told),
            f"{name}.xml": junit_report(told),
            f"{name}.html": html_report(told),
            f"{name}.github.txt": "".join(line + "\n" for line in lines).encode(),
        }
    return made


if __name__ == "__main__":
    for name, content in reports().items():
        (GOLDEN / name).write_bytes(content)
