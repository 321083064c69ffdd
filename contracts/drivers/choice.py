"""What a run is about: `--only` and `--skip`, by rule, by subject of rules, by keyword or id of a constraint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from contracts.cases.case import Case
from contracts.errors import UsageError
from contracts.finding import ConstraintRow, Finding, LawRow
from specs.constraint import Constraint

# What is learnt from: a case about a constraint, and a job that is followed.
_OF_CASES = frozenset({"status", "shape", "attribution", "echo", "upstream"})
_OF_JOBS = frozenset({"status", "shape", "lifecycle", "account", "echo", "upstream"})
_WITHOUT_CASES = frozenset({"lifecycle"})


def subject(rule: str) -> str:
    """The first word of a rule's id."""
    return rule.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen; nothing chosen is everything."""

    only: frozenset[str]
    skip: frozenset[str]
    keywords: Mapping[str, str]
    """From a constraint's id to its keyword."""

    def wants_rule(self, rule: str) -> bool:
        """Whether a law is to be judged."""
        return self._wants({rule, subject(rule)})

    def wants_constraint(self, name: str, subjects: frozenset[str] = frozenset({"status"})) -> bool:
        """Whether a constraint is to be judged: for its own sake, or for a law of these subjects."""
        names = self._names(name)
        return not names & self.skip and (not self.only or bool(names & self.only) or self._asks_for(subjects))

    def wants_case(self, case: Case) -> bool:
        """Whether a case is to be sent."""
        if {case.law, subject(case.law)} & self.skip:
            return False
        if case.constraint is None:
            return self.wants_rule(case.law) if case.law else self.wants_jobs
        is_for_its_law = bool(case.law) and bool(self.only) and self.wants_rule(case.law)
        return is_for_its_law or self.wants_constraint(case.constraint, _OF_CASES)

    @property
    def wants_jobs(self) -> bool:
        """Whether there are laws to judge that need jobs."""
        return not self.only or self._asks_for(_OF_JOBS)

    @property
    def wants_cases(self) -> bool:
        """Whether there may be cases to send."""
        return not self.only or any(subject(each) not in _WITHOUT_CASES for each in self.only)

    @property
    def wants_breadth(self) -> bool:
        """Whether requests beyond those that the documents call for would tell something."""
        return not self.only or self._asks_for(_OF_CASES)

    @property
    def wants_ends(self) -> bool:
        """Whether jobs are followed to their end."""
        return "lifecycle" not in self.skip

    def _wants(self, names: set[str]) -> bool:
        return not names & self.skip and (not self.only or bool(names & self.only))

    def _asks_for(self, subjects: frozenset[str]) -> bool:
        return any(subject(each) in subjects for each in self.only - self.keywords.keys())

    def _names(self, constraint: str) -> set[str]:
        return {constraint, self.keywords.get(constraint, constraint)}

    def constraints(self, rows: Iterable[ConstraintRow]) -> tuple[ConstraintRow, ...]:
        """The rows that were asked for."""
        return tuple(row for row in rows if self.wants_constraint(row.id))

    def laws(self, rows: Iterable[LawRow]) -> tuple[LawRow, ...]:
        """The rows that were asked for."""
        return tuple(row for row in rows if self.wants_rule(row.rule))

    def findings(self, found: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings that were asked for."""
        return tuple(each for each in found if self._wants(self._names_of(each)))

    def _names_of(self, finding: Finding) -> set[str]:
        names = {finding.rule, subject(finding.rule)}
        return names if finding.constraint is None else names | self._names(finding.constraint)


def choose(only: Iterable[str], skip: Iterable[str], rules: Iterable[str], constraints: Iterable[Constraint]) -> Choice:
    """The choice; UsageError for a name that is neither a rule, nor a subject, nor a keyword or id of a constraint.

    And for one that is in both.
    """
    keywords = {each.id: each.keyword for each in constraints}
    rules = list(rules)
    known = {*rules, *map(subject, rules), *keywords, *keywords.values()}
    choice = Choice(frozenset(only), frozenset(skip), keywords)
    for option, names in (("--only", choice.only), ("--skip", choice.skip)):
        for name in sorted(names - known):
            raise UsageError(_unknown(option, name, known, {subject(each) for each in rules}))
    for name in sorted(choice.only & choice.skip):
        message = f"--only {name} and --skip {name} contradict each other"
        raise UsageError(message)
    return choice


def _unknown(option: str, name: str, known: set[str], subjects: set[str]) -> str:
    near = get_close_matches(name, known, 3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"subjects are {', '.join(sorted(subjects))}"
    return f"{option} {name!r} is no rule, no subject and no keyword of a constraint; {hint}"
