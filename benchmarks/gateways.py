"""What the judge of gateways finds: every mutant that the tests have, and nothing at the services that are right.

    python3 run.py python benchmarks/gateways.py                  all of them: about an hour on two cores
    python3 run.py python benchmarks/gateways.py --quick          every fifteenth mutant
    python3 run.py python benchmarks/gateways.py --about account  ids with this text in them, or mutants of this kind
    python3 run.py python benchmarks/gateways.py --sample 40      so many, evenly spread over the kinds of law
    python3 run.py python benchmarks/gateways.py --vendor uniall  mutants that speak this API; several times if need be
    python3 run.py python benchmarks/gateways.py --seeds 3        the correct services under seeds 0, 1 and 2
    python3 run.py python benchmarks/gateways.py --schemathesis   beside it what `schemathesis run` finds, 15 s each
    python3 run.py python benchmarks/gateways.py --sandwich       both sides of a gateway: a quarter of an hour

Each service runs in this process and its tasks take half a second. A mutant is killed by one finding or more. The
status is 1 when a mutant lives, or when something is found at a correct service. With `--sandwich` it is the sample
gateway on a socket, right (over three seeds) and with one mistake each, and `understudy verify gateway --upstream` as
people type it, with `--max-examples 0`.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
# The mutants lie with the tests, the sample gateway with the examples.
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from alarms import false_alarms, made_of, state  # noqa: E402 - found by the line above
from beside import Report, exemplary, run_beside  # noqa: E402
from mutants.catalogue import CORRECT, Service, correct_services, mutants  # noqa: E402
from mutants.judging import cases_kept, judged  # noqa: E402
from mutants.sandwich_mutants import MUTANTS  # noqa: E402
from mutants.sandwiching import verified  # noqa: E402

_QUICK_STEP = 15
_SEED = ", seed "
_SEEDS = ("seed 0", "seed 1", "seed 2")
_NO_VERDICT = 2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of judging one service."""

    id: str
    kind: str
    words: str
    found: tuple[str, ...]
    """The rules of the findings, the same one once; what broke the run off counts as none."""
    requests: int
    submissions: int
    seconds: float
    aborted: str


def judge(asked: str) -> Outcome:
    """One service by its id, under the seed that stands behind it, else 0."""
    name, _, seed = asked.partition(_SEED)
    service = correct_services().get(name) or mutants()[name]
    began = time.perf_counter()
    verdict = judged(service, seed=int(seed or 0))
    found = tuple(dict.fromkeys(finding.rule for finding in verdict.findings))
    seconds = time.perf_counter() - began
    counts = len(verdict.exchanges), verdict.submissions
    return Outcome(asked, service.kind, service.words, found, *counts, seconds, verdict.aborted)


def judge_sandwich(name: str) -> Outcome:
    """The sample gateway between both: the right one over a seed, or one with a mistake."""
    row, seed = MUTANTS.get(name), _SEEDS.index(name) if name in _SEEDS else 0
    began = time.perf_counter()
    told = verified(row, seed, "--max-examples", "0")
    seconds, counts = time.perf_counter() - began, (told.requests, told.submissions)
    kind, words = (row.kind, row.words) if row is not None else (CORRECT, "the sample gateway")
    # 1 is for findings that are errors, 0 also for warnings; anything else is no verdict.
    return Outcome(name, kind, words, told.rules, *counts, seconds, "" if told.status < _NO_VERDICT else "no verdict")


def _keep_cases() -> None:
    """For the whole life of a worker: to make the cases takes longer than to send them."""
    cases_kept().__enter__()


def outcomes(names: Sequence[str], jobs: int, ask: Callable[[str], Outcome] = judge) -> Iterator[Outcome]:
    """One after the other, as they are done."""
    with ProcessPoolExecutor(jobs, initializer=_keep_cases) as pool:
        for number, outcome in enumerate(pool.map(ask, names), 1):
            print(f"\r{number}/{len(names)} {outcome.id:60.60}", end="", file=sys.stderr, flush=True)
            yield outcome
    print(f"\r{'':80}\r", end="", file=sys.stderr)


def chosen(services: Iterable[Service], words: argparse.Namespace) -> list[str]:
    """The ids that were asked for."""
    asked = (each for each in services if not words.vendor or each.vendor in words.vendor)
    named = [each for each in asked if words.about in each.id or words.about == each.kind]
    if words.sample:
        named = spread_over_kinds(named, words.sample)
    return [each.id for each in (named[::_QUICK_STEP] if words.quick else named)]


