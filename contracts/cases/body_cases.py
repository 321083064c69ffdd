"""Cases about bodies: for each constraint bodies on its boundary, and bodies just outside that break nothing else."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import islice

from contracts.cases.bench import Basis, Bench, Kind, Mode, same_as
from contracts.cases.boundary import boundary
from contracts.cases.breaches import Breaches
from contracts.cases.choosing import lesson
from contracts.cases.implied import is_confined, makes_no_sum
from contracts.cases.ledger import is_promise
from contracts.cases.ranks import is_told_by_another, rank, rank_elsewhere, ways, ways_elsewhere
from contracts.cases.telling import told
from specs.conditions import speaks_of
from specs.constraint import Constraint
from specs.keywords import WHOLE
from specs.pointers import Json, field, join, removed, replaced, resolve, split

_ABSENT = object()
_KEPT_WAYS, _KEPT_WAYS_ELSE = {"not-blank": 1, "sum-equals": 3}, 2
_BASES_TRIED, _FULLER, _CHOICES_TRIED, _WAYS_CROSSED = 4, 3, 4, 2
# What is nothing to a service that asks whether there is something, null first; and how much each tells.
_NOTHINGS: tuple[Json, ...] = (None, "", 0, False, [], {}, "0")
_RANKS_OF_NOTHING = (1, 2, 2, 3, 3, 4)
_LIMITS = frozenset({"enum", "minimum", "maximum", "maxLength"})
# Of these null is more easily overlooked than another type.
_NULL_FIRST = ("string", "array", "object")
_SPEAK_OF_NOTHING = frozenset({"type", "enum", "pattern", "minLength", "minimum"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A body and what it is about, before it is made a case.

    Of many drafts those of a low rank are sent: 0 is the first of a constraint, and never left out.
    """

    constraint: Constraint | None
    body: Json
    words: str
    rank: int = 0
    lesson: Hashable = None
    """The mistake that a service would have to make to take it."""


