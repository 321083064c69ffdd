"""Snapshots as they are read: judged by their schema, then as a whole; what is wrong with one is told with its place.

Whoever writes one by hand may name an account by its `key` in place of label and digest, and leave out what is as in a
new account.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, NoReturn

import jsonschema_rs
import orjson

from mockserver.backlog import Backlog
from mockserver.clock import ClockError, instant_ms, start_clock
from mockserver.messages import Entry
from mockserver.snapshot_writing import FORMAT, VERSION
from mockserver.store.fault_items import read_fault_item
from mockserver.store.saved import Saved, SavedAccount
from mockserver.store.sealing import account_of, digest_of, label_of
from mockserver.store.webhook_items import backlog_item, delivery_item, read_item
from mockserver.tasks import Task
from specs.pointers import Json
from specs.validation import compile_schema
from specs.violations import ErrorReader, Violation

_DOCUMENT = Path(__file__).parent / "admin.openapi.json"
_WAY_OUT = "mend it by the schema Snapshot of /__understudy/openapi.json, or take it anew by GET /__understudy/snapshot"


class SnapshotError(ValueError):
    """A document that can't be used as a snapshot; says where, why, and the way out."""


def refuse(pointer: str, problem: str, way_out: str = _WAY_OUT) -> NoReturn:
    """Raises SnapshotError for what stands at this place of a document."""
    message = f"{pointer}: {problem}; {way_out}" if pointer else f"{problem}; {way_out}"
    raise SnapshotError(message) from None


class Snapshot(NamedTuple):
    """A document as it was read. `saved` has no clock yet: what its mode and its instants mean depends on the wall."""

    saved: Saved
    mode: str
    began_ms: int
    now_ms: int
    of_all: bool


def read_snapshot(document: Json) -> Snapshot:
    """The snapshot that the document is; SnapshotError when it is none, or one of another version."""
    _recognise(document)
    schema, validator = _promised()
    error = next(iter(validator.iter_errors(document)), None)
    if error is not None:
        violation = ErrorReader(schema).read(error)
        # Its words begin with the place, as people write it.
        refuse(violation.pointer or "the snapshot", violation.message.removeprefix(f"{violation.field} "))
    accounts = tuple(_read_account(f"/accounts/{at}", each) for at, each in enumerate(document["accounts"]))
    _check_distinct("/accounts", "account", [digest_of(each.account) for each in accounts])
    clock, of_all = document["clock"], document["scope"] == "all"
    if not of_all and len(accounts) != 1:
        refuse("/accounts", f"a snapshot of one account holds one, not {len(accounts)}")
    mode, now_ms = _mode("/clock/mode", clock["mode"]), _instant("/clock/now", clock["now"])
    began_ms = _instant("/clock/began", clock["began"]) if "began" in clock else now_ms
    faults, webhooks = _read_faults(document.get("faults", ())), _read_webhooks(document.get("webhooks", ()))
    return Snapshot(Saved(None, accounts, faults, webhooks), mode, began_ms, now_ms, of_all)


def _read_webhooks(given: Iterable[Json]) -> tuple[Json, ...]:
    """Each as it is written, whatever form it came in."""
    webhooks = []
    for n, item in enumerate(given):
        try:
            read = read_item(item)
        except ValueError as problem:
            refuse(f"/webhooks/{n}", str(problem))
        webhooks.append(backlog_item(read) if isinstance(read, Backlog) else delivery_item(read))
    owed = [(item["account"]["digest"], item["vendor"], item["task_id"]) for item in webhooks if "waiting" in item]
    _check_distinct("/webhooks", "task", owed)
    return tuple(webhooks)


def _read_faults(given: Iterable[Json]) -> tuple[Json, ...]:
    """Each as it is written, whatever form it came in."""
    faults = []
    for n, item in enumerate(given):
        try:
            faults.append(read_fault_item(item).as_json())
        except ValueError as problem:
            refuse(f"/faults/{n}{getattr(problem, 'place', '')}", str(problem))
    _check_distinct("/faults", "id", [item["id"] for item in faults if "id" in item])
    return tuple(faults)


def _recognise(document: Json) -> None:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        refuse("", f'this is no snapshot, which would be an object with "format": "{FORMAT}"')
    version = json.dumps(document.get("version"))
    if version != str(VERSION):
        problem = f"the snapshot is of version {version[:40]}, and this understudy reads version {VERSION}"
        refuse("/version", problem, "load it with the understudy that took it, or take a new snapshot with this one")


@lru_cache(maxsize=1)
def _promised() -> tuple[Json, jsonschema_rs.Draft202012Validator]:
    components = orjson.loads(_DOCUMENT.read_bytes())["components"]
    schema = {"$ref": "#/components/schemas/Snapshot", "components": components}
    return schema, compile_schema(schema)


