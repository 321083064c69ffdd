"""What a call does once nothing stands against it: submit a task, read one, list them."""

from __future__ import annotations

from mockserver.directives import NONE, Directives, read_directives
from mockserver.identity import luck
from mockserver.fetchable import unfetchable
from mockserver.store import ExternalIdTakenError, StoreFullError
from mockserver.tasks import Task, is_over, state_of
from mockserver.turn import Turn
from specs.pointers import resolve
from specs.rules.uniqueness import UniqueInAccount

_UNLUCKY_TRIES = 8


def act(turn: Turn) -> str | None:
    """Does it, and sets the scene for the answer; or names the situation that stands against it after all."""
    role = turn.routed.operation.role
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
    operation, now_ms = turn.routed.operation, turn.scene.now_ms
    running_ms, end_ms = _plan(turn, directives)
    pointer = turn.vendor.pack.behaviour.external_id
    # By position, in the order of the fields: by name it takes twice as long.
    return Task(
        _fresh_id(turn),
        turn.account,
        turn.vendor.name,
        operation.id,
        operation.tasks,
        turn.call.body or b"",
        now_ms,
        running_ms,
        end_ms,
        _failure(turn, directives),
        turn.world.public_url or turn.call.base,
        (resolve(turn.body, pointer) or None) if pointer else None,
        turn.ordinal,
    )


def _plan(turn: Turn, directives: Directives) -> tuple[int, int | None]:
    """The instants at which the task will be running, and over."""
    vendor = turn.vendor
    first, second = luck(turn.scene.drawn)
    queued = vendor.queued_from + first * vendor.queued_span
    running_ms = turn.scene.now_ms + int(queued * 1000)
    if directives.stuck:
        return running_ms, None
    running = directives.slow_seconds
    if running is None:
        running = vendor.running_from + second * vendor.running_span + vendor.running_per_second * vendor.voice.video_seconds(turn.body)
    return running_ms, running_ms + int(running * 1000)


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
    if media is None or turn.vendor.media_members.isdisjoint(turn.body):
        return None
    if unfetchable(turn.body, turn.vendor.media_finders, media):
        return media.failure
    return None


def _find(turn: Turn) -> Task | None:
    operation, vendor = turn.routed.operation, turn.vendor.name
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
    endpoint, scene = turn.routed, turn.scene
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
