"""Requests that no client should send: each is odd in one way, and everything else about it is right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from case_books import VENDORS, book, pack
from contracts.cases import PROMPT_MARK, Case

Json = Any
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


def odd(vendor: str, law: str) -> dict[str, Case]:
    """The cases of one law about the first submit, by their words."""
    submit = next(each for each in pack(vendor).operations.values() if each.role == "submit")
    return {case.words: case for case in book(vendor).cases if case.law == law and case.operation == submit.id}


def parsed(raw: bytes | None) -> Json:
    """What a lenient reader makes of it."""
    assert raw is not None
    return json.loads(raw)


@every_vendor
def test_every_submit_gets_all_of_them(vendor: str) -> None:
    """A body may be read in more than one place."""
    submits = [each.id for each in pack(vendor).operations.values() if each.role == "submit"]
    for law in ("robustness.malformed", "robustness.survives"):
        counts = {
            submit: len({case.words for case in book(vendor).cases if case.law == law and case.operation == submit})
            for submit in submits
        }
        assert min(counts.values()) >= 14
        assert max(counts.values()) - min(counts.values()) <= 2


@every_vendor
def test_no_json_is_refused_as_such(vendor: str) -> None:
    """Each text can't be read by a strict reader of JSON in UTF-8, and says who sent it where it says anything."""
    cases = [case for case in odd(vendor, "robustness.malformed").values() if case.situation == "json_malformed"]

    assert len(cases) >= 10
    for case in cases:
        with pytest.raises(ValueError, match=r"."):
            json.loads((case.raw or b"").decode("utf-8"))
        assert case.constraint is not None
        assert case.constraint.endswith(":/:json")


@every_vendor
def test_strange_numbers_may_be_refused_in_either_way(vendor: str) -> None:
    """As no JSON, or as too large: any refusal is right."""
    cases = odd(vendor, "robustness.malformed")
    strange = [case for words, case in cases.items() if words.endswith(("NaN", "Infinity", "1e999"))]

    assert {case.words.split()[-1] for case in strange} >= {"NaN", "-Infinity"}
    assert {(case.expects, case.situation, case.constraint) for case in strange} == {("refused", None, None)}


@every_vendor
def test_other_media_types_are_sent_where_they_are_refused(vendor: str) -> None:
    """With a body that would be fine; one with a charset is to be taken."""
    cases = odd(vendor, "robustness.malformed")
    types = {case.content_type for case in cases.values() if case.situation == "content_type"}
    charset = [case for case in book(vendor).cases if case.content_type == "application/json; charset=utf-8"]

    assert "text/plain" in types
    assert "application/x-www-form-urlencoded" in types
    assert {case.expects for case in charset} == {"accepted"}


@every_vendor
def test_no_object_is_refused(vendor: str) -> None:
    """An array, a scalar, null: well-formed, and no job."""
    cases = odd(vendor, "robustness.malformed")
    said = [case for case in cases.values() if (case.constraint or "").endswith(":/:type")]

    assert any(case.raw == b"null" for case in said)
    assert any(isinstance(case.body, list) for case in said)
    assert any(isinstance(case.body, str) for case in said)
    assert {case.situation for case in said} == {"request_invalid"}


@every_vendor
def test_what_a_service_must_survive_is_otherwise_a_valid_job(vendor: str) -> None:
    """Depth, size, doubled keys, odd characters: taken or refused, as long as nothing breaks."""
    cases = odd(vendor, "robustness.survives")

    assert {case.expects for case in cases.values()} == {"either"}
    assert max(len(case.raw or b"") for case in cases.values()) > 1_000_000
    assert any((case.raw or b"").count(b"[") >= 10_000 for case in cases.values())
    assert any(case.chunked for case in cases.values())
    assert any(case.content_type is None and case.body is not None for case in cases.values())
    assert all(
        PROMPT_MARK in str(case.body or case.raw)
        for case in cases.values()
        if not case.words.startswith("UTF-16") and not case.method
    )


def test_key_that_stands_twice_is_the_first() -> None:
    """So that the last one, which most readers take, is right."""
    case = odd("mulerouter", "robustness.survives")["prompt twice"]

    assert (case.raw or b"").count(b'"prompt"') == 2
    assert PROMPT_MARK in parsed(case.raw)["prompt"]
