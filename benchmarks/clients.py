"""What the judge of clients finds: every flawed client that the tests have, and nothing at the clients that are right.

    python3 run.py python benchmarks/clients.py              every flaw, and the clients of examples/ with five seeds
    python3 run.py python benchmarks/clients.py --quick      every fourth flaw, one seed
    python3 run.py python benchmarks/clients.py --about pace flaws whose rule begins so

Each client is played every scenario of a run at its defaults. A flaw is caught when the rule that is about it is
broken. The status is 1 when one is not caught, or when something is found at a correct client.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# The flawed clients lie with the tests, the correct ones with the examples.
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import specs  # noqa: E402 - found by the line above
from contracts.drivers.clients.assignment import Client  # noqa: E402
from contracts.drivers.clients.callable import CallableClient  # noqa: E402
from contracts.drivers.clients.command import CommandClient  # noqa: E402
from contracts.drivers.clients.settings import ClientSettings  # noqa: E402
from contracts.drivers.clients.verification import ClientVerification  # noqa: E402
from contracts.finding import Verdict  # noqa: E402
from subtle_reader import ALL_FLAWS  # noqa: E402
from thread_client import ThreadClient  # noqa: E402

SEEDS, EVERY = 5, 4


def verified(vendor: str, client: Client, seed: int = 0) -> Verdict:
    """A run at its defaults."""
    settings = ClientSettings(seed=seed)
    name = type(client).__name__
    verification = ClientVerification(
        specs.load(vendor), client, settings, name, lambda each: each.name if each is not None else "all"
    )
    return verification.run_here()


def flaws(about: str, step: int) -> int:
    """Prints the kill rate by subject; how many flaws were not caught."""
    caught: defaultdict[str, list[bool]] = defaultdict(list)
    seconds: defaultdict[str, float] = defaultdict(float)
    missed = []
    chosen = [(flaw, rule) for flaw, (rule, _) in ALL_FLAWS.items() if rule.startswith(about) and rule]
    for flaw, rule in chosen[::step]:
        began = time.monotonic()
        found = {each.rule for each in verified("mulerouter", ThreadClient(flaw)).findings}
        subject = rule.partition(".")[0]
        caught[subject].append(rule in found)
        seconds[subject] += time.monotonic() - began
        if rule not in found:
            missed.append(f"not caught: {flaw} by {rule}, but {sorted(found) or 'nothing'}")
    sys.stdout.write(f"{'clients with a flaw':24} caught     of  seconds each\n")
    for subject, results in sorted(caught.items()):
        each = seconds[subject] / len(results)
        sys.stdout.write(f"{subject:24} {sum(results):6} {len(results):6}  {each:12.1f}\n")
    sys.stdout.write("".join(f"{line}\n" for line in missed))
    return len(missed)


def correct(seeds: int) -> int:
    """Prints what is found at the clients of examples/; how many findings."""
    count = 0
    for vendor in specs.names():
        os.environ["VENDOR"] = vendor
        clients: dict[str, Client] = {"client.py": CallableClient("examples.clients.client:make_video")}
        if shutil.which("node") is not None:
            clients["client.mjs"] = CommandClient(["node", str(ROOT / "examples" / "clients" / "client.mjs")])
        for name, client in clients.items():
            began = time.monotonic()
            verdicts = [verified(vendor, client, seed) for seed in range(seeds)]
            found = [each for verdict in verdicts for each in verdict.findings]
            count += len(found)
            took = (time.monotonic() - began) / seeds
            sys.stdout.write(f"{name:12} {vendor:12} {seeds} seeds, {len(found)} findings, {took:.1f} s each\n")
            sys.stdout.write("".join(f"  {each.rule}: {each.message}\n" for each in found))
    return count


def main() -> int:
    """Both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--about", default="")
    arguments = parser.parse_args()
    os.chdir(ROOT)
    missed = flaws(arguments.about, EVERY if arguments.quick else 1)
    wrong = 0 if arguments.about else correct(1 if arguments.quick else SEEDS)
    return 1 if missed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
