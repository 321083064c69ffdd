"""What a call does once nothing stands against it: submit a task, read one, list them."""

from __future__ import annotations

from functools import partial

from mockserver.directives import NONE, Directives, read_directives, tell_unread
from mockserver.fetchable import unfetchable
from mockserver.identity import call_draw, luck
from mockserver.playing import chosen_fate, is_hidden, mark_task, shown_state
from mockserver.store import ExternalIdTakenError, StoreFullError
from mockserver.tasks import Task, is_over, state_of
from mockserver.turn import Turn
from specs.pointers import resolve
from specs.rules.uniqueness import UniqueInAccount

_UNLUCKY_TRIES = 8


def submit(turn: Turn) -> str | None:
    """A new task, unless the content policy, a double id or a full store stands against it."""
    # A body without a bracket, which is nearly every one, is not looked into; one byte is found faster than two.
    body = turn.call.body or b""
    directives = _directives(turn) if b"[" in body and b"[[" in body and turn.world.directives else NONE
    if turn.is_faulty:
        directives = chosen_fate(turn.fault, directives)
    if directives.reject:
        return "content_rejected"
    task = _new_task(turn, body, directives)
    try:
        turn.store.add_task(task, partial(_is_over_there, turn))
    except ExternalIdTakenError:
        pointer = turn.vendor.pack.behaviour.external_id or ""
        turn.violations = [UniqueInAccount(pointer).violation()]
        return "request_invalid"
    except StoreFullError:
        return "service_unavailable"
    if turn.is_faulty:
        mark_task(turn, task)
    callbacks = turn.vendor.callbacks
    if callbacks is not None and callbacks.member in turn.body and callbacks.url(turn.body) is not None:
        turn.world.mail.begin(task, by_polls=turn.by_polls)
    turn.task_id = task.id
    turn.show(task, "queued")
    return None


def _is_over_there(turn: Turn, other: Task) -> bool:
    """Whether a task of any account is over, by that account's own clock."""
    theirs, mine = turn.store.account_clock(other.account), turn.store.account_clock(turn.account)
    now_ms = turn.now_ms - mine.offset_ms + theirs.offset_ms
    return is_over(other, now_ms, by_polls=(theirs.mode or turn.clock.mode) == "polls")


def _directives(turn: Turn) -> Directives:
    found = [value for find in turn.vendor.prompt_finders for _, value in find(turn.body)]
    directives = read_directives([value for value in found if isinstance(value, str)])
    tell_unread(directives)
    return directives


def _new_task(turn: Turn, body: bytes, directives: Directives) -> Task:
    vendor, world, account, operation = turn.vendor, turn.world, turn.account, turn.routed.operation
    drawn = call_draw(turn.token)
    task_id = vendor.make_id(drawn)
    if turn.store.find_anywhere(vendor.name, task_id) is not None:
        task_id = _fresh_id(turn, drawn)
    running_ms, end_ms = _plan(turn, drawn, directives)
    failure = directives.fail
    if failure is None and not vendor.media_members.isdisjoint(turn.body):
        failure = _media_failure(turn)
    pointer = vendor.external_id
    # By position, in the order of the fields: by name it takes twice as long.
    return Task(
        task_id,
        account,
        vendor.name,
        operation.id,
        operation.tasks,
        body,
        turn.now_ms,
        running_ms,
        end_ms,
        failure,
        world.public_url or turn.call.base,
        (resolve(turn.body, pointer) or None) if pointer else None,
        turn.ordinal,
    )


def _plan(turn: Turn, drawn: bytes, directives: Directives) -> tuple[int, int | None]:
    """The instants at which the task will be running, and over."""
    first, second = luck(drawn)
    pace = turn.vendor.pace
    running_ms = turn.now_ms + int(pace.queued_ms + first * pace.queued_span_ms)
    if directives.stuck:
        return running_ms, None
    if directives.slow_seconds is not None:
        return running_ms, running_ms + int(directives.slow_seconds * 1000)
    asked = turn.voice.video_seconds(turn.body) * pace.video_second_ms
    return running_ms, running_ms + int(pace.running_ms + second * pace.running_span_ms + asked)


def _fresh_id(turn: Turn, drawn: bytes) -> str:
    """Another id: short ones, as a pack may ask for, can meet by chance."""
    for _ in range(_UNLUCKY_TRIES):
        drawn = drawn[1:] + drawn[:1]
        task_id = turn.vendor.make_id(drawn)
        if turn.store.find_anywhere(turn.vendor.name, task_id) is None:
            return task_id
    message = f"{_UNLUCKY_TRIES} ids in a row are in use; this pack's task_id is too short"
    raise RuntimeError(message)


def _media_failure(turn: Turn) -> str | None:
    media = turn.vendor.pack.behaviour.media
    if media is not None and unfetchable(turn.body, turn.vendor.media_finders, media):
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


def poll(turn: Turn) -> str | None:
    """The task as it stands; with the clock `polls` it moves on first."""
    task = _find(turn)
    if task is None:
        return "task_unknown"
    before = "queued"
    if turn.is_faulty:
        mark_task(turn, task)
        if is_hidden(turn, task):
            return "task_unknown"
        before = state_of(task, turn.now_ms, by_polls=turn.by_polls)
    if turn.by_polls:
        task = turn.store.count_poll(task)
        if turn.vendor.callbacks is not None:
            turn.world.mail.moved(task, turn.now_ms)
    state = state_of(task, turn.now_ms, by_polls=turn.by_polls)
    turn.task_id = task.id
    turn.show(task, shown_state(turn, task, before, state) if turn.is_faulty else state)
    return None


def list_page(turn: Turn) -> str | None:
    """A page of the account's tasks of one kind, newest first."""
    endpoint = turn.routed
    operation = endpoint.operation
    assert operation.page is not None  # noqa: S101 - the pack's schema asks for it
    number, size = (int(turn.query[name]) for name in operation.page)
    kind = None if operation.tasks == "*" else operation.tasks
    tasks = turn.store.list_tasks(turn.account, turn.vendor.name, kind, (number - 1) * size, size)
    rendered = []
    for task in tasks:
        turn.show(task, state_of(task, turn.now_ms, by_polls=turn.by_polls))
        rendered.append(endpoint.items[turn.state](turn))
    turn.items = "[" + b",".join(rendered).decode() + "]"
    turn.state = "queued"
    return None
