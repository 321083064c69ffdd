"""The jobs that clients are given: valid bodies of every kind, those first that show what none before them has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from random import Random

import orjson

from contracts.cases import accepted_cases
from contracts.cases.case import Case
from contracts.cases.writing import mixed_text
from contracts.scenarios.traits import most_telling_first
from specs.pack import Operation, Pack
from specs.pointers import Json, finder, replaced
from specs.validation import BodyContract

# Larger bodies say no more about a client, and take long to carry.
BODY_BYTES_MAX = 200_000
_ACCEPTED = "status.accepted"
# RFC 8259, section 6: beyond it, programs that keep numbers as floating-point ones read another number.
INTEGER_MAX = 2**53 - 1
_TEXTS = (
    mixed_text(160),
    "\"'`\\ {x} ${HOME} $(date) %s %41 <b>&amp;</b> #1; a=b&c=d+e /* * */\n\tand a second line",
    "  Two blanks before, a line's end behind\n",
    "\u201ca\u0301\u200b\u202eabc\u202c \ufeff \u2028\u2029 \U0001f469\u200d\U0001f680",
)


class Jobs:
    """Bodies by operation, each given out in turn."""

    def __init__(self, pack: Pack, seed: int) -> None:
        self._bodies: dict[str, list[Json]] = {}
        for case in accepted_cases(pack, seed, run=f"client-{seed}"):
            operation = pack.operations[case.operation]
            if _is_job(case, operation):
                self._bodies.setdefault(case.operation, []).append(case.body)
        for operation in pack.operations.values():
            if operation.id in self._bodies:
                self._bodies[operation.id] += _unusual(pack, operation)
        examples = {each.id: len(each.examples) for each in pack.operations.values()}
        for name, bodies in self._bodies.items():
            self._bodies[name] = [*_plainest_first(bodies, examples[name], Random(f"jobs:{seed}:{name}"))]
        self._given = dict.fromkeys(self._bodies, 0)

    def plain(self, operation: str) -> Json:
        """The simplest body of an operation."""
        return min(self._bodies[operation], key=lambda body: len(orjson.dumps(body)))

    def next(self, operation: str) -> Json:
        """The next body of an operation; after the last one the first again."""
        bodies = self._bodies[operation]
        self._given[operation] += 1
        return bodies[(self._given[operation] - 1) % len(bodies)]

    def all(self, operation: str) -> tuple[Json, ...]:
        """Every body of an operation."""
        return tuple(self._bodies[operation])

    @property
    def operations(self) -> tuple[str, ...]:
        """Those that there are jobs for."""
        return tuple(self._bodies)


def _unusual(pack: Pack, operation: Operation) -> Iterator[Json]:
    """Examples with texts in their prompts that escapes, encodings and shells may spoil: each text in each prompt."""
    for pattern in pack.behaviour.prompts:
        places = [(body, at) for body in operation.examples.values() for at, text in finder(pattern)(body) if text]
        for number, text in enumerate(_TEXTS if places else ()):
            turn = number % len(places)
            changed = (replaced(body, at, text) for body, at in (*places[turn:], *places[:turn]))
            yield from islice((each for each in changed if _is_plain(operation, each)), 1)


def _is_plain(operation: Operation, body: Json) -> bool:
    """Whether the body keeps the contract as it is written."""
    judged, broken = operation.body.judge(body) if operation.body is not None else (None, [])
    return judged is body and not broken


def _plainest_first(bodies: list[Json], examples: int, random: Random) -> Iterator[Json]:
    """The examples as they stand; then all others."""
    yield from bodies[:examples]
    yield from most_telling_first(bodies[examples:], bodies[:examples], random)


def _is_job(case: Case, operation: Operation) -> bool:
    if case.expects != "accepted" or case.law != _ACCEPTED or case.raw is not None or case.repeat:
        return False
    if not isinstance(case.body, Mapping) or operation.body is None or case.credentials != "key":
        return False
    text = orjson.dumps(case.body)
    if len(text) > BODY_BYTES_MAX or not is_read_by_all(case.body):
        return False
    # No shell can hold a NUL.
    return b"\\u0000" not in text and is_documented(operation.body, case.body)


def is_read_by_all(body: Json) -> bool:
    """Whether every reader of JSON reads the same numbers in the body."""
    if isinstance(body, Mapping):
        return all(map(is_read_by_all, body.values()))
    if isinstance(body, list):
        return all(map(is_read_by_all, body))
    return not isinstance(body, int) or abs(body) <= INTEGER_MAX


def is_documented(contract: BodyContract, body: Mapping[str, Json]) -> bool:
    """Whether the contract knows every member at the top: no client can be asked to send others."""
    return not set(body) - set(_members(contract.schema))


def _members(schema: Json) -> Iterable[str]:
    return schema.get("properties", {}) if isinstance(schema, Mapping) else ()
