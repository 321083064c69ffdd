"""Answers in another dress: whatever is put on or taken off, they say the same of the task."""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
import pytest

import specs
from contracts.drivers.clients.dressing import dressed, spelt, with_results, without_results
from contracts.judge import Promise
from contracts.judge.instants import Instant
from contracts.scenarios import Dress
from judged_talk import conversation
from specs.pack import Operation, Pack

URLS = ["https://cdn.test/1?a=b%2Fc", "https://cdn.test/2"]
DRESSES = [
    Dress(members=True),
    Dress(optional="absent"),
    Dress(optional="null"),
    Dress(times="seconds"),
    Dress(times="micros"),
    Dress(times="offset"),
    Dress(members=True, optional="null", times="offset"),
]


@cache
def promised(name: str) -> Promise:
    """The promise of a pack."""
    return Promise(specs.load(name))


def polled(pack: Pack, state: str) -> tuple[Operation, Any]:
    """A poll's answer about a task in this state, and its operation."""
    poll = next(each for each in pack.operations.values() if each.role == "poll")
    submit = next(each for each in pack.operations.values() if each.role == "submit")
    lines = [{"op": submit.id, "task": "A"}, {"op": poll.id, "task": "A", "state": state}]
    return poll, orjson.loads(conversation(pack, lines).exchanges[1].body)


@pytest.mark.parametrize("dress", DRESSES, ids=str)
@pytest.mark.parametrize("state", ["queued", "running", "done", "failed"])
@pytest.mark.parametrize("name", specs.names())
def test_dressed_answer_says_the_same(name: str, state: str, dress: Dress) -> None:
    """Id, word, result, and why it failed; read by who knows the documents alone."""
    promise = promised(name)
    poll, body = polled(promise.pack, state)
    reader, contract = promise.reader(poll), promise.answers(poll)
    seen = reader.read(body)

    told = dressed(body, seen, dress, lambda each: not any(contract.judge(200, {}, orjson.dumps(each))))

    again = reader.read(orjson.loads(spelt(told, dress.writing)))
    assert (again.task_id, again.word, again.state) == (seen.task_id, seen.word, seen.state)
    assert again.results[:1] == seen.results[:1] or again.results[:1] == seen.results[1:2]
    assert again.failure == seen.failure
    assert dress.optional or _when(again.updated) == _when(seen.updated)


def _when(instant: Instant | None) -> int | None:
    """The second that an instant is in."""
    return instant.micros // 1_000_000 if instant is not None else None


@pytest.mark.parametrize("writing", ["", "spaced", "escaped"])
def test_spelling_changes_no_value(writing: str) -> None:
    """JSON is JSON."""
    value = {"url": "https://a/b?c=d&e", "text": 'é "\\ \u2028 \U0001f469', "list": [1, 2.5, None, True]}

    assert orjson.loads(spelt(value, writing)) == value


def test_escapes_spoil_what_is_searched_for_as_text() -> None:
    """Who looks for URLs with a pattern finds none."""
    assert b"https://" not in spelt({"url": "https://a/b"}, "escaped")


@pytest.mark.parametrize("name", specs.names())
def test_results_are_put_where_they_belong(name: str) -> None:
    """The first URL in every place, the others in the list."""
    promise = promised(name)
    poll, body = polled(promise.pack, "done")
    reader = promise.reader(poll)

    told = reader.read(with_results(body, reader.read(body), URLS)).results

    assert {value for _, value in told} == set(URLS)
    assert told[0][1] == URLS[0]


@pytest.mark.parametrize("how", ["list", "member"])
@pytest.mark.parametrize("name", specs.names())
def test_done_without_a_result_has_none(name: str, how: str) -> None:
    """It says done, and that is all."""
    promise = promised(name)
    poll, body = polled(promise.pack, "done")
    reader = promise.reader(poll)

    told = reader.read(without_results(body, reader.read(body), how))

    assert (told.state, told.results) == ("done", ())


def test_members_that_only_another_state_has_may_be_null() -> None:
    """Who takes `error: null` for an error is told apart."""
    promise = promised("mulerouter")
    poll, body = polled(promise.pack, "running")
    others = promise.pack.behaviour.answers[poll.answer].bodies.values()

    told = dressed(body, promise.reader(poll).read(body), Dress(optional="null"), lambda _: True, others)

    assert (told["task_info"]["error"], told["videos"]) == (None, None)
