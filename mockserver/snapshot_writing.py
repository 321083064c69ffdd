"""What a store remembers, written as a JSON document that people can read, change and commit.

Instants are RFC 3339, bodies the JSON that they are. No key is in it: an account is known by a digest of its key, and
for people by a label.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress

import orjson

from mockserver.clock import Clock, rfc3339
from mockserver.messages import Entry
from mockserver.store.saved import Saved, SavedAccount
from mockserver.store.sealing import digest_of, label_of
from mockserver.tasks import Task
from specs.pointers import Json

FORMAT, VERSION = "understudy snapshot", 1
_DEEPER = 16


def write_snapshot(saved: Saved, clock: Clock, wall_ms: int, *, of_all: bool) -> dict[str, Json]:
    """The document; the clock is that of all."""
    places = _ranks(place for account in saved.accounts for place, _ in account.tasks)
    numbers = _ranks(number for account in saved.accounts for number, _ in account.entries)
    return {
        "format": FORMAT,
        "version": VERSION,
        "scope": "all" if of_all else "account",
        "clock": {"mode": clock.mode, "began": rfc3339(clock.began_ms), "now": rfc3339(clock.now_ms(wall_ms))},
        "accounts": [_write_account(account, places, numbers) for account in saved.accounts],
        "faults": list(saved.faults),
        "webhooks": list(saved.webhooks),
    }


def _ranks(numbers: Iterable[int]) -> Mapping[int, int]:
    """Places as a reader likes them: from 1, without gaps."""
    return {number: rank for rank, number in enumerate(sorted(numbers), 1)}


def _write_account(saved: SavedAccount, places: Mapping[int, int], numbers: Mapping[int, int]) -> dict[str, Json]:
    return {
        "label": label_of(saved.account),
        "digest": digest_of(saved.account).hex(),
        "ordinal": saved.ordinal,
        "submissions": saved.submissions,
        "clock": {"mode": saved.mode, "offset_ms": saved.offset_ms},
        "recent_calls": [rfc3339(at_ms) for at_ms in saved.calls],
        "tasks": [{"place": places[place], **_write_task(task)} for place, task in saved.tasks],
        "requests": [{"place": numbers[number], **_write_entry(entry)} for number, entry in saved.entries],
    }


def _write_task(task: Task) -> dict[str, Json]:
    return {
        "id": task.id,
        "vendor": task.vendor,
        "operation": task.operation,
        "kind": task.kind,
        "created_at": rfc3339(task.created_ms),
        "running_at": rfc3339(task.running_ms),
        "ends_at": rfc3339(task.end_ms) if task.end_ms is not None else None,
        "failure": task.failure,
        "base": task.base,
        "external_id": task.external,
        "ordinal": task.ordinal,
        "polls": task.polls,
        **_write_body("request", task.request),
    }


def _write_entry(entry: Entry) -> dict[str, Json]:
    return {
        "id": entry.id,
        "at": rfc3339(entry.at_ms),
        "vendor": entry.vendor,
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "status": entry.status,
        "task_id": entry.task_id,
        "violations": [violation.as_json() for violation in entry.violations],
        "fault": entry.fault,
        **_write_body("body", entry.body),
        **_write_body("answer", entry.answer),
    }


def _write_body(name: str, body: bytes) -> dict[str, Json]:
    """Under its name as JSON, where nothing but blanks is lost by that; else as text, else as base64."""
    if not body:
        return {}
    with suppress(orjson.JSONDecodeError, orjson.JSONEncodeError):
        value = orjson.loads(body)
        # Deeper than it will stand in the document: what is nested beyond a limit can be read and not written.
        if _says_the_same(body, orjson.dumps(_nested(value))[_DEEPER:-_DEEPER]):
            return {name: value}
    try:
        return {f"{name}_text": body.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(body).decode()}


def _nested(value: Json) -> Json:
    for _ in range(_DEEPER):
        value = [value]
    return value


def _says_the_same(body: bytes, written: bytes) -> bool:
    """Whether it has the same members in the same order, repeated ones too, and numbers of the same digits."""
    return body == written or _spelled(body) == _spelled(written)


def _spelled(body: bytes) -> Json:
    try:
        return json.loads(body, parse_int=str, parse_float=str, object_pairs_hook=list)
    except RecursionError:
        return object()
