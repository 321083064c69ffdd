"""A vendor made ready to answer: everything of its pack that can be worked out before the first call."""

from __future__ import annotations

from collections.abc import Mapping

from mockserver.accounts import AccountReader, Limits
from mockserver.endpoint import Compiler
from mockserver.identity import id_maker
from mockserver.rendering import binder
from mockserver.routes import Routes
from mockserver.tokens import TokenReader
from mockserver.voice import Voice
from specs.pack import Pack
from specs.pointers import finder, split


class Vendor:
    """One pack, compiled. Stateless: what happens is in the store."""

    def __init__(self, pack: Pack, limits: Mapping[str, Limits]) -> None:
        self.pack = pack
        self.name = pack.name
        behaviour = pack.behaviour
        schemas = [operation.body.schema for operation in pack.operations.values() if operation.body]
        self.voice = Voice(behaviour, schemas)
        self.make_id = id_maker(behaviour.task_id)
        self.accounts = AccountReader(behaviour.authentication, _token_reader(pack, limits))
        compiler = Compiler(pack, binder(schemas))
        self.endpoints = {name: compiler.endpoint(operation) for name, operation in pack.operations.items()}
        self.refusals = compiler.refusals(behaviour.refusals)
        self.routes = Routes(self.endpoints.values())
        self.prompt_finders = [finder(pointer) for pointer in behaviour.prompts]
        self.media_finders = [finder(pointer) for pointer in behaviour.media.members] if behaviour.media else []
        self.media_members = frozenset(split(pointer)[0] for pointer in behaviour.media.members) if behaviour.media else frozenset()
        lifecycle = behaviour.lifecycle
        self.queued_from, self.queued_span = lifecycle.queued_seconds[0], lifecycle.queued_seconds[1] - lifecycle.queued_seconds[0]
        self.running_from, self.running_span = lifecycle.running_seconds[0], lifecycle.running_seconds[1] - lifecycle.running_seconds[0]
        self.running_per_second = lifecycle.per_video_second


def _token_reader(pack: Pack, limits: Mapping[str, Limits]) -> TokenReader | None:
    claim = pack.behaviour.authentication.jwt_account
    if claim is None:
        return None
    return TokenReader(claim, lambda account: limits[account].secret if account in limits else None)
