"""The book of cases of a pack: for every constraint both sides, then breadth; and why a side has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from contracts.cases.bench import Bench, same_as
from contracts.cases.body_cases import BodyCases, Draft
from contracts.cases.calls import CallCases
from contracts.cases.case import Case, CaseBook
from contracts.cases.choosing import Candidate, chosen, once, told_before
from contracts.cases.once_only import once_only_cases
from contracts.cases.parameters import parameter_cases
from contracts.cases.robustness import MALFORMED, RobustnessCases
from contracts.cases.situations import situation_of
from contracts.cases.stamping import Stamp
from contracts.cases.untested import untested
from contracts.cases.words import words_elsewhere
from specs.catalogue import catalogue
from specs.constraint import BODY, CALL, Constraint
from specs.pack import Operation, Pack
from specs.pointers import resolve, split
from specs.rules.uniqueness import UniqueInAccount
from specs.sources import load_sources

# So many wrong bodies are sent at most; more where there is little else to send but what is drawn: with it they may
# make so many.
REFUSED_BODIES_MAX, CASES_MAX = 546, 957
_LARGE = 2_000_000


def make_cases(pack: Pack, seed: int = 0, max_examples: int = 50, *, run: str = "") -> CaseBook:
    """Every case of the pack; the same arguments give the same cases, in the same order.

    At most `max_examples` bodies are drawn for each operation (0 leaves breadth out, and its libraries unread). `run`
    goes into the client's own ids, which an account may use once: who asks a lasting service again gives another one.
    PackError when sources.yaml can't be read.
    """
    return _Book(pack, seed, run).made(max_examples)


def accepted_cases(pack: Pack, seed: int = 0, *, run: str = "") -> tuple[Case, ...]:
    """The cases of `make_cases` whose bodies lie just inside of each constraint: in a fraction of its time."""
    return _Book(pack, seed, run).accepted()


class _Book:
    def __init__(self, pack: Pack, seed: int, run: str) -> None:
        sources = load_sources(pack.folder)
        self._pack = pack
        self._seed = seed
        self._all = catalogue(pack)
        standings = {each.id: source.standing for each in self._all if (source := sources.source_of(each)) is not None}
        self._judged = [each for each in self._all if standings.get(each.id) != "family"]
        self._known = {each.id: each for each in self._judged}
        self._stamp = Stamp(pack, f"{run}:{seed}")
        self._benches = {
            operation.id: Bench(pack, operation, [each for each in self._of(operation) if each.location == BODY])
            for operation in pack.operations.values()
            if operation.body is not None and operation.examples
        }
        words = words_elsewhere(pack)
        self._makers = {bench: BodyCases(bench, words) for bench in self._benches.values()}

    def _of(self, operation: Operation) -> list[Constraint]:
        return [each for each in self._judged if each.operation == operation.id]

    def made(self, max_examples: int) -> CaseBook:
        """All cases, numbered afresh."""
        kept = [*self._accepted_bodies(), *once_only_cases([*self._benches.values()])]
        others = [*self._calls(), *self._robustness()]
        room = max(REFUSED_BODIES_MAX, CASES_MAX - len(kept) - len(others))
        cases = [*kept, *self._refused_bodies(room), *others]
        if max_examples > 0:
            cases += self._breadth(max_examples)
        stamped = tuple(self._with_also(case) for case in self._stamp.all(cases))
        missing = untested(self._all, self._known, stamped)
        return CaseBook(cases=stamped, untested=MappingProxyType(missing))

    def accepted(self) -> tuple[Case, ...]:
        """The accepted bodies alone."""
        return tuple(self._stamp.all([*self._accepted_bodies()]))

    # Bodies

    def _accepted_bodies(self) -> Iterator[Case]:
        for bench, makers in self._makers.items():
            seen = set[bytes]()
            for draft in self._kept(bench, makers):
                said = same_as(draft.body)
                if said not in seen:
                    seen.add(said)
                    yield _accepted(bench, draft)

    def _refused_bodies(self, most: int) -> list[Case]:
        found: list[Candidate] = []
        for bench, makers in self._makers.items():
            drafts = (draft for each in bench.constraints for draft in makers.refused(each))
            told = (draft for draft in drafts if not self._is_sold_elsewhere(draft))
            found += [Candidate(draft.rank, draft.lesson, self._refused(bench, draft)) for draft in told]
        return chosen([*told_before(once(found))], most)

    def _is_sold_elsewhere(self, draft: Draft) -> bool:
        """Whether its model is one that another operation takes: a vendor's list of models is older than its models."""
        model, constraint = self._pack.behaviour.model, draft.constraint
        if model is None or constraint is None or constraint.pointer != model.pointer:
            return False
        others = (each.limit for each in self._all if each.keyword == "enum" and each.pointer == model.pointer)
        sent = resolve(draft.body, model.pointer)
        return any(isinstance(limit, list) and sent in limit for limit in others)

    def _kept(self, bench: Bench, makers: BodyCases) -> Iterator[Draft]:
        yield from (Draft(None, each.body, each.name) for each in bench.bases)
        large = set[str]()
        for constraint in bench.constraints:
            # Megabytes are sent once for each member at the top, and once for all that lie deeper.
            is_deep = len(split(constraint.pointer)) > 1
            if constraint.keyword == UniqueInAccount.kind or (is_deep and constraint.keyword in large):
                continue
            for draft in makers.accepted(constraint):
                if len(same_as(draft.body)) > _LARGE:
                    large.add(constraint.keyword)
                yield draft

    def _refused(self, bench: Bench, draft: Draft) -> Case:
        constraint = draft.constraint
        situation = situation_of(self._pack, constraint, draft.body) if constraint is not None else "request_invalid"
        return Case(
            operation=bench.operation.id,
            expects="refused",
            words=draft.words,
            law=MALFORMED if constraint is not None and _is_about_the_body(constraint) else "status.refused",
            constraint=constraint.id if constraint is not None else None,
            situation=situation,
            body=draft.body,
            # A body that is null, told from none at all.
            raw=b"null" if draft.body is None else None,
        )

    # Everything else

    def _calls(self) -> Iterator[Case]:
        bodies = {name: bench.bases[0].body for name, bench in self._benches.items()}
        calls = CallCases(self._pack, self._judged, bodies, self._seed)
        for operation in self._pack.operations.values():
            yield from calls.cases(operation)
            yield from parameter_cases(operation, self._of(operation))

    def _robustness(self) -> Iterator[Case]:
        for bench in self._benches.values():
            yield from RobustnessCases(self._pack, bench.operation, self._judged, bench.bases[0].body).cases()

    def _breadth(self, max_examples: int) -> Iterator[Case]:
        # Imported here for start-up: its libraries take longer to read than all other cases to make.
        from contracts.cases.breadth import Breadth

        for bench in self._benches.values():
            breadth = Breadth(bench, self._seed)
            yield from (_accepted(bench, draft) for draft in breadth.accepted(max_examples))
            broken = (self._refused(bench, draft) for draft in breadth.refused(max_examples))
            yield from (replace(case, is_drawn=True) for case in broken)

    def _with_also(self, case: Case) -> Case:
        """The case with everything else that it keeps, when it is one that must be accepted."""
        if case.expects != "accepted":
            return case
        operation = self._pack.operations[case.operation]
        same_path = {each.id for each in self._pack.operations.values() if each.path == operation.path}
        kept = [each.id for each in self._judged if _is_kept_by(each, case, same_path)]
        bench = self._benches.get(case.operation)
        if bench is not None and isinstance(case.body, Mapping):
            kept += sorted(bench.ledger.kept(case.body))
        return replace(case, also=tuple(name for name in dict.fromkeys(kept) if name != case.constraint))


def _is_about_the_body(constraint: Constraint) -> bool:
    return constraint.pointer == "" and constraint.keyword == "type"


def _accepted(bench: Bench, draft: Draft) -> Case:
    return Case(
        operation=bench.operation.id,
        expects="accepted",
        words=draft.words,
        law="status.accepted",
        constraint=draft.constraint.id if draft.constraint is not None else None,
        body=draft.body,
    )


def _is_kept_by(constraint: Constraint, case: Case, same_path: set[str]) -> bool:
    """Whether an accepted call keeps this constraint of calls or parameters."""
    if constraint.keyword == "method":
        return constraint.operation in same_path
    if constraint.operation != case.operation or constraint.location == BODY:
        return False
    if constraint.location == CALL:
        return True
    is_task = constraint.keyword in ("format", "required")
    return constraint.pointer.removeprefix("?") in case.query or (is_task and constraint.pointer[:1] in "?{")
