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
from mockserver.identity import call_token
from mockserver.messages import Answer, Call, Entry
from mockserver.playing import choose, label, play
from mockserver.reading import judge_body, read_body, read_query
from mockserver.scene import Scene
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
        if situation is not None:
            written = refuse(turn, situation)
        else:
            written = _go_on(turn) if not turn.is_faulty else _go_on_faultily(turn)
        entry = _entry(turn, written)
        store.close_call(turn.account, entry)
    except BaseException:
        store.abort_call()
        raise
    return written, entry


def _go_on(turn: Turn) -> Answer:
    """The steps behind route and account, and the answer at their end."""
    endpoint = turn.routed
    for step in _STEPS[endpoint.kind]:
        situation = step(turn)
        if situation is not None:
            return refuse(turn, situation)
    return endpoint.answers[turn.state].write(turn)


def _go_on_faultily(turn: Turn) -> Answer:
    """The same where there are faults: this call's own, or one that an earlier call left on the task."""
    fault = choose(turn)
    written = play(turn, fault, _go_on) if fault is not None else _go_on(turn)
    label(turn, written)
    return written


def refuse(turn: Turn, situation: str) -> Answer:
    """The vendor's no in this situation, naming the first violation."""
    if turn.violations:
        turn.violation = turn.violations[0]
    refusals = turn.endpoint.refusals if turn.endpoint else turn.vendor.refusals
    return refusals[situation].write(turn)


def answer_without_store(vendor: Vendor, call: Call, wall_ms: int) -> tuple[Answer, Entry]:
    """What the vendor answers while nothing can be remembered: that it is unavailable. No journal has the entry."""
    caller = vendor.accounts.read(call.headers, wall_ms / 1000)
    scene = Scene(vendor.voice, call, call_token(caller.mark, wall_ms), wall_ms, by_polls=False)
    endpoint = vendor.routes.find(call.method, call.path).endpoint
    refusals = endpoint.refusals if endpoint is not None else vendor.refusals
    written = refusals["service_unavailable"].write(scene)
    operation = endpoint.operation.id if endpoint is not None else None
    who = (scene.token, wall_ms, caller.label, vendor.name, operation, call.method, call.path)
    return written, Entry(*who, written.status, None, (), None, call.body or b"", written.body)


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
            turn.fault.name if turn.fault is not None else turn.marked,
            body if len(body) <= kept else body[:kept],
            answered if len(answered) <= kept else answered[:kept],
        ),
    )
