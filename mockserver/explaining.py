"""What made an answer: operation, situation, rule and its source, state, fault and seed; worked out when somebody asks.

A journal entry does not say why it came out as it did: that would cost every call. But a pack's templates tell: the
answer looks like exactly the state or the refusal that it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

import orjson

from mockserver.clock import rfc3339
from mockserver.messages import Entry
from mockserver.tasks import Task
from mockserver.vendor import Vendor
from specs.catalogue import catalogue
from specs.pack import STATES, Operation
from specs.pointers import Json
from specs.sources import load_sources
from specs.violations import Violation

_INDEX = re.compile(r"/\d+(?=/|$)")
_PLACEHOLDER = re.compile(r"\$\$|\$\{[^}]*\}")
_NEAREST_MAX = 3
_PARTS_MAX = 64


def explain(entry: Entry, vendor: Vendor, task: Task | None, seed: int) -> dict[str, Json]:
    """The whole story of one call, as the admin API tells it."""
    operation = vendor.pack.operations.get(entry.operation or "")
    return {
        "id": entry.id,
        "at": rfc3339(entry.at_ms),
        "vendor": entry.vendor,
        "key": entry.key,
        "method": entry.method,
        "path": entry.path,
        "operation": entry.operation,
        "status": entry.status,
        "situations": _situations(entry, vendor, operation),
        "violations": [_violation(each, vendor, operation) for each in entry.violations],
        "state": _state(entry, vendor, operation),
        "task": _task(task) if task is not None else None,
        "fault": entry.fault,
        "seed": seed,
        "nearest": [] if operation is not None else _nearest(entry, vendor),
        "request": _content(entry.body),
        "answer": _content(entry.answer),
    }


def _content(body: bytes) -> Json:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return body.decode("utf-8", "replace")


# Why it was refused


def _situations(entry: Entry, vendor: Vendor, operation: Operation | None) -> list[str]:
    """The situations whose refusal looks like the answer; several, where the vendor says the same in all of them."""
    refusals = operation.refusals if operation is not None else vendor.pack.behaviour.refusals
    answered = _content(entry.answer)
    found = [
        name
        for name, refusal in refusals.items()
        if refusal.status == entry.status
        and looks_like(refusal.body, answered)
        and _is_possible(name, entry, operation)
    ]
    by_violation = _situation_of(entry)
    return [by_violation] if by_violation in found else found


def _is_possible(situation: str, entry: Entry, operation: Operation | None) -> bool:
    if operation is None:
        return situation in ("route_unknown", "method_unknown")
    if situation.startswith("model_") and operation.body is None:
        return False
    if situation in ("route_unknown", "method_unknown"):
        return False
    broken = situation in ("request_invalid", "content_type", "json_malformed", "body_too_large")
    return broken == bool(entry.violations) or situation.startswith("model_")


def _situation_of(entry: Entry) -> str:
    rule = entry.violations[0].rule if entry.violations else ""
    by_rule = {"contentType": "content_type", "json": "json_malformed", "depth": "json_malformed"}
    return by_rule.get(rule, "body_too_large" if rule == "maxBytes" else "request_invalid" if rule else "")


def looks_like(template: Json, value: Json) -> bool:
    """Whether a template could have become this value: the same members, and the same text around placeholders."""
    if isinstance(template, Mapping):
        wanted = {name.removesuffix("?") for name in template}
        needed = {name for name in template if not name.endswith("?")}
        return (
            isinstance(value, Mapping)
            and needed <= value.keys() <= wanted
            and all(looks_like(_member(template, name), value[name]) for name in value)
        )
    if isinstance(template, list):
        same = isinstance(value, list) and len(template) == len(value)
        return same and all(looks_like(*pair) for pair in zip(template, value, strict=True))
    if not isinstance(template, str) or "$" not in template:
        return bool(template == value)
    if template.startswith("$") and not template.startswith(("$$", "${")):
        return True
    pattern = "".join(map(_pattern, _split(template)))
    return isinstance(value, str) and re.fullmatch(pattern, value, re.DOTALL) is not None


def _member(template: Mapping[str, Any], name: str) -> Json:
    return template[name] if name in template else template[name + "?"]


def _pattern(part: str) -> str:
    if part == "$$":
        return re.escape("$")
    return ".*" if _PLACEHOLDER.fullmatch(part) else re.escape(part)


def _split(template: str) -> list[str]:
    """Text and placeholders in turns."""
    parts, end = [], 0
    for match in _PLACEHOLDER.finditer(template):
        parts += [template[end : match.start()], match[0]]
        end = match.end()
    return [*parts, template[end:]]


def _violation(violation: Violation, vendor: Vendor, operation: Operation | None) -> dict[str, Json]:
    """The broken constraint, and where it comes from."""
    told: dict[str, Json] = dict(violation.as_json())
    where = _INDEX.sub("/*", violation.pointer) or "/"
    sources = load_sources(vendor.pack.folder)
    for constraint in catalogue(vendor.pack) if operation is not None else ():
        place = (constraint.operation, constraint.pointer, constraint.keyword)
        if operation is not None and place == (operation.id, where, violation.rule):
            source = sources.source_of(constraint)
            document = source.document if source is not None else None
            told["constraint"] = constraint.id
            told["source"] = document.title if document is not None else None
            told["standing"] = source.standing if source is not None else None
            break
    return told


# What was shown


def _state(entry: Entry, vendor: Vendor, operation: Operation | None) -> str | None:
    """Our word for the state that the answer shows; None where it shows no task, or could show several states."""
    if operation is None or entry.task_id is None or operation.role == "list":
        return None
    answered = _content(entry.answer)
    template = vendor.pack.behaviour.answers[operation.answer]
    found = [state for state in STATES if _shows(template.bodies[state], answered, vendor.voice.words[state])]
    return found[0] if found else None


def _shows(body: Json, value: Json, word: str) -> bool:
    return looks_like(_with_word(body, word), value)


def _with_word(template: Json, word: str) -> Json:
    if isinstance(template, Mapping):
        return {name: _with_word(each, word) for name, each in template.items()}
    return word if template == "$task.status" else template


def _task(task: Task) -> dict[str, Json]:
    """The plan that its states follow from, and the number of the call that it was drawn for."""
    return {
        "id": task.id,
        "call": task.ordinal,
        "created_at": rfc3339(task.created_ms),
        "running_at": rfc3339(task.running_ms),
        "ends_at": rfc3339(task.end_ms) if task.end_ms is not None else None,
        "failure": task.failure,
        "polls": task.polls,
    }


# What may have been meant


def _nearest(entry: Entry, vendor: Vendor) -> list[dict[str, Json]]:
    """The documented calls that are most like one that is not, and what differs."""
    scored = sorted(vendor.pack.operations.values(), key=lambda each: _likeness(entry, each), reverse=True)
    return [
        {"operation": each.id, "method": each.method, "path": each.path, "differs": list(_differences(entry, each))}
        for each in scored[:_NEAREST_MAX]
    ]


def _likeness(entry: Entry, operation: Operation) -> float:
    path = SequenceMatcher(None, _parts(entry.path), _parts(operation.path)).ratio()
    return (
        path
        + SequenceMatcher(None, entry.path[:500], operation.path).ratio()
        + 0.2 * (entry.method == operation.method)
    )


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")[:_PARTS_MAX]


def _differences(entry: Entry, operation: Operation) -> Iterator[str]:
    if entry.method != operation.method:
        yield f"the method is {operation.method}, not {entry.method}"
    sent, documented = _parts(entry.path), _parts(operation.path)
    for number, (one, other) in enumerate(zip(sent, documented, strict=False), 1):
        if one != other and not other.startswith("{"):
            yield f"part {number} of the path is {other!r}, not {one!r}"
    if len(sent) < len(documented):
        yield f"the path goes on with {'/'.join(documented[len(sent) :])!r}"
    elif len(sent) > len(documented):
        yield f"the path ends before {'/'.join(sent[len(documented) :])!r}"
    if entry.path.endswith("/") and not operation.path.endswith("/"):
        yield "the path has no slash at its end"
