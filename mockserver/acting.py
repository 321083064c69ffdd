"""What a call does once nothing stands against it: submit a task, read one, list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockserver.directives import NONE, Directives, read_directives
from mockserver.identity import luck
from mockserver.media import unfetchable
from mockserver.store import ExternalIdTakenError, StoreFullError
from mockserver.tasks import Task, is_over, state_of
from specs.pointers import resolve
from specs.rules.uniqueness import UniqueInAccount

if TYPE_CHECKING:
    from mockserver.pipeline import Turn

_UNLUCKY_TRIES = 8


def act(turn: Turn) -> str | None:
    """Does it, and sets the scene for the answer; or names the situation that stands against it after all."""
    endpoint = turn.endpoint
    role = endpoint.operation.role if endpoint is not None else ""
    if role == "submit":
        return _submit(turn)
    return _poll(turn) if role == "poll" else _list(turn)


def _submit(turn: Turn) -> str | None:
    directives = _directives(turn)
    if directives.reject:
        return "content_rejected"
    task = _new_task(turn, directives)
    now_ms, by_polls = turn.scene.now_ms, turn.scene.by_polls
    try:
        turn.store.add_task(task, lambda other: is_over(other, now_ms, by_polls=by_polls))
    except ExternalIdTakenError:
        pointer = turn.vendor.pack.behaviour.external_id or ""
        turn.violations = [UniqueInAccount(pointer).violation()]
        return "request_invalid"
    except StoreFullError:
        return "service_unavailable"
    turn.task_id = task.id
    turn.scene.show(task, "queued")
    return None


def _directives(turn: Turn) -> Directives:
    # A prompt without a bracket pair, which is nearly every one, is not looked into.
    if not turn.world.directives or b"[[" not in (turn.call.body or b""):
        return NONE
    found = [value for find in turn.vendor.prompt_finders for _, value in find(turn.body)]
    return read_directives([value for value in found if isinstance(value, str)])


def _new_task(turn: Turn, directives: Directives) -> Task:
    vendor, scene, endpoint = turn.vendor, turn.scene, turn.endpoint
    assert endpoint is not None  # noqa: S101 - only a routed call submits
    behaviour = vendor.pack.behaviour
    lifecycle = behaviour.lifecycle
    first, second = luck(scene.drawn)
    queued = lifecycle.queued_seconds[0] + first * (lifecycle.queued_seconds[1] - lifecycle.queued_seconds[0])
    running = lifecycle.running_seconds[0] + second * (lifecycle.running_seconds[1] - lifecycle.running_seconds[0])
    running += lifecycle.per_video_second * vendor.video_seconds(turn.body)
    if directives.slow_seconds is not None:
        running = directives.slow_seconds
    running_ms = scene.now_ms + round(queued * 1000)
    external = resolve(turn.body, behaviour.external_id) if behaviour.external_id else None
    return Task(
        id=_fresh_id(turn),
        account=turn.account,
        vendor=vendor.name,
        operation=endpoint.operation.id,
        kind=endpoint.operation.tasks,
        request=turn.call.body or b"",
        created_ms=scene.now_ms,
        running_ms=running_ms,
        end_ms=None if directives.stuck else running_ms + round(running * 1000),
        failure=_failure(turn, directives),
        base=turn.world.public_url or turn.call.base,
        external=external or None,
        ordinal=turn.ordinal,
    )


def _fresh_id(turn: Turn) -> str:
    """An id that nobody has: short ones, as a pack may ask for, can meet by chance."""
    drawn = turn.scene.drawn
    for _ in range(_UNLUCKY_TRIES):
        task_id = turn.vendor.make_id(drawn)
        if turn.store.find_anywhere(turn.vendor.name, task_id) is None:
            return task_id
        drawn = drawn[1:] + drawn[:1]
    message = f"{_UNLUCKY_TRIES} ids in a row are in use; this pack's task_id is too short"
    raise RuntimeError(message)


def _failure(turn: Turn, directives: Directives) -> str | None:
    if directives.fail is not None:
        return directives.fail
    media = turn.vendor.pack.behaviour.media
    if media is not None and unfetchable(turn.body, turn.vendor.media_finders, media):
        return media.failure
    return None


def _find(turn: Turn) -> Task | None:
    endpoint = turn.endpoint
    assert endpoint is not None  # noqa: S101 - only a routed call polls
    operation, vendor = endpoint.operation, turn.vendor.name
    name = operation.id_name or ""
    given = str(turn.query.get(name, "")) if operation.id_location == "query" else turn.parameters.get(name, "")
    task = turn.store.find_task(turn.account, vendor, given)
    if task is None and operation.also_external and given:
        task = turn.store.find_external(turn.account, vendor, given)
    return task if task is not None and operation.tasks in ("*", task.kind) else None


def _poll(turn: Turn) -> str | None:
    task = _find(turn)
    if task is None:
        return "task_unknown"
    scene = turn.scene
    if scene.by_polls:
        task = turn.store.count_poll(task)
    turn.task_id = task.id
    scene.show(task, state_of(task, scene.now_ms, by_polls=scene.by_polls))
    return None


def _list(turn: Turn) -> str | None:
    endpoint, scene = turn.endpoint, turn.scene
    assert endpoint is not None  # noqa: S101 - only a routed call lists
    operation = endpoint.operation
    assert operation.page is not None  # noqa: S101 - the pack's schema asks for it
    number, size = (int(turn.query[name]) for name in operation.page)
    kind = None if operation.tasks == "*" else operation.tasks
    tasks = turn.store.list_tasks(turn.account, turn.vendor.name, kind, (number - 1) * size, size)
    rendered = []
    for task in tasks:
        scene.show(task, state_of(task, scene.now_ms, by_polls=scene.by_polls))
        rendered.append(endpoint.items[scene.state](scene))
    scene.items = b"[" + b",".join(rendered) + b"]"
    scene.state = "queued"
    return None
