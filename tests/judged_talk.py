"""Conversations written down line by line, for the judge: answers as the pack has them, changed where a line says so.

A line is a mapping. `op` is the operation; then either `task` (a letter) and `state`, for a yes, or `refused` (a
situation) and `says`, for a no. What else a line may hold:

- of the request: `send` (body), `send_text`, `method`, `path`, `query`, `type` (media type), `authorization`,
  `account`, `asks` (the id that a poll asks for, when it is not the task's own)
- of the sender: `expects`, `words`, `law`, `constraint`, `situation`, `also`
- of the answer: `status`, `set` (values by pointer), `drop` (pointers), `text` (the body), `headers`, `trouble`
- of time: `at` (when it was sent, in seconds; else a second after the line before) and `takes` (0.01)
- of the task: `created`, `updated` (seconds after the start of the year), `progress`, `result`, `was_sent` (what is
  repeated of a request, when it is not its own), `items` (of a list)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import quote

import orjson

from contracts.exchange import KEY, Conversation, Exchange, Purpose
from specs.pack import Operation, Pack
from specs.pointers import Json, removed, replaced, resolve
from specs.templates import Getter, compile_template

Line: TypeAlias = Mapping[str, Any]

START = datetime(2026, 1, 1, tzinfo=UTC)
UPDATED = {"queued": 0, "running": 5, "done": 30, "failed": 30}
PROGRESS = {"queued": 0, "running": 50, "done": 100, "failed": 100}
CALL_ID = "11111111-1111-4111-8111-111111111111"


def conversation(pack: Pack, lines: Sequence[Line], deadline_seconds: float = 60.0) -> Conversation:
    """The exchanges that the lines stand for, numbered from 1."""
    exchanges: list[Exchange] = []
    sent: dict[str, Json] = {}
    for number, line in enumerate(lines, 1):
        after = exchanges[-1].answered_seconds + 1.0 if exchanges else 0.0
        told = {**line, "sent": sent}
        exchanges.append(_exchange(pack, told, number, float(line.get("at", after))))
    return Conversation(tuple(exchanges), deadline_seconds)


def task_id(pack: Pack, name: str) -> str:
    """The id that a letter stands for, in the form that the pack's ids have."""
    digits = f"{sum(map(ord, name)):012}"
    return f"00000000-0000-4000-8000-{digits}" if pack.behaviour.task_id.format == "uuid" else f"task-{name}"


def instant(pack: Pack, seconds: float) -> Json:
    """So many seconds after the start, as the pack writes instants."""
    when = START + timedelta(seconds=seconds)
    if pack.behaviour.times == "rfc3339-ms":
        return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z"
    return int(when.timestamp() * (1000 if pack.behaviour.times == "epoch-ms" else 1))


def _exchange(pack: Pack, line: Line, number: int, at: float) -> Exchange:
    operation = pack.operations[line["op"]]
    request = _request(operation, line)
    if operation.role == "submit":
        line["sent"][line.get("task", "Z")] = request
    status, headers, answer = _answer(pack, operation, line, request)
    content = request if isinstance(request, bytes) else b"" if request is None else orjson.dumps(request)
    sent = [("Authorization", line.get("authorization", "Bearer sk-1"))]
    sent += [("Content-Type", line.get("type", "application/json"))] if content or "type" in line else []
    return Exchange(
        number=number,
        operation=operation.id if "method" not in line else None,
        method=line.get("method", operation.method),
        base="http://service.test",
        path=line.get("path") or _path(pack, operation, line),
        query=line.get("query") or _query(pack, operation, line),
        request_headers=tuple((name, value) for name, value in sent if value is not None),
        request_body=content,
        sent_seconds=at,
        answered_seconds=at + line.get("takes", 0.01),
        status=None if "trouble" in line else status,
        headers=tuple({"content-type": "application/json", **headers, **line.get("headers", {})}.items()),
        body=b"" if "trouble" in line else answer,
        trouble=line.get("trouble", ""),
        account=line.get("account", KEY),
        purpose=_purpose(line),
    )


