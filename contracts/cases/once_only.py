"""Cases about values that an account may use once: twice, at the same time, after a refusal, in another operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contracts.cases.bench import Basis, Bench
from contracts.cases.case import Case
from specs.constraint import Constraint
from specs.pointers import Json, join, replaced, split
from specs.rules.uniqueness import UniqueInAccount

_NO_OPTION = "understudy"
# So many at once that a service which looks first and remembers later looks several times before it remembers.
_AT_ONCE = 4


def once_only_cases(benches: list[Bench]) -> Iterator[Case]:
    """For each such value of each operation."""
    found = [(bench, law, basis) for bench in benches for law, basis in _laws(bench)]
    for number, (bench, law, basis) in enumerate(found):
        yield from _twice(bench, law, basis)
        yield _at_once(bench, law, basis)
        yield from _freed(bench, law, basis)
        elsewhere = [each for each in found[:number] if each[0] is not bench and each[1].pointer == law.pointer]
        for other, _, body in elsewhere[:1]:
            before = _plain(other, None, body.body, f"a job that has the {law.pointer} ({body.name})")
            words = f"the same {law.pointer} as a job of another operation ({basis.name})"
            yield _refused(_plain(bench, law, basis.body, words), before)


def _laws(bench: Bench) -> Iterator[tuple[Constraint, Basis]]:
    for each in bench.constraints:
        stages = bench.stages(each) if each.keyword == UniqueInAccount.kind else []
        yield from ((each, basis) for basis in (stages[0][:1] if stages else ()))


def _plain(bench: Bench, law: Constraint | None, body: Json, words: str) -> Case:
    return Case(
        operation=bench.operation.id,
        expects="accepted",
        words=words,
        law="status.accepted" if law is not None else "",
        constraint=law.id if law is not None else None,
        body=body,
    )


def _refused(case: Case, *before: Case) -> Case:
    return replace(case, expects="refused", law="status.refused", situation="request_invalid", before=before)


def _twice(bench: Bench, law: Constraint, basis: Basis) -> Iterator[Case]:
    """The same value twice; and the empty one, which is none."""
    at = law.pointer
    yield replace(_refused(_plain(bench, law, basis.body, f"the same {at} twice ({basis.name})")), repeat=True)
    empty = replaced(basis.body, at, "")
    if bench.ledger.is_plain(empty):
        yield replace(_plain(bench, law, empty, f"an empty {at} twice ({basis.name})"), repeat=True)


def _at_once(bench: Bench, law: Constraint, basis: Basis) -> Case:
    """One of them is taken, nobody knows which."""
    case = _plain(bench, law, basis.body, f"one {law.pointer} {_AT_ONCE} times in the same moment ({basis.name})")
    return replace(case, expects="either", law="status.refused", at_once=_AT_ONCE)


def _freed(bench: Bench, law: Constraint, basis: Basis) -> Iterator[Case]:
    """A job that is refused is no task: what it carried is free."""
    model = bench.pack.behaviour.model.pointer if bench.pack.behaviour.model is not None else None
    for each in bench.constraints:
        at_top = each.pointer == join(split(each.pointer)[:1])
        if each.keyword != "enum" or not at_top or each.pointer == model:
            continue
        body = replaced(basis.body, each.pointer, _NO_OPTION)
        if (bench.ledger.broken(body) or {}).keys() == {each.id} and not bench.ledger.is_idle(each, body):
            before = _plain(
                bench, None, body, f"a job that has the {law.pointer}, and a {each.pointer} that is no option"
            )
            words = f"the {law.pointer} of a job that was refused ({basis.name})"
            yield replace(_plain(bench, law, basis.body, words), before=(replace(before, expects="refused"),))
            return
