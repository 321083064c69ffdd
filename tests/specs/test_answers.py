"""The contract of answers: status, body and headers are judged as the document promises them."""

import json
from typing import Any

import pytest

from specs.answers import AnswerContract
from specs.pack import Operation

Json = Any
OK = {
    "content": {
        "application/json": {"schema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}
    },
    "headers": {
        "Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}},
        "X-Id": {"schema": {"type": "string"}},
    },
}


def judge(status: int, headers: dict[str, str], body: bytes, responses: Json = None) -> list[tuple[str, str]]:
    """Rule and words of every violation."""
    operation = Operation(
        id="make",
        method="POST",
        path="/make",
        role="submit",
        tasks="thing",
        answer="made",
        summary="",
        body=None,
        body_required=False,
        parameters=(),
        examples={},
        responses=responses or {"200": OK, "204": {"description": "Nothing"}, "default": {}},
        id_location=None,
        id_name=None,
        also_external=False,
        page=None,
        refusals={},
    )
    found = AnswerContract(operation).judge(status, headers, body)
    return [(violation.rule, violation.message) for violation in found]


GOOD = {"retry-after": "2"}
BODY = json.dumps({"id": "1"}).encode()


def test_answer_as_promised_has_no_violation() -> None:
    """More headers than documented are nobody's harm."""
    assert judge(200, {**GOOD, "x-other": "?"}, BODY) == []
    assert judge(204, {}, b"") == []


def test_retry_after_may_be_a_date() -> None:
    """HTTP leaves it to whoever answers, also where a document says seconds."""
    assert judge(200, {"retry-after": "Sat, 28 Nov 2026 04:00:00 GMT"}, BODY) == []


@pytest.mark.parametrize(
    ("status", "headers", "body", "rule", "words"),
    [
        (201, GOOD, BODY, "status", "status 201 is not documented (documented: 200, 204)"),
        (200, {}, BODY, "header", "the header retry-after is missing"),
        (
            200,
            {"retry-after": "soon"},
            BODY,
            "header",
            "the header retry-after: must be an integer, not a string",
        ),
        (200, {"retry-after": "0"}, BODY, "header", "the header retry-after: must be at least 1, not 0"),
        (200, GOOD, b"{}", "required", "id is required"),
        (200, GOOD, b'{"id": 1}', "type", "id must be a string, not an integer"),
        (204, {}, BODY, "body", "there is a body, and none is documented"),
    ],
)
def test_each_broken_promise_is_named(status: int, headers: dict[str, str], body: bytes, rule: str, words: str) -> None:
    """By its rule and in words."""
    assert judge(status, headers, body) == [(rule, words)]


def test_text_is_no_json() -> None:
    """A page of HTML is not mistaken for an answer."""
    ((rule, words),) = judge(200, GOOD, b"<html>")

    assert rule == "json"
    assert words.startswith("the body is not JSON")
