"""`understudy verify gateway` and `verify client`: whether a service, or a client, keeps a vendor's contract."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import specs
from contracts import report
from contracts.commands import verify_client
from contracts.commands.ending import told_to_end
from contracts.commands.tables import columns, counted, write_lines
from contracts.drivers.choice import subject
from contracts.drivers.mapping import read_mapping
from contracts.drivers.settings import Settings, bad_key_of, read_header
from contracts.drivers.target import read_target
from contracts.drivers.verifying import INTERRUPTED, Verification
from contracts.errors import UsageError
from contracts.exchange import KEY, NOBODY, OTHER
from contracts.finding import Level, Verdict
from contracts.judge.relations import OF_TRIALS, UPSTREAM
from contracts.report import Progress, ReportError, check_destinations, print_verdict, write_reports
from contracts.report.redaction import VARIABLES
from specs.errors import SpecError

if TYPE_CHECKING:
    from contracts.drivers.upstream import Upstream

FINDINGS, JUDGE_FAILED, INTERRUPTED_STATUS = 1, 3, 130
# What a fake takes, and nobody else: whoever needs another one is told so by the first answer.
KEY_DEFAULT = "understudy"
FAILING: Mapping[str, tuple[Level, ...]] = MappingProxyType({"error": ("error",), "warning": ("error", "warning")})
# What a repetition must say too, unless it is this.
_REPEATED: Mapping[str, object] = MappingProxyType(
    {
        "max_examples": 50,
        "rate": None,
        "poll_interval": 0.5,
        "deadline": 60.0,
        "only": None,
        "skip": None,
        "upstream": None,
        "upstream_port": None,
        "mapping": None,
    }
)
_EPILOG_CLIENT = (
    "Exit status: 0 nothing found, 1 findings, 2 the words are off, 3 the judge itself failed. Reports and the lines to"
    " paste hold the scenario that shows each finding."
)
_EPILOG = (
    "Exit status: 0 nothing found, 1 findings, 2 the words are off, 3 the service could not be reached, was gone before"
    " the end, refuses the key or lets nothing through any more, nothing could be judged, or the judge itself failed."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is verified; then the words of that."""
    kinds = parser.add_subparsers(dest="kind", metavar="gateway | client", required=True)
    gateway = kinds.add_parser("gateway", help="a running service", description=__doc__, epilog=_EPILOG)
    gateway.add_argument("vendor", metavar="VENDOR", help="a vendor by name, or the folder of a pack")
    gateway.add_argument("--url", required=True, help="where the service is; documented paths are put behind it")
    _add_upstream(gateway)
    _add_accounts(gateway)
    _add_conduct(gateway)
    add_reports(gateway)
    client = kinds.add_parser(
        "client", help="a client, by running it", description=verify_client.ABOUT, epilog=_EPILOG_CLIENT
    )
    add_reports(client)
    verify_client.add_arguments(client)


