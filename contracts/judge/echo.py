"""The rule about repeating: what an answer repeats of the request is what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from contracts.judge.faults import faults
from contracts.judge.record import Record, Sight, Task
from contracts.judge.ruling import KEPT, Breach, Check, Checks, breach, shown
from contracts.judge.seen import ID, REQUEST, Echo
from specs.pointers import Json, field, join, resolve

_ABSENT = object()


def check_echo(record: Record) -> Checks:
    """Member for member, from the submit on."""
    external = record.promise.pack.behaviour.external_id
    for task in record.plain_tasks:
        if task.submit is None:
            continue
        body = task.submit.request()
        if body is None:
            # What can't be read here for sure may have been read there.
            continue
        for sight in task.sights:
            wrong = {each.pointer for each in faults(record, sight.reading)}
            for echo in sight.seen.echoes:
                # What the schema has told already is not told again.
                yield from _echoed(task, sight, echo, body) if echo.pointer not in wrong else ()
            if external is not None and resolve(body, external):
                yield from (each for each in _external(record, sight, external) if each.pointer not in wrong)


def _echoed(task: Task, sight: Sight, echo: Echo, body: Json) -> Checks:
    wanted = next(_candidates(task, echo, body), _ABSENT)
    if wanted is _ABSENT:
        return
    if _is_like(wanted, echo.value):
        yield KEPT
        return
    message = f"{field(echo.pointer)} is {shown(echo.value)}, and was sent as {shown(wanted)}"
    if not echo.names[0].startswith(REQUEST) or wanted == task.id:
        message = (
            f"{field(echo.pointer)} is {shown(echo.value)}; without a value of the client's it is the id {task.id}"
        )
    yield breach(sight.reading, message, *task.submits[:1], pointer=echo.pointer, kind=echo.names[0])


def _candidates(task: Task, echo: Echo, body: Json) -> Iterator[Json]:
    """What may be repeated there, the preferred one first; what is absent or empty gives way to the next."""
    for name in echo.names:
        if name == ID:
            yield task.id
        elif name.startswith(REQUEST):
            value = resolve(body, pointer_of(name), _ABSENT)
            if value is not _ABSENT and value not in (None, ""):
                yield value


def pointer_of(name: str) -> str:
    """The pointer of `request.labels.reference` in the request's body."""
    return join([*name.removeprefix(REQUEST).split(".")])


def _is_like(sent: Json, seen: Json) -> bool:
    """Equal; of an object it is enough that what was sent is there."""
    if isinstance(sent, dict) and isinstance(seen, dict):
        return all(name in seen and _is_like(value, seen[name]) for name, value in sent.items())
    if isinstance(sent, bool) or isinstance(seen, bool):
        return sent is seen
    return bool(sent == seen)


def _external(record: Record, sight: Sight, external: str) -> Iterator[Breach]:
    """The client's own id is what it finds its task by: an answer that has a place for it may not lose it."""
    operation = sight.reading.operation
    if operation is None:
        return
    reader = record.promise.reader(operation)
    places = [each for each in (reader.items or reader).places if each.names[0].startswith(REQUEST)]
    homes = [each.pointer for each in places if pointer_of(each.names[0]) == external]
    said = {echo.pointer for echo in sight.seen.echoes}
    for home in homes:
        if sight.seen.at + home not in said:
            message = f"{field(home)} is missing, and {field(external)} was sent"
            yield breach(sight.reading, message, pointer=sight.seen.at + home, kind="missing")


CHECKS: Mapping[str, Check] = MappingProxyType({"echo.request": check_echo})
