"""The promised side: which operation a call is, what must become of it, what a yes says of its task; for any pack."""

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import specs
from broken_packs import SKELETON
from contracts.exchange import Exchange, Purpose
from contracts.judge import Promise, judge
from contracts.judge.seen import Echo
from judged_talk import conversation, instant, task_id
from specs.pack import STATES

ACME = Path(__file__).parents[2] / "vendors" / "acme"
PACKS = [*specs.names(), str(ACME), str(SKELETON)]
EVERY = pytest.mark.parametrize("name", PACKS, ids=lambda name: Path(name).name)


@cache
def promised(name: str) -> Promise:
    """What a pack promises, read once."""
    return Promise(specs.load(name))


def polls(promise: Promise, states: tuple[str, ...]) -> list[Exchange]:
    """A submit, and a poll of its task in each state."""
    operations = promise.pack.operations.values()
    submit = next(each.id for each in operations if each.role == "submit")
    poll = next(each.id for each in operations if each.role == "poll")
    lines = [{"op": submit, "task": "A"}, *({"op": poll, "task": "A", "state": state} for state in states)]
    return list(conversation(promise.pack, lines).exchanges)


# What is answered


@EVERY
def test_task_is_read_off_every_answer(name: str) -> None:
    """Its id, its state, its end, by data alone: also for a vendor of the user's own."""
    promise = promised(name)
    submitted, *polled = polls(promise, STATES)

    assert promise.task_id_of(submitted) == task_id(promise.pack, "A")
    for state, exchange in zip(STATES, polled, strict=True):
        seen = promise.read(exchange)
        assert (seen.task_id, seen.state) == (task_id(promise.pack, "A"), state)
        assert seen.word == promise.pack.behaviour.lifecycle.words[state]
        assert promise.is_terminal(seen.word) == (state in ("done", "failed"))
        assert bool([value for _, value in seen.results if value]) == (state == "done")
        assert bool([value for _, value in seen.failure if value]) == (state == "failed")


def test_everything_that_an_answer_says_is_read() -> None:
    """Instants, progress, results in each place, and what repeats the request."""
    promise = promised("uniall")
    seen = promise.read(polls(promise, ("done",))[1])

    assert (seen.progress, seen.progress_at) == (100, "/progress")
    assert seen.instants == (("/created_at", instant(promise.pack, 0)),)
    assert seen.created is not None
    assert seen.updated is None
    assert [at for at, _ in seen.results] == ["/video_url", "/result/outputs/0", "/result/video_url"]
    assert [at for at, _ in seen.ids] == ["/id", "/task_id"]
    assert Echo("/model", ("request.model",), "kling-v3-std-silent") in seen.echoes


def test_lists_are_read_task_by_task() -> None:
    """Each with its pointer."""
    promise = promised(str(ACME))
    lines = [{"op": "listOrders", "items": [{"task": "A"}, {"task": "B", "state": "done"}]}]
    seen = promise.read(conversation(promise.pack, lines).exchanges[0])

    assert [(each.at, each.task_id, each.state) for each in seen.items] == [
        ("/orders/0", "task-A", "queued"),
        ("/orders/1", "task-B", "done"),
    ]
    assert seen.items[1].results == (("/orders/1/reel/href", "https://cdn.example.com/task-B.mp4"),)


def test_words_that_only_one_answer_has_are_read_too(tmp_path: Path) -> None:
    """An answer may write its own words in the place of the pack's: they are read off its states."""
    folder = Path(shutil.copytree(promised("uniall").pack.folder, tmp_path / "alias"))
    file = folder / "behaviour.yaml"
    text = file.read_text(encoding="utf-8")
    before, option, after = text.partition("alias_route:")
    file.write_text(before + option + after.replace("enabled: false", "enabled: true", 1), encoding="utf-8")
    promise = Promise(specs.load(folder))
    line = {"op": "getVideoGeneration", "task": "A", "state": "failed"}
    seen = promise.read(conversation(promise.pack, [line]).exchanges[0])

    assert (seen.word, seen.state, seen.progress) == ("FAILURE", "failed", 100)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"5", b'{"task_info": 5}', b'{"task_info": {"id": 5}}']
)
def test_answer_that_says_nothing_is_read_as_nothing(body: bytes) -> None:
    """Whatever comes back, reading it is no error."""
    promise = promised("mulerouter")
    exchange = polls(promise, ())[0]
    spoilt = Exchange(method="POST", number=1, operation=None, base="", path=exchange.path, status=202, body=body)

    assert promise.task_id_of(spoilt) is None
    assert promise.read(spoilt).items == ()


