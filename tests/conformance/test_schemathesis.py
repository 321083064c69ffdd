"""Each fake keeps its vendor's contract, as Schemathesis reads it: in-process, by generated calls.

A run draws from one seed, which a failure prints; UNDERSTUDY_TEST_SEED replays it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from mockserver.app import create_app
from mockserver.fake import Fake
from mockserver.query import QueryContract
from properties.promised import KINDS, OPERATIONS, Desk, Kind, fresh_key, fresh_seed, pack
from specs import Operation
from specs.validation import compile_schema
from specs.violations import Violation
from targets import make_fake

Json = Any
SEED = fresh_seed()
EXAMPLES = 20
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    # A failure is replayed by its seed; shrinking a generated request takes minutes and says little more.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
READS = [(vendor, name) for vendor, name in OPERATIONS if pack(vendor).operations[name].role != "submit"]
every_read = pytest.mark.parametrize(("vendor", "operation"), READS)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@lru_cache
def served(vendor: str) -> tuple[Fake, Any]:
    """A fake of this vendor alone, at its documented paths, and its contract as Schemathesis sees it."""
    fake = make_fake(vendor)
    schema = schemathesis.openapi.from_dict(pack(vendor).openapi)
    schema.app = create_app(fake)
    return fake, schema


class Sent:
    """One generated call, as it was really sent, and its answer: documented, and valid by its schema."""

    def __init__(self, operation: Operation, vendor: str, case: Any) -> None:
        response = case.call(base_url="http://fake", headers={"Authorization": f"Bearer {fresh_key()}"})
        case.validate_response(response, checks=CHECKS)
        entry = served(vendor)[0].store.entries(None, None, 1)[0]
        self.operation = operation
        # Leaving out the header is one of the mutations.
        self.anonymous = "Authorization" not in response.request.headers
        self.model = pack(vendor).behaviour.model
        self.status: int = response.status_code
        self.body: bytes = entry.body
        self.query = urlsplit(response.request.url).query
        self.journal = entry
        self.text = response.text

    @property
    def accepted(self) -> bool:
        """Whether the fake did what was asked."""
        return self.status < 400

    def violations(self) -> list[Violation]:
        """What our validator finds in it, once the caller is known."""
        if self.anonymous:
            return [Violation("", "authorization", "nobody calls")]
        query = QueryContract.of(self.operation)
        found = query.judge(self.query)[1] if query else []
        if self.operation.body is None or found:
            return found
        try:
            return self.operation.body.judge(orjson.loads(self.body))[1]
        except orjson.JSONDecodeError as problem:
            return [Violation("", "json", str(problem))]

    def keeps_schema(self) -> bool:
        """Whether the body keeps the schema, x-rules and tolerated forms left aside."""
        try:
            body = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return False
        assert self.operation.body is not None
        return bool(compile_schema(self.operation.body.schema).is_valid(body))

    def __str__(self) -> str:
        return f"{self.operation.id} {self.query} {self.body[:2000]!r} -> {self.status} {self.text[:500]}"


def for_each_call(vendor: str, operation: str, mode: GenerationMode, judge: Callable[[Sent], None]) -> None:
    """Judges generated calls of one operation, all under the seed."""
    cases: SearchStrategy[Any] = served(vendor)[1].find_operation_by_id(operation).as_strategy(generation_mode=mode)

    @seed(SEED)
    @BOUNDED
    @given(case=cases)
    def judge_all(case: Any) -> None:
        judge(Sent(pack(vendor).operations[operation], vendor, case))

    try:
        judge_all()
    except BaseException as problem:
        problem.add_note(f"replay with UNDERSTUDY_TEST_SEED={SEED}")
        raise


def assert_no_crash(call: Sent) -> None:
    """No 5xx, except the one that a vendor documents for a model that it does not have."""
    if call.status < 500:
        return
    pointers = [violation.pointer for violation in call.violations()]
    assert call.model is not None, call
    assert call.model.pointer in pointers, call


@every_kind
def test_no_valid_body_is_refused(kind: Kind) -> None:
    """What the schema allows is accepted, unless a cross-field rule forbids it, and then that rule is named."""

    def judge(call: Sent) -> None:
        assert_no_crash(call)
        assert call.keeps_schema(), call
        broken = call.violations()
        assert call.accepted == (not broken), call
        assert [each.pointer for each in call.journal.violations] == [each.pointer for each in broken], call

    for_each_call(kind.pack.name, kind.submit.id, GenerationMode.POSITIVE, judge)


@every_kind
def test_no_invalid_body_is_accepted(kind: Kind) -> None:
    """What the schema forbids is refused, unless it is a tolerated form of what it allows."""

    def judge(call: Sent) -> None:
        assert_no_crash(call)
        broken = call.violations()
        assert call.accepted == (not broken), call
        if call.accepted and not call.keeps_schema():
            contract, body = call.operation.body, orjson.loads(call.body)
            assert contract is not None
            canonical = contract.judge(body)[0]
            assert canonical != body, call
            assert compile_schema(contract.schema).is_valid(canonical), call
        if not call.accepted and not call.anonymous:
            assert call.journal.violations, call

    for_each_call(kind.pack.name, kind.submit.id, GenerationMode.NEGATIVE, judge)


@every_read
def test_reads_of_unknown_tasks_and_odd_queries_are_answered_as_documented(vendor: str, operation: str) -> None:
    """A read is answered or refused with a documented status, whatever the id and the query; never with a 5xx."""
    promised = pack(vendor).operations[operation]

    def judge(call: Sent) -> None:
        assert call.status < 500, call
        if promised.role == "list":
            assert call.accepted == (not call.violations()), call
        else:
            assert not call.accepted, call

    for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
        for_each_call(vendor, operation, mode, judge)


@every_kind
def test_examples_of_the_contract_are_accepted_and_their_tasks_can_be_read(kind: Kind) -> None:
    """Every named example is accepted; its task is read by the link that the contract gives, in each state."""
    vendor = kind.pack.name
    fake, schema = served(vendor)
    key = fresh_key()
    desk = Desk(fake, vendor, key)
    for body in kind.examples.values():
        submitted = schema.find_operation_by_id(kind.submit.id).Case(body=body, media_type="application/json")
        answer = submitted.call(base_url="http://fake", headers={"Authorization": f"Bearer {desk.key}"})
        submitted.validate_response(answer, checks=CHECKS)
        assert answer.status_code < 300, answer.text
        task_id = kind.task_id(answer.json())
        seen = []
        for _ in range(40):
            place = {"query" if kind.poll.id_location == "query" else "path_parameters": {kind.poll.id_name: task_id}}
            poll = schema.find_operation_by_id(kind.poll.id).Case(**place)
            answer = poll.call(base_url="http://fake", headers={"Authorization": f"Bearer {desk.key}"})
            poll.validate_response(answer, checks=CHECKS)
            seen.append(kind.state(answer.json()))
            fake.advance(4, key)
        assert list(dict.fromkeys(seen)) == ["queued", "running", "done"]
        fake.store.reset(key)