def _add_upstream(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("upstream")
    group.add_argument(
        "--upstream", metavar="VENDOR", help="what the gateway stands in front of: a fake of it is asked in its place"
    )
    group.add_argument("--upstream-port", type=int, metavar="PORT", help="where that fake listens, on 127.0.0.1")
    group.add_argument(
        "--mapping",
        type=Path,
        metavar="FILE",
        help="a YAML file: which members arrive where upstream",
    )


def _add_accounts(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("accounts")
    group.add_argument("--key", help="a valid key (default: $UNDERSTUDY_KEY, else one that fakes take)")
    group.add_argument("--bad-key", metavar="KEY", help="one that must be refused (default: one that nobody has)")
    group.add_argument("--other-key", metavar="KEY", help="a second valid account, for what accounts see of each other")
    group.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="sent with every request; may be given several times",
    )


def _add_conduct(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what is sent, and how fast")
    group.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    group.add_argument("--rate", type=float, metavar="N", help="requests a second at most")
    group.add_argument(
        "--poll-interval", type=float, default=0.5, metavar="SECONDS", help="between polls (default: %(default)s)"
    )
    group.add_argument(
        "--deadline", type=float, default=60.0, metavar="SECONDS", help="a task must end by then (default: %(default)s)"
    )
    group.add_argument(
        "--max-examples",
        type=int,
        default=50,
        metavar="N",
        help="drawn requests for each operation, beyond those that the documents call for (default: %(default)s)",
    )
    group.add_argument("--seed", type=int, default=0, help="same seed, same requests (default: %(default)s)")
    for option, what in (("--only", "judge nothing else"), ("--skip", "leave it out")):
        group.add_argument(
            option,
            action="append",
            default=[],
            metavar="RULE",
            help=f"{what}: a rule, a subject of rules, or a keyword of constraints; may be given several times",
        )


def add_reports(parser: argparse.ArgumentParser) -> None:
    """Where reports go, and what makes the status 1."""
    group = parser.add_argument_group("reports")
    for kind, what in (("json", "for programs"), ("junit", "JUnit XML, for CI"), ("html", "one page, for people")):
        group.add_argument(f"--{kind}", metavar="FILE", help=what)
    group.add_argument(
        "--fail-on", choices=tuple(FAILING), default="error", help="what makes the status 1 (default: %(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Verifies; the exit status."""
    if arguments.kind == "client":
        check_destinations_of(arguments)
        return _guarded(lambda: _reported(lambda: verify_client.verdict(arguments), arguments))
    if (arguments.upstream is None) != (arguments.upstream_port is None):
        message = "--upstream and --upstream-port belong together; give both, or neither"
        raise UsageError(message)
    if arguments.mapping is not None and arguments.upstream is None:
        message = "--mapping says what arrives upstream; it needs --upstream and --upstream-port"
        raise UsageError(message)
    if arguments.upstream is None and {subject(each) for each in arguments.only} == {UPSTREAM}:
        message = f"--only {arguments.only[0]} is about what arrives upstream; it needs --upstream and --upstream-port"
        raise UsageError(message)
    if not arguments.dry_run:
        check_destinations_of(arguments)
    return _guarded(lambda: _gateway(arguments))


def _gateway(arguments: argparse.Namespace) -> int:
    with ExitStack() as stack:
        upstream = _upstream(arguments, stack)
        verification = Verification(specs.load(arguments.vendor), read_target(arguments.url), _settings(arguments))
        if arguments.dry_run:
            write_lines(_planned(verification, with_trouble=arguments.upstream is not None))
            return 0
        for line in _announced(verification, arguments.url, upstream):
            sys.stderr.write(line + "\n")
        return _verified(verification, upstream, arguments)


def _upstream(arguments: argparse.Namespace, stack: ExitStack) -> Upstream | None:
    if arguments.upstream is None or arguments.dry_run:
        return None
    # Imported here for start-up: only a sandwich needs the fake.
    from contracts.drivers.upstream import Front, Upstream

    pack, settings = specs.load(arguments.vendor), _settings(arguments)
    keys = tuple(key for key in (settings.key, settings.other_key, settings.bad_key) if key is not None)
    behind = specs.load(arguments.upstream)
    mappings = read_mapping(arguments.mapping, pack, behind) if arguments.mapping is not None else {}
    upstream = stack.enter_context(Upstream(behind, arguments.upstream_port, Front(pack, keys, mappings)))
    sys.stderr.write(f"understudy: {arguments.upstream} listens at {upstream.url}; that is where to forward\n")
    return upstream


def _verified(verification: Verification, upstream: Upstream | None, arguments: argparse.Namespace) -> int:
    def judged() -> Verdict:
        verdict = verification.run_here(Progress(sys.stderr))
        if upstream is not None:
            verdict = _judged_with(upstream, verdict, verification, arguments)
        return replace(verdict, replay=_replay(arguments))

    return _reported(judged, arguments)


def _judged_with(
    upstream: Upstream, verdict: Verdict, verification: Verification, arguments: argparse.Namespace
) -> Verdict:
    """What is to be said of both sides, after jobs were sent that meet trouble, if somebody wants to know."""
    # Imported here for start-up, as the fake is.
    from contracts.drivers.troubling import SUBMISSIONS, Troubling

    troubled = None
    if not verdict.aborted and verification.wants(OF_TRIALS):
        progress = Progress(sys.stderr)
        progress.start(SUBMISSIONS)
        troubling = Troubling(specs.load(arguments.vendor), read_target(arguments.url), _settings(arguments), upstream)
        troubled = troubling.run_here(progress)
        progress.end()
    found = verification.without_skipped(upstream.judged(verdict, troubled))
    return replace(found, aborted=INTERRUPTED) if troubled is not None and troubled.is_interrupted else found


def _reported(judged: Callable[[], Verdict], arguments: argparse.Namespace) -> int:
    with told_to_end():
        verdict = judged()
    return _told(verdict, arguments)


def _guarded(work: Callable[[], int]) -> int:
    """The status of the work; one of its own where the judge stumbles, while it plans as well."""
    try:
        return work()
    except (UsageError, SpecError):
        raise
    except ReportError as problem:
        return _failed(str(problem))
    except OSError:
        # No room for what is printed, or nobody who reads it: the same for every command.
        raise
    except Exception as problem:  # noqa: BLE001 - a judge that stumbles must not look like one that has found something
        return _failed(f"the judge itself failed ({type(problem).__name__}: {problem}); please report it")


def _failed(message: str) -> int:
    sys.stderr.write(f"understudy verify: {' '.join(message.split())}\n")
    return JUDGE_FAILED


def _settings(arguments: argparse.Namespace) -> Settings:
    # An empty option is no option left out: whoever gave it a secret that is not there wants to know.
    return Settings(
        key=(os.environ.get("UNDERSTUDY_KEY") or KEY_DEFAULT) if arguments.key is None else arguments.key,
        bad_key=bad_key_of(arguments.seed) if arguments.bad_key is None else arguments.bad_key,
        other_key=arguments.other_key,
        headers=tuple(map(read_header, arguments.header)),
        seed=arguments.seed,
        rate=arguments.rate,
        poll_interval=arguments.poll_interval,
        deadline=arguments.deadline,
        max_examples=arguments.max_examples,
        only=tuple(arguments.only),
        skip=tuple(arguments.skip),
    )


def check_destinations_of(arguments: argparse.Namespace) -> None:
    """UsageError for a report that can't be written, before anything is run for it."""
    try:
        check_destinations(arguments.json, arguments.junit, arguments.html)
    except ReportError as problem:
        raise UsageError(str(problem)) from None


# What will be sent


def _planned(verification: Verification, *, with_trouble: bool) -> Iterator[str]:
    plan = verification.plan
    rows = [("operation", "what", "requests", "submissions")]
    rows += [(each.operation, each.kind, str(each.requests), str(each.submissions)) for each in plan.counts]
    yield from columns(rows)
    yield f"in all about {counted(plan.requests, 'request')}, {counted(plan.submissions, 'submission')} among them"
    yield from _more(verification, with_trouble=with_trouble)
    yield "nothing was sent (--dry-run)"


def _announced(verification: Verification, url: str, upstream: Upstream | None) -> Iterator[str]:
    plan = verification.plan
    yield f"understudy: about {counted(plan.requests, 'request')} to {url}"
    yield f"understudy: {counted(plan.submissions, 'submission')} among them, each of which may be billed"
    for line in _more(verification, with_trouble=upstream is not None):
        yield f"understudy: {line}"


def _more(verification: Verification, *, with_trouble: bool) -> Iterator[str]:
    if with_trouble and verification.wants(OF_TRIALS):
        # Imported here for start-up, as the fake is.
        from contracts.drivers.troubling import SUBMISSIONS

        yield f"then {counted(SUBMISSIONS, 'job')} more, most of which meet trouble upstream"


# The run


def _replay(arguments: argparse.Namespace) -> str:
    """The call once more, with variables where keys and the values of headers belong."""
    words = ["understudy", "verify", "gateway", arguments.vendor, "--url", arguments.url, "--seed", str(arguments.seed)]
    for option, default in _REPEATED.items():
        value = getattr(arguments, option)
        for each in value if isinstance(value, list) else [value]:
            if each != default:
                words += ["--" + option.replace("_", "-"), f"{each:g}" if isinstance(each, float) else str(each)]
    line = shlex.join(words)
    if arguments.key or os.environ.get("UNDERSTUDY_KEY"):
        line += f' --key "${VARIABLES[KEY]}"'
    line += f' --bad-key "${VARIABLES[NOBODY]}"' if arguments.bad_key else ""
    line += f' --other-key "${VARIABLES[OTHER]}"' if arguments.other_key else ""
    return line + "".join(f' --header "{name}: ${_variable(name)}"' for name, _ in map(read_header, arguments.header))


def _variable(header: str) -> str:
    return "UNDERSTUDY_" + re.sub(r"[^A-Z0-9]", "_", header.upper())


def _told(verdict: Verdict, arguments: argparse.Namespace) -> int:
    print_verdict(verdict, sys.stdout)
    write_lines(report.annotations(verdict))
    write_reports(verdict, json=arguments.json, junit=arguments.junit, html=arguments.html)
    return _status(verdict, FAILING[arguments.fail_on])


def _status(verdict: Verdict, failing: tuple[Level, ...]) -> int:
    if verdict.aborted == INTERRUPTED:
        return INTERRUPTED_STATUS
    if verdict.aborted or not verdict.has_judged:
        return JUDGE_FAILED
    return FINDINGS if any(finding.level in failing for finding in verdict.findings) else 0
