"""Makes proofs smaller: a body that shows a finding is sent again with less in it, for as long as it shows the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import replace

import orjson

from contracts.cases.case import Case
from contracts.cases.implied import is_confined
from contracts.cases.ledger import Ledger
from contracts.cases.stamping import Stamp
from contracts.exchange import KEY, Exchange
from contracts.finding import Finding
from specs.catalogue import catalogue
from specs.constraint import BODY
from specs.pack import Pack
from specs.pointers import Json, join, removed

TRIES_OF_ONE, TRIES_IN_ALL = 12, 96


class Confirmer:
    """Whether a body still keeps or breaks just the constraint that a case is about."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._ledgers: dict[str, Ledger] = {}
        self._known = {each.id: each for each in catalogue(pack)}

    def is_about(self, case: Case, body: Json) -> bool:
        """Whether the case with this body says the same about its constraint."""
        constraint, ledger = self._known.get(case.constraint or ""), self._ledger(case.operation)
        if constraint is None or constraint.location != BODY or ledger is None:
            return False
        if case.expects == "accepted":
            return ledger.is_plain(body) and constraint.id in ledger.kept(body)
        broken = ledger.broken(body)
        return broken is not None and is_confined(broken, constraint, self._known)

    def _ledger(self, name: str) -> Ledger | None:
        contract = self._pack.operations[name].body
        if contract is None:
            return None
        if name not in self._ledgers:
            own = [each for each in self._known.values() if each.operation == name and each.location == BODY]
            self._ledgers[name] = Ledger(contract, own)
        return self._ledgers[name]


class Shrinker:
    """Shrinks the proofs of one run, by so many requests and no more; `stamp` gives each its own ids."""

    def __init__(self, confirmer: Confirmer, stamp: Stamp, ask: Callable[[Case], Awaitable[Exchange]]) -> None:
        self._confirmer = confirmer
        self._stamp = stamp
        self._ask = ask
        self._left = TRIES_IN_ALL

    async def shrink(self, findings: Iterable[Finding], exchanges: Mapping[int, Exchange]) -> None:
        """Sends smaller bodies for every finding about a constraint; what they show is in the record then."""
        for finding in findings:
            shown = [exchanges[number] for number in finding.exchanges if number in exchanges]
            first = _telling(finding, shown) if finding.constraint is not None and shown else None
            case = _case_of(first) if first is not None else None
            if first is not None and case is not None:
                await self._shrink(case, first.status)

    async def _shrink(self, case: Case, status: int | None) -> None:
        tries = TRIES_OF_ONE
        for at in sorted(_places(case.body), key=lambda at: at.count("/")):
            smaller = replace(case, body=removed(case.body, at))
            if smaller.body == case.body or not self._confirmer.is_about(case, smaller.body):
                continue
            if not tries or not self._left:
                return
            tries, self._left = tries - 1, self._left - 1
            # An id that the account has used up with the larger body would be refused for that.
            if (await self._ask(self._stamp.one(smaller))).status == status:
                case = smaller


def smallest(shown: list[Exchange]) -> Exchange:
    """The exchange with the shortest request; one that chance made only where there is no other."""
    return min(shown, key=lambda each: (_is_drawn(each), len(each.request_body)))


def _telling(finding: Finding, shown: list[Exchange]) -> Exchange:
    """The smallest of those that were sent for the finding's own constraint: its words are about these."""
    own = [each for each in shown if each.purpose is not None and each.purpose.constraint == finding.constraint]
    return smallest(own or shown)


def _is_drawn(exchange: Exchange) -> bool:
    return exchange.purpose is not None and exchange.purpose.is_drawn


def with_smallest_first(finding: Finding, exchanges: Mapping[int, Exchange]) -> Finding:
    """The finding, told by its smallest request."""
    shown = [exchanges[number] for number in finding.exchanges if number in exchanges]
    if finding.constraint is None or not shown:
        return finding
    first = _telling(finding, shown).number
    others = tuple(number for number in finding.exchanges if number != first)
    return replace(finding, exchanges=(first, *others))


def _case_of(shown: Exchange) -> Case | None:
    """The case that was sent, when it was one about a constraint of an object in JSON, and was answered."""
    purpose = shown.purpose
    if purpose is None or purpose.constraint is None or shown.operation is None or shown.status is None:
        return None
    if shown.account != KEY:
        # By the first account it would be another question.
        return None
    try:
        body = orjson.loads(shown.request_body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(body, dict):
        return None
    return Case(
        operation=shown.operation,
        expects=purpose.expects,
        words=purpose.words,
        law=purpose.law,
        constraint=purpose.constraint,
        situation=purpose.situation,
        body=body,
        is_drawn=purpose.is_drawn,
    )


def _places(value: Json, at: str = "") -> Iterator[str]:
    for name, each in value.items() if isinstance(value, dict) else ():
        yield at + join([name])
        yield from _places(each, at + join([name]))
