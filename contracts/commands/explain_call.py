"""`understudy explain CALL_ID`: asks a running fake what made one of its answers, and tells it in lines."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import orjson

from contracts.commands.tables import write_json, write_lines
from contracts.errors import UsageError

FAILED = 3
_TIMEOUT_SECONDS = 10
_SHOWN_MAX = 400


def run(arguments: argparse.Namespace) -> int:
    """Prints the story; 0, or 3 when the fake can't be asked."""
    url = f"{arguments.url.rstrip('/')}/__understudy/requests/{arguments.rule}"
    headers = {"Authorization": f"Bearer {arguments.admin_token}"} if arguments.admin_token else {}
    try:
        answer = httpx.get(url, headers=headers, timeout=_TIMEOUT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        why = f"no fake answers at {arguments.url} ({type(problem).__name__}: {problem}); say where with --url"
        sys.stderr.write(f"understudy explain: {why}\n")
        return FAILED
    told = _json(answer)
    if answer.status_code != httpx.codes.OK:
        raise UsageError(str(told.get("detail") or f"{arguments.url} answered {answer.status_code}"))
    if arguments.json:
        write_json(told)
    else:
        write_lines(_lines(told))
    return 0


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _lines(told: dict[str, Any]) -> Iterator[str]:
    yield f"{told['method']} {told['path']} at {told['vendor']}, answered {told['status']} at {told['at']}"
    rows = [
        ("account", told["key"] or "nobody"),
        ("operation", told["operation"] or "none of the contract's"),
        ("because", " or ".join(told["situations"])),
        ("state", told["state"]),
        ("fault", told["fault"]),
        ("seed", str(told["seed"])),
    ]
    yield from (f"  {name:<10}{text}" for name, text in rows if text)
    for each in told["violations"]:
        yield f"  breaks    {each['pointer'] or 'the body'} {each['rule']}: {each['message']}"
        if each.get("source"):
            yield f"            {each['source']} ({each['standing']})"
    if told["task"] is not None:
        yield f"  task      {_plan(told['task'])}"
    for each in told["nearest"]:
        yield f"  nearest   {each['method']} {each['path']} ({each['operation']})"
        yield from (f"            {difference}" for difference in each["differs"])
    for name in ("request", "answer"):
        if told[name] != "":
            yield f"  {name:<10}{_short(told[name])}"


def _plan(task: dict[str, Any]) -> str:
    end = f"over at {task['ends_at']}" if task["ends_at"] else "never over"
    how = f", failing with {task['failure']}" if task["failure"] else ""
    return f"{task['id']}, drawn for call {task['call']}; running at {task['running_at']}, {end}{how}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + " ..."