def test_refusal_tells_of_no_task() -> None:
    """Even where its body names one that does not exist."""
    promise = promised("mulerouter")
    line = {"op": "createTextToVideo", "send": {}, "refused": "request_invalid"}

    assert promise.task_id_of(conversation(promise.pack, [line]).exchanges[0]) is None


# What is asked


@pytest.mark.parametrize(
    ("method", "path", "operation", "methods"),
    [
        ("POST", "/studio/films", "orderFilm", ("POST",)),
        ("GET", "/studio/films", None, ("POST",)),
        ("GET", "/studio/films/a%2Fb/state", "readFilm", ("GET",)),
        ("GET", "/studio/orders", "listOrders", ("GET",)),
        ("GET", "/studio/films//state", None, ()),
        ("GET", "/studio", None, ()),
    ],
)
def test_call_is_routed(method: str, path: str, operation: str | None, methods: tuple[str, ...]) -> None:
    """By method and path; what has no operation tells which methods the path has."""
    found = promised(str(ACME)).route(method, path)

    assert (found.operation and found.operation.id) == operation
    assert found.methods == methods
    assert found.parameters == ({"ticket": "a/b"} if operation == "readFilm" else {})


JOB = {"engine": "reel-1", "story": {"text": "A lighthouse"}}
# An empty name is missing to one service, unknown to another, and no name at all to a third.
ANY_OF_MODELS = ("model_missing", "model_unknown", "request_invalid")
CASES: dict[str, tuple[dict[str, Any], str, tuple[str, ...]]] = {
    "valid": ({"op": "orderFilm", "send": JOB}, "accepted", ()),
    "charset": ({"op": "orderFilm", "send": JOB, "type": "application/json; charset=utf-8"}, "accepted", ()),
    "tolerated form": ({"op": "orderFilm", "send": {**JOB, "quality": "fast"}}, "either", ()),
    "no model": ({"op": "orderFilm", "send": {"story": JOB["story"]}}, "refused", ("model_missing",)),
    "unknown model": ({"op": "orderFilm", "send": {**JOB, "engine": "reel-9"}}, "refused", ("model_unknown",)),
    "model and more": ({"op": "orderFilm", "send": {"engine": "reel-9"}}, "refused", ("model_unknown",)),
    "model that is no text": ({"op": "orderFilm", "send": {**JOB, "engine": 5}}, "refused", ANY_OF_MODELS),
    "model without a name": ({"op": "orderFilm", "send": {**JOB, "engine": " "}}, "refused", ANY_OF_MODELS),
    "schema": ({"op": "orderFilm", "send": {**JOB, "whole": 5}}, "refused", ("request_invalid",)),
    "rule": ({"op": "orderFilm", "send": {**JOB, "story": {"text": " "}}}, "refused", ("request_invalid",)),
    "no JSON": ({"op": "orderFilm", "send_text": "{"}, "refused", ("json_malformed",)),
    "trailing text": ({"op": "orderFilm", "send_text": "{} x"}, "refused", ("json_malformed",)),
    "NaN": ({"op": "orderFilm", "send_text": '{"a": NaN}'}, "refused", ("json_malformed",)),
    "thousands of digits": ({"op": "orderFilm", "send_text": f'{{"a": {"9" * 5000}}}'}, "either", ()),
    "half a character": ({"op": "orderFilm", "send_text": '{"a": "\\ud800"}'}, "either", ()),
    "an array": ({"op": "orderFilm", "send": [JOB]}, "refused", ("request_invalid",)),
    "media type": ({"op": "orderFilm", "send": JOB, "type": "text/plain"}, "refused", ("content_type",)),
    "no media type": ({"op": "orderFilm", "send": JOB, "type": None}, "refused", ("content_type",)),
    "page": ({"op": "listOrders", "query": "sheet=20&rows=10"}, "accepted", ()),
    "page 0": ({"op": "listOrders", "query": "sheet=0"}, "refused", ("request_invalid",)),
    "page in words": ({"op": "listOrders", "query": "sheet=one"}, "refused", ("request_invalid",)),
    "poll": ({"op": "readFilm", "task": "A"}, "either", ("task_unknown",)),
    "nobody": ({"op": "orderFilm", "send": {}, "account": "", "authorization": None}, "refused", ("key_missing",)),
    "an empty header": (
        {"op": "orderFilm", "send": {}, "account": "", "authorization": ""},
        "refused",
        ("key_missing", "key_malformed"),
    ),
    "method": ({"op": "readFilm", "task": "A", "method": "PUT"}, "refused", ("method_unknown",)),
    "HEAD": ({"op": "readFilm", "task": "A", "method": "HEAD"}, "either", ()),
    "no such path": ({"op": "readFilm", "path": "/elsewhere"}, "either", ()),
}


