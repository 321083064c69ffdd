"""The verdict for programs: JSON as `verdict.schema.json` describes it, its members always in the same order."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from contracts.exchange import HeaderLines
from contracts.finding import ConstraintRow, LawRow
from contracts.report.digest import Digest, Request, Response, ToldExchange, ToldFinding


def json_report(told: Digest) -> bytes:
    """The document, UTF-8, with a line end."""
    text = json.dumps(_document(told), ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    # A lone surrogate can only stand in a name that a pack gave; strict readers refuse even its escape.
    return text.encode("utf-8", "replace")


def _document(told: Digest) -> dict[str, Any]:
    return {
        "vendor": told.vendor,
        "target": told.target,
        "seed": told.seed,
        "summary": _summary(told),
        "constraints": [_constraint(row) for row in told.constraints],
        "findings": [_finding(each) for each in told.findings],
        "laws": [_law(law) for law in told.laws],
        "run": {
            "standing": told.standing,
            "began_at": told.began_at or None,
            "submissions": told.submissions,
            "aborted": told.aborted or None,
            "replay": told.replay,
        },
    }


def _summary(told: Digest) -> dict[str, Any]:
    return {
        "rules": told.counts.rules,
        "passed": told.counts.passed,
        "failed": told.counts.failed,
        "skipped": told.counts.skipped,
        "requests": told.counts.requests,
        "seconds": round(told.seconds, 3),
    }


def _constraint(row: ConstraintRow) -> dict[str, Any]:
    return {
        "operation": row.operation,
        "pointer": row.pointer,
        "rule": row.rule,
        "accepts": row.accepts,
        "rejects": row.rejects,
        "id": row.id,
        "limit": row.limit,
        "condition": row.condition or None,
        "source": row.source,
        "standing": row.standing,
        "note": row.note or None,
    }


def _law(law: LawRow) -> dict[str, Any]:
    return {
        "rule": law.rule,
        "level": law.level,
        "title": law.title,
        "outcome": law.outcome,
        "checked": law.checked,
        "note": law.note or None,
    }


def _finding(each: ToldFinding) -> dict[str, Any]:
    telling = each.exchanges[0] if each.exchanges else None
    told = {
        "rule": each.rule,
        "level": each.level,
        "operation": each.operation,
        "pointer": each.pointer,
        "message": each.message,
        "source": each.source,
        "request": _request(telling.request) if telling is not None else None,
        "response": _response(telling.response) if telling is not None else None,
        "reproduce": each.reproduce or None,
        "constraint": each.constraint,
        "exchanges": [_exchange(exchange) for exchange in each.exchanges],
        "exchanges_left_out": each.left_out,
    }
    return {**told, "scenario": each.scenario, "story": list(each.story)} if each.scenario is not None else told


def _exchange(each: ToldExchange) -> dict[str, Any]:
    return {
        "number": each.number,
        "purpose": each.words or None,
        "caller": each.caller,
        "sent_seconds": round(each.sent_seconds, 3),
        "answered_seconds": round(each.answered_seconds, 3),
        "trouble": each.trouble or None,
        "request": _request(each.request),
        "response": _response(each.response),
        "reproduce": each.reproduce,
    }


def _request(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "url": request.url,
        "headers": _headers(request.headers),
        "body": request.body,
    }


def _response(response: Response | None) -> dict[str, Any] | None:
    if response is None:
        return None
    return {"status": response.status, "headers": _headers(response.headers), "body": response.body}


def _headers(lines: HeaderLines) -> dict[str, str]:
    """Headers as an object: lines of one name are joined, as HTTP allows."""
    ordered = sorted(lines, key=lambda line: line[0].lower())
    grouped = (list(group) for _, group in groupby(ordered, key=lambda line: line[0].lower()))
    return {group[0][0]: ", ".join(value for _, value in group) for group in grouped}
