"""The order of steps from a call to an answer: the only place where it is decided.

route → account → content type and JSON → model, schema and rules → balance, throttle, concurrency → act. Each step either
lets the call pass or names the situation in which the vendor says no; none of them knows HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from mockserver.acting import act
from mockserver.admission import admit
from mockserver.identity import call_id, draw
from mockserver.messages import Answer, Entry
from mockserver.rendering import Scene
from specs.violations import Violation

if TYPE_CHECKING:
    from mockserver.accounts import Limits
    from mockserver.clock import Clock
    from mockserver.messages import Call
    from mockserver.store import Store
    from mockserver.vendor import Endpoint, Response, Vendor
    from specs.pointers import Json


@dataclass(slots=True)
class World:
    """What all calls share: the store, the seed, the limits of named accounts, and the switches of the server."""

    store: Store
    seed: bytes
    limits: Mapping[str, Limits]
    directives: bool
    public_url: str | None
    body_max: int


class Turn:
    """One call on its way through the steps."""

    __slots__ = (
        "account", "body", "call", "clock", "endpoint", "label", "mode", "ordinal", "parameters",
        "query", "scene", "store", "task_id", "trouble", "vendor", "violations", "world",
    )  # fmt: skip

    def __init__(self, vendor: Vendor, call: Call, world: World, wall_ms: int) -> None:
        self.vendor, self.call, self.world, self.store = vendor, call, world, world.store
        self.account, self.trouble = vendor.accounts.read(call.headers, wall_ms / 1000)
        opened = world.store.open_call(self.account)
        self.ordinal = opened.ordinal
        self.clock: Clock = world.store.clock()
        self.mode = opened.mode or self.clock.mode
        now_ms = self.clock.now_ms(wall_ms) + opened.offset_ms
        self.scene = Scene(vendor, call, draw(world.seed, self.account, opened.ordinal), now_ms)
        self.scene.by_polls = self.mode == "polls"
        self.scene.limit_bytes = world.body_max
        self.endpoint: Endpoint | None = None
        self.parameters: Mapping[str, str] = {}
        self.query: Mapping[str, Json] = {}
        self.body: Json = None
        self.violations: list[Violation] = []
        self.task_id: str | None = None

    def taken(self, pointer: str, value: str) -> bool:
        """Whether another task of the account carries the client's id: what the rules may ask."""
        del pointer
        return self.store.find_external(self.account, self.vendor.name, value) is not None


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


def read_query(turn: Turn) -> str | None:
    """Query parameters, for the operations that have any."""
    contract = turn.endpoint.query if turn.endpoint else None
    if contract is None:
        return None
    turn.query, turn.violations = contract.judge(turn.call.query)
    return "request_invalid" if turn.violations else None


def _broken(turn: Turn, rule: str, message: str, situation: str) -> str:
    turn.violations = [Violation("", rule, message)]
    return situation


def read_body(turn: Turn) -> str | None:
    """Content type and JSON, for the operations that take a body."""
    endpoint = turn.endpoint
    if endpoint is None or endpoint.operation.body is None:
        return None
    call = turn.call
    if call.body is None:
        return _broken(turn, "maxBytes", f"body must be at most {turn.world.body_max} bytes", "body_too_large")
    content_type = next((value for name, value in call.headers if name == b"content-type"), b"")
    if content_type != b"application/json":
        media_type = content_type.split(b";", 1)[0].strip().lower()
        required = turn.vendor.pack.behaviour.content_type_required
        if media_type != b"application/json" and (media_type or required):
            seen = media_type.decode("latin-1") or "missing"
            return _broken(turn, "contentType", f"Content-Type must be application/json, it is {seen}", "content_type")
    try:
        turn.body = orjson.loads(call.body)
    except orjson.JSONDecodeError as problem:
        return _broken(turn, "json", f"body is not valid JSON ({problem})", "json_malformed")
    return None


def judge_body(turn: Turn) -> str | None:
    """Model, schema and rules; the journal gets every violation, the answer names the first."""
    endpoint = turn.endpoint
    if endpoint is None or endpoint.operation.body is None:
        return None
    turn.body, violations = endpoint.operation.body.judge(turn.body, turn)
    if not violations:
        return None
    turn.violations = violations
    model = turn.vendor.pack.behaviour.model
    if model is None:
        return "request_invalid"
    at_model = [violation for violation in violations if violation.pointer == model.pointer]
    if not at_model:
        return "request_invalid"
    turn.violations = at_model + [violation for violation in violations if violation not in at_model]
    sent = turn.body.get(model.pointer[1:]) if isinstance(turn.body, dict) else None
    if sent is None or sent == "":
        return model.missing or ("request_invalid" if sent is None else model.unknown)
    return model.unknown if isinstance(sent, str) else "request_invalid"


STEPS = (find_operation, know_account, read_query, read_body, judge_body, admit)


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
    situation = act(turn)
    if situation is not None:
        return refuse(turn, situation)
    endpoint = turn.endpoint
    assert endpoint is not None  # noqa: S101 - the first step has seen to it
    return endpoint.answers[turn.scene.state].write(turn.scene)


def refuse(turn: Turn, situation: str) -> Answer:
    """The vendor's no in this situation, naming the first violation."""
    if turn.violations:
        turn.scene.violation = turn.violations[0]
    refusals: Mapping[str, Response] = turn.endpoint.refusals if turn.endpoint else turn.vendor.refusals
    return refusals[situation].write(turn.scene)


def _entry(turn: Turn, written: Answer) -> Entry:
    kept = turn.store.bounds.body_bytes
    call, endpoint = turn.call, turn.endpoint
    body = call.body or b""
    return Entry(
        call_id(turn.scene.drawn),
        turn.scene.now_ms,
        turn.account,
        turn.vendor.name,
        endpoint.operation.id if endpoint else None,
        call.method,
        call.path,
        written.status,
        turn.task_id,
        tuple(turn.violations),
        None,
        body if len(body) <= kept else body[:kept],
        written.body,
    )
