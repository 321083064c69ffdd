"""One minute with understudy: the fakes and a job at each, then a good and a broken gateway in front of one, judged.

    understudy demo
    python3 run.py python -m examples.demo

Everything that it does is a command; each is printed before it runs.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_UNDERSTUDY = [sys.executable, "-m", "contracts.cli"]
_LISTENING = re.compile(r"listening on (http://\S+)")
# Tasks that take half a minute at the vendor take half a second.
_CLOCK = "x60"
# UniAll's API in front of MuleRouter's: see examples/gateways.
_BEHIND, _IN_FRONT = "mulerouter", "uniall"


def say(text: str) -> None:
    """A line of ours, at once."""
    print(text, flush=True)


def shown(command: list[str]) -> str:
    """A command as people type it."""
    words = ["understudy", *command[3:]] if command[:3] == _UNDERSTUDY else ["python", *command[1:]]
    return "$ " + shlex.join(words)


@contextmanager
def running(command: list[str]) -> Iterator[str]:
    """A server for as long as it is needed: its address."""
    say(shown(command))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            line = process.stdout.readline()
            found = _LISTENING.search(line)
            if found is None:
                sys.exit(f"demo: {command[2]} did not start")
            say(line.rstrip())
            yield found[1]
        finally:
            process.terminate()


def walk() -> None:
    """A job at every vendor."""
    command = [sys.executable, "-m", "examples.walk", "--clock", "x100"]
    say(shown(command))
    subprocess.run(command, check=True)


def judge(module: str, upstream: str, report: Path) -> int:
    """Starts a gateway in front of the fake and judges it; the judge's status."""
    gateway = [sys.executable, "-m", module, "--upstream", f"{upstream}/{_BEHIND}", "--key", "demo", "--port", "0"]
    with running(gateway) as url:
        keys = ["--key", "sk-one", "--other-key", "sk-two", "--bad-key", "nobody"]
        command = [*_UNDERSTUDY, "verify", "gateway", _IN_FRONT, "--url", url, *keys, "--html", str(report)]
        say(shown(command))
        return subprocess.run(command, check=False).returncode


def main() -> int:
    """Goes through all of it; 0 when the good gateway passed and the broken one was caught."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", metavar="FOLDER", help="where the reports go (default: a new folder)")
    folder = parser.parse_args().reports or tempfile.mkdtemp(prefix="understudy-demo-")
    reports = Path(folder)
    reports.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    say("1. The fakes, and a job at each of them\n")
    walk()
    with running([*_UNDERSTUDY, "serve", _BEHIND, "--clock", _CLOCK, "--port", "0"]) as upstream:
        say("\n2. A gateway that keeps its contract\n")
        good = judge("examples.gateways.app", upstream, reports / "good.html")
        say("\n3. The same gateway with three mistakes in it\n")
        broken = judge("examples.gateways.broken", upstream, reports / "broken.html")
    say(f"\nIn {time.monotonic() - begun:.0f} s. Reports to read: {reports / 'good.html'}, {reports / 'broken.html'}")
    if (good, broken) != (0, 1):
        say(f"demo: the good gateway should give status 0 and gave {good}, the broken one 1 and gave {broken}")
        return 1
    say("The gateway that keeps its contract passed; the other one was caught.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