@pytest.mark.parametrize("name", CASES)
def test_request_shows_what_must_become_of_it(name: str) -> None:
    """In the order in which a service looks at it; the first thing that is wrong decides."""
    line, verdict, situations = CASES[name]
    promise = promised(str(ACME))
    expected = promise.expect(conversation(promise.pack, [line]).exchanges[0])

    assert (expected.verdict, expected.situations) == (verdict, situations)


def test_statuses_are_those_of_the_operation() -> None:
    """An operation may refuse in its own way."""
    promise = promised(str(ACME))
    order, listed = promise.pack.operations["orderFilm"], promise.pack.operations["listOrders"]

    assert promise.success_status(order) == 201
    assert promise.refusal_statuses(order, ["request_invalid", "task_unknown"]) == {422, 410}
    assert promise.refusal_statuses(listed, ["request_invalid"]) == {416}
    assert promise.refusal_statuses(None, ["method_unknown", "no such situation"]) == {405}


def test_purpose_that_names_nothing_is_no_error() -> None:
    """A law or a constraint of another version is passed over."""
    promise = promised("mulerouter")
    purpose = Purpose(expects="refused", words="x", law="no.such", constraint="no:such", situation="no_such")

    assert promise.refusal_statuses(None, [purpose.situation or ""]) == frozenset()
    assert promise.constraints.get(purpose.constraint or "") is None


def test_statuses_that_no_document_decides() -> None:
    """Each of them keeps the contract, and no other; what the fake answers is one of them."""
    promise = promised("kling")
    poll = promise.pack.operations["getTextToVideo"]

    assert promise.refusal_statuses(poll, ["task_unknown"]) == {404, 400}
    assert promise.refusals(poll, ["task_unknown"])[0].status == 404


@pytest.mark.parametrize(
    ("status", "code", "rules"),
    [
        (404, 1203, []),
        (400, 1201, []),
        (403, 1103, ["status.situation"]),
        (410, 1203, ["status.situation"]),
    ],
)
def test_refusal_that_no_document_decides(status: int, code: int, rules: list[str]) -> None:
    """The likely ones are right; any other is wrong still."""
    promise = promised("kling")
    line = {"op": "getTextToVideo", "task": "Q", "refused": "task_unknown", "status": status, "expects": "refused"}
    text = json.dumps({"code": code, "message": "There is no such task", "request_id": "r-1"})
    heard = conversation(promise.pack, [{**line, "situation": "task_unknown", "text": text}])

    assert [each.rule for each in judge(heard, promise).findings] == rules
