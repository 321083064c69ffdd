"""Ways to break one constraint in a valid body: what is tried, before anybody asks what else it breaks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import cycle, islice

from contracts.cases.bench import Bench
from contracts.cases.outside import Limit, outside
from contracts.cases.synthesis import fitted, sample, schema_at
from contracts.cases.words import name_of, recombined
from specs.constraint import Constraint
from specs.keywords import WHOLE, named_member
from specs.pointers import Json, join, removed, replaced, resolve, split
from specs.rules.totals import SumEquals, number
from specs.validation import NO_FACTS

_ABSENT = object()
# What a part that is missing counts for at one service or another: the least, nothing, a usual length.
_COUNTED_FOR = (1, 0, 5)
# What counts as nothing at one service or another.
_NOTHINGS: tuple[Json, ...] = (None, "", [])


class Breaches:
    """What can be tried against the constraints of one operation; `words` are what others take for a member."""

    def __init__(self, bench: Bench, words: Mapping[str, Collection[str]]) -> None:
        self._bench = bench
        self._words = words
        self._types: dict[str, set[str]] = {}
        self._options: dict[str, list[str]] = {}
        for each in bench.constraints:
            if each.keyword == "type":
                self._types.setdefault(each.pointer, set()).update(_listed(each.limit))
            elif each.keyword == "enum":
                self._options.setdefault(each.pointer, []).extend(map(str, each.limit))

    def limit(self, constraint: Constraint, value: Json) -> Limit:
        """The constraint's limit beside a value that keeps it."""
        place, keyword = constraint.pointer, constraint.keyword
        types = set(_listed(constraint.limit)) if keyword == "type" else self._types.get(place, set())
        options = self._options.get(place, [])
        words = dict.fromkeys([*options, *self._words.get(name_of(place), ()), *recombined(options, self._words)])
        return Limit(
            keyword,
            constraint.limit,
            value,
            types,
            tuple(words),
            is_word=self._is_looked_up(place, options),
            is_prose=place in self._bench.prose,
        )

    def _is_looked_up(self, place: str, options: list[str]) -> bool:
        """Whether a service looks for the text: among words, or among the ids that it knows."""
        is_word = bool(options) and not all(each.isdecimal() for each in options)
        return is_word or place == self._bench.pack.behaviour.external_id

    def of(self, constraint: Constraint, body: Json) -> Iterator[Json]:
        """Bodies that break the constraint, the most telling first; they may break others too."""
        if constraint.rule is not None:
            return constraint.rule.rule.break_(body, constraint.keyword)
        if constraint.keyword == "required":
            return self._without(constraint, body)
        if constraint.keyword == "not":
            return self._forbidden(constraint, body)
        if constraint.keyword in WHOLE:
            return self._unchosen(constraint, body)
        return self._replaced(constraint, body)

    def at_last(self, constraint: Constraint, body: Json) -> Iterator[Json]:
        """The same, in the last place where the value stands."""
        for at in self._bench.ledger.places(constraint, body)[-1:]:
            for value in outside(self.limit(constraint, resolve(body, at))):
                yield replaced(body, at, value)

    def _places(self, constraint: Constraint, body: Json) -> list[str]:
        """Where the value stands; in a list the first and the last of them."""
        places = self._bench.ledger.places(constraint, body)
        return [*places[:1], *places[1:][-1:]]

    def _without(self, constraint: Constraint, body: Json) -> Iterator[Json]:
        member = join(split(constraint.pointer)[-1:])
        places = [at + member for at in self._places(constraint, body)]
        yield from (removed(body, at) for at in places[:1])
        yield from (less for at in places[-1:] for less in self._uncounted(at, body))
        yield from (removed(body, at) for at in places[1:])

    def _uncounted(self, at: str, body: Json) -> Iterator[Json]:
        """Without a part of a whole that comes out all the same, if a service counts what is missing for something."""
        yield from (removed(each, at) for count in _COUNTED_FOR for each in self._evened(at, body, count))

    def _evened(self, at: str, body: Json, count: int) -> Iterator[Json]:
        """The body with this number as the part of a whole that comes out; nothing where no part stands."""
        for rule in self._bench.contract.rules if number(resolve(body, at)) is not None else ():
            if rule.rule.kind == SumEquals.kind and rule.applies(body):
                part = str(count) if isinstance(resolve(body, at), str) else count
                evened = rule.rule.repair(replaced(body, at, part))
                kept = (each for each in evened if resolve(each, at) == part and not rule.rule.check(each, NO_FACTS))
                yield from islice(kept, 1)

    def _counted(self, at: str, body: Json, value: Json) -> Json:
        """The body with the value there; to who adds up a truth value as 1 or 0, the whole comes out all the same."""
        evened = self._evened(at, body, int(value)) if isinstance(value, bool) else iter(())
        return replaced(next(evened, body), at, value)

    def _replaced(self, constraint: Constraint, body: Json) -> Iterator[Json]:
        places = self._places(constraint, body)
        if not places:
            yield from self._bench.grafts(constraint.pointer, body)
            return
        # First and last in turn: a service that looks at the first one alone is found, with no more cases.
        values = outside(self.limit(constraint, resolve(body, places[0])))
        for index, (at, value) in enumerate(zip(cycle(places), values, strict=False)):
            yield self._counted(at, body, value)
            if index == 1 and constraint.keyword == "type":
                yield from self._unlisted(places[0], body)

    def _unlisted(self, at: str, body: Json) -> Iterator[Json]:
        """An item in place of its list, in a body that would be right with a list of that item alone."""
        items = resolve(body, at)
        if isinstance(items, list) and len(items) > 1:
            alone = self._bench.mended(replaced(body, at, items[:1]))
            yield from (replaced(each, at, items[0]) for each in alone if self._bench.ledger.is_plain(each))

    def _forbidden(self, constraint: Constraint, body: Json) -> Iterator[Json]:
        """What must not be there is put there, as an example has it, or as its schema would take it."""
        yield from self._bench.grafts(constraint.pointer, body)
        tokens = split(constraint.pointer)
        for at in self._places(constraint, body):
            if constraint.limit is True:
                value = sample(schema_at(self._bench.contract.schema, tokens) or {"type": "string"})
                yield replaced(body, at + join(tokens[-1:]), value)
            else:
                yield replaced(body, at, fitted(resolve(body, at, body), constraint.limit))

    def _unchosen(self, constraint: Constraint, body: Json) -> Iterator[Json]:
        """Nothing of what could be chosen: the members that the branches name are left out, null or empty."""
        names = {name: None for each in _listed(constraint.limit) for name in _required(each)}
        if named_member(constraint.keyword, constraint.limit) is None:
            for at in self._places(constraint, body):
                yield from (replaced(body, at, value) for value in (*_NOTHINGS, "understudy", 0, {}, ["understudy"]))
            return
        for at in self._places(constraint, body):
            for nothing in (_ABSENT, *_NOTHINGS):
                less = body
                for name in names:
                    place = at + join([name])
                    less = removed(less, place) if nothing is _ABSENT else replaced(less, place, nothing)
                yield less

    def crossings(self, body: Json) -> Iterator[Json]:
        """The body with one member taken out, or one of another example put in: some of these break something."""
        for name in body:
            yield removed(body, join([name]))
        for name in self._bench.members:
            if body.get(name) in (None, "", []):
                yield from self._bench.grafts(join([name]), removed(body, join([name])) if name in body else body)


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _required(schema: Json) -> list[str]:
    return list(schema.get("required", ())) if isinstance(schema, Mapping) else []
