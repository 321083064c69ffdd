"""One call on its way through the steps: what is known of it so far, and the world that it is answered in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mockserver.accounts import Limits
from mockserver.clock import Clock
from mockserver.endpoint import Endpoint
from mockserver.identity import draw
from mockserver.messages import Call
from mockserver.scene import Scene
from mockserver.store import Store
from mockserver.vendor import Vendor
from specs.pointers import Json
from specs.violations import Violation


@dataclass(frozen=True, slots=True)
class World:
    """What all calls share: the store, the seed, the limits of named accounts, and the switches of the server."""

    store: Store
    seed: bytes
    limits: Mapping[str, Limits]
    directives: bool
    public_url: str | None
    body_max: int


class Turn:
    """Each step reads what the steps before it have found, and adds its own."""

    __slots__ = (
        "account",
        "body",
        "call",
        "clock",
        "endpoint",
        "ordinal",
        "parameters",
        "query",
        "scene",
        "store",
        "task_id",
        "trouble",
        "vendor",
        "violations",
        "world",
    )

    def __init__(self, vendor: Vendor, call: Call, world: World, wall_ms: int) -> None:
        self.vendor, self.call, self.world = vendor, call, world
        store = self.store = world.store
        account, self.trouble = vendor.accounts.read(call.headers, wall_ms / 1000)
        opened = store.open_call(account)
        self.account, self.ordinal = account, opened.ordinal
        clock: Clock = store.clock()
        self.clock = clock
        drawn = draw(world.seed, account, opened.ordinal)
        by_polls = (opened.mode or clock.mode) == "polls"
        self.scene = Scene(vendor.voice, call, drawn, clock.now_ms(wall_ms) + opened.offset_ms, by_polls=by_polls)
        self.endpoint: Endpoint | None = None
        self.parameters: Mapping[str, str] = {}
        self.query: Mapping[str, Json] = {}
        self.body: Json = None
        self.violations: list[Violation] = []
        self.task_id: str | None = None

    @property
    def routed(self) -> Endpoint:
        """The endpoint, for steps behind the first one."""
        assert self.endpoint is not None  # noqa: S101 - the route is the first step
        return self.endpoint

    def taken(self, pointer: str, value: str) -> bool:
        """Whether another task of the account carries the client's id: what the rules may ask."""
        del pointer
        return self.store.find_external(self.account, self.vendor.name, value) is not None
