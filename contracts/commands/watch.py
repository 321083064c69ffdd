"""`understudy watch VENDOR -- COMMAND`: runs any command, a test-suite say, and judges what it sent to the vendor."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys

import specs
from contracts import report
from contracts.commands.behind_dashes import take_command
from contracts.commands.ending import told_to_end
from contracts.commands.verify import FAILING, FINDINGS, INTERRUPTED_STATUS, add_reports, check_destinations_of
from contracts.drivers.clients.command import API_KEY, BASE_URL, within_loopback
from contracts.drivers.clients.conduct import Conduct, conduct_rules
from contracts.drivers.clients.settings import chosen_rules
from contracts.drivers.clients.watching import HEARD_MAX, Watched
from contracts.drivers.verifying import INTERRUPTED
from contracts.errors import UsageError
from contracts.finding import Verdict
from contracts.judge.promise import Promise
from contracts.report import print_verdict, write_reports
from mockserver import Settings
from mockserver.clock import ClockError, start_clock

KEY = "sk-understudy-watch"
_BY_SIGNAL = 128
_ENDING_SECONDS = 10.0
_FULL = f"more than {HEARD_MAX} calls were made; what came later was answered and not judged"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which vendor, how its fake is to be, and the command."""
    parser.description = (
        "Runs COMMAND with the URL of a fake in UNDERSTUDY_BASE_URL and a key in UNDERSTUDY_API_KEY, and judges the"
        " calls that it makes there: documented and valid, with the key, none repeated that must not be, at a decent"
        " pace. The verdict is told on stderr; the status is 1 when something was found, else the command's own."
    )
    parser.add_argument("vendor", metavar="VENDOR", help="a vendor by name, or the folder of a pack")
    parser.add_argument("--clock", default="x10", help="of the fake: real, xN, manual or polls (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the fake (default: %(default)s)")
    for option, what in (("--only", "judge nothing else"), ("--skip", "leave it out")):
        help_text = f"{what}: a rule or a subject of rules; may be given several times"
        parser.add_argument(option, action="append", default=[], metavar="RULE", help=help_text)
    add_reports(parser)
    take_command(parser)


def run(arguments: argparse.Namespace) -> int:
    """Runs it, judges it; the exit status."""
    _check(arguments)
    pack = specs.load(arguments.vendor)
    rules = conduct_rules(chosen_rules(arguments.only, arguments.skip))
    words = ["understudy", "watch", arguments.vendor, "--", *arguments.command]
    conduct = Conduct(Promise(pack), rules, shlex.join(arguments.command), shlex.join(words))
    with Watched(pack, Settings(clock=arguments.clock, seed=arguments.seed)) as watched:
        status, ended_early = _command_status(arguments.command, watched.url)
        verdict = conduct.verdict(watched.fake.run(), ended_early or (_FULL if watched.fake.is_full else ""))
    return _told(verdict, arguments, status)


def _check(arguments: argparse.Namespace) -> None:
    if not arguments.command:
        message = "there is nothing to run: give the command behind --, such as -- pytest tests"
        raise UsageError(message)
    if shutil.which(arguments.command[0]) is None:
        message = f"the command {arguments.command[0]!r} is not there, or can't be run"
        raise UsageError(message)
    try:
        start_clock(arguments.clock, 0)
    except ClockError as problem:
        raise UsageError(str(problem)) from None
    check_destinations_of(arguments)


def _command_status(words: list[str], url: str) -> tuple[int, str]:
    """The command's exit status, as a shell tells it, and why it ended before its time."""
    environment = {**within_loopback(os.environ), BASE_URL: url, API_KEY: KEY}
    # What is run is what the caller typed.
    with told_to_end() as ending, subprocess.Popen(words, env=environment) as process:  # noqa: S603
        try:
            status, ended_early = process.wait(), ""
        except KeyboardInterrupt:
            if ending.is_alone:
                process.terminate()
            status, ended_early = _interrupted_status(process), INTERRUPTED
    return (status if status >= 0 else _BY_SIGNAL - status), ended_early


def _interrupted_status(process: subprocess.Popen[bytes]) -> int:
    """Ctrl-C has reached the command too, and it ends in its own way: a test-suite tells how far it came.

    Whoever has no time for that presses it again.
    """
    try:
        return process.wait(_ENDING_SECONDS)
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        process.kill()
        return process.wait()


def _told(verdict: Verdict, arguments: argparse.Namespace, status: int) -> int:
    print_verdict(verdict, sys.stderr)
    for line in report.annotations(verdict):
        sys.stderr.write(line + "\n")
    write_reports(verdict, json=arguments.json, junit=arguments.junit, html=arguments.html)
    if verdict.aborted == INTERRUPTED:
        return INTERRUPTED_STATUS
    is_found = any(finding.level in FAILING[arguments.fail_on] for finding in verdict.findings)
    return FINDINGS if is_found else status
