"""The order of steps from a call to an answer: the only place where it is decided.

route → account → content type and JSON → model, schema and rules → balance, throttle, concurrency → act. Each step
either lets the call pass or names the situation in which the vendor says no; none of them knows HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product, starmap
from types import MappingProxyType
from typing import TypeAlias

from mockserver.acting import list_page, poll, submit
from mockserver.admission import admit
from mockserver.endpoint import EndpointKind
from mockserver.messages import Answer, Call, Entry
from mockserver.reading import judge_body, read_body, read_query
from mockserver.turn import Turn, World
from mockserver.vendor import Vendor

Step: TypeAlias = Callable[[Turn], str | None]


def find_operation(turn: Turn) -> str | None:
    """Route: the path must exist, then the method on it."""
    found = turn.vendor.routes.find(turn.call.method, turn.call.path)
    if found.endpoint is None:
        turn.allow = found.allow
        return "method_unknown" if found.allow else "route_unknown"
    turn.endpoint = turn.routed = found.endpoint
    turn.parameters = found.parameters
    return None


ACTS: Mapping[str, Step] = MappingProxyType({"submit": submit, "poll": poll, "list": list_page})


def steps_of(kind: EndpointKind) -> tuple[Step, ...]:
    """What the calls of such an operation go through behind route and account, in order."""
    reads_query = (read_query,) if kind.has_query else ()
    reads_body = (read_body, judge_body) if kind.has_body else ()
    return (*reads_query, *reads_body, admit, ACTS[kind.role])


_NEW = tuple.__new__
_EITHER = (False, True)
_STEPS = MappingProxyType({kind: steps_of(kind) for kind in starmap(EndpointKind, product(ACTS, _EITHER, _EITHER))})


def answer(vendor: Vendor, call: Call, world: World, wall_ms: int) -> tuple[Answer, Entry]:
    """What the vendor answers to the call at this wall time, and the journal's entry about it."""
    store = world.store
    try:
        turn = Turn(vendor, call, world, wall_ms)
        # 401 or 403 comes before anything else in the call is looked at.
        situation = find_operation(turn) or turn.caller.situation
        if situation is None:
            endpoint = turn.routed
            for step in _STEPS[endpoint.kind]:
                situation = step(turn)
                if situation is not None:
                    break
        written = endpoint.answers[turn.state].write(turn) if situation is None else refuse(turn, situation)
        entry = _entry(turn, written)
        store.close_call(turn.account, entry)
    except BaseException:
        store.abort_call()
        raise
    return written, entry


def refuse(turn: Turn, situation: str) -> Answer:
    """The vendor's no in this situation, naming the first violation."""
    if turn.violations:
        turn.violation = turn.violations[0]
    refusals = turn.endpoint.refusals if turn.endpoint else turn.vendor.refusals
    return refusals[situation].write(turn)


def _entry(turn: Turn, written: Answer) -> Entry:
    call, endpoint = turn.call, turn.endpoint
    kept = turn.store.bounds.body_bytes
    body, answered = call.body or b"", written.body
    # As tuples are made: the constructor of a named one is a call of its own.
    return _NEW(
        Entry,
        (
            turn.token,
            turn.now_ms,
            turn.caller.label,
            turn.vendor.name,
            endpoint.operation.id if endpoint is not None else None,
            call.method,
            call.path,
            written.status,
            turn.task_id,
            tuple(turn.violations) if turn.violations else (),
            None,
            body if len(body) <= kept else body[:kept],
            answered if len(answered) <= kept else answered[:kept],
        ),
    )