def spread_over_kinds(services: Iterable[Service], count: int) -> list[Service]:
    """So many, always the same ones: as many of each kind as there are of it among all."""
    listed = sorted(services, key=lambda each: (each.kind, blake2b(each.id.encode()).digest()))
    return [listed[number * len(listed) // count] for number in range(min(count, len(listed)))]


def seeded(names: Iterable[str], seeds: int) -> Iterator[str]:
    """Each of them under so many seeds."""
    return (f"{name}{_SEED}{seed}" if seed else name for name in names for seed in range(seeds))


def tell_correct(found: list[Outcome]) -> None:
    """A line for each service that is right."""
    print(f"{'correct service':34} {'findings':>8} {'requests':>8} {'submits':>8} {'seconds':>8}")
    for each in found:
        rules = f"  {each.aborted} {', '.join(each.found)}".rstrip()
        print(f"{each.id:34} {len(each.found):8} {each.requests:8} {each.submissions:8} {each.seconds:8.1f}{rules}")


def tell_mutants(found: list[Outcome], by: str = "mutants that break") -> None:
    """A line for each kind of law, with medians, one for all, and every mutant that lives."""
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for each in found:
        kinds[each.kind].append(each)
    print(f"\n{by:24} {'killed':>8} {'of':>8} {'rate':>8} {'requests':>8} {'seconds':>8}")
    for kind, group in [*sorted(kinds.items()), ("all", found)]:
        killed = sum(1 for each in group if each.found)
        requests = median(each.requests for each in group)
        seconds = median(each.seconds for each in group)
        print(f"{kind:24} {killed:8} {len(group):8} {killed / len(group):8.0%} {requests:8.0f} {seconds:8.1f}")
    for each in found:
        if not each.found:
            print(f"lives: {each.id} ({each.words}) {each.aborted}")


def tell_beside(names: list[str], jobs: int) -> None:
    """The same mutants as `schemathesis run` sees them, by the checks that let off the services that are right."""
    vendors = sorted({mutants()[name].vendor for name in names})
    with ProcessPoolExecutor(jobs) as pool:
        right = false_alarms(exemplary(vendors), lambda asked: told(pool.map(run_beside, asked), asked), state())
        without = {vendor: frozenset[str]().union(*(right[name] for name in exemplary([vendor]))) for vendor in vendors}
        for vendor, checks in without.items():
            left_out = ", ".join(sorted(checks)) or "nothing"
            print(f"schemathesis {version('schemathesis')}, {vendor}: without {left_out}", flush=True)
        found = seen_beside(pool, names, [without[mutants()[name].vendor] for name in names])
        tell_mutants(found, "by schemathesis run")
        living = [each.id for each in found if not each.found]
        # Our fakes take any key, and that costs it a check at services that take none: so much it may be let off.
        again = [name for name in living if right[made_of(name)] != without[mutants()[name].vendor]]
        print(f"\nagain, {len(again)} that live, by the checks that let off the one service that each was made of:")
        more = [each for each in seen_beside(pool, again, [right[made_of(name)] for name in again]) if each.found]
    print(f"then killed too: {', '.join(each.id for each in more) or 'none'}")
    print(f"by schemathesis run: {len(names) - len(living)} of {len(names)}, with these {len(more)} more")


def seen_beside(pool: Executor, names: list[str], without: Sequence[frozenset[str]]) -> list[Outcome]:
    """What `schemathesis run` finds at these mutants, at each without its own checks."""
    reports = told(pool.map(run_beside, names, without), names)
    return [beside(name, report) for name, report in zip(names, reports, strict=True)]


def beside(name: str, report: Report) -> Outcome:
    """What came of such a run at a mutant; a run without a report found nothing."""
    service, rules = mutants()[name], tuple(sorted(report.failed))
    return Outcome(name, service.kind, service.words, rules, report.requests, 0, report.seconds, report.aborted)


def told(reports: Iterable[Report], names: Sequence[str]) -> Iterator[Report]:
    """A line for each, as they are done."""
    for number, (name, report) in enumerate(zip(names, reports, strict=True), 1):
        counts = f"{report.requests:6} requests {report.seconds:6.1f} s"
        found = report.aborted or ", ".join(sorted(report.failed)) or "nothing"
        print(f"schemathesis {number:3}/{len(names)} {counts}  {name}: {found}", flush=True)
        yield report


def sandwich(words: argparse.Namespace) -> int:
    """0 when every mistake is found, and nothing at the right one."""
    right = list(outcomes(_SEEDS, 1, judge_sandwich)) if not words.about or words.about == CORRECT else []
    if right:
        tell_correct(right)
    named = [each.id for each in MUTANTS.values() if words.about in each.id or words.about == each.kind]
    wrong = list(outcomes(named[::_QUICK_STEP] if words.quick else named, words.jobs, judge_sandwich))
    if wrong:
        tell_mutants(wrong)
    for each in wrong:
        if each.found and MUTANTS[each.id].rule not in each.found:
            print(f"by another rule: {each.id} ({', '.join(each.found)})")
    return int(any(each.found or each.aborted for each in right) or not all(each.found for each in wrong))


def main() -> int:
    """0 when every mutant is killed and every correct service is let off."""
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    parser.add_argument("--quick", action="store_true", help=f"every {_QUICK_STEP}th mutant")
    parser.add_argument("--about", default="", metavar="TEXT", help="only mutants with this in the id, or of this kind")
    parser.add_argument("--vendor", action="append", metavar="NAME", help="only mutants that speak this vendor's API")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="so many mutants, spread over the kinds")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="correct services under so many seeds")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)")
    parser.add_argument("--schemathesis", action="store_true", help="beside it what `schemathesis run` finds")
    parser.add_argument("--sandwich", action="store_true", help="both sides of the sample gateway, and nothing else")
    words = parser.parse_args()
    if words.sandwich:
        return sandwich(words)
    is_asked = words.about == CORRECT or not (words.about or words.vendor)
    right = list(outcomes(list(seeded(correct_services(), words.seeds)), 1)) if is_asked else []
    if right:
        tell_correct(right)
    names = chosen(mutants().values(), words)
    wrong = list(outcomes(names, words.jobs))
    if wrong:
        tell_mutants(wrong)
    if wrong and words.schemathesis:
        tell_beside(names, words.jobs)
    return int(any(each.found for each in right) or not all(each.found for each in wrong))


if __name__ == "__main__":
    sys.exit(main())
