"""A vendor made ready to answer: everything of its pack that can be worked out before the first call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mockserver.accounts import AccountReader, Limits
from mockserver.callbacks import Callbacks
from mockserver.endpoint import Compiler
from mockserver.identity import id_maker
from mockserver.rendering import binder
from mockserver.routes import Routes
from mockserver.tokens import TokenReader
from mockserver.voice import Voice
from specs.pack import Lifecycle, Pack
from specs.pointers import finder, split


class Pace(NamedTuple):
    """How long tasks take, in milliseconds: what is sure, and what luck and the video's length add."""

    queued_ms: float
    queued_span_ms: float
    running_ms: float
    running_span_ms: float
    video_second_ms: float

    @classmethod
    def of(cls, says: Lifecycle) -> Pace:
        """As the pack says it in seconds."""
        queued, running = says.queued_seconds, says.running_seconds
        seconds = (
            queued[0],
            queued[1] - queued[0],
            running[0],
            running[1] - running[0],
            says.per_video_second,
        )
        return cls(*(each * 1000 for each in seconds))


class Vendor:
    """One pack, compiled. Stateless: what happens is in the store."""

    def __init__(self, pack: Pack, limits: Mapping[str, Limits], seed: bytes) -> None:
        self.pack = pack
        self.name = pack.name
        behaviour = pack.behaviour
        schemas = [operation.body.schema for operation in pack.operations.values() if operation.body]
        self.voice = Voice(behaviour, schemas)
        self.make_id = id_maker(behaviour.task_id)
        self.accounts = AccountReader(behaviour.authentication, _token_reader(pack, limits), seed)
        bind = binder(schemas)
        compiler = Compiler(pack, bind)
        self.endpoints = {name: compiler.endpoint(operation) for name, operation in pack.operations.items()}
        self.refusals = compiler.refusals(behaviour.refusals)
        self.routes = Routes(self.endpoints.values())
        self.prompt_finders = [finder(pointer) for pointer in behaviour.prompts]
        self.media_finders = [finder(pointer) for pointer in behaviour.media.members] if behaviour.media else []
        self.media_members = (
            frozenset(split(pointer)[0] for pointer in behaviour.media.members) if behaviour.media else frozenset()
        )
        self.external_id = behaviour.external_id
        self.callbacks = Callbacks.of(pack, bind)
        self.pace = Pace.of(behaviour.lifecycle)


def _token_reader(pack: Pack, limits: Mapping[str, Limits]) -> TokenReader | None:
    claim = pack.behaviour.authentication.jwt_account
    if claim is None:
        return None
    return TokenReader(claim, lambda account: limits[account].secret if account in limits else None)
