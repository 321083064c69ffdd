"""One call on its way through the steps: what is known of it so far, and the world that it is answered in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from mockserver.accounts import Limits
from mockserver.endpoint import Endpoint
from mockserver.fault_rules import FaultRule
from mockserver.faults import Fault
from mockserver.identity import call_token
from mockserver.mail import Mail
from mockserver.messages import Call
from mockserver.scene import Scene
from mockserver.store import Store
from mockserver.vendor import Vendor
from specs.pointers import Json
from specs.violations import Violation

_NOTHING: Mapping[str, Json] = MappingProxyType({})


class World(NamedTuple):
    """What all calls share: the store, the seed, limits of named accounts, the server's switches, and its webhooks."""

    store: Store
    seed: bytes
    limits: Mapping[str, Limits]
    directives: bool
    public_url: str | None
    body_max: int
    mail: Mail
    scenario: tuple[FaultRule, ...] = ()
    """Faults that every account meets, each counted anew for it."""


class Turn(Scene):
    """Each step reads what the steps before it have found, and adds its own; the answer's template reads it last."""

    endpoint: Endpoint | None = None
    routed: Endpoint
    """The endpoint, for steps behind the first one, which sets it."""
    parameters: Mapping[str, str] = _NOTHING
    query: Mapping[str, Json] = _NOTHING
    body: Json = None
    violations: Sequence[Violation] = ()
    task_id: str | None = None
    fault: Fault | None = None
    """The fault that the call meets."""
    marked: str | None = None
    """The fault that an earlier call left on the task, if it shows in this one."""

    def __init__(self, vendor: Vendor, call: Call, world: World, wall_ms: int) -> None:
        store = world.store
        caller = vendor.accounts.read(call.headers, wall_ms / 1000)
        opened = store.open_call(caller.account)
        clock = store.clock()
        ordinal = opened.ordinal
        # The members of Scene are set here, not by its __init__: this is the path of every call.
        self.voice = vendor.voice
        self.call = call
        self.token = call_token(caller.mark, ordinal)
        self.now_ms = clock.now_ms(wall_ms) + opened.offset_ms
        self.by_polls = (opened.mode or clock.mode) == "polls"
        self.vendor = vendor
        self.world = world
        self.store = store
        self.clock = clock
        self.caller = caller
        self.account = caller.account
        self.ordinal = ordinal
        self.is_faulty = opened.has_faults or bool(world.scenario)

    def taken(self, pointer: str, value: str) -> bool:
        """Whether another task of the account carries the client's id: what the rules may ask."""
        del pointer
        return self.store.find_external(self.account, self.vendor.name, value) is not None
