"""What may be sent to a service that bills: calls that can't cost anything, and jobs, the cheapest first.

Law: what might be accepted is no free call. A request is free when whoever calls is not known, when it asks for
something, or when it lacks what a film is made of, as sources.yaml says under `live`. Any other job that has to be
refused is in doubt: a vendor that has changed may take it, so it is sent only while a submission may be billed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contracts.cases.case import Case, CaseBook
from contracts.judge import Promise
from specs.constraint import BODY
from specs.live import LiveFacts
from specs.pack import Operation, Pack
from specs.pointers import Json, finder, resolve
from specs.rules.uniqueness import UniqueInAccount

SUBMIT, LIST = "submit", "list"
_UNKNOWN_CALLERS = ("bad", "missing", "empty")
_MALFORMED = ("json_malformed",)
# What the vendor's own pages say, and nothing that we decided or know of its sisters.
_DOCUMENTED = ("documented", "elsewhere")
# The surest refusals first: should one of them be taken, those that are less sure are not sent any more.
_SURE = ("required", "type", "enum", "const")
_TYPE, _TYPES_MAX = ":type", 5
_SECONDS, _FRAME_CHARACTERS = 5.0, 10_000


@dataclass(frozen=True, slots=True)
class Probes:
    """The calls of one run: `safe` can't cost anything, those in `doubt` have to be refused, and might not be."""

    safe: tuple[Case, ...]
    doubt: tuple[Case, ...]


def make_probes(pack: Pack, book: CaseBook, promise: Promise, facts: LiveFacts) -> Probes:
    """The calls that are worth sending: one for each operation and situation, one or a few for each constraint."""
    plain = [case for case in book.cases if _is_plain(case)]
    submits = {each.id for each in pack.operations.values() if each.role == SUBMIT}
    safe = [case for case in plain if case.operation not in submits or case.credentials in _UNKNOWN_CALLERS]
    wrong = [case for case in plain if case.operation in submits and case.credentials == "key"]
    hopeless = [case for case in wrong if _is_hopeless(case, promise, facts)]
    doubt = [case for case in wrong if case not in hopeless and _is_documented(case, promise)]
    lists = (
        Case(operation=each.id, expects="accepted", words="a look at the list")
        for each in pack.operations.values()
        if each.role == LIST
    )
    ranked = sorted(_once(doubt), key=lambda each: _rank(promise, each))
    return Probes((*_once([*safe, *hopeless]), *lists), tuple(ranked))


def _is_plain(case: Case) -> bool:
    """Whether it is what a client might send, once, and has to be refused."""
    is_usual = case.method is None and not case.chunked and not case.is_drawn and not case.repeat and not case.before
    holds_key = case.authorization is not None and "{key}" in case.authorization
    return case.expects == "refused" and is_usual and not holds_key and case.credentials in ("key", *_UNKNOWN_CALLERS)


def _is_hopeless(case: Case, promise: Promise, facts: LiveFacts) -> bool:
    """Whether nobody could make a film of it."""
    if case.constraint is None:
        return case.raw is not None and case.situation in _MALFORMED
    constraint = promise.constraints.get(case.constraint)
    return constraint is not None and facts.is_free(constraint)


def _is_documented(case: Case, promise: Promise) -> bool:
    """Whether it breaks what the vendor's own pages say, and the body alone."""
    constraint = promise.constraints.get(case.constraint or "")
    if constraint is None or constraint.location != BODY or constraint.keyword == UniqueInAccount.kind:
        return False
    return promise.words.standing(constraint) in _DOCUMENTED


def _once(cases: Iterable[Case]) -> Iterator[Case]:
    """One case for each thing that may be wrong; of wrong types some more, because each is another door."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for case in cases:
        about = (case.operation, case.constraint or case.words, case.credentials)
        seen[about] += 1
        if seen[about] <= (_TYPES_MAX if (case.constraint or "").endswith(_TYPE) else 1):
            yield case


def _rank(promise: Promise, case: Case) -> int:
    constraint = promise.constraints.get(case.constraint or "")
    if constraint is None:
        return 0
    return 1 + (_SURE.index(constraint.keyword) if constraint.keyword in _SURE else len(_SURE))


# Jobs


def cost_rank(pack: Pack, operation: Operation, body: Json) -> tuple[float, int, int, int]:
    """What a job costs beside others: seconds of film, size of its picture, sound, the size of what is asked."""
    result = pack.behaviour.result
    seconds = _number(resolve(body, pack.behaviour.lifecycle.video_seconds))
    chosen = resolve(body, result.side_pointer) if result.side_pointer is not None else ""
    pixels = result.sides.get(str(chosen), min(result.sides.values(), default=0))
    is_loud = result.sound_pointer is not None and resolve(body, result.sound_pointer) in result.sound_values
    frames = sum(1 for pointer in operation.frames for _ in finder(pointer)(body))
    return (seconds, pixels, int(is_loud), frames * _FRAME_CHARACTERS + len(str(body)))


def _number(value: Json) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return _SECONDS
