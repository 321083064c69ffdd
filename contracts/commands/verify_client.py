"""`understudy verify client VENDOR -- COMMAND`: whether a client keeps its side, whatever the vendor may do to it."""

from __future__ import annotations

import argparse
import shlex
import sys
import tempfile
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType

import specs
from contracts.commands.behind_dashes import take_command
from contracts.drivers.clients.assignment import Client
from contracts.drivers.clients.callable import CallableClient
from contracts.drivers.clients.command import CommandClient
from contracts.drivers.clients.settings import EXAMPLES, TIMEOUT_SECONDS, ClientSettings, jobs_by_cores
from contracts.drivers.clients.verification import ClientVerification
from contracts.errors import UsageError
from contracts.finding import Verdict
from contracts.report import Progress
from contracts.scenarios.scenario import Scenario
from contracts.scenarios.written import as_text, read_scenario

ABOUT = (
    "Judges a client in any language: runs COMMAND once for each scenario against a server that keeps the contract and"
    " is as awkward as the contract allows. The command finds UNDERSTUDY_BASE_URL, UNDERSTUDY_API_KEY and"
    ' UNDERSTUDY_REQUEST in its environment; the last one names a JSON file, {"operation", "body"}: the job. It'
    " submits the job, waits, prints the result's URL as the last line of stdout and ends with 0; when the job failed"
    " or was refused, it ends with another status."
)
# A scenario that is longer stands in a file: nobody copies it by hand.
_INLINE_MAX = 6000
_REPEATED: Mapping[str, object] = MappingProxyType(
    {"max_examples": EXAMPLES, "timeout": TIMEOUT_SECONDS, "only": None, "skip": None}
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words of `understudy verify client`, but for those of the reports."""
    parser.add_argument("vendor", metavar="VENDOR", help="a vendor by name, or the folder of a pack")
    group = parser.add_argument_group("the client")
    group.add_argument(
        "--call",
        metavar="MODULE:FUNCTION",
        help="a Python callable (base_url, api_key, operation, body) -> url, in place of a command; may be async",
    )
    group.add_argument(
        "--timeout",
        type=float,
        default=TIMEOUT_SECONDS,
        metavar="SECONDS",
        help="for one run; what has not ended then is killed (default: %(default)g)",
    )
    group.add_argument("--jobs", type=int, default=None, metavar="N", help="runs at a time (default: by cores)")
    group = parser.add_argument_group("what is played")
    group.add_argument("--scenario", metavar="FILE", help="play this one alone; - is stdin, and JSON may stand here")
    group.add_argument(
        "--max-examples",
        type=int,
        default=EXAMPLES,
        metavar="N",
        help="combinations that are drawn, beyond each kind of awkwardness by itself (default: %(default)s)",
    )
    group.add_argument("--seed", type=int, default=0, help="same seed, same scenarios (default: %(default)s)")
    group.add_argument(
        "--save-scenarios", metavar="FOLDER", help="where the scenarios of findings are written, to be played again"
    )
    for option, what in (("--only", "judge nothing else"), ("--skip", "leave it out")):
        help_text = f"{what}: a rule or a subject of rules; may be given several times"
        group.add_argument(option, action="append", default=[], metavar="RULE", help=help_text)
    take_command(parser)


def verdict(arguments: argparse.Namespace) -> Verdict:
    """Judges the client."""
    folder = _folder(arguments.save_scenarios)
    pack = specs.load(arguments.vendor)
    scenario = read_scenario(_scenario_text(arguments.scenario), pack) if arguments.scenario is not None else None
    settings = ClientSettings(
        seed=arguments.seed,
        max_examples=arguments.max_examples,
        timeout_seconds=arguments.timeout,
        jobs=arguments.jobs if arguments.jobs is not None else jobs_by_cores(),
        only=tuple(arguments.only),
        skip=tuple(arguments.skip),
        scenario=scenario,
    )
    words = _Words(arguments, pack.name, folder)
    verification = ClientVerification(pack, _client(arguments), settings, words.target, words.replay)
    found = verification.run_here(Progress(sys.stderr))
    _save(found, folder)
    return found


def _client(arguments: argparse.Namespace) -> Client:
    if arguments.call is not None and arguments.command:
        message = "--call and a command behind -- are two clients; give one of them"
        raise UsageError(message)
    if arguments.call is not None:
        return CallableClient(arguments.call)
    if not arguments.command:
        message = (
            "there is no client: give its command behind --, such as -- python my_client.py, or --call MODULE:FUNCTION"
        )
        raise UsageError(message)
    return CommandClient(arguments.command)


def _scenario_text(given: str) -> str:
    """The scenario itself, or what is in the file that is named."""
    if given.lstrip().startswith("{"):
        return given
    try:
        return sys.stdin.read() if given == "-" else Path(given).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8"
        message = f"--scenario {given}: can't be read ({reason})"
        raise UsageError(message) from None


def _folder(given: str | None) -> Path | None:
    if given is None:
        return None
    folder = Path(given)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        message = f"--save-scenarios {given}: can't be used ({problem.strerror})"
        raise UsageError(message) from None
    return folder


class _Words:
    """The call once more: all of it, or one scenario."""

    def __init__(self, arguments: argparse.Namespace, vendor: str, folder: Path | None) -> None:
        self._arguments = arguments
        self._vendor = vendor
        self._folder = folder

    @property
    def target(self) -> str:
        """The client, in words."""
        arguments = self._arguments
        return f"--call {arguments.call}" if arguments.call is not None else shlex.join(arguments.command)

    def replay(self, scenario: Scenario | None) -> str:
        """The command that plays a scenario, or all of them, once more."""
        arguments = self._arguments
        words = ["understudy", "verify", "client", arguments.vendor]
        if scenario is not None:
            words += ["--scenario", self._named(scenario)]
        else:
            words += ["--seed", str(arguments.seed)]
        repeated = _REPEATED.items() if scenario is None else [("timeout", TIMEOUT_SECONDS)]
        for option, default in repeated:
            value = getattr(arguments, option)
            for each in value if isinstance(value, list) else [value]:
                if each != default:
                    words += ["--" + option.replace("_", "-"), f"{each:g}" if isinstance(each, float) else str(each)]
        client = ["--call", arguments.call] if arguments.call is not None else ["--", *arguments.command]
        return shlex.join([*words, *client])

    def _named(self, scenario: Scenario) -> str:
        text = as_text(scenario, self._vendor)
        return text if len(text) <= _INLINE_MAX else str(_file_of(self._vendor, text, self._folder))


def _file_of(vendor: str, text: str, folder: Path | None) -> Path:
    """Where a scenario is written to: the same for the same scenario."""
    name = f"{vendor}-{blake2b(text.encode(), digest_size=5).hexdigest()}.json"
    return (folder or Path(tempfile.gettempdir()) / "understudy-scenarios") / name


def _save(found: Verdict, folder: Path | None) -> None:
    """Writes the scenarios of findings: all of them where somebody wants them, else those that fit into no line."""
    for text in dict.fromkeys(each.scenario for each in found.findings):
        if folder is not None or len(text) > _INLINE_MAX:
            file = _file_of(found.vendor, text, folder)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text + "\n", encoding="utf-8")
