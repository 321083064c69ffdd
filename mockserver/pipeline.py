"""The order of steps from a call to an answer: the only place where it is decided.

route → account → content type and JSON → model, schema and rules → balance, throttle, concurrency → act. Each step either
lets the call pass or names the situation in which the vendor says no; none of them knows HTTP.
"""

from __future__ import annotations

from mockserver.accounts import redact
from mockserver.acting import act
from mockserver.admission import admit
from mockserver.identity import call_token
from mockserver.messages import Answer, Call, Entry
from mockserver.reading import judge_body, read_body, read_query
from mockserver.turn import Turn, World
from mockserver.vendor import Vendor


def find_operation(turn: Turn) -> str | None:
    """Route: the path must exist, then the method on it."""
    found = turn.vendor.routes.find(turn.call.method, turn.call.path)
    if found.endpoint is None:
        turn.scene.allow = found.allow
        return "method_unknown" if found.allow else "route_unknown"
    turn.endpoint, turn.parameters = found.endpoint, found.parameters
    return None


def know_account(turn: Turn) -> str | None:
    """Account: 401 or 403 before anything in the call is looked at."""
    return turn.trouble


STEPS = (find_operation, know_account, read_query, read_body, judge_body, admit, act)


def answer(vendor: Vendor, call: Call, world: World, wall_ms: int) -> tuple[Answer, Entry]:
    """What the vendor answers to the call at this wall time, and the journal's entry about it."""
    turn = Turn(vendor, call, world, wall_ms)
    try:
        written = _answer(turn)
        entry = _entry(turn, written)
        world.store.close_call(turn.account, entry)
    except BaseException:
        world.store.abort_call()
        raise
    return written, entry


def _answer(turn: Turn) -> Answer:
    for step in STEPS:
        situation = step(turn)
        if situation is not None:
            return refuse(turn, situation)
    scene = turn.scene
    return turn.routed.answers[scene.state].write(scene)


def refuse(turn: Turn, situation: str) -> Answer:
    """The vendor's no in this situation, naming the first violation."""
    if turn.violations:
        turn.scene.violation = turn.violations[0]
    refusals = turn.endpoint.refusals if turn.endpoint else turn.vendor.refusals
    return refusals[situation].write(turn.scene)


def _entry(turn: Turn, written: Answer) -> Entry:
    call, endpoint = turn.call, turn.endpoint
    body, kept = call.body or b"", turn.store.bounds.body_bytes
    return Entry(
        call_token(turn.scene.drawn),
        turn.scene.now_ms,
        redact(turn.account),
        turn.vendor.name,
        endpoint.operation.id if endpoint else None,
        call.method,
        call.path,
        written.status,
        turn.task_id,
        tuple(turn.violations) if turn.violations else (),
        None,
        body if len(body) <= kept else body[:kept],
        written.body,
    )