class BodyCases:
    """The drafts of one operation; `words` are what others take for members of the same name."""

    def __init__(self, bench: Bench, words: Mapping[str, Collection[str]]) -> None:
        self._bench = bench
        self._ledger = bench.ledger
        self._known = {each.id: each for each in bench.constraints}
        self._breaches = Breaches(bench, words)

    # Refused

    def refused(self, constraint: Constraint) -> Iterator[Draft]:
        """Bodies that break the constraint and nothing else, in each kind of job in which it binds."""
        kinds = set[Kind]()
        stages = sorted(self._stages(constraint), key=lambda bases: not self._is_single(constraint, bases[0].body))
        every = [basis for stage in stages for basis in stage]
        fuller = sorted(every, key=partial(self._fullness, constraint), reverse=True)[:_FULLER]
        for bases in stages:
            kind = self._bench.kind(bases[0].body)
            elsewhere = rank_elsewhere(constraint, is_known_kind=kind in kinds)
            count = ways_elsewhere(constraint) if kinds else ways(constraint)
            drafts = self._first(constraint, bases, count, [] if kinds else fuller)
            if kinds and constraint.keyword == "type" and constraint.limit in _NULL_FIRST:
                drafts.reverse()
                is_at_top = constraint.pointer == join(split(constraint.pointer)[:1])
                elsewhere -= 1 if kind not in kinds and is_at_top else 0
            for number, draft in enumerate(drafts):
                yield replace(draft, rank=elsewhere + number if kinds else rank(constraint, number))
            if drafts and is_told_by_another(constraint):
                break
            yield from () if kinds or not drafts else self._in_the_fullest(constraint, fuller, drafts[0])
            kinds |= {kind} if drafts else set()
        if constraint.conditions or constraint.keyword in WHOLE or not kinds:
            crossed = self._crossings.get(constraint.id, [])
            for number, draft in enumerate(crossed[:_WAYS_CROSSED]):
                yield replace(draft, rank=rank(constraint, number + 1 if kinds else number))
        yield from self._further(constraint)

    def _further(self, constraint: Constraint) -> Iterator[Draft]:
        """What only some services would take."""
        yield from self._in_the_longest(constraint)
        yield from self._under_every_choice(constraint)
        yield from islice(self._cut_off(constraint), 1)
        if constraint.keyword in _SPEAK_OF_NOTHING:
            yield from self._as_nothing(constraint)

    def _is_single(self, constraint: Constraint, body: Json) -> bool:
        """Whether a list has one item there: who takes the item for the list would take nothing else amiss."""
        values = (resolve(body, at) for at in self._ledger.places(constraint, body))
        return constraint.keyword == "type" and any(isinstance(each, list) and len(each) == 1 for each in values)

    def _fullness(self, constraint: Constraint, basis: Basis) -> tuple[bool, int]:
        """Several places for the value count most: a service may look at the first one alone."""
        return len(self._ledger.places(constraint, basis.body)) > 1, len(basis.body)

    def _as_nothing(self, constraint: Constraint) -> Iterator[Draft]:
        """What a careless service takes for an absent member, where the member may be absent."""
        found: dict[Hashable, Draft] = {}
        for basis in [*(basis for stage in self._bench.stages(constraint) for basis in stage), *self._bench.bases]:
            at = self._room(constraint, basis.body)
            tries = (replaced(basis.body, at, value) for value in _NOTHINGS) if at is not None else iter(())
            for draft, _ in self._broken(constraint, basis, tries):
                found.setdefault(draft.lesson, draft)
            if found:
                break
        for number, draft in enumerate(found.values()):
            yield replace(draft, rank=_RANKS_OF_NOTHING[min(number, len(_RANKS_OF_NOTHING) - 1)])

    def _room(self, constraint: Constraint, body: Json) -> str | None:
        """Where the constraint's value stands, or could, in a body that may do without; None when there is no place."""
        places = self._ledger.places(constraint, body)
        parent, _, _ = constraint.pointer.rpartition("/")
        if places:
            at = places[-1]
        elif "*" in constraint.pointer or not isinstance(resolve(body, parent, body), Mapping):
            return None
        else:
            at = constraint.pointer
        return at if at and self._ledger.is_plain(removed(body, at)) else None

    def _stages(self, constraint: Constraint) -> list[list[Basis]]:
        stages = self._bench.stages(constraint)
        if stages:
            return stages
        # Where the value itself is what is forbidden, no valid body has it: the breach puts it there.
        by_mode: dict[object, list[Basis]] = {}
        for each in self._bench.bases:
            by_mode.setdefault(each.mode, []).append(each)
        return list(by_mode.values())

    def _first(self, constraint: Constraint, bases: list[Basis], count: int, fuller: list[Basis]) -> list[Draft]:
        """The drafts of the first body that lead to no other breach at all; else those which break what is implied.

        After the first of them fuller bodies take turns: for a service that looks at less where a job has more.
        """
        exact = self._exact(constraint, bases[:_BASES_TRIED], count)
        if len(exact) <= 1:
            return exact or self._implied(constraint, bases[:_BASES_TRIED], count)
        # Where parts add up to it, a value that only a careless service can read is told by the sum as well.
        apart = (basis for basis in fuller if not self._bench.is_whole(constraint.pointer, basis.body))
        turns = [each for each in (self._exact(constraint, [basis], count) for basis in apart) if each]
        for number in range(1, len(exact)):
            turn = turns[(number - 1) % len(turns)] if turns else exact
            exact[number] = turn[number] if number < len(turn) else exact[number]
        room = count - len(exact) if constraint.keyword == "type" else 0
        return [*exact, *(self._implied(constraint, bases[:_BASES_TRIED], room) if room else ())]

    def _exact(self, constraint: Constraint, bases: list[Basis], count: int) -> list[Draft]:
        """Of the first body that has any, the drafts that break nothing else."""
        for basis in bases:
            drafts = self._broken(constraint, basis, self._breaches.of(constraint, basis.body))
            exact = list(islice((draft for draft, is_exact in drafts if is_exact), count))
            if exact:
                return exact
        return []

    def _implied(self, constraint: Constraint, bases: list[Basis], count: int) -> list[Draft]:
        """The drafts that break what is implied too."""
        found = (
            draft
            for basis in bases
            for draft, is_exact in self._broken(constraint, basis, self._breaches.of(constraint, basis.body))
            if not is_exact
        )
        return [self._isolated(constraint, draft) for draft in islice(found, count)]

    def _in_the_fullest(self, constraint: Constraint, fuller: list[Basis], first: Draft) -> Iterator[Draft]:
        """The first way once more, where a job has most else: for a limit that is another beside another choice."""
        if constraint.keyword in _LIMITS:
            drafts = self._exact(constraint, fuller[:1], 1)
            yield from (replace(each, rank=2) for each in drafts if same_as(each.body) != same_as(first.body))

    def _in_the_longest(self, constraint: Constraint) -> Iterator[Draft]:
        """The last item of a list that is as long as it may be: for a service that looks at the first few alone."""
        place, star, _ = constraint.pointer.rpartition("/*")
        if constraint.keyword != "type" or not star:
            return
        for limit in self._bench.constraints:
            if (limit.pointer, limit.keyword) == (place, "maxItems") and limit.limit > 0:
                for kept in islice(self.accepted(limit), 1):
                    longest = Basis(f"the longest {field(place)}", kept.body, self._bench.mode(kept.body))
                    tries = self._breaches.at_last(constraint, kept.body)
                    for draft, _ in islice(self._broken(constraint, longest, tries), 1):
                        yield replace(draft, rank=1)

    def _under_every_choice(self, constraint: Constraint) -> Iterator[Draft]:
        """The first way once more under each other option that the constraint's condition is about."""
        for first in islice(self._every_exact(constraint), 1) if constraint.conditions else ():
            for choice, at in self._choices(constraint, first.body):
                others = [each for each in choice.limit if each != resolve(first.body, at)]
                yield from islice(self._chosen(constraint, first, at, others), _CHOICES_TRIED)

    def _chosen(self, constraint: Constraint, first: Draft, at: str, options: list[Json]) -> Iterator[Draft]:
        """The draft with each of these options, where it breaks the constraint still, and nothing else."""
        for option in options:
            body = replaced(first.body, at, option)
            is_alone = (self._ledger.broken(body) or {}).keys() == {constraint.id}
            if is_alone and not self._ledger.is_idle(constraint, body):
                words = f"{first.words}, {field(at)} is {option}"
                yield Draft(constraint, body, words, rank=1, lesson=(constraint.id, option))

    def _every_exact(self, constraint: Constraint) -> Iterator[Draft]:
        for bases in self._stages(constraint):
            yield from self._exact(constraint, bases[:_BASES_TRIED], 1)

    def _choices(self, constraint: Constraint, body: Json) -> Iterator[tuple[Constraint, str]]:
        """The enums that its conditions speak about, and where the body has an option of theirs."""
        model = self._bench.pack.behaviour.model
        for choice in self._bench.constraints:
            is_model = model is not None and choice.pointer == model.pointer
            if choice.keyword == "enum" and not is_model and self._decides(choice, constraint):
                yield from ((choice, at) for at in self._ledger.places(choice, body)[:1])

    @staticmethod
    def _decides(choice: Constraint, constraint: Constraint) -> bool:
        return any(speaks_of(each, choice.pointer) for each in constraint.conditions)

    def _cut_off(self, constraint: Constraint) -> Iterator[Draft]:
        """A fraction whose whole part would be right: for a service that cuts it off before it adds up."""
        is_part = (constraint.keyword, constraint.limit) == ("type", "integer") and "*" in constraint.pointer
        for basis in self._bench.bases if is_part else ():
            for at in self._ledger.places(constraint, basis.body)[-1:]:
                value = resolve(basis.body, at)
                body = replaced(basis.body, at, value + 0.5) if isinstance(value, int) else basis.body
                broken = self._ledger.broken(body) or {}
                # What is broken alone is a case already; here a sum does not come out either.
                others = [self._known[name] for name in broken if name != constraint.id]
                is_meant = len(others) + 1 == len(broken) > 1 and all(makes_no_sum(constraint, each) for each in others)
                if is_meant and not self._ledger.is_idle(constraint, body):
                    yield Draft(
                        constraint, body, f"{told(basis.body, body)} ({basis.name})", rank=1, lesson=("cut", at)
                    )

    def _isolated(self, constraint: Constraint, draft: Draft) -> Draft:
        """The draft without the one member that makes its body break what is implied too; itself when there is none."""
        for name in draft.body if constraint.keyword != "type" and isinstance(draft.body, Mapping) else ():
            less = removed(draft.body, join([name]))
            if (self._ledger.broken(less) or {}).keys() == {constraint.id}:
                return replace(draft, body=less, words=f"{draft.words}, without {name}")
        return draft

    @cached_property
    def _crossings(self) -> Mapping[str, list[Draft]]:
        """Bodies that break one constraint because a member of one example stands in another, or is missing."""
        found: dict[str, dict[Mode, Draft]] = {}
        for basis in self._bench.bases:
            for body in self._breaches.crossings(basis.body):
                broken = self._ledger.broken(body) or {}
                for name in broken if len(broken) == 1 else ():
                    constraint = self._known[name]
                    if not self._ledger.is_idle(constraint, body):
                        words = f"{told(basis.body, body)} ({basis.name})"
                        found.setdefault(name, {}).setdefault(basis.mode, Draft(constraint, body, words))
        return {name: list(drafts.values()) for name, drafts in found.items()}

    def _broken(self, constraint: Constraint, basis: Basis, tries: Iterator[Json]) -> Iterator[tuple[Draft, bool]]:
        """Of these bodies those that break the constraint, and whether it is the only one that they break."""
        seen = set()
        for made in tries:
            for body in self._bench.mended(made, constraint):
                broken = self._ledger.broken(body)
                if broken is None or not is_confined(broken, constraint, self._known):
                    continue
                if self._ledger.is_idle(constraint, body):
                    continue
                if same_as(body) not in seen:
                    seen.add(same_as(body))
                    shown = lesson(constraint.pointer, constraint.keyword, resolve(body, broken[constraint.id][0]))
                    draft = Draft(constraint, body, f"{told(basis.body, body)} ({basis.name})", lesson=shown)
                    yield draft, len(broken) == 1
                break

    # Accepted

    def accepted(self, constraint: Constraint) -> Iterator[Draft]:
        """Bodies that keep the constraint and stand on its boundary, spread over the kinds of job in which it binds."""
        stages = self._bench.stages(constraint)
        bases = [basis for stage in stages for basis in stage[:1]]
        others = [basis for stage in stages for basis in stage[1:_BASES_TRIED]]
        model = self._bench.pack.behaviour.model
        if model is not None and constraint.pointer == model.pointer:
            # Models may differ in what else they take, whatever a page says: each is asked for the least.
            bases = bases[:1]
        if not bases:
            yield from islice(self._put(constraint), 1)
        elif is_promise(constraint):
            yield from (self._more(constraint, basis) for basis in bases)
        elif constraint.rule is not None:
            yield from self._satisfied(constraint, bases[0])
        else:
            at = self._ledger.places(constraint, bases[0].body)[0]
            limit = self._breaches.limit(constraint, resolve(bases[0].body, at))
            for number in range(sum(1 for _ in boundary(limit))):
                turned = [*bases[number % len(bases) :], *bases[: number % len(bases)], *others]
                drafts = (self._kept(constraint, basis, number) for basis in turned)
                yield from islice((draft for draft in drafts if draft is not None), 1)

    def _kept(self, constraint: Constraint, basis: Basis, number: int) -> Draft | None:
        """The body with the boundary's value of this number."""
        at = self._ledger.places(constraint, basis.body)[-(number % 2)]
        limit = self._breaches.limit(constraint, resolve(basis.body, at))
        value = next(islice(boundary(limit), number, None), _ABSENT)
        if value is _ABSENT:
            return None
        if self._bench.is_tied(at, basis.body):
            return None
        for body in self._bench.mended(replaced(basis.body, at, value), constraint):
            if _is_still(resolve(body, at), value) and self._is_kept(constraint, body):
                return Draft(constraint, body, f"{told(basis.body, body)} ({basis.name})")
        return None

    def _put(self, constraint: Constraint) -> Iterator[Draft]:
        """The boundary's value where no valid body has one: an empty list of what must not be there."""
        values = list(boundary(self._breaches.limit(constraint, None)))
        for basis in self._bench.bases:
            for value in values if "*" not in constraint.pointer else ():
                body = replaced(basis.body, constraint.pointer, value)
                if self._is_kept(constraint, body):
                    yield Draft(constraint, body, f"{told(basis.body, body)} ({basis.name})")

    def _more(self, constraint: Constraint, basis: Basis) -> Draft:
        at = self._ledger.places(constraint, basis.body)[0]
        members = resolve(basis.body, at, basis.body)
        body = replaced(basis.body, at, {**members, "understudy_extra": {"note": "a member that nobody documents"}})
        return Draft(constraint, body, f"with a member that is not documented ({basis.name})")

    def _is_kept(self, constraint: Constraint, body: Json) -> bool:
        is_asked = bool(self._ledger.places(constraint, body)) and not self._ledger.is_idle(constraint, body)
        return is_asked and self._ledger.is_plain(body) and self._bench.is_even(body)

    def _satisfied(self, constraint: Constraint, basis: Basis) -> Iterator[Draft]:
        rule = constraint.rule
        assert rule is not None  # noqa: S101 - only rules are satisfied
        made = rule.rule.satisfy(basis.body, constraint.keyword)
        kept = (each for each in made if rule.applies(each) and self._is_kept(constraint, each))
        for body in islice(kept, _KEPT_WAYS.get(constraint.keyword, _KEPT_WAYS_ELSE)):
            yield Draft(constraint, body, f"{told(basis.body, body)} ({basis.name})")


def _is_still(value: Json, wanted: Json) -> bool:
    """Whether the boundary's value stands there; of a list its length is the boundary, and items may follow a rule."""
    both_lists = isinstance(value, list) and isinstance(wanted, list)
    return len(value) == len(wanted) if both_lists else same_as(value) == same_as(wanted)