def _read_account(at: str, given: Mapping[str, Json]) -> SavedAccount:
    account, clock = _account(at, given), given.get("clock", {})
    places = [each.get("place", 0) for each in given.get("tasks", ())]
    tasks = [_read_task(f"{at}/tasks/{n}", account, each) for n, each in enumerate(given.get("tasks", ()))]
    _check_distinct(f"{at}/tasks", "id at its vendor", [(task.vendor, task.id) for task in tasks])
    externals = [(task.vendor, task.external) for task in tasks if task.external is not None]
    _check_distinct(f"{at}/tasks", "external_id at its vendor", externals)
    entries = [_read_entry(f"{at}/requests/{n}", account, each) for n, each in enumerate(given.get("requests", ()))]
    numbers = [each.get("place", 0) for each in given.get("requests", ())]
    calls = [_instant(f"{at}/recent_calls/{n}", each) for n, each in enumerate(given.get("recent_calls", ()))]
    mode = clock.get("mode")
    return SavedAccount(
        account=account,
        ordinal=given.get("ordinal", 0),
        submissions=given.get("submissions", len(tasks)),
        offset_ms=clock.get("offset_ms", 0),
        mode=_mode(f"{at}/clock/mode", mode) if mode is not None else None,
        calls=tuple(sorted(calls)),
        tasks=tuple(zip(places, tasks, strict=True)),
        entries=tuple(zip(numbers, entries, strict=True)),
    )


def _account(at: str, given: Mapping[str, Json]) -> str:
    try:
        return account_of({name: given[name] for name in ("key", "label", "digest") if name in given})
    except ValueError as problem:
        refuse(at, str(problem))


def _read_task(at: str, account: str, given: Mapping[str, Json]) -> Task:
    request = _read_body(at, "request", given)
    if not _is_object(request):
        refuse(f"{at}/request", "must be there and a JSON object, be it written out in request_text")
    created_ms = _instant(f"{at}/created_at", given["created_at"])
    running_ms = _instant(f"{at}/running_at", given["running_at"])
    end_ms = _instant(f"{at}/ends_at", given["ends_at"]) if given["ends_at"] is not None else None
    if not created_ms <= running_ms <= (running_ms if end_ms is None else end_ms):
        refuse(at, "a task is created, then running, then ends; these instants go back")
    return Task(
        given["id"],
        account,
        given["vendor"],
        given["operation"],
        given["kind"],
        request,
        created_ms,
        running_ms,
        end_ms,
        given.get("failure"),
        given.get("base", ""),
        given.get("external_id"),
        given.get("ordinal", 0),
        given.get("polls", 0),
    )


def _read_entry(at: str, account: str, given: Mapping[str, Json]) -> Entry:
    return Entry(
        token=bytes.fromhex(given["id"].replace("-", "")),
        at_ms=_instant(f"{at}/at", given["at"]),
        key=label_of(account),
        vendor=given["vendor"],
        operation=given.get("operation"),
        method=given["method"],
        path=given["path"],
        status=given["status"],
        task_id=given.get("task_id"),
        violations=tuple(Violation(**each) for each in given.get("violations", ())),
        fault=given.get("fault"),
        body=_read_body(at, "body", given),
        answer=_read_body(at, "answer", given),
    )


def _read_body(at: str, name: str, given: Mapping[str, Json]) -> bytes:
    forms = [form for form in (name, f"{name}_text", f"{name}_base64") if form in given]
    if not forms:
        return b""
    if len(forms) > 1:
        refuse(f"{at}/{forms[1]}", f"{forms[0]} is given too, and only one of them can be meant")
    value = given[forms[0]]
    if forms[0] == name:
        return orjson.dumps(value)
    try:
        return value.encode() if forms[0].endswith("_text") else base64.b64decode(value, validate=True)
    except binascii.Error:
        refuse(f"{at}/{forms[0]}", "this is not base64")


def _is_object(body: bytes) -> bool:
    """An object that can also be shown among others: what is nested too deep can be read and not written."""
    try:
        value = orjson.loads(body)
        orjson.dumps([[[[value]]]])
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return False
    return isinstance(value, dict)


def _instant(at: str, text: str) -> int:
    try:
        return instant_ms(text)
    except ValueError as problem:
        refuse(at, str(problem))


def _mode(at: str, mode: str) -> str:
    try:
        return start_clock(mode, 0).mode
    except ClockError as problem:
        refuse(at, str(problem))


def _check_distinct(at: str, what: str, values: Iterable[Hashable]) -> None:
    seen = set[Hashable]()
    for n, value in enumerate(values):
        if value in seen:
            refuse(f"{at}/{n}", f"another one has the same {what}")
        seen.add(value)