def _purpose(line: Line) -> Purpose | None:
    if "expects" not in line:
        return None
    return Purpose(
        expects=line["expects"],
        words=line.get("words", "a request"),
        law=line.get("law", ""),
        constraint=line.get("constraint"),
        situation=line.get("situation"),
        also=tuple(line.get("also", ())),
        is_drawn=line.get("is_drawn", False),
    )


# The request


def _request(operation: Operation, line: Line) -> Json:
    if "send_text" in line:
        return line["send_text"].encode()
    if operation.body is None or "method" in line:
        return line.get("send")
    return line.get("send", next(iter(operation.examples.values())))


def _asked(pack: Pack, line: Line) -> str:
    return str(line["asks"]) if "asks" in line else task_id(pack, line.get("task", "Z"))


def _path(pack: Pack, operation: Operation, line: Line) -> str:
    return operation.path.replace(f"{{{operation.id_name}}}", quote(_asked(pack, line), safe=""))


def _query(pack: Pack, operation: Operation, line: Line) -> str:
    return f"{operation.id_name}={quote(_asked(pack, line))}" if operation.id_location == "query" else ""


# The answer


def _answer(pack: Pack, operation: Operation, line: Line, request: Json) -> tuple[int, Mapping[str, str], bytes]:
    if "refused" in line:
        refusal = operation.refusals[line["refused"]]
        status, headers, template = refusal.status, refusal.headers, refusal.body
    else:
        says = pack.behaviour.answers[operation.answer]
        status, headers, template = says.status, {}, says.bodies[line.get("state", "queued")]
    body = _filled(pack, template, line, request)
    for pointer, value in line.get("set", {}).items():
        body = replaced(body, pointer, value)
    for pointer in line.get("drop", ()):
        body = removed(body, pointer)
    content = line["text"].encode() if "text" in line else orjson.dumps(body)
    plain = {name: value for name, value in headers.items() if "$" not in value}
    return line.get("status", status), plain, content


def _filled(pack: Pack, template: Json, line: Line, request: Json) -> Json:
    def bind(name: str) -> Getter:
        value = _value(pack, name, line, request)
        return lambda _: value

    return json.loads(compile_template(template, bind)(None))


def _value(pack: Pack, name: str, line: Line, request: Json) -> Json:
    """What a placeholder stands for in this line."""
    state, own = line.get("state", "queued"), task_id(pack, line.get("task", "Z"))
    values: dict[str, Json] = {
        "call.id": CALL_ID,
        "call.now": instant(pack, 0),
        "task.id": own,
        "task.status": pack.behaviour.lifecycle.words[state],
        "task.created_at": instant(pack, line.get("created", 0)),
        "task.updated_at": instant(pack, line.get("updated", UPDATED[state])),
        "task.progress": line.get("progress", PROGRESS[state]),
        "result.url": line.get("result", f"https://cdn.example.com/{own}.mp4"),
        "result.copy_url": "",
        "result.id": "900000000000000001",
        "result.seconds": 5,
        "result.seconds_text": "5.042",
    }
    if name == "items":
        return [_item(pack, {**line, **each}) for each in line.get("items", ())]
    if name.startswith("failure."):
        return pack.behaviour.failures.kinds["default"][name.removeprefix("failure.")]
    if name.startswith("request."):
        was_sent = line.get("was_sent", line["sent"].get(line.get("task", "Z"), request))
        return resolve(was_sent, "/" + name.removeprefix("request.").replace(".", "/"))
    return line.get("says", "what was sent is not valid") if name.startswith("violation.") else values.get(name, 1)


def _item(pack: Pack, line: Line) -> Json:
    """One task of a list."""
    of, at = pack.behaviour.answers[pack.operations[line["op"]].answer].items or ("", "")
    template = resolve(pack.behaviour.answers[of].bodies[line.get("state", "queued")], at)
    return _filled(pack, template, line, None)
