"""Which scenarios a run is made of: nothing unusual, then each kind of awkwardness by itself, then combinations."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.scenarios.drawing import drawn_scenarios
from contracts.scenarios.durations import duration
from contracts.scenarios.jobs import Jobs
from contracts.scenarios.repertoire import Repertoire
from contracts.scenarios.scenario import Scenario
from contracts.scenarios.singles import PLAIN_DRAFT, Draft, singles
from specs.pack import Operation, Pack

# Later than clients wait as a rule; and of a short time for all of a run, no more than a part.
_LATE_SECONDS, _LATE_SHARE = 12.0, 0.4
# No two operations draw the same, nor does one draw what another does under the next seed.
_SEEDS_APART = 1_000_003


class Plan:
    """The scenarios for clients of one pack, under a seed; `examples` is how many combinations are drawn."""

    def __init__(self, pack: Pack, seed: int, examples: int, timeout_seconds: float) -> None:
        self._seed = seed
        self._examples = examples
        self._late_seconds = round(min(_LATE_SECONDS, _LATE_SHARE * timeout_seconds), 1)
        self._repertoire = Repertoire(pack)
        self.jobs = Jobs(pack, seed)
        self._submits = [each for each in self._repertoire.submits if each.id in self.jobs.operations]
        self.plain = tuple(self._scenario(PLAIN_DRAFT, each) for each in self._submits)
        """One for each operation in which nothing is unusual but that it is the first."""
        self.others = tuple(sorted(self._others(), key=self._duration, reverse=True))
        """All others, those that take long first: whoever waits for them does the rest meanwhile."""

    def _others(self) -> Iterator[Scenario]:
        for number, drafts in enumerate(self._singles().values()):
            yield from self._assigned(number + self._seed, drafts)
        drawn = (each for number, submit in enumerate(self._submits) for each in self._drawn(number, submit))
        for number, (draft, submit) in enumerate(drawn, 1):
            yield self._scenario(draft._replace(name=f"drawn {number} under seed {self._seed}"), submit)

    def _drawn(self, number: int, submit: Operation) -> Iterator[tuple[Draft, Operation]]:
        """Combinations for one operation: others than for the next one."""
        count = (self._examples + number) // len(self._submits)
        seed = self._seed + number * _SEEDS_APART
        yield from ((draft, submit) for draft in drawn_scenarios(self._repertoire, submit, seed, count))

    def _duration(self, scenario: Scenario) -> float:
        return duration(scenario, self._repertoire.pack.operations[scenario.operation])

    def _singles(self) -> dict[str, dict[str, Draft]]:
        """From the name of each kind to the draft for each operation that can have it."""
        found: dict[str, dict[str, Draft]] = {}
        for submit in self._submits:
            for draft in singles(self._repertoire, submit, late_seconds=self._late_seconds):
                found.setdefault(draft.name, {})[submit.id] = draft
        return found

    def _assigned(self, number: int, drafts: dict[str, Draft]) -> Iterator[Scenario]:
        """Each kind once; the operations take turns."""
        able = [each for each in self._submits if each.id in drafts]
        submit = able[number % len(able)]
        yield self._scenario(drafts[submit.id], submit)

    def _scenario(self, draft: Draft, submit: Operation) -> Scenario:
        return Scenario(
            name=draft.name,
            operation=submit.id,
            body=self.jobs.next(submit.id),
            submits=draft.submits,
            polls=draft.polls,
            dress=draft.dress,
        )
